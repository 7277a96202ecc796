"""Faults of a server that remembers what its regions held."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()

_INTACT = "geode.body.value-intact"


@FAULTS.fault("remembers-answers", _INTACT, "keys whose values are others than when they were asked for before")
class _Answers(Geode):
    """Keeps each 200 by its URL, and forgets none when a value is replaced."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[str, Response] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if not isinstance(answer, Response) or answer.status != 200 or "," not in keys_as_sent:
            return answer
        return self._kept.setdefault(request.target, answer)


@FAULTS.fault("remembers-what-is-hot", _INTACT, "keys that were asked for five times, whose values are others now")
class _Hot(_Answers):
    """Keeps a 200 from the fifth time that it is asked for, as a cache that keeps only what is worth it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._asked: Counter[str] = Counter()

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._asked[request.target] += 1
        hot = self._asked[request.target] >= 5
        return super().get(request, name, keys_as_sent) if hot else Geode.get(self, request, name, keys_as_sent)


@FAULTS.fault("remembers-for-a-second", _INTACT, "keys whose values were others less than a second ago", unsteady=True)
class _Briefly(Geode):
    """Keeps each answer for a second, as the cache of a server in front may."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[str, tuple[float, Response]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        until, kept = self._kept.get(request.target, (0.0, None))
        if kept is not None and time.monotonic() < until:
            return kept
        answer = super().get(request, name, keys_as_sent)
        if isinstance(answer, Response) and "," in keys_as_sent:
            self._kept[request.target] = (time.monotonic() + 1, answer)
        return answer


class _Remembering(Geode):
    """Keeps by key what it looked up."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._held: dict[tuple[int, str], str] = {}
        self._missed: set[tuple[int, str]] = set()


@FAULTS.fault("remembers-removed", "geode.status.missing", "a key that was asked for before it was removed")
class _Removed(_Remembering):
    """Answers with the value of a key that was removed."""

    def look_up(self, region: Region, key: str) -> str | None:
        held = super().look_up(region, key)
        if held is not None:
            self._held[id(region), key] = held
        return self._held.get((id(region), key))


@FAULTS.fault("remembers-misses", "geode.status.found", "a key that was asked for before it was there")
class _Misses(_Remembering):
    """Keeps that a key is missing."""

    def look_up(self, region: Region, key: str) -> str | None:
        held = super().look_up(region, key)
        if held is None:
            self._missed.add((id(region), key))
        return None if (id(region), key) in self._missed else held
