"""An answer as a check reads it: status, headers by name, body, all as sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kvgate.verdict.model import Breach, FaultElsewhere
from kvgate.wire.exchange import Exchange, FaultKind, Response
from kvgate.wire.head import is_farewell
from kvgate.wire.text import visible

_INCOMPLETE = frozenset({FaultKind.TRUNCATED, FaultKind.TIMEOUT, FaultKind.RESET, FaultKind.TOO_LARGE})
# What clients take off unasked; anything else under Content-Encoding they leave alone.
_CODINGS = frozenset({b"gzip", b"x-gzip", b"deflate", b"br", b"zstd", b"compress", b"x-compress"})
_DIGITS = re.compile(rb"[0-9]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A final response with its exchange."""

    exchange: Exchange
    response: Response

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status

    @property
    def body(self) -> bytes:
        """The body as sent, chunked framing taken off. Raises NotApplicable when it did not arrive whole."""
        fault = self.exchange.fault
        if fault is not None and fault.kind in _INCOMPLETE:
            raise FaultElsewhere(f"the body did not arrive whole: {fault.message}")
        return self.response.body

    @property
    def whole(self) -> bool:
        """Whether the body arrived to its end."""
        return self.exchange.fault is None or self.exchange.fault.kind not in _INCOMPLETE

    @property
    def excess(self) -> bytes:
        """What followed the body on the connection, but for the farewell of a server that closes it."""
        excess = self.response.excess
        return b"" if is_farewell(excess) else excess

    def values(self, name: str) -> tuple[bytes, ...]:
        """Every value sent under a header name, in order."""
        return self.response.all(name)

    def has(self, name: str) -> bool:
        """Whether the header was sent at all."""
        return bool(self.response.all(name))

    def sole(self, name: str) -> bytes:
        """The value of a header that has to be sent exactly once. Raises Breach when absent or repeated."""
        values = self.response.all(name)
        if len(values) == 1:
            return values[0]
        if not values:
            raise Breach(f"{name} is not sent", want=f"one {name}", got="none")
        raise Breach(f"{name} is sent {len(values)} times", want=f"one {name}", got=shown_all(name, values))

    def expect_uncoded(self) -> None:
        """Raises Breach when the body is said to be packed: without being asked to, and a client would unpack it."""
        said = [word.strip().lower() for value in self.values("Content-Encoding") for word in value.split(b",")]
        coding = next((word.decode() for word in said if word in _CODINGS), None)
        if coding is not None:
            want = "the body as it is: no coding was asked for"
            raise Breach(f"the body is said to be packed ({coding})", want=want, got=f"Content-Encoding: {coding}")

    def headers(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The headers of these names as JSON Schemas see them: lower case, repeats kept as lists, bytes as latin-1."""
        found = {name: [value.decode("latin-1") for value in self.response.all(name)] for name in names}
        return {name: values for name, values in found.items() if values}


def decimal(text: bytes) -> int | None:
    """The number that decimal digits and nothing else write down, or None. Any number of digits is compared exactly."""
    if not _DIGITS.fullmatch(text):
        return None
    digits = text.lstrip(b"0") or b"0"
    # 4,300 digits are more than int() takes; such a number equals nothing that is expected anywhere.
    return int(digits) if len(digits) <= 1000 else None


def shown_all(name: str, values: tuple[bytes, ...]) -> str:
    """Header lines of one name as one line of text."""
    return "; ".join(f"{name}: {visible(value)}" for value in values)
