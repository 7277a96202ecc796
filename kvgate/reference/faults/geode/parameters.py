"""What ignoreMissingKey is taken for, which keys count as missing, and regions that are not there."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response, reason_of

FAULTS = GeodeDeviations()
_VALID = {"true": True, "false": False}

_IGNORED = "geode.status.ignored"
_MISSING = "geode.status.missing"
_BAD = "geode.status.bad-parameter"
_VALUES = "geode.parameter.values"
_NO_REGION = "geode.status.no-region"


def _valid(values: tuple[str, ...]) -> bool | None:
    if not values:
        return False
    return _VALID.get(values[0]) if len(values) == 1 else None


def _missing_of(geode: Geode, request: Request, name: str, keys_as_sent: str) -> tuple[tuple[str, ...], bool | None]:
    """The missing keys of a multi-key GET (none where the region is not there), and the parameter."""
    keys, region = geode.keys_asked(keys_as_sent), geode.region(name)
    missing = geode.missing_keys(region, keys) if region is not None and len(keys) > 1 else ()
    return missing, geode.read_parameter(request)


# What the value is taken for


@FAULTS.parameter_fault("parameter-never-read", _IGNORED, "a missing key with ignoreMissingKey=true")
def never_read(values: tuple[str, ...]) -> bool | None:
    """Checks the parameter and then forgets it: a missing key is an error with true as well."""
    return None if _valid(values) is None else False


@FAULTS.parameter_fault("parameter-default-true", _MISSING, "a missing key without the parameter")
def default_true(values: tuple[str, ...]) -> bool | None:
    """Takes true for the default."""
    return _valid(values) if values else True


@FAULTS.parameter_fault("parameter-truthy", _MISSING, "a missing key with ignoreMissingKey=false")
def truthy(values: tuple[str, ...]) -> bool | None:
    """Asks whether the parameter is there: the text false is as true as any other."""
    valid = _valid(values)
    return bool(values) if valid is not None else None


@FAULTS.parameter_fault("parameter-false-refused", _VALUES, "ignoreMissingKey=false with keys that exist")
def false_refused(values: tuple[str, ...]) -> bool | None:
    """Knows only the value true, and refuses false as it refuses any other."""
    return _valid(values) or (False if not values else None)


@FAULTS.fault("parameter-true-refused-if-needless", _VALUES, "ignoreMissingKey=true with keys that all exist")
class _TrueRefusedIfNeedless(Geode):
    """Refuses ignoreMissingKey=true as contradictory when no key is missing."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        missing, ignore = _missing_of(self, request, name, keys_as_sent)
        if ignore and not missing and name in self.regions:
            return self.bad_parameter(request)
        return super().get(request, name, keys_as_sent)


@FAULTS.parameter_fault("parameter-not-false-is-true", _BAD, "a value like yes, 1 or maybe")
def not_false_is_true(values: tuple[str, ...]) -> bool | None:
    """Takes every value but false for true, and refuses none."""
    return bool(values) and values[0] != "false"


@FAULTS.parameter_fault("parameter-not-true-is-false", _BAD, "a value like yes, 1 or maybe")
def not_true_is_false(values: tuple[str, ...]) -> bool | None:
    """Takes every value but true for false, and refuses none, as Boolean.parseBoolean does."""
    return bool(values) and values[0] == "true"


@FAULTS.parameter_fault("parameter-prefix", _BAD, "a value that begins with true or false: trueish, falsey")
def prefix(values: tuple[str, ...]) -> bool | None:
    """Looks at the beginning of the value only."""
    given = values[0] if values else "false"
    return True if given.startswith("true") else False if given.startswith("false") else None


@FAULTS.parameter_fault("parameter-abbreviated", _BAD, "a value that is the beginning of true or false: t, fal")
def abbreviated(values: tuple[str, ...]) -> bool | None:
    """Accepts abbreviations of true and false."""
    given = values[0] if values else "false"
    return next((value for name, value in _VALID.items() if given and name.startswith(given)), None)


@FAULTS.parameter_fault("parameter-empty-is-absent", _BAD, "ignoreMissingKey= with keys that exist")
def empty_is_absent(values: tuple[str, ...]) -> bool | None:
    """Takes an empty value for none."""
    return _valid(tuple(value for value in values if value))


@FAULTS.parameter_fault("parameter-numbers", _BAD, "the values 1 and 0")
def numbers(values: tuple[str, ...]) -> bool | None:
    """Accepts 1 for true and 0 for false."""
    return _valid(tuple({"1": "true", "0": "false"}.get(value, value) for value in values))


@FAULTS.fault("bad-parameter-only-if-missing", _BAD, "a value neither true nor false, with keys that all exist")
class _BadParameterOnlyIfMissing(Geode):
    """Reads the parameter only once a key was found missing."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        missing, ignore = _missing_of(self, request, name, keys_as_sent)
        if ignore is None and not missing and name in self.regions:
            path, _, _ = request.target.partition("?")
            request = Request(request.method, path, request.version, request.headers)
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("bad-parameter-only-if-found", _BAD, "a value neither true nor false, with a key missing")
class _BadParameterOnlyIfFound(Geode):
    """Answers a bad value like true when a key is missing, having asked for the strict false only."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        missing, ignore = _missing_of(self, request, name, keys_as_sent)
        if ignore is None and missing:
            target = request.target.partition("?")[0] + "?ignoreMissingKey=true"
            request = Request(request.method, target, request.version, request.headers)
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("bad-parameter-500", _BAD, "a value neither true nor false")
class _BadParameter500(Geode):
    """Lets the exception of the conversion through: 500 for a value that is no boolean."""

    def bad_parameter(self, request: Request) -> Response:
        return self.error(500, self.bad_parameter_text(request))


@FAULTS.fault("bad-parameter-beyond-ascii-500", _BAD, "a value with a letter beyond ASCII")
class _BadParameterBeyondAscii(Geode):
    """Encodes a wrong value as ASCII to tell of it, and fails where it is none: 500."""

    def bad_parameter(self, request: Request) -> Response:
        if not "".join(self.parameter_values(request)).isascii():
            return self.error(500, "ordinal not in range(128)")
        return super().bad_parameter(request)


@FAULTS.parameter_fault("parameter-trimmed-of-every-space", _BAD, "true and a no-break space")
def trimmed_of_every_space(values: tuple[str, ...]) -> bool | None:
    """Trims a value of white space beyond ASCII, as a library of texts does."""
    return _valid(tuple(value.strip("\u00a0\u3000\ufeff") for value in values))


@FAULTS.parameter_fault("parameter-folded-to-ascii", _BAD, "true in letters of full width")
def folded_to_ascii(values: tuple[str, ...]) -> bool | None:
    """Normalises a value before it is compared: letters of full width are plain."""
    return _valid(tuple(unicodedata.normalize("NFKC", value) for value in values))


@FAULTS.parameter_fault("parameter-long-cut", _BAD, "a value of 2,000 letters that begins with true")
def long_cut(values: tuple[str, ...]) -> bool | None:
    """Keeps values in a field of four letters where they are longer than a thousand."""
    return _valid(tuple(value[:4] if len(value) > 1000 else value for value in values))


# Which keys are missing, and what becomes of it


@FAULTS.fault("missing-only-if-all", _MISSING, "some keys exist and some don't, without the parameter")
class _MissingOnlyIfAll(Geode):
    """Gives an error when all keys are missing, and nulls when some are."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        missing = super().missing_keys(region, keys)
        return missing if len(missing) == len(set(keys)) else ()


@FAULTS.fault("missing-last-unchecked", _MISSING, "only the last key is missing, without the parameter")
class _MissingLastUnchecked(Geode):
    """Looks for missing keys in all but the last, by an index that ends one short."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        return super().missing_keys(region, keys[:-1])


@FAULTS.fault("missing-first-unchecked", _MISSING, "only the first key is missing, without the parameter")
class _MissingFirstUnchecked(Geode):
    """Looks for missing keys from the second on, by an index that starts at one."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        return super().missing_keys(region, keys[1:])


@FAULTS.fault("missing-ends-checked", _MISSING, "only a key in the middle is missing, without the parameter")
class _MissingEndsChecked(Geode):
    """Checks the first and the last key of the list only."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        return super().missing_keys(region, (keys[0], keys[-1]))


@FAULTS.fault("missing-beyond-20-unchecked", _MISSING, "more than 20 keys, missing from the 21st on only")
class _MissingBeyond20Unchecked(Geode):
    """Looks for missing keys in the first twenty only."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        return super().missing_keys(region, keys[:20])


@FAULTS.fault("missing-404", _MISSING, "a missing key without the parameter")
class _Missing404(Geode):
    """Answers 404 for missing keys, as it does for a single one."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        return self.error(404, self.missing_text(name, missing))


@FAULTS.fault("missing-200-with-error", _MISSING, "a missing key without the parameter")
class _Missing200WithError(Geode):
    """Says the error for missing keys in the body of a 200."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        error = super().missing(name, keys, missing)
        return Response(200, reason_of(200), error.headers, error.body)


@FAULTS.fault("ignored-404-if-all-missing", _IGNORED, "all keys missing, ignoreMissingKey=true")
class _Ignored404IfAllMissing(Geode):
    """Answers 404 when nothing at all was found, though missing keys are to be ignored."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        missing, ignore = _missing_of(self, request, name, keys_as_sent)
        if ignore and missing and len(missing) == len(set(self.keys_asked(keys_as_sent))):
            return self.error(404, self.missing_text(name, missing))
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("ignored-204-if-all-missing", _IGNORED, "all keys missing, ignoreMissingKey=true")
class _Ignored204IfAllMissing(Geode):
    """Answers 204 without a body when nothing at all was found."""

    def render_values(self, name: str, values: Sequence[str | None]) -> bytes:
        return super().render_values(name, values) if any(value is not None for value in values) else b""

    def encode(self, request: Request, response: Response) -> bytes:
        if request.method == "GET" and response.status == 200 and not response.body:
            response = Response(204, reason_of(204), response.headers)
        return super().encode(request, response)


@FAULTS.fault("ignored-but-first", _IGNORED, "the first key missing, ignoreMissingKey=true")
class _IgnoredButFirst(Geode):
    """Ignores missing keys, but takes a first one missing for an empty answer: 400."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        missing, ignore = _missing_of(self, request, name, keys_as_sent)
        if ignore and missing and missing[0] == self.keys_asked(keys_as_sent)[0]:
            return self.missing(name, missing, missing)
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("ignored-but-two", _IGNORED, "two or more keys missing, ignoreMissingKey=true")
class _IgnoredButTwo(Geode):
    """Ignores one missing key, and gives an error for more."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        missing, ignore = _missing_of(self, request, name, keys_as_sent)
        if ignore and len(missing) > 1:
            return self.missing(name, missing, missing)
        return super().get(request, name, keys_as_sent)


# Regions


@FAULTS.fault("no-region-400", _NO_REGION, "a region that does not exist")
class _NoRegion400(Geode):
    """Answers 400 for a region that does not exist."""

    def no_region(self, name: str) -> Response:
        return self.error(400, self.no_region_text(name))


@FAULTS.fault("no-region-like-empty", _NO_REGION, "a region that does not exist")
class _NoRegionLikeEmpty(Geode):
    """Takes a region that does not exist for an empty one."""

    def region(self, name: str) -> Region | None:
        return self.regions.get(name, Region())


@FAULTS.fault("no-region-ignored", _NO_REGION, "a region that does not exist, with ignoreMissingKey=true")
class _NoRegionIgnored(Geode):
    """With ignoreMissingKey=true ignores a missing region like a missing key: nulls."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys = self.keys_asked(keys_as_sent)
        if name in self.regions or len(keys) == 1 or not self.read_parameter(request):
            return super().get(request, name, keys_as_sent)
        headers = self.ok_headers(request, self.content_location(request, name, keys))
        return Response(200, "OK", headers, self.render_values(name, [None] * len(keys)), self.multi_get_framing)


@FAULTS.fault("no-region-small-letters", _NO_REGION, "the name of a region with capitals for small letters")
class _NoRegionSmallLetters(Geode):
    """Finds regions whatever the case of their letters."""

    def region(self, name: str) -> Region | None:
        return next((region for known, region in self.regions.items() if known.lower() == name.lower()), None)


@FAULTS.fault("no-region-created", _NO_REGION, "a region that does not exist, asked for before", unsteady=True)
class _NoRegionCreated(Geode):
    """Creates a region the first time it is asked for: the next request finds it empty."""

    def no_region(self, name: str) -> Response:
        self.regions[name] = Region()
        return super().no_region(name)


@FAULTS.fault("no-region-500", _NO_REGION, "a region that does not exist")
class _NoRegion500(Geode):
    """Runs into a null pointer where the region should be: 500."""

    def no_region(self, name: str) -> Response:
        return self.error(500, self.no_region_text(name))


@FAULTS.fault("region-empty-is-none", _MISSING, "the empty region, without the parameter")
class _RegionEmptyIsNone(Geode):
    """Asks for the truth of the region instead of its being there: an empty one gets 404."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        # In a GET only, so that a state can be put in place.
        return super().get(request, name, keys_as_sent) if self.regions.get(name) else self.no_region(name)


@FAULTS.fault(
    "parameter-remembered", _MISSING, "a missing key without the parameter, after a request with true", unsteady=True
)
class _ParameterRemembered(Geode):
    """Keeps the parameter of a request as the default of all that follow."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._default = False

    def read_parameter(self, request: Request) -> bool | None:
        if not self.parameter_values(request):
            return self._default
        valid = super().read_parameter(request)
        self._default = bool(valid)
        return valid
