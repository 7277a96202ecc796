"""What cases call former: put in place, asked for and taken away, before the state that is judged takes its place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import pairwise

from kvgate.case import Case, states_of
from kvgate.errors import KvgateError
from kvgate.run.asking import Asker, Connections
from kvgate.run.health import Health
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.model import NotInPlace, Seeder, Written
from kvgate.seeding.reason import CREDENTIALS_KEYS, failure
from kvgate.verdict.evidence import Situation
from kvgate.wire.exchange import Request

# Seconds: longer than a write takes from one server of a cluster to the next, and far less than caches keep an answer.
SETTLING = 0.1

Put = Callable[[Case], tuple[Situation | None, str | None]]


class FormerStates:
    """Goes through the former states of cases; thread-safe.

    `put` puts a state in place: what was read of it, or why it is not there.
    """

    def __init__(self, seeder: Seeder, asker: Asker, health: Health, slots: Slots, stop: Stop, put: Put) -> None:
        self._seeder, self._asker, self._health, self._slots = seeder, asker, health, slots
        self._stop, self._put = stop, put
        self._keeping = threading.Lock()

    def replace(self, case: Case, connections: Connections) -> tuple[Situation | None, str | None]:
        """Puts the state of a case in the place of its former ones, once each was asked for; as `put`.

        A question with a connection is asked of each state on the same one of `connections`.
        """
        states = states_of(case)
        before, reason = self._put(states[0])
        for state, then in pairwise(states):
            reason = self._leave(state, then, connections) if reason is None else reason
            before, reason = self._put(_changed(state, then)) if reason is None else (None, reason)
        if before is None and reason is None:
            self.settle()
        return before, reason

    def settle(self) -> None:
        """Waits until what nobody reads back may have come to every server that answers."""
        self._stop.event.wait(SETTLING)

    @contextmanager
    def connections(self, case: Case) -> Iterator[Connections]:
        """Connections for the questions of a case in all its states; where it keeps one open, it does so alone.

        A server may have few threads, each of which serves one connection until it ends.
        """
        keeps = any(ask.connection for ask in case.asks)
        with self._keeping if keeps else nullcontext(), self._asker.connections() as connections:
            yield connections

    def recipe(self, case: Case, origin: str) -> tuple[tuple[str, Request], ...]:
        """All that brings the state of a case about, by way of its former ones where it has any; none if untold.

        `origin` is the interface's.
        """
        try:
            if case.former and self._seeder.writes:
                return self._by_way_of_former(case, origin)
            return (*self._seeder.recipe(case), *self._asker.asked_before(case, origin))
        except (NotInPlace, KvgateError):
            return ()

    def _by_way_of_former(self, case: Case, origin: str) -> tuple[tuple[str, Request], ...]:
        states = states_of(case)
        asked = tuple((origin, self._asker.request(ask)) for ask in case.asks) * case.former_times
        steps = self._seeder.recipe(states[0])
        for state, then in pairwise(states):
            stood = {(holding.place, holding.key) for holding in state.holdings}
            gone = [each for each in self._to_remove(state, then) if (each.place, each.key) in stood]
            removed = tuple((each.origin, each.remove) for each in gone)
            steps = (*steps, *asked, *removed, *self._seeder.recipe(_changed(state, then)))
        return steps

    def _leave(self, state: Case, then: Case, connections: Connections) -> str | None:
        """Asks of a state that is in place, and takes away what is not written over; why that was not to be done."""
        # What is answered now is nobody's matter; that it is answered may change what is answered later.
        for _ in range(state.former_times):
            asked = self._asker.ask(state, self._health, connections)
            for exchange in asked.exchanges:
                self._health.let_go(exchange)
            # One that does not answer costs a time limit once, and not each time.
            if asked.lost is not None or any(exchange.fault is not None for exchange in asked.exchanges):
                break
        for written in self._to_remove(state, then):
            with self._slots.hold():
                removed = self._seeder.remove(written)
            if not self._seeder.taken(removed):
                said = failure(removed, CREDENTIALS_KEYS[written.credentials])
                return f"not in place: removing key {written.key} of the former state: {said}"
        return None

    def _to_remove(self, state: Case, then: Case) -> list[Written]:
        """The keys that are taken away between two states: those that are not written over."""
        # A key with a version is taken away in any case, since nodes count on from what was there.
        counted = {(holding.place, holding.key) for holding in state.holdings if holding.version is not None}
        kept = {(holding.place, holding.key) for holding in then.holdings} - counted
        return [each for each in self._seeder.plan(state) if (each.place, each.key) not in kept]


def _changed(state: Case, then: Case) -> Case:
    """The second state with no more to write than what the first does not have: each write may end what is remembered.

    Where holdings have versions it is written whole.
    """
    if any(holding.version is not None for holding in (*state.holdings, *then.holdings)):
        return then
    return replace(then, holdings=tuple(holding for holding in then.holdings if holding not in state.holdings))
