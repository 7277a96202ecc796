"""Content-Location, Content-Length and Date."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate
from urllib.parse import quote

from kvgate.reference.edit import edited, mapped
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Pair, Request, Response

FAULTS = GeodeDeviations()

_SENT = "geode.location.sent"
_KEYS = "geode.location.names-keys"
_LENGTH = "geode.length.true"
_DATE = "geode.date.valid"


# Content-Location: sent


@FAULTS.fault("location-never", _SENT, "every 200")
class _LocationNever(Geode):
    """Sends no Content-Location."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return None


@FAULTS.fault("location-not-with-parameter", _SENT, "a 200 to a request with ignoreMissingKey")
class _LocationNotWithParameter(Geode):
    """Sends no Content-Location when the request had a query."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return None if request.query else super().content_location(request, name, keys)


@FAULTS.fault("location-not-if-missing", _SENT, "a missing key, ignored")
class _LocationNotIfMissing(Geode):
    """Sends no Content-Location when a key is missing."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        region = self.regions.get(name, Region())
        return None if self.missing_keys(region, keys) else super().content_location(request, name, keys)


@FAULTS.fault("location-not-beyond-255", _SENT, "keys whose Content-Location would have more than 255 bytes")
class _LocationNotBeyond255(Geode):
    """Drops a Content-Location that is longer than its buffer."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        location = super().content_location(request, name, keys)
        return location if location is not None and len(location) <= 255 else None


@FAULTS.fault("location-as-location", _SENT, "every 200")
class _LocationAsLocation(Geode):
    """Sends Location instead of Content-Location."""

    def ok_headers(self, request: Request, location: str | None) -> tuple[Pair, ...]:
        renamed = (("Location" if name == "Content-Location" else name, value) for name, value in self._ok(location))
        return tuple(renamed)

    def _ok(self, location: str | None) -> tuple[Pair, ...]:
        return super().ok_headers(Request("GET", "/", (1, 1), ()), location)


# Content-Location: what it names


class _Located(Geode):
    """Names the keys `located` in Content-Location."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return super().content_location(request, name, self.located(name, keys))

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        raise NotImplementedError


@FAULTS.fault("location-found-only", _KEYS, "a missing key, ignored")
class _LocationFoundOnly(_Located):
    """Names in Content-Location the keys that exist; the array has nulls for the others."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        region = self.regions.get(name, Region())
        return [key for key in keys if self.look_up(region, key) is not None]


@FAULTS.fault("location-null-for-missing", _KEYS, "a missing key, ignored")
class _LocationNullForMissing(_Located):
    """Names missing keys null in Content-Location."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        region = self.regions.get(name, Region())
        return [key if self.look_up(region, key) is not None else "null" for key in keys]


@FAULTS.fault("location-last-lost-beyond-eight", _KEYS, "more than eight keys")
class _LocationLastLost(_Located):
    """Loses the last key when its list has grown."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        return keys[:-1] if len(keys) > 8 else keys


@FAULTS.fault("location-small-letters", _KEYS, "a key with a capital letter")
class _LocationSmallLetters(_Located):
    """Writes Content-Location in small letters."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        return [key.lower() for key in keys]


@FAULTS.fault("location-without-leading-zeros", _KEYS, "the key 01")
class _LocationWithoutZeros(_Located):
    """Writes keys of digits as numbers."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        return [re.sub(r"(?<![0-9])0+(?=[0-9])", "", key) for key in keys]


@FAULTS.fault("location-without-extension", _KEYS, "a key with a dot")
class _LocationWithoutExtension(_Located):
    """Cuts the last key at its dot in Content-Location, not where it is looked up."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        return [*keys[:-1], keys[-1].partition(".")[0]]


@FAULTS.fault("location-asked-twice-lost", _KEYS, "the same key twice")
class _LocationAskedTwiceLost(_Located):
    """Leaves out of Content-Location keys that were asked for twice, having toggled them in a set."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        return [key for key in keys if list(keys).count(key) == 1]


@FAULTS.fault("location-first-repeated", _KEYS, "three keys or more")
class _LocationFirstRepeated(_Located):
    """Names the first key as often as there are keys, from three on."""

    def located(self, name: str, keys: Sequence[str]) -> Sequence[str]:
        return [keys[0]] * len(keys) if len(keys) > 2 else keys


class _LocationEdited(Geode):
    """Sends what `edit` makes of Content-Location."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        location = super().content_location(request, name, keys)
        return None if location is None else self.edit(location, name)

    def edit(self, location: str, name: str) -> str:
        raise NotImplementedError


@FAULTS.fault("location-of-first-region", _KEYS, "the second region")
class _LocationOfFirstRegion(_LocationEdited):
    """Names the first region in Content-Location, whichever was asked."""

    def edit(self, location: str, name: str) -> str:
        base, _, keys = location.rpartition("/")
        return f"{base.removesuffix(quote(name))}{next(iter(self.regions))}/{keys}"


@FAULTS.fault("location-without-region", _KEYS, "every 200")
class _LocationWithoutRegion(_LocationEdited):
    """Leaves the region out of Content-Location."""

    def edit(self, location: str, name: str) -> str:
        return location.replace(f"/{quote(name)}/", "/", 1)


@FAULTS.fault("location-cut-at-200", _KEYS, "keys whose Content-Location would have more than 200 bytes")
class _LocationCutAt200(_LocationEdited):
    """Cuts Content-Location at 200 bytes."""

    def edit(self, location: str, name: str) -> str:
        return location[:200].rstrip("%")


@FAULTS.fault("location-plus-for-space", _KEYS, "a key with a space")
class _LocationPlusForSpace(_LocationEdited):
    """Encodes a space as a plus, which in a path is a plus."""

    def edit(self, location: str, name: str) -> str:
        return location.replace("%20", "+")


@FAULTS.fault("location-encoded-twice", _KEYS, "a key with a character that has to be percent-encoded")
class _LocationEncodedTwice(_LocationEdited):
    """Encodes the keys twice."""

    def edit(self, location: str, name: str) -> str:
        return location.replace("%", "%25")


# Content-Length


class _Counted(Geode):
    """Sends 200 with Content-Length instead of chunks, and as length what `count` says."""

    multi_get_framing = "length"

    def encode(self, request: Request, response: Response) -> bytes:
        length = self.count(response)
        if request.method == "GET" and length is not None and length != len(response.body):
            response = edited(response, plus=(("Content-Length", str(length)), ("Connection", "close")))
        return super().encode(request, response)

    def count(self, response: Response) -> int | None:
        raise NotImplementedError


@FAULTS.fault("length-characters", _LENGTH, "a 200 whose body is not ASCII")
class _LengthCharacters(_Counted):
    """Counts characters for Content-Length, and sends UTF-8."""

    def count(self, response: Response) -> int | None:
        return len(response.body.decode("utf-8", "replace"))


@FAULTS.fault("length-utf-16", _LENGTH, "a 200 with a character beyond the basic plane")
class _LengthUtf16(_Counted):
    """Counts a character beyond the basic plane as two of three bytes each."""

    def count(self, response: Response) -> int | None:
        text = response.body.decode("utf-8", "replace")
        return len(response.body) + 2 * sum(character > "\uffff" for character in text)


@FAULTS.fault("length-of-page", _LENGTH, "a missing key without the parameter")
class _LengthOfPage(_Counted):
    """Sends the 51 of the documentation with every 400 for missing keys."""

    def count(self, response: Response) -> int | None:
        return 51 if response.status == 400 and b"ignoreMissingKey" not in response.body else None


@FAULTS.fault("length-of-404-short", _LENGTH, "a region that does not exist")
class _Length404Short(_Counted):
    """Forgets the quotes when it counts the body of a 404."""

    def count(self, response: Response) -> int | None:
        return max(len(response.body) - 2, 0) if response.status == 404 else None


@FAULTS.fault("length-with-line-end", _LENGTH, "a value of the parameter that is neither true nor false")
class _LengthWithLineEnd(_Counted):
    """Counts a line end that it does not send with a 400 for a bad parameter."""

    def count(self, response: Response) -> int | None:
        return len(response.body) + 2 if b"ignoreMissingKey" in response.body else None


@FAULTS.fault("length-sixteen-bits", _LENGTH, "a body of more than 65535 bytes")
class _LengthSixteenBits(_Counted):
    """Keeps the length in sixteen bits."""

    def count(self, response: Response) -> int | None:
        return len(response.body) % 65_536


@FAULTS.fault("length-two-values", _LENGTH, "every 200")
class _LengthTwoValues(_Counted):
    """Sends the length of the array beside that of the body."""

    def count(self, response: Response) -> int | None:
        return None

    def encode(self, request: Request, response: Response) -> bytes:
        if request.method == "GET" and response.status == 200:
            lengths = (len(response.body), len(response.body) - 2)
            response = edited(response, plus=tuple(("Content-Length", str(length)) for length in lengths))
        return super().encode(request, response)


# Date


class _Dated(Geode):
    """Sends what `date` says."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, mapped(response, "Date", self.date))

    def date(self, date: str) -> str:
        raise NotImplementedError


@FAULTS.fault("date-offset", _DATE, "every answer")
class _DateOffset(_Dated):
    """Writes the zone of a Date as an offset, as mail does."""

    def date(self, date: str) -> str:
        return date.replace("GMT", "+0000")


@FAULTS.fault("date-iso", _DATE, "every answer")
class _DateIso(_Dated):
    """Writes a Date in ISO form."""

    def date(self, date: str) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@FAULTS.fault("date-wrong-weekday", _DATE, "every answer")
class _DateWrongWeekday(_Dated):
    """Begins a Date with tomorrow's day of the week."""

    def date(self, date: str) -> str:
        return formatdate(time.time() + 86_400, usegmt=True)[:3] + date[3:]


@FAULTS.fault("date-seconds-of-error", _DATE, "a missing key without the parameter")
class _DateSecondsOfError(Geode):
    """Writes the Date of an error as seconds since 1970."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return mapped(super().missing(name, keys, missing), "Date", lambda _: str(int(time.time())))


@FAULTS.fault("date-empty", _DATE, "a region that does not exist")
class _DateEmpty(Geode):
    """Sends an empty Date with a 404."""

    def no_region(self, name: str) -> Response:
        response = super().no_region(name)
        return replace(response, headers=tuple((n, "" if n == "Date" else v) for n, v in response.headers))
