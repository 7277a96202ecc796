"""A prober with stand-ins for the servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from run_parts import FakeClient, FakeSeeder

from kvgate.case import Mark, place
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.run.prober import Prober
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal
from kvgate.target.model import Part
from kvgate.wire.exchange import Exchange

PLAN = make_plan("get2", "doc", Selection())
PART = Part("get2", "http://127.0.0.1:9", "", "doc", "nodes", {})
MARK = Mark("kvtest")
SINGLE = [name for name, case in PLAN.cases.items() if len(case.asks) == 1]
SERIAL = next(name for name, case in PLAN.cases.items() if len({ask.connection for ask in case.asks} - {None}) == 1)
AT_ONCE = next(name for name, case in PLAN.cases.items() if any(ask.together for ask in case.asks))


class Made:
    """A prober with all that it was made of."""

    def __init__(
        self,
        folder: Path,
        *,
        answer: Callable[[str, str, int], Exchange] | None = None,
        trouble: Callable[[str, str], None] | None = None,
        slots: int = 4,
        plan: Plan = PLAN,
        seeder: FakeSeeder | None = None,
    ) -> None:
        self.client, self.seeder, self.stop = FakeClient(answer), seeder or FakeSeeder(trouble), Stop()
        self.journal = Journal(folder, MARK)
        holder: Any = self.seeder
        client: Any = self.client
        self.prober = Prober(PART, plan, holder, client, self.journal, MARK, slots=Slots(slots), stop=self.stop)

    def targets(self, label: str) -> list[str]:
        return [target for target, asked in self.client.asked if asked == label]


def placed_target(name: str) -> str:
    """The target of a case's first question under the tests' mark."""
    return place(PLAN.cases[name], MARK, {}).asks[0].target
