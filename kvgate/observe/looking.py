"""Stands in for the seeding where nothing is seeded: what a case says is there is looked at, before and after."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace

from kvgate.case import Case
from kvgate.observe.readers import Pair, Reader
from kvgate.seeding.model import NotInPlace, Written
from kvgate.strictjson import NotJson, equal, read
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.exchange import Exchange, Request

CHANGED = "what is there has changed since it was read"


class Looking:
    """A `Seeder` that only reads. Thread-safe.

    `changed` has what was there instead for each case that was found otherwise, `reads` the exchanges that told what
    was there, by case. What a control case holds is not looked at: only its answer counts.
    """

    writes = False

    def __init__(self, reader: Reader, controls: Collection[str]) -> None:
        self._reader, self._controls = reader, frozenset(controls)
        self._lock = threading.Lock()
        self.changed: dict[str, Situation] = {}
        self.reads: dict[str, tuple[Exchange, ...]] = {}

    def prepare(self) -> None:
        """Nothing: the reader is prepared."""

    def aimed(self, case: Case) -> Case:
        """The case as it is: its key is there already."""
        return case

    def plan(self, case: Case) -> tuple[Written, ...]:  # noqa: ARG002  # nothing is written for any case
        """Nothing."""
        return ()

    def put(self, case: Case) -> Situation | None:
        """Looks whether there is what the case says. Raises NotInPlace where there is something else."""
        if case.name in self._controls:
            return None
        situation = self._look(case, "before")
        if case.name in self.changed:
            raise NotInPlace(CHANGED)
        return situation

    def read(self, case: Case) -> Situation | None:
        """What is there now."""
        return self._look(case, "after")

    def where(self, place: str, key: str) -> str:
        """The base URL that a place's key stands behind. Raises NotInPlace."""
        return self._reader.where(place, key)

    def look_again(self) -> None:
        """As the reader."""
        self._reader.look_again()

    def moved(self, case: Case) -> str | None:
        """As the reader."""
        return self._reader.moved(case)

    def remove(self, written: Written) -> Exchange:
        """Never called: nothing was written."""
        raise AssertionError(f"key {written.key} was never written")

    def taken(self, exchange: Exchange) -> bool:  # noqa: ARG002  # never called
        """Never called: nothing is removed."""
        raise AssertionError("nothing is removed")

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:  # noqa: ARG002  # nothing put the state there
        """Nothing."""
        return ()

    def close(self) -> None:
        """Nothing: who made the reader closes it."""

    def _look(self, case: Case, when: str) -> Situation:
        seen = self._reader.read(case.keys)
        said = {(h.place, h.key): Held(h.value, h.version) for h in case.holdings}
        found = {pair: settled(held, said.get(pair, Held(None))) for pair, (held, _) in seen.items()}
        otherwise = any(found[pair] != said.get(pair, Held(None)) for pair in found)
        with self._lock:
            if otherwise:
                self.changed[case.name] = Situation(found)
            if otherwise or when == "before":
                self.reads[case.name] = (*self.reads.get(case.name, ()), *_labelled(seen, when))
        return Situation(found)


def settled(held: Held, said: Held) -> Held:
    """What was found, in the very bytes that were said to be there where they are the same or the same JSON."""
    if held == said or held.value is None or said.value is None or held.version is not None:
        return said if held == said else held
    try:
        return said if equal(read(held.value), read(said.value)) else held
    except NotJson:
        return held


def _labelled(seen: Mapping[Pair, tuple[Held, Exchange]], when: str) -> tuple[Exchange, ...]:
    return tuple(replace(exchange, label=f"{place} {when}") for (place, _), (_, exchange) in seen.items())
