"""Whether the interface is still there: asked once before anything is judged, and again after every fault.

A fault of one request is the server's own only while the control case is still answered; when that is not, the
surroundings failed and nothing is held against the server.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from kvgate.run.stop import Stop
from kvgate.seeding.reason import redirected
from kvgate.verdict.evidence import SURROUNDINGS
from kvgate.wire.exchange import Exchange, FaultKind
from kvgate.wire.headers import Headers

# This many requests that run into a limit say enough: the others would each cost as much time, or memory, again.
TIMEOUTS_ALLOWED = TOO_LARGE_ALLOWED = 16
_ALLOWED = {
    FaultKind.TIMEOUT: (TIMEOUTS_ALLOWED, "requests ran into the time limit"),
    FaultKind.TOO_LARGE: (TOO_LARGE_ALLOWED, "answers were beyond the size limit"),
}
# The pages say nothing of these: a server that never answers them is asked all the rest.
_UNTOLD = frozenset({"HEAD", "OPTIONS"})
# Answers are kept until the end of the run, for the reports; counted is what they take in memory. Those of a server
# that adds little to the values come to a third of it, of one that escapes every character to less than all.
BYTES_ALLOWED = 80 * 2**20
# What was received of them in all, kept or not: it takes time. No honest server's come to half as much. Answers beyond
# the size limit are counted by themselves.
VOLUME_ALLOWED = 256 * 2**20
PAUSES = (0.0, 0.3, 1.0)  # seconds before each try at the control
# Another try would tell nothing new, or cost another time limit.
_FINAL = frozenset({FaultKind.TIMEOUT, FaultKind.CONNECT_TIMEOUT, FaultKind.CANCELLED})

AskControl = Callable[[], Sequence[Exchange]]


EXCHANGE_COST = 1024  # bytes that an exchange takes besides what was received


def size_of(exchange: Exchange) -> int:
    """The bytes that an exchange takes in memory: what was received stands in it raw, and once more as read."""
    size, response = EXCHANGE_COST + len(exchange.raw), exchange.response
    if response is None:
        return size
    heads = (Headers.of(response.headers), Headers.of(response.trailers))
    return size + len(response.body) + sum(len(head.text) for head in heads) + len(response.excess)


def control_trouble(exchanges: Sequence[Exchange], statuses: Sequence[int], *, wrote: bool = True) -> str | None:
    """Why the control questions do not count as answered, in one line, or None when they do.

    `wrote` is False where somebody else was to put the state in place.
    """
    for exchange in exchanges:
        status = exchange.response.status if exchange.response is not None else None
        if status in statuses:
            continue
        where = f"{exchange.request.method} {exchange.origin}{exchange.request.target}"
        if status is None:
            fault = exchange.fault.message if exchange.fault else "nothing came back"
            return f"the control question got no answer: {fault} ({where})"
        if status in SURROUNDINGS:
            return f"the control question was answered {status}{_hint(status)} ({where})"
        wanted = " or ".join(str(each) for each in statuses)
        asked = "is this the interface?" if wrote else "is this the interface, and the state loaded under the mark?"
        return f"the control question was answered {status}{redirected(exchange)}, not {wanted}: {asked} ({where})"
    return None


def speaks(exchange: Exchange) -> bool:
    """Whether the interface answered, and not what stands before it."""
    return exchange.response is not None and exchange.response.status not in SURROUNDINGS


def _hint(status: int) -> str:
    if status == 401:
        return ": credentials are asked for (set auth in the target file)"
    if status in (403, 407):
        return ": access is refused"
    if status == 429:
        return ": too many requests (lower concurrency)"
    return ": a proxy or the server says that it is not available"


class Health:
    """Watches over one interface during a run. Thread-safe."""

    def __init__(
        self,
        ask_control: AskControl,
        statuses: Sequence[int],
        stop: Stop,
        *,
        wrote: bool = True,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._ask_control = ask_control
        self._statuses = tuple(statuses)
        self._stop = stop
        self._wrote = wrote
        self._pauses = tuple(pauses)
        self._lock = threading.Lock()
        self._seen_well = 0.0
        self._faults: Counter[FaultKind] = Counter()
        self._bytes = self._volume = 0
        self._sizes: dict[int, int] = {}  # by the id of an exchange that somebody keeps
        self._gone: str | None = None
        self._otherwise = False
        self._spent: str | None = None
        self._slow_seedings: Counter[str | None] = Counter()

    @property
    def down(self) -> str | None:
        """Why nothing more is asked, in one line; None while all is well."""
        return self._gone or self._spent

    @property
    def otherwise(self) -> bool:
        """Whether the control was answered last, and not as the interface answers it."""
        return self._otherwise

    def first(self, *, patiently: bool = True) -> str | None:
        """Asks the control before anything is judged, up to three times unless it hangs; the trouble, or None.

        Once where not `patiently`.
        """
        with self._lock:
            self._gone = self._trouble(self._pauses if patiently else (0.0,))
            return self._gone

    def after(self, exchange: Exchange, ended: float) -> bool:
        """Whether an exchange that ended then (monotonic seconds) may be judged; asks the control after a fault."""
        if exchange.fault is None:
            return True
        with self._lock:
            if self._gone is not None:
                return False
            if self._seen_well < ended:
                trouble = self._trouble(self._pauses)
                if trouble is not None:
                    cause = exchange.fault.message
                    self._gone = f"the server stopped answering during the run ({cause}); {trouble}"
                    return False
            if exchange.request.method not in _UNTOLD:
                self._count(exchange.fault.kind)
            return True

    def keep(self, exchange: Exchange, shared: int = 0) -> None:
        """Counts what an exchange that is kept takes in memory, but for so many bytes that are held by others too."""
        with self._lock:
            self._sizes[id(exchange)] = size = size_of(exchange) - shared
            self._bytes += size
            if exchange.fault is None or exchange.fault.kind is not FaultKind.TOO_LARGE:
                self._volume += exchange.raw_length
            if self._volume > VOLUME_ALLOWED and self._spent is None:
                self._spent = f"{VOLUME_ALLOWED} bytes of answers were received; the rest was not asked"
            if self._bytes > BYTES_ALLOWED and self._spent is None:
                self._spent = (
                    f"the answers came to more than {BYTES_ALLOWED} bytes; the rest was not asked:"
                    " ask in parts, by several workers (-n 2) or some cases at a time"
                )

    def let_go(self, exchange: Exchange) -> None:
        """Counts an exchange no more, since it is not kept any longer."""
        with self._lock:
            self._bytes -= self._sizes.pop(id(exchange), 0)

    def after_seeding(self, seconds: float, limit: float, where: str | None) -> None:
        """Counts a write or a reading back that failed after so many seconds, when that is a time limit.

        `where` is the place whose doing it is, as in NotInPlace.
        """
        if seconds >= limit:
            with self._lock:
                self._slow_seedings[where] += 1

    def no_seeding(self, places: Callable[[], Collection[str]]) -> str | None:
        """Why no more is written to these places or read back from them (base URLs), in one line; None while it is."""
        with self._lock:
            spent = [where for where, count in self._slow_seedings.items() if count >= TIMEOUTS_ALLOWED]
        if not spent:
            return None
        many = f"{TIMEOUTS_ALLOWED} cases could not be written or read back in time"
        if None in spent:
            return f"{many}; the rest was left"
        near = places()
        return next((f"{many} on {where}; the rest was left" for where in spent if where in near), None)

    def _count(self, kind: FaultKind) -> None:
        self._faults[kind] += 1
        allowed, what = _ALLOWED.get(kind, (0, ""))
        if self._faults[kind] == allowed:
            self._spent = f"{allowed} {what}; the rest was not asked"

    def _trouble(self, pauses: Sequence[float]) -> str | None:
        """Asks the control until it is answered, after so many seconds each; why it was not, or None."""
        trouble: str | None = None
        for pause in pauses:
            self._stop.event.wait(pause)
            exchanges = self._ask_control()
            self._otherwise = all(map(speaks, exchanges))
            trouble = control_trouble(exchanges, self._statuses, wrote=self._wrote)
            if trouble is None:
                self._seen_well = time.monotonic()
                return None
            if any(exchange.fault is not None and exchange.fault.kind in _FINAL for exchange in exchanges):
                break
        return trouble
