"""Witnesses: keys that nobody asks the interface for, so that a place which does not keep what it holds shows itself.

A key that a case put in place and that is gone in the end, or holds something else, was changed by the interface or by
the place behind it. Where that happened to a witness in the same place, nothing can be held against the interface.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace

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
    """The witnesses of one interface's run. `put` puts a state in place: what was read of it, or why it is not there.

    Where places cannot be read one stands all the same, `unread`: for who lists what is there, or asks in the end.
    """

    def __init__(
        self, seeder: Seeder, slots: Slots, put: Callable[[Case], tuple[Situation | None, str | None]]
    ) -> None:
        self._seeder, self._slots, self._put = seeder, slots, put
        self._standing: list[tuple[Case, Situation]] = []
        self.unread: Case | None = None
        self._of_kinds: list[Case] = []
        self._unsteady: dict[str, str] = {}  # what became of a witness, by place

    def stand(
        self, control: Case, make: Callable[[int], Case], places: Iterable[str], kinds: Iterable[Case] = ()
    ) -> None:
        """Puts witnesses in place; whether places can be read is seen at the control. `make` gives one for a turn.

        One that cannot be read stands in all the `places` that cases are put in, and beside it, where they are taken,
        those of `kinds`: of keys and values that a place may treat in a way of their own.
        """
        try:
            with self._slots.hold():
                readable = self._seeder.read(control) is not None
        except (NotInPlace, KvgateError):
            return
        if not readable:
            there = frozenset(places)
            witness = self._everywhere(make(0), there)
            if self._put(witness)[1] is None:
                self.unread = witness
                self._of_kinds = [each for kind in kinds if self._put(each := self._everywhere(kind, there))[1] is None]
            return
        met, silent, tries = frozenset[str](), frozenset[str](), 0
        for case in map(make, range(_KEYS)):
            homes = homes_of(case, self._seeder)
            # A place that takes none costs a time limit each time; that it is down is told by cases that need it.
            if tries == MOST or homes <= met or homes & silent:
                continue
            tries, met = tries + 1, met | homes
            situation, _ = self._put(case)
            if situation is None:
                silent |= homes
            else:
                self._standing.append((case, situation))

    def _everywhere(self, witness: Case, places: Iterable[str]) -> Case:
        """The same state in each of these places that the target has."""
        holdings = list(witness.holdings)
        for place in sorted(set(places) - {holding.place for holding in holdings}):
            with contextlib.suppress(NotInPlace):
                self._seeder.where(place, witness.key)
                holdings += [replace(holding, place=place) for holding in witness.holdings]
        return replace(witness, holdings=tuple(holdings))

    @property
    def cases(self) -> tuple[Case, ...]:
        """Those that stand."""
        unread = () if self.unread is None else (self.unread, *self._of_kinds)
        return (*unread, *(case for case, _ in self._standing))

    def look(self) -> None:
        """Finds out which places have not kept a witness as it was."""
        silent = frozenset[str]()
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
                self._unsteady |= self._changed(before, after)

    def forgotten(self, before: Situation | None, after: Situation | None) -> str | None:
        """Why what a case saw cannot be judged, in one line: a place did not keep what it held, nor a witness."""
        where = min(self._changed(before, after).keys() & self._unsteady.keys(), default=None)
        if where is None:
            return None
        return f"{where} does not keep what it holds: a key that nobody asked for {self._unsteady[where]}"

    def _changed(self, before: Situation | None, after: Situation | None) -> dict[str, str]:
        """What became of a key, by the places (base URLs) that held it before and hold something else now."""
        if before is None or after is None:
            return {}
        return {
            self._seeder.where(place, key): "is gone" if after.held[place, key].value is None else "is another now"
            for (place, key), held in before.held.items()
            if held.value is not None and (place, key) in after.held and after.held[place, key] != held
        }
