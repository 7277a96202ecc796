"""A process that cannot outlive us: started through guard.py, ended by closing the guard's lifeline."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

_GUARD = Path(__file__).resolve().parent / "guard.py"


class Guarded:
    """One running command, a context manager: leaving it ends the command and all it started.

    `first` is the first signal it is ended with, `grace` the seconds until the next; `remove` a folder that goes with
    it. `output` takes what it prints (default: where ours goes).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        output: IO[bytes] | None = None,
        remove: Path | None = None,
        first: Literal["INT", "TERM"] = "TERM",
        grace: float = 10.0,
    ) -> None:
        self._patience = 2 * grace + 10
        removal = ["--remove", str(remove)] if remove else []
        options = [*removal, "--first", first, "--grace", str(grace)]
        self._guard = subprocess.Popen(  # noqa: S603  the guard is our own file
            [sys.executable, "-I", "-S", str(_GUARD), *options, "--", *command],
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the owner only, who decides what ends first
        )

    def poll(self) -> int | None:
        """The command's exit status, or None while it runs."""
        return self._guard.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the command's own end; subprocess.TimeoutExpired after `timeout` seconds."""
        return self._guard.wait(timeout)

    def stop(self) -> int:
        """Ends the command, waits until nothing of it is left, and returns its exit status."""
        if self._guard.stdin and not self._guard.stdin.closed:
            self._guard.stdin.close()
        try:
            return self._guard.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            return self._guard.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
