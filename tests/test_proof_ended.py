"""A proof that is ended before its time ends all that it has started, also where it is one of several."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kvgate.exits import Exit
from kvgate.places import ROOT


def _is_left_for_long(group: int) -> bool:
    """Whether a process of the group is still there after a while: the one that others are forked from ends last."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True


def _processes_of(group: int) -> int:
    command = ["ps", "-A", "-o", "pgid="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)  # our own command line
    return listed.stdout.split().count(str(group))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("proof", "--check", "--quick", "--interface=get2"), "no page was written"),
        (("flakes", "--runs=0", "--proofs=1", "--kept=kept"), "the next job of the same code and options goes on here"),
    ],
)
def test_sigterm_is_an_interruption_and_leaves_no_process(command: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--processes=2"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            until = time.monotonic() + 60
            # Itself, the one that others are forked from, the one that counts what they share, and two that run.
            while _processes_of(process.pid) < 5:
                assert time.monotonic() < until, "no process was ever started"
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=60)
            left = _is_left_for_long(process.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == Exit.INTERRUPTED, told
    assert told == f"interrupted: {said}\n"
    assert not left
