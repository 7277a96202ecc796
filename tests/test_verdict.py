"""What stands between a check and its verdict: level, check, and which checks there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from verdict_parts import (
    CASE,
    PROFILE,
    REQUIREMENT,
    breach,
    check_of,
    exchange,
    not_applicable,
    unjudged,
)

from kvgate.case import Case
from kvgate.interface import Lowering, Raising
from kvgate.level import Level
from kvgate.requirement import Requirement
from kvgate.verdict import (
    Evidence,
    FaultElsewhere,
    Verdict,
    judge,
    load_checks,
    load_profile_checks,
    requires,
    restated,
)
from kvgate.verdict.check import checks_of
from kvgate.verdict.judge import effective_level

# Levels


@pytest.mark.parametrize("demanded", Level)
@pytest.mark.parametrize("situation", Level)
def test_the_level_is_the_lower_of_the_requirement_and_the_case(demanded: Level, situation: Level) -> None:
    order = [Level.INFO, Level.SHOULD, Level.MUST]
    requirement, case = replace(REQUIREMENT, level=demanded), replace(CASE, level=situation)
    lower = order[min(order.index(demanded), order.index(situation))]
    assert effective_level(requirement, case, PROFILE) is lower
    assert effective_level(replace(requirement, of_profile=True), case, PROFILE) is demanded


INFO_CASE = replace(CASE, level=Level.INFO)
INFO_CLAUSE = replace(REQUIREMENT, level=Level.INFO)


@pytest.mark.parametrize(
    ("row", "requirement", "case", "level"),
    [
        (Raising(Level.MUST, "E1"), REQUIREMENT, INFO_CASE, Level.MUST),
        (Raising(Level.SHOULD, "E1", case="a-*"), REQUIREMENT, INFO_CASE, Level.SHOULD),
        (Raising(Level.MUST, "E1", case="b-*"), REQUIREMENT, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1"), INFO_CLAUSE, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.area.*"), INFO_CLAUSE, CASE, Level.MUST),
        (Raising(Level.MUST, "E1", "get2.other.*"), INFO_CLAUSE, CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.area.*"), INFO_CLAUSE, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.other.*"), REQUIREMENT, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.area.*", "b-*"), INFO_CLAUSE, CASE, Level.INFO),
    ],
)
def test_a_profile_raises_what_it_names(row: Raising, requirement: Requirement, case: Case, level: Level) -> None:
    assert effective_level(requirement, case, replace(PROFILE, raised=(row,))) is level
    never = Raising(Level.MUST, "E1", None, "no-such-*")
    assert effective_level(requirement, case, replace(PROFILE, raised=(never, row))) is level


@pytest.mark.parametrize(
    ("requirement", "case", "level"),
    [
        ("*", "*", Level.SHOULD), ("get2.area.clause", "a-case", Level.SHOULD), ("get2.other.*", "*", Level.MUST),
        ("*", "b-*", Level.MUST),
    ],
)  # fmt: skip
def test_a_profile_lowers_what_it_names(requirement: str, case: str, level: Level) -> None:
    lowered = (Lowering(requirement, case, Level.SHOULD, "E1"),)
    assert effective_level(REQUIREMENT, CASE, replace(PROFILE, lowered=lowered)) is level
    assert effective_level(REQUIREMENT, INFO_CASE, replace(PROFILE, lowered=lowered)) is Level.INFO


@pytest.mark.parametrize(
    ("level", "strict", "of_breach", "of_pass"),
    [
        (Level.MUST, False, Verdict.FAIL, Verdict.PASS),
        (Level.MUST, True, Verdict.FAIL, Verdict.PASS),
        (Level.SHOULD, False, Verdict.WARN, Verdict.PASS),
        (Level.SHOULD, True, Verdict.FAIL, Verdict.PASS),
        (Level.INFO, False, Verdict.OBSERVED, Verdict.OBSERVED),
        (Level.INFO, True, Verdict.OBSERVED, Verdict.OBSERVED),
    ],
)
def test_the_verdict_is_that_of_the_level(level: Level, strict: bool, of_breach: Verdict, of_pass: Verdict) -> None:
    seen = Evidence(replace(CASE, level=level), (exchange(),))
    found = [
        judge(check_of(function), REQUIREMENT, PROFILE, seen, strict=strict)
        for function in (breach, lambda: None, not_applicable, unjudged)
    ]
    assert [(one.verdict, one.message, one.want, one.got) for one in found] == [
        (of_breach, "it is wrong", "this", "that"),
        (of_pass, "", "", ""),
        (Verdict.NOT_APPLICABLE, "it has no meaning here", "", ""),
        (Verdict.NO_VERDICT, "there was no server", "", ""),
    ]
    assert {(one.interface, one.requirement, one.case, one.level) for one in found} == {
        ("get2", "get2.area.clause", "a-case", level)
    }


@pytest.mark.parametrize(
    ("completes", "level", "told"),
    [
        (True, Level.MUST, (Verdict.NOT_APPLICABLE, "the status is wrong")),
        (False, Level.MUST, (Verdict.NO_VERDICT, "the status is wrong; the requirement at fault was not selected")),
        (False, Level.INFO, (Verdict.NOT_APPLICABLE, "the status is wrong")),
    ],
)
def test_what_is_at_fault_elsewhere_is_judged_only_with_the_other(
    completes: bool, level: Level, told: tuple[Verdict, str]
) -> None:
    def elsewhere() -> None:
        raise FaultElsewhere("the status is wrong")

    seen = Evidence(replace(CASE, level=level), (exchange(),))
    found = [
        judge(check_of(function), REQUIREMENT, PROFILE, seen, strict=False, completes=lambda: completes)
        for function in (elsewhere, not_applicable, lambda: None)
    ]
    assert [(one.verdict, one.message) for one in found] == [
        told,
        (Verdict.NOT_APPLICABLE, "it has no meaning here"),
        (Verdict.OBSERVED if level is Level.INFO else Verdict.PASS, ""),
    ]


def test_a_case_that_is_left_out_or_in_trouble_is_not_judged() -> None:
    def judged(**how: str) -> tuple[Verdict, str]:
        seen = Evidence(CASE, (exchange(),), **how)  # type: ignore[arg-type]  # texts only
        found = judge(check_of(breach), REQUIREMENT, PROFILE, seen, strict=True)
        return found.verdict, found.message

    assert judged(left_out="not there") == (Verdict.NOT_APPLICABLE, "left out: not there")
    assert judged(trouble="it is down") == (Verdict.NO_VERDICT, "it is down")
    assert judged(left_out="not there", trouble="it is down") == (Verdict.NOT_APPLICABLE, "left out: not there")


def test_a_check_is_given_what_it_names() -> None:
    seen, got = Evidence(CASE, (exchange(),)), {}

    def takes(**given: Any) -> None:
        got.update(given)

    judge(check_of(takes, "evidence", "case", "answer"), REQUIREMENT, PROFILE, seen, strict=False)
    assert got == {"evidence": seen, "case": CASE, "answer": seen.answer()}
    with pytest.raises(TypeError, match="not 'answers'"):
        judge(check_of(takes, "answers"), REQUIREMENT, PROFILE, seen, strict=False)


# Checks


def module_of(*functions: Callable[..., None], name: str = "here") -> ModuleType:
    module = ModuleType(name)
    for function in functions:
        setattr(module, function.__name__, function)
    return module


def made(name: str, requirement: str, module: str = "here", **how: Any) -> Callable[..., None]:
    def function(evidence: Evidence, case: Case) -> None:
        """It is
        so.

        And more.
        """

    function.__name__, function.__module__ = name, module
    return requires(requirement, **how)(function)


def test_a_check_is_what_its_function_says() -> None:
    (check,) = checks_of(module_of(made("test_it", "get2.area.clause"), made("test_other", "get2.b.c", "elsewhere")))
    assert (check.requirement, check.module, check.name) == ("get2.area.clause", "here", "test_it")
    assert (check.arguments, check.meaning, check.given) == (("evidence", "case"), "It is so.", None)


def test_a_function_that_says_nothing_means_nothing() -> None:
    assert check_of(lambda: None).meaning == ""


def test_a_check_applies_to_the_cases_it_is_for() -> None:
    def applies(case: Case, facts: dict[str, Any] | None = None, **how: Any) -> bool:
        (check,) = checks_of(module_of(made("test_it", "get2.area.clause", **how)))
        return check.applies(case, facts)

    tagged: dict[str, Any]
    never: dict[str, Any]
    given: dict[str, Any]
    tagged, never = {"when": lambda case: "tag" in case.tags}, {"when": lambda _: False}
    assert applies(CASE)
    assert applies(CASE, **tagged)
    assert not applies(CASE, **never)
    assert applies(replace(CASE, only=("get2.area.clause",)), **tagged)
    assert not applies(replace(CASE, only=("get2.area.clause",)), **never)
    assert not applies(replace(CASE, only=("get2.other.clause",)), **tagged)
    given = {"given": lambda facts, case: facts.get("says") == case.name}
    assert applies(replace(CASE, only=("get2.other.clause",)), {"says": "a-case"}, **given)
    assert not applies(CASE, {"says": "b-case"}, **given)
    assert not applies(CASE, **given)
    assert not applies(CASE, {"says": "a-case"}, **given, **never)


def test_checks_are_restated_for_an_interface_that_owes_the_same() -> None:
    sources = module_of(made("test_a", "get2.x.a"), made("test_b", "get2.x.b")), module_of(made("test_c", "get2.y.c"))

    def names(**how: Any) -> dict[str, str]:
        found = restated("there", "hget2", *sources, **how)
        module = ModuleType("there")
        vars(module).update(found)
        assert [check.name for check in checks_of(module)] == list(found)
        return {check.name: check.requirement for check in checks_of(module)}

    every = {"test_a": "hget2.x.a", "test_b": "hget2.x.b", "test_c": "hget2.y.c"}
    assert names() == every
    assert names(only=["x.b", "y.c"]) == {name: every[name] for name in ("test_b", "test_c")}
    assert names(without=["x.b"]) == {name: every[name] for name in ("test_a", "test_c")}
    assert names(only=["x.a", "x.b"], without=["x.b"]) == {"test_a": "hget2.x.a"}
    assert names(only=[]) == {}


def test_the_checks_of_a_suite_are_those_of_the_page_and_those_of_a_profile() -> None:
    for interface in ("geode", "get2"):
        page, profile = load_checks(interface), load_profile_checks(interface)
        assert page
        assert profile
        assert all(check.given is None for check in page)
        assert all(check.given is not None for check in profile)
        modules = [check.module for check in page]
        assert sorted(modules) == modules
        assert {check.module.rpartition(".")[2] for check in profile} == {"test_release"}
