"""summary.md: the run in GitHub-flavoured Markdown, short enough for the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kvgate.exits import Exit
from kvgate.plural import many
from kvgate.report.counts import Tally, by_area, by_level, cases_judged, causes, groups, of_verdict, pasted, tally
from kvgate.report.model import Run
from kvgate.report.plain import shown
from kvgate.report.words import EXIT_WORDS, VERDICT_WORDS, VERDICTS, duration, first, group_recheck_words, moment
from kvgate.verdict.model import Verdict

# CI systems cut a summary at 1 MiB; a table stays readable for far less.
_ROWS = 100
_CAUSES = 25
_PASTED = 25
_LONG = 300
# Whatever Markdown, GitHub's links (@name, #1, URLs), its mathematics or HTML could take for theirs.
_MEANING = re.compile(r"[&<>`*_\[\]|~@#$\\]|(?<=http):|(?<=https):|(?<=www)\.", re.IGNORECASE)
_GLYPHS = {Exit.CONFORMING: "✅", Exit.NOT_CONFORMING: "❌"}


def render_summary(run: Run) -> str:
    """The run as Markdown, the first line saying what was tested."""
    verdict = f"{_GLYPHS.get(run.exit, '⚠️')} **{EXIT_WORDS[run.exit]}** (exit status {int(run.exit)})"
    made = f"{many(len(run.checks), 'check')} on {many(cases_judged(run), 'case')}"
    # Its URLs are the operator's own, and may become links.
    lines = [markdown(run.tested).replace("&#58;//", "://"), ""]
    lines += [f"{verdict}: {made}, {duration(run.seconds)}, {moment(run.began)}", ""]
    if not run.complete:
        lines += ["The run ended before everything selected was judged.", ""]
    lines += [f"- {markdown(text)}" for text in (*first(run.reasons, "reason"), *first(run.notes, "note"))]
    lines += [""] if run.reasons or run.notes else []
    lines += _counts(run)
    lines += _findings(run, Verdict.FAIL, "Failed")
    lines += _findings(run, Verdict.WARN, "Warnings")
    lines += _pasted(run)
    lines += _by_cause(run, Verdict.NO_VERDICT, "No verdict")
    lines += _by_cause(run, Verdict.WAIVED, "Waived")
    lines += ["report.html, from the same run, has each finding with its clause, its raw exchange and curl lines.", ""]
    return "\n".join(lines)


def markdown(text: str, limit: int | None = None) -> str:
    """Any text on one line that Markdown shows as it is, and that fits into a cell of a table."""
    return _MEANING.sub(lambda found: f"&#{ord(found[0])};", shown(text, limit))


def code(text: str, limit: int | None = None) -> str:
    """The same in the type of code. A code span could be ended from within; an element with its text escaped cannot."""
    return f"<code>{markdown(text, limit)}</code>" if text else ""


def _counts(run: Run) -> Iterator[str]:
    if not run.checks:
        return
    told = [verdict for verdict in VERDICTS if tally(run.checks)[verdict]]
    words = [VERDICT_WORDS[verdict] for verdict in told]
    yield from _table(["level", *words], [], right=len(told))
    for level, counted in by_level(run).items():
        if any(counted.values()):
            yield _row([level.value, *_numbers(counted, told)])
    yield _row(["**all**", *_numbers(tally(run.checks), told)])
    yield ""
    yield "<details><summary>Counts by area</summary>"
    yield ""
    yield from _table(["area", *words], [], right=len(told))
    for (interface, area), counted in by_area(run).items():
        yield _row([markdown(f"{interface}.{area}"), *_numbers(counted, told)])
    yield ""
    yield "</details>"
    yield ""


def _findings(run: Run, verdict: Verdict, title: str) -> Iterator[str]:
    found = groups(run, verdict)
    if not found:
        return
    checks = sum(len(group.checks) for group in found)
    yield f"### {title}: {many(len(found), 'requirement')}, {many(checks, 'check')}"
    yield ""
    rows = []
    for group in found[:_ROWS]:
        requirement, first = group.requirement, group.first.finding
        clause = f"{requirement.page} L{requirement.lines}" if requirement.page else "not in the catalogue"
        said = [f"{markdown(first.case)}: {markdown(first.told, _LONG)}"]
        said += [f"want {code(first.want, _LONG)}"] if first.want else []
        said += [f"got {code(first.got, _LONG)}"] if first.got else []
        again = group_recheck_words(group.checks)
        said += [f"asked again: {again}"] if again else []
        levels = "/".join(level.value for level in group.levels)
        rows.append([code(requirement.id), levels, str(group.cases), markdown(clause), "<br>".join(said)])
    yield from _table(["requirement", "level", "cases", "clause", "first of them"], rows)
    yield ""
    if len(found) > _ROWS:
        yield f"and {many(len(found) - _ROWS, 'requirement')} more"
        yield ""


def _pasted(run: Run) -> Iterator[str]:
    for one in pasted(run)[:_PASTED]:
        broken = markdown(", ".join(one.requirements), _LONG)
        yield f"<details><summary>{markdown(one.case.name)} breaks {broken}</summary>"
        yield ""
        yield f"To be pasted into a file of fixtures/{one.case.interface}/:"
        yield ""
        yield from (f"    {shown(line)}" for line in one.case.toml.splitlines())
        yield ""
        yield "</details>"
        yield ""


def _by_cause(run: Run, verdict: Verdict, title: str) -> Iterator[str]:
    checks = of_verdict(run, verdict)
    if not checks:
        return
    found = causes(checks, run.mark)
    yield f"### {title}: {many(len(checks), 'check')}"
    yield ""
    for cause in found[:_CAUSES]:
        number = f"{many(len(cause.checks), 'check')} on {many(cause.cases, 'case')}"
        yield f"- {number}: {markdown(cause.text, _LONG)}"
    if len(found) > _CAUSES:
        yield f"- and {many(len(found) - _CAUSES, 'other cause')}"
    yield ""


def _numbers(counted: Tally, told: Sequence[Verdict]) -> list[str]:
    return [f"{counted[verdict]:,}" for verdict in told]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: int = 0) -> Iterator[str]:
    """The head and rows of a table, its last `right` columns aligned to the right."""
    yield _row(head)
    yield _row(["---"] * (len(head) - right) + ["---:"] * right)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
