"""A chapter of the proof: what was run, in the words of the page and of the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvgate.reference.deviation import Deviation
from kvgate.requirement import load_requirements
from proof.outcome import Mark, Outcome


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading. Cells are plain text; `code` are the columns whose cells name things."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    code: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter. `totals` are (what, how many) for the summary, `bad` one line for each thing that went wrong."""

    title: str
    says: str
    totals: tuple[tuple[str, int], ...]
    tables: tuple[Table, ...]
    bad: tuple[str, ...]


Pairs = Sequence[tuple[Deviation, Outcome]]


def faults_section(interface: str, pairs: Pairs) -> Section:
    """The kill matrix of an interface: its faults by the requirement they are meant for."""
    requirements = load_requirements(interface)
    unknown = [deviation for deviation, _ in pairs if deviation.breaks not in requirements]
    tables = [_matrix(interface, pairs)]
    for requirement in requirements.values():
        rows = tuple(
            (deviation.name, deviation.says, deviation.shows, _fate(outcome), _others(deviation, outcome))
            for deviation, outcome in pairs
            if deviation.breaks == requirement.id
        )
        if rows:
            head = ("fault", "what it does", "where it shows", "fate", "fails with it")
            title = f"{requirement.id} ({requirement.level})"
            tables.append(Table(title, head, rows, requirement.statement))
    marks = [outcome.mark for _, outcome in pairs]
    return Section(
        f"Faults of {interface}",
        "Each is the reference with one thing wrong, and has to be caught by the requirement that it breaks. It is "
        "asked cases of that requirement first, and more only until it is caught; what failed with it is on these.",
        (
            ("faults", len(pairs)),
            ("killed", marks.count(Mark.KILLED)),
            ("killed by others only", marks.count(Mark.BY_OTHERS)),
            ("survived", marks.count(Mark.SURVIVED) + marks.count(Mark.BROKEN)),
        ),
        tuple(tables),
        (
            *(line for _, outcome in pairs if (line := complaint(outcome))),
            *(f"{deviation.name}: no requirement '{deviation.breaks}'" for deviation in unknown),
        ),
    )


def freedoms_section(interface: str, pairs: Pairs) -> Section:
    """The freedoms of an interface."""
    rows = tuple(
        (deviation.name, deviation.says, deviation.shows, _fate(outcome), ", ".join(outcome.failing) or "–")
        for deviation, outcome in pairs
    )
    marks = [outcome.mark for _, outcome in pairs]
    return Section(
        f"Freedoms of {interface}",
        "Each is a conforming server unlike the reference; nothing may be flagged but a SHOULD that it does not keep.",
        (
            ("freedoms", len(pairs)),
            ("granted", marks.count(Mark.GRANTED)),
            ("flagged", len(pairs) - marks.count(Mark.GRANTED)),
        ),
        (Table("", ("freedom", "what it does", "where it shows", "fate", "warns"), rows),),
        tuple(line for _, outcome in pairs if (line := complaint(outcome))),
    )


def complaint(outcome: Outcome) -> str:
    """What is wrong about an outcome in one line, empty when nothing is."""
    if outcome.good:
        return ""
    what = f"{outcome.interface}: {outcome.name}"
    if outcome.trouble:
        return f"{what}: {outcome.trouble}"
    if outcome.breaks is not None:
        others = f"; failing are {', '.join(outcome.failing)}" if outcome.failing else ""
        return f"{what} is not caught by {outcome.breaks}{others}"
    first = outcome.alarms[0]
    more = len(outcome.alarms) - 1
    return f"{what} is flagged: {first.verdict} {first.requirement} on {first.case}: {first.message}" + (
        f" (and {more} more)" if more else ""
    )


def _matrix(interface: str, pairs: Pairs) -> Table:
    rows = []
    for requirement in load_requirements(interface).values():
        own = [outcome for deviation, outcome in pairs if deviation.breaks == requirement.id]
        strangers = [
            outcome
            for deviation, outcome in pairs
            if deviation.breaks != requirement.id and not deviation.unsteady and requirement.id in outcome.failing
        ]
        killed = sum(outcome.mark is Mark.KILLED for outcome in own)
        cells = (str(len(own)), str(killed), str(len(strangers)))
        rows.append((requirement.id, str(requirement.level), *cells))
    head = ("requirement", "level", "faults meant for it", "killed", "others it fails on too")
    return Table("Kill matrix", head, tuple(rows))


def _fate(outcome: Outcome) -> str:
    return str(outcome.mark)


def _others(deviation: Deviation, outcome: Outcome) -> str:
    if deviation.unsteady:
        return "(depends on the order of questions)"
    return ", ".join(name for name in outcome.failing if name != outcome.breaks) or "–"
