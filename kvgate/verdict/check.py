"""Checks: functions of the suites, each tied to one requirement and to the cases it applies to."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import ModuleType
from typing import Any

from kvgate.case import Case
from kvgate.places import SUITES, SUITES_PACKAGE

ATTRIBUTE = "kvgate_check"
CheckFunction = Callable[..., None]
AppliesTo = Callable[[Case], bool]
Given = Callable[[Mapping[str, Any], Case], bool]


class Scope(StrEnum):
    """What of a case a check is called for: once for all of it, or for one answer after the other."""

    CASE = "case"  # all answers at once, to compare them
    QUESTION = "question"  # the questions, and then their one question when it was asked again
    EACH = "each"  # each question by itself, also of several, and those about a case's other keys
    ANSWER = "answer"  # each answer by itself, to whatever question


@dataclass(frozen=True)
class Check:
    """One test function of a suite. `arguments` are the names it takes: of `evidence`, `case`, `answer`.

    A check with `given` is a profile's: it judges by facts, and only where a profile has them. One whose scope is each
    answer says what every answer owes, whatever a case is there for. One that is `late` is made at the end of a run,
    and of some cases sees what they have come to by then.
    """

    requirement: str
    function: CheckFunction
    applies_to: AppliesTo
    module: str
    name: str
    arguments: tuple[str, ...]
    given: Given | None = None
    scope: Scope = Scope.QUESTION
    late: bool = False

    def applies(self, case: Case, facts: Mapping[str, Any] | None = None) -> bool:
        """Whether this check judges that case, in a profile with these facts."""
        if self.given is not None:
            # What a case is there for (`only`) says which clauses of the page it shows, nothing of a profile's facts.
            return self.applies_to(case) and self.given(facts or {}, case)
        chosen = not case.only or self.requirement in case.only or self.scope is Scope.ANSWER
        return chosen and self.applies_to(case)

    @property
    def meaning(self) -> str:
        """The requirement as a person would say it: the first paragraph of the docstring."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())


def requires(
    requirement: str,
    *,
    when: AppliesTo = lambda _: True,
    given: Given | None = None,
    scope: Scope = Scope.QUESTION,
    late: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Ties a test function to a requirement id and to the cases for which `when` holds (judged on the case as read).

    With `given` the requirement is a profile's, and its cases are those for which `given(facts, case)` holds too.
    """

    def tie(function: CheckFunction) -> CheckFunction:
        check = Check(
            requirement=requirement,
            function=function,
            applies_to=when,
            module=function.__module__,
            name=function.__name__,
            arguments=tuple(inspect.signature(function).parameters),
            given=given,
            scope=scope,
            late=late,
        )
        setattr(function, ATTRIBUTE, check)
        return function

    return tie


def restated(
    module: str,
    interface: str,
    *sources: ModuleType,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """The checks of another suite's modules for an interface that owes the same: functions by name, for `globals()`.

    Each is tied to the clause of the same name, `get2.offset.cut` to `<interface>.offset.cut`; `only` names the clauses
    ("offset.cut") that are the same, or `without` those that are not. `module` is the `__name__` of the module they
    go to.
    """
    found: dict[str, Any] = {}
    for check in (check for source in sources for check in checks_of(source)):
        clause = check.requirement.partition(".")[2]
        if clause not in without and (only is None or clause in only):
            function = functools.wraps(check.function)(functools.partial(check.function))
            setattr(function, ATTRIBUTE, replace(check, requirement=f"{interface}.{clause}", module=module))
            found[check.name] = function
    return found


def checks_of(module: ModuleType) -> tuple[Check, ...]:
    """The checks that a module makes, in the order of its lines; none that it only imports."""
    checks = [getattr(item, ATTRIBUTE) for item in vars(module).values() if hasattr(item, ATTRIBUTE)]
    return tuple(check for check in checks if check.module == module.__name__)


def load_checks(interface: str) -> tuple[Check, ...]:
    """Every check of a suite that holds answers to the page, in the order of its files and lines."""
    return tuple(check for check in _all_checks(interface) if check.given is None)


def load_profile_checks(interface: str) -> tuple[Check, ...]:
    """Every check of a suite that holds answers to the facts of a profile."""
    return tuple(check for check in _all_checks(interface) if check.given is not None)


@functools.cache
def _all_checks(interface: str) -> tuple[Check, ...]:
    found: list[Check] = []
    for path in sorted((SUITES / interface).glob("test_*.py")):
        module = importlib.import_module(f"{SUITES_PACKAGE}.{interface}.{path.stem}")
        found.extend(checks_of(module))
    return tuple(found)
