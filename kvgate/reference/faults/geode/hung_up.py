"""Faults that show once a client has ended its connection without waiting for the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.geode import Geode
from kvgate.reference.http import Answer, Request, Response

FAULTS = Deviations("geode")

_WORK = 0.03  # seconds that an answer takes, in which its client may go
_SLOTS = 6


class _Working(Geode):
    """Takes a moment for each answer, in which the work is called off when its client goes."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self.work(request, name, keys_as_sent)

    async def work(self, request: Request, name: str, keys_as_sent: str) -> Response:
        await asyncio.sleep(_WORK)
        answer = super().get(request, name, keys_as_sent)
        return answer if isinstance(answer, Response) else await answer


@FAULTS.fault("hung-up-answer-left", "geode.safe.isolated", "after clients that hung up", unsteady=True)
class _AnswerLeft(_Working):
    """Reads its store over connections it keeps: what a client that went did not take, the next one gets."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._left: list[tuple[Request, str, str]] = []

    async def work(self, request: Request, name: str, keys_as_sent: str) -> Response:
        try:
            await asyncio.sleep(_WORK)
        except asyncio.CancelledError:
            self._left.append((request, name, keys_as_sent))
            raise
        asked = self._left.pop() if self._left else (request, name, keys_as_sent)
        return await super().work(*asked)


@FAULTS.fault("hung-up-slots-lost", "geode.status.found", "after six clients that hung up", unsteady=True)
class _SlotsLost(_Working):
    """Works on six requests at a time, and counts one whose client went as under way for ever: 500 in the end."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._lost = 0

    async def work(self, request: Request, name: str, keys_as_sent: str) -> Response:
        if self._lost >= _SLOTS:
            return self.error(500, "no thread is free")
        try:
            return await super().work(request, name, keys_as_sent)
        except asyncio.CancelledError:
            self._lost += 1
            raise


@FAULTS.fault(
    "hung-up-flight-broken",
    "geode.status.ignored",
    "what a client asked that hung up, asked again",
    unsteady=True,
)
class _FlightBroken(_Working):
    """Does equal work once for all who ask at the same time, and goes on waiting for work that was called off: 500."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._under_way: dict[str, bool] = {}

    async def work(self, request: Request, name: str, keys_as_sent: str) -> Response:
        if self._under_way.get(request.target):
            return self.error(500, "it was called off")
        try:
            return await super().work(request, name, keys_as_sent)
        except asyncio.CancelledError:
            self._under_way[request.target] = True
            raise
