"""Requests whose head goes out in pieces."""

from __future__ import annotations

import socket

import pytest
from scripted import ScriptedServer

from kvgate.wire.client import Client
from kvgate.wire.exchange import Request
from kvgate.wire.pieces import pieces_of

HEAD = b"GET /get2?key=a%20b HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n"


def test_the_head_is_cut_in_an_escape_a_line_end_a_name_and_before_its_end() -> None:
    assert pieces_of(HEAD) == (
        b"GET /get2?key=a%",
        b"20b HTTP/1.1\r",
        b"\nHo",
        b"st: h\r\nAccept: */*\r\n\r",
        b"\n",
    )


@pytest.mark.parametrize("target", [b"/", b"/a", b"/get2?key=" + b"a" * 500])
def test_nothing_is_lost(target: bytes) -> None:
    head = b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n"
    pieces = pieces_of(head)
    assert b"".join(pieces) == head
    assert all(pieces)


@pytest.mark.parametrize(("pieces", "body"), [(True, b""), (True, b"a body"), (False, b"")])
def test_the_server_reads_the_pieces_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, *, pieces: bool, body: bytes
) -> None:
    # Longer than a busy machine lets the server wait: it is to read each alone.
    monkeypatch.setattr("kvgate.wire.attempt.PAUSE", 0.1)
    read: list[bytes] = []

    def script(sock: socket.socket, _server: ScriptedServer) -> None:
        sock.settimeout(5)
        while not b"".join(read).endswith(b"\r\n\r\n" + body):
            read.append(sock.recv(65536))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with ScriptedServer(script) as server:
        exchange = Client(server.origin).ask(Request("PUT" if body else "GET", "/a%20b", (), body, pieces))
    assert exchange.response is not None
    assert exchange.response.body == b"ok"
    assert read[0].startswith(b"PUT /a%" if body else b"GET /a%")
    assert (len(read) > 3) is pieces
    assert not pieces or read[0].endswith(b"/a%")


def test_who_answers_before_the_last_piece_is_heard() -> None:
    def script(sock: socket.socket, _server: ScriptedServer) -> None:
        sock.settimeout(5)
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")

    with ScriptedServer(script) as server:
        exchange = Client(server.origin).ask(Request("GET", "/a%20b", pieces=True))
    assert exchange.response is not None
    assert exchange.response.status == 400
