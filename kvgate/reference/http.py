"""A minimal HTTP/1.1 server on raw asyncio, made to be subclassed.

What a request meets, each step a method of `Server`:
`connected` (may ignore the peer) -> `handle` (`authorized`/`unauthorized`, then `respond`) -> `encode` (`frame`,
`chunks`) -> `send` (bytes to the connection) -> `keeps_open`. `refuse` answers what is not a request.
`respond` and `send` may be coroutines: requests of the same connection then wait, so answers keep their order.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ssl
import time
from collections.abc import Awaitable, Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import ClassVar

from kvgate.reference.connection import Answer, Connection
from kvgate.reference.message import Framing, Pair, Refusal, Request, Response

__all__ = [
    "Answer",
    "Connection",
    "Framing",
    "Pair",
    "Request",
    "Response",
    "Server",
    "basic_credential",
    "bearer_credential",
    "http_date",
    "reason_of",
]


def reason_of(status: int) -> str:
    """The reason phrase RFC 9110 gives for `status`, or an empty one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


_date: tuple[int, str] = (0, "")


def http_date() -> str:
    """The time now as an HTTP date (IMF-fixdate)."""
    global _date  # noqa: PLW0603  (formatting costs a third of an answer: kept for the second it is valid)
    now = int(time.time())
    if _date[0] != now:
        _date = (now, formatdate(now, usegmt=True))
    return _date[1]


def basic_credential(user: str, password: str) -> Pair:
    """The header by which a client proves `user` and `password` (RFC 7617)."""
    return "Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def bearer_credential(token: str) -> Pair:
    """The header by which a client shows a bearer token (RFC 6750)."""
    return "Authorization", f"Bearer {token}"


class Server:
    """An HTTP/1.1 server that answers through `respond`.

    `credential` is the one header (name, value) that each request must carry, or None. `max_head`, `max_body` and
    `max_target` are in bytes. `served` counts answered requests, `failures` exceptions that a step raised.
    """

    software: ClassVar[str] = "kvgate-reference"
    http_version: ClassVar[str] = "HTTP/1.1"
    base_path: ClassVar[str] = ""
    realm: ClassVar[str] = "kvgate"
    max_head: ClassVar[int] = 65_536
    max_body: ClassVar[int] = 67_108_864
    max_target: ClassVar[int | None] = None

    def __init__(self, *, credential: Pair | None = None) -> None:
        self.credential = credential
        self.origin = ""
        self.stopped = False
        self.served = 0
        self.failures = 0
        self._connections: set[Connection] = set()
        self._accepted = 0
        self._listener: asyncio.Server | None = None
        self._secure = False

    # Life

    async def listen(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Accept connections (port 0: a free one) and return the URL. Raises OSError when the port can't be had."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), host, port, ssl=tls, backlog=1024)
        self._secure = tls is not None
        bound: int = self._listener.sockets[0].getsockname()[1]
        self.origin = f"{self.scheme}://{f'[{host}]' if ':' in host else host}:{bound}"
        self.stopped = False
        return self.url

    async def close(self) -> None:
        """Stop listening and drop every connection; a second call does nothing."""
        self.stopped = True
        listener, self._listener = self._listener, None
        if listener is None:
            return
        listener.close()
        for connection in tuple(self._connections):
            connection.reset()
        await asyncio.sleep(0)
        await listener.wait_closed()

    @property
    def scheme(self) -> str:
        """`http`, or `https` when it listens with TLS."""
        return "https" if self._secure else "http"

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end; empty before `listen`."""
        return self.origin + self.base_path if self.origin else ""

    @property
    def address(self) -> str:
        """host:port as it listens; empty before `listen`."""
        return self.origin.partition("://")[2]

    def admit(self, connection: Connection) -> int:
        """Take a connection into the books and return its number, from 1."""
        self._connections.add(connection)
        self._accepted += 1
        return self._accepted

    def dismiss(self, connection: Connection) -> None:
        """Strike a connection from the books."""
        self._connections.discard(connection)

    # Steps of an answer, in order

    def connected(self, connection: Connection) -> bool:  # noqa: ARG002  (for subclasses)
        """Called when a peer connects. False: whatever it sends is ignored."""
        return True

    def handle(self, request: Request) -> Answer:
        """Answer a request: credentials first, then `respond`."""
        if self.credential is not None and not self.authorized(request, self.credential):
            return self.unauthorized(request)
        return self.respond(request)

    def authorized(self, request: Request, credential: Pair) -> bool:
        """True when the request carries `credential`."""
        name, wanted = credential
        given = request.header(name) or ""
        return hmac.compare_digest(given.encode("latin-1"), wanted.encode("utf-8"))

    def unauthorized(self, request: Request) -> Response:  # noqa: ARG002  (for subclasses)
        """401, with the scheme that `credential` has."""
        scheme = self.credential[1].partition(" ")[0] if self.credential else "Basic"
        if self.credential and self.credential[0].lower() != "authorization":
            scheme = "Basic"
        body = b"<html><head><title>401 Authorization Required</title></head></html>\r\n"
        headers = (("Content-Type", "text/html"), ("WWW-Authenticate", f'{scheme} realm="{self.realm}"'))
        return Response(401, "Unauthorized", (*self.common_headers(), *headers), body)

    def respond(self, request: Request) -> Answer:  # noqa: ARG002  (for subclasses)
        """The answer to a request; a server of an interface overrides this."""
        return self.plain(404)

    def refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Answer what is not a request, and close."""
        request = Request("GET", "/", (1, 1), (("Connection", "close"),))
        connection.write(self.encode(request, self.plain(refusal.status, f"{refusal}\n")))
        connection.linger()

    def common_headers(self) -> tuple[Pair, ...]:
        """The headers that every answer starts with."""
        return ("Server", self.software), ("Date", http_date())

    def plain(self, status: int, text: str = "") -> Response:
        """A text answer of no interest to an interface."""
        headers = (*self.common_headers(), ("Content-Type", "text/plain"))
        return Response(status, reason_of(status), headers, text.encode("utf-8"))

    def framing(self, request: Request, response: Response) -> Framing:
        """How the body is delimited: HTTP/1.0 knows no chunks."""
        if response.framing == "chunked" and (request.version == (1, 0) or self.http_version == "HTTP/1.0"):
            return "close"
        return response.framing

    def chunks(self, body: bytes) -> Iterable[bytes]:
        """The chunks a body is cut into, none of them empty."""
        return (body,) if body else ()

    def encode(self, request: Request, response: Response) -> bytes:
        """The bytes of an answer: status line, headers, framing headers where none are given, body."""
        framing = self.framing(request, response)
        names = response.names()
        bodiless = response.status < 200 or response.status in (204, 304)
        lines = [f"{self.http_version} {response.status} {response.reason}\r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in response.headers]
        if not bodiless and "content-length" not in names and "transfer-encoding" not in names:
            if framing == "length":
                lines.append(f"Content-Length: {len(response.body)}\r\n")
            elif framing == "chunked":
                lines.append("Transfer-Encoding: chunked\r\n")
        if "connection" not in names:
            if not self.keeps_open(request, response):
                lines.append("Connection: close\r\n")
            elif request.version == (1, 0):
                lines.append("Connection: keep-alive\r\n")
        lines.append("\r\n")
        head = "".join(lines).encode("latin-1")
        if bodiless or request.method == "HEAD":
            return head
        if framing == "chunked":
            parts = (b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in self.chunks(response.body))
            return head + b"".join(parts) + b"0\r\n\r\n"
        return head + response.body

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        """Put an answer on the wire. A coroutine may drip; raw bytes go through `connection.write`."""
        connection.write(self.encode(request, response))
        return None

    def keeps_open(self, request: Request, response: Response) -> bool:
        """True when the connection stays open after this answer."""
        if not request.keep_alive:
            return False
        if self.framing(request, response) == "close" and request.method != "HEAD":
            return False
        return not any(name.lower() == "connection" and "close" in value.lower() for name, value in response.headers)
