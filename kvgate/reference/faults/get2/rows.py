"""Faults that show in the answer after many others of one kind."""

from __future__ import annotations

import time
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")

_IN_A_ROW = 20
_OPEN = 0.5  # seconds


class _Breaker(Ha):
    """Stops asking the masters for a while after many answers of one status in a row."""

    counts = 404

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._row = 0
        self._until = 0.0

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if time.monotonic() < self._until:
            return self.plain(404)
        answer = super().answer(request, first, second)
        self._row = self._row + 1 if answer.status == self.counts else 0
        if self._row >= _IN_A_ROW:
            self._row, self._until = 0, time.monotonic() + _OPEN
        return answer


@FAULTS.fault("row-of-misses-breaks", "get2.status.match", "an answer after twenty in a row of 404", unsteady=True)
class _MissesBreak(_Breaker):
    """Counts keys that are not there as failures of the masters, and finds nothing for a while after many."""


@FAULTS.fault("row-of-conflicts-breaks", "get2.status.match", "an answer after twenty in a row of 409", unsteady=True)
class _ConflictsBreak(_Breaker):
    """Counts values that differ as failures of a master, and finds nothing for a while after many."""

    counts = 409


class _Leak(Ha):
    """Gives a buffer away with each answer of one kind, has `room` of them, and answers 500 when all are gone."""

    room = 64
    leaks_without_key = False

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._gone = 0

    def get2(self, request: Request) -> Answer:
        if self._gone > self.room:
            return self.plain(500)
        self._gone += not self.key_as_sent(request) and self.leaks_without_key
        return super().get2(request)

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        self._gone += self.leaks(first, second)
        return super().answer(request, first, second)

    def leaks(self, first: Reading | None, second: Reading | None) -> bool:  # noqa: ARG002  (for subclasses)
        return False


@FAULTS.fault("row-leaks-where-master1-lacks", "get2.status.match", "an answer after 64 of keys on master2 only")
class _LeaksFirst(_Leak):
    """Never frees what master2 said of a key that master1 lacks."""

    def leaks(self, first: Reading | None, second: Reading | None) -> bool:
        return first is None and second is not None


@FAULTS.fault("row-leaks-where-master2-lacks", "get2.status.match", "an answer after 100 of keys on master1 only")
class _LeaksSecond(_Leak):
    """Never frees what master1 said of a key that master2 lacks."""

    room = 100

    def leaks(self, first: Reading | None, second: Reading | None) -> bool:
        return second is None and first is not None


@FAULTS.fault("row-leaks-without-key", "get2.status.match", "an answer after 128 requests without a key")
class _LeaksWithoutKey(_Leak):
    """Never frees what it prepared for a request without a key."""

    room = 128
    leaks_without_key = True
