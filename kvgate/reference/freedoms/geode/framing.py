"""The same answers in other framing, packets and time, over connections that end otherwise."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Connection, Framing, Pair, Request, Response

FREEDOMS = GeodeDeviations()

_ANY = "every answer"
_ANY_200 = "every 200"


# Framing and packets


@FREEDOMS.freedom("framing-length", _ANY_200)
class _FramingLength(Geode):
    """Sends Content-Length instead of chunks."""

    multi_get_framing = "length"


@FREEDOMS.freedom("framing-all-chunked", "every error")
class _FramingAllChunked(Geode):
    """Sends errors in chunks too."""

    def framing(self, request: Request, response: Response) -> Framing:
        return "chunked" if request.version != (1, 0) else super().framing(request, response)


@FREEDOMS.freedom("framing-close", _ANY)
class _FramingClose(Geode):
    """Ends each body by closing the connection."""

    def framing(self, request: Request, response: Response) -> Framing:
        return "close"


@FREEDOMS.freedom("framing-http-1-0", _ANY)
class _Http10(Geode):
    """Answers as HTTP/1.0 does, and closes."""

    http_version = "HTTP/1.0"

    def framing(self, request: Request, response: Response) -> Framing:
        return "close"


@FREEDOMS.freedom("framing-http-1-0-length", _ANY)
class _Http10Length(Geode):
    """Answers as HTTP/1.0 does, with Content-Length, and keeps the connection."""

    http_version = "HTTP/1.0"
    multi_get_framing = "length"

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "keep-alive"))


@FREEDOMS.freedom("chunks-of-one", _ANY_200)
class _ChunksOfOne(Geode):
    """Sends chunks of one byte; what is left of a body after 65,536 of them in one."""

    def chunks(self, body: bytes) -> Iterable[bytes]:
        ones = min(len(body), 65536)
        yield from (body[at : at + 1] for at in range(ones))
        if body[ones:]:
            yield body[ones:]


@FREEDOMS.freedom("chunks-with-extensions", _ANY_200)
class _ChunkExtensions(Geode):
    """Sends chunks of seven bytes, sizes with leading zeros, small digits and extensions, and a trailer."""

    def encode(self, request: Request, response: Response) -> bytes:
        if request.method == "HEAD" or self.framing(request, response) != "chunked":
            return super().encode(request, response)
        head = super().encode(request, replace(response, body=b"")).removesuffix(b"0\r\n\r\n")
        cut = (response.body[at : at + 13] for at in range(0, len(response.body), 13))
        chunks = b"".join(b'00%x;a;b="c"\r\n%b\r\n' % (len(chunk), chunk) for chunk in cut)
        return head + chunks + b"000;last\r\nX-Trailer: orders\r\n\r\n"


@FREEDOMS.freedom("chunked-capitals", _ANY_200)
class _ChunkedCapitals(Geode):
    """Names the transfer coding in capitals."""

    def encode(self, request: Request, response: Response) -> bytes:
        encoded = super().encode(request, response)
        return encoded.replace(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: Chunked\r\n", 1)


class _Sent(Geode):
    """Sends an answer in the `parts` it is cut into, a pause after each."""

    pause = 0.001

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        return self._send_parts(connection, self.parts(self.encode(request, response)))

    async def _send_parts(self, connection: Connection, parts: Sequence[bytes]) -> None:
        for part in parts:
            connection.write(part)
            await asyncio.sleep(self.pause)

    def parts(self, encoded: bytes) -> Sequence[bytes]:
        raise NotImplementedError


@FREEDOMS.freedom("packets-of-many-sizes", _ANY)
class _Packets(_Sent):
    """Sends an answer in twenty packets or fewer, cut anywhere."""

    def parts(self, encoded: bytes) -> Sequence[bytes]:
        size = max(7, len(encoded) // 20)
        return [encoded[at : at + size] for at in range(0, len(encoded), size)]


@FREEDOMS.freedom("packets-inside-line-ends", _ANY)
class _PacketsInLineEnds(_Sent):
    """Cuts its packets between carriage return and line feed, for the first eight of them."""

    def parts(self, encoded: bytes) -> Sequence[bytes]:
        *cut, rest = encoded.split(b"\r", 8)
        return [*(part + b"\r" for part in cut), rest]


@FREEDOMS.freedom("interim-103", _ANY)
class _Interim103(Geode):
    """Sends 103 with headers of its own, twice, before the answer."""

    def encode(self, request: Request, response: Response) -> bytes:
        hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nContent-Location: /geode/v1/none/0\r\n\r\n"
        return hint + hint + super().encode(request, response)


@FREEDOMS.freedom("interim-100", _ANY)
class _Interim100(Geode):
    """Sends 100, which nobody waits for, before the answer."""

    def encode(self, request: Request, response: Response) -> bytes:
        return b"HTTP/1.1 100 Continue\r\n\r\n" + super().encode(request, response)


# Connections and time


@FREEDOMS.freedom("connection-close", _ANY)
class _ConnectionClose(Geode):
    """Closes after each answer, and says so."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "Close"))


@FREEDOMS.freedom("head-with-body-closed", "a HEAD before another request")
class _HeadWithBody(_ConnectionClose):
    """Answers HEAD as it does GET, body and all, and closes after each answer, having said so."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(replace(request, method="GET") if request.method == "HEAD" else request, response)


@FREEDOMS.freedom("connection-keep-alive", _ANY)
class _ConnectionKeepAlive(Geode):
    """Says that it keeps the connection, and for how long."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "Keep-Alive"), ("Keep-Alive", "timeout=60, max=100"))


@FREEDOMS.freedom("connection-idle-closed", "a connection that is used again after a while")
class _IdleClosed(Geode):
    """Closes a connection that was idle for a tenth of a second, without having said so."""

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        asyncio.get_running_loop().call_later(0.1, self._close_idle, connection, self._stamp(connection))
        return super().send(connection, request, response)

    def _stamp(self, connection: Connection) -> int:
        self._last: dict[int, int] = getattr(self, "_last", {})
        self._last[connection.number] = self.served
        return self.served

    def _close_idle(self, connection: Connection, stamp: int) -> None:
        if self._last.get(connection.number) == stamp:
            connection.close()


@FREEDOMS.freedom("connection-closed-unsaid", "every answer, and every PUT and DELETE", over_http=True)
class _ClosedUnsaid(Geode):
    """Closes a connection after each answer without having said so."""

    answers_each = 1

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        sending = super().send(connection, request, response)
        if request.sequence == self.answers_each:
            connection.close()
        return sending


@FREEDOMS.freedom("connection-closed-after-two", "several requests on one connection, PUTs among them", over_http=True)
class _ClosedAfterTwo(_ClosedUnsaid):
    """Closes a connection after its second answer without having said so."""

    answers_each = 2


@FREEDOMS.freedom("slow", _ANY)
class _Slow(Geode):
    """Takes its time: a fiftieth of a second before each answer."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self._later(super().get(request, name, keys_as_sent))

    async def _later(self, answer: Answer) -> Response:
        await asyncio.sleep(0.02)
        return answer if isinstance(answer, Response) else await answer


@FREEDOMS.freedom("late-answers-first", "two requests at the same time, on two connections")
class _LateFirst(Geode):
    """Answers requests of several connections in any order, each after a time of its own."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        return self._later(super().get(request, name, keys_as_sent))

    async def _later(self, answer: Answer) -> Response:
        await asyncio.sleep(self.served * 7 % 20 / 1000)
        return answer if isinstance(answer, Response) else await answer
