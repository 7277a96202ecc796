"""Which answers a check is called for, and which exchange a breach names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from verdict_parts import ASK, CASE, PROFILE, REQUIREMENT, breach, check_of, exchange

from kvgate.case import Case
from kvgate.verdict import (
    Breach,
    Evidence,
    FaultElsewhere,
    NotApplicable,
    Scope,
    Unjudged,
    Verdict,
    judge,
)
from kvgate.verdict.evidence import Decoy
from kvgate.verdict.look import look


@pytest.mark.parametrize(
    ("exchange", "message", "told"),
    [
        ("", "status 500", "status 500"),
        ("one", "status 500", "one: status 500"),
        ("one", "'one' has status 500", "'one' has status 500"),
        ("again", "status 500", "asked again: status 500"),
        ("again", "asked again, the status differs", "asked again, the status differs"),
        ("late", "status 500", "asked at the end of the run: status 500"),
        ("late", "asked at the end of the run, the status differs", "asked at the end of the run, the status differs"),
    ],
)
def test_the_exchange_that_shows_a_breach_is_named_once(exchange: str, message: str, told: str) -> None:
    found = judge(check_of(breach), REQUIREMENT, PROFILE, Evidence(CASE, ()), strict=False)
    assert replace(found, exchange=exchange, message=message).told == told


def test_a_breach_names_the_exchange_last_looked_at_unless_it_says_another() -> None:
    def of(*, case: Case = CASE, **given: str | None) -> str:
        def check(evidence: Evidence) -> None:
            evidence.answer("first")
            evidence.answer("second")
            raise Breach("it is not so", **given)  # type: ignore[arg-type]  # only `exchange` is given

        seen = Evidence(case, (exchange(), exchange(label="second")))
        return judge(check_of(check, "evidence"), REQUIREMENT, PROFILE, seen, strict=False).exchange

    assert of() == "second"
    assert of(exchange="first") == "first"
    assert of(exchange="") == "", "none in particular"
    alone = replace(CASE, asks=(ASK,))
    assert of(case=alone, exchange="first") == "", "there is no other it could be"


@pytest.mark.parametrize("scope", [Scope.ANSWER, Scope.EACH])
def test_the_answer_to_a_question_that_is_not_judged_is_not_looked_at(scope: Scope) -> None:
    seen: list[str | None] = []

    def check(evidence: Evidence) -> None:
        seen.append(evidence.of)

    before, first = replace(ASK, label="before", judged=False), replace(ASK, label="first")
    case = replace(CASE, asks=(before, first))
    look(replace(check_of(check, "evidence"), scope=scope), Evidence(case, (exchange(label="before"), exchange())))
    assert seen == ["first"]


def test_each_check_looks_by_itself() -> None:
    def looks(evidence: Evidence) -> None:
        evidence.answer("second")

    def does_not(evidence: Evidence) -> None:
        raise Breach("it has changed")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    judge(check_of(looks, "evidence"), REQUIREMENT, PROFILE, seen, strict=False)
    assert judge(check_of(does_not, "evidence"), REQUIREMENT, PROFILE, seen, strict=False).exchange == ""


@pytest.mark.parametrize("wrong", ["first", "second"])
def test_what_every_answer_owes_is_owed_by_each_of_two(wrong: str) -> None:
    def check(evidence: Evidence) -> None:
        if evidence.exchange("first").label == wrong:
            raise Breach("it is wrong")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    each = replace(check_of(check, "evidence"), scope=Scope.ANSWER)
    assert judge(each, REQUIREMENT, PROFILE, seen, strict=False).verdict is Verdict.FAIL


def of_each(check: Callable[..., None], seen: Evidence, scope: Scope = Scope.EACH) -> Verdict:
    made = replace(check_of(check, "evidence"), scope=scope)
    return judge(made, REQUIREMENT, PROFILE, seen, strict=False, completes=lambda: False).verdict


def test_each_question_is_looked_at_and_those_about_other_keys() -> None:
    decoys = (Decoy(replace(ASK, label="decoy-1"), exchange(label="decoy-1")),)
    two = Evidence(CASE, (exchange(), exchange(label="second")), decoys=decoys)
    alone = replace(two, case=replace(CASE, asks=(ASK,)), exchanges=(exchange(), exchange(label="again")))
    for seen, scope, labels in (
        (two, Scope.EACH, ["second", "first"]),
        (alone, Scope.EACH, [None, "again", "decoy-1"]),
        (alone, Scope.QUESTION, [None, "again"]),
        (alone, Scope.ANSWER, [None, "again"]),
        (alone, Scope.CASE, [None]),
    ):
        looked: list[str | None] = []

        def note(evidence: Evidence, looked: list[str | None] = looked) -> None:
            looked.append(evidence.of)

        assert of_each(note, seen, scope) is Verdict.PASS
        assert looked == labels


def test_an_answer_about_another_key_that_cannot_be_judged_is_left_out_and_its_own_is_not() -> None:
    decoy = Decoy(replace(ASK, label="decoy-1"), exchange(label="decoy-1"))
    alone = Evidence(replace(CASE, asks=(ASK,)), (exchange(), exchange(label="again")), decoys=(decoy,))

    def without(label: str | None) -> Callable[..., None]:
        def check(evidence: Evidence) -> None:
            if evidence.of == label:
                raise Unjudged("nothing to judge by")

        return check

    assert of_each(without("decoy-1"), alone) is Verdict.PASS
    assert of_each(without("again"), alone) is Verdict.PASS
    assert of_each(without(None), alone) is Verdict.NO_VERDICT


@pytest.mark.parametrize("wrong", ["second", "again", "decoy-1"])
def test_what_has_no_verdict_does_not_hide_what_another_answer_breaches(wrong: str) -> None:
    decoy = Decoy(replace(ASK, label="decoy-1"), exchange(label="decoy-1"))
    alone = Evidence(replace(CASE, asks=(ASK,)), (exchange(), exchange(label="again")), decoys=(decoy,))
    two = Evidence(CASE, (exchange(), exchange(label="second")))
    seen = two if wrong == "second" else alone

    def check(evidence: Evidence) -> None:
        if evidence.of == wrong:
            raise Breach("it is wrong")
        raise Unjudged("busy")

    def busy(evidence: Evidence) -> None:
        raise Unjudged("busy")

    assert of_each(check, seen) is Verdict.FAIL
    assert of_each(busy, seen) is Verdict.NO_VERDICT


def test_of_two_without_a_verdict_the_first_is_told() -> None:
    def busy(evidence: Evidence) -> None:
        raise Unjudged(f"{evidence.of} is busy")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    with pytest.raises(Unjudged, match=f"^{CASE.asks[0].label} is busy$"):
        look(replace(check_of(busy, "evidence"), scope=Scope.EACH), seen)


def test_where_nothing_is_judged_a_fault_elsewhere_says_more_than_what_does_not_apply() -> None:
    def check(evidence: Evidence) -> None:
        raise (FaultElsewhere if evidence.of == "first" else NotApplicable)("not to be judged")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    assert of_each(check, seen) is Verdict.NO_VERDICT

    def neither(evidence: Evidence) -> None:
        raise NotApplicable("nothing of the kind")

    assert of_each(neither, seen) is Verdict.NOT_APPLICABLE
