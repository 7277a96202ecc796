"""The request: GET /get2 with the parameter `key` (L3-15)."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, Breach, Evidence, Scope, Unjudged, requires
from kvgate.verdict.answer import decimal
from kvgate.wire.text import visible

from .each import asked, each
from .facts import (
    OUTCOMES,
    SHOWN,
    VERSION_HEADERS,
    Masters,
    a_master_lacks_the_key,
    body_of,
    both_hold_the_key,
    is_answered,
    is_beginning,
    is_no_decoy,
    masters_of,
    no_key_is_sent,
    outcome,
)


def _key_is_encoded(case: Case) -> bool:
    return both_hold_the_key(case) and "key" in case.tags


@requires("get2.request.served", when=both_hold_the_key)
def test_get_with_a_key_is_served(evidence: Evidence) -> None:
    """The request is answered by the interface, with 200 or 409, when both masters hold the key."""
    is_served(evidence)


def is_served(evidence: Evidence) -> None:
    """Raises Breach unless the first question is answered by 200 or 409."""
    exchange = evidence.exchange()
    if exchange.response is None:
        said = exchange.fault.message if exchange.fault else "nothing came"
        raise Breach(f"no answer: {said}", want="200 or 409", got="no answer")
    status = exchange.response.status
    if status not in OUTCOMES:
        raise Breach(f"status {status}: the request is not served", want="200 or 409", got=str(status))


@requires("get2.request.key-required", when=no_key_is_sent)
def test_a_request_without_key_gets_neither_200_nor_409(evidence: Evidence) -> None:
    """A request without its key gets an answer, and this is neither 200 nor 409."""
    exchange, want = evidence.exchange(), "neither 200 nor 409"
    if exchange.response is not None and exchange.response.status in OUTCOMES:
        status = exchange.response.status
        raise Breach(f"status {status} without a key", want=want, got=str(status))
    is_answered(exchange, want)


@requires("get2.request.key-decoded", when=_key_is_encoded)
def test_percent_encoding_in_the_key_is_decoded_once(case: Case, answer: Answer) -> None:
    """%XX in the key stands for the byte with that number: the key is found, and no other key is."""
    is_no_decoy(case, answer, "the key was read as another one")


def _values_are_due_or_gone(case: Case) -> bool:
    return both_hold_the_key(case) or (a_master_lacks_the_key(case) and bool(case.former))


@requires("get2.request.own-value", when=each(_values_are_due_or_gone), scope=Scope.EACH)
def test_values_and_versions_are_those_the_masters_hold(evidence: Evidence, case: Case) -> None:
    """The values and versions reported are exactly those the masters hold for this key: nobody else's, none changed.

    Which of them is reported where is for the version, offset and body requirements.
    """
    if case.only and not any(".status." in id_ for id_ in case.only):
        # Whatever status such a request gets, it gets an answer: nothing else would say that none came.
        is_answered(evidence.exchange(), "the values that the masters hold")
    seen = asked(evidence, _values_are_due_or_gone)
    if both_hold_the_key(seen.case):
        is_made_of_what_is_held(seen)
    else:
        _reports_nothing_that_is_gone(case, seen.answer())


def _reports_nothing_that_is_gone(case: Case, answer: Answer) -> None:
    """Raises Breach where the answer is made of two values that the masters held before one was removed."""
    for state in case.former:
        held = {holding.place: holding.value for holding in state if holding.key == case.key}
        conflict = held.get("master1", b"") + held.get("master2", b"")
        if conflict and answer.status == 409 and answer.body == conflict:
            got = visible(conflict, SHOWN)
            raise Breach("the values of before one was removed", want="nothing that is not held", got=got)


def is_made_of_what_is_held(evidence: Evidence) -> None:
    """Raises Breach unless the answer is made of what the masters hold under the case's key."""
    answer = evidence.answer()
    masters = are_held_versions(evidence, answer)
    body, first, second = body_of(answer), masters.value1, masters.value2
    wanted, received = (first, second, first + second, second + first), answer.response.body_length
    if any(is_beginning(body, received, value) for value in wanted):
        raise Unjudged(f"the body is beyond what is kept: {received} bytes")
    if body not in wanted or received != len(body):
        raise Breach(
            "the body is not made of the values that the masters hold",
            want=" and ".join(visible(value, SHOWN) for value in dict.fromkeys((first, second))),
            got=visible(body, SHOWN, received) or "nothing",
        )


def are_held_versions(evidence: Evidence, answer: Answer) -> Masters:
    """What the masters hold. Raises Breach where the answer reports a version that is neither's."""
    outcome(answer)
    masters = masters_of(evidence)
    for name in VERSION_HEADERS:
        for value in answer.values(name):
            if masters.versions and value.isdigit() and decimal(value) not in masters.versions:
                raise Breach(
                    f"{name} is no master's version",
                    want=" or ".join(f"{name}: {version}" for version in sorted(set(masters.versions))),
                    got=f"{name}: {visible(value, SHOWN)}",
                )
    return masters
