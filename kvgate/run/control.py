"""What the control was answered whenever it was asked: before anything else, after faults, and before other questions.

Nobody waits for these answers to be right, but each is an answer to a question whose state is known. They are judged
with the control's own case: a server that answers its first questions wrongly is not to be green.
"""

from __future__ import annotations

import threading
from dataclasses import replace

from kvgate.case import Case
from kvgate.wire.exchange import Exchange

# So many at most, of each control: they differ in their bytes, by the date alone as a rule.
MOST = 64


class ControlAnswers:
    """The different answers that each control got, in order; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[bytes, Exchange]] = {}

    def hear(self, case: Case, exchange: Exchange) -> None:
        """Keeps an answer to the question of a control, unless it is one that is there already."""
        if exchange.response is None or exchange.fault is not None:
            # What became of it is looked into by asking once more.
            return
        with self._lock:
            kept = self._kept.setdefault(case.asks[0].target, {})
            if exchange.raw in kept or len(kept) == MOST:
                return
            kept[exchange.raw] = replace(exchange, label=f"as-control-{len(kept) + 1}")

    def of(self, case: Case) -> tuple[Exchange, ...]:
        """The answers to a control."""
        with self._lock:
            return tuple(self._kept.get(case.asks[0].target, {}).values())
