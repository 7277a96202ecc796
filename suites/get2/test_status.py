"""The status says whether the two values are the same bytes (L21, L37, L55, L73)."""

from __future__ import annotations

from kvgate.verdict import Evidence, Scope, requires

from .each import asked, each
from .facts import has_status, values_differ, values_match


@requires("get2.status.match", when=each(values_match), scope=Scope.EACH)
def test_200_when_both_masters_hold_the_same_bytes(evidence: Evidence) -> None:
    """The status is 200 when both masters hold the same bytes, whatever the versions."""
    evidence = asked(evidence, values_match)
    has_status(evidence.exchange(), 200, evidence.case)


@requires("get2.status.conflict", when=each(values_differ), scope=Scope.EACH)
def test_409_when_the_values_differ(evidence: Evidence) -> None:
    """The status is 409 when the two values differ in any byte or in length."""
    evidence = asked(evidence, values_differ)
    has_status(evidence.exchange(), 409, evidence.case)
