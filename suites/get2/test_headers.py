"""The headers that the page shows in every answer: Content-Length, Content-Type, Date (L23-25 and alike)."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, Breach, NotApplicable, Scope, requires
from kvgate.verdict.httpdate import fault_of_date
from kvgate.wire.exchange import FaultKind
from kvgate.wire.text import visible

from .facts import OUTCOMES, SHOWN, an_outcome_is_due, conforms, outcome

_BROKEN_OFF = frozenset({FaultKind.TRUNCATED, FaultKind.TIMEOUT})


def _any(case: Case) -> bool:  # noqa: ARG001  # every answer may have a length
    return True


@requires("get2.length.true", when=_any, scope=Scope.ANSWER)
def test_content_length_is_the_number_of_bytes_of_the_body(case: Case, answer: Answer) -> None:
    """`Content-Length`, where sent, comes once, in digits, and counts the bytes of the body; nothing follows a body."""
    response, fault = answer.response, answer.exchange.fault
    if answer.exchange.request.method == "HEAD":
        raise NotApplicable("an answer to HEAD has no body")
    if fault is not None and fault.kind is FaultKind.FRAMING:
        raise Breach("the end of the body is not to be known", want="one length, in digits", got=fault.message)
    excess = visible(answer.excess, SHOWN)
    if not answer.has("Content-Length"):
        if answer.excess:
            raise Breach(f"the body goes on after its last chunk: {excess}", want="nothing after the body", got=excess)
        raise NotApplicable("no Content-Length is sent")
    if answer.status in OUTCOMES and an_outcome_is_due(case):
        conforms("get2.length.true", answer, case)
    said = visible(answer.sole("Content-Length"), SHOWN)
    want, got = f"Content-Length: {response.body_length}", f"Content-Length: {said}"
    if answer.excess:
        raise Breach(f"the body goes on after {said} bytes: {excess}", want="nothing after the body", got=excess)
    if response.framing == "length" and fault is not None and fault.kind in _BROKEN_OFF:
        raise Breach(f"{said} bytes are announced, {response.body_length} came: {fault.message}", want=want, got=got)


@requires("get2.length.sent", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_content_length_is_sent(case: Case, answer: Answer) -> None:
    """A 200 or 409 announces the length of its body with `Content-Length`."""
    conforms("get2.length.sent", answer, case)


@requires("get2.type.text", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_content_type_is_text_plain(case: Case, answer: Answer) -> None:
    """The `Content-Type` of a 200 or 409 is text/plain, with or without parameters."""
    conforms("get2.type.text", answer, case)


@requires("get2.date.valid", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_date_is_an_http_date(case: Case, answer: Answer) -> None:
    """`Date`, where it is sent, is one HTTP date in any of the three forms, of a real day with its right weekday."""
    outcome(answer)
    if not answer.has("Date"):
        raise NotApplicable("no Date is sent")
    conforms("get2.date.valid", answer, case)
    sent = answer.sole("Date")
    fault = fault_of_date(sent.decode("latin-1"))
    if fault:
        raise Breach(f"Date is not valid: {fault}", want="an HTTP date", got=visible(sent, SHOWN))
