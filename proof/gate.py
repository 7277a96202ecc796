"""Runs the gate as a person would, in a process of its own, and measures it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvgate.places import ROOT

_LOOK = 0.02  # seconds between two looks at the process
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
# Those of a person's own shell, which would change what the gate does or writes.
_STRANGE = ("KVGATE_", "PYTEST_", "COLUMNS", "FORCE_COLOR", "PY_COLORS")


@dataclass(frozen=True, slots=True)
class GateRun:
    """A run that has ended. `exit` is None for one that had to be killed; `memory` is in MB (10**6 bytes)."""

    exit: int | None
    terminal: bytes
    seconds: float
    memory: float


# As run_gate: an interface, options of pytest's, where what is printed goes, seconds until the run is killed.
Gate = Callable[[str, Sequence[str], Path, float], GateRun]


def arguments_of(interface: str, options: Sequence[str]) -> list[str]:
    """What pytest is given to run the suite of an interface, leaving nothing behind but the reports."""
    return [f"suites/{interface}", "-p", "no:cacheprovider", *options]


def environment() -> dict[str, str]:
    """The environment of a run: this process's, but for what would change it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(_STRANGE)}
    # Plugins that happen to be installed are not the gate's, and importing them can take longer than it does.
    return {**env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def run_gate(interface: str, options: Sequence[str], terminal: Path, patience: float) -> GateRun:
    """Runs pytest on one suite, what it prints in `terminal`; after `patience` seconds the process is killed."""
    command = [sys.executable, "-m", "pytest", *arguments_of(interface, options)]
    with terminal.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        exit_, seconds, memory = watch(process.pid, patience)
    # It was waited for already, and not by Popen.
    process.returncode = exit_ or 0
    return GateRun(exit_, terminal.read_bytes(), seconds, memory)


def watch(pid: int, patience: float) -> tuple[int | None, float, float]:
    """Waits for a child: its exit status, its seconds, its greatest size in MB; as in `GateRun`."""
    began, peak, killed = time.monotonic(), 0, False
    while True:
        peak = max(peak, _peak(pid))
        # Only so the size of a process that is gone can be had.
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        if not killed and time.monotonic() - began > patience:
            os.kill(pid, signal.SIGKILL)
            killed = True
        time.sleep(_LOOK)
    # Where there is no /proc, the larger figure that also counts what the process was forked from has to do.
    memory = (peak or used.ru_maxrss) * 1024 / 10**6
    return None if killed else os.waitstatus_to_exitcode(status), time.monotonic() - began, memory


def _peak(pid: int) -> int:
    """The greatest resident size so far, in KiB; 0 where it cannot be had."""
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace"))
    except OSError:
        return 0
    return int(found[1]) if found else 0
