"""Faults that show in the answer after many others of one kind."""

from __future__ import annotations

import time
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request, Response
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
