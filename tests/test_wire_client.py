from __future__ import annotations

import contextlib
import gzip
import itertools
import logging
import re
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from scripted import Script, ScriptedServer, answers, reset

from kvgate.errors import InputError
from kvgate.wire.client import RAW_KEPT, Client, Credentials, Limits, NotPermittedError, Tls
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Request, Response
from kvgate.wire.reader import CUT_KEPT

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


# What goes out


def test_the_request_on_the_wire() -> None:
    request = Request(
        "GET", "/get2?key=a%41b+%2F&x=/../{}|^'\"", (("accept", "text/plain"), ("X-Two", "1"), ("X-Two", "2"))
    )
    with ScriptedServer(answers(HELLO)) as server:
        exchange = Client(server.origin).ask(request, label="case")
    assert server.requests == [
        b"GET /get2?key=a%41b+%2F&x=/../{}|^'\" HTTP/1.1\r\n"
        b"Host: 127.0.0.1:"
        + str(server.port).encode()
        + b"\r\nUser-Agent: kvgate/0.1.0\r\nAccept-Encoding: identity\r\n"
        b"accept: text/plain\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n"
    ]
    assert exchange.request is request
    assert (exchange.label, exchange.origin) == ("case", server.origin)


@pytest.mark.parametrize(("method", "body"), [("POST", b""), ("POST", bytes(range(256))), ("get", b""), ("GET", b"x")])
def test_methods_and_bodies(method: str, body: bytes) -> None:
    with ScriptedServer(answers(HELLO)) as server:
        good(Client(server.origin).ask(Request(method, "*", body=body)))
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(method.encode() + b" * HTTP/1.1\r\n")
    assert sent == body
    announced = b"Content-Length: %d" % len(body) in head
    assert announced == (bool(body) or method == "POST")


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/a b"),
        Request("GET", "/ä"),
        Request("GET", "/\r\nX: y"),
        Request("GET", ""),
        Request("G T", "/"),
        Request("GET", "/", (("X", "hunter2\r\nY: z"),)),
        Request("GET", "/", (("X", " hunter2"),)),
        Request("GET", "/", (("X Y", "hunter2"),)),
        Request("POST", "/", (("Content-Length", "9"),), b"hunter2"),
    ],
)
def test_what_http_cannot_carry_is_the_callers_fault(request_: Request) -> None:
    with ScriptedServer(answers(HELLO)) as server, pytest.raises(InputError) as caught:
        Client(server.origin).ask(request_)
    assert "hunter2" not in str(caught.value)


def test_what_is_not_permitted_is_never_sent() -> None:
    with ScriptedServer(answers(HELLO)) as server:
        client = Client(server.origin, permits=lambda request: request.method == "GET")
        with pytest.raises(NotPermittedError, match=r"^PUT /get2 is no read of this run$"):
            client.ask(Request("PUT", "/get2?key=a", body=b"v"))
        with client.connection() as connection, pytest.raises(NotPermittedError):
            client.ask(Request("DELETE", "/get2?key=a"), connection=connection)
        assert server.requests == []
        assert good(client.ask(GET)).status == 200


def test_credentials_go_out_and_show_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = Credentials("Authorization", "Basic aHVudGVyMg==")
    with ScriptedServer(answers(HELLO, linger=True)) as server:
        client = Client(server.origin, credentials=credentials)
        exchange = client.ask(GET)
        client.ask(Request("GET", "/", (("authorization", "Basic wrong"),)))
    assert b"Authorization: Basic aHVudGVyMg==\r\n" in server.requests[0]
    assert b"aHVudGVyMg" not in server.requests[1]
    shown = repr((exchange, credentials, client, vars(client))) + caplog.text
    assert "aHVudGVyMg" not in shown


def test_credentials_that_no_header_can_hold() -> None:
    with pytest.raises(InputError, match="header Authorization") as caught:
        Client("http://h", credentials=Credentials("Authorization", "Bearer hunter2\n"))
    assert "hunter2" not in str(caught.value)


def test_large_body_is_sent_whole() -> None:
    body = bytes(range(256)) * 16384
    with ScriptedServer(answers(HELLO)) as server:
        good(Client(server.origin).ask(Request("POST", "/put", body=body)))
    assert server.requests[0].endswith(body)
    assert len(server.requests[0].partition(b"\r\n\r\n")[2]) == len(body)


def test_answer_before_the_request_is_read() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"

    def script(sock: socket.socket, server: ScriptedServer) -> None:
        sock.recv(1000)
        sock.sendall(refusal)
        server.ending.wait(5)

    assert good(ask(script, Request("POST", "/", body=b"x" * (32 * 2**20)))).status == 413


def test_server_that_stops_reading() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        sock.recv(1000)
        server.ending.wait(5)

    message = fault_of(ask(script, Request("POST", "/", body=b"x" * (32 * 2**20)), QUICK), FaultKind.TIMEOUT)
    assert "of the request" in message


# What comes back


def test_an_answer() -> None:
    exchange = ask(answers(HELLO))
    assert good(exchange).body == b"hello"
    assert (exchange.raw, exchange.raw_length) == (HELLO, len(HELLO))
    assert exchange.connection
    assert abs(exchange.began - time.time()) < 60
    assert 0 < exchange.seconds < 30


def test_what_httpx_would_hide() -> None:
    zipped = gzip.compress(b"hello")
    length = b"Content-Length: %d\r\n" % len(zipped)
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    raw = hints + OK + length + length + b"Content-Encoding: gzip\r\nFold: a\r\n b\r\n\r\n" + zipped + b"excess"
    response = good(ask(answers(raw)))
    assert response.informational == (hints,)
    assert len(response.all("content-length")) == 2
    assert response.all("fold") == (b"a b",)
    assert (response.body, response.excess) == (zipped, b"excess")


def test_redirects_are_not_followed() -> None:
    with ScriptedServer(answers(b"HTTP/1.1 302 X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")) as server:
        assert good(Client(server.origin).ask(GET)).status == 302
    assert len(server.requests) == 1


def test_a_byte_at_a_time() -> None:
    raw = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n"
    response = good(ask(answers(*(raw[i : i + 1] for i in range(len(raw))), pause=0.001)))
    assert (response.body, len(response.trailers)) == (b"abcde", 1)


def test_http_1_0_ends_with_the_connection() -> None:
    response = good(ask(answers(b"HTTP/1.0 200 OK\r\n\r\nhello ", b"world")))
    assert (response.http_version, response.body, response.framing) == ("HTTP/1.0", b"hello world", "close")


@pytest.mark.parametrize("linger", [False, True])
def test_excess_in_a_packet_of_its_own(linger: bool) -> None:
    assert good(ask(answers(HELLO, b"more", pause=0.005, linger=linger))).excess == b"more"


def test_server_that_never_closes() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        server.ending.wait(20)

    assert good(ask(script)).body == b"hello"


def test_endless_excess_ends() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        sock.sendall(HELLO)
        server.drip(sock, itertools.repeat(b"x" * 65536), 0)

    assert good(ask(script)).excess == b"x" * 4096


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

    exchange = ask(script, limits=QUICK)
    assert fault_of(exchange, FaultKind.TIMEOUT).startswith("no complete answer within 0.8 s: ")
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


def test_of_an_answer_of_some_mebibytes_the_body_is_whole_and_raw_its_beginning() -> None:
    body = b"y" * (3 * 2**20)
    head = OK + b"Content-Length: %d\r\n\r\n" % len(body)
    exchange = ask(answers(head, body))
    assert good(exchange).body == body
    assert exchange.raw_length == len(head) + len(body)
    assert exchange.raw == (head + body)[: len(head) + RAW_KEPT]


def test_many_at_once() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        key = server.read_request(sock).split(b" ")[1]
        sock.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(key) + key)

    with ScriptedServer(script) as server, ThreadPoolExecutor(16) as threads:
        client = Client(server.origin)
        exchanges = list(threads.map(lambda number: client.ask(Request("GET", f"/{number}")), range(100)))
    assert [good(exchange).body for exchange in exchanges] == [b"/%d" % number for number in range(100)]
    assert len({exchange.connection for exchange in exchanges}) == 100


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


def test_localhost_tries_every_address() -> None:
    with ScriptedServer(answers(HELLO)) as server:
        good(Client(f"http://localhost:{server.port}").ask(GET))
    assert b"Host: localhost:" in server.requests[0]


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
    monkeypatch.setattr("kvgate.wire.client.DAWDLING", 60.0)
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
    monkeypatch.setattr("kvgate.wire.client.DAWDLING", 0.0 if late else 60.0)
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


def test_unusable_origin() -> None:
    with pytest.raises(InputError):
        Client("http://h/path")
    assert Tls() == Tls(insecure=False)
