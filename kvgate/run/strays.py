"""Finds keys that came into being while questions were asked, and that nobody wrote.

What a case's own keys hold is read before and after. A read that leaves something under a key of its own making, a time
of the last access or a copy elsewhere, is seen only by who lists all that is there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from kvgate.case import Case, Mark, states_of
from kvgate.errors import KvgateError
from kvgate.run.progress import Progress
from kvgate.run.slots import Slots
from kvgate.run.witnesses import Witnesses
from kvgate.seeding.journal import Journal, read_journal
from kvgate.seeding.model import Lister, NotInPlace, Seeder
from kvgate.seeding.spelling import decoded

Keys = frozenset[tuple[str, bytes]]  # each with the base URL of its place


class Strays:
    """Looks for them where places list all their keys; what it finds is taken away with the rest.

    A place that has more in the name of a witness, which nobody asks for, makes keys by itself, when it stores or reads
    one. So only places on which a witness stands are told on, or the places of one server where any does. What a case
    has written is no stray elsewhere: nodes may keep copies for one another, and take their time over it.
    """

    def __init__(self, seeder: Seeder, slots: Slots, journal: Journal, mark: Mark, witnesses: Witnesses) -> None:
        self._seeder, self._slots, self._journal, self._witnesses = seeder, slots, journal, witnesses
        self._mark = mark
        self._any = False

    def listed(self) -> Keys | None:
        """All that is there; None where that cannot be had."""
        if not isinstance(self._seeder, Lister) or not self._seeder.writes:
            return None
        try:
            with self._slots.hold():
                return self._seeder.listed()
        except KvgateError:
            return None

    def tell(self, cases: Iterable[Progress], before: Keys | None) -> None:
        """Tells each case which keys in its name have come into being since `before` was listed."""
        now = self.listed() if before is not None else None
        if now is None or before is None:
            return
        of_case = {each.evidence.own.word: each for each in cases if each.evidence.own is not None}
        steady = self._steady(before | now)
        own = {key for each in of_case.values() for _, key in self._keys(each.evidence.case)}
        found: dict[str, list[tuple[str, bytes]]] = {}
        for where, key in sorted(now - before):
            word = self._word(key)
            if where in steady and word in of_case and key not in own:
                found.setdefault(word, []).append((where, key))
        for word, keys in found.items():
            self._any = True
            of_case[word].note(strays=tuple(keys))
            # Without a journal nothing is to be written, and this nobody wrote: it stays, and breaches all the same.
            with contextlib.suppress(KvgateError):
                self._note(keys)

    def note(self) -> None:
        """Writes down what later questions have left as well, where there were any, to be taken away.

        Of the keys that are there those in the name of what this process has put there: a mark alone may stand in keys
        of others. Raises InputError.
        """
        if self._any:
            own = {self._word(decoded(written.key)) for written in read_journal(self._journal.path).written} - {""}
            self._note((where, key) for where, key in self.listed() or () if self._word(key) in own)

    def _note(self, keys: Iterable[tuple[str, bytes]]) -> None:
        if isinstance(self._seeder, Lister):
            self._journal.note([line for where, key in sorted(keys) for line in self._seeder.stray(where, key)])

    def _steady(self, there: Keys) -> frozenset[str]:
        """The places on which a witness stands, and nothing else in its name; those of one server count as one."""
        standing = frozenset[tuple[str, bytes]]().union(*map(self._keys, self._witnesses.cases))
        words = {self._word(key) for _, key in standing}
        unsteady = {where for where, key in there - standing if self._word(key) in words}
        steady = frozenset(where for where, _ in standing) - unsteady
        if isinstance(self._seeder, Lister) and self._seeder.one_server:
            return frozenset(where for where, _ in there) if steady and not unsteady else frozenset()
        return steady

    def _word(self, key: bytes) -> str:
        """The mark and the characters of its case in a key; empty where it has none."""
        return self._mark.word_in(key.decode("latin-1")) or ""

    def _keys(self, case: Case) -> Keys:
        """What may be there of a case: its keys in all its states, on the places where they belong."""
        pairs = {pair for state in states_of(case) for pair in state.keys}
        try:
            return frozenset((self._seeder.where(place, key), decoded(key)) for place, key in pairs)
        except NotInPlace:
            return frozenset()
