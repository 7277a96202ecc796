"""A proof that is ended before its time ends all that it has started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

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


def test_sigterm_is_an_interruption_and_leaves_no_process() -> None:
    command = [sys.executable, "-m", "proof", "--check", "--quick", "--interface=get2", "--processes=2", "-v"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), "no fault was ever run"
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
            left = _is_left_for_long(process.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == Exit.INTERRUPTED, said
    assert said == "interrupted: no page was written\n"
    assert not left
