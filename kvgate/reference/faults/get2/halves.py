"""Faults of what is left over when one master lacks a key: the other's reply, for which nobody waits."""

from __future__ import annotations

import asyncio
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_ISOLATED = "get2.safe.isolated"


class _Unread(Ha):
    """Has a connection to a master for each of a client's, and does not read the reply that it has no use for."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._unread: dict[int, list[Reading]] = {}

    def next_reply(self, request: Request, reply: Reading) -> Reading:
        """The first reply that is still to be read."""
        waiting = self._unread.setdefault(request.connection, [])
        waiting.append(reply)
        return waiting.pop(0)

    def leave(self, request: Request, reply: Reading) -> None:
        self._unread.setdefault(request.connection, []).append(reply)


@FAULTS.fault("half-miss-leaves-master2s-reply", _ISOLATED, "a key that master1 lacks, then another on the connection")
class _SecondUnread(_Unread):
    """Answers 404 as soon as master1 lacks the key, and takes master2's reply for that to the next question."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if second is not None and first is None:
            self.leave(request, second)
        elif second is not None:
            second = self.next_reply(request, second)
        return super().answer(request, first, second)


@FAULTS.fault("half-miss-leaves-master1s-reply", _ISOLATED, "a key that master2 lacks, then another on the connection")
class _FirstUnread(_Unread):
    """Answers 404 as soon as master2 lacks the key, and takes master1's reply for that to the next question."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if first is not None and second is None:
            self.leave(request, first)
        elif first is not None:
            first = self.next_reply(request, first)
        return super().answer(request, first, second)


class _UnderWay:
    """A question whose masters are being asked."""

    given_up = False


@FAULTS.fault("half-miss-ends-others", _ISOLATED, "a key that master1 lacks, at the same time as others", unsteady=True)
class _EndsOthers(Ha):
    """Closes its one connection to master2 when master1 lacks a key, and with it what others wait for there: 404."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._waiting: set[_UnderWay] = set()

    def get2(self, request: Request) -> Answer:
        return self._wait(request)

    async def _wait(self, request: Request) -> Response:
        sent = self.key_as_sent(request)
        masters, own = self.choose_masters(sent), _UnderWay()
        self._waiting.add(own)
        await asyncio.sleep(0.005)
        first, second = (self.nodes[master].read(self.decode_key(sent)) for master in masters)
        if first is None and second is not None:
            for other in self._waiting - {own}:
                other.given_up = True
        await asyncio.sleep(0.005)
        self._waiting.discard(own)
        if own.given_up:
            return self.missing(request)
        answer = super().get2(request)
        return answer if isinstance(answer, Response) else await answer
