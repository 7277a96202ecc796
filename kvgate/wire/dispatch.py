"""Sends a request through httpx and httpcore, and gets the connection back as soon as the request is written.

httpcore would read the answer with a parser that hides what a gate has to see: a second Content-Length, folded
lines, bytes after the body, 1xx answers. So the stream given to it ends the sending at its first read.
"""

from __future__ import annotations

import ssl
from typing import Protocol

import httpcore
import httpx

from kvgate.errors import InputError
from kvgate.wire.exchange import Request
from kvgate.wire.origin import authority
from kvgate.wire.request import check_header, check_request
from kvgate.wire.settings import Credentials
from kvgate.wire.text import DEFAULT_HEADERS

_EXTENSION = "kvgate"


class Carrier(Protocol):
    """What a request is written to: it brings the connection about when asked to."""

    def connect(self) -> None:
        """Have a connection, new or kept alive."""

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Have TLS on it."""

    def write(self, data: bytes) -> bool:
        """Send `data`; False when the server takes no more of the request."""


class RequestWrittenError(Exception):
    """Raised through httpcore and httpx when the request is written: no error, but their only way out."""


class Dispatcher:
    """Writes requests to one origin; thread-safe."""

    def __init__(
        self, scheme: str, host: str, port: int, *, credentials: Credentials | None, context: ssl.SSLContext | None
    ) -> None:
        self._url = httpx.URL(f"{scheme}://{authority(scheme, host, port)}/")
        self._host = authority(scheme, host, port)
        if credentials is not None:
            check_header(credentials.header, credentials.value)
        self._credentials = credentials
        # The link keeps the time, to tell one limit from another.
        self._client = httpx.Client(transport=_Transport(context), trust_env=False, timeout=None)  # noqa: S113

    def prepare(self, request: Request) -> httpx.Request:
        """Build what goes out: Host, User-Agent, Accept, Accept-Encoding, credentials; the request's own ones win.

        Raises InputError for what HTTP cannot carry; no header value is repeated in its message.
        """
        check_request(request)
        given = {name.lower() for name in (*(name for name, _ in request.headers), *request.without)}
        headers = [("Host", self._host), *DEFAULT_HEADERS]
        if self._credentials is not None:
            headers.append((self._credentials.header, self._credentials.value))
        headers = [header for header in headers if header[0].lower() not in given] + list(request.headers)
        raw = [(name.encode("ascii"), value.encode("utf-8", "surrogateescape")) for name, value in headers]
        built = httpx.Request(request.method, self._url, headers=raw, content=request.body)
        built.method = request.method  # httpx would write it in capitals
        built.extensions["target"] = request.target.encode("ascii")
        return built

    def write(self, request: httpx.Request, carrier: Carrier) -> None:
        """Write `request` to `carrier`, whose exceptions come out of here."""
        request.extensions[_EXTENSION] = carrier
        try:
            self._client.send(request, stream=True)
        except RequestWrittenError:
            return
        except httpcore.LocalProtocolError:
            raise InputError(
                "a header of the request contradicts its body (Content-Length, Transfer-Encoding)"
            ) from None
        finally:
            del request.extensions[_EXTENSION]

    def close(self) -> None:
        """Give up what httpx holds."""
        self._client.close()


class _Transport(httpx.BaseTransport):
    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        if context is not None:
            context.set_alpn_protocols(["http/1.1"])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        carrier: Carrier = request.extensions[_EXTENSION]
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.extensions["target"],
        )
        # Which connection carries the request is the carrier's choice: httpcore has one of its own for each.
        carrier.connect()
        if self._context is not None:
            carrier.start_tls(self._context, request.url.raw_host.decode("ascii"))
        httpcore.HTTP11Connection(url.origin, _Stream(carrier)).handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, content=request.stream)
        )
        raise AssertionError("httpcore did not read an answer")


class _Stream(httpcore.NetworkStream):
    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        if buffer and not self._carrier.write(buffer):
            raise RequestWrittenError

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del max_bytes, timeout
        raise RequestWrittenError

    def close(self) -> None:
        """Leave the connection open: the answer is still to be read from it."""
