"""Runs the gate as a person would, in a process of its own, and measures it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvgate.places import ROOT

_LOOK = 0.02  # seconds between two looks at the process
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class GateRun:
    """A run that has ended. `exit` is None for one that had to be killed; `memory` is in MB (10**6 bytes)."""

    exit: int | None
    terminal: bytes
    seconds: float
    memory: float


def run_gate(interface: str, options: Sequence[str], folder: Path, patience: float) -> GateRun:
    """Runs pytest on one suite; after `patience` seconds the process is killed."""
    command = [sys.executable, "-m", "pytest", f"suites/{interface}", "-p", "no:cacheprovider", *options]
    strange = ("KVGATE_", "PYTEST_", "COLUMNS", "FORCE_COLOR", "PY_COLORS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    # Plugins that happen to be installed are not the gate's, and importing them can take longer than it does.
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    began = time.monotonic()
    peak = 0
    with (folder / "terminal").open("w+b") as terminal:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.STDOUT
        )
        killed = False
        while True:
            peak = max(peak, _peak(process.pid))
            # Waited for here and not by Popen: only so the size of a process that is gone can be had.
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if not killed and time.monotonic() - began > patience:
                process.send_signal(signal.SIGKILL)
                killed = True
            time.sleep(_LOOK)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        terminal.seek(0)
        said = terminal.read()
    # Where there is no /proc, the larger figure that also counts what the process was forked from has to do.
    memory = (peak or used.ru_maxrss) * 1024 / 10**6
    return GateRun(None if killed else process.returncode, said, seconds, memory)


def _peak(pid: int) -> int:
    """The greatest resident size so far, in KiB; 0 where it cannot be had."""
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace"))
    except OSError:
        return 0
    return int(found[1]) if found else 0
