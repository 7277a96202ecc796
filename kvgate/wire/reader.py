"""Reads an HTTP/1.x answer from bytes: bytes in, one frozen Response and at most one Fault out.

No I/O and no clock here, and no exception for anything a server sends. Whatever ends the reading early from outside
(a reset, a time limit) comes in through `stop()`. What a right answer is, is not known here: a gzipped body stays
gzipped, two equal Content-Length lines stay two.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from kvgate.wire.exchange import Fault, FaultKind, Response
from kvgate.wire.head import (
    BEYOND_COUNTING,
    Framing,
    StatusLine,
    framing_of,
    may_begin_status_line,
    read_headers,
    read_status_line,
)
from kvgate.wire.headers import Header
from kvgate.wire.settings import Limits
from kvgate.wire.text import visible

MAX_HEAD_BYTES = 256 * 1024  # all heads of one answer together, 1xx and trailers included
MAX_HEAD_LINES = 2000
MAX_CHUNK_LINE = 16 * 1024
CUT_KEPT = 16 * 1024  # bytes of a body that is not kept whole: as many as there are questions have to fit into memory
EXCESS_KEPT = 4096

_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;.*)?", re.DOTALL)
_SHOWN = 80


class ResponseReader:
    """Reads one final answer to a request of `method`, and the 1xx answers before it.

    Feed it until `complete`; what is fed after that is `excess`. `result()` can be asked for at any time.
    """

    def __init__(self, method: str, limits: Limits = Limits()) -> None:  # noqa: B008 - a frozen value
        self.complete = False
        self._failed = False
        self._method = method
        self._limits = limits
        # A method of its own would keep the reader, and with it the body, until the collector comes.
        self._step: Callable[[ResponseReader], bool] = ResponseReader._read_head_line
        self._pending = bytearray()
        self._scanned = 0
        self._fault: Fault | None = None
        self._received = 0

        self._head_bytes = 0
        self._head_lines = 0
        self._head = bytearray()
        self._lines: list[bytes] = []
        self._informational: list[bytes] = []
        self._status: StatusLine | None = None
        self._headers: tuple[Header, ...] = ()
        self._trailers: tuple[Header, ...] = ()

        self._framing = Framing("none")
        self._missing = 0
        self._body = io.BytesIO()
        self._body_length = 0
        self._excess = bytearray()

    @property
    def head_length(self) -> int:
        """Bytes of all heads read so far."""
        return self._head_bytes

    @property
    def received(self) -> int:
        """Bytes fed so far."""
        return self._received

    @property
    def excess_length(self) -> int:
        """Bytes kept of what came after the body."""
        return len(self._excess)

    @property
    def failed(self) -> bool:
        """True when reading ended before the end of the answer, so that what follows means nothing."""
        return self._failed

    @property
    def astray(self) -> bool:
        """True while a body is read whose end cannot be known because of a fault: silence may be taken for its end."""
        return self._framing.astray and not self.complete

    @property
    def reusable(self) -> bool:
        """True when the next answer on this connection can be told from this one."""
        return self.complete and self._fault is None and self._framing.kind != "close" and not self._excess

    @property
    def status_line(self) -> StatusLine | None:
        """The status line of the final answer, once its head is complete."""
        return self._status

    @property
    def headers(self) -> tuple[Header, ...]:
        """The headers of the final answer, once its head is complete."""
        return self._headers

    def feed(self, data: bytes) -> None:
        """Take in the next bytes from the server."""
        self._received += len(data)
        self._pending += data
        while not self.complete and self._step(self):
            pass
        if self.complete:
            self._spill()

    def close(self) -> None:
        """Take in that the server closed the connection."""
        if self.complete:
            return
        if not self._received:
            self._end(FaultKind.EMPTY, "closed without sending one byte")
        elif self._status is None or self._framing.kind != "close":
            self._end(FaultKind.TRUNCATED, f"closed after {self.progress()}")
        self.complete = True

    def stop(self, fault: Fault) -> None:
        """End the reading for a reason outside of the bytes; without effect on a complete answer."""
        if not self.complete:
            self._fault = self._fault or fault
            self._failed = self.complete = True

    def note(self, fault: Fault) -> None:
        """Record a fault that does not end the reading; the first one found counts."""
        self._fault = self._fault or fault

    def progress(self) -> str:
        """Say how far the answer has come: '120 of 512 bytes of the body'."""
        if self._status is None:
            interim = f" (and {len(self._informational)} interim answers)" if self._informational else ""
            return f"{len(self._head) + len(self._pending)} bytes of an unfinished head{interim}"
        if self._framing.kind == "length":
            return f"{self._body_length} of {self._framing.length} bytes of the body"
        if self._framing.kind == "chunked":
            return f"{self._body_length} bytes of a chunked body, before its end"
        return f"{self._body_length} bytes of a body that ends with the connection"

    def result(self) -> tuple[Response | None, Fault | None]:
        """Return what has been read so far: the response once its head was complete, and the first fault found."""
        if self._status is None:
            return None, self._fault
        response = Response(
            http_version=self._status.http_version,
            status=self._status.status,
            reason=self._status.reason,
            headers=self._headers,
            body=self._body.getvalue(),
            body_length=self._body_length,
            framing=self._framing.kind,
            excess=bytes(self._excess),
            trailers=self._trailers,
            informational=tuple(self._informational),
        )
        return response, self._fault

    # Each step takes what it can from the pending bytes, and says whether the next step can go on at once.

    def _read_head_line(self) -> bool:
        if not self._head and not may_begin_status_line(bytes(self._pending[:7])):
            return self._end(FaultKind.GARBAGE, f"not an HTTP/1.x answer: {self._glimpse()}")
        line = self._take_head_line()
        if line is None:
            return False
        if line:
            self._lines.append(line)
            return not self.complete
        return self._read_head()

    def _read_head(self) -> bool:
        status = read_status_line(self._lines[0])
        if status is None:
            return self._end(FaultKind.GARBAGE, f"not an HTTP/1.x status line: {visible(self._lines[0], _SHOWN)}")
        headers, problem = read_headers(self._lines[1:])
        self._note(FaultKind.GARBAGE, status.problem or problem)
        head = bytes(self._head)
        self._lines.clear()
        self._head.clear()
        if status.status < 200:
            self._informational.append(head)
            if status.status != 101:
                return True
        self._status, self._headers = status, headers
        if status.status == 101:
            return self._end(FaultKind.FRAMING, "101 Switching Protocols, though no other protocol was asked for")
        framing = framing_of(self._method, status, headers)
        self._note(FaultKind.FRAMING, framing.problem)
        if problem and framing.kind == "close":
            # The bad line may be the one that told the length.
            framing = Framing("close", astray=True)
        self._framing, self._missing = framing, framing.length
        self._step = ResponseReader._read_chunk_size if framing.kind == "chunked" else ResponseReader._read_body
        if framing.kind == "none" or (framing.kind == "length" and framing.length == 0):
            return self._finish()
        return True

    def _read_body(self) -> bool:
        bounded = self._framing.kind == "length"
        length = min(self._missing, len(self._pending)) if bounded else len(self._pending)
        if not self._keep(length):
            return False
        self._missing -= length
        return self._finish() if bounded and self._missing == 0 else False

    def _read_chunk_size(self) -> bool:
        line = self._take_line()
        if line is None:
            if len(self._pending) > MAX_CHUNK_LINE:
                return self._end(FaultKind.FRAMING, f"a chunk-size line of more than {MAX_CHUNK_LINE} bytes")
            return False
        match = _CHUNK_SIZE.fullmatch(line.removesuffix(b"\n").removesuffix(b"\r"))
        digits = match[1].lstrip(b"0") if match else b""
        if match is None or len(digits) > 16 or int(digits or b"0", 16) >= BEYOND_COUNTING:
            return self._end(FaultKind.FRAMING, f"bad chunk size after {self.progress()}: {visible(line, _SHOWN)}")
        self._missing = int(digits or b"0", 16)
        self._step = ResponseReader._read_chunk if self._missing else ResponseReader._read_trailer_line
        return True

    def _read_chunk(self) -> bool:
        length = min(self._missing, len(self._pending))
        if not self._keep(length):
            return False
        self._missing -= length
        if self._missing == 0:
            self._step = ResponseReader._read_chunk_end
        return bool(self._pending)

    def _read_chunk_end(self) -> bool:
        pending = bytes(self._pending[:2])
        if pending in {b"", b"\r"}:
            return False
        if not pending.startswith((b"\r\n", b"\n")):
            return self._end(FaultKind.FRAMING, f"a chunk is not closed by CRLF but followed by {self._glimpse()}")
        del self._pending[: 1 if pending.startswith(b"\n") else 2]
        self._step = ResponseReader._read_chunk_size
        return True

    def _read_trailer_line(self) -> bool:
        line = self._take_head_line()
        if line is None:
            return False
        if line:
            self._lines.append(line)
            return not self.complete
        self._trailers, problem = read_headers(self._lines)
        self._note(FaultKind.GARBAGE, problem and f"in the trailers: {problem}")
        return self._finish()

    def _take_head_line(self) -> bytes | None:
        """Take one line of a head without its line end; None when there is none yet, or the head is too large."""
        line = self._take_line()
        seen = self._head_bytes + (len(self._pending) if line is None else len(line))
        if seen > MAX_HEAD_BYTES or self._head_lines >= MAX_HEAD_LINES:
            bound = f"{MAX_HEAD_BYTES} bytes" if seen > MAX_HEAD_BYTES else f"{MAX_HEAD_LINES} lines"
            self._end(FaultKind.TOO_LARGE, f"the head of the answer has more than {bound}")
            return None
        if line is None:
            return None
        self._head_bytes = seen
        self._head_lines += 1
        if self._status is None:
            self._head += line
        return line.removesuffix(b"\n").removesuffix(b"\r")

    def _take_line(self) -> bytes | None:
        end = self._pending.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._pending)
            return None
        line = bytes(self._pending[: end + 1])
        del self._pending[: end + 1]
        self._scanned = 0
        return line

    def _keep(self, length: int) -> bool:
        """Move `length` pending bytes to the body; False when the body is too large with them."""
        whole = self._body_length <= self._limits.keep_bytes
        if whole:
            self._body.write(self._pending[: min(length, self._limits.keep_bytes - self._body_length)])
        self._body_length += length
        del self._pending[:length]
        if whole and self._body_length > self._limits.keep_bytes:
            self._body.truncate(CUT_KEPT)
        if self._body_length > self._limits.max_bytes:
            self._end(FaultKind.TOO_LARGE, f"a body of more than {self._limits.max_bytes} bytes")
            return False
        return True

    def _spill(self) -> None:
        """Move what came after the answer to the excess; what follows where reading failed is nobody's."""
        if not self._failed:
            self._excess += self._pending[: EXCESS_KEPT - len(self._excess)]
        self._pending.clear()

    def _glimpse(self) -> str:
        return visible(bytes(self._pending[:_SHOWN]), _SHOWN)

    def _note(self, kind: FaultKind, problem: str | None) -> None:
        if problem:
            self._fault = self._fault or Fault(kind, problem)

    def _end(self, kind: FaultKind, message: str) -> bool:
        self._note(kind, message)
        self._failed = True
        return self._finish()

    def _finish(self) -> bool:
        self.complete = True
        return False


def read_response(raw: bytes, method: str, *, closed: bool = True) -> tuple[Response | None, Fault | None]:
    """Read recorded bytes of one answer to a request of `method`.

    `closed` says that the server closed the connection after them; otherwise an unfinished answer is a time-out.
    """
    reader = ResponseReader(method)
    reader.feed(raw)
    if closed:
        reader.close()
    elif not reader.complete:
        reader.stop(Fault(FaultKind.TIMEOUT, f"nothing came after {reader.progress()}"))
    return reader.result()
