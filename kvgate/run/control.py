"""The controls of one process, and what they were answered: before anything else, after faults, before other questions.

Nobody waits for these answers to be right, but each is an answer to a question whose state is known. They are judged
with the control's own case: a server that answers its first questions wrongly, or fails on one now and then, is not to
be green.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from kvgate.case import Case
from kvgate.errors import KvgateError
from kvgate.run.asking import Asker
from kvgate.run.health import Health, control_trouble, speaks
from kvgate.run.plan import Plan
from kvgate.run.standing import OTHERS, Standing
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.wire.exchange import Exchange

MOST = 64  # of each control
_DATE = re.compile(rb"\r\ndate:[^\r\n]*", re.IGNORECASE)


def _broke_off(exchange: Exchange) -> bool:
    return exchange.response is None and exchange.fault is not None and not exchange.fault.unreachable


class ControlAnswers:
    """The different answers that each control got, in order; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[bytes, Exchange]] = {}

    def hear(self, case: Case, exchange: Exchange) -> None:
        """Keeps what came of the question of a control, unless one is there that is the same but for its date."""
        if exchange.fault is not None and exchange.fault.unreachable:
            return
        broken = exchange.fault.kind.encode() if exchange.fault is not None else b""
        said = broken + _DATE.sub(b"", exchange.raw, count=1)
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
        self._known = False
        self._passing: list[tuple[Case, Exchange]] = []

    def put(self, standing: Standing) -> None:
        """Puts them in place. Raises as `Standing.put`."""
        self.standing = tuple(standing.put(name) for name in self._plan.interface.control)

    def ask(self) -> list[Exchange]:
        """Asks each of them.

        What is not as it should be may be so because their state is not there yet, which no failure of a server is; or
        because the server is gone. So it is kept only where they had been answered, and are again.
        """
        asked = list(zip(self.standing, self._asker.control(self.standing), strict=True))
        well = [self._is_well(exchange) for _, exchange in asked]
        for (control, exchange), is_well in zip(asked, well, strict=True):
            if is_well:
                self.said.hear(control, exchange)
            elif self._known and speaks(exchange):
                self._passing.append((control, exchange))
        if all(well):
            for control, exchange in self._passing:
                self.said.hear(control, exchange)
            self._passing.clear()
        return [exchange for _, exchange in asked]

    def wrong_at_first(self) -> list[tuple[Case, Exchange]] | None:
        """What came of each of them that was answered well only when asked once more; None where it still is not."""
        asked = list(zip(self.standing, self._asker.control(self.standing), strict=True))
        wrong = [(control, exchange) for control, exchange in asked if not self._is_well(exchange)]
        if wrong and not all(map(self._is_well, self._asker.control(self.standing))):
            return None
        return [(control, exchange) for control, exchange in wrong if speaks(exchange) or _broke_off(exchange)]

    def kept(self, witness: Case) -> bool:
        """Whether a state that is answered as a control's is still there, as far as the answer tells."""
        (exchange,) = self._asker.control([witness])
        return not speaks(exchange) or self._is_well(exchange)

    def _is_well(self, exchange: Exchange) -> bool:
        return control_trouble([exchange], self._plan.interface.control_statuses) is None

    def answered(self) -> None:
        """They answer: their state is that of their own cases, where this run put it there."""
        self._known = True
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
