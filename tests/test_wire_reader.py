from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvgate.wire.exchange import FaultKind, Response
from kvgate.wire.headers import Header
from kvgate.wire.reader import MAX_HEAD_BYTES, ResponseReader, read_response
from kvgate.wire.settings import Limits

OK = b"HTTP/1.1 200 OK\r\n"


def good(raw: bytes, method: str = "GET") -> Response:
    response, fault = read_response(raw, method)
    assert fault is None
    assert response is not None
    return response


def faulty(raw: bytes, kind: FaultKind, method: str = "GET") -> tuple[Response | None, str]:
    response, fault = read_response(raw, method)
    assert fault is not None
    assert fault.kind is kind, fault
    assert fault.message.isprintable()
    return response, fault.message


@pytest.mark.parametrize(
    ("line", "version", "status", "reason"),
    [
        (b"HTTP/1.1 200 OK", "HTTP/1.1", 200, b"OK"),
        (b"HTTP/1.1 200 ", "HTTP/1.1", 200, b""),
        (b"HTTP/1.1 200", "HTTP/1.1", 200, b""),
        (b"HTTP/1.0 409 Not \xc3\xa4 Match", "HTTP/1.0", 409, b"Not \xc3\xa4 Match"),
    ],
)
def test_status_lines(line: bytes, version: str, status: int, reason: bytes) -> None:
    response = good(line + b"\r\n\r\nbody")
    assert (response.http_version, response.status, response.reason) == (version, status, reason)
    assert (response.body, response.framing) == (b"body", "close")


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>hello</html>",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"http/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1\t200 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"\x15\x03\x01\x00\x02",
    ],
)
def test_what_is_not_http(raw: bytes) -> None:
    response, message = faulty(raw, FaultKind.GARBAGE)
    assert response is None
    assert message.startswith("not an HTTP/1.x")


def test_header_freedoms() -> None:
    response = good(
        OK + b"vAl-oFFset:5\r\nA:  \t x \t\r\nFold: one\r\n \t two\r\n\tthree\r\nHigh: \xe9\xff\r\nEmpty:\r\n"
        b"Content-Length: 0\r\nA: y\r\n\r\n"
    )
    assert response.all("Val-Offset") == (b"5",)
    assert response.headers[0] == Header(b"vAl-oFFset", b"5")
    assert response.all("a") == (b"x", b"y")
    assert response.all("fold") == (b"one two three",)
    assert response.all("High") == (b"\xe9\xff",)
    assert response.all("Empty") == (b"",)


def test_bare_line_feeds() -> None:
    response = good(b"HTTP/1.1 200 OK\nA: b\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n")
    assert (response.all("a"), response.body) == ((b"b",), b"abc")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (b"X: a\x00b", "a\\x00b"),
        (b"X: a\x1b[31m", "\\x1b[31m"),
        (b"X: a\rb", "a\\rb"),
        (b"X: \x7f", "\\x7f"),
        (b"No colon here", "without a colon"),
        (b": value", "without a name"),
        (b"X : y", "not a header name"),
        (b"a b: y", "not a header name"),
        (b"\xe9: y", "not a header name: \\xe9"),
    ],
)
def test_bad_header_lines_are_kept_and_reported(line: bytes, part: str) -> None:
    response, message = faulty(OK + line + b"\r\nContent-Length: 2\r\n\r\nhi", FaultKind.GARBAGE)
    assert part in message
    assert response is not None
    assert response.body == b"hi"
    name, _, value = line.partition(b":")
    assert response.headers[0] == Header(name, value.strip(b" "))


def test_first_header_line_cannot_be_a_continuation() -> None:
    response, _ = faulty(OK + b" A: b\r\nContent-Length: 0\r\n\r\n", FaultKind.GARBAGE)
    assert response is not None


def test_interim_answers() -> None:
    first, second = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    response = good(first + second + OK + b"Content-Length: 1\r\n\r\nx")
    assert response.informational == (first, second)
    assert response.all("Link") == ()


def test_switching_protocols_is_a_fault() -> None:
    response, message = faulty(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", FaultKind.FRAMING)
    assert "101" in message
    assert response is not None
    assert response.status == 101


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body(method: str, status: int) -> None:
    response = good(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\nhello" % status, method)
    assert (response.framing, response.body, response.excess) == ("none", b"", b"hello")


def test_chunks() -> None:
    response = good(
        OK + b'Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n1;a="b\x80"\r\n \r\n005 \r\nworld\r\nA\r\n0123456789\r\n'
        b"0;last\r\nDigest: x\r\nB: y\r\n\r\nmore"
    )
    assert (response.body, response.framing, response.excess) == (b"hello world0123456789", "chunked", b"more")
    assert response.trailers == (Header(b"Digest", b"x"), Header(b"B", b"y"))


@pytest.mark.parametrize(
    "chunks",
    [
        b"g\r\nabc\r\n",
        b"-1\r\nabc\r\n",
        b"0x3\r\nabc\r\n",
        b"\r\nabc\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"f" * 5000 + b"\r\nabc",
        b"ffffffffffffffff\r\nabc",
        b"1" * 20000,
    ],
)
def test_bad_chunks(chunks: bytes) -> None:
    response, _ = faulty(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, FaultKind.FRAMING)
    assert response is not None
    assert response.excess == b""


@pytest.mark.parametrize(
    "lengths",
    [
        [b"-5"],
        [b"+5"],
        [b"5a"],
        [b""],
        [b"0x5"],
        [b"5.0"],
        [b"\xb2"],
        [b"5", b"6"],
        [b"5, 6"],
        [b"9" * 5000],
        [b"9223372036854775808"],
    ],
)
def test_bad_lengths(lengths: list[bytes]) -> None:
    head = OK + b"".join(b"Content-Length: " + length + b"\r\n" for length in lengths)
    response, _ = faulty(head + b"\r\nhello!", FaultKind.FRAMING)
    assert response is not None
    assert response.body == b"hello!"
    assert response.all("content-length") == tuple(lengths)


@pytest.mark.parametrize("lengths", [[b"5"], [b"5", b"5"], [b"5, 5"], [b"0" * 5000 + b"5"]])
def test_good_lengths(lengths: list[bytes]) -> None:
    head = OK + b"".join(b"Content-Length: " + length + b"\r\n" for length in lengths)
    response = good(head + b"\r\nhello, too much")
    assert (response.body, response.excess, response.framing) == (b"hello", b", too much", "length")
    assert response.all("content-length") == tuple(lengths)


@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_contradictory_codings_are_read_as_chunked(head: bytes) -> None:
    response, _ = faulty(head + b"\r\n3\r\nabc\r\n0\r\n\r\n", FaultKind.FRAMING)
    assert response is not None
    assert (response.body, response.framing) == (b"abc", "chunked")


@pytest.mark.parametrize("coding", [b"gzip", b"identity", b"chunked, gzip", b"", b"xchunked"])
def test_coding_that_does_not_end_the_body(coding: bytes) -> None:
    response, _ = faulty(OK + b"Transfer-Encoding: " + coding + b"\r\n\r\nabc", FaultKind.FRAMING)
    assert response is not None
    assert response.body == b"abc"


def test_empty_list_elements_of_a_coding_say_nothing() -> None:
    assert good(OK + b"Transfer-Encoding: , chunked,\r\n\r\n0\r\n\r\n").framing == "chunked"


def test_compressed_body_stays_compressed() -> None:
    response = good(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")
    assert response.body == b"\x1f\x8b\x08\x00"


def test_nothing_at_all() -> None:
    assert faulty(b"", FaultKind.EMPTY)[0] is None


@pytest.mark.parametrize("raw", [b"H", b"HTTP/1.", b"HTTP/1.1 200", OK, OK + b"A: b\r\n", b"HTTP/1.1 100 C\r\n\r\n"])
def test_truncated_heads(raw: bytes) -> None:
    assert faulty(raw, FaultKind.TRUNCATED)[0] is None


def test_truncated_body() -> None:
    response, message = faulty(OK + b"Content-Length: 512\r\n\r\n" + b"x" * 120, FaultKind.TRUNCATED)
    assert message == "closed after 120 of 512 bytes of the body"
    assert response is not None
    assert response.body_length == 120


@pytest.mark.parametrize("rest", [b"", b"3", b"3\r\nab", b"3\r\nabc", b"3\r\nabc\r\n", b"0\r\n", b"0\r\nA: b\r\n"])
def test_truncated_chunks(rest: bytes) -> None:
    response, _ = faulty(OK + b"Transfer-Encoding: chunked\r\n\r\n" + rest, FaultKind.TRUNCATED)
    assert response is not None


def test_unfinished_recording_of_an_open_connection() -> None:
    response, fault = read_response(OK + b"Content-Length: 5\r\n\r\nabc", "GET", closed=False)
    assert response is not None
    assert fault is not None
    assert fault.kind is FaultKind.TIMEOUT


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"A: " + b"x" * MAX_HEAD_BYTES,
        OK + b"A: b\r\n" * 3000,
        b"HTTP/1.1 100 C\r\n\r\n" * 20000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 3000,
    ],
)
def test_too_large_heads(raw: bytes) -> None:
    faulty(raw, FaultKind.TOO_LARGE)


def test_body_beyond_keeping_is_counted() -> None:
    reader = ResponseReader("GET", Limits(keep_bytes=10, max_bytes=1000))
    reader.feed(OK + b"Content-Length: 500\r\n\r\n" + b"0123456789" * 50)
    response, fault = reader.result()
    assert fault is None
    assert response is not None
    assert (response.body, response.body_length) == (b"0123456789", 500)


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 500\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n"]
)
def test_body_beyond_the_limit(framing: bytes) -> None:
    reader = ResponseReader("GET", Limits(max_bytes=100))
    reader.feed(OK + framing + b"x" * 500)
    response, fault = reader.result()
    assert reader.complete
    assert fault is not None
    assert fault.kind is FaultKind.TOO_LARGE
    assert response is not None
    assert response.body_length > 100


def test_body_at_the_limit() -> None:
    reader = ResponseReader("GET", Limits(max_bytes=100))
    reader.feed(OK + b"Content-Length: 100\r\n\r\n" + b"x" * 100)
    assert reader.complete
    assert reader.result()[1] is None


def test_excess_is_bounded() -> None:
    reader = ResponseReader("GET")
    reader.feed(OK + b"Content-Length: 0\r\n\r\n" + b"y" * 9000)
    reader.feed(b"z" * 9000)
    response, _ = reader.result()
    assert response is not None
    assert response.excess == b"y" * 4096


_PIECES = st.lists(
    st.sampled_from(
        [
            *(OK, b"HTTP/1.1 100 C\r\n\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"),
            *(b"\r\n", b"\n", b" fold\r\n", b"A: b\r\n", b"3\r\nabc\r\n", b"0\r\n", b"abc", b"\x00", b"ff", b";", b":"),
        ]
    ),
    max_size=12,
)


@given(pieces=_PIECES, cut=st.integers(min_value=1, max_value=7), closed=st.booleans())
@settings(max_examples=300, deadline=None)
def test_packet_splits_make_no_difference(pieces: list[bytes], cut: int, closed: bool) -> None:
    raw = b"".join(pieces)
    whole, split = ResponseReader("GET"), ResponseReader("GET")
    whole.feed(raw)
    for start in range(0, len(raw), cut):
        split.feed(raw[start : start + cut])
    if closed:
        whole.close()
        split.close()
    (one, fault), (other, other_fault) = whole.result(), split.result()
    assert one == other
    assert (fault and fault.kind) == (other_fault and other_fault.kind)
    assert whole.complete == split.complete


@given(
    head=st.sampled_from([b"", b"HTTP/1.1 ", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n"]),
    rest=st.binary(max_size=80),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_come_to_an_end(head: bytes, rest: bytes) -> None:
    response, fault = read_response(head + rest, "GET")
    assert response is not None or fault is not None
    assert fault is None or fault.message.isprintable()
