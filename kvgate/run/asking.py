"""Asks the questions of a case, and tells a server's fault from a server that is gone."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from kvgate.case import Ask, Case
from kvgate.case.decoys import decoys_of
from kvgate.run.health import Health
from kvgate.run.sharing import sharing, within_measure
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.verdict.evidence import SURROUNDINGS, Decoy
from kvgate.verdict.model import AGAIN, LATE
from kvgate.wire.client import Client, Connection
from kvgate.wire.exchange import Exchange, FaultKind, Request

LEAD, HUNG_UP = "lead", "hung-up"  # labels of questions that no case has asked for itself
_TRIES = 2
_PATIENCE = 5.0  # seconds for the threads of questions sent at the same time to come together


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a case's questions, in order. `lost` says why those that are missing say nothing about the server.

    `unfit` is the exchange that showed it, if there was one: for the reports, and not to be judged. `one_by_one` says
    that questions for the same time were asked one after the other, as no more than one may be under way. `led` is what
    came of the question before one that was asked again.
    """

    exchanges: tuple[Exchange, ...] = ()
    lost: str | None = None
    unfit: tuple[Exchange, ...] = ()
    one_by_one: bool = False
    led: Exchange | None = None


class Connections:
    """The kept-alive connections of a case by name, each made when first asked for; closed at the end of `with`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: dict[str, Connection] = {}
        self._making = threading.Lock()

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *raised: object) -> None:
        for connection in self._made.values():
            connection.close()

    def close_but(self, names: Iterable[str | None]) -> None:
        """Closes those of no such name."""
        wanted = set(names)
        with self._making:
            done = [self._made.pop(name) for name in self._made.keys() - wanted]
        for connection in done:
            connection.close()

    def named(self, name: str | None) -> Connection | None:
        """The connection of a question; None for one that has a fresh one of its own."""
        if name is None:
            return None
        with self._making:
            if name not in self._made:
                self._made[name] = self._client.connection(examines=True)
            return self._made[name]


class Asker:
    """Asks one interface; thread-safe. `prefix` goes before each request target."""

    def __init__(self, client: Client, prefix: str, slots: Slots, stop: Stop) -> None:
        self._client, self._prefix, self._slots, self._stop = client, prefix, slots, stop

    def control(self, cases: Sequence[Case]) -> list[Exchange]:
        """Asks the first question of each control case, one after the other."""
        return [self._send(case.asks[0], case.asks[0].label) for case in cases]

    def connections(self) -> Connections:
        """Connections for the questions of one case."""
        return Connections(self._client)

    def ask(self, case: Case, health: Health, connections: Connections | None = None) -> Asked:
        """Asks all questions of a case, on the connections and at the times it says.

        `connections` are those of the case that are open already, and stay so. Others are closed after their last
        question: there are servers that serve one connection at a time.
        """
        kept: list[Exchange] = []
        keeps = connections is not None
        with contextlib.ExitStack() as stack:
            if connections is None:
                connections = stack.enter_context(self.connections())
            groups = _groups(case.asks)
            for number, exchanges in enumerate(self._rounds(case, groups, connections)):
                group = groups[number]
                if not case.undisturbed and not keeps:
                    connections.close_but(ask.connection for later in groups[number + 1 :] for ask in later)
                for ask, exchange in zip(group, exchanges, strict=True):
                    settled, lost = self._settled(exchange, ask, health)
                    if lost is not None:
                        return Asked(tuple(kept), lost, (settled,))
                    kept.append(self._kept(settled, case, kept, health))
                # A case may have many questions: what ends the asking ends it within a case too.
                if health.down is not None and len(kept) < len(case.asks):
                    return Asked(tuple(kept), health.down)
        one_by_one = self._slots.total == 1 and any(len(group) > 1 for group in groups)
        return Asked(tuple(kept), one_by_one=one_by_one)

    def asked_before(self, case: Case, origin: str) -> tuple[tuple[str, Request], ...]:
        """What `ask_decoys` and `hang_up` ask of `origin`, for whoever repeats it."""
        return tuple((origin, self.request(ask)) for ask in (*decoys_of(case), *case.hung_up))

    def ask_decoys(self, case: Case, health: Health, *, keeps: bool) -> tuple[Decoy, ...]:
        """Asks for what a case stores under other keys, before its own question; the answers, if it `keeps` them.

        A fault ends it. Where nobody keeps it, it is not counted: the case's own question shows what is wrong.
        """
        answered: list[Decoy] = []
        for ask in decoys_of(case):
            if health.down is not None:
                break
            exchange = self._send(ask, ask.label)
            if keeps:
                exchange, lost = self._settled(exchange, ask, health)
                if lost is not None:
                    break
                answered.append(Decoy(ask, self._kept(exchange, case, (), health)))
            if exchange.fault is not None:
                break
        return tuple(answered)

    def _rounds(
        self, case: Case, groups: Sequence[Sequence[Ask]], connections: Connections
    ) -> Iterator[list[Exchange]]:
        """What comes of each group, which is asked when that is taken.

        Undisturbed, all are asked in a row until one meets a fault: who looks into that needs a slot.
        """
        done: list[list[Exchange]] = []
        if case.undisturbed:
            with self._slots.hold_all():
                for group in groups:
                    done.append(self._together(group, connections))
                    if any(exchange.fault is not None for exchange in done[-1]):
                        break
        yield from done
        for group in groups[len(done) :]:
            yield self._together(group, connections)

    def hang_up(self, case: Case) -> None:
        """Sends what a case has clients ask that wait for no answer, as much at the same time as there are slots."""
        for at in range(0, len(case.hung_up), self._slots.total):
            asks = case.hung_up[at : at + self._slots.total]
            with self._slots.hold(len(asks)), ThreadPoolExecutor(len(asks)) as pool:
                list(pool.map(lambda ask: self._exchange(ask, HUNG_UP, None), asks))

    def again(self, case: Case, health: Health, before: Sequence[Exchange] = (), lead: Ask | None = None) -> Asked:
        """Asks the only question of a case once more, as the second of a connection that carries `lead` first.

        So whatever a case holds is also answered by a connection that was used. The answer to `lead` is judged with its
        own case, if at all; `before` is what came of the question the first time.
        """
        ask, led = case.asks[0], None
        second = ask if lead is None else replace(ask, connection=AGAIN)
        connection = self._client.connection(examines=True)
        try:
            if lead is not None:
                led = self._send(lead, LEAD, connection)
                # Not while a slot is held: the control that is asked then needs one.
                if led.fault is not None and not health.after(led, time.monotonic()):
                    return Asked((), self._stop.because if self._stop.is_set() else health.down, (led,))
            exchange = self._send(second, AGAIN, connection)
        finally:
            connection.close()
        settled, lost = self._settled(exchange, ask, health)
        kept = self._kept(settled, case, before, health)
        return Asked((), lost, (kept,), led=led) if lost is not None else Asked((kept,), led=led)

    def late(self, case: Case, health: Health, before: Sequence[Exchange]) -> Exchange | None:
        """What comes of the only question of a case at the end of a run; None where that says nothing of the server."""
        exchange, lost = self._settled(self._send(case.asks[0], LATE), case.asks[0], health)
        if lost is not None or (exchange.response is not None and exchange.response.status in SURROUNDINGS):
            return None
        return self._kept(exchange, case, before, health)

    @staticmethod
    def _kept(exchange: Exchange, case: Case, before: Sequence[Exchange], health: Health) -> Exchange:
        """The exchange as it is kept until the end of the run."""
        kept, shared = sharing(within_measure(exchange, case), case, before)
        health.keep(kept, shared)
        return kept

    def _settled(self, exchange: Exchange, ask: Ask, health: Health) -> tuple[Exchange, str | None]:
        """The exchange to judge; or why it says nothing about the server. One that met no server is made again."""
        for _ in range(_TRIES):
            if exchange.fault is None:
                break
            if exchange.fault.kind is FaultKind.CANCELLED or self._stop.is_set():
                return exchange, self._stop.because
            if not health.after(exchange, time.monotonic()):
                return exchange, self._stop.because if self._stop.is_set() else health.down
            if not exchange.fault.unreachable:
                break
            exchange = self._send(ask, exchange.label)
        return exchange, None

    def _together(self, group: Sequence[Ask], connections: Connections) -> list[Exchange]:
        """The questions of a group, sent at the same time as far as there are slots."""
        if len(group) > self._slots.total:
            some = (group[at : at + self._slots.total] for at in range(0, len(group), self._slots.total))
            return [exchange for part in some for exchange in self._together(part, connections)]
        if len(group) == 1:
            return [self._send(group[0], group[0].label, connections.named(group[0].connection))]
        ready = threading.Barrier(len(group))

        def send(ask: Ask) -> Exchange:
            # Late is better than never: the answers are judged all the same.
            with contextlib.suppress(threading.BrokenBarrierError):
                ready.wait(_PATIENCE)
            return self._exchange(ask, ask.label, connections.named(ask.connection))

        # A pool of its own: waiting for one another in the shared one could block it.
        with self._slots.hold(len(group)), ThreadPoolExecutor(len(group)) as pool:
            return list(pool.map(send, group))

    def _send(self, ask: Ask, label: str, connection: Connection | None = None) -> Exchange:
        with self._slots.hold():
            return self._exchange(ask, label, connection)

    def _exchange(self, ask: Ask, label: str, connection: Connection | None) -> Exchange:
        return self._client.ask(self.request(ask), label=label, connection=connection)

    def request(self, ask: Ask) -> Request:
        """The request that asks a question."""
        target, ways = self._prefix + ask.target, (ask.pieces, ask.connection, ask.together, ask.hangs_up, ask.without)
        return Request(ask.method, target, ask.headers, ask.body, *ways)


def _groups(asks: Sequence[Ask]) -> list[list[Ask]]:
    """The asks in order, those sent at the same time side by side."""
    groups: list[list[Ask]] = []
    for ask in asks:
        if groups and ask.together is not None and groups[-1][0].together == ask.together:
            groups[-1].append(ask)
        else:
            groups.append([ask])
    return groups
