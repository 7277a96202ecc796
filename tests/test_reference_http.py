"""The HTTP core of the reference, byte by byte."""

# ruff: noqa: ARG002  (a step that is overridden need not use all it gets)
from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Iterator

import pytest
from raw_http import Answer, RawClient, ask, request

from kvgate.reference.connection import Connection
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import Request, Response, Server, basic_credential, bearer_credential, http_date
from kvgate.reference.message import RequestParser


class Echo(Server):
    """Answers with what it understood of the request."""

    max_target = 4096

    def respond(self, request: Request) -> Response | Awaitable[Response]:
        framing = {"/chunked": "chunked", "/close": "close"}.get(request.path, "length")
        text = f"{request.method} {request.target} {request.sequence} ".encode("latin-1") + request.body
        response = Response(200, "OK", self.common_headers(), text, framing)  # type: ignore[arg-type]  # from a literal above
        return self.later(response) if request.path == "/later" else response

    async def later(self, response: Response) -> Response:
        await asyncio.sleep(0.05)
        return response


@pytest.fixture(scope="module")
def servers() -> Iterator[Embedded]:
    with Embedded() as embedded:
        yield embedded


@pytest.fixture(scope="module")
def url(servers: Embedded) -> str:
    return servers.add(Echo())


@pytest.fixture
def client(url: str) -> Iterator[RawClient]:
    with RawClient(url) as client:
        yield client


def test_keep_alive_serves_one_after_the_other_on_one_connection(client: RawClient) -> None:
    first, second = client.ask(request("GET", "/a")), client.ask(request("GET", "/b"))
    assert (first.body, second.body) == (b"GET /a 1 ", b"GET /b 2 ")
    assert first.header("Connection") is None


def test_connection_close_is_honoured_and_said(client: RawClient) -> None:
    answer = client.ask(request("GET", "/a", headers=("Connection: close",)))
    assert answer.header("Connection") == "close"
    assert client.rest() == b""


def test_http10_closes_unless_asked_to_stay(url: str) -> None:
    with RawClient(url) as client:
        answer = client.ask(b"GET /a HTTP/1.0\r\n\r\n")
        assert (answer.version, answer.status) == ("HTTP/1.1", 200)
        assert client.rest() == b""
    with RawClient(url) as client:
        answer = client.ask(b"GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        assert answer.header("Connection") == "keep-alive"
        assert client.ask(request("GET", "/b")).body == b"GET /b 2 "


def test_chunked_answer_and_its_http10_form(url: str) -> None:
    with RawClient(url) as client:
        answer = client.ask(request("GET", "/chunked"))
        assert answer.header("Transfer-Encoding") == "chunked"
        assert answer.body == b"GET /chunked 1 "
        assert client.ask(request("GET", "/a")).body == b"GET /a 2 "
    with RawClient(url) as client:
        answer = client.ask(b"GET /chunked HTTP/1.0\r\n\r\n")
        assert answer.header("Transfer-Encoding") is None
        assert answer.body == b"GET /chunked 1 "


def test_framing_by_close(client: RawClient) -> None:
    answer = client.ask(request("GET", "/close"))
    assert (answer.header("Content-Length"), answer.header("Connection")) == (None, "close")
    assert answer.body == b"GET /close 1 "


@pytest.mark.parametrize("path", ["/a", "/chunked"])
def test_head_has_the_headers_of_get_and_no_body(client: RawClient, path: str) -> None:
    head = client.ask(request("HEAD", path))
    get = client.ask(request("GET", path))
    length = head.header("Content-Length")
    assert head.header("Transfer-Encoding") == get.header("Transfer-Encoding")
    assert length is None or int(length) == len(b"HEAD /a 1 ")


def test_body_by_length_in_two_packets(client: RawClient) -> None:
    whole = request("POST", "/a", b"x" * 70_000)
    client.send(whole[:100])
    time.sleep(0.02)
    client.send(whole[100:])
    assert client.read().body == b"POST /a 1 " + b"x" * 70_000


def test_chunked_body_in_single_bytes_with_extension_and_trailer(client: RawClient) -> None:
    head = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for byte in head + b"3;x=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n":
        client.send(bytes([byte]))
    assert client.read().body == b"POST /a 1 abc0123456789"
    assert client.ask(request("GET", "/b")).body == b"GET /b 2 "


def test_expect_continue(client: RawClient) -> None:
    client.send(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert client.read().status == 100
    client.send(b"ab")
    answer = client.read()
    assert (answer.status, answer.body) == (200, b"POST /a 1 ab")


def test_no_continue_when_the_body_is_there_already(client: RawClient) -> None:
    client.send(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab")
    assert client.read().status == 200


def test_pipelined_requests_are_answered_in_order_also_when_one_is_slow(client: RawClient) -> None:
    paths = ["/later", "/a", "/chunked", "/later", "/b"]
    client.send(b"".join(request("GET", path) for path in paths))
    bodies = [client.read().body for _ in paths]
    assert bodies == [f"GET {path} {number} ".encode() for number, path in enumerate(paths, 1)]


def test_half_closed_client_still_gets_a_slow_answer(client: RawClient) -> None:
    client.send(request("GET", "/later") + request("GET", "/a"))
    client.socket.shutdown(socket.SHUT_WR)
    assert [client.read().body, client.read().body] == [b"GET /later 1 ", b"GET /a 2 "]
    assert client.rest() == b""


def test_empty_lines_before_a_request_and_absolute_form(client: RawClient) -> None:
    answer = client.ask(b"\r\n\r\nGET http://test.example/chunked?x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.header("Transfer-Encoding") == "chunked"


def garbage(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        pytest.param(400, b"\x00\x01\x02 garbage\n", id="garbage"),
        pytest.param(400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", id="TLS to a plain port"),
        pytest.param(400, b"GET /a\r\n\r\n", id="HTTP/0.9"),
        pytest.param(400, b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", id="space in the target"),
        pytest.param(400, b"GET /a HTTP/1.1\nHost: a\n\n", id="bare line feeds"),
        pytest.param(400, garbage("GET /a HTTP/1.1"), id="no Host"),
        pytest.param(400, garbage("GET /a HTTP/1.1", "Host: a", "Host: b"), id="two Hosts"),
        pytest.param(400, garbage("GET /a HTTP/1.1", "Host: a", "No colon"), id="header without colon"),
        pytest.param(400, garbage("GET /a HTTP/1.1", "Host: a", "X : y"), id="space before the colon"),
        pytest.param(400, garbage("GET /a HTTP/1.1", "Host: a", "X: y", " folded"), id="folded header"),
        pytest.param(400, garbage("GET /a HTTP/1.1", "Host: a", "X: a\x00b"), id="NUL in a header"),
        pytest.param(400, garbage("GET /a HTTP/1.1", "Host: a", "X: a\nb: c"), id="line feed in a header"),
        pytest.param(400, garbage("POST /a HTTP/1.1", "Host: a", "Content-Length: -1"), id="negative length"),
        pytest.param(400, garbage("POST /a HTTP/1.1", "Host: a", "Content-Length: 1_0"), id="length not digits"),
        pytest.param(
            400, garbage("POST /a HTTP/1.1", "Host: a", "Content-Length: 1", "Content-Length: 2"), id="two lengths"
        ),
        pytest.param(
            400,
            garbage("POST /a HTTP/1.1", "Host: a", "Content-Length: 1", "Transfer-Encoding: chunked"),
            id="length and chunks",
        ),
        pytest.param(
            400, garbage("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + b"zz\r\n", id="bad chunk size"
        ),
        pytest.param(
            400,
            garbage("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + b"1\r\nabc0\r\n\r\n",
            id="chunk too long",
        ),
        pytest.param(501, garbage("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: gzip"), id="other coding"),
        pytest.param(413, garbage("POST /a HTTP/1.1", "Host: a", "Content-Length: 99999999999"), id="huge body"),
        pytest.param(414, garbage("GET /" + "a" * 5000 + " HTTP/1.1", "Host: a"), id="long target"),
        pytest.param(414, b"GET /" + b"a" * 70_000, id="endless target"),
        pytest.param(431, b"GET /a HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000, id="endless header"),
        pytest.param(417, garbage("POST /a HTTP/1.1", "Host: a", "Expect: tea"), id="other expectation"),
        pytest.param(505, garbage("GET /a HTTP/2.0", "Host: a"), id="HTTP/2.0"),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(client: RawClient, status: int, sent: bytes) -> None:
    client.send(sent)
    answer = client.read()
    assert (answer.status, answer.header("Connection")) == (status, "close")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b""


def test_a_refusal_arrives_although_the_client_is_still_sending(client: RawClient) -> None:
    client.send(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n")
    time.sleep(0.05)
    for _ in range(3):
        client.send(b"x" * 300_000)
    assert client.read().status == 413


def test_a_request_after_a_refused_one_is_not_answered(client: RawClient) -> None:
    client.send(b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + request("GET", "/b"))
    assert client.read().status == 400
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b""


def test_parser_takes_a_request_cut_anywhere() -> None:
    whole = request("POST", "/a?x=1&y=%20", b"body", ("X: y",))
    for cut in range(len(whole)):
        parser = RequestParser()
        parser.feed(whole[:cut])
        assert parser.next_request() is None
        parser.feed(whole[cut:])
        got = parser.next_request()
        assert got is not None
        assert (got.path, got.parameters, got.header("x"), got.body) == (
            "/a",
            (("x", "1"), ("y", "%20")),
            "y",
            b"body",
        )
        assert parser.next_request() is None


# The hooks that deviations are built on


def test_headers_go_out_as_they_stand(servers: Embedded) -> None:
    class Liar(Server):
        def respond(self, request: Request) -> Response:
            return Response(200, "", (("Content-Length", "3"), ("content-length", "3"), ("X", "\xff")), b"12345")

    with RawClient(servers.add(Liar())) as client:
        client.send(request("GET", "/", headers=("Connection: close",)))
        assert client.rest() == (
            b"HTTP/1.1 200 \r\nContent-Length: 3\r\ncontent-length: 3\r\nX: \xff\r\nConnection: close\r\n\r\n12345"
        )


def test_send_may_drip_and_later_requests_wait(servers: Embedded) -> None:
    class Drip(Echo):
        def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None]:
            return self.drip(connection, self.encode(request, response))

        async def drip(self, connection: Connection, data: bytes) -> None:
            for byte in data:
                connection.write(bytes([byte]))
                await asyncio.sleep(0)

    with RawClient(servers.add(Drip())) as client:
        client.send(request("GET", "/a") + request("GET", "/b"))
        assert [client.read().body, client.read().body] == [b"GET /a 1 ", b"GET /b 2 "]


def test_send_may_reset(servers: Embedded) -> None:
    class Reset(Echo):
        def send(self, connection: Connection, request: Request, response: Response) -> None:
            connection.reset()

    with RawClient(servers.add(Reset())) as client:
        client.send(request("GET", "/a"))
        with pytest.raises(ConnectionResetError):
            client.socket.recv(1)


def test_connected_may_leave_the_peer_waiting(servers: Embedded) -> None:
    class Deaf(Echo):
        def connected(self, connection: Connection) -> bool:
            return False

    with RawClient(servers.add(Deaf())) as client:
        client.send(request("GET", "/a"))
        client.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)


def test_chunks_may_be_cut_anywhere(servers: Embedded) -> None:
    class Crumbs(Echo):
        def chunks(self, body: bytes) -> Iterator[bytes]:
            return (body[index : index + 1] for index in range(len(body)))

    assert ask(servers.add(Crumbs()), "GET", "/chunked").body == b"GET /chunked 1 "


def test_an_exception_in_a_step_is_a_500_and_counted(servers: Embedded, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Server):
        def respond(self, request: Request) -> Response:
            raise KeyError("broken")

    server = Broken()
    assert ask(servers.add(server), "GET", "/").status == 500
    assert server.failures == 1
    assert "the reference failed on GET /" in caplog.text


def test_a_client_that_resets_during_a_slow_answer_leaves_the_server_well(servers: Embedded, url: str) -> None:
    with RawClient(url) as client:
        client.send(request("GET", "/later"))
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(url, "GET", "/a").body == b"GET /a 1 "


def test_a_slow_reader_gets_all_of_many_large_answers(servers: Embedded) -> None:
    class Large(Server):
        def respond(self, request: Request) -> Response:
            return Response(200, "OK", (), b"x" * 1_000_000)

    with RawClient(servers.add(Large())) as client:
        client.send(request("GET", "/") * 20)
        time.sleep(0.1)
        assert [len(client.read().body) for _ in range(20)] == [1_000_000] * 20


@pytest.mark.parametrize(
    ("credential", "scheme"),
    [
        (basic_credential("us\u00e9r", "p:w"), 'Basic realm="kvgate"'),
        (bearer_credential("t0ken"), 'Bearer realm="kvgate"'),
        (("X-Api-Key", "k"), 'Basic realm="kvgate"'),
    ],
)
def test_credentials(servers: Embedded, credential: tuple[str, str], scheme: str) -> None:
    url = servers.add(Echo(credential=credential))
    for headers in ((), (f"{credential[0]}: {credential[1]}x",)):
        refused = ask(url, "GET", "/a", headers=headers)
        assert (refused.status, refused.header("WWW-Authenticate")) == (401, scheme)
    assert ask(url, "GET", "/a", headers=(": ".join(credential),)).status == 200


def test_date_is_an_imf_fixdate_of_now() -> None:
    assert abs(time.mktime(time.strptime(http_date(), "%a, %d %b %Y %H:%M:%S GMT")) - time.mktime(time.gmtime())) <= 2


def test_answer_type_reads_what_it_is_given() -> None:
    assert Answer("HTTP/1.1", 200, "OK", (("A", "1"), ("a", "2")), b"").all("A") == ["1", "2"]
