"""What a server remembers between requests, mixes up between two at the same time, or changes by reading."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited, value_in
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Pair, Request, Response, reason_of
from kvgate.reference.jsontext import Number, dump, load

FAULTS = GeodeDeviations()

_REPEATABLE = "geode.safe.repeatable"
_READ_ONLY = "geode.safe.read-only"
_ISOLATED = "geode.safe.isolated"


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


@FAULTS.fault("again-empty", _REPEATABLE, "the same request a second time")
class _AgainEmpty(_Again):
    """Has spent the stream of the body when it is asked again."""

    def again(self, answer: Response, times: int) -> Response:
        return replace(answer, body=b"") if answer.status == 200 else answer


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


@FAULTS.fault("again-without-location", _REPEATABLE, "the same request a second time")
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


# No answer carries another's


@FAULTS.fault("connection-keeps-location", _ISOLATED, "a 400 after a 200 on one connection")
class _ConnectionKeepsLocation(Geode):
    """Clears headers only when it sets them anew: Content-Location of a 200 goes out with the errors that follow it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._locations: dict[int, Pair] = {}

    def encode(self, request: Request, response: Response) -> bytes:
        location = value_in(response, "Content-Location")
        if location is not None:
            self._locations[request.connection] = ("Content-Location", location)
        elif request.connection in self._locations:
            response = edited(response, plus=(self._locations[request.connection],))
        return super().encode(request, response)


@FAULTS.fault("connection-keeps-answer", _ISOLATED, "the same keys with and without ignoreMissingKey on one connection")
class _ConnectionKeepsAnswer(Geode):
    """Answers the same path on one connection as before, whatever the parameter says now."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._last: dict[int, tuple[str, Answer]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        path, answer = self._last.get(request.connection, ("", None))
        if answer is None or path != request.path:
            answer = super().get(request, name, keys_as_sent)
            self._last[request.connection] = request.path, answer
        return answer


@FAULTS.fault("connection-array-grows", _ISOLATED, "two 200s on one connection")
class _ConnectionArrayGrows(Geode):
    """Does not clear the array between two requests of a connection: the second answer begins with the first's."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connection = 0
        self._values: dict[int, list[str | None]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._connection = request.connection
        return super().get(request, name, keys_as_sent)

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        values = self._values.setdefault(self._connection, [])
        values += super().values_of(region, keys)
        return tuple(values)


@FAULTS.fault("connection-nulls-filled", _ISOLATED, "a missing key, ignored, after a 200 on one connection")
class _ConnectionNullsFilled(Geode):
    """Uses the array of a connection's last answer again: a missing key leaves in it what stood there."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connection = 0
        self._values: dict[int, list[str | None]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._connection = request.connection
        return super().get(request, name, keys_as_sent)

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        before = self._values.get(self._connection, [])
        values = [
            value if value is not None or index >= len(before) else before[index]
            for index, value in enumerate(super().values_of(region, keys))
        ]
        self._values[self._connection] = values
        return values


@FAULTS.fault("connection-keeps-region", _ISOLATED, "two regions asked on one connection")
class _ConnectionKeepsRegion(Geode):
    """Looks the region up once for a connection: the second request reads the first one's."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connection = 0
        self._regions: dict[int, Region] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._connection = request.connection
        try:
            return super().get(request, name, keys_as_sent)
        finally:
            self._connection = 0

    def region(self, name: str) -> Region | None:
        region = super().region(name)
        if region is None or self._connection == 0:
            return region
        return self._regions.setdefault(self._connection, region)


@FAULTS.fault("connection-missing-grows", _ISOLATED, "two 400s for different missing keys on one connection")
class _ConnectionMissingGrows(Geode):
    """Does not clear the list of missing keys: an error names those of the connection's earlier ones too."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connection = 0
        self._missing: dict[int, list[str]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._connection = request.connection
        return super().get(request, name, keys_as_sent)

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        named = self._missing.setdefault(self._connection, [])
        named += missing
        return super().missing(name, keys, tuple(dict.fromkeys(named)))


class _Shared(Geode):
    """Keeps what a request asks for in the server itself while it waits for the store."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._latest: tuple[Request, str, str] | None = None

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if "," not in keys_as_sent:
            return super().get(request, name, keys_as_sent)
        self._latest = request, name, keys_as_sent
        return self._later(request, name, keys_as_sent)

    async def _later(self, request: Request, name: str, keys_as_sent: str) -> Response:
        await asyncio.sleep(0.02)
        answer = self.mixed(request, name, keys_as_sent, self._latest or (request, name, keys_as_sent))
        return answer if isinstance(answer, Response) else await answer

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        raise NotImplementedError


@FAULTS.fault("together-latest-wins", _ISOLATED, "two requests at the same time")
class _TogetherLatestWins(_Shared):
    """Answers all requests that wait at the same time with what the latest of them asked for."""

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        return super(_Shared, self).get(*latest)


@FAULTS.fault("together-parameter-shared", _ISOLATED, "two requests at the same time, one with ignoreMissingKey=true")
class _TogetherParameterShared(_Shared):
    """Reads the parameter of the latest request: true of one is true for those that wait at the same time."""

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        target = request.path + (f"?{latest[0].query}" if latest[0].query else "")
        return super(_Shared, self).get(replace(request, target=target), name, keys)


@FAULTS.fault("together-location-shared", _ISOLATED, "two requests at the same time")
class _TogetherLocationShared(_Shared):
    """Writes Content-Location from what the latest request asked for."""

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        answer = super(_Shared, self).get(request, name, keys)
        if not isinstance(answer, Response) or value_in(answer, "Content-Location") is None:
            return answer
        location = self.content_location(latest[0], latest[1], self.keys_asked(latest[2])) or ""
        return edited(answer, without=("Content-Location",), plus=(("Content-Location", location),))


@FAULTS.fault("values-cached-by-key", _ISOLATED, "the same key in two regions")
class _ValuesCachedByKey(Geode):
    """Caches values by key alone: a key of the second region gets the first one's value."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._cache: dict[str, str] = {}

    def look_up(self, region: Region, key: str) -> str | None:
        text = super().look_up(region, key)
        return text if text is None else self._cache.setdefault(key, text)
