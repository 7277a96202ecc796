"""Header lines in report.json: each as it is, and of large ones as much as of a body."""

from __future__ import annotations

from dataclasses import replace

from run_parts import exchange

from kvgate.report.excerpt import HEADER_LIMIT, LIMIT, exchange_excerpt
from kvgate.wire.headers import Header


def shown(*headers: tuple[bytes, bytes]) -> list[list[str]]:
    one = exchange()
    assert one.response is not None
    sent = replace(one.response, headers=[Header(*header) for header in headers])
    found: list[list[str]] = exchange_excerpt(replace(one, response=sent), {})["response"]["headers"]
    return found


def test_headers_are_shown_as_they_are() -> None:
    whole = b"x" * HEADER_LIMIT
    assert shown((b"A", b"b\xe9"), (b"a", b""), (b"B", whole)) == [["A", "b\xe9"], ["a", ""], ["B", whole.decode()]]


def test_of_a_long_header_the_beginning_is_shown() -> None:
    long = b"k," * 60_000
    cut = long[:HEADER_LIMIT].decode() + "... (120000 bytes)"
    assert shown((b"Content-Location", long), (b"A", b"b"), (long, b"")) == [
        ["Content-Location", cut],
        ["A", "b"],
        [cut, ""],
    ]


def test_of_many_headers_it_is_said_how_many_more_there_are() -> None:
    rows = shown(*[(b"Name", b"v" * 1020)] * 100)
    assert len(rows) == LIMIT // 1024 + 1
    assert rows[-1] == ["", "... (84 more header lines)"]
