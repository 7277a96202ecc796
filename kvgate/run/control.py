"""What the control was answered whenever it was asked: before anything else, after faults, and before other questions.

Nobody waits for these answers to be right, but each is an answer to a question whose state is known. They are judged
with the control's own case: a server that answers its first questions wrongly is not to be green.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from kvgate.case import Case
from kvgate.wire.exchange import Exchange

MOST = 64  # of each control
_DATE = re.compile(rb"\r\ndate:[^\r\n]*", re.IGNORECASE)


class ControlAnswers:
    """The different answers that each control got, in order; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[bytes, Exchange]] = {}

    def hear(self, case: Case, exchange: Exchange) -> None:
        """Keeps an answer to the question of a control, unless one is there that is the same but for its date."""
        if exchange.response is None or exchange.fault is not None:
            # What became of it is looked into by asking once more.
            return
        said = _DATE.sub(b"", exchange.raw, count=1)
        with self._lock:
            kept = self._kept.setdefault(case.asks[0].target, {})
            if said in kept or len(kept) == MOST:
                return
            kept[said] = replace(exchange, label=f"as-control-{len(kept) + 1}")

    def of(self, case: Case) -> tuple[Exchange, ...]:
        """The answers to a control."""
        with self._lock:
            return tuple(self._kept.get(case.asks[0].target, {}).values())
