"""Where /sismember2 is no /get2: nothing but versions can differ, and there is nothing to send but them."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, Breach, Evidence, Scope, requires
from kvgate.verdict.answer import decimal, shown_all

from ..get2.facts import (
    VERSION_HEADERS,
    an_outcome_is_due,
    body_of,
    both_hold_the_key,
    decoys,
    has_status,
    is_value,
    labels_due,
    masters_of,
    outcome,
)
from ..get2.test_request import are_held_versions, is_served


def _some_versions_match(case: Case) -> bool:
    return bool(labels_due(case, 200))


def _some_versions_differ(case: Case) -> bool:
    return bool(labels_due(case, 409))


def _key_is_odd(case: Case) -> bool:
    return both_hold_the_key(case) and bool({"key", "table"} & case.tags)


@requires("sismember2.status.match", when=_some_versions_match)
def test_200_when_the_versions_match(evidence: Evidence, case: Case) -> None:
    """The status is 200 when both masters hold the key at the same version."""
    for label in labels_due(case, 200):
        has_status(evidence.exchange(label), 200, case)


@requires("sismember2.status.conflict", when=_some_versions_differ)
def test_409_when_the_versions_differ(evidence: Evidence, case: Case) -> None:
    """The status is 409 when both masters hold the key at versions that differ."""
    for label in labels_due(case, 409):
        has_status(evidence.exchange(label), 409, case)


@requires("sismember2.offset.absent", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_no_offset_is_sent(answer: Answer) -> None:
    """No answer carries `Val-Offset`: there are no values to cut."""
    outcome(answer)
    if answer.has("Val-Offset"):
        got = shown_all("Val-Offset", answer.values("Val-Offset"))
        raise Breach(f"no Val-Offset expected, {got} sent", want="no Val-Offset", got=got)


@requires("sismember2.body.empty", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_the_body_is_empty(answer: Answer) -> None:
    """The body of a 200, and of a 409, is empty."""
    outcome(answer)
    is_value(body_of(answer), b"", "empty", answer.response.body_length)


@requires("sismember2.request.own-value", when=both_hold_the_key)
def test_versions_are_those_the_masters_hold(evidence: Evidence, answer: Answer) -> None:
    """The versions reported are exactly those that the two masters hold for the key asked for."""
    are_held_versions(evidence, answer)


@requires("sismember2.request.key-exact", when=_key_is_odd)
def test_the_body_is_the_key_byte_for_byte(evidence: Evidence, case: Case, answer: Answer) -> None:
    """The body is the key, byte for byte, in the table asked for: it is found, and no other key is."""
    is_served(evidence)
    reported = {decimal(value) for name in VERSION_HEADERS for value in answer.values(name)}
    for decoy in decoys(case):
        if decoy.version in reported - set(masters_of(evidence).versions):
            got = "; ".join(shown_all(name, answer.values(name)) for name in VERSION_HEADERS if answer.has(name))
            raise Breach("another key was read: its version is reported", want="the version of the key", got=got)
