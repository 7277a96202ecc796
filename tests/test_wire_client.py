"""What the client sends, and how it reads what comes back."""

from __future__ import annotations

import gzip
import itertools
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from scripted import ScriptedServer, answers
from wire_parts import GET, HELLO, OK, QUICK, ask, fault_of, good

from kvgate.errors import InputError
from kvgate.wire.attempt import RAW_KEPT
from kvgate.wire.client import Client, Credentials, NotPermittedError, Tls
from kvgate.wire.exchange import FaultKind, Request

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


def test_a_header_that_is_left_out_does_not_go_out() -> None:
    with ScriptedServer(answers(HELLO)) as server:
        Client(server.origin).ask(Request("GET", "/", without=("accept", "User-Agent", "Accept-Encoding")))
    assert server.requests == [b"GET / HTTP/1.1\r\nHost: 127.0.0.1:" + str(server.port).encode() + b"\r\n\r\n"]


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


def test_localhost_tries_every_address() -> None:
    with ScriptedServer(answers(HELLO)) as server:
        good(Client(f"http://localhost:{server.port}").ask(GET))
    assert b"Host: localhost:" in server.requests[0]


def test_unusable_origin() -> None:
    with pytest.raises(InputError):
        Client("http://h/path")
    assert Tls() == Tls(insecure=False)
