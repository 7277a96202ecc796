"""Content-Type, Content-Length and Date, of every answer."""

from __future__ import annotations

from collections.abc import Iterator

from kvgate.case import Case
from kvgate.verdict import Answer, Breach, Doubts, Evidence, FaultElsewhere, NotApplicable, requires
from kvgate.verdict.answer import decimal, shown_all
from kvgate.verdict.httpdate import fault_of_date
from kvgate.wire.exchange import FaultKind
from kvgate.wire.text import visible

from .question import VALUES, Question, expecting, questions
from .reading import answered
from .schemas import expect_headers

_NO_BODY = frozenset({204, 304})


def _any_case(case: Case) -> bool:
    return bool(case.asks)


@requires("geode.type.json", when=expecting(*VALUES, "missing"))
def test_values_and_missing_keys_are_told_as_json(evidence: Evidence) -> None:
    """A 200, and a 400 for missing keys, has one Content-Type: application/json, with any parameters."""
    reasons: list[NotApplicable] = []
    judged, doubts = False, Doubts()
    for status, outcomes in ((200, VALUES), (400, ("missing",))):
        with doubts.kept():
            try:
                for question, answer in answered(evidence, status, *outcomes):
                    judged = True
                    expect_headers(answer, question, "geode.type.json")
            except NotApplicable as reason:
                reasons.append(reason)
    doubts.settle()
    if not judged:
        raise next((reason for reason in reasons if isinstance(reason, FaultElsewhere)), reasons[0])


@requires("geode.type.other-errors", when=expecting("bad-parameter", "no-region"))
def test_other_errors_are_told_as_json(evidence: Evidence) -> None:
    """A 400 for a wrong parameter, and a 404 that has a body, has Content-Type application/json."""
    judged = False
    for question, answer in _all(evidence, "bad-parameter", "no-region"):
        if answer.status not in question.statuses:
            continue
        if answer.status == 404 and not answer.response.body_length:
            continue
        judged = True
        if answer.status == 404:
            answer.expect_uncoded()  # of a 400, that its body is JSON says so
        if not answer.has("Content-Type"):
            raise Breach("Content-Type is not sent", want="Content-Type: application/json", got="none")
        expect_headers(answer, question, "geode.type.other-errors")
    if not judged:
        raise NotApplicable("no such error with a body")


@requires("geode.length.true", when=_any_case)
def test_content_length_is_true(evidence: Evidence) -> None:
    """Content-Length, where it is sent, is the number of bytes of the body."""
    judged = [_length_is_true(answer, question) for question, answer in _all(evidence)]
    if not any(judged):
        raise NotApplicable("Content-Length is not sent with a body")


@requires("geode.date.valid", when=_any_case)
def test_date_is_an_http_date(evidence: Evidence) -> None:
    """Date, where it is sent, is an HTTP date in one of its three forms, of a day that exists."""
    judged = False
    for question, answer in _all(evidence):
        for value in answer.values("Date"):
            judged = True
            problem = fault_of_date(value.decode("latin-1"))
            if problem:
                raise Breach(
                    f"Date is no HTTP date: {problem}",
                    want="a date as Sun, 06 Nov 1994 08:49:37 GMT",
                    got=visible(value),
                )
        expect_headers(answer, question, "geode.date.valid")
    if not judged:
        raise NotApplicable("Date is not sent")


def _all(evidence: Evidence, *outcomes: str) -> Iterator[tuple[Question, Answer]]:
    """Every answer of the case, whatever its status. Raises NotApplicable when there is none, Unjudged after all."""
    reason = NotApplicable("nothing was asked")
    any_answered = False
    doubts = Doubts()
    for question in questions(evidence, *outcomes):
        answer: Answer | None = None
        with doubts.kept():
            try:
                answer = evidence.answer(question.label)
            except NotApplicable as not_answered:
                reason = not_answered
        if answer is not None:
            any_answered = True
            yield question, answer
    doubts.settle()
    if not any_answered:
        raise reason


def _length_is_true(answer: Answer, question: Question) -> bool:
    """Whether the answer has a length to be judged. Raises Breach when it has, and the length is not true."""
    response, fault = answer.response, answer.exchange.fault
    values = answer.values("Content-Length")
    said = shown_all("Content-Length", values) or "no Content-Length"
    if fault is not None and fault.kind is FaultKind.FRAMING:
        raise Breach("it is not told truly where the body ends", want="one true length of the body", got=fault.message)
    if question.method == "HEAD" or response.status in _NO_BODY:
        return False
    if answer.excess:
        got = f"{response.body_length} bytes, then {visible(answer.excess, 60)}"
        raise Breach("something follows the body", want=f"nothing after the body ({said})", got=got)
    if not values:
        return False
    expect_headers(answer, question, "geode.length.true")
    if fault is not None and fault.kind not in (FaultKind.TRUNCATED, FaultKind.TIMEOUT):
        return False
    if decimal(values[0]) != response.body_length:
        raise Breach(
            "Content-Length is not the length of the body", want=f"Content-Length: {response.body_length}", got=said
        )
    return True
