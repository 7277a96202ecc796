"""Asks again what failed, on fresh keys, once all is judged; the verdicts stay as they are.

It is done in one place, the process that writes the reports, so that the bound on cases is that of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kvgate.plugin.gate import Gate
from kvgate.plural import many
from kvgate.report.model import CheckRecord
from kvgate.run.recheck import MOST_CASES, Choice, choose
from kvgate.verdict import Check
from kvgate.verdict.recheck import Recheck


class Rechecking:
    """Asks again `times` times. What was asked when it ends early, on a signal or at the time limit, is told."""

    def __init__(self, gate: Gate, times: int) -> None:
        self._gate, self._times = gate, times
        self._turns = 0
        self._choice = Choice()
        self._found: dict[str, Recheck] = {}

    def run(self, records: Sequence[CheckRecord]) -> None:
        """Asks again what the records say failed or warned, as far as no waiver answers for it."""
        gate = self._gate
        if not self._times:
            return
        self._choice = choose([gate.waived(record.finding) for record in records], gate.mark.text)
        chosen = [records[index] for index in self._choice.findings]
        checks = [self._check(record) for record in chosen]
        wanted: dict[str, list[str]] = {}
        for interface, case in self._choice.cases:
            wanted.setdefault(interface, []).append(case)
        for turn in range(1, self._times + 1):
            if not chosen or gate.stop.is_set():
                return
            seen = gate.again(wanted, turn, f"asking again what failed, {turn} of {self._times}")
            self._turns = turn
            for record, check in zip(chosen, checks, strict=True):
                finding = record.finding
                again = gate.judge(check, seen[finding.interface, finding.case])
                fresh = gate.has_fresh_keys(finding.interface)
                self._found[record.test_id] = self._found.get(record.test_id, Recheck(fresh=fresh)).then(again)

    def told(self, records: Sequence[CheckRecord]) -> tuple[CheckRecord, ...]:
        """The records, those that were asked again with what came of it."""
        return tuple(replace(record, recheck=self._found.get(record.test_id)) for record in records)

    def notes(self) -> Iterator[str]:
        """What a person should know of it, a line each; nothing where nothing failed."""
        choice = self._choice
        if not self._times or not choice.findings:
            return
        breaches = f"{many(len(choice.findings), 'breach', 'breaches')} on {many(len(choice.cases), 'case')}"
        if not self._found:
            yield f"not asked again: {breaches}: {self._gate.stop.because}"
            return
        on = {True: "fresh keys", False: "the same keys, which are preloaded"}
        keys = " or ".join(on[fresh] for fresh in sorted({each.fresh for each in self._found.values()}, reverse=True))
        unsteady = sum(not each.steady for each in self._found.values())
        said = f"{unsteady} did not fail every time" if unsteady else "each failed whenever there was a verdict"
        yield f"asked again, {many(self._turns, 'time')} on {keys}: {breaches}; {said}"
        if self._turns < self._times:
            yield f"asked again {self._turns} of {self._times} times only: {self._gate.stop.because}"
        if choice.alike:
            yield f"not asked again: {many(choice.alike, 'breach', 'breaches')} that show what one asked again shows"
        if choice.beyond:
            more = many(choice.beyond, "breach", "breaches")
            yield f"not asked again: {more} on other cases; at most {MOST_CASES} cases are"

    def _check(self, record: CheckRecord) -> Check:
        """The check that made a record."""
        finding = record.finding
        plan = self._gate.plans[finding.interface]
        return next(
            check
            for check in plan.checks
            if check.requirement == finding.requirement
            and record.test_id.endswith(f"::{check.name}[{check.requirement}:{finding.case}]")
        )
