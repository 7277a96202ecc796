"""Faults that show in the answer after many others of one kind."""

from __future__ import annotations

from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.geode import Geode
from kvgate.reference.http import Answer, Request, Response

FAULTS = Deviations("geode")

_IN_A_ROW = 20


class _Breaker(Geode):
    """Refuses the next question after many answers of one status in a row."""

    counts = 400

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._row = 0

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if self._row >= _IN_A_ROW:
            self._row = 0
            return self.error(500, "the circuit is open")
        answer = super().get(request, name, keys_as_sent)
        if isinstance(answer, Response):
            self._row = self._row + 1 if answer.status == self.counts else 0
        return answer


@FAULTS.fault("row-of-400-breaks", "geode.status.missing", "the answer after twenty in a row of 400", unsteady=True)
class _BadBreaks(_Breaker):
    """Counts errors of its clients as failures of its store, and refuses the next question after many."""


@FAULTS.fault("row-of-404-breaks", "geode.status.no-region", "the answer after twenty in a row of 404", unsteady=True)
class _NowhereBreaks(_Breaker):
    """Counts regions that are not there as failures of its store, and refuses the next question after many."""

    counts = 404
