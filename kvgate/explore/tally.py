"""Counts what one check came to on all generated cases, and keeps the breaches that are worth showing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from kvgate.explore.row import Row, text_of
from kvgate.level import at_least
from kvgate.requirement import Requirement
from kvgate.verdict import Evidence, Finding, Verdict
from kvgate.verdict.recheck import BREACHES

_JUDGED = (Verdict.PASS, Verdict.OBSERVED, *BREACHES)


@dataclass(frozen=True, slots=True)
class Failing:
    """A generated case that failed a check."""

    number: int
    row: Row
    finding: Finding
    evidence: Evidence

    @property
    def rank(self) -> tuple[bool, int]:
        """Which of two is worth showing: the lower. A failure comes before a warning, a short row before a long one."""
        return self.finding.verdict is not Verdict.FAIL, len(text_of(self.row))


@dataclass(slots=True)
class Tally:
    """One check's verdicts.

    `breach` is the breach worth showing among those that no waiver answers for, `waived` among those that one does.
    """

    requirement: Requirement
    counted: Counter[Verdict] = field(default_factory=Counter)
    strongest: dict[Verdict, Finding] = field(default_factory=dict)
    breach: Failing | None = None
    waived: Failing | None = None

    def add(self, failing: Failing, *, waived: bool) -> None:
        """Counts a finding, whatever its verdict."""
        finding = failing.finding
        self.counted[finding.verdict] += 1
        before = self.strongest.setdefault(finding.verdict, finding)
        if not at_least(before.level, finding.level):
            self.strongest[finding.verdict] = finding
        if finding.verdict not in BREACHES:
            return
        if waived:
            self.waived = min(self.waived or failing, failing, key=lambda one: one.rank)
        else:
            self.breach = min(self.breach or failing, failing, key=lambda one: one.rank)

    @property
    def shown(self) -> Iterator[Failing]:
        """The breaches to show."""
        return (failing for failing in (self.breach, self.waived) if failing is not None)

    def lacking(self, case: str, unasked: int, why: str) -> Finding | None:
        """The finding that says how many cases have no verdict, and why; None where all have one.

        `unasked` cases were not even asked, for the reason `why`.
        """
        missing = self.counted[Verdict.NO_VERDICT] + unasked
        if not missing:
            return None
        first = self.strongest.get(Verdict.NO_VERDICT)
        message = f"{missing} generated cases have no verdict: {why if first is None else first.message}"
        level = self.requirement.level if first is None else first.level
        return Finding(self.requirement.interface, self.requirement.id, case, level, Verdict.NO_VERDICT, message)

    def whole(self, case: str) -> Finding:
        """The one finding for all cases, where none failed and none has no verdict."""
        judged = sum(self.counted[verdict] for verdict in _JUDGED)
        level, verdict = self.requirement.level, Verdict.NOT_APPLICABLE
        first = self.strongest.get(Verdict.NOT_APPLICABLE)
        message = "it is for no generated case" if first is None else first.message
        if judged:
            verdict = Verdict.PASS if self.counted[Verdict.PASS] else Verdict.OBSERVED
            level, message = self.strongest[verdict].level, f"on {judged} generated cases"
        return Finding(self.requirement.interface, self.requirement.id, case, level, verdict, message)
