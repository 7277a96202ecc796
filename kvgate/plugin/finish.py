"""The end of a run: takes the data away, decides the exit status, writes the reports."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kvgate import __version__
from kvgate.exits import Exit
from kvgate.plugin.gate import Gate, read_spool
from kvgate.report.model import CheckRecord, Run
from kvgate.report.scrub import scrubbed
from kvgate.report.terminal import terminal_lines
from kvgate.report.write import write_reports
from kvgate.requirement import load_rulings
from kvgate.run.outcome import Circumstances, decide
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import read_journals
from kvgate.seeding.sweep import sweep
from kvgate.target.model import Target
from kvgate.target.show import redacted
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
    # A server may send back what it was sent.
    secrets = [text for part in target.parts for each in part.credentials.values() for text in each.secrets]
    run = scrubbed(run, secrets)
    write_reports(run, target.report_dir)
    return Ending(run, target.report_dir)


def tested_line(target: Target) -> str:
    """The first line of every summary: what was tested."""
    if target.embedded:
        return "embedded reference: no server of yours was tested"
    return "; ".join(f"{part.interface} at {part.url} (profile {part.profile})" for part in target.parts)


def _take_away(gate: Gate) -> tuple[str, ...]:
    """Removes what was written, unless it is to be kept. One line for what is left."""
    journals = Path(gate.shared.journals)
    if not journals.is_dir():
        return ()
    if gate.target.keep:
        return (
            f"the seeded data was kept (--kv-keep): {journals} says what it is; `kvgate sweep {journals}` removes it",
        )
    clients = Clients(gate.target.parts, tls=gate.target.tls, limits=gate.target.limits)
    try:
        result = sweep(read_journals(journals), clients, concurrency=gate.target.concurrency)
    finally:
        clients.close()
    if not result.left:
        shutil.rmtree(journals, ignore_errors=True)
        return ()
    many = f"{len(result.left)} seeded keys could not be removed" if len(result.left) > 1 else "a seeded key was left"
    return (f"{many}: {result.left[0]}; `kvgate sweep {journals}` tries again",)
