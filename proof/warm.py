"""Runs the gate in processes that are forked from one which has loaded what every run loads.

Half of what a short run costs is loading. A run here is a process of its own all the same, with pytest's own start and
Python's own end; only the modules and the fixtures are there already. `python -m proof.warm` is the process that is
forked from: a job on each line that it reads, what came of it on each that it writes, one job at a time.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from kvgate.errors import SurroundingsError
from kvgate.places import ROOT
from proof.gate import GateRun, arguments_of, environment, watch


class Warm:
    """Processes to run the gate in, as many as there are runs at once; each is started when it is first wanted."""

    def __init__(self) -> None:
        self._idle: list[subprocess.Popen[str]] = []
        self._all: list[subprocess.Popen[str]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for process in self._all:
            # It ends when there is nothing more to read.
            process.communicate()

    def run_gate(self, interface: str, options: Sequence[str], terminal: Path, patience: float) -> GateRun:
        """As `proof.gate.run_gate`. Raises SurroundingsError when the process that is forked from is gone."""
        with self._lock:
            process = self._idle.pop() if self._idle else self._start()
        job = {"arguments": arguments_of(interface, options), "terminal": str(terminal), "patience": patience}
        # A run may be killed before it has opened it.
        terminal.write_bytes(b"")
        if process.stdin is None or process.stdout is None:
            raise AssertionError("started without pipes")
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
        said = process.stdout.readline()
        if not said:
            raise SurroundingsError("a process that the proof runs the gate from was killed: run it again")
        with self._lock:
            self._idle.append(process)
        exit_, seconds, memory = json.loads(said)
        return GateRun(exit_, terminal.read_bytes(), seconds, memory)

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "proof.warm"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._all.append(process)
        return process


def main() -> int | str | None:
    """Serves until there is nothing more to read; in a process that is forked off, pytest's exit status."""
    # Ctrl-C is for those who sent the jobs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    for line in sys.stdin:
        job: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            return _run(job["arguments"], job["terminal"])
        print(json.dumps(watch(pid, job["patience"])), flush=True)
    return 0


def _run(arguments: list[str], terminal: str) -> int | str | None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(terminal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for handle, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(handle, number)
    os.close(nothing)
    os.close(output)
    # What is loaded already is not rewritten, and nothing of it asserts in pytest's way.
    sys.argv[1:] = [*arguments, "--assert=plain"]
    try:
        runpy.run_module("pytest", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code
    return 0


def _load() -> None:
    """Loads what a run loads."""
    import pytest  # noqa: PLC0415  # not for those who only send jobs

    import kvgate.plugin.session  # noqa: F401, PLC0415  # a run of the gate loads it when it begins
    from kvgate.places import SCHEMAS, interface_names  # noqa: PLC0415
    from kvgate.report.html import load_template  # noqa: PLC0415
    from kvgate.schema import validator  # noqa: PLC0415
    from proof.running import plan_of  # noqa: PLC0415

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pytest.main(["--version"])
    for name in interface_names():
        plan_of(name)
    templates = load_template().environment
    for name in templates.list_templates(extensions=["j2"]):
        templates.get_template(name)
    for file in SCHEMAS.rglob("*.json"):
        validator(file.relative_to(SCHEMAS).as_posix())
    # So that a fork does not copy what it only looks at.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
