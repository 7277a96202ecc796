"""Whether the interface is still there: asked once before anything is judged, and again after every fault.

A fault of one request is the server's own only while the control case is still answered; when that is not, the
surroundings failed and nothing is held against the server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from kvgate.verdict.evidence import SURROUNDINGS
from kvgate.wire.exchange import Exchange, FaultKind

# This many requests that run into the time limit say enough: the others would each cost a time limit more.
TIMEOUTS_ALLOWED = 16
_PAUSES = (0.0, 0.3, 1.0)

AskControl = Callable[[], Sequence[Exchange]]


def control_trouble(exchanges: Sequence[Exchange], statuses: Sequence[int]) -> str | None:
    """Why the control questions do not count as answered, in one line, or None when they do."""
    for exchange in exchanges:
        status = exchange.response.status if exchange.response is not None else None
        if status in statuses:
            continue
        where = f"{exchange.origin}{exchange.request.target}"
        if status is None:
            fault = exchange.fault.message if exchange.fault else "nothing came back"
            return f"the control question got no answer: {fault} (GET {where})"
        if status in SURROUNDINGS:
            return f"the control question was answered {status}{_hint(status)} (GET {where})"
        wanted = " or ".join(str(each) for each in statuses)
        return f"the control question was answered {status}, not {wanted}: is this the interface? (GET {where})"
    return None


def _hint(status: int) -> str:
    if status == 401:
        return ": credentials are asked for (set auth in the target file)"
    if status in (403, 407):
        return ": access is refused"
    if status == 429:
        return ": too many requests (lower concurrency)"
    return ": a proxy or the server says that it is not available"


class Health:
    """Watches over one interface during a run. Thread-safe. `down` is the reason why nothing more is asked, or None."""

    def __init__(self, ask_control: AskControl, statuses: Sequence[int]) -> None:
        self._ask_control = ask_control
        self._statuses = tuple(statuses)
        self._lock = threading.Lock()
        self._seen_well = 0.0
        self._timeouts = 0
        self.down: str | None = None

    def first(self) -> str | None:
        """Asks the control before anything is judged, up to three times unless it hangs; the trouble, or None."""
        trouble: str | None = None
        for pause in _PAUSES:
            time.sleep(pause)
            exchanges = self._ask_control()
            trouble = control_trouble(exchanges, self._statuses)
            if trouble is None:
                self._seen_well = time.monotonic()
                return None
            if any(each.fault is not None and each.fault.kind is FaultKind.TIMEOUT for each in exchanges):
                break
        self.down = trouble
        return trouble

    def after(self, exchange: Exchange, ended: float) -> bool:
        """Whether an exchange that ended then (monotonic seconds) may be judged; asks the control after a fault."""
        if exchange.fault is None:
            return True
        with self._lock:
            if self.down is not None:
                return False
            if exchange.fault.kind is FaultKind.TIMEOUT:
                self._timeouts += 1
            if self._seen_well < ended:
                self._probe(exchange.fault.message)
            if self.down is None and self._timeouts >= TIMEOUTS_ALLOWED:
                self.down = f"{self._timeouts} requests ran into the time limit; the rest was not asked"
                return True
            return self.down is None

    def _probe(self, cause: str) -> None:
        trouble: str | None = None
        for pause in _PAUSES:
            time.sleep(pause)
            exchanges = self._ask_control()
            trouble = control_trouble(exchanges, self._statuses)
            if trouble is None:
                self._seen_well = time.monotonic()
                return
            if any(each.fault is not None and each.fault.kind is FaultKind.CANCELLED for each in exchanges):
                break
        self.down = f"the server stopped answering during the run ({cause}); {trouble}"
