"""The status of each outcome (page, lines 59, 135 and 194-202)."""

from __future__ import annotations

from kvgate.verdict import Answer, Breach, Doubts, Evidence, requires
from kvgate.wire.exchange import FaultKind
from kvgate.wire.text import visible

from .measure import expect_within_limit
from .question import Question, expecting, questions, tagged

_NO_ANSWER = frozenset(FaultKind) - {FaultKind.FRAMING}  # a framing fault is geode.length.true's


@requires("geode.request.served", when=tagged("control", "served"))
def test_the_request_is_served(evidence: Evidence) -> None:
    """A GET of /geode/v1/{region}/{key1},...,{keyN} for keys that are there is answered, be it with two or with sixty.

    A 404, a 405 and what is 500 or more say that it is not; any other status is an answer, for others to judge.
    """
    doubts = Doubts()
    for question in questions(evidence, "found"):
        with doubts.kept():
            exchange = evidence.exchange(question.label)
            if exchange.response is None or exchange.response.status in (404, 405) or exchange.response.status >= 500:
                _expect_status_of(evidence, question)
    doubts.settle()


@requires("geode.status.found", when=expecting("found"))
def test_all_keys_found_is_200(evidence: Evidence) -> None:
    """When every key exists the status is 200."""
    expect_status(evidence, "found")


@requires("geode.status.ignored", when=expecting("ignored"))
def test_missing_keys_ignored_is_200(evidence: Evidence) -> None:
    """When keys are missing and ignoreMissingKey=true the status is 200."""
    expect_status(evidence, "ignored")


@requires("geode.status.missing", when=expecting("missing"))
def test_a_missing_key_is_400(evidence: Evidence) -> None:
    """When a key is missing and ignoreMissingKey is absent or false the status is 400."""
    expect_status(evidence, "missing")


@requires("geode.status.bad-parameter", when=expecting("bad-parameter"))
def test_another_value_of_the_parameter_is_400(evidence: Evidence) -> None:
    """For a value of ignoreMissingKey other than true and false the status is 400, even if every key exists."""
    expect_status(evidence, "bad-parameter")


@requires("geode.status.no-region", when=expecting("no-region"))
def test_an_unknown_region_is_404(evidence: Evidence) -> None:
    """For a region that does not exist the status is 404, whatever a valid parameter says."""
    expect_status(evidence, "no-region")


def expect_status(evidence: Evidence, outcome: str) -> None:
    """Raises Breach unless every question of that outcome got a whole answer with the status of its outcome.

    Raises Unjudged where the size limit of the run is all that is wrong with one.
    """
    doubts = Doubts()
    for question in questions(evidence, outcome):
        with doubts.kept():
            _expect_status_of(evidence, question)
    doubts.settle()


def _expect_status_of(evidence: Evidence, question: Question) -> None:
    exchange = evidence.exchange(question.label)
    want = wanted(question)
    if exchange.response is None:
        got = exchange.fault.message if exchange.fault else "nothing"
        raise Breach("there is no answer", want=want, got=got)
    if exchange.response.status not in question.statuses:
        reason = visible(exchange.response.reason, 60)
        got = f"status {exchange.response.status} {reason}".rstrip()
        raise Breach(f"the status is {exchange.response.status}", want=want, got=got)
    expect_within_limit(question, Answer(exchange, exchange.response))
    if exchange.fault is not None and exchange.fault.kind in _NO_ANSWER:
        raise Breach("the answer is broken", want=want, got=exchange.fault.message)


def wanted(question: Question) -> str:
    """The status that is wanted and why, as one line."""
    reason = {
        "found": "every key exists",
        "ignored": f"{len(question.missing)} missing, to be ignored",
        "missing": f"{len(question.missing)} missing",
        "bad-parameter": "the parameter is neither true nor false",
        "no-region": "there is no such region",
    }[question.outcome]
    return f"status {' or '.join(map(str, question.statuses))} ({reason})"
