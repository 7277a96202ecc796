"""Finds keys that came into being while questions were asked, and that nobody wrote.

What a case's own keys hold is read before and after. A read that leaves something under a key of its own making, a time
of the last access or a copy elsewhere, is seen only by who lists all that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kvgate.case import Case, Mark, states_of
from kvgate.errors import KvgateError
from kvgate.run.progress import Progress
from kvgate.run.slots import Slots
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import Lister, NotInPlace, Seeder
from kvgate.seeding.spelling import decoded

_WORD = 6  # characters of a case behind the mark in a key


class Strays:
    """Looks for them once in a run, where places list all their keys; what it finds is taken away with the rest."""

    def __init__(self, seeder: Seeder, slots: Slots, journal: Journal, mark: Mark) -> None:
        self._seeder, self._slots, self._journal = seeder, slots, journal
        self._words = re.compile(re.escape(mark.text) + f"[0-9a-z]{{{_WORD}}}")
        self._there: frozenset[tuple[str, bytes]] | None = None
        self._begun = False

    def before(self) -> None:
        """Lists what is there once all cases are in place."""
        if not self._begun:
            self._begun = True
            self._there = self._listed()

    def after(self, cases: Iterable[Progress], witnesses: Iterable[Case]) -> None:
        """Tells each case which keys in its name are there by now. Raises InputError when the journal is lost.

        A place that has more in the name of a witness, which nobody asks for, makes keys by itself.
        """
        if self._there is None:
            return
        there, self._there = self._there, None
        new = (self._listed() or frozenset()) - there
        if not new:
            return
        of_case = {each.evidence.own.word: each for each in cases if each.evidence.own is not None}
        unasked = tuple(witnesses)
        own = map(self._keys, (*(each.evidence.case for each in of_case.values()), *unasked))
        found: dict[str, list[tuple[str, bytes]]] = {}
        for where, key in sorted(new.difference(*own)):
            found.setdefault(self._word(key), []).append((where, key))
        unsteady = {where for case in unasked for where, _ in found.get(self._word(case.key.encode()), ())}
        for word in found.keys() & of_case.keys():
            keys = tuple(each for each in found[word] if each[0] not in unsteady)
            self._journal.note(line for where, key in keys for line in self._lister.stray(where, key))
            of_case[word].note(strays=keys)

    def _word(self, key: bytes) -> str:
        """The mark and the characters of its case in a key; empty where it has none."""
        named = self._words.search(key.decode("latin-1"))
        return "" if named is None else named.group()

    @property
    def _lister(self) -> Lister:
        if not isinstance(self._seeder, Lister):
            raise TypeError("what was not listed has no strays")
        return self._seeder

    def _listed(self) -> frozenset[tuple[str, bytes]] | None:
        if not isinstance(self._seeder, Lister) or not self._seeder.writes:
            return None
        try:
            with self._slots.hold():
                return self._seeder.listed()
        except KvgateError:
            return None

    def _keys(self, case: Case) -> frozenset[tuple[str, bytes]]:
        """What may be there of a case: its keys in all its states, on the places where they belong."""
        pairs = {pair for state in states_of(case) for pair in state.keys}
        try:
            return frozenset((self._seeder.where(place, key), decoded(key)) for place, key in pairs)
        except NotInPlace:
            return frozenset()
