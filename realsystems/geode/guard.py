"""Runs one command and ends it, with all it started, when whoever asked for it is gone, however that came about.

Started as a program of its own, with the standard library only: `guard.py [--remove DIR] [--first INT|TERM]
[--grace SECONDS] -- COMMAND...`. Its standard input is the lifeline: a pipe that its owner holds open. When the pipe
closes (the owner asked for the end, or died, SIGKILL included) the command's process group gets the first signal, then,
each after the grace, TERM and KILL; then DIR is removed. Exit status: the command's, 128 + n when signal n ended it.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

_PR_SET_PDEATHSIG = 1
_LIFELINE = 0


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(prog="guard.py", allow_abbrev=False)
    parser.add_argument("--remove", default=None)
    parser.add_argument("--first", choices=("INT", "TERM"), default="TERM")
    parser.add_argument("--grace", type=float, default=10.0)
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = parser.parse_args(arguments[:cut]), arguments[cut + 1 :]
    if not command:
        parser.error("no command after --")
    news, tell = os.pipe()

    def stop(_number: int, _frame: FrameType | None) -> None:
        os.write(tell, b"s")

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        child = subprocess.Popen(  # noqa: S603  running a command is what this file is for
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_prepare(os.getpid()),  # noqa: PLW1509  there is one thread only so far
        )
    except OSError as error:
        print(f"cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127

    def wait() -> None:
        child.wait()
        os.write(tell, b"e")

    threading.Thread(target=wait, daemon=True).start()
    ready, _, _ = select.select([_LIFELINE, news], [], [])
    asked_to_stop = _LIFELINE in ready or os.read(news, 1) == b"s"
    if asked_to_stop:
        _end(child, tuple(dict.fromkeys((signal.Signals[f"SIG{options.first}"], signal.SIGTERM))), options.grace)
    _signal_group(child.pid, signal.SIGKILL)  # what the command may have left behind in its group
    child.wait()
    if asked_to_stop and options.remove:
        shutil.rmtree(options.remove, ignore_errors=True)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _prepare(guard: int) -> Callable[[], None]:
    """What the child does before it becomes the command: on Linux it asks to be killed when the guard dies."""
    libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != guard:
                os._exit(127)  # the guard died between fork and prctl

    return prepare


def _end(child: subprocess.Popen[bytes], signals: Sequence[signal.Signals], grace: float) -> None:
    for number in signals:
        _signal_group(child.pid, number)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            continue
        return


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing of the group is left
        os.killpg(group, number)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
