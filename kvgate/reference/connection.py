"""One accepted connection of a reference server: bytes in, requests to the server, answers out in order."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable
from typing import TYPE_CHECKING, cast

from kvgate.reference.message import Refusal, Request, RequestParser, Response

if TYPE_CHECKING:
    from kvgate.reference.http import Server

Answer = Response | Awaitable[Response]

_log = logging.getLogger("kvgate.reference")

_PAUSE_READING_AT = 1_048_576
_LONGEST_LINGER = 1.0


class Connection(asyncio.Protocol):
    """One accepted connection: reads requests, has each answered before the next is looked at."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.number = 0
        self._parser = RequestParser(max_head=server.max_head, max_body=server.max_body, max_target=server.max_target)
        self._sequence = 0
        self._reads = 0
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._ignoring = False
        self._pumping = False
        self._writing_paused = False
        self._closed = False
        self._at_eof = False
        self._secure = False

    # What a server's steps may do with a connection.

    def write(self, data: bytes) -> None:
        """Send bytes as they are; nothing once the connection is closed."""
        if self._transport is not None and not self._closed:
            self._transport.write(data)

    def close(self) -> None:
        """Close after what was written has gone out."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Close at once with a TCP reset; what was not yet sent is dropped."""
        self._closed = True
        if self._transport is not None:
            sock: socket.socket | None = self._transport.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    def linger(self) -> None:
        """Close once the peer has: an unread request would make the kernel reset, and take the answer with it."""
        self._ignoring = True
        if self._transport is None or self._secure or self._at_eof:
            self.close()
            return
        self._transport.write_eof()
        asyncio.get_running_loop().call_later(_LONGEST_LINGER, self.close)

    @property
    def closed(self) -> bool:
        """True once either side has ended the connection."""
        return self._closed

    @property
    def congested(self) -> bool:
        """True while the peer does not take what was written."""
        return self._writing_paused

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer is there."""
        self._transport = cast("asyncio.Transport", transport)
        self._secure = transport.get_extra_info("ssl_object") is not None
        self.number = self.server.admit(self)
        self._ignoring = not self.server.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        """The peer, or this side, has ended the connection."""
        self._closed = True
        self.server.dismiss(self)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes came: answer what they complete."""
        if self._ignoring or self._closed:
            return
        self._parser.feed(data)
        self._reads += 1
        if self._task is None and not self._writing_paused:
            self._pump()
        elif self._parser.buffered > _PAUSE_READING_AT and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """The peer has ended its side; it may still read the answer, but not over TLS, which has no such half."""
        self._at_eof = True
        return not self._secure and not self._ignoring and (self._task is not None or self._writing_paused)

    def pause_writing(self) -> None:
        """The peer does not keep up."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._writing_paused = False
        if not self._pumping and self._task is None:
            self._go_on()

    def _go_on(self) -> None:
        if self._transport is not None and not self._closed:
            self._transport.resume_reading()
            self._pump()

    def _pump(self) -> None:
        self._pumping = True
        try:
            while self._task is None and not self._closed and not self._writing_paused:
                try:
                    request = self._parser.next_request()
                except Refusal as refusal:
                    self.server.refuse(self, refusal)
                    return
                if request is None:
                    if self._parser.take_continue():
                        self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    elif self._at_eof:
                        self.close()
                    return
                self._serve(request)
        finally:
            self._pumping = False

    def _serve(self, request: Request) -> None:
        self._sequence += 1
        request = Request(
            request.method,
            request.target,
            request.version,
            request.headers,
            request.body,
            connection=self.number,
            sequence=self._sequence,
            reads=self._reads,
        )
        self._reads = 0
        try:
            answer = self.server.handle(request)
            if isinstance(answer, Response):
                sending = self._send(request, answer)
                if sending is None:
                    self._done(request, answer)
                    return
                self._task = asyncio.ensure_future(self._finish(request, answer, sending))
            else:
                self._task = asyncio.ensure_future(self._finish(request, answer, None))
        except Exception:
            self._fail(request)

    async def _finish(self, request: Request, answer: Answer, sending: Awaitable[None] | None) -> None:
        try:
            if not isinstance(answer, Response):
                answer = await answer
                sending = self._send(request, answer)
            if sending is not None:
                await sending
            self._done(request, answer)
        except Exception:
            self._fail(request)
        finally:
            self._task = None
            self._go_on()

    def _send(self, request: Request, response: Response) -> Awaitable[None] | None:
        # Counted first, so that whoever has read an answer finds it counted.
        self.server.served += 1
        return self.server.send(self, request, response)

    def _done(self, request: Request, response: Response) -> None:
        if not self._closed and not self.server.keeps_open(request, response):
            self.close()

    def _fail(self, request: Request) -> None:
        _log.exception("the reference failed on %s %s", request.method, request.target)
        self.server.failures += 1
        self.write(self.server.encode(request, self.server.plain(500)))
        self.close()
