"""What errors say, and the type of their bodies and of a 200."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Pair, Request, Response

FAULTS = GeodeDeviations()

_TYPE = "geode.type.json"
_OTHER_TYPES = "geode.type.other-errors"
_JSON = "geode.error.json"
_JSON_PARAMETER = "geode.error.json-parameter"
_NAMES = "geode.error.names-missing"


def _typed(response: Response, content_type: str) -> Response:
    return edited(response, without=("Content-Type",), plus=(("Content-Type", content_type),))


def _html(response: Response) -> Response:
    page = f"<html><body><h1>HTTP Status {response.status}</h1></body></html>"
    return replace(_typed(response, "text/html;charset=utf-8"), body=page.encode())


# Types


class _OkTyped(Geode):
    """Sends `ok_type` as the Content-Type of a 200."""

    ok_type = ""

    def ok_headers(self, request: Request, location: str | None) -> tuple[Pair, ...]:
        kept = tuple(pair for pair in super().ok_headers(request, location) if pair[0] != "Content-Type")
        return (*kept, ("Content-Type", self.ok_type)) if self.ok_type else kept


@FAULTS.fault("ok-type-none", _TYPE, "every 200")
class _OkTypeNone(_OkTyped):
    """Sends no Content-Type with a 200."""


@FAULTS.fault("ok-type-text-json", _TYPE, "every 200")
class _OkTypeTextJson(_OkTyped):
    """Calls a 200 text/json."""

    ok_type = "text/json"


@FAULTS.fault("ok-type-two-in-one", _TYPE, "every 200")
class _OkTypeTwoInOne(_OkTyped):
    """Lists the types it could have sent in one Content-Type."""

    ok_type = "text/html, application/json"


@FAULTS.fault("ok-type-joined", _TYPE, "every 200")
class _OkTypeJoined(_OkTyped):
    """Joins the type that a filter had set to its own: one Content-Type of two."""

    ok_type = "application/json;charset=utf-8, text/html;charset=utf-8"


@FAULTS.fault("ok-type-prefix-only", _TYPE, "every 200")
class _OkTypePrefixOnly(_OkTyped):
    """Calls a 200 application/json-seq, which is another type."""

    ok_type = "application/json-seq"


@FAULTS.fault("ok-type-of-accept", _TYPE, "a request that accepts anything")
class _OkTypeOfAccept(Geode):
    """Sends back as Content-Type what the client says it accepts."""

    def ok_headers(self, request: Request, location: str | None) -> tuple[Pair, ...]:
        kept = tuple(pair for pair in super().ok_headers(request, location) if pair[0] != "Content-Type")
        return (*kept, ("Content-Type", request.header("Accept") or "*/*"))


@FAULTS.fault("ok-type-octets-if-not-ascii", _TYPE, "a 200 whose body is not ASCII")
class _OkTypeOctets(Geode):
    """Guesses the type from the body: what is not ASCII is application/octet-stream."""

    def encode(self, request: Request, response: Response) -> bytes:
        if response.status == 200 and response.body and not response.body.isascii():
            response = _typed(response, "application/octet-stream")
        return super().encode(request, response)


@FAULTS.fault("missing-type-text", _TYPE, "a missing key without the parameter")
class _MissingTypeText(Geode):
    """Calls the error for missing keys text/plain."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return _typed(super().missing(name, keys, missing), "text/plain")


@FAULTS.fault("missing-type-twice", _TYPE, "a missing key without the parameter")
class _MissingTypeTwice(Geode):
    """Sends the server's own text/html beside application/json."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return edited(super().missing(name, keys, missing), plus=(("Content-Type", "text/html"),))


@FAULTS.fault("bad-parameter-type-text", _OTHER_TYPES, "a value neither true nor false")
class _BadParameterTypeText(Geode):
    """Calls the error for a bad parameter text/plain."""

    def bad_parameter(self, request: Request) -> Response:
        return _typed(super().bad_parameter(request), "text/plain;charset=utf-8")


@FAULTS.fault("bad-parameter-html", _OTHER_TYPES, "a value neither true nor false")
class _BadParameterHtml(Geode):
    """Answers the server's own HTML page for a bad parameter."""

    def bad_parameter(self, request: Request) -> Response:
        return _html(super().bad_parameter(request))


@FAULTS.fault("no-region-html", _OTHER_TYPES, "a region that does not exist")
class _NoRegionHtml(Geode):
    """Answers the server's own HTML page for a region that does not exist."""

    def no_region(self, name: str) -> Response:
        return _html(super().no_region(name))


@FAULTS.fault("no-region-type-none", _OTHER_TYPES, "a region that does not exist")
class _NoRegionTypeNone(Geode):
    """Sends no Content-Type with the body of a 404."""

    def no_region(self, name: str) -> Response:
        return edited(super().no_region(name), without=("Content-Type",))


# JSON


class _MissingBody(Geode):
    """Says the error for missing keys as `body` does."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return replace(super().missing(name, keys, missing), body=self.body(self.missing_text(name, missing)))

    def body(self, text: str) -> bytes:
        raise NotImplementedError


@FAULTS.fault("missing-error-bare", _JSON, "a missing key without the parameter")
class _MissingErrorBare(_MissingBody):
    """Writes the error for missing keys without quotes."""

    def body(self, text: str) -> bytes:
        return text.encode()


@FAULTS.fault("missing-error-unescaped", _JSON, "a missing key with a double quote in it")
class _MissingErrorUnescaped(_MissingBody):
    """Puts the missing keys into the JSON of the error as they are."""

    def body(self, text: str) -> bytes:
        return f'"{text}"'.encode()


@FAULTS.fault("missing-error-html-escaped-half", _JSON, "a missing key with < or > in it")
class _MissingErrorBadEscape(_MissingBody):
    r"""Escapes < and > in the error as \x3C and \x3E, which JSON does not know."""

    def body(self, text: str) -> bytes:
        return self.error_body(text).replace(b"<", b"\\x3C").replace(b">", b"\\x3E")


@FAULTS.fault("missing-error-empty", _JSON, "a missing key without the parameter")
class _MissingErrorEmpty(_MissingBody):
    """Sends no body with the error for missing keys."""

    def body(self, text: str) -> bytes:
        return b""


@FAULTS.fault("missing-error-cut", _JSON, "many missing keys")
class _MissingErrorCut(_MissingBody):
    """Cuts the error for missing keys at 256 bytes."""

    def body(self, text: str) -> bytes:
        return self.error_body(text)[:256]


def _said_to_be_packed(response: Response) -> Response:
    return edited(response, plus=(("Content-Encoding", "gzip"),))


@FAULTS.fault("missing-error-said-to-be-packed", _JSON, "a missing key without the parameter")
class _MissingErrorPacked(Geode):
    """Says that the error for missing keys is packed, and sends it as it is."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return _said_to_be_packed(super().missing(name, keys, missing))


@FAULTS.fault("bad-parameter-said-to-be-packed", _JSON_PARAMETER, "a value neither true nor false")
class _BadParameterPacked(Geode):
    """Says that the error for a bad parameter is packed, and sends it as it is."""

    def bad_parameter(self, request: Request) -> Response:
        return _said_to_be_packed(super().bad_parameter(request))


@FAULTS.fault("no-region-said-to-be-packed", _OTHER_TYPES, "a region that does not exist")
class _NoRegionPacked(Geode):
    """Says that the body of a 404 is packed, and sends it as it is."""

    def no_region(self, name: str) -> Response:
        return _said_to_be_packed(super().no_region(name))


class _BadParameterBody(Geode):
    """Says the error for a bad parameter as `body` does."""

    def bad_parameter(self, request: Request) -> Response:
        return replace(super().bad_parameter(request), body=self.body(self.bad_parameter_text(request)))

    def body(self, text: str) -> bytes:
        raise NotImplementedError


@FAULTS.fault("bad-parameter-bare", _JSON_PARAMETER, "a value neither true nor false")
class _BadParameterBare(_BadParameterBody):
    """Writes the error for a bad parameter without quotes."""

    def body(self, text: str) -> bytes:
        return text.encode()


@FAULTS.fault("bad-parameter-empty", _JSON_PARAMETER, "a value neither true nor false")
class _BadParameterEmpty(_BadParameterBody):
    """Sends no body with the error for a bad parameter."""

    def body(self, text: str) -> bytes:
        return b""


@FAULTS.fault("bad-parameter-unescaped", _JSON_PARAMETER, "a bad value with a double quote or a backslash in it")
class _BadParameterUnescaped(_BadParameterBody):
    """Puts the bad value into the JSON of the error as it is."""

    def body(self, text: str) -> bytes:
        return f'"{text}"'.encode()


# Names


class _Names(Geode):
    """Says which keys are missing as `words` does."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return self.error(400, self.words(name, keys, missing))

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        raise NotImplementedError


@FAULTS.fault("names-first-missing", _NAMES, "two missing keys")
class _NamesFirst(_Names):
    """Names the first missing key and looks no further."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, missing[:1])


@FAULTS.fault("names-all-asked", _NAMES, "some keys exist and some don't")
class _NamesAll(_Names):
    """Names all keys asked for, those that exist too."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, keys)


@FAULTS.fault("names-found", _NAMES, "some keys exist and some don't")
class _NamesFound(_Names):
    """Names the keys that exist, having filtered the wrong way."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, [key for key in keys if key not in missing])


@FAULTS.fault("names-from-first-missing", _NAMES, "a key that exists after one that is missing")
class _NamesFromFirst(_Names):
    """Names the first missing key and all that come after it."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, list(keys)[list(keys).index(missing[0]) :])


@FAULTS.fault("names-no-region", _NAMES, "a missing key")
class _NamesNoRegion(_Names):
    """Does not name the region."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return f"Requested keys [{','.join(missing)}] not exist"


@FAULTS.fault("names-first-region", _NAMES, "a missing key in the second region")
class _NamesFirstRegion(_Names):
    """Names the first region, whichever was asked."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(next(iter(self.regions)), missing)


@FAULTS.fault("names-run-together", _NAMES, "two missing keys")
class _NamesRunTogether(_Names):
    """Writes the missing keys without anything between them."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, ("".join(missing),))


@FAULTS.fault("names-up-to-five", _NAMES, "more than five missing keys")
class _NamesUpToFive(_Names):
    """Names five missing keys, then three dots."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, (*missing[:5], "...") if len(missing) > 5 else missing)


@FAULTS.fault("names-upper-case", _NAMES, "a missing key with small letters")
class _NamesUpperCase(_Names):
    """Names missing keys in capitals."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, [key.upper() for key in missing])


@FAULTS.fault("names-without-leading-zeros", _NAMES, "the missing key 01")
class _NamesWithoutZeros(_Names):
    """Names missing keys without the zeros before their digits."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, [re.sub(r"(?<![0-9])0+(?=[0-9])", "", key) for key in missing])


@FAULTS.fault("names-cut-at-ten", _NAMES, "a missing key of more than ten characters")
class _NamesCutAtTen(_Names):
    """Names missing keys by their first ten characters."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, [key[:10] for key in missing])


@FAULTS.fault("names-without-case", _NAMES, "missing keys that differ in nothing but capitals")
class _NamesWithoutCase(_Names):
    """Keeps the missing keys in a set that has no regard to capitals, and names one of those that are alike."""

    def words(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> str:
        return self.missing_text(name, tuple({key.lower(): key for key in missing}.values()))
