"""Freedoms in how answers are delimited, sent and followed by others on their connection."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from itertools import cycle, pairwise

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.http import Answer, Connection, Framing, Pair, Request, Response
from kvgate.reference.hustdb import Ha, Node

FREEDOMS = Deviations("get2")
_ALL = "every answer"
_UNSENT = ("get2.length.sent",)


class _Chunked(Ha):
    """An HA whose bodies come in chunks."""

    def framing(self, request: Request, response: Response) -> Framing:
        return super().framing(request, replace(response, framing="chunked"))

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, replace(response, framing="chunked"))


@FREEDOMS.freedom("one-chunk", _ALL, warns=_UNSENT)
class _OneChunk(_Chunked):
    """Sends each body as one chunk."""


@FREEDOMS.freedom("small-chunks", _ALL, warns=_UNSENT)
class _SmallChunks(_Chunked):
    """Sends chunks of seven bytes, of large bodies 4999."""

    def chunks(self, body: bytes) -> Iterable[bytes]:
        size = 7 if len(body) < 10_000 else 4999
        return (body[at : at + size] for at in range(0, len(body), size))


@FREEDOMS.freedom("chunks-of-growing-size", _ALL, warns=_UNSENT)
class _GrowingChunks(_Chunked):
    """Sends chunks of 1, 2, 4, ... bytes."""

    def chunks(self, body: bytes) -> Iterable[bytes]:
        size = 1
        while body:
            yield body[:size]
            body, size = body[size:], size * 2


@FREEDOMS.freedom("chunk-extensions-and-trailers", _ALL, warns=_UNSENT)
class _Extensions(Ha):
    """Sends chunk extensions, sizes with leading zeros in lower case, and a trailer field."""

    def encode(self, request: Request, response: Response) -> bytes:
        if not response.body:
            return super().encode(request, response)
        told = edited(response, plus=(("Transfer-Encoding", "chunked"), ("Trailer", "X-Digest")))
        head, _, body = super().encode(request, told).partition(b"\r\n\r\n")
        half = len(body) // 2
        parts = [part for part in (body[:half], body[half:]) if part]
        chunks = b"".join(b'00%x;part="%d"\r\n%b\r\n' % (len(part), at, part) for at, part in enumerate(parts))
        return head + b"\r\n\r\n" + chunks + b"0;last\r\nX-Digest: none\r\n\r\n"


@FREEDOMS.freedom("close-after-each", _ALL)
class _Close(Ha):
    """Says Connection: close and closes after each answer."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "close"))


@FREEDOMS.freedom("close-unannounced", _ALL)
class _CloseSilently(Ha):
    """Closes after each answer without having said so."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self.encode(request, response))
        connection.close()


@FREEDOMS.freedom("close-after-two", "several requests on one connection")
class _CloseAfterTwo(Ha):
    """Closes a connection after its second answer."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self.encode(request, response))
        if request.sequence == 2:
            connection.close()


@FREEDOMS.freedom(
    "nodes-close-unsaid", "puts that follow each other on one connection", replaces="node", over_http=True
)
class _NodesCloseUnsaid(Node):
    """Has nodes that close a connection after each answer without having said so."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self.encode(request, response))
        connection.close()


@FREEDOMS.freedom("close-when-idle", "several requests on one connection")
class _CloseIdle(Ha):
    """Closes a connection on which nothing came for 20 milliseconds."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self.encode(request, response))
        asyncio.get_running_loop().call_later(0.02, connection.close)


@FREEDOMS.freedom("keep-alive-announced", _ALL)
class _KeepAlive(Ha):
    """Says Connection: Keep-Alive with a time and a number."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "Keep-Alive"), ("Keep-Alive", "timeout=5, max=100"))


@FREEDOMS.freedom("http-1.0", _ALL)
class _Old(Ha):
    """Answers as HTTP/1.0 with a length, and closes."""

    http_version = "HTTP/1.0"

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "close"))


@FREEDOMS.freedom("http-1.0-says-nothing", _ALL)
class _OldSilent(Ha):
    """Answers as HTTP/1.0 with no Connection header, and closes."""

    http_version = "HTTP/1.0"

    def keeps_open(self, request: Request, response: Response) -> bool:
        return False

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, response).replace(b"Connection: close\r\n", b"", 1)


@FREEDOMS.freedom("http-1.0-keep-alive", _ALL)
class _OldKept(Ha):
    """Answers as HTTP/1.0 and keeps the connection open, saying so."""

    http_version = "HTTP/1.0"

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "keep-alive"))


@FREEDOMS.freedom("http-1.0-until-close", _ALL, warns=_UNSENT)
class _OldUntilClose(Ha):
    """Answers as HTTP/1.0 without a length: the body ends with the connection."""

    http_version = "HTTP/1.0"

    def framing(self, request: Request, response: Response) -> Framing:
        return "close"


@FREEDOMS.freedom("until-close", _ALL, warns=_UNSENT)
class _UntilClose(Ha):
    """Answers as HTTP/1.1 without a length: the body ends with the connection."""

    def framing(self, request: Request, response: Response) -> Framing:
        return "close"


class _Interim(Ha):
    """An HA that sends something before the final answer."""

    interim = b""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self.interim + self.encode(request, response))


@FREEDOMS.freedom("early-hints", _ALL)
class _Hints(_Interim):
    """Sends 103 with headers before each answer."""

    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nVersion: 77\r\n\r\n"


@FREEDOMS.freedom("several-interim-answers", _ALL)
class _Several(_Interim):
    """Sends 100 and twice 102 before each answer."""

    interim = b"HTTP/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 102 Processing\r\nX-Step: 1\r\n\r\n" * 2


class _Paced(Ha):
    """An HA that sends its answers in pieces, with pauses in seconds between them."""

    pause = 0.001

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None]:
        return self._send(connection, self.encode(request, response))

    async def _send(self, connection: Connection, data: bytes) -> None:
        for piece in self.pieces(data):
            connection.write(piece)
            await asyncio.sleep(self.pause)

    def pieces(self, data: bytes) -> Iterable[bytes]:
        return (data,)


@FREEDOMS.freedom("drips-the-head", _ALL)
class _Drips(_Paced):
    """Sends the status line byte by byte and the rest of the head in small pieces."""

    def pieces(self, data: bytes) -> Iterable[bytes]:
        end = data.index(b"\r\n\r\n") + 4
        yield from (data[at : at + 1] for at in range(20))
        yield from (data[at : min(at + 23, end)] for at in range(20, end, 23))
        yield data[end:]


@FREEDOMS.freedom("splits-line-ends", _ALL)
class _SplitsLineEnds(_Paced):
    """Splits its packets between CR and LF, and in the middle of the body."""

    def pieces(self, data: bytes) -> Iterable[bytes]:
        head, _, body = data.partition(b"\r\n\r\n")
        half = len(body) // 2
        return (head + b"\r", b"\n", b"\r", b"\n", body[:half], body[half:])


@FREEDOMS.freedom("drips-the-body", _ALL)
class _DripsBody(_Paced):
    """Sends the head alone and the body in six pieces."""

    pause = 0.004

    def pieces(self, data: bytes) -> Iterable[bytes]:
        end = data.index(b"\r\n\r\n") + 4
        size = max(1, -(-(len(data) - end) // 6))
        yield data[:end]
        yield from (data[at : at + size] for at in range(end, len(data), size))


@FREEDOMS.freedom("splits-chunks-anywhere", _ALL, warns=_UNSENT)
class _SplitsChunks(_Chunked, _Paced):
    """Splits its packets within chunk sizes and line ends."""

    def chunks(self, body: bytes) -> Iterable[bytes]:
        size = max(1, -(-len(body) // 4))
        return (body[at : at + size] for at in range(0, len(body), size))

    def pieces(self, data: bytes) -> Iterable[bytes]:
        end = data.index(b"\r\n\r\n") + 4
        yield data[:end]
        rest = data[end:]
        edges = [0, 1, 2, 3, *range(max(3, len(rest) - 6), len(rest) + 1)]
        yield from (rest[start:after] for start, after in pairwise(edges) if after > start)


@FREEDOMS.freedom("slow", _ALL)
class _Slow(_Paced):
    """Thinks for 60 milliseconds before each answer."""

    def get2(self, request: Request) -> Answer:
        return self._later(super().get2(request))

    async def _later(self, answer: Answer) -> Response:
        await asyncio.sleep(0.06)
        return answer if isinstance(answer, Response) else await answer


@FREEDOMS.freedom("slow-in-turn", _ALL)
class _SlowInTurn(_Slow):
    """Thinks for 0, 5, 50 or 200 milliseconds, in turn, so that answers overtake each other."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._waits = cycle((0.0, 0.005, 0.05, 0.2))

    async def _later(self, answer: Answer) -> Response:
        await asyncio.sleep(next(self._waits))
        return answer if isinstance(answer, Response) else await answer


@FREEDOMS.freedom("halts-before-body", _ALL)
class _Halts(_Paced):
    """Waits for 50 milliseconds between head and body."""

    pause = 0.05

    def pieces(self, data: bytes) -> Iterable[bytes]:
        end = data.index(b"\r\n\r\n") + 4
        return (data[:end], data[end:]) if len(data) > end else (data,)


@FREEDOMS.freedom("old-slow-proxy", _ALL, warns=_UNSENT)
class _OldProxy(_Paced):
    """Combines: HTTP/1.0 until close, 103 first, dripping, no Server, no Date."""

    http_version = "HTTP/1.0"

    def common_headers(self) -> tuple[Pair, ...]:
        return (("Via", "1.0 old"),)

    def framing(self, request: Request, response: Response) -> Framing:
        return "close"

    def pieces(self, data: bytes) -> Iterable[bytes]:
        return (b"HTTP/1.1 103 Early Hints\r\n\r\n", data[:9], data[9:40], data[40:])
