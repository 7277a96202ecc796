"""How many requests a process may have under way, whichever interface they are for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """`total` slots shared by all threads of a process."""

    def __init__(self, total: int) -> None:
        if total < 1:
            raise ValueError(f"{total} slots: expected 1 or more")
        self.total = total
        self._free = total
        self._changed = threading.Condition()
        self._holding = threading.local()

    @contextmanager
    def hold_all(self) -> Iterator[None]:
        """Holds every slot: nothing else is under way. What the same thread holds within is among them."""
        with self.hold(self.total):
            self._holding.all = True
            try:
                yield
            finally:
                self._holding.all = False

    @contextmanager
    def hold(self, count: int = 1) -> Iterator[None]:
        """Holds `count` slots (at most all there are), taken at once, so that two groups cannot block one another."""
        if getattr(self._holding, "all", False):
            yield
            return
        count = min(count, self.total)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= count)
            self._free -= count
        try:
            yield
        finally:
            with self._changed:
                self._free += count
                self._changed.notify_all()
