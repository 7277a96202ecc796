"""What was sent and what came back, as frozen values of bytes.

`exchange.response` is None when no complete response head arrived; `exchange.fault` says what went wrong on the
connection or in the framing, and both may be present (a head with half a body has a response *and* a fault).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kvgate.wire.headers import Header, Headers


class FaultKind(StrEnum):
    """Where an exchange went wrong. The first group says nothing about the interface, the second is an answer."""

    # No connection to the interface: surroundings.
    DNS = "dns"
    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect-timeout"
    TLS = "tls"
    CANCELLED = "cancelled"
    # The server accepted the connection and then did this.
    EMPTY = "empty"  # closed without one byte
    RESET = "reset"  # reset, or a write failed
    TIMEOUT = "timeout"  # the total or the read time limit passed
    TRUNCATED = "truncated"  # closed before the head or the announced body was complete
    GARBAGE = "garbage"  # not an HTTP/1.x response head
    FRAMING = "framing"  # bad or contradictory Content-Length / Transfer-Encoding / chunk
    TOO_LARGE = "too-large"  # head or body beyond the size limit


UNREACHABLE = frozenset(
    {FaultKind.DNS, FaultKind.REFUSED, FaultKind.CONNECT_TIMEOUT, FaultKind.TLS, FaultKind.CANCELLED}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong, said in one line fit for a person."""

    kind: FaultKind
    message: str

    @property
    def unreachable(self) -> bool:
        """True when no connection to the server came about at all."""
        return self.kind in UNREACHABLE


class HangUp(StrEnum):
    """How a client ends a connection before it has its answer: as one whose program ends does, or at once."""

    CLOSE = "close"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `target` is the request target exactly as it goes on the wire, ASCII (percent-encoded).

    `headers` come after Host and User-Agent, which the wire adds unless they are given. Authorization is never
    here: the client adds it, and the exchange's `request` does not show it. With `pieces` the head goes out in pieces.
    `connection` names the kept-alive connection on which other requests went before or after, `together` those that
    were sent at the same time: whoever asks sees to both, and here they are for the reports. With `hangs_up` the client
    ends the connection as soon as the request is out, and reads no answer. `without` names headers that the wire would
    add, and is not to.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    pieces: bool = False
    connection: str | None = None
    together: str | None = None
    hangs_up: HangUp | None = None
    without: tuple[str, ...] = ()

    @property
    def alone(self) -> Request:
        """The same bytes in one go, on a connection of their own, at a time of their own."""
        return replace(self, pieces=False, connection=None, together=None, hangs_up=None)


@dataclass(frozen=True, slots=True)
class Response:
    """A final response read off the bytes, nothing decoded but the chunked framing.

    `body` holds at most the kept number of bytes; `body_length` is the true number. `framing` is one of
    "length", "chunked", "close", "none". `excess` is what came after the body on the connection (kept: 4 KiB).
    `informational` are the raw heads of 1xx answers that came before.
    """

    http_version: str
    status: int
    reason: bytes
    headers: Sequence[Header]
    body: bytes
    body_length: int
    framing: str
    excess: bytes = b""
    trailers: Sequence[Header] = ()
    informational: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Keeps headers and trailers in the way that costs least."""
        object.__setattr__(self, "headers", Headers.of(self.headers))
        object.__setattr__(self, "trailers", Headers.of(self.trailers))

    def all(self, name: str) -> tuple[bytes, ...]:
        """Every value sent under `name`, in order; names compare without regard to case."""
        return Headers.of(self.headers).all(name.lower().encode("ascii"))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and everything that came of it.

    `origin` is scheme://host:port without credentials. `raw` are the bytes received, at most the kept number.
    `began` is seconds since the epoch, `seconds` how long it took, `connection` names the connection that carried it.
    """

    label: str
    origin: str
    request: Request
    response: Response | None
    fault: Fault | None
    raw: bytes
    raw_length: int
    began: float
    seconds: float
    connection: str
