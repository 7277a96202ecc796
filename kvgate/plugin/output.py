"""Standard output that may go away while a run goes on: `| head`, a pager that is quit, a disk that is full."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO


class Lasting:
    """A stream that takes everything: what its other end does not, is dropped.

    The reports and the exit status are the verdict; seeded data has to be removed whoever reads on. A reader that has
    gone wants no more; any other reason is told once, on standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._told = False

    def write(self, text: str) -> int:
        """Writes, or drops, the text; returns its length."""
        try:
            self._stream.write(text)
        except OSError as error:
            self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Flushes what is still to be written, or drops it."""
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def __getattr__(self, name: str) -> Any:
        """Everything else is as the stream has it."""
        return getattr(self._stream, name)

    def _give_up(self, error: OSError) -> None:
        if not self._told and not isinstance(error, BrokenPipeError):
            with contextlib.suppress(OSError):
                sys.stderr.write(f"kvgate: standard output cannot be written: {error.strerror or error}\n")
        self._told = True
        # What still stands in the stream's buffer goes the same way; pytest may put the old file back meanwhile.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
        with contextlib.suppress(OSError):
            self._stream.flush()


def outlast_reader() -> None:
    """From now on nothing that is printed can end the process; without effect where its output is captured."""
    stream = sys.__stdout__
    if stream is not None and sys.stdout is stream:
        sys.stdout = Lasting(stream)
