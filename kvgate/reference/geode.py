"""Apache Geode's REST interface: regions of JSON objects, read by several keys at once.

`GET /geode/v1/{region}/{keys}` runs through steps that are methods of `Geode`: `keys_asked` (`split_keys`,
`decode_key`) -> `read_parameter` -> `region` -> `missing_keys` -> `order` -> `values_of` (`look_up`) ->
`render_values`, `content_location`, `ok_headers`; or an error through `bad_parameter`, `no_region` or `missing` and
`error` (`error_body`, `error_headers`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, quote_plus, unquote_plus

from kvgate.errors import InputError
from kvgate.reference.geode_store import DEFAULT_REGIONS, Refused, Region, read_object, read_objects
from kvgate.reference.http import Answer, Framing, Pair, Request, Response, Server, reason_of
from kvgate.reference.javahash import hash_map_order
from kvgate.reference.message import decode_percent

# What a path segment may hold besides letters and digits (RFC 3986), a comma excepted: it separates keys.
_SEGMENT_SAFE = "-._~!$&'()*+;=:@"
_REFUSED_IN_PATH = ("%2f", "%25", "%3b", "%5c", ";", "\\", "//")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the documented interface and its releases differ, where the specification leaves them free.

    `order` gives the keys in the order of the answer; `missing` is the text of the error for missing keys with its
    places {keys} and {region}; `cause`: an error is an object with a member `cause`, else a JSON string; `release`: it
    reads requests as real releases do (E28, E35, E38, `%2C` parts keys, `Accept: text/html` gets 500); `by_query`: it
    knows the parameter `keys` of a region.
    """

    name: str
    order: Callable[[Sequence[str]], tuple[str, ...]]
    missing: str
    cause: bool
    release: bool
    by_query: bool = True


BEHAVIOURS: Mapping[str, Behaviour] = {
    behaviour.name: behaviour
    for behaviour in (
        Behaviour("doc", tuple, "Requested keys [{keys}] not exist in region [{region}]", cause=False, release=False),
        Behaviour(
            "1.12.1",
            hash_map_order,
            "Requested keys ({keys}) not exist in region ({region})",
            cause=True,
            release=True,
            by_query=False,
        ),
        Behaviour(
            "1.14.4", tuple, "Requested keys ({keys}) do not exist in region ({region})", cause=True, release=True
        ),
    )
}


def behaviour_named(name: str) -> Behaviour:
    """The behaviour called `name`. Raises InputError naming those there are."""
    if name not in BEHAVIOURS:
        raise InputError(f"no Geode behaviour {name!r}: choose one of {', '.join(BEHAVIOURS)}")
    return BEHAVIOURS[name]


class Geode(Server):
    """The regions and what is answered about them.

    `regions` maps a name to what it holds: key to the JSON text of an object. Regions can't be made over the interface.
    """

    base_path = "/geode/v1"
    realm = "Realm"
    max_target = 8192
    multi_get_framing: ClassVar[Framing] = "chunked"

    def __init__(
        self,
        regions: Mapping[str, Mapping[str, str]] | None = None,
        *,
        behaviour: str = "doc",
        credential: Pair | None = None,
    ) -> None:
        super().__init__(credential=credential)
        self.behaviour = behaviour_named(behaviour)
        given = DEFAULT_REGIONS if regions is None else regions
        self.regions = {name: Region(values) for name, values in given.items()}

    # Which resource

    def respond(self, request: Request) -> Answer:
        """Dispatch by path and method."""
        path = request.path.removesuffix("/")
        if path != self.base_path and not path.startswith(self.base_path + "/"):
            return self.plain(404)
        if self.behaviour.release and (refusal := self.refuse_like_release(request)):
            return refusal
        name, _, keys = path[len(self.base_path) + 1 :].partition("/")
        method = "GET" if request.method == "HEAD" else request.method
        if not name:
            return self.list_regions(request) if method == "GET" else self.plain(405)
        if not keys:
            if method == "POST":
                return self.create(request, self.decode_key(name))
            return self.read_region(request, self.decode_key(name)) if method == "GET" else self.plain(405)
        if "/" in keys:
            return self.plain(404)
        actions = {"GET": self.get, "PUT": self.put, "DELETE": self.delete}
        action = actions.get(method)
        return action(request, self.decode_key(name), keys) if action else self.plain(405)

    def refuse_like_release(self, request: Request) -> Response | None:
        """The HTML 500 that releases give for some paths (E35) and for a client that only takes other types."""
        path = request.path.lower()
        accept = request.header("Accept")
        wanted = {item.partition(";")[0].strip().lower() for item in accept.split(",")} if accept else {"*/*"}
        if not any(part in path for part in _REFUSED_IN_PATH) and wanted & {"*/*", "application/*", "application/json"}:
            return None
        headers = (*self.common_headers(), ("Content-Type", "text/html;charset=iso-8859-1"))
        return Response(500, reason_of(500), headers, b"<html><body><h2>HTTP ERROR 500</h2></body></html>\n")

    # The multi-key GET, step by step

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        """GET of the keys of a region: one key answers its bare value, several an object of an array."""
        if keys_as_sent == "keys":
            return self.list_keys(request, name)
        return self.get_keys(request, name, self.keys_asked(keys_as_sent))

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        """The answer about keys, wherever the request named them."""
        if len(keys) == 1:
            return self.get_single(request, name, keys[0])
        ignore_missing = self.read_parameter(request)
        if ignore_missing is None:
            return self.bad_parameter(request)
        region = self.region(name)
        if region is None:
            return self.no_region(name)
        if not ignore_missing and (missing := self.missing_keys(region, keys)):
            return self.missing(name, keys, missing)
        ordered = self.order(keys)
        body = self.render_values(name, self.values_of(region, ordered))
        location = self.content_location(request, name, ordered)
        return Response(200, "OK", self.ok_headers(request, location), body, self.multi_get_framing)

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        """The keys that a GET names."""
        return self.split_keys(sent)

    def split_keys(self, sent: str) -> tuple[str, ...]:
        """The keys of a path segment, decoded. Releases decode before they split, and trim."""
        if self.behaviour.release:
            return tuple(key.strip() for key in self.decode_key(sent).split(","))
        return tuple(map(self.decode_key, sent.split(",")))

    def decode_key(self, sent: str) -> str:
        """The text that %XX spells, as UTF-8; bytes that are no UTF-8 count as latin-1."""
        octets = decode_percent(sent)
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            return octets.decode("latin-1")

    def parameter_values(self, request: Request) -> tuple[str, ...]:
        """Every value given to ignoreMissingKey, decoded."""
        pairs = ((unquote_plus(name), unquote_plus(value)) for name, value in request.parameters)
        return tuple(value for name, value in pairs if name == "ignoreMissingKey")

    def read_parameter(self, request: Request) -> bool | None:
        """The value of ignoreMissingKey, false when absent, None when it is neither true nor false (L194)."""
        values = self.parameter_values(request)
        if not values:
            return False
        given = values[0].lower() if self.behaviour.release else values[0]
        return given == "true" if len(values) == 1 and given in ("true", "false") else None

    def region(self, name: str) -> Region | None:
        """The region called `name`, or None (404, L195)."""
        return self.regions.get(name)

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The keys in the order of the answer (E21, E30)."""
        return self.behaviour.order(keys)

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        """The JSON texts held for keys in the order of the answer, None where missing."""
        return [self.look_up(region, key) for key in keys]

    def look_up(self, region: Region, key: str) -> str | None:
        """The JSON text held for a key, or None."""
        return region.get(key)

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        """The distinct keys that the region lacks, in request order."""
        return tuple(dict.fromkeys(key for key in keys if self.look_up(region, key) is None))

    def render_values(self, name: str, values: Sequence[str | None]) -> bytes:
        """The body: an object whose one member, named by the region, is the array (L65, L211); null where missing."""
        array = ",".join(map(self.render_value, values))
        return f"{{{json.dumps(name)}:[{array}]}}".encode()

    def render_value(self, text: str | None) -> str:
        """One element of the array, from the JSON text stored."""
        return "null" if text is None else text

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        """The URL that names the keys in the order of the answer (L61), or None to send none."""
        region = f"{self.base_url(request)}/{quote(name, safe=_SEGMENT_SAFE)}"
        if self.keys_in_query(request):
            return f"{region}?keys={','.join(map(quote_plus, keys))}"
        return f"{region}/{','.join(quote(key, safe=_SEGMENT_SAFE) for key in keys)}"

    def base_url(self, request: Request) -> str:
        """The interface's own URL as the client knows it."""
        host = request.header("Host")
        return f"{self.scheme}://{host}{self.base_path}" if host else self.url

    def ok_headers(self, request: Request, location: str | None) -> tuple[Pair, ...]:  # noqa: ARG002
        """The headers of a 200."""
        headers = self.common_headers()
        if location is not None:
            headers += (("Content-Location", location),)
        return (*headers, ("Content-Type", self.json_type(200)))

    # Errors

    def error(self, status: int, text: str) -> Response:
        """An error that the interface words."""
        return Response(status, reason_of(status), self.error_headers(status), self.error_body(text))

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:  # noqa: ARG002  (for subclasses)
        """400 for `missing`, out of the `keys` that were asked for."""
        return self.error(400, self.missing_text(name, missing))

    def bad_parameter(self, request: Request) -> Response:
        """400 for a value of the parameter that is neither true nor false."""
        return self.error(400, self.bad_parameter_text(request))

    def no_region(self, name: str) -> Response:
        """404 for a region that is not there."""
        return self.error(404, self.no_region_text(name))

    def error_headers(self, status: int) -> tuple[Pair, ...]:
        """The headers of an error."""
        return (*self.common_headers(), ("Content-Type", self.json_type(status)))

    def error_body(self, text: str) -> bytes:
        """The form of an error: the JSON string of the page, or the object of the releases (E25)."""
        form = {"cause": text} if self.behaviour.cause else text
        return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def json_type(self, status: int) -> str:
        """The Content-Type of JSON; releases give a charset except on a 404."""
        return "application/json;charset=utf-8" if self.behaviour.release and status != 404 else "application/json"

    def missing_text(self, name: str, missing: Sequence[str]) -> str:
        """What a 400 for missing keys says (L208)."""
        return self.behaviour.missing.format(keys=",".join(missing), region=name)

    def bad_parameter_text(self, request: Request) -> str:
        """What a 400 for a bad parameter says."""
        given = ",".join(self.parameter_values(request))
        return f"ignoreMissingKey param ({given}) is not valid. valid usage is ignoreMissingKey=true!"

    def no_region_text(self, name: str) -> str:
        """What a 404 for a region that is not there says."""
        return f"The Region identified by name ({name}) could not be found!"

    # The rest of the interface

    def get_single(self, request: Request, name: str, key: str) -> Response:
        """GET of one key: the bare value, or 404 (E31)."""
        region = self.region(name)
        if region is None:
            return self.error(404, self.no_region_text(name))
        value = self.look_up(region, key)
        if value is None:
            return self.error(404, self.no_key_text(name, key))
        headers = self.ok_headers(request, self.content_location(request, name, (key,)))
        return Response(200, "OK", headers, self.render_value(value).encode(), self.multi_get_framing)

    def no_key_text(self, name: str, key: str) -> str:
        """What a 404 for one missing key says."""
        return f"Key ({key}) does not exist for region ({name}) in cache!"

    def keys_in_query(self, request: Request) -> tuple[str, ...]:
        """The keys that the parameter `keys` of a region names; it may be given more than once."""
        name = request.path.removesuffix("/")[len(self.base_path) + 1 :]
        if "/" in name or not self.behaviour.by_query:
            return ()
        given = [value for parameter, value in request.parameters if unquote_plus(parameter) == "keys" and value]
        return tuple(key.strip() for value in given for key in unquote_plus(value).split(","))

    def list_regions(self, request: Request) -> Response:  # noqa: ARG002  (for subclasses)
        """GET /geode/v1: the regions there are."""
        regions = [
            {"name": name, "type": "REPLICATE", "key-constraint": None, "value-constraint": None}
            for name in self.regions
        ]
        return self.json_reply(200, json.dumps({"regions": regions}).encode())

    def list_keys(self, request: Request, name: str) -> Response:  # noqa: ARG002  (for subclasses)
        """GET /geode/v1/{region}/keys."""
        region = self.region(name)
        if region is None:
            return self.error(404, self.no_region_text(name))
        return self.json_reply(200, json.dumps({"keys": list(region)}).encode())

    def read_region(self, request: Request, name: str) -> Response:
        """GET /geode/v1/{region}: its values, the first 50 or `limit=`, all with `limit=ALL`; or those of `keys=`."""
        if asked := self.keys_in_query(request):
            return self.get_keys(request, name, asked)
        region = self.region(name)
        if region is None:
            return self.error(404, self.no_region_text(name))
        limit = request.parameter("limit") or "50"
        if limit != "ALL" and not (limit.isascii() and limit.isdigit() and len(limit) < 10):
            return self.error(400, f"limit param ({limit}) is not valid!")
        keys = list(region) if limit == "ALL" else list(region)[: int(limit)]
        headers = self.ok_headers(request, self.content_location(request, name, keys))
        body = self.render_values(name, [self.look_up(region, key) for key in keys])
        return Response(200, "OK", headers, body, self.multi_get_framing)

    def put(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        """PUT: an object for one key, an array of as many objects for several."""
        keys = self.split_keys(keys_as_sent)
        region = self.region(name)
        if region is None:
            return self.error(404, self.no_region_text(name))
        try:
            values = read_objects(request, len(keys)) if len(keys) > 1 else (read_object(request),)
        except Refused as refused:
            return self.error(refused.status, str(refused))
        for key, value in zip(keys, values, strict=True):
            region[key] = value
        return self.json_reply(200)

    def create(self, request: Request, name: str) -> Answer:
        """POST ?key=K: 201, or 409 when the key is there; a key is made up when none is given."""
        region = self.region(name)
        if region is None:
            return self.error(404, self.no_region_text(name))
        key = unquote_plus(request.parameter("key") or "") or uuid.uuid4().hex
        try:
            value = read_object(request)
        except Refused as refused:
            return self.error(refused.status, str(refused))
        if key in region:
            return self.error(409, f"Key ({key}) already exists in region ({name})")
        region[key] = value
        location = f"{self.base_url(request)}/{quote(name, safe=_SEGMENT_SAFE)}/{quote(key, safe=_SEGMENT_SAFE)}"
        return self.json_reply(201, b"", (("Location", location),))

    def delete(self, request: Request, name: str, keys_as_sent: str) -> Answer:  # noqa: ARG002  (an action like put)
        """DELETE: every key, or none when one is missing."""
        keys = self.split_keys(keys_as_sent)
        region = self.region(name)
        if region is None:
            return self.error(404, self.no_region_text(name))
        missing = [key for key in keys if key not in region]
        if missing:
            return self.error(404, self.missing_text(name, missing))
        for key in dict.fromkeys(keys):
            del region[key]
        return self.json_reply(200)

    def json_reply(self, status: int, body: bytes = b"", headers: tuple[Pair, ...] = ()) -> Response:
        """A short answer outside the multi-key GET."""
        kept = (*self.common_headers(), ("Content-Type", self.json_type(status)), *headers)
        return Response(status, reason_of(status), kept, body)
