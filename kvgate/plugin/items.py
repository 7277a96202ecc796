"""A check on a case as a pytest item, collected from the test functions of the suites."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Protocol

import pytest

from kvgate.case import Case
from kvgate.level import Level
from kvgate.verdict import Check, Evidence, Finding, Verdict
from kvgate.verdict.check import ATTRIBUTE

PROPERTY = "kvgate"


class Judging(Protocol):
    """What an item needs of the gate."""

    def cases_of(self, check: Check) -> tuple[Case, ...]: ...  # noqa: D102
    def evidence(self, interface: str, case: str) -> Evidence: ...  # noqa: D102
    def judge(self, check: Check, evidence: Evidence) -> Finding: ...  # noqa: D102
    def waived(self, finding: Finding) -> Finding: ...  # noqa: D102
    def demanded(self, finding: Finding) -> bool: ...  # noqa: D102


class CheckFailed(Exception):
    """The server does not do what the requirement demands."""


class VerdictMissing(Exception):
    """There is no verdict where one is demanded."""


class CheckItem(pytest.Item):
    """One check on one case. It waits for the case's evidence, then judges; it never talks to the network."""

    def __init__(self, *, check: Check, case: Case, gate: Judging, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check, self.case, self._gate = check, case, gate
        self.finding: Finding | None = None

    def setup(self) -> None:
        """Judges, so that a verdict that is missing shows as an error and not as a failure."""
        evidence = self._gate.evidence(self.case.interface, self.case.name)
        began = time.perf_counter()
        finding = self._gate.judge(self.check, evidence)
        seconds = time.perf_counter() - began
        self.finding = self._gate.waived(finding)
        # The finding goes on as it was judged: waivers are met once more by whoever has all findings.
        record: dict[str, Any] = {"finding": _plain(finding), "meaning": self.check.meaning, "seconds": seconds}
        record["shown"] = str(self.finding.verdict)
        self.user_properties.append((PROPERTY, record))
        if self.finding.verdict is Verdict.NO_VERDICT and self._gate.demanded(self.finding):
            raise VerdictMissing(self.finding.message)

    def runtest(self) -> None:
        """Says the verdict in pytest's terms."""
        if self.finding is None:
            raise AssertionError("runtest before setup")
        if self.finding.verdict is Verdict.FAIL:
            raise CheckFailed(one_line(self.finding))
        if self.finding.verdict in (Verdict.NOT_APPLICABLE, Verdict.NO_VERDICT, Verdict.WAIVED):
            pytest.skip(f"{self.finding.verdict}: {self.finding.message}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """One line for a verdict; pytest's own rendering for a bug of ours."""
        if isinstance(excinfo.value, CheckFailed | VerdictMissing):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int | None, str]:
        """Where the check stands."""
        return self.path, self.check.function.__code__.co_firstlineno - 1, self.name


def one_line(finding: Finding) -> str:
    """A breach in one line: message, want, got."""
    parts = [finding.message]
    if finding.want:
        parts.append(f"want {finding.want}")
    if finding.got:
        parts.append(f"got {finding.got}")
    return "; ".join(parts)


def collect(collector: pytest.Collector, function: object, gate: Judging) -> Iterable[CheckItem] | None:
    """The items of a test function that is a check, or None for any other object."""
    check = getattr(function, ATTRIBUTE, None)
    if not isinstance(check, Check):
        return None
    return [_item(collector, check, case, gate) for case in gate.cases_of(check)]


def _item(collector: pytest.Collector, check: Check, case: Case, gate: Judging) -> CheckItem:
    name = f"{check.name}[{check.requirement}:{case.name}]"
    # Given whole, since pytest 9 tells a test's parameters from its name by this text only; --lf compares the two.
    return CheckItem.from_parent(
        collector, name=name, nodeid=f"{collector.nodeid}::{name}", check=check, case=case, gate=gate
    )


def _plain(finding: Finding) -> dict[str, str]:
    """The finding as xdist can carry it: every field is a text, enumerations too."""
    return {field.name: str(getattr(finding, field.name)) for field in fields(finding)}


def finding_of(record: dict[str, Any]) -> Finding:
    """The finding in a report's property; it comes as plain JSON from another process."""
    plain = dict(record["finding"])
    plain["level"], plain["verdict"] = Level(plain["level"]), Verdict(plain["verdict"])
    return Finding(**plain)
