"""What came of one deviation, and whether it is what it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kvgate.verdict import Finding, Verdict

FLAGGED = (Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)


class Mark(StrEnum):
    """What a deviation came to: the first three are a fault's, the next two a freedom's."""

    KILLED = "killed"
    BY_OTHERS = "killed by others only"
    SURVIVED = "survived"
    GRANTED = "granted"
    FLAGGED = "flagged"
    BROKEN = "broken"  # the deviation itself, or the run, failed: it proves nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """One deviation's run. `flagged` are the findings with the verdicts of `FLAGGED`, `counts` all by verdict.

    `breaks` and `warns` are the deviation's. `trouble` says in one line why the run proves nothing, if so.
    `processor` is the processor time of a run in a process of the pool, in seconds. `shown` is the case that has to be
    among the first for a fault to be killed by few, empty where any few do or all are needed.
    """

    interface: str
    name: str
    breaks: str | None
    warns: tuple[str, ...]
    counts: dict[Verdict, int] = field(default_factory=dict)
    flagged: tuple[Finding, ...] = ()
    trouble: str = ""
    seconds: float = 0.0
    processor: float = 0.0
    shown: str = ""

    @property
    def failing(self) -> tuple[str, ...]:
        """The requirements with a FAIL or a WARN, in alphabetical order."""
        return tuple(sorted({f.requirement for f in self.flagged if f.verdict is not Verdict.NO_VERDICT}))

    @property
    def mark(self) -> Mark:
        """What it came to."""
        if self.trouble:
            return Mark.BROKEN
        if self.breaks is None:
            return Mark.FLAGGED if self.alarms else Mark.GRANTED
        if self.breaks in self.failing:
            return Mark.KILLED
        return Mark.BY_OTHERS if self.failing else Mark.SURVIVED

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that a freedom must not have."""
        return tuple(f for f in self.flagged if f.verdict is not Verdict.WARN or f.requirement not in self.warns)

    @property
    def good(self) -> bool:
        """Whether the gate did what it should."""
        return self.mark in (Mark.KILLED, Mark.GRANTED)
