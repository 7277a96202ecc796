"""Calls a check for what it is to look at: all of a case at once, or one answer after the other.

What is owed is owed by each answer: by the one to a question asked again as by the first, and, where it does not depend
on the question, by every answer on a shared connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kvgate.verdict.check import Check, Scope
from kvgate.verdict.evidence import Evidence
from kvgate.verdict.model import FaultElsewhere, NotApplicable, Unjudged


def look(check: Check, evidence: Evidence) -> None:
    """Calls the check for each of its answers in turn, until one breaches. Raises Breach, NotApplicable and Unjudged.

    Raises NotApplicable when none has anything to be judged. That a question asked again has no answer to be judged is
    for the requirement that compares the two to say. What has no verdict does not hide what another answer breaches.
    """
    reasons: list[NotApplicable] = []
    unjudged: Unjudged | None = None
    decoys = tuple(decoy.ask.label for decoy in evidence.decoys)
    judged, besides = False, {*evidence.more, *decoys}
    for seen in _views(check, evidence):
        try:
            check.function(**_arguments(check, seen))
        except NotApplicable as reason:
            reasons.append(reason)
        except Unjudged as reason:
            if seen.of not in besides:
                unjudged = unjudged or reason
        else:
            judged = True
    if unjudged is not None:
        raise unjudged
    if not judged:
        raise next((reason for reason in reasons if isinstance(reason, FaultElsewhere)), reasons[0])


def _views(check: Check, evidence: Evidence) -> Iterator[Evidence]:
    """What the check is called for."""
    if check.scope in (Scope.ANSWER, Scope.EACH) and len(evidence.case.asks) > 1:
        yield from (evidence.looking_at(ask.label) for ask in evidence.case.asks if ask.judged)
        return
    yield evidence
    if check.scope is not Scope.CASE:
        yield from (evidence.looking_at(label) for label in evidence.more)
    if check.scope is Scope.EACH:
        yield from (evidence.looking_at(decoy.ask.label) for decoy in evidence.decoys)


def _arguments(check: Check, evidence: Evidence) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name in check.arguments:
        if name == "evidence":
            given[name] = evidence
        elif name == "case":
            given[name] = evidence.case
        elif name == "answer":
            given[name] = evidence.answer()
        else:
            raise TypeError(f"{check.name}: a check takes evidence, case and answer, not '{name}'")
    return given
