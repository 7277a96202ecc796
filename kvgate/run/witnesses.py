"""Witnesses: keys that nobody asks the interface for, so that a place which forgets what it holds gives itself away.

A key that a case put in place and that is gone in the end was taken away by the interface, or lost by the place behind
it. Where a witness is gone from the same place, nothing can be held against the interface.
"""

from __future__ import annotations

from collections.abc import Callable

from kvgate.case import Case
from kvgate.errors import KvgateError
from kvgate.run.slots import Slots
from kvgate.run.standing import homes_of
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.verdict.evidence import Situation

# So many at most, each on places that those before it do not stand on; each costs a few requests.
MOST = 4
_KEYS = 40


class Witnesses:
    """The witnesses of one interface's run. `put` puts a state in place and gives what was read of it."""

    def __init__(self, seeder: Seeder, slots: Slots, put: Callable[[Case], Situation | None]) -> None:
        self._seeder, self._slots, self._put = seeder, slots, put
        self._standing: list[tuple[Case, Situation]] = []
        self._forgetful: frozenset[str] = frozenset()

    def stand(self, control: Case, make: Callable[[int], Case]) -> None:
        """Puts witnesses in place where places can be read, as that of the control can; `make` gives one for a turn."""
        try:
            with self._slots.hold():
                if self._seeder.read(control) is None:
                    return
        except (NotInPlace, KvgateError):
            return
        met, silent, tries = frozenset[str](), frozenset[str](), 0
        for case in map(make, range(_KEYS)):
            homes = homes_of(case, self._seeder)
            # A place that takes none costs a time limit each time; that it is down is told by cases that need it.
            if tries == MOST or homes <= met or homes & silent:
                continue
            tries, met = tries + 1, met | homes
            situation = self._put(case)
            if situation is None:
                silent |= homes
            else:
                self._standing.append((case, situation))

    def look(self) -> None:
        """Finds out which places have lost a witness."""
        lost, silent = set(self._forgetful), frozenset[str]()
        for case, before in self._standing:
            homes = homes_of(case, self._seeder)
            if homes & silent:
                continue
            try:
                with self._slots.hold():
                    after = self._seeder.read(case)
            except (NotInPlace, KvgateError):
                silent |= homes
            else:
                lost |= self._lost(before, after)
        self._forgetful = frozenset(lost)

    def forgotten(self, before: Situation | None, after: Situation | None) -> str | None:
        """Why what a case saw cannot be judged, in one line: a place lost what it held, and a witness besides."""
        where = min(self._lost(before, after) & self._forgetful, default=None) if self._forgetful else None
        return None if where is None else f"{where} does not keep what it holds: a key that nobody asked for is gone"

    def _lost(self, before: Situation | None, after: Situation | None) -> set[str]:
        """The places (base URLs) that held a key before and do not hold it any more."""
        if before is None or after is None:
            return set()
        return {
            self._seeder.where(place, key)
            for (place, key), held in before.held.items()
            if held.value is not None and (place, key) in after.held and after.held[place, key].value is None
        }
