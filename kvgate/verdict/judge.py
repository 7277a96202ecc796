"""Runs one check on one case's evidence and gives the verdict its level allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase

from kvgate.case import Case
from kvgate.interface import Profile
from kvgate.level import Level, lower_of
from kvgate.requirement import Requirement
from kvgate.verdict.check import Check
from kvgate.verdict.evidence import Evidence
from kvgate.verdict.look import look
from kvgate.verdict.model import Breach, FaultElsewhere, Finding, NotApplicable, Unjudged, Verdict

_ON_BREACH = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.INFO: Verdict.OBSERVED}


def effective_level(requirement: Requirement, case: Case, profile: Profile) -> Level:
    """The lower of the requirement's and the case's level, both as the profile raises them, and of what it lowers.

    A case's level says how strongly the page demands what it shows: it is nothing to a requirement of the profile.
    """
    demanded, situation = requirement.level, Level.MUST if requirement.of_profile else case.level
    for row in profile.raised:
        if not fnmatchcase(case.name, row.case):
            continue
        if row.requirement is None:
            situation = row.level
        elif fnmatchcase(requirement.id, row.requirement):
            demanded = row.level
    lowered = [
        row.level
        for row in profile.lowered
        if fnmatchcase(requirement.id, row.requirement) and fnmatchcase(case.name, row.case)
    ]
    return lower_of(demanded, situation, *lowered)


def judge(
    check: Check,
    requirement: Requirement,
    profile: Profile,
    evidence: Evidence,
    *,
    strict: bool,
    completes: Callable[[], bool] = lambda: True,
) -> Finding:
    """The finding of one check on one case. `strict` makes a breach of a SHOULD a failure.

    `completes` tells whether the other checks of the case are in the run too; where they are not, what another
    requirement's fault keeps from being judged has no verdict.

    A bug in a check is not caught: it ends the check with its own exception, which is our fault and not a verdict.
    """
    case, evidence = evidence.case, replace(evidence, looked_at=[])
    level = effective_level(requirement, case, profile)

    def finding(verdict: Verdict, message: str = "", want: str = "", got: str = "", exchange: str = "") -> Finding:
        return Finding(requirement.interface, requirement.id, case.name, level, verdict, message, want, got, exchange)

    try:
        if evidence.left_out:
            raise NotApplicable(f"left out: {evidence.left_out}")
        if evidence.trouble:
            raise Unjudged(evidence.trouble)
        look(check, evidence)
    except Breach as breach:
        verdict = _ON_BREACH[level]
        if strict and verdict is Verdict.WARN:
            verdict = Verdict.FAIL
        return finding(verdict, breach.message, breach.want, breach.got, _shown_by(breach, evidence))
    except FaultElsewhere as reason:
        if level is Level.INFO or completes():
            return finding(Verdict.NOT_APPLICABLE, str(reason))
        return finding(Verdict.NO_VERDICT, f"{reason}; the requirement at fault was not selected")
    except NotApplicable as reason:
        return finding(Verdict.NOT_APPLICABLE, str(reason))
    except Unjudged as reason:
        return finding(Verdict.NO_VERDICT, str(reason))
    return finding(Verdict.OBSERVED if level is Level.INFO else Verdict.PASS)


def _shown_by(breach: Breach, evidence: Evidence) -> str:
    """The label of the exchange that shows a breach; nothing where it is the one question's first."""
    label = breach.exchange
    if label is None:
        label = evidence.looked_at[-1] if evidence.looked_at else ""
    asked = [ask.label for ask in evidence.case.asks]
    return "" if asked == [label] else label
