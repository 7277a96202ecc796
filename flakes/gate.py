"""Runs of the main job, each a process of its own with reports of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from flakes.came import Came, Name
from kvgate.places import ROOT

_TAIL = 3


def run_all(
    numbers: Sequence[int],
    at_once: int,
    folder: Path,
    options: Sequence[str],
    limit: float,
    done: Callable[[int, Came], None],
) -> None:
    """Tells `done` what each of the runs came to, by its number, as it ends; from threads of its own.

    `options` go to each run; a run may take `limit` seconds.
    """

    def one(number: int) -> None:
        place = folder / f"run-{number}"
        done(number, _run(place, options, limit))
        # 200 reports would fill the disk; what differs is told by then.
        shutil.rmtree(place, ignore_errors=True)

    with ThreadPoolExecutor(at_once) as pool:
        begun = [pool.submit(one, number) for number in numbers]
        try:
            for each in as_completed(begun):
                each.result()
        except BaseException:
            # What has not begun would otherwise be waited for, after Ctrl-C too.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def came_of(report: Path, status: int) -> Came:
    """What a finished run came to, by its report.json and its exit status."""
    data = json.loads(report.read_text(encoding="utf-8"))
    checks = {(check["requirement"], check["case"]): check for check in data["checks"]}
    verdicts: dict[Name, str] = {name: str(check["verdict"]) for name, check in checks.items()}
    said: dict[Name, str] = {name: str(check["message"]) for name, check in checks.items() if check["message"]}
    return Came({("exit status",): str(status), **verdicts}, said)


def _run(folder: Path, options: Sequence[str], limit: float) -> Came:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--kv-report-dir={folder}", *options]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("KVGATE_", "PYTEST_"))}
    with subprocess.Popen(  # noqa: S603  # our own command line
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            out, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return Came({}, trouble=f"the run did not end within {limit:g} s")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    report = folder / "report.json"
    if not report.is_file():
        last = " | ".join(out.strip().splitlines()[-_TAIL:])
        return Came({}, trouble=f"the run left no report.json, exit status {process.returncode}: {last}")
    return came_of(report, process.returncode)
