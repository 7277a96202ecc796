"""No seeding: the state stands there already under a fixed mark, and is read where it can be read."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.seeding.model import NotInPlace, Written
from kvgate.seeding.nodes import NodesSeeder
from kvgate.seeding.rest import RestSeeder
from kvgate.seeding.sweep import is_gone
from kvgate.verdict.evidence import Situation
from kvgate.wire.exchange import Exchange, Request


class PreloadedSeeder:
    """Writes nothing. `state` knows the places and reads them; None where the target gives no way to them."""

    writes = False

    def __init__(self, state: NodesSeeder | RestSeeder | None) -> None:
        self._state = state

    def prepare(self) -> None:
        """Finds out where the places are, if they can be reached. Raises SurroundingsError or InputError."""
        if self._state is not None:
            self._state.prepare()

    def plan(self, case: Case) -> tuple[Written, ...]:  # noqa: ARG002  # nothing is written for any case
        """Nothing."""
        return ()

    def put(self, case: Case) -> Situation | None:
        """Reads whether the case's state is there; None where that cannot be read. Raises NotInPlace."""
        return None if self._state is None else self._state.confirm(case)

    def read(self, case: Case) -> Situation | None:
        """What the places hold now; None where that cannot be read. Raises NotInPlace."""
        return None if self._state is None else self._state.read(case)

    def where(self, place: str, key: str) -> str:
        """The base URL that a place's key stands behind. Raises NotInPlace."""
        return self._known().where(place, key)

    def remove(self, written: Written) -> Exchange:
        """Never called: nothing was written."""
        raise AssertionError(f"key {written.key} was never written")

    def gone(self, exchange: Exchange) -> bool:
        """Whether the answer to a removal means that the key is not there any more."""
        return is_gone(exchange)

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """The writes with which an operator puts the case's state there. Raises NotInPlace."""
        return self._known().recipe(case)

    def close(self) -> None:
        """Closes what was opened. Idempotent."""
        if self._state is not None:
            self._state.close()

    def _known(self) -> NodesSeeder | RestSeeder:
        if self._state is None:
            raise NotInPlace("the target names no nodes, so nobody knows where the state belongs: give them in nodes")
        return self._state
