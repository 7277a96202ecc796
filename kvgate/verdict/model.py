"""Verdicts, and the exceptions by which a check says anything but "met"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kvgate.level import Level


class Verdict(StrEnum):
    """What came of one check on one case."""

    PASS = "pass"  # noqa: S105  # not a password
    FAIL = "fail"
    WARN = "warn"
    OBSERVED = "observed"
    WAIVED = "waived"
    NO_VERDICT = "no-verdict"
    NOT_APPLICABLE = "not-applicable"


class Breach(AssertionError):
    """The requirement is not met. `want` and `got` are one line each, safe to show."""

    def __init__(self, message: str, *, want: str = "", got: str = "") -> None:
        super().__init__(message)
        self.message, self.want, self.got = message, want, got


class NotApplicable(Exception):
    """The requirement's question has no meaning in this answer; whatever is wrong is another requirement's."""


class Unjudged(Exception):
    """The surroundings failed, so there is nothing to judge by."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one check on one case, with what it was judged by.

    `level` is the effective one. `message`, `want` and `got` are one line each, empty when there is nothing to say.
    """

    interface: str
    requirement: str
    case: str
    level: Level
    verdict: Verdict
    message: str = ""
    want: str = ""
    got: str = ""
