"""Asks generated cases, judges them by the suite's own checks, and shrinks what fails.

Generating needs no server, so the cases are the same whatever is answered. A case without a verdict is never a breach
and never shrunk; nor is one whose question ran into the time limit, since every attempt would cost that limit again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kvgate.case import Case
from kvgate.explore.hook import load_maker
from kvgate.explore.model import Exhibit, Exploration, Explored
from kvgate.explore.row import Row, as_toml, case_from, name_of, name_of_all, named, text_of
from kvgate.explore.tally import Failing, Tally
from kvgate.run.plan import Plan
from kvgate.run.stop import Stop
from kvgate.verdict import Check, Evidence, Finding, Verdict
from kvgate.verdict.recheck import BREACHES
from kvgate.wire.exchange import FaultKind

BATCH = 24  # cases that are asked at the same time, and whose answers are held until they are judged
SHRINKING = 20.0  # seconds for all that fails of an interface
ATTEMPTS = 400  # for each requirement that fails
REPEATED = 3  # so many times more rows than cases are generated at most, since some come twice


class Gatherer(Protocol):
    """Who puts cases in place and asks them."""

    def gather(self, cases: Sequence[Case]) -> list[Evidence]: ...  # noqa: D102
    def let_go(self, evidence: Evidence) -> None: ...  # noqa: D102


class RowSource(Protocol):
    """Where rows come from."""

    def row(self, number: int) -> Row: ...  # noqa: D102
    def smallest(  # noqa: D102
        self, number: int, fails: Callable[[Row], bool], *, ended: Callable[[], bool] = ...
    ) -> Row | None: ...


@dataclass(frozen=True, slots=True)
class Judging:
    """How a check is judged, and whether a waiver answers for what it found."""

    judge: Callable[[Check, Evidence], Finding]
    waived: Callable[[Finding], bool] = lambda _: False


class Explorer:
    """Explores one interface, once. `stage` says what it is busy with."""

    def __init__(
        self,
        plan: Plan,
        wanted: Exploration,
        gatherer: Gatherer,
        judging: Judging,
        stop: Stop,
        *,
        shrinking: float = SHRINKING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._wanted, self._gatherer, self._judging, self._stop = plan, wanted, gatherer, judging, stop
        self._shrinking, self._clock = shrinking, clock
        self._tallies = tallies_of(plan)
        self._kept: dict[str, Evidence] = {}
        self._known: dict[str, dict[Check, Finding]] = {}
        self._exhibits: dict[str, Exhibit] = {}
        self._smallest: dict[str, Evidence] = {}
        self._findings: dict[Check, list[Finding]] = {check: [] for check in self._tallies}
        self._asked = self._failed = self._attempts = 0
        self.stage = "exploring"

    def run(self) -> Explored:
        """Asks, judges, shrinks. Raises GatheringFailed."""
        from kvgate.explore.search import Search  # noqa: PLC0415  # Hypothesis is loaded by a run that explores only

        facts, maker = self._plan.profile.facts or {}, load_maker(self._plan.interface.name)
        search = Search(lambda draws: maker(draws, facts), self._wanted.seed)
        try:
            selected = self._ask_all(search)
            self._shrink_all(search)
        finally:
            search.close()
        return self._explored(selected)

    # -- asking ------------------------------------------------------------------------------------------------------

    def _ask_all(self, search: RowSource) -> int:
        """Asks the selected cases, batch by batch; how many were selected."""
        selected, batch = 0, list[tuple[int, Row]]()
        for number, row in self._rows(search):
            if self._plan.chooses_case(name_of(self._wanted.seed, number)):
                selected += 1
                batch.append((number, row))
            if len(batch) == BATCH:
                self._ask(batch)
                batch = []
        self._ask(batch)
        if not self._stop.is_set():
            return selected
        names = (name_of(self._wanted.seed, number) for number in range(1, self._wanted.count + 1))
        return sum(map(self._plan.chooses_case, names))

    def _rows(self, search: RowSource) -> Iterator[tuple[int, Row]]:
        """Rows that differ, as many as are wanted, each with its number."""
        seen: set[str] = set()
        for number in range(1, self._wanted.count * REPEATED + 1):
            if len(seen) == self._wanted.count or self._stop.is_set():
                return
            row = search.row(number)
            if text_of(row) not in seen:
                seen.add(text_of(row))
                yield number, row

    def _ask(self, batch: Sequence[tuple[int, Row]]) -> None:
        if not batch or self._stop.is_set():
            return
        self.stage = f"exploring, {self._asked} of {self._wanted.count} generated cases"
        evidence = self._gatherer.gather([self._case(row, *self._titles(number)) for number, row in batch])
        for (number, row), seen in zip(batch, evidence, strict=True):
            self._asked += 1
            found = self._judged(seen)
            self._failed += any(finding.verdict in BREACHES for finding in found.values())
            self._known[text_of(row)] = self._breaches(found)
            self._kept[seen.case.name] = seen
            for check, finding in found.items():
                waived = finding.verdict in BREACHES and self._judging.waived(finding)
                self._tallies[check].add(Failing(number, row, finding, seen), waived=waived)
        self._let_go()

    def _titles(self, number: int) -> tuple[str, str]:
        return name_of(self._wanted.seed, number), f"generated case {number} of seed {self._wanted.seed}"

    def _case(self, row: Row, name: str, why: str) -> Case:
        return case_from(named(row, name, why), self._plan.interface)

    def _judged(self, evidence: Evidence) -> dict[Check, Finding]:
        return {check: self._judging.judge(check, evidence) for check in self._plan.checks_of(evidence.case)}

    def _breaches(self, found: dict[Check, Finding]) -> dict[Check, Finding]:
        """The findings that are breaches and that no waiver answers for."""
        breaches = {check: finding for check, finding in found.items() if finding.verdict in BREACHES}
        return {check: finding for check, finding in breaches.items() if not self._judging.waived(finding)}

    def _let_go(self) -> None:
        """Gives up the evidence that no breach worth showing needs."""
        needed = {failing.evidence.case.name for tally in self._tallies.values() for failing in tally.shown}
        for name in self._kept.keys() - needed:
            self._gatherer.let_go(self._kept.pop(name))

    # -- shrinking ---------------------------------------------------------------------------------------------------

    def _shrink_all(self, search: RowSource) -> None:
        """Shows the breaches of each check, the smallest case first."""
        failing = {check: tally for check, tally in self._tallies.items() if any(tally.shown)}
        left, until = len(failing), self._clock() + self._shrinking
        for check, tally in failing.items():
            if tally.breach is not None and not self._ran_out_of_time(tally.breach.evidence):
                self.stage = f"looking for the smallest case that breaks {check.requirement}"
                share = self._clock() + max(0.0, until - self._clock()) / left
                smallest = self._shrunk(search, check, tally.breach, share)
                self._findings[check].extend(smallest)
            left -= 1
            for shown in tally.shown:
                name, why = self._titles(shown.number)
                self._show(shown.evidence, named(shown.row, name, why))
                self._findings[check].append(shown.finding)

    def _ran_out_of_time(self, evidence: Evidence) -> bool:
        return any(
            exchange.fault is not None and exchange.fault.kind is FaultKind.TIMEOUT for exchange in evidence.exchanges
        )

    def _shrunk(self, search: RowSource, check: Check, breach: Failing, until: float) -> Iterator[Finding]:
        """The finding on the smallest case; none where there is no smaller one, or it does not fail again."""

        def is_as_grave(finding: Finding | None) -> bool:
            return finding is not None and (finding.verdict is Verdict.FAIL or breach.finding.verdict is Verdict.WARN)

        def ended() -> bool:
            return self._stop.is_set() or self._clock() >= until or self._attempts >= most

        def fails(row: Row) -> bool:
            return is_as_grave(self._attempt(breach.number, row).get(check))

        most = self._attempts + ATTEMPTS
        if ended():
            return
        # What comes and goes, or hangs on a key, is not to be looked for with hundreds of questions.
        self._known.pop(text_of(breach.row))
        if not fails(breach.row):
            return
        smallest = search.smallest(breach.number, fails, ended=ended)
        if smallest is None or text_of(smallest) == text_of(breach.row) or self._stop.is_set():
            return
        evidence = self._exhibit(breach.number, smallest, check)
        finding = self._judging.judge(check, evidence)
        if is_as_grave(self._breaches({check: finding}).get(check)):
            yield finding

    def _attempt(self, number: int, row: Row) -> dict[Check, Finding]:
        """What a row breaks, asked once."""
        text = text_of(row)
        if text not in self._known:
            self._attempts += 1
            name, why = self._titles(number)
            evidence = self._gatherer.gather([self._case(row, f"{name}-try-{self._attempts}", why)])[0]
            self._known[text] = self._breaches(self._judged(evidence))
            self._gatherer.let_go(evidence)
        return self._known[text]

    def _exhibit(self, number: int, row: Row, check: Check) -> Evidence:
        """The evidence of the smallest case under its own name: what was shrunk is asked once more as it is shown."""
        if text_of(row) in self._smallest:
            return self._smallest[text_of(row)]
        base, _ = self._titles(number)
        name, turn = f"{base}-smallest", 1
        while name in self._exhibits:
            turn += 1
            name = f"{base}-smallest-{turn}"
        why = f"generated case {number} of seed {self._wanted.seed}, shrunk to what breaks {check.requirement}"
        evidence = self._gatherer.gather([self._case(row, name, why)])[0]
        self._show(evidence, named(row, name, why))
        self._smallest[text_of(row)] = evidence
        return evidence

    def _show(self, evidence: Evidence, whole: Row) -> None:
        self._exhibits.setdefault(evidence.case.name, Exhibit(evidence, as_toml(whole)))

    # -- what came of it ---------------------------------------------------------------------------------------------

    def _explored(self, selected: int) -> Explored:
        unasked = selected - self._asked
        case = name_of_all(self._wanted.seed)
        for check, tally in self._tallies.items():
            lacking = tally.lacking(case, unasked, self._stop.because)
            if lacking is not None:
                self._findings[check].append(lacking)
            elif not self._findings[check]:
                self._findings[check].append(tally.whole(case))
        shown = {finding.case for findings in self._findings.values() for finding in findings}
        return Explored(
            findings={check: tuple(findings) for check, findings in self._findings.items()},
            exhibits={name: exhibit for name, exhibit in self._exhibits.items() if name in shown},
            line=self._line(selected),
        )

    def _line(self, selected: int) -> str:
        of = f"{self._asked} of {selected}" if self._asked < selected else f"{self._asked}"
        said = f"explored {of} generated cases of {self._plan.interface.name}, seed {self._wanted.seed}"
        failed = f"{self._failed} of them failed or warned" if self._failed else "none failed"
        return f"{said}: {failed}; repeat with {self._wanted.again}"


def tallies_of(plan: Plan) -> dict[Check, Tally]:
    """An empty tally for each check that the selection leaves."""
    return {check: Tally(plan.requirements[check.requirement]) for check in plan.checks if plan.chooses(check)}


def unexplored(plan: Plan, wanted: Exploration, why: str) -> Explored:
    """What comes of an interface that cannot be asked at all."""
    findings = {
        check: tuple(filter(None, [tally.lacking(name_of_all(wanted.seed), wanted.count, why)]))
        for check, tally in tallies_of(plan).items()
    }
    return Explored(findings, line=f"explored no generated case of {plan.interface.name}: {why}")
