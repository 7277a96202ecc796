"""The words for verdicts and exit statuses, the same in every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from kvgate.exits import Exit
from kvgate.plural import many
from kvgate.report.model import CheckRecord
from kvgate.report.plain import shown
from kvgate.verdict.model import Verdict
from kvgate.verdict.recheck import Recheck

# Many stale waivers make as many reasons; a terminal and a summary have room for so many.
_SHOWN = 20
# A line may hold a path, and what a server has sent.
_LONGEST = 1000

# A case of more exchanges shows the one that a finding is about, and folds the others away.
FEW = 4

# The order in which a reader wants them: what breaks the gate first, what is fine last.
VERDICTS = (
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.NO_VERDICT,
    Verdict.WAIVED,
    Verdict.OBSERVED,
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
)

VERDICT_WORDS = {
    Verdict.FAIL: "fail",
    Verdict.WARN: "warn",
    Verdict.NO_VERDICT: "no verdict",
    Verdict.WAIVED: "waived",
    Verdict.OBSERVED: "observed",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.PASS: "pass",
}

EXIT_WORDS = {
    Exit.CONFORMING: "conforming",
    Exit.NOT_CONFORMING: "not conforming",
    Exit.INTERRUPTED: "interrupted",
    Exit.INTERNAL_ERROR: "internal error",
    Exit.USAGE: "usage error",
    Exit.NOTHING_TESTED: "nothing was tested",
    Exit.NO_VERDICT: "no verdict",
}


def exit_line(status: Exit) -> str:
    """The exit status as every summary ends: `exit 1: not conforming`."""
    return f"exit {int(status)}: {EXIT_WORDS[status]}"


def first(lines: Sequence[str], what: str) -> Iterator[str]:
    """The first 20 of the lines, long ones cut; where there are others, one that counts them, `what` naming one."""
    yield from (shown(line, _LONGEST) for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"and {many(len(lines) - _SHOWN, what)} more: see report.json"


def recheck_words(recheck: Recheck) -> str:
    """`failed 2 of 4`, the first time included; times without a verdict apart: `failed 2 of 3, 1 without a verdict`."""
    said = f"failed {recheck.failed} of {recheck.judged}"
    return f"{said}, {recheck.unjudged} without a verdict" if recheck.unjudged else said


def group_recheck_words(checks: Iterable[CheckRecord]) -> str:
    """The same of several checks, in the words of the first that was asked again; nothing where none was."""
    found = [record for record in checks if record.recheck is not None]
    if not found:
        return ""
    words = Counter(recheck_words(record.recheck) for record in found if record.recheck is not None)
    return "; ".join(f"{said} ({many(count, 'case')})" if len(found) > 1 else said for said, count in words.items())


def moment(seconds: float) -> str:
    """Seconds since the epoch as `2026-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float) -> str:
    """Seconds as a person says them: `0.42 s`, `12.3 s`, `3 min 07 s`."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"
