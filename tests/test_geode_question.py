"""What a case asks, as the checks of Geode see it: its requests, what is to come of them, what they must not show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from geode_answers import PLACES, evidence, exchange, findings, placed

from kvgate.strictjson import NotJson, read
from kvgate.verdict import NotApplicable, Verdict
from kvgate.wire.exchange import Fault, FaultKind
from suites.geode.question import (
    Same,
    decoded,
    expecting,
    facts,
    outcomes,
    questions,
    tagged,
)
from suites.geode.reading import answered, strict

ONE, SEVERAL = "missing-last-ignored", "one-connection-error-between"


def test_a_case_expects_one_thing_or_one_of_each_request() -> None:
    assert outcomes(placed(ONE)) == {"ignored"}
    assert outcomes(placed(SEVERAL)) == {"found", "missing"}
    assert facts(placed(SEVERAL), "missing")["outcome"] == "missing"


def test_checks_are_for_outcomes_or_subjects() -> None:
    case = replace(placed(SEVERAL), tags=frozenset({"isolated"}))
    for wanted, holds in ((("found",), True), (("ignored", "missing"), True), (("ignored",), False), ((), False)):
        assert expecting(*wanted)(case) is holds
    for subjects, holds in ((("isolated",), True), (("whole", "isolated"), True), (("whole",), False), ((), False)):
        assert tagged(*subjects)(case) is holds


def test_requests_are_told_apart_by_outcome() -> None:
    seen = evidence(placed(SEVERAL))
    labels = [question.label for question in questions(seen)]
    assert labels == ["alone-found", "alone-missing", "found", "missing", "found-again"]
    assert [question.label for question in questions(seen, "missing")] == ["alone-missing", "missing"]
    assert [question.label for question in questions(seen, "missing", "found")] == labels
    assert questions(seen, "ignored") == ()


def test_a_request_has_what_its_region_holds_and_what_others_hold() -> None:
    (question,) = questions(evidence(placed("same-keys-data")))
    case = placed("same-keys-data")
    here = [holding for holding in case.holdings if holding.place == "data"]
    assert question.region == PLACES["data"]
    assert dict(question.stored) == {decoded(one.key): read(one.value) for one in here}
    assert question.elsewhere == tuple(read(one.value) for one in case.holdings if one.place != "data")
    assert question.missing == frozenset()
    assert question.statuses == (200,)


def test_a_request_may_be_answered_by_several_statuses() -> None:
    assert questions(evidence(placed("bad-value-and-no-region")))[0].statuses == (400, 404)


def test_keys_are_decoded_and_kept_as_they_were_spelled() -> None:
    (question,) = questions(evidence(placed("encoded-missing-ignored")))
    assert question.keys == tuple(decoded(key) for key in question.spelled)
    assert question.keys != question.spelled
    assert question.missing == {key for key in question.keys if key not in question.stored}
    assert [decoded(key) for key in ("a+b", "%C3%A9", "%FF", "%2c")] == ["a+b", "\u00e9", "\udcff", ","]


def test_the_same_is_one_thing_and_not_one_like_it() -> None:
    one, other = [1], [1]
    assert Same(one) == Same(one)
    assert Same(one) != Same(other)
    assert Same(one) != one
    assert hash(Same(one)) == hash(Same(one))


def test_a_second_answer_that_was_not_the_interfaces_is_held_against_nobody() -> None:
    seen = evidence(placed(ONE))
    gone = exchange(placed(ONE).asks[0], "again", Fault(FaultKind.REFUSED, "it is down"))
    lost = {f.requirement: f for f in findings(replace(seen, exchanges=(seen.exchanges[0], gone)))}
    # Neither whether it is the same, nor whether reading changed it.
    for requirement in ("geode.safe.repeatable", "geode.safe.read-only"):
        found = lost.pop(requirement)
        assert (found.verdict, found.message) == (Verdict.NO_VERDICT, "it is down")
    assert {f.verdict for f in lost.values()} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}
    never = findings(replace(seen, exchanges=(replace(gone, label="first"), seen.exchanges[1])))
    assert {f.verdict for f in never} == {Verdict.NO_VERDICT}


def test_answers_of_a_status_are_those_with_a_body() -> None:
    seen = evidence(placed(SEVERAL), lambda reply: replace(reply, status=500), only="alone-found")
    assert [question.label for question, _ in answered(seen, 200, "found")] == ["found", "found-again"]
    assert [question.label for question, _ in answered(seen, 500, "found")] == ["alone-found"]
    with pytest.raises(NotApplicable, match="status 500, not 404: the status is at fault"):
        list(answered(seen, 404, "found"))
    with pytest.raises(NotApplicable, match="nothing of the kind was asked"):
        list(answered(seen, 200, "ignored"))
    with pytest.raises(NotApplicable, match="an answer to HEAD has no body"):
        list(answered(evidence(placed("observed-head")), 200, "found"))
    once = evidence(placed(ONE))
    assert [question.label for question, _ in answered(once, 200, "ignored")] == ["first"]
    assert [answer.exchange.label for _, answer in answered(once.looking_at("again"), 200, "ignored")] == ["again"]


def test_a_body_of_which_a_part_was_kept_is_not_read() -> None:
    answer = evidence(placed(ONE)).answer()
    longer = replace(answer.response, body_length=answer.response.body_length + 1)
    with pytest.raises(NotJson, match="were kept"):
        strict(replace(answer, response=longer))
    assert strict(answer) is not None
