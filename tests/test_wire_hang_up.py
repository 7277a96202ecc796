"""Requests whose client ends the connection without waiting for an answer."""

from __future__ import annotations

import socket
import threading

import pytest
from scripted import ScriptedServer

from kvgate.wire.client import Client
from kvgate.wire.exchange import FaultKind, HangUp, Request


@pytest.mark.parametrize("way", HangUp)
def test_the_request_goes_out_whole_and_the_connection_ends_before_an_answer(way: HangUp) -> None:
    ended = threading.Event()
    read: list[bytes] = []
    end: list[str] = []

    def script(sock: socket.socket, _server: ScriptedServer) -> None:
        sock.settimeout(5)
        while not b"".join(read).endswith(b"\r\n\r\n"):
            read.append(sock.recv(65536))
        # Nothing is sent: the client goes by itself.
        try:
            end.append("close" if sock.recv(65536) == b"" else "more")
        except ConnectionResetError:
            end.append("reset")
        ended.set()

    with ScriptedServer(script) as server:
        exchange = Client(server.origin).ask(Request("GET", "/a", hangs_up=way))
        assert ended.wait(5)
    assert b"".join(read).startswith(b"GET /a HTTP/1.1\r\n")
    assert end == [way.value]
    assert exchange.response is None
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.CANCELLED
