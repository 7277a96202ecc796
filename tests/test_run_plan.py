"""Which checks meet which cases."""

from __future__ import annotations

import re

import pytest

from kvgate.errors import InputError
from kvgate.level import Level
from kvgate.requirement import load_requirements
from kvgate.run.patterns import chosen
from kvgate.run.plan import Plan, Selection, check_selection, make_plan, unmatched


def made(plan: Plan) -> set[tuple[str, str]]:
    return {(check.requirement, case.name) for check in plan.checks for case in plan.cases_of(check)}


@pytest.mark.parametrize("interface", ["get2", "geode"])
def test_without_a_selection_every_pair_is_made(interface: str) -> None:
    plan = make_plan(interface, "doc", Selection())
    assert made(plan) == set(plan.everything)
    assert {requirement for requirement, _ in made(plan)} == set(plan.requirements)


def test_patterns_are_names_or_globs_and_several_add_up() -> None:
    some = make_plan("get2", "doc", Selection(requirements=("get2.body.*", "get2.length.true"), cases=("control",)))
    assert made(some) == {("get2.body.match", "control"), ("get2.length.true", "control")}
    assert some.everything == make_plan("get2", "doc", Selection()).everything


@pytest.mark.parametrize(("level", "levels"), [(Level.MUST, {Level.MUST}), (Level.SHOULD, {Level.MUST, Level.SHOULD})])
def test_the_level_is_that_of_the_check_on_the_case(level: Level, levels: set[Level]) -> None:
    """A MUST on a case that is only observed is no MUST."""
    plan = make_plan("geode", "doc", Selection(level=level))
    assert {plan.cases[name].level for _, name in made(plan)} <= levels
    assert {plan.requirements[requirement].level for requirement, _ in made(plan)} <= levels


def test_a_check_of_no_requirement_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = load_requirements
    monkeypatch.setattr(
        "kvgate.run.plan.load_requirements",
        lambda name: {key: row for key, row in usual(name).items() if key != "get2.body.match"},
    )
    with pytest.raises(InputError, match=r"no requirement 'get2\.body\.match'"):
        make_plan("get2", "doc", Selection())


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(InputError, match="unknown profile 'dox'"):
        make_plan("get2", "dox", Selection())


def test_patterns_that_name_nothing_are_told_with_the_nearest_name() -> None:
    selection = Selection(requirements=("get2.body.mach", "get2.*"), cases=("contrl", "zzzzzzzz", "page-*"))
    lines = unmatched([make_plan(name, "doc", selection) for name in ("get2", "geode")])
    assert lines == (
        "no requirement matches 'get2.body.mach' (did you mean 'get2.body.match'?)",
        "no case matches 'contrl' (did you mean 'control'?)",
        "no case matches 'zzzzzzzz'; `kvgate list` shows what there is",
    )
    assert unmatched([]) == ()


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(requirements=("get2.*", "get2.body.mach")), "no requirement matches 'get2.body.mach' (did you mean"),
        (Selection(requirements=("get2.status.match", "get2.body")), "(did you mean 'get2.body.*'?)"),
        (Selection(cases=("contrl", "control")), "no case matches 'contrl' (did you mean 'control'?)"),
        # Alone, too: all that was to be left out would be asked.
        (Selection(cases=("!contrl",)), "no case matches 'contrl' (did you mean 'control'?)"),
        (Selection(requirements=("!get2.body.mach",)), "no requirement matches 'get2.body.mach' (did you mean"),
    ],
)
def test_a_pattern_of_nothing_beside_others_is_a_mistake(selection: Selection, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        check_selection([make_plan("get2", "doc", selection)])


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(requirements=("get2.*", "geode.status.*"), cases=("control", "page-first-example")),
        Selection(requirements=("get2.body.mach",), cases=("contrl",)),
    ],
)
def test_a_pattern_of_another_interface_is_none_and_nothing_at_all_is_not_tested(selection: Selection) -> None:
    check_selection([make_plan("get2", "doc", selection)])
    check_selection([])


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ((), "abc"),
        (("a",), "a"),
        (("!a",), "bc"),
        (("[ab]", "!a"), "b"),
        (("!a", "[ab]"), "b"),
        (("!a", "!b"), "c"),
        (("a", "!a"), ""),
        (("!*",), ""),
    ],
)
def test_what_a_pattern_leaves_out_is_left_out_whatever_takes_it(patterns: tuple[str, ...], names: str) -> None:
    assert "".join(name for name in "abc" if chosen(name, patterns)) == names


@pytest.mark.parametrize(
    ("cases", "explores"),
    [(("!control",), True), (("!explored-*",), False), (("!*",), False), (("control", "!page-*"), False), ((), True)],
)
def test_generated_cases_are_left_out_like_others(cases: tuple[str, ...], explores: bool) -> None:
    assert Selection(cases=cases, explored=True).explores is explores
