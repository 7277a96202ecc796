"""What the tests of the client share: a question, and an exchange with a scripted server."""

from __future__ import annotations

import contextlib

from scripted import Script, ScriptedServer

from kvgate.wire.client import Client, Limits
from kvgate.wire.exchange import Exchange, FaultKind, Request, Response

GET = Request("GET", "/get2?key=a")
OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"
QUICK = Limits(connect=0.5, read=0.3, total=0.8)


def ask(script: Script, request: Request = GET, limits: Limits = Limits()) -> Exchange:  # noqa: B008 - frozen
    with ScriptedServer(script) as server, contextlib.closing(Client(server.origin, limits=limits)) as client:
        return client.ask(request)


def good(exchange: Exchange) -> Response:
    assert exchange.fault is None
    assert exchange.response is not None
    return exchange.response


def fault_of(exchange: Exchange, kind: FaultKind) -> str:
    assert exchange.fault is not None
    assert exchange.fault.kind is kind, exchange.fault
    assert exchange.fault.message.isprintable()
    assert not exchange.fault.unreachable
    return exchange.fault.message
