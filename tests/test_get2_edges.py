"""Edges of get2's checks that no wrong answer and no freedom of the other tests comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from get2_answers import Change, Reply, evidence, fault, findings, placed, right

from kvgate.case import Ask, Case, load_cases
from kvgate.verdict import Held, Verdict
from kvgate.wire.exchange import FaultKind
from suites.get2 import stating
from suites.get2.facts import labels_due, several_are_asked

LENGTH, NONE = "get2.length.true", "get2.missing.no-success"


def test_a_content_length_in_an_answer_to_head_is_not_held_against_it() -> None:
    found = findings(evidence(placed("observed-head"), {"first": lambda r: replace(r, length="13")}))
    finding = found[LENGTH]
    assert (finding.verdict, finding.message) == (Verdict.NOT_APPLICABLE, "an answer to HEAD has no body")


def test_a_content_length_beside_chunks_is_a_fault_of_framing_also_when_broken_off() -> None:
    both: Change = lambda r: replace(r, chunks=(5,), headers=(*r.headers, ("Content-Length", "13"))).raw()[:-9]  # noqa: E731  # one change
    finding = findings(evidence(placed("control"), {"first": both}))[LENGTH]
    assert (finding.verdict, finding.message) == (Verdict.FAIL, "the end of the body is not to be known")


@pytest.mark.parametrize(("one", "two"), [(None, 1), (1, None), (None, None)])
def test_a_state_with_an_unknown_version_is_not_stated(one: int | None, two: int | None) -> None:
    with pytest.raises(ValueError, match="version"):
        stating.expected(Held(b"a", one), Held(b"a", two))


def some_lack_the_key() -> tuple[str, tuple[str, ...]]:
    """A case that asks for missing keys several times, with the labels of those questions."""
    return next(
        (case.name, labels)
        for case in load_cases("get2").values()
        if several_are_asked(case) and len(labels := labels_due(case, 404)) > 1
    )


def test_a_missing_key_without_an_answer_is_no_answer_of_another_status() -> None:
    name, labels = some_lack_the_key()
    case = placed(name)
    reset = fault(FaultKind.RESET)
    one = findings(evidence(case, {labels[0]: reset}))[NONE]
    every = findings(evidence(case, dict.fromkeys(labels, reset)))[NONE]
    assert (one.verdict, every.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert one.message == "no answer: by hand"
    found = next(ask for ask in case.asks if ask.label in labels_due(case, 200))
    wrong = findings(evidence(case, {labels[1]: lambda _: right(case, found)}))[NONE]
    assert (wrong.verdict, wrong.got) == (Verdict.FAIL, "200")


@pytest.mark.parametrize("requirement", ["get2.version.decimal", "get2.version.canonical"])
def test_of_another_status_that_is_said_and_not_that_no_version_is_sent(requirement: str) -> None:
    without_version: Change = lambda r: r.being(500).without("Version")  # noqa: E731  # one change
    finding = findings(evidence(placed("control"), {"first": without_version}))[requirement]
    assert finding.message == "status 500 is none of the page's outcomes"


@pytest.mark.parametrize("name", ["Version", "Version1", "Version2"])
def test_a_version_is_judged_under_each_of_its_names(name: str) -> None:
    def only(reply: Reply) -> Reply:
        return reply.without("Version", "Version1", "Version2")

    found = findings(evidence(placed("page-versions-differ"), {"first": lambda r: only(r).having(name, "1x")}))
    assert found["get2.version.decimal"].verdict is Verdict.FAIL
    found = findings(evidence(placed("page-versions-differ"), {"first": only}))
    for clause in ("decimal", "canonical"):
        assert found[f"get2.version.{clause}"].message == "no version is sent"


def test_where_only_the_values_are_judged_no_answer_is_none_of_them() -> None:
    unanswered = findings(evidence(placed("extra-other-before"), {"first": fault(FaultKind.RESET)}))[
        "get2.request.own-value"
    ]
    assert (unanswered.verdict, unanswered.want) == (Verdict.FAIL, "the values that the masters hold")


@pytest.mark.parametrize("label", ["as-ascii", "as-cp1252", "same"])
def test_in_a_table_each_answer_is_made_of_what_the_masters_hold_under_its_key(label: str) -> None:
    case, own = placed("equal-to-charsets-and-languages"), "get2.request.own-value"
    assert findings(evidence(case))[own].verdict is Verdict.PASS
    wrong: dict[str, Change] = {
        "of another key": lambda r: r.saying(b"cafe"),
        "less by a byte": lambda r: r.saying(right(case, asked(case, label)).body[:-1]),
        "of no master's version": lambda r: r.having("Version", "77"),
    }
    for what, change in wrong.items():
        found = findings(evidence(case, {label: change}))[own]
        assert (found.verdict, found.exchange) == (Verdict.FAIL, label), what
    assert findings(evidence(case, {label: lambda r: r.being(500)}))[own].verdict is Verdict.PASS
    everywhere = {ask.label: (lambda r: r.being(500)) for ask in case.asks}
    assert findings(evidence(case, everywhere))[own].verdict is Verdict.NOT_APPLICABLE


def asked(case: Case, label: str) -> Ask:
    return next(ask for ask in case.asks if ask.label == label)


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (409, b"anotherone", Verdict.FAIL),
        (409, b"oneanother", Verdict.PASS),
        (409, b"another", Verdict.PASS),
        (409, b"", Verdict.PASS),
        (404, b"anotherone", Verdict.PASS),
    ],
)
def test_two_values_are_not_reported_any_more_once_one_is_removed(status: int, body: bytes, verdict: Verdict) -> None:
    case = placed("former-conflict-removed-from-master2")
    found = findings(evidence(case, {"first": lambda r: r.being(status).saying(body)}))["get2.request.own-value"]
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert (found.message, found.got) == ("the values of before one was removed", "anotherone")


def test_what_a_master_held_alone_before_is_no_conflict() -> None:
    case = placed("former-removed-from-master2")
    empty = replace(case, former=((),))
    for each in (case, empty):
        found = findings(evidence(each, {"first": lambda r: r.being(409).saying(b"")}))["get2.request.own-value"]
        assert found.verdict is Verdict.PASS
