"""Content-Location otherwise, errors worded otherwise, and requests whose outcome the specification leaves open."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.message import decode_percent

FREEDOMS = GeodeDeviations()

_ANY_200 = "every 200"
_SENT = "geode.location.sent"
_ALIGNED = "geode.body.aligned"


# Content-Location


class _Located(Geode):
    """Sends what `located` makes of the region and the keys."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        base, _, listed = (super().content_location(request, name, keys) or "").rpartition("/")
        return self.located(base, listed, keys)

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str | None:
        raise NotImplementedError


@FREEDOMS.freedom("location-path-only", _ANY_200)
class _PathOnly(_Located):
    """Sends a Content-Location without scheme and host."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        return f"/{base.split('/', 3)[3]}/{listed}"


@FREEDOMS.freedom("location-other-host", _ANY_200)
class _OtherHost(_Located):
    """Names in Content-Location the host behind a proxy, with another prefix and port."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        return f"https://[2001:db8::7]:7071/behind/geode/v1/{base.rpartition('/')[2]}/{listed}"


@FREEDOMS.freedom("location-no-scheme", _ANY_200)
class _NoScheme(_Located):
    """Sends a Content-Location that begins with two slashes and a host."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        return f"{base.partition(':')[2]}/{listed}"


@FREEDOMS.freedom("location-encoded-comma", _ANY_200)
class _EncodedComma(_Located):
    """Writes the commas of Content-Location as %2C."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        return f"{base}/{listed.replace(',', '%2C')}"


@FREEDOMS.freedom("location-encoded-comma-small", _ANY_200)
class _EncodedCommaSmall(_Located):
    """Writes commas as %2c and every other escape in small letters too."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        return f"{base}/" + quote(",".join(keys), safe="-._~").lower() if _all_small(keys) else f"{base}/{listed}"


def _all_small(keys: Sequence[str]) -> bool:
    return all(key == key.lower() for key in keys)


@FREEDOMS.freedom("location-encoded-letters", _ANY_200)
class _EncodedLetters(_Located):
    """Percent-encodes every character of the keys, letters and digits too."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        return f"{base}/" + ",".join("".join(f"%{byte:02X}" for byte in key.encode()) for key in keys)


@FREEDOMS.freedom("location-not-encoded", "a key with a character that a URL has to encode")
class _NotEncoded(_Located):
    """Writes the keys as they are, raw spaces, brackets and UTF-8 too, but for what would end the path."""

    def located(self, base: str, listed: str, keys: Sequence[str]) -> str:
        raw = ",".join("".join(quote(c, safe="") if c in "?#%/\\;" or c < " " else c for c in key) for key in keys)
        return f"{base}/{raw}".encode().decode("latin-1")


@FREEDOMS.freedom("location-with-query", "a 200 to a request with ignoreMissingKey")
class _WithQuery(Geode):
    """Repeats the request's query in Content-Location."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        location = super().content_location(request, name, keys)
        return f"{location}?{request.query}" if request.query else location


@FREEDOMS.freedom("location-on-errors-too", "every error")
class _OnErrorsToo(Geode):
    """Sends the URL of the request as Content-Location of errors."""

    def encode(self, request: Request, response: Response) -> bytes:
        if response.status in (400, 404):
            response = edited(response, plus=(("Content-Location", request.path),))
        return super().encode(request, response)


@FREEDOMS.freedom("location-absent", _ANY_200, warns=(_SENT,))
class _Absent(Geode):
    """Sends no Content-Location, and answers in the order asked (SHOULD)."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return None


@FREEDOMS.freedom("location-absent-order-reversed", _ANY_200, warns=(_SENT, _ALIGNED))
class _AbsentReversed(Geode):
    """Sends no Content-Location, and answers in reverse (E21: the same multiset, a warning)."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(reversed(keys))

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return None


# Errors


class _Worded(Geode):
    """Says errors in JSON of its own, made by `form` of a code, a sentence and the names in it."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return self._said(400, self.form("MISSING", "some keys are not in the region", name, missing))

    def bad_parameter(self, request: Request) -> Response:
        return self._said(400, self.form("BAD_VALUE", "true or false is wanted", "", self.parameter_values(request)))

    def no_region(self, name: str) -> Response:
        return self._said(404, self.form("NO_REGION", "there is no such region", name, ()))

    def _said(self, status: int, form: object) -> Response:
        return replace(self.error(status, ""), body=json.dumps(form).encode())

    def form(self, code: str, sentence: str, region: str, names: Sequence[str]) -> object:
        raise NotImplementedError


@FREEDOMS.freedom("error-object-of-release", "every error")
class _ErrorOfRelease(Geode):
    """Says errors as real releases do: an object with the member cause (E25)."""

    def error_body(self, text: str) -> bytes:
        return json.dumps({"cause": text}).encode()


@FREEDOMS.freedom("error-lists", "every error")
class _ErrorLists(_Worded):
    """Says errors as an object with lists, nested, beside members that say nothing about keys."""

    def form(self, code: str, sentence: str, region: str, names: Sequence[str]) -> object:
        return {"error": {"code": code, "region": region, "keys": list(names), "retry": False}, "trace": None}


@FREEDOMS.freedom("error-array", "every error")
class _ErrorArray(_Worded):
    """Says errors as an array with a text for each key."""

    def form(self, code: str, sentence: str, region: str, names: Sequence[str]) -> object:
        return [f"<{region}> «{name}»: {sentence}" for name in names] or [sentence]


@FREEDOMS.freedom("error-other-language", "every error")
class _ErrorOtherLanguage(_Worded):
    """Says errors in another language, quoting each name, the region before the keys."""

    def form(self, code: str, sentence: str, region: str, names: Sequence[str]) -> object:
        return f"Im Bereich „{region}“ fehlen die Schlüssel " + " / ".join(f"'{name}'" for name in reversed(names))


@FREEDOMS.freedom("error-keys-as-members", "every error")
class _ErrorKeysAsMembers(_Worded):
    """Says errors as an object whose members are named by region and keys."""

    def form(self, code: str, sentence: str, region: str, names: Sequence[str]) -> object:
        return {"status": code, f"/{region}": dict.fromkeys(names, sentence)}


@FREEDOMS.freedom("no-region-no-body", "a region that does not exist", warns=("geode.type.other-errors",))
class _NoRegionNoBody(Geode):
    """Sends no body with a 404."""

    def no_region(self, name: str) -> Response:
        return replace(super().no_region(name), body=b"")


@FREEDOMS.freedom("no-region-bare", "a region that does not exist", warns=("geode.type.other-errors",))
class _NoRegionBare(Geode):
    """Sends neither body nor Content-Type with a 404."""

    def no_region(self, name: str) -> Response:
        return edited(replace(super().no_region(name), body=b""), without=("Content-Type",))


# Left open


@FREEDOMS.freedom("true-in-any-case", "the values TRUE and False (E28)")
class _TrueInAnyCase(Geode):
    """Accepts true and false in any case."""

    def read_parameter(self, request: Request) -> bool | None:
        values = [value.lower() for value in self.parameter_values(request)]
        known = {"true": True, "false": False}
        return known.get(values[0]) if len(values) == 1 else (False if not values else None)


@FREEDOMS.freedom("parameter-name-in-any-case", "a parameter spelled otherwise, which is unknown")
class _NameInAnyCase(Geode):
    """Knows the parameter by its name in any case."""

    def parameter_values(self, request: Request) -> tuple[str, ...]:
        return tuple(unquote(value) for name, value in request.parameters if name.lower() == "ignoremissingkey")


@FREEDOMS.freedom("parameter-unknown-refused", "a parameter that the page does not know")
class _UnknownRefused(Geode):
    """Refuses requests with parameters that it does not know."""

    def read_parameter(self, request: Request) -> bool | None:
        known = all(name == "ignoreMissingKey" for name, _ in request.parameters)
        return super().read_parameter(request) if known else None


@FREEDOMS.freedom("parameter-twice-last-wins", "the parameter twice (E36)")
class _LastWins(Geode):
    """Takes the last of several values."""

    def parameter_values(self, request: Request) -> tuple[str, ...]:
        return super().parameter_values(request)[-1:]


@FREEDOMS.freedom("no-region-before-bad-parameter", "a bad value and an unknown region together (E29)")
class _NoRegionFirst(Geode):
    """Looks for the region before it reads the parameter."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if self.region(name) is None and "," in keys_as_sent:
            return self.no_region(name)
        return super().get(request, name, keys_as_sent)


@FREEDOMS.freedom("single-key-like-several", "a single key (E31)")
class _SingleLikeSeveral(Geode):
    """Answers a single key with an object of an array as well."""

    def get_single(self, request: Request, name: str, key: str) -> Response:
        region = self.region(name)
        if region is None:
            return self.no_region(name)
        if missing := self.missing_keys(region, (key,)):
            return self.missing(name, (key,), missing)
        headers = self.ok_headers(request, self.content_location(request, name, (key,)))
        return Response(200, "OK", headers, self.render_values(name, self.values_of(region, (key,))))


@FREEDOMS.freedom("empty-keys-dropped", "an empty key in the list, blanks around a key (E38)")
class _EmptyKeysDropped(Geode):
    """Drops empty keys from the list and blanks around keys."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        kept = [key for key in sent.split(",") if self.decode_key(key).strip()]
        return tuple(self.decode_key(key).strip() for key in kept) or super().keys_asked(sent)


@FREEDOMS.freedom("odd-keys-refused", "a key with %2F, %25, %3B or %5C (E35)")
class _OddKeysRefused(Geode):
    """Refuses with 500 and HTML what real releases refuse."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if any(odd in keys_as_sent.lower() for odd in ("%2f", "%25", "%3b", "%5c", ";")):
            return replace(self.plain(500), body=b"<html></html>", headers=(("Content-Type", "text/html"),))
        return super().get(request, name, keys_as_sent)


@FREEDOMS.freedom(
    "utf-8-keys-as-latin-1",
    "a key that is not ASCII (SHOULD, E34)",
    warns=(
        "geode.key.decoded",
        "geode.key.whole",
        "geode.request.served",
        "geode.status.found",
        "geode.error.names-missing",
        "geode.location.sent",
        "geode.location.names-keys",
        "geode.body.missing-null",
        "geode.body.value-intact",
    ),
)
class _Utf8KeysAsLatin1(Geode):
    """Reads the path of a GET as ISO-8859-1 and that of a PUT as UTF-8, as releases up to 1.15 do."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return tuple(decode_percent(key).decode("latin-1") for key in sent.split(","))
