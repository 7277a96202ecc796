"""What came of a breach when it was asked again, and which breaches are: pure functions of findings."""

from __future__ import annotations

import pytest

from kvgate.level import Level
from kvgate.run.recheck import MOST_CASES, choose
from kvgate.verdict.model import Finding, Verdict
from kvgate.verdict.recheck import Recheck


def finding(verdict: Verdict, case: str = "c", got: str = "", requirement: str = "get2.status.match") -> Finding:
    return Finding("get2", requirement, case, Level.MUST, verdict, "status", "200", got)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.FAIL, Recheck(2, 2, 0)),
        (Verdict.WARN, Recheck(2, 2, 0)),
        (Verdict.PASS, Recheck(1, 2, 0)),
        (Verdict.OBSERVED, Recheck(1, 2, 0)),
        (Verdict.NO_VERDICT, Recheck(1, 1, 1)),
        (Verdict.NOT_APPLICABLE, Recheck(1, 1, 1)),
    ],
)
def test_each_finding_counts_where_it_belongs(verdict: Verdict, expected: Recheck) -> None:
    assert Recheck().then(finding(verdict)) == expected


def test_it_is_steady_while_every_verdict_is_a_breach() -> None:
    failed = Recheck().then(finding(Verdict.FAIL)).then(finding(Verdict.NO_VERDICT))
    assert failed.steady
    assert not failed.then(finding(Verdict.PASS)).steady


def test_one_case_for_each_requirement_and_behaviour() -> None:
    found = [
        finding(Verdict.PASS, "met"),
        finding(Verdict.FAIL, "one", "500"),
        finding(Verdict.FAIL, "two", "500"),
        finding(Verdict.WARN, "three", "404"),
        finding(Verdict.FAIL, "four", "500", "get2.status.conflict"),
        finding(Verdict.NO_VERDICT, "five"),
        finding(Verdict.WAIVED, "six", "501"),
    ]
    choice = choose(found, "kvtest")
    assert choice.cases == (("get2", "one"), ("get2", "three"), ("get2", "four"))
    assert (choice.findings, choice.alike, choice.beyond) == ((1, 3, 4), 1, 0)


def test_a_case_that_is_asked_again_is_for_all_its_breaches() -> None:
    found = [
        finding(Verdict.FAIL, "one", "500"),
        finding(Verdict.FAIL, "two", "500"),
        finding(Verdict.FAIL, "two", "none", "get2.version.same"),
    ]
    choice = choose(found, "kvtest")
    assert choice.cases == (("get2", "one"), ("get2", "two"))
    assert (choice.findings, choice.alike, choice.beyond) == ((0, 1, 2), 0, 0)


def test_behaviours_that_differ_in_keys_of_the_run_are_one() -> None:
    found = [finding(Verdict.FAIL, mark, f"{mark}a1b2c3 is not there") for mark in ("kvtest", "kvother")]
    same = [finding(Verdict.FAIL, name, f"kvtest{name}1b2c3 is not there") for name in "ab"]
    assert len(choose(found, "kvtest").cases) == 2
    assert len(choose(same, "kvtest").cases) == 1


def test_at_most_so_many_cases_and_what_is_left_is_counted() -> None:
    found = [finding(Verdict.FAIL, f"case-{number}", f"got {number}") for number in range(MOST_CASES + 7)]
    found += [finding(Verdict.FAIL, "as-the-first", "got 0")]
    choice = choose(found, "kvtest")
    assert choice.cases == tuple(("get2", f"case-{number}") for number in range(MOST_CASES))
    assert choice.findings == tuple(range(MOST_CASES))
    assert (choice.alike, choice.beyond) == (1, 7)


def test_nothing_where_nothing_failed() -> None:
    choice = choose([finding(Verdict.PASS), finding(Verdict.NO_VERDICT)], "kvtest")
    assert (choice.cases, choice.findings, choice.alike, choice.beyond) == ((), (), 0, 0)
