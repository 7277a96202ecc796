"""Stand-ins for what a prober drives: a client that answers as it is told, a seeder that keeps what it was given."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kvgate.case import Case
from kvgate.errors import SurroundingsError
from kvgate.seeding.model import NotInPlace, Written
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.client import Limits
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Request, Response

ORIGIN = "http://127.0.0.1:9"


def exchange(
    label: str = "first",
    *,
    status: int | None = 200,
    fault: FaultKind | None = None,
    target: str = "/",
    body: bytes = b"v",
) -> Exchange:
    """An exchange with this status, or without an answer; with a fault of this kind."""
    response = None if status is None else Response("HTTP/1.1", status, b"", (), body, len(body), "length")
    said = None if fault is None else Fault(fault, f"a {fault} fault")
    return Exchange(label, ORIGIN, Request("GET", target), response, said, b"", 0, 0.0, 0.0, "#1")


def failed(label: str, kind: FaultKind, target: str = "/") -> Exchange:
    """An exchange that brought no answer."""
    return exchange(label, status=None, fault=kind, target=target)


class FakeConnection:
    """A kept-alive connection; `asked` are the targets that went over it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False

    def close(self) -> None:
        self.closed = True


class FakeClient:
    """Answers as `answer(target, label, number)` says; `number` counts the requests from 1."""

    def __init__(self, answer: Callable[[str, str, int], Exchange] | None = None) -> None:
        self.limits = Limits(connect=0.05, read=0.05, total=0.05)
        self._answer = answer or (lambda target, label, _number: exchange(label, target=target))
        self._lock = threading.Lock()
        self.asked: list[tuple[str, str]] = []
        self.connections: list[FakeConnection] = []
        self.closed = False
        self.now = self.most = 0

    def connection(self, *, examines: bool) -> FakeConnection:
        del examines
        self.connections.append(FakeConnection())
        return self.connections[-1]

    def ask(self, request: Request, *, label: str = "", connection: FakeConnection | None = None) -> Exchange:
        with self._lock:
            self.asked.append((request.target, label))
            number = len(self.asked)
            self.now += 1
            self.most = max(self.most, self.now)
            if connection is not None:
                connection.asked.append(request.target)
        try:
            return self._answer(request.target, label, number)
        finally:
            with self._lock:
                self.now -= 1

    def close(self) -> None:
        self.closed = True


class FakeSeeder:
    """Holds every case's state in memory. `trouble` may raise for a step ("prepare", "put", "read") and a case."""

    writes = True

    def __init__(self, trouble: Callable[[str, str], None] | None = None) -> None:
        self._trouble = trouble or (lambda _step, _case: None)
        self.noted: list[str] = []
        self.put_there: list[str] = []
        self.looked_again = 0
        self.now_elsewhere: dict[str, str] = {}
        self.states: list[list[bytes]] = []
        self.removed: list[str] = []
        self.removal = exchange()
        self.closed = False

    def prepare(self) -> None:
        self._trouble("prepare", "")

    def aimed(self, case: Case) -> Case:
        return case

    def plan(self, case: Case) -> tuple[Written, ...]:
        self.noted.append(case.name)
        look = Request("GET", f"/{case.key}")
        return (Written(case.interface, "master1", case.key, ORIGIN, look, look, "nodes"),)

    def put(self, case: Case) -> Situation | None:
        assert case.name in self.noted, "a write that was not noted before"
        self._trouble("put", case.name)
        self.put_there.append(case.name)
        self.states.append([holding.value for holding in case.holdings])
        return self._situation(case)

    def read(self, case: Case) -> Situation | None:
        self._trouble("read", case.name)
        return self._situation(case)

    def where(self, _place: str, _key: str) -> str:
        return ORIGIN

    def look_again(self) -> None:
        self.looked_again += 1

    def moved(self, case: Case) -> str | None:
        return self.now_elsewhere.get(case.name) if self.looked_again else None

    def remove(self, written: Written) -> Exchange:
        self.removed.append(written.key)
        return self.removal

    def taken(self, exchange: Exchange) -> bool:
        return exchange.response is not None and exchange.response.status == 200

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        return ((ORIGIN, Request("PUT", f"/{case.key}")),)

    def close(self) -> None:
        self.closed = True

    @staticmethod
    def _situation(case: Case) -> Situation:
        return Situation({(h.place, h.key): Held(h.value, h.version) for h in case.holdings})


def not_in_place(text: str) -> NotInPlace:
    return NotInPlace(text)


def surroundings(text: str) -> SurroundingsError:
    return SurroundingsError(text)
