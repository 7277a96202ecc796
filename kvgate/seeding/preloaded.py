"""No seeding: the state stands there already under a fixed mark, and is read where it can be read."""

from __future__ import annotations

import threading

from kvgate.case import Case
from kvgate.seeding.model import Written
from kvgate.seeding.nodes import NodesSeeder
from kvgate.seeding.rest import RestSeeder
from kvgate.verdict.evidence import Situation
from kvgate.wire.exchange import Exchange, Request


class PreloadedSeeder:
    """Writes nothing. `state` knows where the state belongs; it is asked what is there only if it `reads`."""

    writes = False

    def __init__(self, state: NodesSeeder | RestSeeder, *, reads: bool = True) -> None:
        self._state = state
        self._reads = reads
        self._preparing = threading.Lock()
        self._prepared = False

    def prepare(self) -> None:
        """Finds out where the places are, if they are to be read. Raises SurroundingsError or InputError."""
        if self._reads:
            self._known()

    def aimed(self, case: Case) -> Case:
        """As whoever loaded the state did with the same table. Raises as `where`."""
        return self._known().aimed(case) if case.aim else case

    def plan(self, case: Case) -> tuple[Written, ...]:  # noqa: ARG002  # nothing is written for any case
        """Nothing."""
        return ()

    def put(self, case: Case) -> Situation | None:
        """Reads whether the case's state is there; None where that is not to be read. Raises NotInPlace."""
        return self._known().confirm(case) if self._reads else None

    def read(self, case: Case) -> Situation | None:
        """What the places hold now; None where that is not to be read. Raises NotInPlace."""
        return self._known().read(case) if self._reads else None

    def where(self, place: str, key: str) -> str:
        """The base URL that a place's key stands behind. Raises NotInPlace, and what `prepare` raises."""
        return self._known().where(place, key)

    def look_again(self) -> None:
        """As the state's own, where it is read at all."""
        if self._prepared:
            self._state.look_again()

    def moved(self, case: Case) -> str | None:
        """As the state's own."""
        return self._state.moved(case)

    def remove(self, written: Written) -> Exchange:
        """Never called: nothing was written."""
        raise AssertionError(f"key {written.key} was never written")

    def taken(self, exchange: Exchange) -> bool:
        """As the state's own."""
        return self._state.taken(exchange)

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """The writes with which an operator puts the case's state there. Raises as `where`."""
        return self._known().recipe(case)

    def close(self) -> None:
        """Closes what was opened. Idempotent."""
        self._state.close()

    def _known(self) -> NodesSeeder | RestSeeder:
        with self._preparing:
            if not self._prepared:
                self._state.prepare()
                self._prepared = True
        return self._state
