"""Runs the proof: every fault, every freedom and every hostile behaviour against the whole gate, and explores.

Holds the catalogues against every line of the two pages, too. Writes docs/proof.md, reports/proof/proof.html and
proof/shown.json. Exit status 0 when every fault is killed by the requirement it is meant for, no freedom is flagged,
the gate comes out of every hostile behaviour as it should, generated cases find each rare fault and accuse nobody
else, and every line of the pages is accounted for; 1 when not (or, with --check, when docs/proof.md is out of date), 2
when interrupted, 4 for a wrong option, 6 when a worker process was killed or the gate cannot be run at all.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path

from kvgate.case import Mark as RunMark
from kvgate.errors import InputError, SurroundingsError
from kvgate.exits import Exit
from kvgate.places import ROOT, interface_names
from kvgate.reference.deviation import load_faults, load_freedoms
from kvgate.schema import nearest
from proof.chapters import Chapters
from proof.exploring import explore_all
from proof.hostile.behaviour import load_behaviours
from proof.hostile.result import HostileResult
from proof.hostile.running import AT_ONCE
from proof.hostile.running import run_all as hostile_runs
from proof.outcome import FLAGGED, Outcome
from proof.page import html, markdown, settled
from proof.pool import Task, run_all
from proof.section import complaint
from proof.shown import NOTED, shown_text
from proof.warm import Warm

PAGE = ROOT / "docs" / "proof.md"
# The same each time, so that what fails beside a fault's own requirement is too.
MARK = "kvproof"
_SHOWN = 12
# Of the cases that a freedom is asked, every so-manieth.
QUICK_SAMPLE, UNEXPLORED_SAMPLE = 12, 6


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit status."""
    given = _parser().parse_args(argv)
    if (given.quick or given.unexplored) and not given.check:
        option = "--quick" if given.quick else "--unexplored"
        print(f"{option} leaves chapters out, so it writes no page: give --check too", file=sys.stderr)
        return Exit.USAGE
    try:
        mark = RunMark.fresh().text if given.mark == "fresh" else RunMark(given.mark).text
        tasks = _tasks(given, mark)
    except InputError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE
    began = time.monotonic()
    wanted = [] if given.only else _interfaces(given)
    behaviours = [] if given.quick else [each for each in load_behaviours() if each.interface in wanted]
    explored = [] if given.quick or given.unexplored else wanted
    try:
        with Warm() as warm, ThreadPoolExecutor(2, thread_name_prefix="kvgate-proof") as beside:
            stop, quiet = threading.Event(), threading.Event()
            # At the same time, since the gate mostly waits for hostile servers.
            hostile = beside.submit(
                hostile_runs,
                behaviours,
                at_once=AT_ONCE,
                gate=warm.run_gate,
                done=_tell_hostile,
                stop=stop,
                quiet=quiet,
            )
            exploring = beside.submit(explore_all, explored, stop, warm.run_gate)
            try:
                outcomes = run_all(tasks, given.processes, lambda outcome: _tell(outcome, verbose=given.verbose))
                explorings = exploring.result()
                quiet.set()
                results = hostile.result()
            finally:
                stop.set()
                quiet.set()
    except SurroundingsError as error:
        print(error, file=sys.stderr)
        return Exit.NO_VERDICT
    except KeyboardInterrupt:
        print("interrupted: no page was written", file=sys.stderr)
        return Exit.INTERRUPTED
    hostility = tuple(zip(behaviours, results, strict=True))
    chapters = Chapters(tasks, outcomes, hostility, explorings, pages=not given.only)
    sections = chapters.sections()
    bad = [line for section in sections for line in section.bad]
    print()
    for section in sections:
        print(f"{section.title}: {', '.join(f'{count} {what}' for what, count in section.totals)}")
    print(
        f"{len(tasks) + len(behaviours)} runs in {time.monotonic() - began:.0f} s on {given.processes} processes, "
        f"with {_processor_seconds(outcomes):.0f} s of processor time"
    )
    for line in bad:
        print(f"HOLE {line}")
    partial = given.only or given.interface or given.whole or given.mark != MARK
    stale = False if partial else _publish(chapters, given)
    return 1 if bad or stale else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", metavar="NAME", help="this one, whole (a glob; repeatable)")
    parser.add_argument("--interface", choices=interface_names(), help="those of one interface")
    parser.add_argument("-v", "--verbose", action="store_true", help="every check that failed, with got and want")
    parser.add_argument("--whole", action="store_true", help="ask every fault all cases, also when it is killed")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/proof.md is out of date")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="no hostile servers, no exploring, a twelfth of the cases for each freedom; with --check",
    )
    parser.add_argument(
        "--unexplored", action="store_true", help="no exploring, a sixth of the cases for each freedom; with --check"
    )
    # One more than the cores of most CI machines: a third of the time is waiting for slow servers.
    parser.add_argument("--processes", type=int, default=3, metavar="N", help="worker processes (default 3)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="questions at once (default 8)")
    parser.add_argument("--mark", default=MARK, help=f"the mark of the keys, or 'fresh' (default {MARK})")
    parser.add_argument("--report-dir", default=str(ROOT / "reports" / "proof"), help="where proof.html goes")
    return parser


def _interfaces(given: argparse.Namespace) -> list[str]:
    return [name for name in interface_names() if given.interface in (None, name)]


def _tasks(given: argparse.Namespace, mark: str) -> list[Task]:
    only: Sequence[str] = given.only or ()
    tasks = [
        Task(
            name,
            deviation,
            fault,
            mark,
            given.concurrency,
            given.whole or bool(only),
            _sample(given),
        )
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


def _sample(given: argparse.Namespace) -> int:
    return QUICK_SAMPLE if given.quick else UNEXPLORED_SAMPLE if given.unexplored else 1


def _tell_hostile(result: HostileResult) -> None:
    if not result.good:
        again = ", and is run once more in the end" if result.doubtful else ""
        print(f"went wrong{again}: {result.name} ({result.seconds:.1f} s): {'; '.join(result.wrong)}", flush=True)
        for cause in result.causes[:_SHOWN]:
            print(f"    {cause}", flush=True)


def _processor_seconds(outcomes: Sequence[Outcome]) -> float:
    """The processor time of this process and of all that it started, but for what the pool's take to start."""
    own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # The processes of the pool are another's children.
    return own + sum(outcome.processor for outcome in outcomes)


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


def _publish(chapters: Chapters, given: argparse.Namespace) -> bool:
    """Writes the pages; whether the one that is committed is out of date and was left so."""
    report = Path(given.report_dir)
    report.mkdir(parents=True, exist_ok=True)
    (report / "proof.html").write_text(html(chapters.sections(verbatim=True)), encoding="utf-8")
    text = markdown(chapters.sections())
    if not given.check:
        PAGE.write_text(text, encoding="utf-8")
        NOTED.write_text(shown_text(chapters.outcomes), encoding="utf-8")
        return False
    titles = {section.title for section in chapters.sections()}
    sampled = _sample(given) > 1
    then = settled(PAGE.read_text(encoding="utf-8"), titles, sampled=sampled) if PAGE.is_file() else []
    stale = then != settled(text, titles, sampled=sampled)
    if stale:
        print("docs/proof.md is out of date: run `python -m proof` and commit it")
    return stale


if __name__ == "__main__":
    # As Ctrl-C: the processes it has started would otherwise go on without it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
