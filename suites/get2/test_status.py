"""The status says whether the two values are the same bytes (L21, L37, L55, L73)."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Evidence, requires

from .facts import has_status, labels_due


def _some_values_match(case: Case) -> bool:
    return bool(labels_due(case, 200))


def _some_values_differ(case: Case) -> bool:
    return bool(labels_due(case, 409))


@requires("get2.status.match", when=_some_values_match)
def test_200_when_both_masters_hold_the_same_bytes(evidence: Evidence, case: Case) -> None:
    """The status is 200 when both masters hold the same bytes, whatever the versions."""
    for label in labels_due(case, 200):
        has_status(evidence.exchange(label), 200, case)


@requires("get2.status.conflict", when=_some_values_differ)
def test_409_when_the_values_differ(evidence: Evidence, case: Case) -> None:
    """The status is 409 when the two values differ in any byte or in length."""
    for label in labels_due(case, 409):
        has_status(evidence.exchange(label), 409, case)
