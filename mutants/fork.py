"""Work that is done in a fork of this process, and what it gives back, as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path


class Fork:
    """A fork that does `work` and ends; what it prints is lost."""

    def __init__(self, work: Callable[[], object]) -> None:
        handle, path = tempfile.mkstemp(prefix="kvgate-mutants-")
        self._path = Path(path)
        self._status: int | None = None
        self._result: object = None
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(BaseException):
                nowhere = os.open(os.devnull, os.O_RDWR)
                for number in (0, 1, 2):
                    os.dup2(nowhere, number)
                text = json.dumps(work()).encode("ascii")
                while text:
                    text = text[os.write(handle, text) :]
            os._exit(0)
        os.close(handle)

    @property
    def signal(self) -> int:
        """The signal that ended it, or 0."""
        self.wait()
        return os.WTERMSIG(self._status or 0) if os.WIFSIGNALED(self._status or 0) else 0

    def wait(self, status: int | None = None) -> None:
        """Waits for the end; `status` is that of a wait which somebody else has made."""
        if self._status is None:
            self._status = os.waitpid(self.pid, 0)[1] if status is None else status

    def result(self) -> object:
        """What the work came to; None when it came to nothing."""
        self.wait()
        with contextlib.suppress(OSError):
            text = self._path.read_text(encoding="ascii")
            self._path.unlink()
            with contextlib.suppress(ValueError):
                self._result = json.loads(text)
        return self._result


def wait_for_any(forks: Collection[Fork]) -> Fork:
    """The first of the forks to end."""
    by_pid = {fork.pid: fork for fork in forks}
    while True:
        pid, status = os.wait()
        if pid in by_pid:
            by_pid[pid].wait(status)
            return by_pid[pid]
