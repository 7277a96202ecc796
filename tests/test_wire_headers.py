from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator

import pytest

from kvgate.places import SCHEMAS
from kvgate.report.scrub import Scrubber
from kvgate.run.health import EXCHANGE_COST, size_of
from kvgate.schema import members_named
from kvgate.wire.exchange import Exchange, Request, Response
from kvgate.wire.headers import Header, Headers
from kvgate.wire.reader import ResponseReader

PAIRS = (Header(b"A", b"1"), Header(b"a", b"2"), Header(b"B", b""), Header(b"", b"x:a:y"), Header(b"a", b"\xff 3"))
# Nothing that the reader makes: a recording or a test may hold it.
ODD = (*PAIRS, Header(b"a:b", b"4"), Header(b"a", b"5\na:6"))

SCHEMA_FILES = [f"{path.parent.name}/{path.name}" for path in sorted(SCHEMAS.glob("*/headers*.json"))]


def response_with(head: bytes) -> Response:
    reader = ResponseReader("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 0\r\n\r\n")
    response, fault = reader.result()
    assert fault is None
    assert response is not None
    return response


@pytest.mark.parametrize("given", [(), PAIRS, ODD])
def test_headers_are_the_same_as_a_tuple_of_them(given: tuple[Header, ...]) -> None:
    headers = Headers(given)
    assert (tuple(headers), len(headers), hash(headers)) == (given, len(given), hash(Headers(list(given))))
    assert headers == given
    assert given == headers
    assert headers == Headers(given)
    assert headers != (*given, Header(b"z", b""))
    assert headers != Headers((*given, Header(b"z", b"")))
    assert headers != "headers"
    assert headers[1:3] == given[1:3]
    for name in (b"a", b"b", b"", b"none", b"1"):
        assert headers.all(name) == tuple(header.value for header in given if header.name.lower() == name)


def test_a_value_is_no_name_and_a_name_no_part_of_one() -> None:
    headers = Headers((Header(b"xa", b"1"), Header(b"x", b"a:2"), Header(b"ab", b"3")))
    assert headers.all(b"a") == ()
    assert headers.all(b"x") == (b"a:2",)


def test_many_headers_take_no_more_than_they_are() -> None:
    head = b"".join(b"%04x:%04x\r\n" % (number, number) for number in range(1900))
    response_with(head)
    tracemalloc.start()
    try:
        kept = [response_with(head) for _ in range(20)]
        taken = tracemalloc.get_traced_memory()[0] / len(kept)
    finally:
        tracemalloc.stop()
    assert len(kept[0].headers) == 1901
    assert taken < 1.5 * len(head)


def test_headers_count_as_what_an_exchange_takes() -> None:
    response = response_with(b"".join(b"%04x:%04x\r\n" % (number, number) for number in range(1000)))
    exchange = Exchange("first", "http://x", Request("GET", "/"), response, None, b"r" * 10, 10, 0.0, 0.0, "#1")
    assert size_of(exchange) >= EXCHANGE_COST + 10 + 1000 * len(b"%04x:%04x")


def test_a_secret_in_one_of_many_headers_is_taken_out() -> None:
    response = response_with(b"A: hello\r\nB: says open-sesame\r\n")
    shown = Scrubber(["open-sesame"]).value(response)
    assert shown.all("b") == (b"says [secret]",)
    assert shown.all("a") == (b"hello",)
    assert Scrubber(["nowhere"]).value(response) is response


def _keywords(node: object) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        yield from node.items()
        for child in node.values():
            yield from _keywords(child)
    elif isinstance(node, list):
        for child in node:
            yield from _keywords(child)


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_the_schemas_of_headers_say_nothing_of_headers_that_they_do_not_name(name: str) -> None:
    """Checks show them the headers they name, and no other."""
    every = ({"type": "array", "items": {"type": "string"}, "minItems": 1}, True)
    for keyword, value in _keywords(json.loads((SCHEMAS / name).read_text(encoding="utf-8"))):
        assert keyword not in {
            *("patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties"),
        }
        assert keyword != "additionalProperties" or value in every


def test_the_members_that_a_schema_speaks_of() -> None:
    assert {"version", "version1", "version2", "val-offset", "content-length"} <= set(
        members_named("get2/headers-409-pair.json")
    )
    assert "content-type" in members_named("geode/headers-200.schema.json")
