"""Faults in keys, errors and headers that only rare requests show."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()

_WHOLE = "geode.key.whole"
_DECODED = "geode.key.decoded"
_BAD = "geode.status.bad-parameter"
_NAMES = "geode.error.names-missing"
_ISOLATED = "geode.safe.isolated"
_KEYS = "geode.location.names-keys"


# Keys


@FAULTS.key_fault("rare-key-cut-at-colon", _WHOLE, "a key with a colon inside")
def cut_at_colon(key: str) -> str:
    """Takes what stands before a colon for a type, and the rest for the key."""
    return key.rpartition(":")[2]


@FAULTS.key_fault("rare-key-cut-at-equals", _WHOLE, "a key with an equals sign inside")
def cut_at_equals(key: str) -> str:
    """Ends a key at an equals sign, where a parameter's value would begin."""
    return key.partition("=")[0]


@FAULTS.key_fault("rare-key-underscore-as-space", _WHOLE, "a key with an underscore")
def underscore_as_space(key: str) -> str:
    """Takes an underscore for a space."""
    return key.replace("_", " ")


@FAULTS.key_fault("rare-key-hyphen-lost", _WHOLE, "a key with a hyphen")
def hyphen_lost(key: str) -> str:
    """Takes hyphens out of keys."""
    return key.replace("-", "")


@FAULTS.key_fault("rare-key-dots-collapsed", _WHOLE, "a key with two dots in a row")
def dots_collapsed(key: str) -> str:
    """Normalises dots in the path: two in a row are one."""
    return re.sub(r"\.{2,}", ".", key)


@FAULTS.key_fault("rare-key-last-dot-lost", _WHOLE, "a key that ends with a dot")
def last_dot_lost(key: str) -> str:
    """Drops a dot at the end of a key."""
    return key.rstrip(".")


@FAULTS.fault("rare-key-32-bit", _WHOLE, "two keys of digits that are the same modulo 2^32")
class _Key32Bit(Geode):
    """Compares keys of digits as 32-bit integers."""

    def look_up(self, region: Region, key: str) -> str | None:
        return next((value for held, value in region.items() if _in_32_bit(held) == _in_32_bit(key)), None)


def _in_32_bit(key: str) -> str:
    return str(int(key) % 2**32) if re.fullmatch("[1-9][0-9]{0,30}", key) else key


@FAULTS.key_fault("rare-key-32-bit-clamped", _WHOLE, "a key of more than ten digits")
def clamped_to_32_bit(key: str) -> str:
    """Reads a key of digits as the largest 32-bit integer if it is larger."""
    return str(2**31 - 1) if re.fullmatch("[1-9][0-9]{9,30}", key) and int(key) >= 2**31 else key


@FAULTS.fault("rare-key-as-double", _WHOLE, "two keys of seventeen digits that differ in the last")
class _KeyAsDouble(Geode):
    """Compares keys of digits as doubles."""

    def look_up(self, region: Region, key: str) -> str | None:
        return next((value for held, value in region.items() if _as_double(held) == _as_double(key)), None)


def _as_double(key: str) -> str | float:
    return float(key) if re.fullmatch("[1-9][0-9]{0,30}", key) else key


@FAULTS.fault("rare-key-zeros-in-long-lists", _WHOLE, "more than five keys, of which one begins with a zero")
class _ManyKeysTrimmed(Geode):
    """Reads lists of more than five keys by another parser, which takes zeros off the front of keys."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        keys = super().keys_asked(sent)
        return keys if len(keys) <= 5 else tuple(key.lstrip("0") or "0" for key in keys)


@FAULTS.fault("rare-key-last-of-encoded", _DECODED, "an encoded key last in the list")
class _LastNotDecoded(Geode):
    """Decodes each key when it meets the comma behind it: the last one is not decoded."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        head, comma, last = sent.rpartition(",")
        return (*super().keys_asked(head), last) if comma else super().keys_asked(sent)


@FAULTS.fault("rare-key-first-escape-only", _DECODED, "a key with two characters that are percent-encoded")
class _FirstEscapeOnly(Geode):
    """Decodes the first escape of a key and leaves the others."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        once = (re.sub("^([^%]*%..)(.*)", lambda m: m[1] + m[2].replace("%", "%25"), key) for key in sent.split(","))
        return super().keys_asked(",".join(once))


# The parameter and regions


@FAULTS.parameter_fault("rare-parameter-trimmed", _BAD, "the value true with a space before or after")
def trimmed(values: tuple[str, ...]) -> bool | None:
    """Trims the value it reads."""
    known = {"true": True, "false": False}
    return known.get(values[0].strip()) if len(values) == 1 else (False if not values else None)


@FAULTS.parameter_fault("rare-parameter-null-is-absent", _BAD, "the values null and undefined")
def null_is_absent(values: tuple[str, ...]) -> bool | None:
    """Takes the words null and undefined for no value."""
    known = {"true": True, "false": False, "null": False, "undefined": False}
    return known.get(values[0]) if len(values) == 1 else (False if not values else None)


@FAULTS.parameter_fault("rare-parameter-of-both", _BAD, "the value true,false")
def of_both(values: tuple[str, ...]) -> bool | None:
    """Takes the first of several words that a comma or a semicolon is between."""
    known = {"true": True, "false": False}
    return known.get(re.split("[,;|]", values[0])[0]) if len(values) == 1 else (False if not values else None)


@FAULTS.fault("rare-no-region-400-if-false", "geode.status.no-region", "an unknown region with ignoreMissingKey=false")
class _NoRegion400IfFalse(Geode):
    """With an explicit false takes the keys of a region that does not exist for missing ones: 400."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if self.region(name) is None and self.parameter_values(request) == ("false",):
            keys = self.keys_asked(keys_as_sent)
            return self.missing(name, keys, keys)
        return super().get(request, name, keys_as_sent)


# Errors


@FAULTS.fault("rare-missing-many-unnamed", _NAMES, "more than twenty missing keys")
class _ManyUnnamed(Geode):
    """Counts missing keys instead of naming them when there are more than twenty."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        if len(missing) <= 20:
            return super().missing(name, keys, missing)
        return self.error(400, f"{len(missing)} requested keys not exist in region [{name}]")


@FAULTS.fault("rare-missing-names-encoded", _NAMES, "a missing key with a space or another encoded character")
class _NamesEncoded(Geode):
    """Names missing keys as they stand in the URL, percent-encoded."""

    def missing_text(self, name: str, missing: Sequence[str]) -> str:
        return super().missing_text(name, [quote(key, safe="") for key in missing])


@FAULTS.fault("rare-missing-names-stale", _NAMES, "two errors with as many missing keys, one after the other")
class _NamesStale(Geode):
    """Keeps the error for missing keys by region and number of keys."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._errors: dict[tuple[str, int], Response] = {}

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return self._errors.setdefault((name, len(missing)), super().missing(name, keys, missing))


@FAULTS.fault("rare-missing-empty-region-bare", "geode.error.json", "the empty region, without the parameter")
class _EmptyRegionBare(Geode):
    """Sends the error for missing keys without a body when the region is empty."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        error = super().missing(name, keys, missing)
        return error if self.regions[name] else replace(error, body=b"")


@FAULTS.fault("rare-missing-all-type", "geode.type.json", "all keys missing, without the parameter")
class _AllMissingType(Geode):
    """Calls the error text/plain when not one key was found."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        error = super().missing(name, keys, missing)
        if len(missing) < len(set(keys)):
            return error
        return edited(error, without=("Content-Type",), plus=(("Content-Type", "text/plain"),))


# Headers


@FAULTS.fault("rare-location-twice", _KEYS, "every 200")
class _LocationTwice(Geode):
    """Sends Content-Location a second time, for the region."""

    def ok_headers(self, request: Request, location: str | None) -> tuple[tuple[str, str], ...]:
        region = (location or "").rpartition("/")[0]
        return (*super().ok_headers(request, location), ("Content-Location", region))


@FAULTS.fault("rare-location-latin-1", _KEYS, "a key that is not ASCII (SHOULD)")
class _LocationLatin1(Geode):
    """Encodes keys in Content-Location as ISO-8859-1, with question marks for what it lacks."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        encoded = (quote(key, encoding="latin-1", errors="replace", safe="-._~") for key in keys)
        return f"{self.base_url(request)}/{name}/{','.join(encoded)}"


@FAULTS.fault("rare-location-space-lost", _KEYS, "a key with a space")
class _LocationSpaceLost(Geode):
    """Leaves spaces out of Content-Location."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        location = super().content_location(request, name, keys)
        return location.replace("%20", "") if location else location


@FAULTS.fault("rare-location-ends-with-slash", _KEYS, "every 200")
class _LocationSlash(Geode):
    """Ends Content-Location with a slash."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return f"{super().content_location(request, name, keys)}/"


@FAULTS.fault("rare-length-of-error-characters", "geode.length.true", "an error that names a key that is not ASCII")
class _LengthOfErrorCharacters(Geode):
    """Counts characters for the Content-Length of an error, and sends UTF-8."""

    def encode(self, request: Request, response: Response) -> bytes:
        if response.status == 400 and not response.body.isascii():
            length = str(len(response.body.decode("utf-8", "replace")))
            response = edited(response, plus=(("Content-Length", length), ("Connection", "close")))
        return super().encode(request, response)


# At the same time, on one connection


class _Waiting(Geode):
    """Keeps what the latest multi-key GET asked for in the server itself while it waits for the store."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.latest: tuple[str, str] = "", ""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if "," not in keys_as_sent:
            return super().get(request, name, keys_as_sent)
        self.latest = name, keys_as_sent
        return self._later(request, name, keys_as_sent)

    async def _later(self, request: Request, name: str, keys_as_sent: str) -> Response:
        await asyncio.sleep(0.02)
        answer = super().get(request, name, keys_as_sent)
        return answer if isinstance(answer, Response) else await answer


@FAULTS.fault("rare-together-same-number", _ISOLATED, "two requests for as many keys at the same time", unsteady=True)
class _TogetherSameNumber(_Waiting):
    """Fills one buffer for all requests of one size: the latest keys' values go out with both."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        latest = self.keys_asked(self.latest[1])
        other = self.regions.get(self.latest[0])
        return (
            super().values_of(other, latest)
            if other is not None and len(latest) == len(keys)
            else (super().values_of(region, keys))
        )


@FAULTS.fault("rare-together-missing", _ISOLATED, "two requests with missing keys at the same time", unsteady=True)
class _TogetherMissing(_Waiting):
    """Names in an error what the latest request misses."""

    def missing_text(self, name: str, missing: Sequence[str]) -> str:
        region = self.regions.get(self.latest[0])
        latest = self.missing_keys(region, self.keys_asked(self.latest[1])) if region is not None else ()
        return super().missing_text(name, latest or missing)


@FAULTS.fault("rare-connection-body-tail", _ISOLATED, "a shorter answer after a longer one on one connection")
class _ConnectionBodyTail(Geode):
    """Writes each answer over the last one of the connection: what was longer shows at the end of a shorter 200."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._bodies: dict[int, bytes] = {}

    def encode(self, request: Request, response: Response) -> bytes:
        before = self._bodies.get(request.connection, b"")
        if request.method == "GET" and response.status == 200:
            response = replace(response, body=response.body + before[len(response.body) :])
            self._bodies[request.connection] = response.body
        return super().encode(request, response)
