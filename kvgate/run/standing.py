"""Where the control stands: on places that answer, so that one which is down costs its own cases only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvgate.case import Case
from kvgate.run.slots import Slots
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import NotInPlace, Seeder

# Each try at a place that is silent costs a time limit.
MOST_TRIES = 4
# So many keys meet every pair of masters of a table, as long as no pair has a few buckets only.
_KEYS = 200

# Of controls under other keys: of servers that find half of their keys, all but one in sixteen answer one of them.
OTHERS = 3

MakeControl = Callable[[str, int], Case]


def homes_of(case: Case, seeder: Seeder) -> frozenset[str]:
    """The base URLs of the places that the keys of a case stand behind; none where that cannot be told."""
    try:
        return frozenset(seeder.where(place, key) for place, key in case.keys)
    except NotInPlace:
        return frozenset()


class Standing:
    """Puts controls in place. `make` gives a control's case by its name and a turn, under other keys at each turn."""

    def __init__(self, seeder: Seeder, journal: Journal, slots: Slots, make: MakeControl) -> None:
        self._seeder, self._journal, self._slots, self._make = seeder, journal, slots, make
        self._failed: set[str] = set()

    def put(self, name: str) -> Case:
        """The case of a control that is in place, on other places than those that failed before.

        Raises NotInPlace with the first reason where none of a few would take it, and what the seeder raises.
        """
        if not self._seeder.writes:
            # What stands there already has the keys it has.
            return self._tried(self._make(name, 0))
        tried: set[frozenset[str]] = set()
        first: NotInPlace | None = None
        case: Case | None = self._make(name, 0)
        while case is not None and len(tried) < MOST_TRIES:
            homes = homes_of(case, self._seeder)
            tried.add(homes)
            try:
                return self._tried(case)
            except NotInPlace as reason:
                first = first or reason
                self._failed |= homes if reason.where is None else {reason.where}
            case = self._next(name, tried)
        raise first or AssertionError("nothing was tried")

    def others(self, names: Sequence[str], turn: int) -> tuple[Case, ...]:
        """The controls of these names, in place, under other keys at each turn (from 1). Raises as `put`."""
        return tuple(self._tried(self._make(name, _KEYS + turn)) for name in names)

    def _tried(self, case: Case) -> Case:
        self._journal.note(self._seeder.plan(case))
        with self._slots.hold():
            self._seeder.put(case)
        return case

    def _next(self, name: str, tried: set[frozenset[str]]) -> Case | None:
        """A control on places that no try has had in this company, with as few as can be that failed; or None."""
        found: dict[frozenset[str], Case] = {}
        for turn in range(1, _KEYS):
            case = self._make(name, turn)
            found.setdefault(homes_of(case, self._seeder), case)
        left = [homes for homes in found if homes and homes not in tried]
        return found[min(left, key=lambda homes: len(homes & self._failed))] if left else None
