"""Meets the findings of a run with the waivers: a pure function of both and of the day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from kvgate.case.generated import is_generated
from kvgate.verdict.model import Finding, Verdict
from kvgate.waiver.model import Applied, ProblemKind, Waiver, WaiverProblem, shown_line

_BREACHES = frozenset({Verdict.FAIL, Verdict.WARN})
_MET = frozenset({Verdict.PASS, Verdict.OBSERVED})
_UNKNOWN = frozenset({Verdict.NO_VERDICT})


def covering(finding: Finding, waivers: Sequence[Waiver], today: datetime.date) -> Waiver | None:
    """The first waiver that counts today and covers this breach, with the behaviour it was given for."""
    if finding.verdict not in _BREACHES:
        return None
    return next((w for w in waivers if today <= w.expires and w.names(finding) and w.observes(finding)), None)


def apply_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], today: datetime.date, *, complete: bool = True
) -> Applied:
    """Turns the breaches that waivers cover into `waived`, and tells what is wrong with the waivers.

    `complete` is False when checks were selected or the run ended early: a waiver with a glob is then never called
    stale, since a case it names may not have run. A waiver none of whose checks came to a verdict has no problem, and
    that generated cases pass says nothing: others may fail the next time.
    """
    covers = tuple(covering(finding, waivers, today) for finding in findings)
    applied = tuple(
        replace(finding, verdict=Verdict.WAIVED) if waiver else finding
        for finding, waiver in zip(findings, covers, strict=True)
    )
    problems = (_problem(waiver, findings, covers, today, complete=complete) for waiver in waivers)
    return Applied(applied, covers, tuple(problem for problem in problems if problem))


def _problem(
    waiver: Waiver,
    findings: Sequence[Finding],
    covers: Sequence[Waiver | None],
    today: datetime.date,
    *,
    complete: bool,
) -> WaiverProblem | None:
    named = [(finding, cover) for finding, cover in zip(findings, covers, strict=True) if waiver.names(finding)]
    breaches = [finding for finding, _ in named if finding.verdict in _BREACHES]
    still = [finding for finding in breaches if waiver.observes(finding)]
    uncovered = [finding for finding, cover in named if finding.verdict in _BREACHES and cover is None]
    if still and today > waiver.expires:
        return _say(waiver, ProblemKind.EXPIRED, _expiry(waiver, still))
    if uncovered:
        # While a waiver counts, what it observes is covered, be it by another: this fails in another way.
        return _say(waiver, ProblemKind.DIFFERENT, _difference(waiver, uncovered[0]))
    if still or any(finding.verdict in _UNKNOWN for finding, _ in named):
        return None
    met = [finding for finding, _ in named if finding.verdict in _MET and not is_generated(finding.case)]
    judged = [finding for finding in breaches if not is_generated(finding.case)] or met
    if judged and (complete or not waiver.is_glob):
        return _say(waiver, ProblemKind.STALE, "no longer applies: what it waives does not happen any more; remove it")
    return None


def _say(waiver: Waiver, kind: ProblemKind, what: str) -> WaiverProblem:
    return WaiverProblem(kind, waiver, f"{waiver.source}: waiver of {waiver.requirement} on {waiver.case}: {what}")


def _expiry(waiver: Waiver, still: Sequence[Finding]) -> str:
    more = f" and {len(still) - 1} more" if len(still) > 1 else ""
    return (
        f"expired on {waiver.expires}, but {still[0].case}{more} still fails; "
        f"repair it or renew the waiver ({waiver.owner}, {waiver.issue})"
    )


def _difference(waiver: Waiver, finding: Finding) -> str:
    return (
        f"not covered: {finding.case} fails in another way than observed "
        f"(waived: '{waiver.observed}'; seen: '{shown_line(finding)}')"
    )
