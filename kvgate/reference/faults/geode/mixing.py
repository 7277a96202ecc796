"""Answers that carry what belongs to another: on one connection, at the same time, or of another region."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()

_ISOLATED = "geode.safe.isolated"
_KEYS = "geode.location.names-keys"
# Seconds that a request is under way, so that another meets it on a busy machine too.
_MEETING = 0.06


@FAULTS.fault("connection-keeps-location", _ISOLATED, "a 400 after a 200 on one connection")
class _ConnectionKeepsLocation(Geode):
    """Clears headers only when it sets them anew: Content-Location of a 200 goes out with the errors that follow it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._locations: dict[int, str] = {}

    def encode(self, request: Request, response: Response) -> bytes:
        location = dict(response.headers).get("Content-Location", self._locations.get(request.connection))
        if location is not None:
            self._locations[request.connection] = location
            response = edited(response, without=("Content-Location",), plus=(("Content-Location", location),))
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


class _RemembersValues(Geode):
    """Keeps an array of values for each connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connection = 0
        self._values: dict[int, list[str | None]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._connection = request.connection
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("connection-array-grows", _ISOLATED, "two 200s on one connection")
class _ConnectionArrayGrows(_RemembersValues):
    """Does not clear the array between two requests of a connection: the second answer begins with the first's."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        values = self._values.setdefault(self._connection, [])
        values += super().values_of(region, keys)
        return tuple(values)


@FAULTS.fault("connection-nulls-filled", _ISOLATED, "a missing key, ignored, after a 200 on one connection")
class _ConnectionNullsFilled(_RemembersValues):
    """Uses the array of a connection's last answer again: a missing key leaves in it what stood there."""

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


@FAULTS.fault("together-latest-wins", _ISOLATED, "two requests at the same time", unsteady=True)
class _TogetherLatestWins(_Shared):
    """Answers all requests that wait at the same time with what the latest of them asked for."""

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        return super(_Shared, self).get(*latest)


@FAULTS.fault(
    "together-parameter-shared",
    _ISOLATED,
    "two requests at the same time, one with ignoreMissingKey=true",
    unsteady=True,
)
class _TogetherParameterShared(_Shared):
    """Reads the parameter of the latest request: true of one is true for those that wait at the same time."""

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        target = request.path + (f"?{latest[0].query}" if latest[0].query else "")
        return super(_Shared, self).get(replace(request, target=target), name, keys)


@FAULTS.fault("together-location-shared", _KEYS, "two requests at the same time", unsteady=True)
class _TogetherLocationShared(_Shared):
    """Writes Content-Location from what the latest request asked for."""

    def mixed(self, request: Request, name: str, keys: str, latest: tuple[Request, str, str]) -> Answer:
        answer = super(_Shared, self).get(request, name, keys)
        if not isinstance(answer, Response) or "content-location" not in answer.names():
            return answer
        location = self.content_location(latest[0], latest[1], self.keys_asked(latest[2])) or ""
        return edited(answer, without=("Content-Location",), plus=(("Content-Location", location),))


@FAULTS.fault(
    "together-one-flight",
    _ISOLATED,
    "one list of keys at the same time with and without the parameter",
    unsteady=True,
)
class _TogetherOneFlight(Geode):
    """Asks its store once for all requests of one path that are under way, and answers them all alike."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._flights: dict[str, asyncio.Task[Response]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self._shared(request, name, keys_as_sent)

    async def _shared(self, request: Request, name: str, keys_as_sent: str) -> Response:
        flight = self._flights.get(request.path)
        if flight is None:
            flight = self._flights[request.path] = asyncio.create_task(self._fly(request, name, keys_as_sent))
        return await flight

    async def _fly(self, request: Request, name: str, keys_as_sent: str) -> Response:
        await asyncio.sleep(_MEETING)
        answer = super().get(request, name, keys_as_sent)
        del self._flights[request.path]
        return answer if isinstance(answer, Response) else await answer


@FAULTS.fault(
    "together-orders-deadlock", "geode.status.found", "the same keys in two orders at the same time", unsteady=True
)
class _TogetherOrdersDeadlock(Geode):
    """Locks keys one by one in the order asked for: of two requests with opposite orders one is given up, 500."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._under_way: list[tuple[str, ...]] = []

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys = self.keys_asked(keys_as_sent)
        if len(keys) == 1:
            return super().get(request, name, keys_as_sent)
        if any(set(other) & set(keys) and other[::-1] == keys for other in self._under_way):
            return self.error(500, "deadlock")
        # Before anything waits: both may be read in one go.
        self._under_way.append(keys)
        return self._locked(request, name, keys_as_sent, keys)

    async def _locked(self, request: Request, name: str, keys_as_sent: str, keys: tuple[str, ...]) -> Response:
        await asyncio.sleep(_MEETING)
        self._under_way.remove(keys)
        answer = super().get(request, name, keys_as_sent)
        return answer if isinstance(answer, Response) else await answer


@FAULTS.fault("values-cached-by-key", _ISOLATED, "the same key in two regions")
class _ValuesCachedByKey(Geode):
    """Caches values by key alone: a key of the second region gets the first one's value."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._cache: dict[str, str] = {}

    def look_up(self, region: Region, key: str) -> str | None:
        text = super().look_up(region, key)
        return text if text is None else self._cache.setdefault(key, text)
