"""What the client makes of answers that break, of silence and floods, and of servers that are not there."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from scripted import ScriptedServer, answers, reset
from wire_parts import GET, HELLO, OK, QUICK, ask, fault_of, good

from kvgate.wire.client import Client, Limits
from kvgate.wire.exchange import Fault, FaultKind, Request
from kvgate.wire.reader import CUT_KEPT


@pytest.mark.parametrize(
    ("raw", "kind", "has_response"),
    [
        (b"", FaultKind.EMPTY, False),
        (b"SSH-2.0-x\r\n", FaultKind.GARBAGE, False),
        (OK + b"Content-Len", FaultKind.TRUNCATED, False),
        (OK + b"Content-Length: 9\r\n\r\nabc", FaultKind.TRUNCATED, True),
        (OK + b"Content-Length: x\r\n\r\nabc", FaultKind.FRAMING, True),
        (OK + b"A\x00: b\r\nContent-Length: 3\r\n\r\nabc", FaultKind.GARBAGE, True),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", FaultKind.FRAMING, True),
        (OK + b"A: " + b"x" * 300000, FaultKind.TOO_LARGE, False),
    ],
)
def test_faults_of_an_answer(raw: bytes, kind: FaultKind, has_response: bool) -> None:
    exchange = ask(answers(raw))
    fault_of(exchange, kind)
    assert (exchange.response is not None) == has_response
    assert exchange.raw == raw[: len(exchange.raw)]
    assert bool(exchange.raw) == bool(raw)


@pytest.mark.parametrize("head", [b"Content-Length: 3\r\nContent-Length: 4\r\n", b"Content-Length : 3\r\n"])
def test_framing_fault_on_an_open_connection_does_not_wait_for_its_end(head: bytes) -> None:
    exchange = ask(answers(OK + head + b"\r\nabcd", linger=True), limits=Limits(read=60, total=60))
    assert exchange.fault is not None
    assert exchange.fault.kind in {FaultKind.FRAMING, FaultKind.GARBAGE}
    assert exchange.response is not None
    assert exchange.response.body == b"abcd"
    assert exchange.seconds < 30


# Resets and time limits


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 20", OK + b"A: b\r\n\r\nabc", OK + b"Content-Length: 9\r\n\r\nabc"])
def test_resets(sent: bytes) -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(sent)
        server.ending.wait(0.1)
        reset(sock)

    exchange = ask(script)
    assert "reset by the server" in fault_of(exchange, FaultKind.RESET)
    assert (exchange.response is not None) == (b"\r\n\r\n" in sent)
    assert exchange.raw == sent


def test_reset_as_soon_as_connected() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        reset(sock)

    exchange = ask(script)
    assert exchange.fault is not None
    assert exchange.fault.kind in {FaultKind.RESET, FaultKind.EMPTY}


def test_reset_while_the_request_is_sent() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        sock.recv(1000)
        reset(sock)

    fault_of(ask(script, Request("POST", "/", body=b"x" * (32 * 2**20))), FaultKind.RESET)


def test_reset_after_the_answer_is_no_fault() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        sock.recv(10)
        reset(sock)

    good(ask(script))


def test_silence() -> None:
    exchange = ask(answers(b"", linger=True), limits=QUICK)
    assert fault_of(exchange, FaultKind.TIMEOUT) == "no answer within 0.3 s"
    assert exchange.response is None


def test_silence_in_the_body() -> None:
    exchange = ask(answers(OK + b"Content-Length: 9\r\n\r\nabc", linger=True), limits=QUICK)
    assert fault_of(exchange, FaultKind.TIMEOUT) == "nothing came for 0.3 s: 3 of 9 bytes of the body"
    assert exchange.response is not None
    assert exchange.response.body == b"abc"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"HTTP/1.1 200 O", b"K"),
        (OK, b"A: b\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK + b"Content-Length: 9999\r\n\r\n", b"x"),
        (OK + b"\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1", b";x"),
    ],
    ids=["reason", "headers", "interim", "length", "close", "chunked", "extension"],
)
def test_drips_end_with_the_total_limit(first: bytes, again: bytes) -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        server.drip(sock, itertools.chain([first or again], itertools.repeat(again)), 0.05)

    # On a busy machine a drop may be late, but not by a second.
    exchange = ask(script, limits=replace(QUICK, read=1.2, total=1.5))
    assert fault_of(exchange, FaultKind.TIMEOUT).startswith("no complete answer within 1.5 s: ")
    assert exchange.seconds < 10


def test_until_ends_an_exchange_before_its_total_limit() -> None:
    with ScriptedServer(answers(b"HTTP/1.1 200 OK\r\n", linger=True)) as server:
        exchange = Client(server.origin).ask(GET, until=time.monotonic() + 0.4)
    assert re.match(r"no complete answer within 0\.\d+ s: ", fault_of(exchange, FaultKind.TIMEOUT))


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (OK, b"A: b\r\n" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (OK + b"\r\n", b"x" * 65536),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n"),
    ],
    ids=["headers", "interim", "close", "chunked"],
)
def test_floods_end_with_the_size_limit(first: bytes, again: bytes) -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        server.drip(sock, itertools.chain([first or again], itertools.repeat(again)), 0)

    exchange = ask(script, limits=Limits(max_bytes=10**6))
    fault_of(exchange, FaultKind.TOO_LARGE)


def test_endless_body_stays_within_memory() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(OK + b"Content-Length: 104857600\r\n\r\n")
        server.drip(sock, itertools.repeat(b"x" * 2**20, 100), 0)

    tracemalloc.start()
    try:
        exchange = ask(script, limits=Limits(max_bytes=200 * 2**20))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    response = good(exchange)
    assert (response.body_length, len(response.body)) == (100 * 2**20, CUT_KEPT)
    assert exchange.raw_length > 100 * 2**20
    assert len(exchange.raw) <= 4 * 2**20
    assert peak < 20 * 2**20


# Connections


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken but not listened at, so that nobody else gets it."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def test_refused(closed_port: int) -> None:
    exchange = Client(f"http://127.0.0.1:{closed_port}").ask(GET)
    assert exchange.fault == Fault(FaultKind.REFUSED, f"connection refused by 127.0.0.1:{closed_port}")
    assert exchange.fault.unreachable
    assert (exchange.response, exchange.raw, exchange.connection) == (None, b"", "")


def test_no_such_host() -> None:
    exchange = Client("http://no-such-host.invalid").ask(GET)
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.DNS
    assert "no-such-host.invalid" in exchange.fault.message


def test_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        done.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    exchange = Client("http://slow.invalid", limits=QUICK).ask(GET)
    done.set()
    assert exchange.fault == Fault(FaultKind.DNS, "no address for slow.invalid within 0.5 s")


def test_connection_that_is_never_accepted() -> None:
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):  # fill the queue, so that the next connection stays unanswered
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        exchange = Client(f"http://127.0.0.1:{listener.getsockname()[1]}", limits=QUICK).ask(GET)
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.CONNECT_TIMEOUT
    assert exchange.fault.message.endswith("within 0.5 s")
