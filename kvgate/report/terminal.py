"""The end of a run in the terminal: pure functions from a run to lines.

FAIL and WARN differ by word, not by colour alone; whatever a server sent is on one line and steers no terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.plural import many
from kvgate.report.counts import Group, Tally, by_level, cases_judged, causes, groups, of_verdict, pasted, tally
from kvgate.report.model import Run
from kvgate.report.plain import shown
from kvgate.report.words import VERDICT_WORDS, VERDICTS, duration, exit_line, first, group_recheck_words
from kvgate.verdict.model import Verdict

# One line of a terminal that is not narrow; what is cut here stands whole in the reports.
_LONG = 300
_CAUSES = 10
_PASTED, _LONGEST_PASTED = 5, 4000  # generated cases, and characters of one
_INDENT = " " * 6

_RED, _YELLOW, _GREEN, _CYAN, _BOLD, _DIM = "31", "33", "32", "36", "1", "2"
_EXIT_COLORS = {Exit.CONFORMING: _GREEN, Exit.NOT_CONFORMING: _RED}


def terminal_lines(run: Run, *, color: bool = False, reports: Path | None = None) -> tuple[str, ...]:
    """The summary of a run, the first line saying what was tested, the last the exit status.

    `color` puts ANSI colours in; `reports` is the folder or file named as the place of the reports.
    """
    paint = _Paint(color)
    lines = [paint(shown(run.tested), _BOLD)]
    lines += _findings(run, Verdict.FAIL, "FAIL", _RED, paint)
    lines += _findings(run, Verdict.WARN, "WARN", _YELLOW, paint)
    lines += _pasted(run, paint)
    lines += _by_cause(run, Verdict.NO_VERDICT, "NO VERDICT", _CYAN, paint)
    lines += _by_cause(run, Verdict.WAIVED, "WAIVED", _CYAN, paint)
    lines += ["", *_counts(run, paint)]
    lines += [f"note: {shown(note)}" for note in first(run.notes, "note")]
    if reports is not None:
        lines.append(f"reports: {shown(str(reports))}")
    if not run.complete:
        lines.append("the run ended before everything selected was judged")
    lines += [f"reason: {shown(reason)}" for reason in first(run.reasons, "reason")]
    lines.append(paint(exit_line(run.exit), _BOLD, _EXIT_COLORS.get(run.exit, _YELLOW)))
    return tuple(lines)


class _Paint:
    """Puts a text in ANSI colours, or leaves it."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self._color and text else text


def _findings(run: Run, verdict: Verdict, word: str, code: str, paint: _Paint) -> Iterator[str]:
    """Each requirement with that verdict once: how many cases, and what was wrong with the first."""
    found = groups(run, verdict)
    if found:
        yield ""
    for group in found:
        yield f"{paint(word, _BOLD, code)}  {_head(group)}"
        first = group.first.finding
        yield f"{_INDENT}{paint(shown(first.case), _BOLD)}: {shown(first.told, _LONG)}"
        if first.want:
            yield f"{_INDENT}  want: {shown(first.want, _LONG)}"
        if first.got:
            yield f"{_INDENT}  got:  {shown(first.got, _LONG)}"
        if again := group_recheck_words(group.checks):
            yield f"{_INDENT}  asked again: {again}"


def _pasted(run: Run, paint: _Paint) -> Iterator[str]:
    """The generated cases that failed, as they can be pasted into fixtures/."""
    found = pasted(run)
    for one in found[:_PASTED]:
        yield ""
        broken = ", ".join(one.requirements[:3]) + (" and others" if len(one.requirements) > 3 else "")
        what = f"{shown(one.case.name)} breaks {broken}"
        if len(one.case.toml) > _LONGEST_PASTED:
            yield f"{paint(what, _BOLD)}: {len(one.case.toml):,} characters as a fixture, which the reports have"
            continue
        yield f"{paint(what, _BOLD)}; to be pasted into a file of fixtures/{one.case.interface}/:"
        yield from (f"{_INDENT}{shown(line)}" for line in one.case.toml.splitlines())
    if len(found) > _PASTED:
        yield f"and {many(len(found) - _PASTED, 'generated case')} more: see the reports"


def _head(group: Group) -> str:
    requirement = group.requirement
    levels = "/".join(level.value for level in group.levels)
    clause = f"{requirement.page} L{requirement.lines}" if requirement.page else "not in the catalogue"
    return f"{requirement.id}  {levels}  {many(group.cases, 'case')}  ({clause})"


def _by_cause(run: Run, verdict: Verdict, word: str, code: str, paint: _Paint) -> Iterator[str]:
    found = causes(of_verdict(run, verdict), run.mark)
    if found:
        yield ""
    for cause in found[:_CAUSES]:
        number = f"{many(len(cause.checks), 'check')} on {many(cause.cases, 'case')}"
        yield f"{paint(word, _BOLD, code)}  {number}{shown(cause.some)}: {shown(cause.text, _LONG)}"
    if len(found) > _CAUSES:
        rest = found[_CAUSES:]
        number = many(sum(len(cause.checks) for cause in rest), "check")
        yield f"{paint(word, _BOLD, code)}  {number} more, for {many(len(rest), 'other cause')}: see the reports"


def _counts(run: Run, paint: _Paint) -> Iterator[str]:
    checks, requirements = many(len(run.checks), "check"), many(len(groups(run)), "requirement")
    made = f"{checks} of {requirements} on {many(cases_judged(run), 'case')} in {duration(run.seconds)}"
    yield f"{made}: {_spoken(tally(run.checks)) or 'nothing was judged'}"
    levels = {level: counted for level, counted in by_level(run).items() if any(counted.values())}
    width = max(map(len, Level))
    for level, counted in levels.items():
        yield paint(f"  {level.value:<{width}}  {_spoken(counted)}", _DIM)


def _spoken(counted: Tally) -> str:
    return ", ".join(f"{counted[verdict]:,} {VERDICT_WORDS[verdict]}" for verdict in _told(counted))


def _told(counted: Tally) -> Iterable[Verdict]:
    return (verdict for verdict in VERDICTS if counted[verdict])
