"""A check on a case as a pytest item, collected from the test functions of the suites."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Protocol

import pytest

from kvgate.case import Case
from kvgate.explore.model import Explored
from kvgate.level import Level
from kvgate.plugin.bugs import described
from kvgate.report.scrub import Scrubber
from kvgate.run.prober import GatheringFailed
from kvgate.verdict import Check, Evidence, Finding, Verdict
from kvgate.verdict.check import ATTRIBUTE

PROPERTY = "kvgate"
# What went wrong in kvgate itself: a line, and a traceback.
BUG = "kvgate-bug"
# What several findings come to in pytest's terms: the first of these that is among them.
_GRAVITY = (
    Verdict.FAIL,
    Verdict.NO_VERDICT,
    Verdict.WARN,
    Verdict.WAIVED,
    Verdict.PASS,
    Verdict.OBSERVED,
    Verdict.NOT_APPLICABLE,
)


class Judging(Protocol):
    """What an item needs of the gate."""

    scrubber: Scrubber

    def cases_of(self, check: Check) -> tuple[Case, ...]: ...  # noqa: D102
    def explores(self, check: Check) -> bool: ...  # noqa: D102
    def explored(self, interface: str) -> Explored: ...  # noqa: D102
    def evidence(self, interface: str, case: str, *, late: bool = False) -> Evidence: ...  # noqa: D102
    def judge(self, check: Check, evidence: Evidence) -> Finding: ...  # noqa: D102
    def waived(self, finding: Finding) -> Finding: ...  # noqa: D102
    def demanded(self, finding: Finding) -> bool: ...  # noqa: D102


class CheckFailed(Exception):
    """The server does not do what the requirement demands."""


class VerdictMissing(Exception):
    """There is no verdict where one is demanded."""


class GateItem(pytest.Item):
    """A check on something; `finding` is what pytest's verdict is made of."""

    def __init__(self, *, check: Check, gate: Judging, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check, self._gate = check, gate
        self.finding: Finding | None = None

    def setup(self) -> None:
        """Judges, so that a verdict that is missing shows as an error and not as a failure; leaves word of a bug."""
        try:
            self.judge()
        except VerdictMissing:
            raise
        except Exception as error:
            bug = error.__cause__ if isinstance(error, GatheringFailed) and error.__cause__ else error
            self.user_properties.append((BUG, [self._gate.scrubber.text(text) for text in described(bug)]))
            raise

    def judge(self) -> None:
        """Finds the verdict. Raises VerdictMissing."""
        raise NotImplementedError

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

    def _judged(self, findings: Sequence[Finding], seconds: float, *, line: str = "") -> None:
        """Leaves the findings for the reports, and takes the gravest for pytest. Raises VerdictMissing.

        They go on as they were judged: waivers are met once more by whoever has all findings.
        """
        findings = [self._gate.scrubber.value(finding) for finding in findings]
        met = [self._gate.waived(finding) for finding in findings]
        self.finding = min(met, key=lambda finding: _GRAVITY.index(finding.verdict))
        record = {
            "findings": [plain(finding) for finding in findings],
            "meaning": self.check.meaning,
            "seconds": seconds,
            "shown": str(self.finding.verdict),
            "line": self._gate.scrubber.text(line),
        }
        self.user_properties.append((PROPERTY, record))
        missing = next((finding for finding in met if self._gate.demanded(finding)), None)
        if self.finding.verdict is not Verdict.FAIL and missing is not None:
            raise VerdictMissing(missing.message)


class CheckItem(GateItem):
    """One check on one case. It waits for the case's evidence, then judges; it never talks to the network."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case

    def judge(self) -> None:
        """Waits for the evidence, and judges it."""
        evidence = self._gate.evidence(self.case.interface, self.case.name, late=self.check.late)
        began = time.perf_counter()
        finding = self._gate.judge(self.check, evidence)
        seconds = time.perf_counter() - began
        self._judged([finding], seconds)


class ExploredItem(GateItem):
    """One check on all generated cases of its interface, which are judged by then."""

    def __init__(self, *, interface: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.interface = interface

    def judge(self) -> None:
        """Takes what exploring came to."""
        explored = self._gate.explored(self.interface)
        self._judged(explored.findings[self.check], 0.0, line=explored.line)


def is_late(item: pytest.Item) -> bool:
    """Whether an item is to be run after all others."""
    return isinstance(item, CheckItem) and item.check.late


def one_line(finding: Finding) -> str:
    """A breach in one line: message, want, got."""
    parts = [finding.told]
    if finding.want:
        parts.append(f"want {finding.want}")
    if finding.got:
        parts.append(f"got {finding.got}")
    return "; ".join(parts)


def collect(collector: pytest.Collector, function: object, gate: Judging) -> Iterable[GateItem] | None:
    """The items of a test function that is a check, or None for any other object."""
    check = getattr(function, ATTRIBUTE, None)
    if not isinstance(check, Check):
        return None
    items: list[GateItem] = [
        CheckItem.from_parent(collector, **_names(collector, check, case.name), check=check, case=case, gate=gate)
        for case in gate.cases_of(check)
    ]
    if gate.explores(check):
        names = _names(collector, check, "explored")
        interface = check.requirement.split(".", maxsplit=1)[0]
        items.append(ExploredItem.from_parent(collector, **names, check=check, interface=interface, gate=gate))
    return items


def _names(collector: pytest.Collector, check: Check, case: str) -> dict[str, str]:
    name = f"{check.name}[{check.requirement}:{case}]"
    # Given whole, since pytest 9 tells a test's parameters from its name by this text only; --lf compares the two.
    return {"name": name, "nodeid": f"{collector.nodeid}::{name}"}


def plain(finding: Finding) -> dict[str, str]:
    """The finding as xdist can carry it: every field is a text, enumerations too."""
    return {field.name: str(getattr(finding, field.name)) for field in fields(finding)}


def findings_of(record: dict[str, Any]) -> list[Finding]:
    """The findings in a report's property; they come as plain JSON from another process."""
    return [
        Finding(**{**plain, "level": Level(plain["level"]), "verdict": Verdict(plain["verdict"])})
        for plain in record["findings"]
    ]
