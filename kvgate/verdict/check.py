"""Checks: functions of the suites, each tied to one requirement and to the cases it applies to."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from kvgate.case import Case
from kvgate.places import SUITES, SUITES_PACKAGE

ATTRIBUTE = "kvgate_check"
CheckFunction = Callable[..., None]
AppliesTo = Callable[[Case], bool]


@dataclass(frozen=True)
class Check:
    """One test function of a suite. `arguments` are the names it takes: of `evidence`, `case`, `answer`."""

    requirement: str
    function: CheckFunction
    applies_to: AppliesTo
    module: str
    name: str
    arguments: tuple[str, ...]

    def applies(self, case: Case) -> bool:
        """Whether this check judges that case."""
        return (not case.only or self.requirement in case.only) and self.applies_to(case)

    @property
    def meaning(self) -> str:
        """The requirement as a person would say it: the first paragraph of the docstring."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())


def requires(requirement: str, *, when: AppliesTo) -> Callable[[CheckFunction], CheckFunction]:
    """Ties a test function to a requirement id and to the cases for which `when` holds (judged on the case as read)."""

    def tie(function: CheckFunction) -> CheckFunction:
        check = Check(
            requirement=requirement,
            function=function,
            applies_to=when,
            module=function.__module__,
            name=function.__name__,
            arguments=tuple(inspect.signature(function).parameters),
        )
        setattr(function, ATTRIBUTE, check)
        return function

    return tie


@functools.cache
def load_checks(interface: str) -> tuple[Check, ...]:
    """Every check of a suite, in the order of its files and lines."""
    found: list[Check] = []
    for path in sorted((SUITES / interface).glob("test_*.py")):
        module = importlib.import_module(f"{SUITES_PACKAGE}.{interface}.{path.stem}")
        checks = [getattr(item, ATTRIBUTE) for item in vars(module).values() if hasattr(item, ATTRIBUTE)]
        found.extend(check for check in checks if check.module == module.__name__)
    return tuple(found)
