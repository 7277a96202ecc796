"""Each question of a case is judged by what the masters hold under its key: of several, and about its other keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from get2_answers import Change, evidence, exchange, fault, findings, having, placed, right, saying

from kvgate.case import Case, Holding
from kvgate.case.decoys import decoys_of
from kvgate.verdict import Evidence, Finding, Held, NotApplicable, Situation, Verdict, load_checks
from kvgate.verdict.evidence import Decoy
from kvgate.wire.exchange import FaultKind
from suites.get2 import each
from suites.get2.facts import both_hold_the_key, values_differ, values_match, versions_differ, versions_match

WITH_DECOYS = "key-comma"
FLOW = "connection-of-all-outcomes"


def decoyed(case: Case, change: Change = lambda reply: reply) -> Evidence:
    """The evidence of a case whose own answers are right, those about its other keys changed."""
    decoys = []
    for ask in decoys_of(case):
        alone = each.asked(evidence(case), both_hold_the_key).case
        reply = right(replace(alone, key=ask.fields["key"]), ask)
        decoys.append(Decoy(ask, exchange(ask, change(reply), ask.label)))
    return replace(evidence(case), decoys=tuple(decoys))


def own_value(seen: Evidence) -> Finding:
    return findings(seen)["get2.request.own-value"]


def test_an_answer_about_another_key_of_the_case_is_judged_by_what_stands_there() -> None:
    case = placed(WITH_DECOYS)
    assert own_value(decoyed(case)).verdict is Verdict.PASS
    for change in (saying(b"another"), having("Version", "44")):
        found = own_value(decoyed(case, change))
        assert (found.verdict, found.exchange) == (Verdict.FAIL, "decoy-1")


def test_an_answer_about_another_key_that_says_nothing_is_passed_over() -> None:
    case = placed(WITH_DECOYS)
    assert own_value(decoyed(case, lambda reply: reply.being(500))).verdict is Verdict.PASS
    assert own_value(decoyed(case, lambda reply: reply.being(503))).verdict is Verdict.PASS


def test_what_is_due_follows_from_what_the_masters_hold_under_the_key() -> None:
    case = placed(FLOW)
    seen = evidence(case)
    kinds = {
        ask.label: {
            kind.__name__
            for kind in (values_match, values_differ, versions_match, versions_differ)
            if kind(each.asked(seen.looking_at(ask.label), lambda _: True).case)
        }
        for ask in case.asks
        if ask.label.startswith("alone")
    }
    assert kinds["alone-same"] == {"values_match", "versions_match"}
    assert kinds["alone-none"] == set()
    assert {"values_differ", "versions_differ"} in kinds.values()


def test_what_was_read_counts_and_not_what_was_put_there() -> None:
    case = placed(FLOW)
    key = next(ask.fields["key"] for ask in case.asks if ask.label == "alone-same")
    read = {("master1", key): Held(b"1", 4), ("master2", key): Held(b"2", 5)}
    seen = replace(evidence(case), before=Situation(read)).looking_at("alone-same")
    assert each.asked(seen, values_differ).case.expect == {"status": 409, "versions": "pair", "offset": 1}


def test_a_version_that_is_not_known_leaves_the_values_to_be_judged() -> None:
    case = placed(FLOW)
    key = next(ask.fields["key"] for ask in case.asks if ask.label == "alone-same")
    for versions in ((None, None), (None, 3), (3, None)):
        held = {(place, key): Held(b"1", at) for place, at in zip(("master1", "master2"), versions, strict=True)}
        seen = replace(evidence(case), before=Situation(held)).looking_at("alone-same")
        assert each.asked(seen, values_match).case.expect == {"status": 200}


def test_of_a_question_that_nothing_is_said_of_nothing_is_due() -> None:
    case = placed("connection-after-no-key")
    with pytest.raises(NotApplicable, match="nothing of the kind is due"):
        each.asked(evidence(case).looking_at("alone-nothing"), lambda asked: bool(asked.expect))
    odd = placed("extra-xkey-before")
    seen = replace(
        evidence(odd),
        decoys=tuple(Decoy(ask, exchange(ask, right(odd, odd.asks[0]), ask.label)) for ask in decoys_of(odd)),
    )
    with pytest.raises(NotApplicable):
        each.asked(seen.looking_at("decoy-1"), lambda asked: bool(asked.expect))


def test_the_one_question_of_a_case_is_the_case_itself() -> None:
    case = placed(WITH_DECOYS)
    for label in (None, "first", "again", "as-control-1"):
        assert each.asked(replace(evidence(case), of=label), both_hold_the_key).case is case


def test_a_check_is_for_cases_with_a_question_of_its_kind() -> None:
    assert each.each(values_match)(placed(FLOW))
    assert each.each(values_differ)(placed(FLOW))
    assert not each.each(values_differ)(placed("control"))
    assert each.each(values_match)(placed("control"))


def test_of_several_questions_one_may_be_called_the_first() -> None:
    case = placed(FLOW)
    named = tuple(replace(ask, label="first") if ask.label == "alone-same" else ask for ask in case.asks)
    seen = replace(evidence(case), case=replace(case, asks=named), of="first")
    assert each.asked(seen, values_match).case.expect == {"status": 200, "versions": "same"}


def test_what_was_there_before_is_nothing_to_a_question_without_a_key() -> None:
    check = next(check for check in load_checks("get2") if check.requirement == "get2.request.own-value")
    former = placed("former-removed-from-master1").former
    assert former
    for name, applies in (
        ("former-removed-from-master1", True),
        ("missing-both", False),
        ("no-key-and-no-query", False),
    ):
        case = placed(name)
        assert check.applies(case) is applies
        assert check.applies(replace(case, former=former)) is (name != "no-key-and-no-query")


REMOVED = "former-conflict-removed-from-master1"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ((Holding("master1", "K", b"first", 1), Holding("master2", "K", b"second", 1)), b"firstsecond"),
        ((Holding("master1", "K", b"first", 1),), b"first"),
        ((Holding("master2", "K", b"second", 1),), b"second"),
        ((Holding("master1", "K", b"first", 1), Holding("master1", "other", b"of another", 1)), b"first"),
        ((Holding("master2", "other", b"of another", 1), Holding("master1", "other", b"of another", 1)), None),
    ],
)
def test_values_of_before_one_was_removed_are_told(state: tuple[Holding, ...], told: bytes | None) -> None:
    case = placed(REMOVED)
    case = replace(case, former=(tuple(replace(h, key=case.key if h.key == "K" else h.key) for h in state),))
    for body in (b"firstsecond", b"first", b"second", b"of another", b"of anotherof another", b""):
        seen = evidence(case, {"first": lambda reply, body=body: reply.being(409).saying(body)})  # type: ignore[misc]
        found = own_value(seen)
        assert (found.verdict is Verdict.FAIL) is (body == told), body


@pytest.mark.parametrize(
    ("only", "verdict"),
    [
        ((), Verdict.NOT_APPLICABLE),
        (("get2.request.own-value",), Verdict.FAIL),
        (("get2.request.own-value", "get2.body.match"), Verdict.FAIL),
        (("get2.request.own-value", "get2.status.match"), Verdict.NOT_APPLICABLE),
        (("get2.status.match", "get2.request.own-value"), Verdict.NOT_APPLICABLE),
    ],
)
def test_that_no_answer_came_is_told_here_where_no_status_is_judged(only: tuple[str, ...], verdict: Verdict) -> None:
    case = replace(placed("page-versions-differ"), name="own", only=only)
    assert own_value(evidence(case, {"first": fault(FaultKind.RESET)})).verdict is verdict


def test_a_key_that_nobody_wrote_is_of_reading() -> None:
    seen = replace(evidence(placed("missing-both")), strays=(("master2", b"kvtest0x"),))
    found = {requirement: one for requirement, one in findings(seen).items() if one.verdict is Verdict.FAIL}
    assert set(found) == {"get2.safe.read-only"}
    assert found["get2.safe.read-only"].got == "kvtest0x"


def test_company_is_of_several_questions_some_of_them_not_alone() -> None:
    check = next(check for check in load_checks("get2") if check.requirement == "get2.safe.isolated")
    several = placed(FLOW)
    alone = tuple(replace(ask, connection=None, together=None) for ask in several.asks)
    shared = next(ask for ask in several.asks if ask.connection)
    assert check.applies(several)
    assert not check.applies(replace(several, asks=alone))
    one = placed("missing-both")
    assert not check.applies(replace(one, asks=(replace(one.asks[0], connection=shared.connection),)))


def test_a_question_is_compared_with_itself_asked_alone_wherever_that_stands() -> None:
    case = placed(FLOW)
    for asks in (case.asks, case.asks[::-1]):
        seen = evidence(replace(case, asks=asks), {"shared-3-none": having("Version", "7")})
        assert findings(seen)["get2.safe.isolated"].verdict is Verdict.FAIL
