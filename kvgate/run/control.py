"""The controls of one process, and what they were answered: before anything else, after faults, before other questions.

Nobody waits for these answers to be right, but each is an answer to a question whose state is known. They are judged
with the control's own case: a server that answers its first questions wrongly is not to be green.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from kvgate.case import Case
from kvgate.errors import KvgateError
from kvgate.run.asking import Asker
from kvgate.run.health import Health
from kvgate.run.plan import Plan
from kvgate.run.standing import OTHERS, Standing
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.wire.exchange import Exchange

MOST = 64  # of each control
_DATE = re.compile(rb"\r\ndate:[^\r\n]*", re.IGNORECASE)


class ControlAnswers:
    """The different answers that each control got, in order; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[bytes, Exchange]] = {}

    def hear(self, case: Case, exchange: Exchange) -> None:
        """Keeps an answer to the question of a control, unless one is there that is the same but for its date."""
        if exchange.response is None or exchange.fault is not None:
            # What became of it is looked into by asking once more.
            return
        said = _DATE.sub(b"", exchange.raw, count=1)
        with self._lock:
            kept = self._kept.setdefault(case.asks[0].target, {})
            if said in kept or len(kept) == MOST:
                return
            kept[said] = replace(exchange, label=f"as-control-{len(kept) + 1}")

    def of(self, case: Case) -> tuple[Exchange, ...]:
        """The answers to a control."""
        with self._lock:
            return tuple(self._kept.get(case.asks[0].target, {}).values())


class Controls:
    """The controls that stand for one process; each gives its state to the control's own case once.

    `beside` are those whose case is another process's. `standing` are their cases,
    empty until they are put in place; `said` is what they were answered.
    """

    def __init__(self, plan: Plan, seeder: Seeder, asker: Asker) -> None:
        self._plan, self._seeder, self._asker = plan, seeder, asker
        self._own: dict[str, Case] = {}
        self._missed: dict[str, Case] = {}
        self.beside: frozenset[str] = frozenset()
        self.standing: tuple[Case, ...] = ()
        self.said = ControlAnswers()

    def put(self, standing: Standing) -> None:
        """Puts them in place. Raises as `Standing.put`."""
        self.standing = tuple(standing.put(name) for name in self._plan.interface.control)

    def ask(self) -> list[Exchange]:
        """Asks each of them."""
        exchanges = self._asker.control(self.standing)
        for control, exchange in zip(self.standing, exchanges, strict=True):
            # One that is answered otherwise is asked again, and may not be there yet.
            if exchange.response is not None and exchange.response.status in self._plan.interface.control_statuses:
                self.said.hear(control, exchange)
        return exchanges

    def answered(self) -> None:
        """They answer: their state is that of their own cases, where this run put it there."""
        if self._seeder.writes:
            self._own = dict(zip(self._plan.interface.control, self.standing, strict=True))

    def others(self, standing: Standing, health: Health) -> bool:
        """Whether others answer where the first were answered otherwise: a server may find some of its keys only.

        That is for the checks to say, which get the key that was not found for the control's own case. One that answers
        none of them is perhaps no server of this interface.
        """
        names, missed = self._plan.interface.control, self.standing
        for turn in range(1, OTHERS + 1):
            if not health.otherwise or not self._seeder.writes:
                return False
            try:
                self.standing = standing.others(names, turn)
            except (KvgateError, NotInPlace):
                return False
            if health.first(patiently=False) is None:
                self._missed = {name: replace(case, name=name) for name, case in zip(names, missed, strict=True)}
                return True
        return False

    def own(self, name: str) -> Case | None:
        """The control that stands for the case of this name, once. Raises NotInPlace where that case is another's."""
        control = self._own.pop(name, None)
        if control is None and name in self.beside:
            raise NotInPlace("another process asks about this control")
        return control

    def missed(self, case: Case) -> Case:
        """The case itself, or a control's that was not found, once."""
        return self._missed.pop(case.name, case)
