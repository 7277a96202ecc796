"""Finds keys that came into being while questions were asked, and that nobody wrote.

What a case's own keys hold is read before and after. A read that leaves something under a key of its own making, a time
of the last access or a copy elsewhere, is seen only by who lists all that is there.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

from kvgate.case import Case, Mark, states_of
from kvgate.errors import KvgateError
from kvgate.plural import many
from kvgate.run.progress import Progress
from kvgate.run.slots import Slots
from kvgate.run.witnesses import Witnesses
from kvgate.seeding.journal import Journal, read_journal
from kvgate.seeding.listing import LISTING
from kvgate.seeding.model import Lister, NotInPlace, Seeder, Written
from kvgate.seeding.spelling import decoded
from kvgate.wire.text import visible

Keys = frozenset[tuple[str, bytes]]  # each with the base URL of its place


class Strays:
    """Looks for them where places list all their keys; what it finds is taken away with the rest.

    A place that has more in the name of a witness, which nobody asks for, makes keys by itself, when it stores or reads
    one. So only places on which a witness stands are told on, and those that nobody writes to. Where a witness stands
    elsewhere, too, places keep copies for one another: then what a case has written is no stray anywhere.
    """

    def __init__(self, seeder: Seeder, slots: Slots, journal: Journal, mark: Mark, witnesses: Witnesses) -> None:
        self._seeder, self._slots, self._journal, self._witnesses = seeder, slots, journal, witnesses
        self._mark = mark
        self._any = self.slow = False
        self._left: dict[tuple[str, bytes], None] = {}

    def listed(self) -> Keys | None:
        """All that is there; None where that cannot be had."""
        if not isinstance(self._seeder, Lister) or not self._seeder.writes:
            return None
        began = time.monotonic()
        try:
            with self._slots.hold():
                return self._seeder.listed()
        except KvgateError:
            return None
        finally:
            self.slow = time.monotonic() - began >= LISTING

    def tell(self, cases: Iterable[Progress], before: Keys | None) -> None:
        """Tells each case which keys in its name have come into being since `before` was listed."""
        now = self.listed() if before is not None else None
        if now is None or before is None:
            return
        of_case = {each.evidence.case.name: each for each in cases if each.evidence.own is not None}
        keys_of = {case: self._keys(each.evidence.case) for case, each in of_case.items()}
        named = {name: case for case, keys in keys_of.items() for name in self._names(of_case[case], keys)}
        steady, copies = self._steady(before | now)
        own = frozenset[tuple[str, bytes]]().union(*keys_of.values())
        asked = {key for _, key in own}
        found: dict[str, list[tuple[str, bytes]]] = {}
        for where, key in sorted(now - before - own):
            case = named.get(self._name(key))
            if where in steady and case and not (copies and key in asked):
                found.setdefault(case, []).append((where, key))
        for case, strays in found.items():
            self._any = True
            of_case[case].note(strays=tuple(strays))
            # Without a journal nothing is to be written, and this nobody wrote: it stays, and breaches all the same.
            with contextlib.suppress(KvgateError):
                self._note(strays)

    def note(self) -> str:
        """Writes down what later questions have left as well, where there were any, to be taken away.

        Of the keys that are there those in the name of what this process has put there: a mark alone may stand in keys
        of others. One line where some have to stay, since removing them might take others with it. Raises InputError.
        """
        if self._any:
            written = read_journal(self._journal.path).written
            own = {self._name(decoded(each.key)) for each in written} - {""}
            noted = frozenset(filter(None, map(self._at, written)))
            self._note(at for at in self.listed() or () if at not in noted and self._name(at[1]) in own)
        if not self._left:
            return ""
        where, key = next(iter(self._left))
        left = f"{many(len(self._left), 'key')} that nobody wrote"
        return f"left behind: {left} ({visible(key, 60)} in {where}): removing such a key might take others with it"

    def _note(self, keys: Iterable[tuple[str, bytes]]) -> None:
        if isinstance(self._seeder, Lister):
            lines = {(where, key): self._seeder.stray(where, key) for where, key in sorted(keys)}
            self._left |= dict.fromkeys(at for at, written in lines.items() if not written)
            self._journal.note([line for written in lines.values() for line in written])

    def _at(self, written: Written) -> tuple[str, bytes] | None:
        """Where a key stands that is written down; None where none is ever written."""
        try:
            return self._seeder.where(written.place, written.key), decoded(written.key)
        except NotInPlace:
            return None

    def _steady(self, there: Keys) -> tuple[frozenset[str], bool]:
        """The places that are told on: none has more in the name of a witness. And whether one is copied elsewhere."""
        standing = frozenset[tuple[str, bytes]]().union(*map(self._keys, self._witnesses.cases))
        names = {self._name(key) for _, key in standing}
        more = [(where, key) for where, key in there - standing if self._name(key) in names]
        unwritten = self._seeder.unwritten if standing and isinstance(self._seeder, Lister) else frozenset()
        steady = (unwritten | {where for where, _ in standing}) - {where for where, _ in more}
        return steady, not {key for _, key in more}.isdisjoint(key for _, key in standing)

    def _names(self, progress: Progress, keys: Keys) -> frozenset[str]:
        """What tells that a key is a case's: its word, and what its own keys have instead."""
        own = progress.evidence.own
        return frozenset([own.word if own else "", *(self._name(key) for _, key in keys)]) - {""}

    def _name(self, key: bytes) -> str:
        """The mark and the characters of its case in a key, in capitals or not, or its digits; empty without either."""
        return self._mark.name_in(key.lower().decode("latin-1")) or ""

    def _keys(self, case: Case) -> Keys:
        """What may be there of a case: its keys in all its states, on the places where they belong."""
        pairs = {pair for state in states_of(case) for pair in state.keys}
        try:
            return frozenset((self._seeder.where(place, key), decoded(key)) for place, key in pairs)
        except NotInPlace:
            return frozenset()
