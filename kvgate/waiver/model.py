"""A waiver: one known deviation that an operator answers for, until a date."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from kvgate.verdict.model import Finding


def shown_line(finding: Finding) -> str:
    """What a breach was seen to be, in one line: its message, and what was got where that is known."""
    return f"{finding.message}; got {finding.got}" if finding.got else finding.message


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known deviation, with the word of somebody who answers for it.

    `case` is a case's name or a glob. `observed` is a text that occurs in the finding's line (`shown_line`).
    `expires` is the last day on which it counts. `source` is file:line.
    """

    interface: str
    requirement: str
    case: str
    observed: str
    reason: str
    owner: str
    issue: str
    expires: datetime.date
    source: str

    @property
    def is_glob(self) -> bool:
        """Whether it may name more than one case."""
        return any(character in self.case for character in "*?[")

    def names(self, finding: Finding) -> bool:
        """Whether the finding is of this waiver's requirement and cases, whatever came of it."""
        return (
            finding.interface == self.interface
            and finding.requirement == self.requirement
            and fnmatchcase(finding.case, self.case)
        )

    def observes(self, finding: Finding) -> bool:
        """Whether the finding shows the behaviour that this waiver was given for."""
        return self.observed in shown_line(finding)


class ProblemKind(StrEnum):
    """Why a waiver itself breaks the gate."""

    EXPIRED = "expired"
    DIFFERENT = "different"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class WaiverProblem:
    """What is wrong with a waiver, told in one `line` that begins with its file and line."""

    kind: ProblemKind
    waiver: Waiver
    line: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the findings: `findings` and `waivers` go side by side, in the order that was given.

    `waivers` has, for each finding, the waiver that covers it (its verdict is then `waived`) or None. Each of
    `problems` breaks the gate.
    """

    findings: tuple[Finding, ...]
    waivers: tuple[Waiver | None, ...]
    problems: tuple[WaiverProblem, ...]
