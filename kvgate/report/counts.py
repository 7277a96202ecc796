"""Every number and grouping that a report shows, computed once and purely, so that no two formats can disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kvgate.case.mark import causes_of
from kvgate.level import Level
from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.report.words import VERDICTS
from kvgate.requirement import Requirement
from kvgate.verdict.model import Verdict

Tally = Mapping[Verdict, int]

# What the checks of one requirement come to together: the gravest. What was judged outweighs what was not.
_GRAVITY = (
    Verdict.FAIL,
    Verdict.NO_VERDICT,
    Verdict.WARN,
    Verdict.WAIVED,
    Verdict.PASS,
    Verdict.OBSERVED,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class Group:
    """The checks of one requirement that share a verdict (or all of them), in the order they were made."""

    requirement: Requirement
    checks: tuple[CheckRecord, ...]

    @property
    def cases(self) -> int:
        """Number of different cases among the checks."""
        return len({record.finding.case for record in self.checks})

    @property
    def first(self) -> CheckRecord:
        """The check to show when there is room for one."""
        return self.checks[0]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The effective levels among the checks, strongest first."""
        return tuple(level for level in Level if any(record.finding.level is level for record in self.checks))


_NAMED, _FEW = 3, 20  # cases of a cause: so many are named, of no more than so many


@dataclass(frozen=True, slots=True)
class Cause:
    """Checks that say the same thing: one line, however many they are."""

    text: str
    checks: tuple[CheckRecord, ...]

    @property
    def cases(self) -> int:
        """Number of different cases among the checks."""
        return len(self._named)

    @property
    def some(self) -> str:
        """The names of the first few of these cases, in brackets, where they are few enough to be looked up."""
        names = [name for _, name in self._named]
        more = ", ..." if len(names) > _NAMED else ""
        return f" ({', '.join(names[:_NAMED])}{more})" if len(names) <= _FEW else ""

    @property
    def _named(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict.fromkeys((record.finding.interface, record.finding.case) for record in self.checks))


def tally(checks: Iterable[CheckRecord]) -> dict[Verdict, int]:
    """How many checks came to each verdict; every verdict is a key, zero or not."""
    counted = dict.fromkeys(VERDICTS, 0)
    for record in checks:
        counted[record.finding.verdict] += 1
    return counted


def by_level(run: Run) -> dict[Level, dict[Verdict, int]]:
    """The tally of each effective level, MUST first; every level is a key."""
    return {level: tally(record for record in run.checks if record.finding.level is level) for level in Level}


def by_area(run: Run) -> dict[tuple[str, str], dict[Verdict, int]]:
    """The tally of each (interface, area) that was checked, in catalogue order."""
    sorted_in: dict[tuple[str, str], list[CheckRecord]] = {}
    for group in groups(run):
        requirement = group.requirement
        sorted_in.setdefault((requirement.interface, requirement.area), []).extend(group.checks)
    return {area: tally(records) for area, records in sorted_in.items()}


def groups(run: Run, verdict: Verdict | None = None) -> tuple[Group, ...]:
    """The requirements with at least one check of that verdict (of any, when None), in catalogue order."""
    checks: dict[tuple[str, str], list[CheckRecord]] = {}
    for record in run.checks:
        if verdict is None or record.finding.verdict is verdict:
            checks.setdefault((record.finding.interface, record.finding.requirement), []).append(record)
    known = {(requirement.interface, requirement.id): requirement for requirement in run.requirements}
    found = [Group(requirement, tuple(checks.pop(key))) for key, requirement in known.items() if key in checks]
    # A check without a catalogue entry is a bug elsewhere; a report that hid its finding would be a worse one.
    found += [Group(_stand_in(records[0]), tuple(records)) for records in checks.values()]
    return tuple(found)


def unchecked(run: Run) -> tuple[Requirement, ...]:
    """The requirements of the catalogue that no check of this run judged, in catalogue order."""
    checked = {(record.finding.interface, record.finding.requirement) for record in run.checks}
    return tuple(row for row in run.requirements if (row.interface, row.id) not in checked)


def rollup(checks: Iterable[CheckRecord]) -> Verdict | None:
    """What several checks come to together: the gravest verdict among them, None where there are none."""
    found = {record.finding.verdict for record in checks}
    return next((verdict for verdict in _GRAVITY if verdict in found), None)


def causes(checks: Iterable[CheckRecord], mark: str = "") -> tuple[Cause, ...]:
    """The checks by what they say (a waiver's reason, else the message), the most frequent first.

    `mark` is the run's: causes that differ in its keys only are one.
    """
    records = tuple(checks)
    given = causes_of((record.finding.message for record in records), mark)
    said: dict[str, list[CheckRecord]] = {}
    for record in records:
        said.setdefault(record.waiver or given[record.finding.message] or "no reason given", []).append(record)
    found = [Cause(text, tuple(those)) for text, those in said.items()]
    return tuple(sorted(found, key=lambda cause: -len(cause.checks)))


def of_verdict(run: Run, verdict: Verdict) -> tuple[CheckRecord, ...]:
    """Every check that came to this verdict, in the order they were made."""
    return tuple(record for record in run.checks if record.finding.verdict is verdict)


def interfaces(run: Run) -> tuple[str, ...]:
    """The interfaces the run's checks are of, in the order of the catalogue."""
    named = [row.interface for row in run.requirements] + [record.finding.interface for record in run.checks]
    checked = {record.finding.interface for record in run.checks}
    return tuple(name for name in dict.fromkeys(named) if name in checked)


@dataclass(frozen=True, slots=True)
class Pasted:
    """A generated case to be pasted into fixtures/, and the requirements that it breaks first of all their cases."""

    case: CaseRecord
    requirements: tuple[str, ...]


def pasted(run: Run) -> tuple[Pasted, ...]:
    """The generated case of each requirement that fails or warns, the smallest where there are two."""
    found: dict[tuple[str, str], list[str]] = {}
    told: set[tuple[str, str]] = set()
    for record in (*of_verdict(run, Verdict.FAIL), *of_verdict(run, Verdict.WARN)):
        case, requirement = case_of(run, record), record.finding.requirement
        if case is not None and case.toml and (case.interface, requirement) not in told:
            told.add((case.interface, requirement))
            found.setdefault((case.interface, case.name), []).append(requirement)
    return tuple(Pasted(run.cases[key], tuple(requirements)) for key, requirements in found.items())


def cases_judged(run: Run) -> int:
    """Number of different cases among the checks."""
    return len({(record.finding.interface, record.finding.case) for record in run.checks})


def case_of(run: Run, record: CheckRecord) -> CaseRecord | None:
    """The case a check judged, None where the run has no record of it."""
    return run.cases.get((record.finding.interface, record.finding.case))


def _stand_in(record: CheckRecord) -> Requirement:
    finding = record.finding
    return Requirement(finding.requirement, finding.interface, finding.level, page="", lines="", statement="")
