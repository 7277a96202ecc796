"""The end of a run before its own: set from any thread, once, with the reason that reports then give."""

from __future__ import annotations

import threading


class Stop:
    """Whether nothing more is to be asked, and why. `event` is what requests under way watch."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._lock = threading.Lock()
        self._because = "the run was ended"

    @property
    def because(self) -> str:
        """The first reason that was given, in one line."""
        return self._because

    def now(self, because: str | None = None) -> None:
        """Ends requests under way and coming ones. A later reason does not replace the first."""
        with self._lock:
            if because is not None and not self.event.is_set():
                self._because = because
            self.event.set()

    def is_set(self) -> bool:
        """Whether nothing more is to be asked."""
        return self.event.is_set()
