"""What a generated case is made of: numbers within bounds, and all else out of them.

Whoever makes a case out of draws sees no more than this, so that every case can be shrunk: a smaller number is always
the simpler choice, the first item of a list the simplest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
DrawNumber = Callable[[int, int], int]


class Draws:
    """The choices that make one case. `number` gives an integer from `low` to `high`, both included."""

    def __init__(self, number: DrawNumber) -> None:
        self._number = number

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`; `low` is the simplest."""
        return low if low == high else self._number(low, high)

    def chance(self, percent: int) -> bool:
        """True about so many times in a hundred; False is the simpler."""
        return self.number(0, 99) >= 100 - percent

    def pick(self, items: Sequence[T]) -> T:
        """One of the items; the first is the simplest. An item that stands there twice comes twice as often."""
        return items[self.number(0, len(items) - 1)]

    def times(self, low: int, high: int, percent: int = 70) -> Iterator[int]:
        """Counts from 0, `low` to `high` times; each turn beyond `low` comes about so many times in a hundred."""
        for turn in range(high):
            if turn >= low and not self.chance(percent):
                return
            yield turn
