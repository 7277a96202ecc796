"""What Ctrl-C and SIGTERM do: during the run they end it, at its end they only hurry it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """The signal handlers of a gate run; without effect outside the main thread, where Python allows none."""

    def __init__(self) -> None:
        self._before: Any = None
        self.hurried = threading.Event()

    def watch(self) -> None:
        """From now on SIGTERM takes the way of Ctrl-C, so that data is removed and reports are written."""
        if threading.current_thread() is threading.main_thread() and self._before is None:
            self._before = signal.signal(signal.SIGTERM, _as_interrupt)

    def restore(self) -> None:
        """SIGTERM does again what it did before. Idempotent."""
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
            self._before = None

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within, the first signal sets `hurried` and interrupts nothing; the second does what it did before."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in _NUMBERS}

        def hurry(_number: int, _frame: FrameType | None) -> None:
            self.hurried.set()
            for number, handler in before.items():
                signal.signal(number, handler)

        for number in _NUMBERS:
            signal.signal(number, hurry)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
