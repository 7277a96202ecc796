"""Which keys an error names: whole words, the longest first, and not those of an address that it repeats."""

from __future__ import annotations

import json

import pytest
from test_geode_location import asked

from kvgate.verdict import Answer
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.reader import read_response
from suites.geode.naming import ErrorText, spellings
from suites.geode.question import Question


def saying(body: object) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)
    response, fault = read_response(raw, "GET", closed=True)
    assert response is not None
    return Answer(
        Exchange("first", "", Request("GET", "/"), response, fault, raw, len(raw), 0.0, 0.0, "first"), response
    )


def text(body: object, question: Question | None = None, *, address: bool = True) -> ErrorText:
    return ErrorText(saying(body), question or asked("a", "b"), address=address)


@pytest.mark.parametrize(
    ("body", "keys", "named"),
    [
        ("a", ["a"], {"a"}),
        ("[a,b]", ["a", "b"], {"a", "b"}),
        ("ab", ["a", "b"], set()),
        ("xa", ["a"], set()),
        ("a1", ["a"], set()),
        ("1a", ["a"], set()),
        ("aa a", ["a"], {"a"}),
        ("aa", ["a"], set()),
        ("xab.ab", ["ab"], {"ab"}),
        ("ababa aba", ["aba"], {"aba"}),
        ("aba", ["aba", "a"], {"aba"}),
        ("(a.b)", ["a", "a.b"], {"a.b"}),
        ("(a.b) a", ["a", "a.b"], {"a", "a.b"}),
        ("a.b c", ["a.b", "c"], {"a.b", "c"}),
        ("aa.b c", ["aa.b", "b c"], {"aa.b"}),
        ("a a", ["a"], {"a"}),
        ("nothing", ["a"], set()),
        (["x", {"k": "a"}], ["a", "k", "c"], {"a", "k"}),
        (["b", "a"], ["a", "b"], {"a", "b"}),
        ({"code": 13}, ["13", "1"], {"13"}),
        (b"a is not there", ["a", "b"], {"a"}),
        (b"\xff a \xff", ["a"], {"a"}),
        ("a ba", ["a"], {"a"}),
        ("xa a ba", ["a"], {"a"}),
        ("a.b a.b a.b", ["a", "a.b"], {"a.b"}),
        ("x---", ["--"], {"--"}),
        ("(b)-c", ["(b)", "-c"], {"(b)", "-c"}),
        ("a", [""], set()),
        ("- -", [""], set()),
        ("\u00e9a", ["a"], set()),
    ],
)
def test_keys_are_named_by_whole_words(body: object, keys: list[str], named: set[str]) -> None:
    assert text(body).named([(key,) for key in keys]) == named
    assert text(body).named([(key,) for key in reversed(keys)]) == named


def test_a_key_is_named_by_any_of_its_spellings() -> None:
    both = [("a b", "a%20b"), ("c", "c")]
    for body in ("[a b]", "[a%20b]"):
        assert text(body).named(both) == {"a b"}
    assert text("[a%20b]").named([("20b",), ("a b", "a%20b")]) == {"a b"}
    assert text("[a%20b] c").named([("a b", "a%20b"), ("20b", "20b"), ("c",)]) == {"a b", "c"}


def test_a_region_is_named_by_a_whole_word() -> None:
    assert text("in region [orders]").names("orders")
    assert text(["x", "orders"]).names("items", "orders")
    for body in ("in region [orders2]", "", "reorders"):
        assert not text(body).names("orders")
    assert not text("- -").names("")
    assert not text("a").names()


def test_the_address_that_was_asked_for_names_nothing() -> None:
    body = {"path": "/geode/v1/orders/a,b", "message": "Requested keys [a] not exist in region [orders]"}
    assert text(body).named([("a",), ("b",)]) == {"a", "b"}
    assert text(body, address=False).named([("a",), ("b",)]) == {"a"}
    assert text({"path": "/geode/v1/orders/a,b"}, address=False).named([("a",), ("b",)]) == set()
    assert not text({"path": "/geode/v1/orders/a,b"}, address=False).names("orders")
    assert text({"path": "/geode/v1/orders/b,a"}, address=False).named([("a",), ("b",)]) == {"a", "b"}
    assert text({"path": "/geode/v1/items/a,b"}, address=False).named([("a",), ("b",)]) == {"a", "b"}


def test_the_address_is_known_encoded_too() -> None:
    question = Question("", "GET", "", "orders", ("a b", "c"), ("a%20b", "c"), "", (), frozenset(), {}, ())
    for path in ("/orders/a b,c", "/orders/a%20b,c"):
        assert text({"path": path}, question, address=False).named(spellings(question).values()) == set()
    assert text("x/orders/a b,cy", question, address=False).named([("y",), ("x",)]) == {"x", "y"}


def test_a_key_is_spelled_as_it_is_and_as_it_stood_in_the_address() -> None:
    question = Question("", "GET", "", "orders", ("a b", "c"), ("a%20b", "c"), "", (), frozenset(), {}, ())
    assert spellings(question) == {"a b": ("a b", "a%20b"), "c": ("c",)}
