"""Each question of a case as a case of its own: what the masters hold under its key says what its answer is to be.

Cases that ask several questions, and the questions about a case's other keys, come this way; a case of one question is
its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kvgate.case import Ask, Case
from kvgate.verdict import Evidence, Held
from kvgate.verdict.check import AppliesTo
from kvgate.verdict.model import NotApplicable

from .facts import several_are_asked
from .stating import expected

_MASTERS = ("master1", "master2")


def each(applies: AppliesTo) -> AppliesTo:
    """Cases with a question that `applies` is for."""
    return lambda case: any(applies(_alone(case, ask)) for ask in case.asks)


def asked(evidence: Evidence, applies: AppliesTo) -> Evidence:
    """The evidence of the one question that is looked at. Raises NotApplicable where `applies` is not for it."""
    asks = (*evidence.case.asks, *(decoy.ask for decoy in evidence.decoys))
    ask = next((ask for ask in asks if ask.label == evidence.of), None)
    seen = evidence if ask is None else replace(evidence, case=_alone(evidence.case, ask, evidence))
    if not applies(seen.case):
        raise NotApplicable("nothing of the kind is due")
    return seen


def _alone(case: Case, ask: Ask, evidence: Evidence | None = None) -> Case:
    """The case that asks this question only; it may be one about another key that the case stores."""
    if not several_are_asked(case) and ask.label == "first":
        return case
    key = str(ask.fields.get("key", ""))
    held = [_held(case, place, key, evidence) for place in _MASTERS]
    return replace(case, key=key, asks=(ask,), expect=_expect(case, key, *held))


def _held(case: Case, place: str, key: str, evidence: Evidence | None) -> Held:
    if evidence is not None:
        return evidence.held(place, key)
    holding = case.held(place, key)
    return Held(None) if holding is None else Held(holding.value, holding.version)


def _expect(case: Case, key: str, first: Held, second: Held) -> dict[str, Any]:
    """What is due; nothing where the case says that nothing is known of this question."""
    if not key or (several_are_asked(case) and key not in case.expect["statuses"]):
        return {}
    known = first.version is not None and second.version is not None
    # A version that is not known is the same as none: the values are judged all the same.
    versions = (first, second) if known else (replace(first, version=0), replace(second, version=0))
    due = expected(*versions)
    return due if known else {name: value for name, value in due.items() if name != "versions"}
