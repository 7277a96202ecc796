"""What report.html shows, as plain values: the template only lays out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kvgate.exits import Exit
from kvgate.plural import many
from kvgate.report.counts import (
    Cause,
    Group,
    Tally,
    by_area,
    by_level,
    cases_judged,
    causes,
    groups,
    of_verdict,
    rollup,
    tally,
    unchecked,
)
from kvgate.report.evidence import EvidenceShelf, EvidenceView
from kvgate.report.model import CheckRecord, Run
from kvgate.report.raw import body_markup
from kvgate.report.words import EXIT_WORDS, VERDICT_WORDS, VERDICTS, duration, moment
from kvgate.requirement import Requirement, Ruling
from kvgate.verdict.model import Verdict

# So many findings of one requirement stand open in the page; the others are one click away.
SHOWN_AT_ONCE = 12
_TONES = {Exit.CONFORMING: "pass", Exit.NOT_CONFORMING: "fail"}
_TARGET_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """One verdict's part of the bar; `x` and `width` are hundredths of its length."""

    verdict: Verdict
    word: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of counts."""

    title: str
    tally: Tally
    total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding, or for missing verdicts all of one case.

    `lowered` says that the level that counted is not the requirement's own.
    """

    record: CheckRecord
    lowered: bool
    requirements: tuple[str, ...]
    evidence: EvidenceView | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Entries under one heading: a requirement with its clause, or a cause."""

    requirement: Requirement | None
    rulings: tuple[Ruling, ...]
    meanings: tuple[str, ...]
    cause: str
    number: str
    entries: tuple[Entry, ...]

    @property
    def open(self) -> tuple[Entry, ...]:
        """The entries to show at once."""
        return self.entries[:SHOWN_AT_ONCE]

    @property
    def folded(self) -> tuple[Entry, ...]:
        """The other entries."""
        return self.entries[SHOWN_AT_ONCE:]


@dataclass(frozen=True, slots=True)
class Page:
    """All of report.html."""

    run: Run
    tone: str
    word: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    segments: tuple[Segment, ...]
    columns: tuple[Verdict, ...]
    levels: tuple[Row, ...]
    areas: tuple[Row, ...]
    fails: tuple[Bundle, ...]
    warnings: tuple[Bundle, ...]
    without: tuple[Bundle, ...]
    waived: tuple[Bundle, ...]
    observed: tuple[Group, ...]
    inapplicable: tuple[Group, ...]
    passed: tuple[Group, ...]
    unchecked: tuple[Requirement, ...]
    target: Markup


def page(run: Run) -> Page:
    """What the page shows of a run, the evidence of each case once, beside its first finding."""
    shelf = EvidenceShelf(run)
    counted = tally(run.checks)
    target = json.dumps(run.target, indent=2, ensure_ascii=False, default=_plain).encode("utf-8", "surrogateescape")
    return Page(
        run=run,
        tone=_TONES.get(run.exit, "no-verdict"),
        word=EXIT_WORDS[run.exit],
        sentence=_sentence(run),
        facts=_facts(run),
        segments=_segments(run),
        columns=tuple(verdict for verdict in VERDICTS if counted[verdict]),
        levels=_rows({level.value: counted for level, counted in by_level(run).items()}),
        areas=_rows({f"{interface}.{area}": counted for (interface, area), counted in by_area(run).items()}),
        fails=tuple(_of_requirement(run, group, shelf) for group in groups(run, Verdict.FAIL)),
        warnings=tuple(_of_requirement(run, group, shelf) for group in groups(run, Verdict.WARN)),
        without=tuple(_without(cause, shelf) for cause in causes(of_verdict(run, Verdict.NO_VERDICT), run.mark)),
        waived=tuple(_waived(cause, shelf) for cause in causes(of_verdict(run, Verdict.WAIVED))),
        observed=groups(run, Verdict.OBSERVED),
        inapplicable=groups(run, Verdict.NOT_APPLICABLE),
        passed=groups(run, Verdict.PASS),
        unchecked=unchecked(run),
        target=Markup(_lines_only(body_markup(target, len(target), _TARGET_LIMIT))),  # noqa: S704  # escaped there
    )


def _lines_only(text: Markup) -> str:
    """JSON of our own making needs no marks at its line ends."""
    return str(text).replace("<i>\\n</i>", "")


def _plain(value: object) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _sentence(run: Run) -> str:
    counted = tally(run.checks)
    said = []
    verbs = {Verdict.FAIL: "failed", Verdict.WARN: "warned", Verdict.NO_VERDICT: "without verdict"}
    # A requirement is counted once, by its gravest verdict, as in report.json.
    gravest = Counter(rollup(group.checks) for group in groups(run))
    for verdict, verb in verbs.items():
        checks = many(counted[verdict], "check")
        if gravest[verdict]:
            said.append(f"{many(gravest[verdict], 'requirement')} {verb} ({checks})")
        elif counted[verdict]:
            said.append(f"{checks} {verb}")
    if not said:
        return "Nothing was judged." if not run.checks else "No check failed, none warned."
    return ", ".join(said) + "."


def _facts(run: Run) -> tuple[tuple[str, str], ...]:
    exchanges = sum(len(record.exchanges) for record in run.cases.values())
    return (
        ("exit status", str(int(run.exit))),
        ("checks", f"{len(run.checks):,}"),
        ("cases", f"{cases_judged(run):,}"),
        ("requests", f"{exchanges:,}"),
        ("began", moment(run.began)),
        ("took", duration(run.seconds)),
        ("mark", run.mark),
        ("kvgate", run.version),
    )


def _segments(run: Run) -> tuple[Segment, ...]:
    counted = {verdict: count for verdict, count in tally(run.checks).items() if count}
    # One failure among thousands has to be seen.
    shares = {verdict: max(count / max(len(run.checks), 1), 0.008) for verdict, count in counted.items()}
    whole = sum(shares.values())
    found, x = [], 0.0
    for verdict, share in shares.items():
        width = 100 * share / whole
        found.append(Segment(verdict, VERDICT_WORDS[verdict], counted[verdict], round(x, 3), round(width, 3)))
        x += width
    return tuple(found)


def _rows(tallies: Mapping[str, Tally]) -> tuple[Row, ...]:
    rows = (Row(title, counted, sum(counted.values())) for title, counted in tallies.items())
    return tuple(row for row in rows if row.total)


def _entry(record: CheckRecord, shelf: EvidenceShelf, requirement: Requirement | None) -> Entry:
    lowered = requirement is not None and record.finding.level is not requirement.level
    return Entry(record, lowered, (record.finding.requirement,), shelf.take(record))


def _of_requirement(run: Run, group: Group, shelf: EvidenceShelf) -> Bundle:
    requirement = group.requirement
    meanings = dict.fromkeys(record.meaning for record in group.checks if record.meaning)
    return Bundle(
        requirement=requirement,
        rulings=tuple(ruling for ruling in run.rulings if ruling.id in requirement.rulings),
        meanings=tuple(meaning for meaning in meanings if meaning != requirement.statement),
        cause="",
        number=many(group.cases, "case"),
        entries=tuple(_entry(record, shelf, requirement) for record in group.checks),
    )


def _waived(cause: Cause, shelf: EvidenceShelf) -> Bundle:
    entries = tuple(_entry(record, shelf, None) for record in cause.checks)
    return Bundle(None, (), (), cause.text, many(len(cause.checks), "check"), entries)


def _without(cause: Cause, shelf: EvidenceShelf) -> Bundle:
    """Missing verdicts: what a case lacks is said once for the case, not once for each of its checks."""
    cases: dict[tuple[str, str], list[CheckRecord]] = {}
    for record in cause.checks:
        cases.setdefault((record.finding.interface, record.finding.case), []).append(record)
    entries = tuple(
        Entry(records[0], False, _requirements(records), shelf.take(records[0])) for records in cases.values()
    )
    number = f"{many(len(cause.checks), 'check')} on {many(len(cases), 'case')}"
    return Bundle(None, (), (), cause.text, number, entries)


def _requirements(records: Iterable[CheckRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record.finding.requirement for record in records))
