"""What will be checked: every check on every case it applies to, as the selection and the profile leave it."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kvgate.case import Case, load_cases
from kvgate.case.generated import ANY, is_generated, may_be_generated
from kvgate.errors import InputError
from kvgate.interface import Interface, Profile, load_interface, load_profile
from kvgate.level import Level, at_least
from kvgate.places import interface_names
from kvgate.requirement import (
    Requirement,
    Ruling,
    load_profile_requirements,
    load_profile_rulings,
    load_requirements,
    load_rulings,
)
from kvgate.run.patterns import chosen, leaves_out, plain
from kvgate.schema import nearest
from kvgate.verdict import Check, load_checks, load_profile_checks
from kvgate.verdict.judge import effective_level


@dataclass(frozen=True, slots=True)
class Selection:
    """What the operator narrows a run to. Empty patterns select everything; see `kvgate.run.patterns` for the others.

    `explored` says that there are generated cases besides those of fixtures/.
    """

    level: Level = Level.INFO
    requirements: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    explored: bool = False

    @property
    def explores(self) -> bool:
        """Whether a generated case may be among what is selected."""
        taking = [pattern for pattern in self.cases if not leaves_out(pattern)]
        left_out = any(leaves_out(pattern) and fnmatchcase(ANY, plain(pattern)) for pattern in self.cases)
        return self.explored and not left_out and (not taking or any(map(may_be_generated, taking)))


@dataclass(frozen=True)
class Plan:
    """One interface's share of a run: its catalogue, its cases and the checks that judge them.

    The catalogue is the page's, and what the profile's facts demand on some case.
    """

    interface: Interface
    profile: Profile
    requirements: Mapping[str, Requirement]
    rulings: Mapping[str, Ruling]
    cases: Mapping[str, Case]
    checks: tuple[Check, ...]
    selection: Selection

    def cases_of(self, check: Check) -> tuple[Case, ...]:
        """The cases that a check judges in this run, in the order of the fixtures."""
        if not self.chooses(check):
            return ()
        return tuple(case for case in self._chosen_cases if self._judges(check, case))

    @functools.cached_property
    def _chosen_cases(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases.values() if self.chooses_case(case.name))

    def checks_of(self, case: Case) -> tuple[Check, ...]:
        """The checks that judge a case in this run, be it one of the plan's or not, whatever its name."""
        return tuple(check for check in self.checks if self.chooses(check) and self._judges(check, case))

    def chooses(self, check: Check) -> bool:
        """Whether a check has a requirement here that is among those selected by name."""
        return check.requirement in self.requirements and chosen(check.requirement, self.selection.requirements)

    def chooses_case(self, name: str) -> bool:
        """Whether a case is among those selected by name."""
        return chosen(name, self.selection.cases)

    def _judges(self, check: Check, case: Case) -> bool:
        level = effective_level(self.requirements[check.requirement], case, self.profile)
        return check.applies(case, self.profile.facts) and at_least(level, self.selection.level)

    def selects(self, requirement: str) -> bool:
        """Whether the selection leaves this requirement, on cases that have no lower level of their own."""
        level = at_least(self.requirements[requirement].level, self.selection.level)
        return level and chosen(requirement, self.selection.requirements)

    @functools.cached_property
    def everything(self) -> tuple[tuple[str, str], ...]:
        """The requirement and the case of every check that is made when nothing narrows the run."""
        facts, cases = self.profile.facts, self.cases.values()
        return tuple(
            (check.requirement, case.name) for check in self.checks for case in cases if check.applies(case, facts)
        )


def make_plan(interface: str, profile: str, selection: Selection) -> Plan:
    """The plan of one interface. Raises InputError for faulty data, also for a check without a catalogue entry."""
    read_as = load_profile(interface, profile)
    everything = {**load_requirements(interface), **load_profile_requirements(interface)}
    own = load_profile_checks(interface)
    for check in (*load_checks(interface), *own):
        if check.requirement not in everything:
            known = tuple(everything)
            raise InputError(
                f"{check.module}.{check.name}: no requirement '{check.requirement}'{nearest(check.requirement, known)}"
            )
    _expect_rows_name_something(read_as, everything, load_cases(interface))
    left_out = [row.case for row in read_as.left_out]
    cases = {name: case for name, case in load_cases(interface).items() if not _named(name, left_out)}
    own = tuple(check for check in own if any(check.applies(case, read_as.facts) for case in cases.values()))
    return Plan(
        load_interface(interface),
        read_as,
        {**load_requirements(interface), **{check.requirement: everything[check.requirement] for check in own}},
        {**load_rulings(interface), **load_profile_rulings(interface)},
        cases,
        (*load_checks(interface), *own),
        selection,
    )


def _expect_rows_name_something(profile: Profile, requirements: Collection[str], cases: Collection[str]) -> None:
    """Raises InputError for a row of a profile whose pattern is the name of nothing: it would excuse nothing."""
    lowered, raised = profile.lowered, profile.raised
    named = [*(row.requirement for row in lowered), *(row.requirement for row in raised)]
    for pattern in dict.fromkeys(name for name in named if name is not None):
        if not any(fnmatchcase(name, pattern) for name in requirements):
            near = _close(pattern, tuple(requirements))
            raise InputError(f"profile '{profile.name}': no requirement matches '{pattern}'{near}")
    asked = [*(row.case for row in lowered), *(row.case for row in raised), *(row.case for row in profile.left_out)]
    for pattern in dict.fromkeys(asked):
        if not any(fnmatchcase(name, pattern) for name in cases):
            raise InputError(f"profile '{profile.name}': no case matches '{pattern}'{_close(pattern, tuple(cases))}")


def unmatched(plans: Sequence[Plan]) -> tuple[str, ...]:
    """One line for each pattern of the selection that names nothing, with the nearest name there is."""
    lines: list[str] = []
    if not plans:
        return ()
    selection = plans[0].selection
    ids = [name for plan in plans for name in plan.requirements]
    names = [name for plan in plans for name in plan.cases]
    for pattern in selection.requirements:
        if not _names_any(pattern, ids):
            lines.append(f"no requirement matches '{plain(pattern)}'{_close(plain(pattern), ids)}")
    for pattern in selection.cases:
        if not _names_any(pattern, names) and not _is_generated(pattern, selection):
            lines.append(f"no case matches '{plain(pattern)}'{_close(plain(pattern), names)}")
    return tuple(lines)


def check_selection(plans: Sequence[Plan]) -> None:
    """Raises InputError for a pattern that is the name of nothing beside others that are: green would be half true.

    A pattern for an interface that is not tested now is none of these; where no pattern names anything, nothing is
    tested, which has a status of its own.
    """
    selection = plans[0].selection if plans else Selection()
    for what, patterns, known, load in (
        ("requirement", selection.requirements, [name for plan in plans for name in plan.requirements], _ids),
        ("case", selection.cases, [name for plan in plans for name in plan.cases], load_cases),
    ):
        astray = [
            pattern
            for pattern in patterns
            if not _names_any(pattern, known) and not (what == "case" and _is_generated(pattern, selection))
        ]
        if not astray or (len(astray) == len(patterns) and not any(map(leaves_out, astray))):
            continue
        everywhere = [name for interface in interface_names() for name in load(interface)]
        for pattern in astray:
            if not _names_any(pattern, everywhere):
                raise InputError(f"no {what} matches '{plain(pattern)}'{_close(plain(pattern), known)}")


def _is_generated(pattern: str, selection: Selection) -> bool:
    return selection.explored and may_be_generated(plain(pattern))


def _names_any(pattern: str, names: Collection[str]) -> bool:
    return any(fnmatchcase(name, plain(pattern)) for name in names)


def _ids(interface: str) -> Collection[str]:
    return {**load_requirements(interface), **load_profile_requirements(interface)}


def _close(pattern: str, names: Sequence[str]) -> str:
    if any(name.startswith(f"{pattern}.") for name in names):
        return f" (did you mean '{pattern}.*'?)"
    if is_generated(pattern):
        return "; generated cases are asked with --kv-explore=N and the seed of their name, --kv-explore-seed=S"
    hint = nearest(pattern, names)
    return hint if hint.startswith(" (did") else "; `kvgate list` shows what there is"


def _named(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
