"""Connections that are kept: what goes over them in what order, and what ends them."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from scripted import Script, ScriptedServer, answers
from wire_parts import GET, HELLO, OK, fault_of, good

from kvgate.wire.client import Client, Limits
from kvgate.wire.exchange import Exchange, FaultKind, Request
from kvgate.wire.link import Link


def test_kept_alive() -> None:
    with ScriptedServer(answers(HELLO, linger=True)) as server, contextlib.closing(Client(server.origin)) as client:
        with client.connection() as connection:
            shared = [client.ask(GET, connection=connection) for _ in range(3)]
        fresh = client.ask(GET)
        assert server.connections == 2
    assert [good(exchange).body for exchange in [*shared, fresh]] == [b"hello"] * 4
    assert len({exchange.connection for exchange in shared}) == 1
    assert fresh.connection != shared[0].connection


def test_server_that_closes_an_idle_connection() -> None:
    with ScriptedServer(answers(HELLO)) as server:
        client = Client(server.origin)
        with client.connection(linger=0.2) as connection:
            first = client.ask(GET, connection=connection)
        with client.connection() as connection:
            second = client.ask(GET, connection=connection)
            third = client.ask(GET, connection=connection)
    assert [good(exchange).status for exchange in (first, second, third)] == [200] * 3
    assert len({first.connection, second.connection, third.connection}) == 3


@pytest.mark.parametrize(
    ("method", "repeats", "again"),
    [
        ("GET", False, True),
        ("PUT", False, True),
        ("DELETE", False, True),
        ("POST", False, False),
        ("POST", True, True),
    ],
)
def test_idle_close_that_crosses_the_request(method: str, repeats: bool, again: bool) -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        if server.connections == 1:
            server.read_request(sock)

    with ScriptedServer(script) as server:
        client = Client(server.origin)
        with client.connection(repeats=repeats) as connection:
            good(client.ask(Request(method, "/1"), connection=connection))
            second = client.ask(Request(method, "/2"), connection=connection)
    if again:
        good(second)
    else:
        fault_of(second, FaultKind.EMPTY)
    assert server.connections == 1 + again


def closing_at(close_at: Callable[[int, bytes], bool], idle: float = 5.0) -> Script:
    """A server that closes, without a word, at the nth request of a connection, or when none comes for so long."""

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        sock.settimeout(idle)
        for number in itertools.count(1):
            try:
                request = server.read_request(sock)
            except TimeoutError:
                return
            if not request or close_at(number, request):
                return
            sock.sendall(HELLO)

    return script


def asked_in_turn(script: Script, *targets: str) -> tuple[list[Exchange], int]:
    """What comes of requests on one connection that is examined, and how many connections the server saw."""
    with ScriptedServer(script) as server, contextlib.closing(Client(server.origin)) as client:
        with client.connection(examines=True) as connection:
            exchanges = [client.ask(Request("GET", target), connection=connection) for target in targets]
        return exchanges, server.connections


def test_a_request_that_a_server_always_closes_at_is_not_asked_again_in_silence() -> None:
    (first, second), _ = asked_in_turn(closing_at(lambda number, _: number == 2), "/1", "/2")
    good(first)
    assert fault_of(second, FaultKind.EMPTY).endswith(
        "each time on a connection that was open and had carried the request before it"
    )


def test_what_a_server_closes_at_after_a_certain_request_only_is_found() -> None:
    (first, second, third), _ = asked_in_turn(
        closing_at(lambda number, request: number > 1 and b"/bad" in request), "/1", "/bad", "/3"
    )
    good(first)
    fault_of(second, FaultKind.EMPTY)
    good(third)


@pytest.mark.parametrize("misses", [2, 3])
def test_what_a_server_closes_at_behind_several_requests_is_found(misses: int) -> None:
    """It dies at whatever comes behind so many misses in a row."""
    seen: dict[int, int] = {}

    def closes_at(number: int, request: bytes) -> bool:
        seen[number] = 0 if number == 1 else seen[number - 1]
        if seen[number] == misses:
            return True
        seen[number] = seen[number] + 1 if b"/miss" in request else 0
        return False

    exchanges, _ = asked_in_turn(closing_at(closes_at), *["/miss"] * misses, "/found")
    assert all(good(exchange) for exchange in exchanges[:-1])
    assert fault_of(exchanges[-1], FaultKind.EMPTY).endswith(f"had carried the {misses} requests before it")


@pytest.mark.parametrize("at", [3, 4])
def test_a_server_may_serve_a_few_requests_of_a_connection_and_no_more(at: int) -> None:
    targets = [f"/{number}" for number in range(1, at + 2)]
    exchanges, _ = asked_in_turn(closing_at(lambda number, _: number == at), *targets)
    assert all(good(exchange) for exchange in exchanges)


def test_what_went_out_on_a_connection_before_is_forgotten_with_it() -> None:
    """A server that ends each connection at its third request has done so by the fourth, which is another's first."""
    asked: list[bytes] = []

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        for number in itertools.count(1):
            request = server.read_request(sock)
            if not request:
                return
            asked.append(request.split()[1])
            sock.sendall(HELLO)
            if number == 3:
                return

    with ScriptedServer(script) as server, Client(server.origin).connection(examines=True) as connection:
        for number in range(1, 6):
            good(connection.client.ask(Request("GET", f"/{number}"), connection=connection))
            time.sleep(0.02)
        assert [request.target for request, _ in connection.past] == ["/4", "/5"]
    assert asked == [b"/1", b"/2", b"/3", b"/4", b"/5"]


def test_an_idle_close_that_crosses_requests_on_a_long_way_is_the_servers_to_make() -> None:
    """What is idle for 0.24 s is closed, and a request is 0.2 s on its way: one that goes out then crosses it."""
    idle, way = 0.24, 0.2

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        sock.settimeout(idle)
        for number in itertools.count(1):
            began = time.monotonic()
            try:
                request = server.read_request(sock)
            except TimeoutError:
                return
            if not request or (number > 1 and time.monotonic() - began + way > idle):
                return
            time.sleep(way)
            sock.sendall(HELLO)

    with ScriptedServer(script) as server, Client(server.origin).connection(examines=True) as connection:
        good(connection.client.ask(Request("GET", "/1"), connection=connection))
        time.sleep(0.06)
        good(connection.client.ask(Request("GET", "/2"), connection=connection))


@pytest.mark.parametrize("idle", [0.0, 0.05])
def test_a_server_that_closes_what_is_idle_may_do_so_as_a_request_goes_out(
    idle: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kvgate.wire.client.PAUSES", (0.5, 0.5))
    # What the server has closed by then is not seen: as if both had crossed each time but when it is looked into.
    waiting = Link.waiting
    crossed = itertools.count()
    monkeypatch.setattr(Link, "waiting", lambda link: None if next(crossed) < 2 else waiting(link))

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        time.sleep(idle)

    exchanges, connections = asked_in_turn(script, "/1", "/2")
    assert [good(exchange).body for exchange in exchanges] == [b"hello"] * 2
    assert connections in {3, 4}, "one each, and one or two to look into it, as soon as it was closed"


def test_a_server_that_often_closes_what_is_idle_is_looked_into_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvgate.wire.client.EXAMINED", 0)
    exchanges, connections = asked_in_turn(closing_at(lambda number, _: number == 2), "/1", "/2")
    assert [good(exchange).body for exchange in exchanges] == [b"hello"] * 2
    assert connections == 2


FAREWELL = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_farewell_before_the_next_request_is_an_idle_close(method: str) -> None:
    late, sent = threading.Event(), threading.Event()

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        if server.connections == 1:
            late.wait(5)
            sock.sendall(FAREWELL)
            sent.set()

    with ScriptedServer(script) as server:
        client = Client(server.origin)
        with client.connection() as connection:
            first = client.ask(GET, connection=connection)
            late.set()
            sent.wait(5)
            time.sleep(0.05)
            # Nothing of it went out on the connection that was closed, so that any method may be sent.
            second = client.ask(Request(method, "/2"), connection=connection)
    assert [good(exchange).status for exchange in (first, second)] == [200, 200]
    assert server.connections == 2
    assert second.raw.startswith(HELLO)


@pytest.mark.parametrize(
    ("method", "said", "again"),
    [
        ("GET", FAREWELL, True),
        ("GET", FAREWELL.replace(b"1.1", b"1.0").replace(b"Connection: close\r\n", b""), True),
        ("GET", FAREWELL.replace(b"close", b"keep-alive"), False),
        ("GET", FAREWELL.replace(b"408", b"400"), False),
        ("GET", FAREWELL.replace(b"Length: 0", b"Length: 9"), False),
        ("POST", FAREWELL, False),
    ],
)
def test_a_farewell_that_crosses_the_request(method: str, said: bytes, again: bool) -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        if server.connections == 1:
            server.read_request(sock)
            sock.sendall(said)

    with ScriptedServer(script) as server:
        client = Client(server.origin)
        with client.connection() as connection:
            good(client.ask(GET, connection=connection))
            second = client.ask(Request(method, "/2"), connection=connection)
    assert server.connections == 1 + again
    assert second.raw.startswith(HELLO if again else said)


def test_a_408_on_a_new_connection_is_the_answer() -> None:
    with ScriptedServer(answers(FAREWELL)) as server:
        client = Client(server.origin)
        with client.connection(repeats=True, persists=True) as connection:
            assert good(client.ask(GET, connection=connection)).status == 408
    assert server.connections == 1


@pytest.mark.parametrize(("persists", "tries"), [(False, 1), (True, 2)])
def test_a_new_connection_that_is_closed_is_tried_again_by_those_who_want_to_get_through(
    monkeypatch: pytest.MonkeyPatch, persists: bool, tries: int
) -> None:
    monkeypatch.setattr("kvgate.wire.attempt.DAWDLING", 60.0)
    with ScriptedServer(lambda *_: None) as server:
        client = Client(server.origin)
        with client.connection(repeats=True, persists=persists) as connection:
            asked = client.ask(Request("PUT", "/"), connection=connection)
    assert asked.fault is not None
    assert asked.fault.kind in {FaultKind.EMPTY, FaultKind.RESET}
    assert server.connections == tries


@pytest.mark.parametrize(("late", "tries"), [(True, 2), (False, 1)])
def test_a_request_that_went_out_late_is_sent_again_where_the_server_had_enough_of_waiting(
    monkeypatch: pytest.MonkeyPatch, late: bool, tries: int
) -> None:
    monkeypatch.setattr("kvgate.wire.attempt.DAWDLING", 0.0 if late else 60.0)
    with ScriptedServer(lambda *_: None) as server:
        asked = Client(server.origin).ask(GET)
    assert asked.fault is not None
    assert asked.fault.kind in {FaultKind.EMPTY, FaultKind.RESET}
    assert server.connections == tries, "once more, and no third time"


@pytest.mark.parametrize(
    "first", [OK + b"Connection: Close\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"]
)
def test_connection_that_the_server_gives_up(first: bytes) -> None:
    with ScriptedServer(answers(first, linger=True)) as server:
        client = Client(server.origin)
        with client.connection() as connection:
            names = {client.ask(GET, connection=connection).connection for _ in range(2)}
    assert len(names) == 2


def test_excess_on_a_kept_connection_spoils_it() -> None:
    with ScriptedServer(answers(HELLO + b"more", linger=True)) as server:
        client = Client(server.origin)
        with client.connection() as connection:
            first, second = (client.ask(GET, connection=connection) for _ in range(2))
    assert (good(first).excess, good(second).body) == (b"more", b"hello")
    assert first.connection != second.connection


def test_late_excess_on_a_kept_connection() -> None:
    late = threading.Event()
    sent = threading.Event()

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        late.wait(5)
        sock.sendall(b"\x1bmore")
        sent.set()
        server.read_request(sock)
        sock.sendall(HELLO)

    with ScriptedServer(script) as server:
        client = Client(server.origin)
        with client.connection() as connection:
            good(client.ask(GET, connection=connection))
            late.set()
            sent.wait(5)
            time.sleep(0.05)
            second = client.ask(GET, connection=connection)
    assert fault_of(second, FaultKind.FRAMING).endswith(
        "left over from the answer before it on this connection: \\x1bmore"
    )
    assert second.raw.startswith(b"\x1bmore")


def test_linger_on_a_kept_connection() -> None:
    with ScriptedServer(answers(HELLO, b"more", pause=0.01, linger=True)) as server:
        client = Client(server.origin)
        with client.connection(linger=0.5) as connection:
            assert good(client.ask(GET, connection=connection)).excess == b"more"


def test_connection_is_asked_in_order() -> None:
    with ScriptedServer(answers(HELLO, linger=True)) as server, ThreadPoolExecutor(8) as threads:
        client = Client(server.origin)
        with client.connection() as connection:
            exchanges = list(threads.map(lambda _: client.ask(GET, connection=connection), range(20)))
    assert all(good(exchange).body == b"hello" for exchange in exchanges)
    assert len({exchange.connection for exchange in exchanges}) == 1


def test_connection_of_another_client() -> None:
    with Client("http://h").connection() as connection, pytest.raises(ValueError, match="client that made it"):
        Client("http://h").ask(GET, connection=connection)


# Cancelling


def test_cancel_ends_running_and_coming_asks() -> None:
    cancel = threading.Event()
    asked = threading.Event()

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        asked.set()
        server.ending.wait(20)

    with ScriptedServer(script) as server, ThreadPoolExecutor(1) as threads:
        client = Client(server.origin, cancel=cancel, limits=Limits(read=60, total=60))
        running = threads.submit(client.ask, GET)
        assert asked.wait(5)
        client.cancel()
        exchanges = [running.result(10), client.ask(GET)]
    assert cancel.is_set()
    for exchange in exchanges:
        assert exchange.fault is not None
        assert exchange.fault.kind is FaultKind.CANCELLED
        assert exchange.fault.unreachable
    assert len(server.requests) == 1
