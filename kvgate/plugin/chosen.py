"""Which checks of a case a run judges, after every selection: kvgate's own, and pytest's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvgate.case import Case
from kvgate.level import at_least
from kvgate.run.plan import Plan
from kvgate.verdict import Check
from kvgate.verdict.judge import effective_level


class Chosen:
    """The pairs of requirement and case that pytest is left with. A case without any is judged as the plan says."""

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans
        self._requirements: dict[tuple[str, str], set[str]] = {}

    def note(self, pairs: Iterable[tuple[str, Case]]) -> None:
        """Keeps what was collected: (requirement, case)."""
        for requirement, case in pairs:
            self._requirements.setdefault((case.interface, case.name), set()).add(requirement)

    def completes(self, check: Check, case: Case) -> bool:
        """Whether all others that apply to the case, at the level of this check or above, are judged in the run too."""
        plan = self._plans[case.interface]
        judged = self._requirements.get((case.interface, case.name))
        if judged is None:
            judged = {other.requirement for other in plan.checks_of(case)}
        level = effective_level(plan.requirements[check.requirement], case, plan.profile)
        return all(
            other.requirement in judged
            or not other.applies(case, plan.profile.facts)
            or not at_least(effective_level(plan.requirements[other.requirement], case, plan.profile), level)
            for other in plan.checks
        )
