"""The exit status, decided from findings and circumstances alone."""

from __future__ import annotations

import pytest

from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.run.outcome import Circumstances, decide
from kvgate.verdict import Finding, Verdict


def finding(verdict: Verdict, level: Level = Level.MUST, message: str = "because") -> Finding:
    return Finding("get2", "get2.status.match", "control", level, verdict, message)


PASS, FAIL, NONE = finding(Verdict.PASS), finding(Verdict.FAIL), finding(Verdict.NO_VERDICT)
WARN, WAIVED = finding(Verdict.WARN, Level.SHOULD), finding(Verdict.WAIVED)
SHOULD_NONE, INFO_NONE = finding(Verdict.NO_VERDICT, Level.SHOULD), finding(Verdict.NO_VERDICT, Level.INFO)
OBSERVED, MEANINGLESS = finding(Verdict.OBSERVED, Level.INFO), finding(Verdict.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([PASS], Exit.CONFORMING),
        ([PASS, WARN, OBSERVED, MEANINGLESS], Exit.CONFORMING),
        ([WAIVED], Exit.CONFORMING),
        ([WARN], Exit.CONFORMING),
        ([PASS, FAIL], Exit.NOT_CONFORMING),
        ([FAIL, NONE], Exit.NOT_CONFORMING),
        ([PASS, NONE], Exit.NO_VERDICT),
        ([PASS, SHOULD_NONE, INFO_NONE], Exit.CONFORMING),
        # Nothing was judged at all: then the level of what is missing does not matter.
        ([SHOULD_NONE], Exit.NO_VERDICT),
        ([INFO_NONE, MEANINGLESS], Exit.NO_VERDICT),
        ([], Exit.NOTHING_TESTED),
        ([OBSERVED], Exit.NOTHING_TESTED),
        ([MEANINGLESS, OBSERVED], Exit.NOTHING_TESTED),
    ],
)
def test_status_of_findings(findings: list[Finding], status: Exit) -> None:
    decided, reasons = decide(findings, Circumstances())
    assert decided is status
    assert bool(reasons) == (status is not Exit.CONFORMING)


def test_strict_counts_a_should_without_a_verdict() -> None:
    assert decide([PASS, SHOULD_NONE], Circumstances(strict=True))[0] is Exit.NO_VERDICT
    assert decide([PASS, INFO_NONE], Circumstances(strict=True))[0] is Exit.NO_VERDICT


@pytest.mark.parametrize("findings", [[PASS], [FAIL], [NONE], []])
def test_an_interrupt_comes_before_everything(findings: list[Finding]) -> None:
    seen = Circumstances(interrupted=True, bugs=("a bug",), waivers_broken=("stale",))
    assert decide(findings, seen)[0] is Exit.INTERRUPTED


def test_then_a_bug_then_a_breach_then_a_broken_waiver() -> None:
    both = Circumstances(bugs=("a bug",), waivers_broken=("stale",))
    assert decide([FAIL], both) == (Exit.INTERNAL_ERROR, ("a bug",))
    status, reasons = decide([FAIL], Circumstances(waivers_broken=("stale",)))
    assert status is Exit.NOT_CONFORMING
    assert "stale" in reasons
    assert decide([PASS, NONE], Circumstances(waivers_broken=("stale",))) == (Exit.USAGE, ("stale",))


def test_reasons_count_what_is_missing_by_cause() -> None:
    other = finding(Verdict.NO_VERDICT, message="another")
    _, reasons = decide([PASS, other, NONE, NONE], Circumstances())
    assert reasons == ("no verdict on 2 checks: because", "no verdict on 1 check: another")


def test_what_was_not_selected_is_said() -> None:
    assert decide([], Circumstances(nothing_selected=("no case matches 'x'",)))[1] == ("no case matches 'x'",)
