"""Faults that show once a client has ended its connection without waiting for the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha

FAULTS = Deviations("get2")

_WORK = 0.03  # seconds that an answer takes, in which its client may go
_SLOTS = 6


class _Working(Ha):
    """Takes a moment for each answer, in which the work is called off when its client goes."""

    def get2(self, request: Request) -> Answer:
        return self.work(request)

    async def work(self, request: Request) -> Response:
        await asyncio.sleep(_WORK)
        answer = super().get2(request)
        return answer if isinstance(answer, Response) else await answer


@FAULTS.fault("hung-up-answer-left", "get2.safe.isolated", "after clients that hung up", unsteady=True)
class _AnswerLeft(_Working):
    """Asks the masters over connections it keeps: what a client that went did not take, the next one gets."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._left: list[Request] = []

    async def work(self, request: Request) -> Response:
        try:
            await asyncio.sleep(_WORK)
        except asyncio.CancelledError:
            self._left.append(request)
            raise
        return await super().work(self._left.pop() if self._left else request)


@FAULTS.fault("hung-up-slots-lost", "get2.status.match", "after six clients that hung up", unsteady=True)
class _SlotsLost(_Working):
    """Has six connections to the masters, and never takes back one whose client went: 500 in the end."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._lost = 0

    async def work(self, request: Request) -> Response:
        if self._lost >= _SLOTS:
            return self.plain(500)
        try:
            return await super().work(request)
        except asyncio.CancelledError:
            self._lost += 1
            raise


@FAULTS.fault("hung-up-no-offset", "get2.offset.present", "different values, after a reset by a client", unsteady=True)
class _NoOffset(_Working):
    """Counts master1's bytes while it sends, and after a client that went in the middle sends no Val-Offset."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._broken = False

    async def work(self, request: Request) -> Response:
        try:
            answer = await super().work(request)
        except asyncio.CancelledError:
            self._broken = True
            raise
        return edited(answer, without=("Val-Offset",)) if self._broken else answer
