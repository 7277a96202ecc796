"""Faults of an HA that remembers what it told a connection, or a client that it knows again."""

from __future__ import annotations

from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_OWN = "get2.request.own-value"


class _Session(Ha):
    """Keeps the answers of a session by their URLs; `whose` says which session a request is of, None for none."""

    statuses: tuple[int, ...] = (200, 409)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[tuple[object, str], Response] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer, whose = super().answer(request, first, second), self.whose(request)
        kept = None if whose is None else self._kept.get((whose, request.target))
        if kept is not None:
            return kept
        if whose is not None and answer.status in self.statuses:
            self._kept[whose, request.target] = answer
        return answer

    def whose(self, request: Request) -> object:
        return request.connection


@FAULTS.fault(
    "connection-remembers-answers", _OWN, "a key whose values are others than when the connection asked before"
)
class _OfConnection(_Session):
    """Keeps each answer for the connection on which it went out, and does not hear of writes on the nodes."""


@FAULTS.fault(
    "connection-remembers-misses", "get2.status.match", "a key that was not there when the connection asked before"
)
class _MissesOfConnection(_Session):
    """Keeps for a connection that a key is not there."""

    statuses = (404,)


@FAULTS.fault("cookie-remembers-answers", _OWN, "a key whose values are others than when the session asked before")
class _OfCookie(_Session):
    """Keeps each answer for the client that sends the same cookie again."""

    def whose(self, request: Request) -> object:
        return request.header("Cookie")
