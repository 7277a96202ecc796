"""What a server remembers between the same requests, and what it changes by reading."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response, reason_of
from kvgate.reference.jsontext import Number, dump, load

FAULTS = GeodeDeviations()

_REPEATABLE = "geode.safe.repeatable"
_READ_ONLY = "geode.safe.read-only"
_LONG_TEXT = re.compile(r'"(?:[^"\\]|\\.){101,}"')


# Asked again


class _Again(Geode):
    """Answers a multi-key GET that was asked before as `again` says; nothing stored in between makes a difference."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._asked: Counter[str] = Counter()

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if "," not in keys_as_sent or not isinstance(answer, Response):
            return answer
        self._asked[request.target] += 1
        times = self._asked[request.target]
        return answer if times == 1 else self.again(answer, times)

    def again(self, answer: Response, times: int) -> Response:
        raise NotImplementedError


@FAULTS.fault("again-304", _REPEATABLE, "the same request a second time")
class _Again304(_Again):
    """Answers 304 to a second request, which made no condition."""

    def again(self, answer: Response, times: int) -> Response:
        return Response(304, reason_of(304), self.common_headers()) if answer.status == 200 else answer


@FAULTS.fault("again-missing-404", _REPEATABLE, "a missing key, the second time")
class _AgainMissing404(_Again):
    """Remembers that keys were missing, and answers 404 from its memory."""

    def again(self, answer: Response, times: int) -> Response:
        return replace(answer, status=404, reason=reason_of(404)) if answer.status == 400 else answer


@FAULTS.fault("again-shorter", _REPEATABLE, "the same request a second time")
class _AgainShorter(_Again):
    """Loses the last element of the array when it answers from its cache."""

    def again(self, answer: Response, times: int) -> Response:
        values = load(answer.body.decode()) if answer.status == 200 else None
        if not isinstance(values, dict):
            return answer
        cut = {name: array[:-1] if isinstance(array, list) else array for name, array in values.items()}
        return replace(answer, body=dump(cut).encode())


@FAULTS.fault("again-without-location", "geode.location.sent", "the same request a second time")
class _AgainWithoutLocation(_Again):
    """Keeps bodies in its cache and no Content-Location."""

    def again(self, answer: Response, times: int) -> Response:
        return edited(answer, without=("Content-Location",))


@FAULTS.fault("again-counted", _REPEATABLE, "the same request a second time")
class _AgainCounted(Geode):
    """Counts in each document how often it was read before, from the second time on."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._reads: Counter[str] = Counter()

    def render_value(self, text: str | None) -> str:
        value = load(text) if text is not None else None
        if text is None or not isinstance(value, dict):
            return super().render_value(text)
        reads = self._reads[text]
        self._reads[text] += 1
        return dump({**value, "reads": Number(reads)}) if reads else text


@FAULTS.fault("again-from-a-double-cache", _REPEATABLE, "a number a double does not hold, read a second time")
class _AgainFromDoubleCache(Geode):
    """Answers from a cache the second time, which keeps integers as doubles."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._cached: set[str] = set()

    def render_value(self, text: str | None) -> str:
        if text is None or text not in self._cached:
            self._cached.add(text or "")
            return super().render_value(text)
        value = load(text)
        if not isinstance(value, dict):
            return text
        return dump({name: _as_double(member) for name, member in value.items()})


def _as_double(member: Any) -> Any:
    if isinstance(member, Number) and member.removeprefix("-").isdigit() and len(member) < 20:
        return Number(int(float(member)))
    return member


# Reading changes nothing


class _Reading(Geode):
    """Does what `read` says to the region after a multi-key GET of it was answered."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        region = self.region(name)
        if region is not None and "," in keys_as_sent and isinstance(answer, Response):
            self.read(region, self.keys_asked(keys_as_sent), answer.status)
        return answer

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        raise NotImplementedError


@FAULTS.fault("reading-creates-ignored", _READ_ONLY, "a missing key, ignored, and the same key read later")
class _ReadingCreatesIgnored(_Reading):
    """Creates an empty document for each missing key that it answers with null."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        if status == 200:
            for key in keys:
                region.setdefault(key, "{}")


@FAULTS.fault("reading-creates-refused", _READ_ONLY, "a missing key without the parameter, and read later")
class _ReadingCreatesRefused(_Reading):
    """Creates missing keys on the way to the error that says they are missing."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        if status == 400:
            for key in keys:
                region.setdefault(key, "{}")


@FAULTS.fault("reading-removes", _READ_ONLY, "keys read twice")
class _ReadingRemoves(_Reading):
    """Takes the first document out of the region when it hands it out with others."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        if status == 200 and len(keys) > 2:
            region.pop(keys[0], None)


@FAULTS.fault("reading-removes-on-error", _READ_ONLY, "keys that exist beside a missing one, read after the 400")
class _ReadingRemovesOnError(_Reading):
    """Rolls back after an error what it never did: keys that exist are gone after a 400 for others."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        if status == 400:
            for key in keys:
                region.pop(key, None)


@FAULTS.fault("reading-touches", _READ_ONLY, "a document read a second time")
class _ReadingTouches(_Reading):
    """Stores the time of the last read in each document."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        for key in keys:
            value = load(region[key]) if key in region else None
            if isinstance(value, dict):
                region[key] = dump({**value, "lastRead": Number(self.served)})


@FAULTS.fault("reading-writes-back", _READ_ONLY, "a document with a null inside, read a second time")
class _ReadingWritesBack(_Reading):
    """Writes documents back after reading them, without the members that are null."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        for key in keys:
            value = load(region[key]) if key in region else None
            if isinstance(value, dict):
                region[key] = dump({name: member for name, member in value.items() if member is not None})


@FAULTS.fault("reading-evicts", _READ_ONLY, "more than 40 keys, and the first of them read again")
class _ReadingEvicts(_Reading):
    """Has room for forty documents that were read lately: reading more evicts the first, from the region too."""

    def read(self, region: Region, keys: Sequence[str], status: int) -> None:
        for key in keys[:-40]:
            region.pop(key, None)


@FAULTS.fault(
    "texts-known-by-their-ends",
    "geode.body.value-intact",
    "two long texts of one length that begin and end alike",
)
class _KnownByTheirEnds(Geode):
    """Keeps one text for all long ones that are as long and begin and end alike."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._known: dict[tuple[int, str, str], str] = {}

    def look_up(self, region: Region, key: str) -> str | None:
        text = super().look_up(region, key)
        return None if text is None else _LONG_TEXT.sub(self._one_for_all, text)

    def _one_for_all(self, found: re.Match[str]) -> str:
        text = found[0]
        return self._known.setdefault((len(text), text[:32], text[-32:]), text)


class _Stamps(Geode):
    """Leaves under keys of its own what was read last."""

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        answer = super().get_keys(request, name, keys)
        place = self.region(self.stamped(name))
        if place is not None and len(keys) > 1:
            place.update({self.own_key(key): '{"read":true}' for key in keys if self.leaves(key)})
        return answer

    def stamped(self, name: str) -> str:
        return name

    def leaves(self, key: str) -> bool:
        return True

    def own_key(self, key: str) -> str:
        return f"read:{key}"


@FAULTS.fault("reading-leaves-keys-of-its-own", _READ_ONLY, "keys that were read, with the region's keys listed")
class _LeavesKeys(_Stamps):
    """Stores for each key that is read when that was, as another key of its region."""


@FAULTS.fault("reading-leaves-keys-in-empty-region", _READ_ONLY, "keys that were read, with an empty region's listed")
class _LeavesKeysInEmpty(_Stamps):
    """Stores for each key that is read when that was, in a region that nobody writes to."""

    def stamped(self, name: str) -> str:
        return "empty"


@FAULTS.fault("reading-leaves-keys-of-numbers", _READ_ONLY, "numbers as keys, with the region's keys listed")
class _LeavesKeysOfNumbers(_Stamps):
    """Stores for each key that is a number, and read, when that was, under the number with 99 behind it."""

    def leaves(self, key: str) -> bool:
        return key.isdecimal()

    def own_key(self, key: str) -> str:
        return f"{key}99"


@FAULTS.fault("reading-leaves-parts-of-keys", _READ_ONLY, "keys with a dot in them, with the region's keys listed")
class _LeavesParts(_Stamps):
    """Stores for each key with a dot that is read what stands before the dot, as a folder that it is in."""

    def leaves(self, key: str) -> bool:
        return "." in key

    def own_key(self, key: str) -> str:
        return f"{key.partition('.')[0]}:"
