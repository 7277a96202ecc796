"""What Ctrl-C, SIGTERM and a closed terminal do: the first ends the run, the next hurries its end, one more gives up.

What comes within a second of another is the same: a terminal sends a Ctrl-C to every process of its group, and one that
started this one may pass it on as well.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)  # these come to each process of a run
_ECHO = 1.0


class Signals:
    """The signal handlers of a gate run; without effect outside the main thread, where Python allows none.

    A signal that comes twice must not cost what the first set going: the data that is being removed, the reports.
    `echo` is how many seconds after one the next is no other.
    """

    def __init__(self, echo: float = _ECHO) -> None:
        self._echo = echo
        self._last: float | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._ending = False
        self.interrupted = False
        self.hurried = threading.Event()

    def watch(self, numbers: Iterable[signal.Signals] = _ALL) -> None:
        """From now on these signals are handled here. Idempotent."""
        if threading.current_thread() is not threading.main_thread() or self._before:
            return
        for number in numbers:
            # Who had a signal ignored before the run (nohup, a shell's background job) wants it ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._arrived)

    def end_begins(self) -> None:
        """From now on the first signal interrupts nothing: it is noted, and the next hurries the end."""
        self._ending = True

    def restore(self) -> None:
        """Signals do again what they did before. Idempotent."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _arrived(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._last is not None and now - self._last < self._echo:
            return
        self._last = now
        if not self.interrupted:
            self.interrupted = True
            if self._ending:
                # The run ends as it is, and what it has written is being removed: that is what the first one asks for.
                return
            raise KeyboardInterrupt
        if self.hurried.is_set():
            raise KeyboardInterrupt
        self.hurried.set()


@contextmanager
def held() -> Iterator[None]:
    """Within, Ctrl-C waits; a process started within has to `let_in` what comes for it.

    A worker that is only loading Python knows nothing better to do with a Ctrl-C than to print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_in() -> None:
    """Lets Ctrl-C in, in a process that was started while it was held."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
