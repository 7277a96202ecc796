"""HTTP/1.x messages: requests out of bytes, responses as values. No I/O here.

`RequestParser` is fed what a connection delivers and hands out whole requests in order, or raises `Refusal` with the
status that a correct server answers before it closes (RFC 9112).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_to_bytes

Pair = tuple[str, str]
Framing = Literal["length", "chunked", "close"]

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105  (RFC 9110's word for a name, not a secret)
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([\x21-\x7e\x80-\xff]+) HTTP/([0-9])\.([0-9])")
_HEADER_LINE = re.compile(rf"({_TOKEN}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")
_ABSOLUTE_FORM = re.compile(r"https?://[^/?]*", re.IGNORECASE)

_LONGEST_CHUNK_LINE = 1024


class Refusal(Exception):
    """The bytes are no request this server takes: answer `status` and close."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One whole request. Text is latin-1, so that each character is one byte as sent; `body` is without its framing.

    `connection` numbers the connection within its server, `sequence` the request on it, both from 1. `reads` is how
    many times bytes arrived until it was whole.
    """

    method: str
    target: str
    version: tuple[int, int]
    headers: tuple[Pair, ...]
    body: bytes = b""
    connection: int = 0
    sequence: int = 0
    reads: int = 1

    @property
    def path(self) -> str:
        """The path as sent, not decoded; the authority of an absolute-form target is dropped."""
        return _ABSOLUTE_FORM.sub("", self.target, count=1).partition("?")[0] or "/"

    @property
    def query(self) -> str:
        """What follows the first `?`, as sent, without it."""
        return self.target.partition("?")[2]

    @property
    def parameters(self) -> tuple[Pair, ...]:
        """Names and values of the query in order, as sent, not decoded."""
        pairs = (part.partition("=") for part in self.query.split("&") if part)
        return tuple((name, value) for name, _, value in pairs)

    def parameter(self, name: str) -> str | None:
        """The first value sent under `name` in the query, as sent, or None."""
        return next((value for given, value in self.parameters if given == name), None)

    def header(self, name: str) -> str | None:
        """The values sent under `name`, joined by a comma, or None; names compare without regard to case."""
        wanted = name.lower()
        values = [value for given, value in self.headers if given.lower() == wanted]
        return ", ".join(values) if values else None

    @property
    def keep_alive(self) -> bool:
        """True when the client lets the connection stay open (RFC 9112, 9.3)."""
        given = self.header("Connection")
        options = {option.strip().lower() for option in given.split(",")} if given else set()
        if self.version == (1, 0):
            return "keep-alive" in options
        return "close" not in options


@dataclass(frozen=True, slots=True)
class Response:
    """What to answer. `headers` go out as they stand, in order, each encoded as latin-1.

    The framing headers that `framing` needs are added when the response is encoded, unless `headers` names them: a
    Content-Length that lies is a header here.
    """

    status: int
    reason: str
    headers: tuple[Pair, ...] = ()
    body: bytes = b""
    framing: Framing = "length"

    def names(self) -> set[str]:
        """The names of the headers in lower case."""
        return {name.lower() for name, _ in self.headers}


@dataclass(slots=True)
class _Head:
    """A request whose body is still arriving: `length` bytes, or chunks when it is None."""

    method: str
    target: str
    version: tuple[int, int]
    headers: tuple[Pair, ...]
    length: int | None
    expects_continue: bool


class RequestParser:
    """Cuts the bytes of one connection into requests.

    `max_head` bounds request line plus headers (431, or 414 while the line itself is unfinished), `max_body` the body
    (413), `max_target` the request target (414), all in bytes.
    """

    def __init__(self, *, max_head: int = 65_536, max_body: int = 67_108_864, max_target: int | None = None) -> None:
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._chunks: list[bytes] = []
        self._chunks_length = 0
        self._in_trailers = False
        self._max_head = max_head
        self._max_body = max_body
        self._max_target = max_target

    def feed(self, data: bytes) -> None:
        """Take what the connection delivered."""
        self._buffer += data

    @property
    def buffered(self) -> int:
        """How many bytes wait to be cut into requests."""
        return len(self._buffer)

    def take_continue(self) -> bool:
        """True once for a request that waits for `100 Continue` before it sends its body."""
        if self._head is None or not self._head.expects_continue:
            return False
        self._head.expects_continue = False
        return True

    def next_request(self) -> Request | None:
        """The next whole request, or None until more bytes come. Raises Refusal."""
        if self._head is None:
            self._head = self._read_head()
            if self._head is None:
                return None
        head = self._head
        body = self._read_chunks() if head.length is None else self._read_length(head.length)
        if body is None:
            return None
        self._head = None
        return Request(head.method, head.target, head.version, head.headers, body)

    def _read_head(self) -> _Head | None:
        buffer = self._buffer
        while buffer.startswith(b"\r\n"):  # RFC 9112, 2.2: an empty line before the request line is ignored
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n")
        if end < 0 or end > self._max_head:
            self._check_unfinished_head()
            return None
        lines = buffer[:end].decode("latin-1").split("\r\n")
        del buffer[: end + 4]
        method, target, version = self._request_line(lines[0])
        headers = tuple(map(_header_line, lines[1:]))
        return self._frame(method, target, version, headers)

    def _check_unfinished_head(self) -> None:
        buffer = self._buffer
        line_end = buffer.find(b"\n")
        if line_end >= 0:
            # Garbage is refused at its first line: waiting for an empty line that never comes would hang the peer.
            self._request_line(buffer[:line_end].decode("latin-1").removesuffix("\r"))
            if b"\n\n" in buffer:
                raise Refusal(400, "lines end with a bare line feed")
        if len(buffer) > self._max_head:
            raise Refusal(414 if line_end < 0 else 431, f"more than {self._max_head} bytes of request line and headers")

    def _request_line(self, line: str) -> tuple[str, str, tuple[int, int]]:
        match = _REQUEST_LINE.fullmatch(line)
        if match is None:
            raise Refusal(400, "the first line is not an HTTP request line")
        method, target, major, minor = match.groups()
        if major != "1":
            raise Refusal(505, f"HTTP/{major}.{minor} is not spoken here")
        if self._max_target is not None and len(target) > self._max_target:
            raise Refusal(414, f"the request target has more than {self._max_target} bytes")
        return method, target, (1, min(int(minor), 1))

    def _frame(self, method: str, target: str, version: tuple[int, int], headers: tuple[Pair, ...]) -> _Head:
        found: dict[str, list[str]] = {}
        for name, value in headers:
            found.setdefault(name.lower(), []).append(value)
        if version == (1, 1) and len(found.get("host", ())) != 1:
            raise Refusal(400, "an HTTP/1.1 request has exactly one Host header")
        length: int | None = 0
        if coding := found.get("transfer-encoding"):
            if "content-length" in found or version == (1, 0):
                raise Refusal(400, "Transfer-Encoding beside Content-Length, or in HTTP/1.0")
            if ",".join(coding).strip().lower() != "chunked":
                raise Refusal(501, "the only transfer coding understood is chunked")
            length = None
        elif lengths := found.get("content-length"):
            length = _content_length(lengths)
            if length > self._max_body:
                raise Refusal(413, f"a body may have {self._max_body} bytes")
        expectation = ",".join(found.get("expect", ())).strip().lower()
        if expectation and expectation != "100-continue":
            raise Refusal(417, "the only expectation understood is 100-continue")
        expects = bool(expectation) and version == (1, 1) and length != 0
        return _Head(method, target, version, headers, length, expects)

    def _read_length(self, length: int) -> bytes | None:
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body

    def _read_chunks(self) -> bytes | None:
        buffer = self._buffer
        while not self._in_trailers:
            line_end = buffer.find(b"\r\n", 0, _LONGEST_CHUNK_LINE)
            if line_end < 0:
                if len(buffer) >= _LONGEST_CHUNK_LINE or b"\n" in buffer:
                    raise Refusal(400, "a chunk size line that does not end")
                return None
            match = _CHUNK_SIZE.fullmatch(buffer[:line_end])
            if match is None:
                raise Refusal(400, "a chunk size that is not a hexadecimal number")
            size = int(match[1], 16)
            if self._chunks_length + size > self._max_body:
                raise Refusal(413, f"a body may have {self._max_body} bytes")
            if size == 0:
                del buffer[: line_end + 2]
                self._in_trailers = True
                break
            start, end = line_end + 2, line_end + 2 + size
            if len(buffer) < end + 2:
                return None
            if buffer[end : end + 2] != b"\r\n":
                raise Refusal(400, "a chunk that does not end where its size says")
            self._chunks.append(bytes(buffer[start:end]))
            self._chunks_length += size
            del buffer[: end + 2]
        return self._end_of_chunks()

    def _end_of_chunks(self) -> bytes | None:
        buffer = self._buffer
        if buffer.startswith(b"\r\n"):
            del buffer[:2]
        else:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(buffer) > self._max_head:
                    raise Refusal(431, f"more than {self._max_head} bytes of trailers")
                return None
            for line in buffer[:end].decode("latin-1").split("\r\n"):
                _header_line(line)
            del buffer[: end + 4]
        body = b"".join(self._chunks)
        self._chunks, self._chunks_length, self._in_trailers = [], 0, False
        return body


def _header_line(line: str) -> Pair:
    match = _HEADER_LINE.fullmatch(line)
    if match is None:
        raise Refusal(400, "a header line that is not name, colon, value")
    return match[1], match[2].rstrip(" \t")


def _content_length(values: list[str]) -> int:
    first = values[0]
    # 18 digits are beyond any body that can be sent, and keep int() out of its own limit.
    if any(value != first for value in values) or not (first.isascii() and first.isdigit()) or len(first) > 18:
        raise Refusal(400, "Content-Length is not one decimal number")
    return int(first)


def decode_percent(text: str) -> bytes:
    """The bytes that percent-encoded `text` (latin-1) stands for; `+` is a plus, a broken `%` is itself."""
    return unquote_to_bytes(text.encode("latin-1"))
