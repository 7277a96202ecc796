"""Verdicts, and the exceptions by which a check says anything but "met"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kvgate.level import Level

AGAIN = "again"  # the label of the one question of a case when it was sent a second time
LATE = "late"  # and when it was sent once more, at the end of the run
_NAMES = {AGAIN: "asked again", LATE: "asked at the end of the run"}
# Why a check of what is asked at the same time is not applicable.
ONE_BY_ONE = "nothing was asked at the same time: one request at a time was allowed"


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
    """The requirement is not met. `want` and `got` are one line each, safe to show.

    `exchange` is the label of the exchange that shows it: None for the last that the check looked at, empty for none
    in particular.
    """

    def __init__(self, message: str, *, want: str = "", got: str = "", exchange: str | None = None) -> None:
        super().__init__(message)
        self.message, self.want, self.got, self.exchange = message, want, got, exchange


class NotApplicable(Exception):
    """The requirement's question has no meaning in this answer, which may be right all the same."""


class FaultElsewhere(NotApplicable):
    """What the requirement asks of is not there by a fault that another requirement is breached by.

    That is green only where the other is judged too: in a run that leaves it out, this is no verdict.
    """


class Unjudged(Exception):
    """The surroundings failed, so there is nothing to judge by."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one check on one case, with what it was judged by.

    `level` is the effective one. `message`, `want` and `got` are one line each, empty when there is nothing to say.
    `exchange` is the label of the exchange that shows a breach, empty where the case has one question and it is that.
    """

    interface: str
    requirement: str
    case: str
    level: Level
    verdict: Verdict
    message: str = ""
    want: str = ""
    got: str = ""
    exchange: str = ""

    @property
    def told(self) -> str:
        """The message, with the exchange that shows it before it, where the message does not name that itself."""
        name = _NAMES.get(self.exchange, self.exchange)
        named = (f"'{name}'", f"({name})", f"{name}:", f"{name},")
        return self.message if not name or any(form in self.message for form in named) else f"{name}: {self.message}"
