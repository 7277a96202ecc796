"""Requests that are not served though they should be, and other statuses than 200 when all keys exist."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Connection, Request, Response, reason_of
from kvgate.reference.jsontext import load

FAULTS = GeodeDeviations()

_SERVED = "geode.request.served"
_FOUND = "geode.status.found"
_PAGE = 1_000_000  # bytes
_BRACKETS = re.compile(r"[\[\]{}]")


def _keys_in(request: Request) -> int:
    return request.path.count(",") + 1


# Served at all


@FAULTS.fault("served-two-keys-only", _SERVED, "three keys or more")
class _TwoKeysOnly(Geode):
    """Has a route for two keys and none for more: 404."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self.plain(404) if keys_as_sent.count(",") > 1 else super().get(request, name, keys_as_sent)


@FAULTS.fault("served-no-query-405", _SERVED, "a request with ignoreMissingKey, true or false")
class _NoQuery405(Geode):
    """Allows no GET of several keys with a query: 405."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if self.read_parameter(request) is not None and request.query and "," in keys_as_sent:
            return self.plain(405)
        return super().get(request, name, keys_as_sent)


# Not served though the control keys are: the status requirement of the case


@FAULTS.fault("served-long-path-404", _FOUND, "a list of keys of more than 500 bytes")
class _LongPath404(Geode):
    """Has a route whose pattern allows 500 bytes of keys: 404 beyond."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self.plain(404) if len(keys_as_sent) > 500 else super().get(request, name, keys_as_sent)


@FAULTS.fault("served-40-keys-501", _FOUND, "40 keys or more")
class _Keys501(Geode):
    """Has not implemented lists of 40 keys and more: 501."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self.plain(501) if _keys_in(request) >= 40 else super().get(request, name, keys_as_sent)


@FAULTS.fault("served-50-keys-reset", _FOUND, "50 keys or more")
class _Keys50Reset(Geode):
    """Resets the connection when more than 49 keys are asked for."""

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        if request.method == "GET" and _keys_in(request) >= 50:
            connection.reset()
            return None
        return super().send(connection, request, response)


@FAULTS.fault("served-encoded-405", _FOUND, "a key with a percent-encoded character")
class _Encoded405(Geode):
    """Allows no GET on paths with a percent sign: 405."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self.plain(405) if "%" in keys_as_sent else super().get(request, name, keys_as_sent)


# 200 when all keys exist


class _Unlike200(Geode):
    """Answers `status` instead of 200 where `unlike` says so."""

    status = 500

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        region, keys = self.region(name), self.keys_asked(keys_as_sent)
        found = {} if region is None else {key: region[key] for key in keys if key in region}
        if len(keys) > 1 and len(found) == len(set(keys)) and self.unlike(tuple(found.values())):
            return self.error(self.status, reason_of(self.status))
        return super().get(request, name, keys_as_sent)

    def unlike(self, values: Sequence[str]) -> bool:
        raise NotImplementedError


@FAULTS.fault("found-empty-document-missing", _FOUND, "a stored document that is an empty object")
class _EmptyDocumentMissing(Geode):
    """Asks for the truth of a document instead of its being there: an empty object counts as missing."""

    def look_up(self, region: Region, key: str) -> str | None:
        text = super().look_up(region, key)
        return text if text is not None and load(text) else None


@FAULTS.fault("found-same-key-twice-400", _FOUND, "the same key twice")
class _SameKeyTwice400(Geode):
    """Compares how many values it found with how many keys were asked: 400 when one is asked for twice."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        region, keys = self.region(name), self.keys_asked(keys_as_sent)
        if region is not None and len(set(keys)) < len(keys) and not self.missing_keys(region, keys):
            return self.missing(name, keys, ())
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("found-many-206", _FOUND, "more than 25 keys")
class _Many206(Geode):
    """Answers 206 when the array has more than 25 elements, as if it were a page of more."""

    def encode(self, request: Request, response: Response) -> bytes:
        if request.method == "GET" and response.status == 200 and _keys_in(request) > 25:
            response = Response(206, reason_of(206), response.headers, response.body, response.framing)
        return super().encode(request, response)


@FAULTS.fault("found-large-500", _FOUND, "an answer of more than 16 KiB")
class _Large500(_Unlike200):
    """Runs out of its buffer when the values have more than 16 KiB together: 500."""

    def unlike(self, values: Sequence[str]) -> bool:
        return sum(map(len, values)) > 16_384


@FAULTS.fault("found-emoji-500", _FOUND, "a value with a character beyond the basic plane")
class _Emoji500(_Unlike200):
    """Can't write characters of four UTF-8 bytes: 500."""

    def unlike(self, values: Sequence[str]) -> bool:
        return any(character > "\uffff" for value in values for character in str(load(value)))


@FAULTS.fault("found-unsorted-302", _FOUND, "keys that are not asked for in sorted order")
class _Unsorted302(Geode):
    """Redirects to the URL with sorted keys, for the sake of caches."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys = self.keys_asked(keys_as_sent)
        if list(keys) == sorted(keys) or len(keys) == 1 or name not in self.regions:
            return super().get(request, name, keys_as_sent)
        location = self.content_location(request, name, sorted(keys)) or ""
        return Response(302, reason_of(302), (*self.common_headers(), ("Location", location)))


@FAULTS.fault("found-deep-500", _FOUND, "a document nested more than 20 deep")
class _Deep500(_Unlike200):
    """Writes documents by recursion with a bound of twenty: 500 beyond."""

    bound = 20

    def unlike(self, values: Sequence[str]) -> bool:
        return any(_depth(value) > self.bound for value in values)


@FAULTS.fault("found-beyond-64-deep-500", _FOUND, "a document seventy deep")
class _Deeper500(_Deep500):
    """Writes answers by code that gives up at a depth of 64, two of which are around the documents: 500 beyond."""

    bound = 62


@functools.lru_cache(maxsize=64)
def _depth(text: str) -> int:
    """How deep arrays and objects are nested; good enough where texts hold few brackets."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


@FAULTS.fault("served-buffer-just-full", _FOUND, "a body of exactly 8,192 bytes")
class _BufferJustFull(Geode):
    """Has no room for the end of a body that just fills its buffer: 500."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        full = isinstance(answer, Response) and len(answer.body) == 8192
        return self.error(500, "buffer") if full else answer


@FAULTS.fault("found-up-to-a-million", _FOUND, "values of more than a million bytes in one answer")
class _UpToAMillion(Geode):
    """Reads its store in pages of a million bytes and takes the first: what is on the next is missing."""

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        region, read = self.region(name), 0
        for number, key in enumerate(keys):
            held = region.get(key) if region is not None else None
            read += len((held or "").encode())
            if read > _PAGE:
                return super().get_keys(request, name, [*keys[:number], f"{key} unread"])
        return super().get_keys(request, name, keys)


@FAULTS.fault("key-begins-as-a-route", _FOUND, "a list whose first key begins with a word of the API")
class _BeginsAsARoute(Geode):
    """Routes by how a path begins: keys that begin with `keys` are asked of the list of keys."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if keys_as_sent.startswith("keys"):
            return self.json_reply(405)
        return super().get(request, name, keys_as_sent)


_LIKE_AN_ERROR = re.compile(rb'\{\s*"(errors?|cause|exception|fault|message)"\s*:')


@FAULTS.fault("value-that-begins-like-an-error", _FOUND, "a document whose first member is called error, or the like")
class _LikeAnError(Geode):
    """Sits behind a gateway that takes an answer with an object that begins as an error does for one, and says 500."""

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        answer = super().get_keys(request, name, keys)
        like = answer.status == 200 and len(keys) > 1 and _LIKE_AN_ERROR.search(answer.body)
        return self.error(500, "upstream") if like else answer
