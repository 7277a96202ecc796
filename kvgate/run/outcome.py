"""The exit status of a run, decided from its findings alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kvgate.case.mark import causes_of
from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.plural import many
from kvgate.verdict.model import Finding, Verdict

MOST_CAUSES = 10  # that are told one by one
_JUDGED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.WAIVED})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What happened to a run besides its findings. Each of the tuples holds one line per cause.

    `unobserved` is why data that is there could not be judged at all. `mark` is the run's: causes that differ in its
    keys only are one.
    """

    interrupted: bool = False
    bugs: tuple[str, ...] = ()
    waivers_broken: tuple[str, ...] = ()
    nothing_selected: tuple[str, ...] = ()
    unobserved: tuple[str, ...] = ()
    strict: bool = False
    mark: str = ""


def decide(findings: Sequence[Finding], seen: Circumstances) -> tuple[Exit, tuple[str, ...]]:
    """The exit status and one line per cause.

    An interrupt comes first, then a bug of ours, then a definite breach, a broken waiver, nothing judged, and last a
    verdict that is missing where one was demanded.
    """
    if seen.interrupted:
        return Exit.INTERRUPTED, ("interrupted before the end: what was reached is reported",)
    if seen.bugs:
        return Exit.INTERNAL_ERROR, seen.bugs
    failed = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    if failed:
        requirements = len({finding.requirement for finding in failed})
        cause = f"{many(len(failed), 'check')} failed, of {many(requirements, 'requirement')}"
        return Exit.NOT_CONFORMING, (cause, *seen.waivers_broken)
    if seen.waivers_broken:
        return Exit.USAGE, seen.waivers_broken
    unjudged = [finding for finding in findings if finding.verdict is Verdict.NO_VERDICT]
    if not any(finding.verdict in _JUDGED for finding in findings):
        if unjudged or seen.unobserved:
            return Exit.NO_VERDICT, (*seen.unobserved, *_causes(unjudged, seen.mark))
        return Exit.NOTHING_TESTED, seen.nothing_selected or ("no check was judged: nothing selected could be tested",)
    demanded = [finding for finding in unjudged if finding.level is Level.MUST or seen.strict]
    if demanded or seen.unobserved:
        return Exit.NO_VERDICT, (*seen.unobserved, *_causes(demanded, seen.mark))
    return Exit.CONFORMING, ()


def _causes(findings: Sequence[Finding], mark: str) -> tuple[str, ...]:
    given = causes_of((finding.message for finding in findings), mark)
    counted = Counter(given[finding.message] for finding in findings).most_common()
    lines = [f"no verdict on {many(count, 'check')}: {message}" for message, count in counted[:MOST_CAUSES]]
    rest = counted[MOST_CAUSES:]
    if rest:
        checks = many(sum(count for _, count in rest), "check")
        lines.append(f"no verdict on {checks} more, for {many(len(rest), 'other cause')}: see the reports")
    return tuple(lines)
