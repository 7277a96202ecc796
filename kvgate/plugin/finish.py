"""The end of a run: takes the data away, decides the exit status, writes the reports."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kvgate import __version__
from kvgate.errors import KvgateError
from kvgate.exits import Exit
from kvgate.journals import journal_folders
from kvgate.plugin.beside import ControlsOfWorkers
from kvgate.plugin.gate import Gate
from kvgate.plugin.observed import observed_lines, unobserved
from kvgate.plugin.signals import Signals
from kvgate.plugin.spool import read_spool
from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.report.scrub import scrubbed
from kvgate.report.terminal import terminal_lines
from kvgate.report.write import write_reports
from kvgate.run.outcome import Circumstances, decide
from kvgate.run.plan import unmatched
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import SUFFIX, read_journals
from kvgate.seeding.sweep import TIME_LIMIT, sweep
from kvgate.target.show import redacted, tested_line
from kvgate.waiver.apply import apply_waivers

_LEAST_SWEEP = 20.0  # seconds; what was written is not to stay because judging took long


@dataclass(frozen=True, slots=True)
class Course:
    """How a run went: `bugs` and `notes` hold one line each; `complete` when all that was selected was judged."""

    interrupted: bool = False
    complete: bool = True
    bugs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ending:
    """What a finished run shows in the terminal. `reports` is None when they could not be written."""

    run: Run
    reports: Path | None

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
    controls: ControlsOfWorkers,
    course: Course,
    signals: Signals,
) -> Ending:
    """Sweeps, decides and writes. A signal in between, the second of the run, ends the sweep early, and nothing else.

    What fails here costs neither the verdict nor the reports, as far as there are any: it becomes a note or, being a
    bug, a reason.
    """
    target = gate.target
    left, sweep_bugs = _take_away(gate, signals.hurried, patiently=not course.interrupted)
    spooled, spool_bugs = _spooled(gate)
    course = replace(course, bugs=(*course.bugs, *sweep_bugs, *spool_bugs))
    met = apply_waivers(
        [record.finding for record in records],
        gate.waivers,
        gate.today,
        complete=course.complete and _is_everything(gate, records),
    )
    records = tuple(
        replace(record, finding=finding, waiver=waiver.reason if waiver is not None else None)
        for record, finding, waiver in zip(records, met.findings, met.waivers, strict=True)
    )
    astray = unmatched(tuple(gate.plans.values()))
    seen = Circumstances(
        interrupted=course.interrupted or signals.interrupted,
        bugs=course.bugs,
        waivers_broken=tuple(problem.line for problem in met.problems),
        nothing_selected=() if records else astray or (_nothing_left(gate),),
        unobserved=unobserved(gate),
        strict=target.strict,
        mark=gate.mark.text,
    )
    exit_status, reasons = decide(met.findings, seen)
    left = (*left, *_left_before(gate))
    run = Run(
        version=__version__,
        mark=gate.mark.text,
        began=gate.began,
        seconds=time.time() - gate.began,
        tested=tested_line(target, {record.finding.requirement.split(".")[0] for record in records}),
        target=redacted(target),
        embedded=target.embedded,
        exit=exit_status,
        complete=course.complete,
        reasons=reasons,
        notes=(*course.notes, *observed_lines(gate, met.findings), *left, *(astray if records else ())),
        requirements=tuple(row for plan in gate.plans.values() for row in plan.requirements.values()),
        rulings=tuple(row for plan in gate.plans.values() for row in plan.rulings.values()),
        checks=records,
        cases=controls.shown_with({**spooled, **gate.cases}),
    )
    return _written(scrubbed(run, target.secrets), target.report_dir)


def _nothing_left(gate: Gate) -> str:
    tested = ", ".join(gate.plans) or "none"
    return f"nothing was tested: the selection leaves no check (interfaces with a target: {tested})"


def _is_everything(gate: Gate, records: Sequence[CheckRecord]) -> bool:
    """Whether every check there is was made: no option, -k or --lf has narrowed the run."""
    if gate.observations:
        # A waiver may speak of data that is not there today.
        return False
    if len(records) < sum(len(plan.everything) for plan in gate.plans.values()):
        return False
    made = {(record.finding.requirement, record.finding.case) for record in records}
    return all(made.issuperset(plan.everything) for plan in gate.plans.values())


def _written(run: Run, folder: Path) -> Ending:
    """Writes the reports. Without them no run is green, while a breach that was found stays one."""
    try:
        write_reports(run, folder)
    except KvgateError as error:
        trouble, otherwise = str(error), Exit.USAGE
    except Exception as error:  # a bug in a report must not cost the verdict
        trouble, otherwise = f"the reports could not be made: {type(error).__name__}: {error}", Exit.INTERNAL_ERROR
    else:
        return Ending(run, folder)
    keeps = run.exit in (Exit.INTERRUPTED, Exit.NOT_CONFORMING, Exit.INTERNAL_ERROR)
    return Ending(replace(run, exit=run.exit if keeps else otherwise, reasons=(*run.reasons, trouble)), None)


def _spooled(gate: Gate) -> tuple[dict[tuple[str, str], CaseRecord], tuple[str, ...]]:
    """What the workers left of their cases; and a bug if it cannot be read."""
    try:
        return read_spool(gate.shared), ()
    except Exception as error:  # the verdicts are there all the same
        return {}, (f"the workers' cases cannot be read: {type(error).__name__}: {error}",)


def _take_away(gate: Gate, hurried: threading.Event, *, patiently: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Removes what was written, unless it is to be kept: one line for what is left, and a bug if there was one.

    Not `patiently` where somebody waits for the end.
    """
    journals = Path(gate.shared.journals)
    if not journals.is_dir():
        return _kept_nothing(gate, "this run has written nothing"), ()
    if gate.target.embedded:
        # The servers end with the run, and all that was written with them.
        shutil.rmtree(journals, ignore_errors=True)
        return _kept_nothing(gate, "the embedded reference ends with the run"), ()
    again = f"`kvgate sweep {journals}` (with the options or the target file of this run)"
    if gate.target.keep:
        return (f"the seeded data was kept: {journals} says what it is; {again} removes it",), ()
    try:
        left = _swept(gate, journals, hurried, _time_to_sweep(gate, patiently=patiently))
    except KvgateError as error:
        return (f"the seeded data could not be removed: {error}; {again} tries again",), ()
    except Exception as error:  # a bug here must not cost the reports
        return (f"the seeded data was not removed; {again} tries again",), (
            f"removing: {type(error).__name__}: {error}",
        )
    if not left:
        return (), ()
    many = f"{len(left)} seeded keys were not removed" if len(left) > 1 else "a seeded key was not removed"
    return (f"{many} ({left[0]}); {again} tries again",), ()


def _kept_nothing(gate: Gate, why: str) -> tuple[str, ...]:
    """One line where the data was to be kept (`--kv-keep`) and there is none."""
    return (f"nothing was kept, since {why} (keep)",) if gate.target.keep else ()


def _left_before(gate: Gate) -> Iterator[str]:
    """One line when other runs into this folder have left data on a server."""
    own = Path(gate.shared.journals)
    others = [folder for folder in journal_folders(own.parent) if folder != own and any(folder.glob(f"*{SUFFIX}"))]
    if others:
        named = others[0] if len(others) == 1 else own.parent
        yield (
            f"another run has left its data where it was, or is still under way: `kvgate sweep {named}` (with the "
            f"options or the target file of that run) removes it; {others[0]} says what it is"
        )


def _time_to_sweep(gate: Gate, *, patiently: bool) -> float:
    """Seconds for the removals: they end a minute after the time limit of the run, as far as that can be kept.

    Where a run has none, a slow server is given a minute and twice what all before took: a removal is two requests.
    """
    now, ends_at = time.time(), gate.shared.ends_at
    if not patiently:
        return TIME_LIMIT
    if ends_at is None:
        return TIME_LIMIT + 2 * (now - gate.began)
    return max(_LEAST_SWEEP, TIME_LIMIT + ends_at - now)


def _swept(gate: Gate, journals: Path, hurried: threading.Event, time_limit: float) -> tuple[str, ...]:
    target = gate.target
    clients = Clients(
        target.parts, tls=target.tls, limits=target.limits, cancel=hurried, concurrency=target.concurrency
    )
    try:
        left = sweep(read_journals(journals), clients, concurrency=target.concurrency, time_limit=time_limit).left
    finally:
        clients.close()
    with contextlib.suppress(OSError):
        journals.rmdir()
    return left
