"""Runs the proof: every fault and every freedom of both interfaces, each against the whole gate.

Writes docs/proof.md and reports/proof/proof.html. Exit status 0 when every fault is killed by the requirement it is
meant for and no freedom is flagged, 1 when not (or, with --check, when docs/proof.md is out of date), 4 for a wrong
option, 6 when a worker process was killed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from kvgate.case import Mark as RunMark
from kvgate.errors import InputError, SurroundingsError
from kvgate.exits import Exit
from kvgate.places import ROOT, interface_names
from kvgate.reference.deviation import load_faults, load_freedoms
from kvgate.schema import nearest
from proof.outcome import FLAGGED, Outcome
from proof.page import html, markdown
from proof.pool import Task, find, run_all
from proof.section import Section, complaint, faults_section, freedoms_section

PAGE = ROOT / "docs" / "proof.md"
# The same each time, so that what fails beside a fault's own requirement is too.
MARK = "kvproof"
_SHOWN = 12


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit status."""
    given = _parser().parse_args(argv)
    try:
        mark = RunMark.fresh().text if given.mark == "fresh" else RunMark(given.mark).text
        tasks = _tasks(given, mark)
    except InputError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE
    began = time.monotonic()
    try:
        outcomes = run_all(tasks, given.processes, lambda outcome: _tell(outcome, verbose=given.verbose))
    except SurroundingsError as error:
        print(error, file=sys.stderr)
        return Exit.NO_VERDICT
    sections = _sections(tasks, outcomes)
    bad = [line for section in sections for line in section.bad]
    print()
    for section in sections:
        print(f"{section.title}: {', '.join(f'{count} {what}' for what, count in section.totals)}")
    print(f"{len(tasks)} runs in {time.monotonic() - began:.0f} s on {given.processes} processes")
    for line in bad:
        print(f"HOLE {line}")
    partial = given.only or given.interface or given.whole or given.mark != MARK
    stale = False if partial else _publish(sections, check=given.check, report=Path(given.report_dir))
    return 1 if bad or stale else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", metavar="NAME", help="this one, whole (a glob; repeatable)")
    parser.add_argument("--interface", choices=interface_names(), help="those of one interface")
    parser.add_argument("-v", "--verbose", action="store_true", help="every check that failed, with got and want")
    parser.add_argument("--whole", action="store_true", help="ask every fault all cases, also when it is killed")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/proof.md is out of date")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="worker processes (default 2)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="questions at once (default 8)")
    parser.add_argument("--mark", default=MARK, help=f"the mark of the keys, or 'fresh' (default {MARK})")
    parser.add_argument("--report-dir", default=str(ROOT / "reports" / "proof"), help="where proof.html goes")
    return parser


def _tasks(given: argparse.Namespace, mark: str) -> list[Task]:
    only: Sequence[str] = given.only or ()
    tasks = [
        Task(name, deviation, fault, mark, given.concurrency, given.whole or bool(only))
        for fault, load in ((True, load_faults), (False, load_freedoms))
        for name in interface_names()
        if given.interface in (None, name)
        for deviation in load(name)
    ]
    chosen = [task for task in tasks if not only or any(fnmatchcase(task.name, pattern) for pattern in only)]
    for pattern in only:
        if not any(fnmatchcase(task.name, pattern) for task in tasks):
            hint = nearest(pattern, [task.name for task in tasks])
            raise InputError(f"--only={pattern}: no fault or freedom of this name{hint}")
    return chosen


def _sections(tasks: Sequence[Task], outcomes: Sequence[Outcome]) -> list[Section]:
    pairs = [(task, find(task), outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
    return [
        make(name, chosen)
        for fault, make in ((True, faults_section), (False, freedoms_section))
        for name in interface_names()
        if (chosen := [(d, o) for task, d, o in pairs if task.fault is fault and task.interface == name])
    ]


def _tell(outcome: Outcome, *, verbose: bool) -> None:
    line = complaint(outcome)
    if verbose or line:
        print(f"{outcome.mark}: {outcome.interface} {outcome.name} ({outcome.seconds:.1f} s)", flush=True)
    if not verbose:
        return
    if outcome.trouble:
        print(f"    {outcome.trouble}")
    for verdict in FLAGGED:
        found = [finding for finding in outcome.flagged if finding.verdict is verdict]
        for requirement in dict.fromkeys(finding.requirement for finding in found):
            those = [finding for finding in found if finding.requirement == requirement]
            print(f"    {verdict} {requirement}: {len(those)} cases")
            for finding in those[:_SHOWN]:
                want = f"; want {finding.want}" if finding.want else ""
                got = f"; got {finding.got}" if finding.got else ""
                print(f"        {finding.case}: {finding.message}{want}{got}")


def _publish(sections: Sequence[Section], *, check: bool, report: Path) -> bool:
    """Writes the pages; whether the one that is committed is out of date and was left so."""
    report.mkdir(parents=True, exist_ok=True)
    (report / "proof.html").write_text(html(sections), encoding="utf-8")
    text = markdown(sections)
    if not check:
        PAGE.write_text(text, encoding="utf-8")
        return False
    stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text
    if stale:
        print("docs/proof.md is out of date: run `python -m proof` and commit it")
    return stale


if __name__ == "__main__":
    sys.exit(main())
