"""The end of a run: takes the data away, decides the exit status, writes the reports."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kvgate import __version__
from kvgate.exits import Exit
from kvgate.plugin.gate import Gate, read_spool
from kvgate.report.model import CheckRecord, Run
from kvgate.report.terminal import terminal_lines
from kvgate.report.write import write_reports
from kvgate.requirement import load_rulings
from kvgate.run.outcome import Circumstances, decide
from kvgate.seeding.journal import sweep
from kvgate.target.show import redacted, tested_line
from kvgate.waiver.apply import apply_waivers


@dataclass(frozen=True)
class Ending:
    """What a finished run shows in the terminal."""

    run: Run
    reports: Path

    @property
    def exit(self) -> Exit:
        """The exit status."""
        return self.run.exit

    def lines(self, *, color: bool) -> Sequence[str]:
        """The summary."""
        return terminal_lines(self.run, color=color, reports=self.reports)


def finish(
    gate: Gate,
    records: tuple[CheckRecord, ...],
    *,
    interrupted: bool,
    complete: bool,
    bugs: tuple[str, ...],
    notes: tuple[str, ...],
    nothing_selected: tuple[str, ...],
) -> Ending:
    """Sweeps, decides and writes. Raises InputError when the reports cannot be written."""
    target = gate.target
    left = _take_away(gate)
    met = apply_waivers([record.finding for record in records], gate.waivers, gate.today, complete=complete)
    records = tuple(
        replace(record, finding=finding, waiver=waiver.reason if waiver is not None else None)
        for record, finding, waiver in zip(records, met.findings, met.waivers, strict=True)
    )
    findings = met.findings
    seen = Circumstances(
        interrupted=interrupted,
        bugs=bugs,
        waivers_broken=tuple(problem.line for problem in met.problems),
        nothing_selected=nothing_selected,
        strict=target.strict,
    )
    exit_status, reasons = decide(findings, seen)
    cases = {**read_spool(Path(gate.shared.spool)), **gate.cases}
    run = Run(
        version=__version__,
        mark=gate.mark.text,
        began=gate.began,
        seconds=time.time() - gate.began,
        tested=tested_line(target),
        target=redacted(target),
        embedded=target.embedded,
        exit=exit_status,
        complete=complete,
        reasons=reasons,
        notes=(*notes, *left),
        requirements=tuple(row for plan in gate.plans.values() for row in plan.requirements.values()),
        rulings=tuple(row for name in gate.plans for row in load_rulings(name).values()),
        checks=records,
        cases=cases,
    )
    write_reports(run, target.report_dir)
    return Ending(run, target.report_dir)


def _take_away(gate: Gate) -> tuple[str, ...]:
    """Removes what was written, unless it is to be kept. One line for what is left."""
    journals = Path(gate.shared.journals)
    if not journals.is_dir():
        return ()
    if gate.target.keep:
        return (
            f"the seeded data was kept (--kv-keep): {journals} says what it is; `kvgate sweep {journals}` removes it",
        )
    result = sweep(journals, gate.target)
    return result.lines
