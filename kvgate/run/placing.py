"""Puts states in place and reads them, as one part of a run: written down before, a slot held, slow places counted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

from kvgate.case import Case
from kvgate.errors import KvgateError
from kvgate.run.health import Health
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import NotInPlace, NotTaken, Seeder
from kvgate.verdict.evidence import SHORT_ENOUGH, Situation
from kvgate.wire.client import Limits


class Placing:
    """The writes and readings of one interface's run; thread-safe. `limits` are those of a request."""

    def __init__(
        self, seeder: Seeder, journal: Journal, slots: Slots, stop: Stop, health: Health, limits: Limits
    ) -> None:
        self._seeder, self._journal, self._slots = seeder, journal, slots
        self._stop, self._health = stop, health
        self._limit = min(limits.connect, limits.read, limits.total)

    def put(self, case: Case) -> tuple[Situation | None, str | None]:
        """Puts a state in place; what was read of it, or why it is not there. Raises NotTaken."""
        planned = self._seeder.plan(case)
        try:
            self._journal.note(planned)
        except KvgateError as error:
            return None, str(error)
        try:
            before, reason = self._tried(lambda: self._seeder.put(case))
        except NotTaken:
            # Whoever takes them away may be told the same of them, and has to know that this was so of the write.
            refused = [replace(each, odd=True) for each in planned if len(each.remove.target) > SHORT_ENOUGH]
            with contextlib.suppress(KvgateError):
                self._journal.note(refused)
            raise
        if reason is not None and not self._stop.is_set():
            reason = f"not in place: {reason}"
        return before, reason

    def read(self, case: Case) -> tuple[Situation | None, str | None]:
        """What the places hold for a case, or why that cannot be read."""
        return self._tried(lambda: self._seeder.read(case))

    def _tried(self, act: Callable[[], Situation | None]) -> tuple[Situation | None, str | None]:
        try:
            with self._slots.hold():
                began = time.monotonic()
                return act(), None
        except NotTaken:
            raise
        except (NotInPlace, KvgateError) as reason:
            if self._stop.is_set():
                return None, self._stop.because
            # Not while a slot is held: whoever is looking into the control meanwhile needs one.
            self._health.after_seeding(time.monotonic() - began, self._limit, getattr(reason, "where", None))
            return None, str(reason)
