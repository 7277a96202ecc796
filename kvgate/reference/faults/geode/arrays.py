"""How many elements the array has, which key each belongs to, what stands for a missing key, what holds the array."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import json
from collections.abc import Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Request
from kvgate.reference.javahash import hash_map_order

FAULTS = GeodeDeviations()

_ONE_PER_KEY = "geode.body.one-per-key"
_ALIGNED = "geode.body.aligned"
_NULL = "geode.body.missing-null"
_MEMBER = "geode.body.region-member"

Values = Sequence[str | None]


# A missing key is null in its place


@FAULTS.fault("null-left-out", _NULL, "a missing key, ignored")
class _NullLeftOut(Geode):
    """Leaves missing keys out of the array; Content-Location names them all the same."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return [value for value in super().values_of(region, keys) if value is not None]


@FAULTS.fault("null-and-location-left-out", _NULL, "a missing key, ignored")
class _NullAndLocationLeftOut(Geode):
    """Answers for the keys that exist only, in the array and in Content-Location."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return [value for value in super().values_of(region, keys) if value is not None]

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        region = self.regions.get(name, Region())
        return super().content_location(request, name, [key for key in keys if self.look_up(region, key) is not None])


@FAULTS.fault("nulls-at-end-left-out", _NULL, "the last key missing, ignored")
class _NullsAtEndLeftOut(Geode):
    """Ends the array with the last value found: nulls that would follow it are left out."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = list(super().values_of(region, keys))
        while values and values[-1] is None:
            values.pop()
        return values


@FAULTS.fault("all-missing-empty-array", _NULL, "all keys missing, ignored")
class _AllMissingEmptyArray(Geode):
    """Answers an empty array when no key was found."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        return values if any(value is not None for value in values) else []


@FAULTS.fault("missing-empty-object", _NULL, "a missing key, ignored")
class _MissingEmptyObject(Geode):
    """Answers an empty object for a missing key."""

    def render_value(self, text: str | None) -> str:
        return "{}" if text is None else text


@FAULTS.fault("missing-text-null", _NULL, "a missing key, ignored")
class _MissingTextNull(Geode):
    """Answers the text "null" for a missing key."""

    def render_value(self, text: str | None) -> str:
        return '"null"' if text is None else text


@FAULTS.fault("missing-repeats-previous", _NULL, "a key missing after one that exists, ignored")
class _MissingRepeatsPrevious(Geode):
    """Does not clear its variable between keys: a missing key gets the value of the one before."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values: list[str | None] = []
        for value in super().values_of(region, keys):
            values.append(value if value is not None or not values else values[-1])
        return values


@FAULTS.fault("empty-region-no-nulls", _NULL, "the empty region, missing keys ignored")
class _EmptyRegionNoNulls(Geode):
    """Does not look at the keys when the region holds nothing: an empty array."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, keys) if region else []


# One element per key


@FAULTS.fault("nulls-collapsed", _ONE_PER_KEY, "two missing keys side by side, ignored")
class _NullsCollapsed(Geode):
    """Writes one null for a row of missing keys."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values: list[str | None] = []
        for value in super().values_of(region, keys):
            if value is not None or not values or values[-1] is not None:
                values.append(value)
        return values


@FAULTS.fault("array-cap-50", _ONE_PER_KEY, "more than 50 keys")
class _ArrayCap50(Geode):
    """Ends the array after 50 elements, the limit that reading a whole region has."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, keys)[:50]


@FAULTS.fault("array-cap-32", _ONE_PER_KEY, "more than 32 keys")
class _ArrayCap32(Geode):
    """Reads the first 32 keys, in the array and in Content-Location."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return super().order(keys)[:32]


@FAULTS.fault("array-loses-at-batch-end", _ONE_PER_KEY, "more than ten keys")
class _ArrayLosesAtBatchEnd(Geode):
    """Reads batches of ten and loses the last key of each batch that another one follows."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        return [value for index, value in enumerate(values, 1) if index % 10 or index == len(values)]


@FAULTS.fault("array-repeats-at-batch-end", _ONE_PER_KEY, "more than sixteen keys")
class _ArrayRepeatsAtBatchEnd(Geode):
    """Reads batches of sixteen that overlap by one: the first of each later batch is there twice."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        return [value for index, value in enumerate(values) for _ in range(2 if index and index % 16 == 0 else 1)]


@FAULTS.fault("array-null-terminated", _ONE_PER_KEY, "three keys or more")
class _ArrayNullTerminated(Geode):
    """Ends the array with a null of its own, out of a buffer that is one too long, from three keys on."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        return [*values, None] if len(values) > 2 else values


@FAULTS.fault("equal-values-merged", _ONE_PER_KEY, "two keys that hold the same document")
class _EqualValuesMerged(Geode):
    """Collects the values in a set: equal documents are there once."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        seen: set[str] = set()
        merged: list[str | None] = []
        for value in super().values_of(region, keys):
            if value is None or value not in seen:
                merged.append(value)
                seen.add(value or "")
        return merged


@FAULTS.fault("duplicate-once-in-array", _ONE_PER_KEY, "the same key twice")
class _DuplicateOnceInArray(Geode):
    """Answers a key that was asked for twice once, though Content-Location names it twice."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, tuple(dict.fromkeys(keys)))


# Which key an element belongs to


@FAULTS.fault("array-reversed", _ALIGNED, "any keys that hold different values")
class _ArrayReversed(Geode):
    """Answers the array in reverse, Content-Location in the order asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, keys)[::-1]


@FAULTS.fault("array-sorted", _ALIGNED, "keys that are not asked for in sorted order")
class _ArraySorted(Geode):
    """Answers the values in the order of the sorted keys, Content-Location in the order asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, sorted(keys))


@FAULTS.fault("location-sorted", _ALIGNED, "keys that are not asked for in sorted order")
class _LocationSorted(Geode):
    """Answers the values in the order asked, Content-Location sorted."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return super().content_location(request, name, sorted(keys))


@FAULTS.fault("array-hash-order", _ALIGNED, "keys whose order in a hash map is not that of the request")
class _ArrayHashOrder(Geode):
    """Answers the values as a hash map walks its keys, Content-Location in the order asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, hash_map_order(keys))


@FAULTS.fault("array-stored-order", _ALIGNED, "keys asked for in another order than they were stored in")
class _ArrayStoredOrder(Geode):
    """Walks the region and picks the keys asked for: values come in the order of storing, then the nulls."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        found = [key for key in region if key in keys]
        return super().values_of(region, [*found, *(key for key in keys if key not in region)])


@FAULTS.fault("array-sorted-by-length", _ALIGNED, "keys of different lengths, a longer one before a shorter")
class _ArraySortedByLength(Geode):
    """Sorts numeric keys as numbers by putting shorter ones first, Content-Location in the order asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return super().values_of(region, sorted(keys, key=len))


@FAULTS.fault("nulls-last", _ALIGNED, "a key missing before one that exists, ignored")
class _NullsLast(Geode):
    """Puts the nulls behind the values, Content-Location in the order asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return sorted(super().values_of(region, keys), key=lambda value: value is None)


@FAULTS.fault("nulls-first", _ALIGNED, "a key missing after one that exists, ignored")
class _NullsFirst(Geode):
    """Puts the nulls before the values, Content-Location in the order asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        return sorted(super().values_of(region, keys), key=lambda value: value is not None)


@FAULTS.fault("batches-by-arrival", _ALIGNED, "more than sixteen keys")
class _BatchesByArrival(Geode):
    """Reads batches of sixteen keys at the same time and joins them as they come in: the short last one first."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        full = len(values) - len(values) % 16
        return [*values[full:], *values[:full]]


@FAULTS.fault("swapped-in-last-pair", _ALIGNED, "an odd number of keys from five on")
class _SwappedInLastPair(Geode):
    """Unrolls its loop by two and handles an odd rest wrongly: the last two values are swapped."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = list(super().values_of(region, keys))
        if len(values) >= 5 and len(values) % 2:
            values[-2:] = values[:-3:-1]
        return values


@FAULTS.fault("duplicate-null-second", "geode.body.value-intact", "the same key twice")
class _DuplicateNullSecond(Geode):
    """Takes each value out of its result when it writes it: a key's second mention gets null."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        found = {key: self.look_up(region, key) for key in keys}
        return [found.pop(key, None) for key in keys]


# What holds the array


@FAULTS.fault("member-of-first-region", _MEMBER, "the second region")
class _MemberOfFirstRegion(Geode):
    """Names the member by the first region, whichever is asked."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(next(iter(self.regions)), values)


@FAULTS.fault("member-capitalised", _MEMBER, "any region whose name begins with a small letter")
class _MemberCapitalised(Geode):
    """Names the member like a class: Orders for orders."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(name.capitalize(), values)


@FAULTS.fault("member-count-beside", _MEMBER, "every 200")
class _MemberCountBeside(Geode):
    """Adds a second member that counts the elements."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(name, values)[:-1] + b',"count":%d}' % len(values)


@FAULTS.fault("member-missing-beside", _MEMBER, "a missing key, ignored")
class _MemberMissingBeside(Geode):
    """Adds a second member that counts the missing keys, where there are any."""

    def render_values(self, name: str, values: Values) -> bytes:
        missing = sum(value is None for value in values)
        body = super().render_values(name, values)
        return body[:-1] + b',"missing":%d}' % missing if missing else body


@FAULTS.fault("array-bare", _MEMBER, "every 200")
class _ArrayBare(Geode):
    """Answers the array itself, without an object around it."""

    def render_values(self, name: str, values: Values) -> bytes:
        return f"[{','.join(map(self.render_value, values))}]".encode()


@FAULTS.fault("array-null-if-all-missing", _MEMBER, "all keys missing, ignored")
class _ArrayNullIfAllMissing(Geode):
    """Answers null in place of an array of nulls."""

    def render_values(self, name: str, values: Values) -> bytes:
        if any(value is not None for value in values):
            return super().render_values(name, values)
        return f"{{{json.dumps(name)}:null}}".encode()


@FAULTS.fault("array-by-index", _MEMBER, "every 200")
class _ArrayByIndex(Geode):
    """Writes the array as an object whose members are 0, 1, 2 and so on."""

    def render_values(self, name: str, values: Values) -> bytes:
        members = ",".join(f'"{index}":{self.render_value(value)}' for index, value in enumerate(values))
        return f"{{{json.dumps(name)}:{{{members}}}}}".encode()


@FAULTS.fault("array-unwrapped-if-one-found", _MEMBER, "exactly one of several keys exists, ignored")
class _ArrayUnwrappedIfOneFound(Geode):
    """Answers the value itself in place of the array when it is the only one."""

    def render_values(self, name: str, values: Values) -> bytes:
        found = [value for value in values if value is not None]
        if len(found) != 1:
            return super().render_values(name, values)
        return f"{{{json.dumps(name)}:{self.render_value(found[0])}}}".encode()
