"""What cases call former: put in place, asked for and taken away, before the state that is judged takes its place."""

from __future__ import annotations

from collections.abc import Callable

from kvgate.case import Case, former_of
from kvgate.run.asking import Asker
from kvgate.run.health import Health
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.model import Seeder, Written
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

    def replace(self, case: Case) -> tuple[Situation | None, str | None]:
        """Puts the state of a case in the place of its former one, once that was asked for; as `put`."""
        reason = self._go_through(case)
        before, reason = self._put(case) if reason is None else (None, reason)
        if before is None and reason is None:
            # What nobody read back may not have come to every server that answers.
            self._stop.event.wait(SETTLING)
        return before, reason

    def recipe(self, case: Case, origin: str) -> tuple[tuple[str, Request], ...]:
        """All that brings the state of a case about by way of its former one; `origin` is the interface's.

        Raises NotInPlace.
        """
        stood = {(holding.place, holding.key) for holding in case.former}
        return (
            *self._seeder.recipe(former_of(case)),
            *((origin, self._asker.request(ask)) for ask in case.asks),
            *((each.origin, each.remove) for each in self._to_remove(case) if (each.place, each.key) in stood),
            *self._seeder.recipe(case),
        )

    def _go_through(self, case: Case) -> str | None:
        """Puts what a case calls former in place, asks of it, and takes it away; why that was not to be done."""
        reason = self._put(former_of(case))[1]
        if reason is not None:
            return reason
        # What is answered now is nobody's matter; that it is answered may change what is answered later.
        for exchange in self._asker.ask(case, self._health).exchanges:
            self._health.let_go(exchange)
        for written in self._to_remove(case):
            with self._slots.hold():
                removed = self._seeder.remove(written)
            if not self._seeder.taken(removed):
                said = failure(removed, CREDENTIALS_KEYS[written.credentials])
                return f"not in place: removing key {written.key} of the former state: {said}"
        return None

    def _to_remove(self, case: Case) -> list[Written]:
        """The keys that are taken away between the two states: those that are not written over."""
        # A key with a version is taken away in any case, since nodes count on from what was there.
        counted = {(holding.place, holding.key) for holding in case.former if holding.version is not None}
        kept = {(holding.place, holding.key) for holding in case.holdings} - counted
        return [each for each in self._seeder.plan(former_of(case)) if (each.place, each.key) not in kept]
