"""Whether all that may be at fault in a case is judged by a run that was narrowed."""

from __future__ import annotations

import pytest

from kvgate.level import Level
from kvgate.plugin.chosen import Chosen
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.verdict import Check


def plan_of(**selection: object) -> Plan:
    return make_plan("get2", "doc", Selection(**selection))  # type: ignore[arg-type]  # fields of Selection


def check_of(plan: Plan, requirement: str) -> Check:
    return next(check for check in plan.checks if check.requirement == requirement)


def completes(plan: Plan, requirement: str, left: list[str] | None = None, case: str = "control") -> bool:
    chosen = Chosen({"get2": plan})
    if left is not None:
        chosen.note((name, plan.cases[case]) for name in left)
    return chosen.completes(check_of(plan, requirement), plan.cases[case])


WHOLE = plan_of()
OF_CONTROL = [check.requirement for check in WHOLE.checks_of(WHOLE.cases["control"])]


def test_the_whole_plan_has_all_that_may_be_at_fault() -> None:
    assert completes(WHOLE, "get2.body.match")
    assert completes(WHOLE, "get2.body.match", OF_CONTROL)


@pytest.mark.parametrize("left_out", [name for name in OF_CONTROL if name != "get2.body.match"])
def test_pytest_may_leave_out_what_is_at_fault(left_out: str) -> None:
    left = [name for name in OF_CONTROL if name != left_out]
    must = WHOLE.requirements[left_out].level is Level.MUST
    assert completes(WHOLE, "get2.body.match", left) is not must


def test_a_selection_of_requirements_leaves_others_out() -> None:
    assert not completes(plan_of(requirements=("get2.body.*",)), "get2.body.match")


def test_a_selection_of_cases_or_of_a_level_leaves_nothing_out_that_matters() -> None:
    assert completes(plan_of(cases=("control",)), "get2.body.match")
    assert completes(plan_of(level=Level.MUST), "get2.body.match")


def test_what_is_weaker_may_not_be_at_fault_for_what_is_stronger_but_the_reverse_may() -> None:
    should = next(name for name in OF_CONTROL if WHOLE.requirements[name].level is Level.SHOULD)
    must = [name for name in OF_CONTROL if WHOLE.requirements[name].level is Level.MUST]
    assert completes(WHOLE, must[0], must)
    assert not completes(WHOLE, should, [name for name in OF_CONTROL if name != must[0]])
