"""Compares the runs of one kind as they end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from flakes.came import Came, differences
from flakes.kept import Kept

SHOWN = 20  # differences of one run that are told one by one


class Comparison:
    """Compares runs as they end with the first that came to verdicts. Thread-safe; `say` gets each line.

    Of `count` runs those that `kept` has are counted, and what differed in them is said, at once.
    """

    def __init__(self, count: int, say: Callable[[str], None], kept: Kept) -> None:
        self._say, self._kept = say, kept
        self._lock = threading.Lock()
        self._first = kept.first
        self.ended = self.differing = 0
        before = {number: lines for number, lines in kept.ended.items() if number <= count}
        self.left = tuple(number for number in range(1, count + 1) if number not in before)
        self.before = len(before)
        for number, lines in before.items():
            self._count(number, lines)

    @property
    def verdicts(self) -> int:
        """How many verdicts the first run came to."""
        return 0 if self._first is None else len(self._first.verdicts)

    def add(self, number: int, came: Came) -> None:
        """Compares run `number`, keeps what it came to, and says what differs."""
        with self._lock:
            is_first = self._first is None and not came.trouble
            if is_first:
                self._first = came
            lines = [came.trouble] if self._first is None else [*differences(self._first, came)]
            self._kept.add(number, lines, came if is_first else None)
            self._count(number, lines)

    def _count(self, number: int, lines: Sequence[str]) -> None:
        self.ended += 1
        self.differing += bool(lines)
        for line in lines[:SHOWN]:
            self._say(f"run {number}: {line}")
        if len(lines) > SHOWN:
            self._say(f"run {number}: and {len(lines) - SHOWN} more")
