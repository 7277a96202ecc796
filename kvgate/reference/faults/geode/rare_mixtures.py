"""Faults that show where two things come together: a kind of request and a kind of data, or one region and a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations, rewritten
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.jsontext import Json, Number, dump, load

FAULTS = GeodeDeviations()

_WHOLE = "geode.key.whole"
_DECODED = "geode.key.decoded"
_MISSING = "geode.status.missing"
_IGNORED = "geode.status.ignored"
_BAD = "geode.status.bad-parameter"
_ALIGNED = "geode.body.aligned"
_INTACT = "geode.body.value-intact"
_ISOLATED = "geode.safe.isolated"
_REPEATABLE = "geode.safe.repeatable"

Values = Sequence[str | None]


class _Asked(Geode):
    """Knows while it answers which request it answers, and of which region."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.asked: Request | None = None
        self.name = ""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self.asked, self.name = request, name
        try:
            return super().get(request, name, keys_as_sent)
        finally:
            self.asked = None

    @property
    def ignoring(self) -> bool:
        """Whether missing keys are to be ignored."""
        return self.asked is not None and bool(self.read_parameter(self.asked))

    @property
    def in_second(self) -> bool:
        """Whether the region is not the first."""
        return self.asked is not None and self.name != next(iter(self.regions))


def _doubled(node: Json) -> Json:
    large = isinstance(node, Number) and re.fullmatch("-?[0-9]{16,19}", node)
    return Number(int(float(str(node)))) if large else node


# Keys


@FAULTS.fault("mixed-case-if-ignoring", _WHOLE, "a missing key in another case than a stored one, ignored")
class _CaseIfIgnoring(_Asked):
    """Looks keys up another way when missing ones are to be ignored: without regard to case."""

    def look_up(self, region: Region, key: str) -> str | None:
        exact = super().look_up(region, key)
        if exact is not None or not self.ignoring:
            return exact
        return next((value for held, value in region.items() if held.casefold() == key.casefold()), None)


@FAULTS.fault("mixed-dot-in-long-lists", _WHOLE, "more than three keys, of which one has a dot")
class _DotInLongLists(Geode):
    """Reads lists of more than three keys by another parser, which cuts a key at its dot."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        keys = super().keys_asked(sent)
        return keys if len(keys) <= 3 else tuple(key.partition(".")[0] or key for key in keys)


@FAULTS.fault("mixed-not-decoded-with-query", _DECODED, "an encoded key in a request with ignoreMissingKey")
class _NotDecodedWithQuery(_Asked):
    """Decodes the path only when no query follows it."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return tuple(sent.split(",")) if self.asked is not None and self.asked.query else super().keys_asked(sent)


@FAULTS.fault("mixed-digits-zeros-if-all-digits", _WHOLE, "the keys 01 and 1 in a list of digits only")
class _ZerosIfAllDigits(Geode):
    """Takes a list of nothing but digits for integers."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        keys = super().keys_asked(sent)
        return tuple(str(int(key)) for key in keys) if all(re.fullmatch("[0-9]{1,18}", key) for key in keys) else keys


# Statuses


@FAULTS.fault("mixed-missing-in-second-unchecked", _MISSING, "a missing key in the second region")
class _MissingInSecondUnchecked(_Asked):
    """Checks for missing keys in the first region only."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        return () if self.in_second and region else super().missing_keys(region, keys)


@FAULTS.fault("mixed-missing-twice-unchecked", _MISSING, "a list whose only missing key is in it twice")
class _MissingTwiceUnchecked(Geode):
    """Counts found and asked keys apart and compares the wrong ones: a missing key asked for twice passes."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        missing = super().missing_keys(region, keys)
        return tuple(key for key in missing if list(keys).count(key) == 1)


@FAULTS.fault("mixed-ignored-twice-400", _IGNORED, "the same missing key twice, ignored")
class _IgnoredTwice400(_Asked):
    """Gives an error for a missing key that is asked for twice, though it is to be ignored."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys, region = self.keys_asked(keys_as_sent), self.region(name)
        twice = [key for key in keys if keys.count(key) > 1]
        if region is not None and self.read_parameter(request) and (missing := self.missing_keys(region, twice)):
            return self.missing(name, keys, missing)
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("mixed-ignored-many-400", _IGNORED, "more than ten missing keys, ignored")
class _IgnoredMany400(_Asked):
    """Ignores ten missing keys at most."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys, region = self.keys_asked(keys_as_sent), self.region(name)
        if region is not None and self.read_parameter(request) and len(self.missing_keys(region, keys)) > 10:
            return self.missing(name, keys, self.missing_keys(region, keys))
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("mixed-bad-in-second-unchecked", _BAD, "a bad value of the parameter in the second region")
class _BadInSecondUnchecked(_Asked):
    """Checks the parameter in the first region only; elsewhere a bad value is false."""

    def read_parameter(self, request: Request) -> bool | None:
        valid = super().read_parameter(request)
        return False if valid is None and self.in_second and self.name in self.regions else valid


@FAULTS.fault("mixed-bad-in-empty-true", _BAD, "a bad value of the parameter in the empty region")
class _BadInEmptyTrue(_Asked):
    """Answers nulls for an empty region before it reads the parameter, unless that is false or absent."""

    def read_parameter(self, request: Request) -> bool | None:
        valid = super().read_parameter(request)
        return True if valid is None and self.regions.get(self.name) == {} else valid


@FAULTS.fault("mixed-no-region-many-400", "geode.status.no-region", "three keys or more of an unknown region")
class _NoRegionMany400(Geode):
    """Takes the keys of an unknown region for missing ones from three on: 400."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys = self.keys_asked(keys_as_sent)
        if self.region(name) is None and len(keys) > 2 and self.read_parameter(request) is not None:
            return self.missing(name, keys, keys)
        return super().get(request, name, keys_as_sent)


# The array


@FAULTS.fault("mixed-digits-first", _ALIGNED, "a key of digits after one that has others")
class _DigitsFirst(Geode):
    """Keeps values in an object of JavaScript: keys of digits come first, as numbers, then the others as asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        digits = sorted((key for key in keys if re.fullmatch("0|[1-9][0-9]{0,30}", key)), key=int)
        return super().values_of(region, [*digits, *(key for key in keys if key not in digits)])


@FAULTS.fault("mixed-swapped-if-missing", _ALIGNED, "a missing key between two that exist, ignored")
class _SwappedIfMissing(Geode):
    """Fills the gaps of missing keys from behind: the values after the first null come in reverse."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = list(super().values_of(region, keys))
        if None not in values:
            return values
        first = values.index(None)
        found = [value for value in values[first:] if value is not None]
        return [*values[:first], *(found.pop() if value is not None else None for value in values[first:])]


@FAULTS.fault(
    "mixed-second-region-empty-object", "geode.body.missing-null", "a missing key of the second region, ignored"
)
class _SecondRegionEmptyObject(_Asked):
    """Answers an empty object for a missing key of a region that has a value type."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        return ["{}" if value is None else value for value in values] if self.in_second and region else values


@FAULTS.fault("mixed-holes", "geode.body.strict-json", "a missing key that is not the last, ignored")
class _Holes(Geode):
    """Writes nothing where a key is missing: [,{"n":1}]."""

    def render_values(self, name: str, values: Values) -> bytes:
        body = super().render_values(name, values)
        return re.sub(rb"(?<=[\[,])null(?=,)", b"", body) if values and values[0] is None else body


@FAULTS.fault("mixed-empty-region-unnamed", "geode.body.region-member", "the empty region, missing keys ignored")
class _EmptyRegionUnnamed(Geode):
    """Takes the member's name from a document: null when there is none."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(name if any(value is not None for value in values) else "null", values)


# Values


@FAULTS.fault("mixed-doubles-if-missing", _INTACT, "an integer beyond 2^53 beside a missing key, ignored")
class _DoublesIfMissing(Geode):
    """Writes arrays that have a null by another serialiser, which keeps integers as doubles."""

    def render_values(self, name: str, values: Values) -> bytes:
        if None in values:
            values = [dump(rewritten(load(value), _doubled)) if value is not None else None for value in values]
        return super().render_values(name, values)


@FAULTS.value_fault("mixed-doubles-in-arrays", "an integer beyond 2^53 in an array inside a document")
def doubles_in_arrays(node: Json) -> Json:
    """Keeps integers in arrays as doubles, and those that are members exactly."""
    return [_doubled(element) for element in node] if isinstance(node, list) else node


@FAULTS.value_fault("mixed-texts-in-arrays-trimmed", "a text with a space at its end in an array inside a document")
def texts_in_arrays_trimmed(node: Json) -> Json:
    """Trims texts in arrays."""
    if not isinstance(node, list):
        return node
    return [element.strip() if type(element) is str else element for element in node]


@FAULTS.value_fault("mixed-null-deep-dropped", "a null in an object inside a document", whole=True)
def null_deep_dropped(node: Json) -> Json:
    """Drops members that are null from the objects inside a document, not from the document."""
    if not isinstance(node, dict):
        return node
    return {name: rewritten(member, _null_dropped) for name, member in node.items()}


def _null_dropped(node: Json) -> Json:
    return {name: member for name, member in node.items() if member is not None} if isinstance(node, dict) else node


@FAULTS.value_fault("mixed-large-fraction", "a fraction of more than 2^24 and digits behind the point")
def large_fraction(node: Json) -> Json:
    """Drops the fraction of numbers beyond 2^24: 123456789.25 becomes 123456789."""
    match = re.fullmatch(r"(-?[0-9]+)\.[0-9]+", node) if isinstance(node, Number) else None
    return Number(match[1]) if match and abs(int(match[1])) > 2**24 else node


# Errors and headers


@FAULTS.fault("mixed-second-region-error-type", "geode.type.json", "a missing key in the second region")
class _SecondRegionErrorType(Geode):
    """Calls the error for missing keys text/plain for all regions but the first."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        error = super().missing(name, keys, missing)
        if name == next(iter(self.regions)):
            return error
        return edited(error, without=("Content-Type",), plus=(("Content-Type", "text/plain"),))


@FAULTS.fault("mixed-error-latin-1", "geode.error.json", "a missing key that is not ASCII (SHOULD)")
class _ErrorLatin1(Geode):
    """Writes errors as ISO-8859-1: no JSON when a key is not ASCII."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        error = super().missing(name, keys, missing)
        return replace(error, body=error.body.decode("utf-8", "replace").encode("latin-1", "replace"))


@FAULTS.fault("mixed-length-without-nulls", "geode.length.true", "a missing key, ignored")
class _LengthWithoutNulls(Geode):
    """Sends Content-Length, and counts no byte for a null of the array."""

    multi_get_framing = "length"

    def encode(self, request: Request, response: Response) -> bytes:
        nulls = len(re.findall(rb"(?<=[\[,])null(?=[,\]])", response.body))
        if request.method == "GET" and response.status == 200 and nulls and "," in request.path:
            length = str(len(response.body) - 4 * nulls)
            response = edited(response, plus=(("Content-Length", length), ("Connection", "close")))
        return super().encode(request, response)


@FAULTS.fault("mixed-location-empty-region", "geode.location.names-keys", "the empty region, missing keys ignored")
class _LocationEmptyRegion(Geode):
    """Names no key in Content-Location when none was found."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        region = self.regions.get(name, Region())
        found = any(self.look_up(region, key) is not None for key in keys)
        return super().content_location(request, name, keys if found else ())


# Between requests


@FAULTS.fault("mixed-no-region-again-400", _REPEATABLE, "an unknown region, the second time")
class _NoRegionAgain400(Geode):
    """Remembers a region that does not exist, and answers 400 from its memory."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._unknown: set[str] = set()

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if not isinstance(answer, Response) or answer.status != 404 or "," not in keys_as_sent:
            return answer
        again = request.target in self._unknown
        self._unknown.add(request.target)
        return replace(answer, status=400, reason="Bad Request") if again else answer


@FAULTS.fault("mixed-bad-again-accepted", _REPEATABLE, "a bad value of the parameter, the second time")
class _BadAgainAccepted(Geode):
    """Checks a value of the parameter the first time it meets it in a URL, and never again."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._checked: set[str] = set()

    def read_parameter(self, request: Request) -> bool | None:
        valid = super().read_parameter(request)
        again = request.target in self._checked
        self._checked.add(request.target)
        return False if valid is None and again else valid


@FAULTS.fault(
    "mixed-connection-keeps-parameter", _ISOLATED, "a missing key after ignoreMissingKey=true on one connection"
)
class _ConnectionKeepsParameter(Geode):
    """Keeps ignoreMissingKey=true for the rest of a connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._ignoring: set[int] = set()

    def read_parameter(self, request: Request) -> bool | None:
        valid = super().read_parameter(request)
        if valid:
            self._ignoring.add(request.connection)
        return True if valid is False and request.connection in self._ignoring else valid


@FAULTS.fault("mixed-connection-error-stays", _ISOLATED, "a 200 after a 400 on one connection")
class _ConnectionErrorStays(Geode):
    """Does not clear the error of a connection: what follows a 400 gets it again."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._errors: dict[int, Answer] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = self._errors.get(request.connection, super().get(request, name, keys_as_sent))
        if isinstance(answer, Response) and answer.status == 400:
            self._errors[request.connection] = answer
        return answer


@FAULTS.fault("mixed-reading-copies", "geode.safe.read-only", "a key of one region, read, then asked of another")
class _ReadingCopies(Geode):
    """Copies what it reads into the other regions, which are near it."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        read = self.regions.get(name, Region())
        for key in self.keys_asked(keys_as_sent) if "," in keys_as_sent else ():
            for region in self.regions.values():
                if key in read and region:
                    region.setdefault(key, read[key])
        return answer
