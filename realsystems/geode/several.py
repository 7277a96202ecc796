"""Several releases, a few at a time: each judged by a runner of its own, whose output is shown when it has ended."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kvgate.exits import Exit
from realsystems.geode import cache, tools
from realsystems.geode.guarded import Guarded
from realsystems.geode.releases import Job, Release

AT_ONCE = 2  # servers of 300 MB each, beside two runs of the gate
_ROOT = Path(__file__).resolve().parents[2]
_POLL = 0.2
# The runner's own patience with its gate, which has half a minute, and then with its server.
_GRACE = 60.0
_NO_VERDICT = "no verdict: "


def expect_programs(releases: Sequence[Release], jobs: Sequence[Job], *, starts: bool) -> None:
    """Raises SurroundingsError, once for all releases, when a program is missing without which none can be judged."""
    needed = [*(["java"] if starts else []), *(["keytool"] if starts and any(job.tls for job in jobs) else [])]
    if not any(cache.likely(release) for release in releases):
        needed.append("mvn")
    tools.find(*needed, java_minimum=min(release.start.java_minimum for release in releases))


def all_judged(jobs: Sequence[Job], options: argparse.Namespace, extra: Sequence[str]) -> list[int]:
    """The exit status of each job, in their order; output of each as it ends, then one line for each.

    Raises KeyboardInterrupt like everything here; what is running is ended first.
    """
    waiting, ended = list(enumerate(jobs)), dict[int, _Ended]()
    with contextlib.ExitStack() as stack:
        under_way: dict[int, _UnderWay] = {}
        while waiting or under_way:
            while waiting and len(under_way) < options.jobs:
                index, job = waiting.pop(0)
                under_way[index] = _begun(job, options, extra, stack)
            time.sleep(_POLL)
            for index, one in list(under_way.items()):
                status = one.process.poll()
                if status is not None:
                    del under_way[index]
                    ended[index] = _told(jobs[index], status, one.output)
    for index, job in enumerate(jobs):
        print(f"{_title(job)}: exit status {ended[index].status}{ended[index].reason}", file=sys.stderr)
    return [ended[index].status for index in range(len(jobs))]


@dataclass(frozen=True, slots=True)
class _UnderWay:
    process: Guarded
    output: IO[bytes]


@dataclass(frozen=True, slots=True)
class _Ended:
    status: int
    reason: str


def _begun(job: Job, options: argparse.Namespace, extra: Sequence[str], stack: contextlib.ExitStack) -> _UnderWay:
    output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # the stack closes it
    command = job_command(job, options, extra)
    process = stack.enter_context(Guarded(command, cwd=_ROOT, output=output, first="INT", grace=_GRACE))
    print(f"{_title(job)}: begun", file=sys.stderr, flush=True)
    return _UnderWay(process, output)


def job_command(job: Job, options: argparse.Namespace, extra: Sequence[str]) -> list[str]:
    """The command line of the runner that judges one job."""
    command = [sys.executable, "-m", "realsystems.geode", "--release", job.release]
    command += [part for profile in job.profiles for part in ("--profile", profile)]
    command += ["--suite", options.suite, "--reports", str(options.reports.absolute())]
    command += ["--auth"] if job.auth else []
    command += ["--tls"] if job.tls else []
    command += ["--fetch-only"] if options.fetch_only else []
    command += ["--command", options.command] if options.command else []
    return [*command, "--", *extra, *(f"--kv-case={glob}" for glob in job.cases)]


def _told(job: Job, status: int, output: IO[bytes]) -> _Ended:
    """Shows what the runner of a job has printed, and takes the reason out of it when there is no verdict."""
    output.seek(0)
    text = output.read().decode("utf-8", "replace")
    print(f"--- {_title(job)}\n{text.rstrip()}\n", flush=True)
    lines = [line for line in text.splitlines() if line.startswith(_NO_VERDICT)]
    reason = f", {lines[-1]}" if status == Exit.NO_VERDICT and lines else ""
    return _Ended(status, reason)


def _title(job: Job) -> str:
    also = [*job.profiles, *(["Basic auth"] if job.auth else []), *(["TLS"] if job.tls else [])]
    return f"Apache Geode {job.release} ({', '.join(also)})"
