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


@pytest.mark.parametrize(
    "path",
    [
        "/orders/a%20b%2Cc%26d%2C100%25",
        "/orders/a%20b%2cc&d%2c100%25",
        "/orders/a+b,c&d,100%25",
        "http://h/geode/v1/%6Frders/a b,c%26d,100%25?x=y",
        "(/orders/a b,%63&d,100%).",
        "/orders/%61%20b%2Cc%26d%2C100%25, /orders/a%20b%2Cc&d,100%",
        "orders/a%20b,c%26d,100%25",
        "(orders/a b,c&d,100%)",
        "geode%2Fv1%2Forders%2Fa%20b%2Cc%26d%2C100%25",
    ],
)
def test_the_address_is_known_however_it_is_encoded(path: str) -> None:
    keys, spelled = ("a b", "c&d", "100%"), ("a%20b", "c%26d", "100%25")
    question = Question("", "GET", "", "orders", keys, spelled, "", (), frozenset(), {}, ())
    seen = text({"path": path}, question, address=False)
    assert seen.named(spellings(question).values()) == set()
    assert not seen.names("orders")
    after = text(f"{path} a b", question, address=False)
    assert after.named(spellings(question).values()) == {"a b"}


def test_what_stands_beside_the_address_is_named() -> None:
    assert text("a/orders/a,b", address=False).named([("a",)]) == {"a"}
    assert text("/orders/+,b", address=False).named([("b",)]) == {"b"}
    assert text("/orders/ä,b", asked("ä", "b"), address=False).named([("b",)]) == set()
    assert text("/orders/%C3%A4,b", asked("ä", "b"), address=False).named([("b",)]) == set()
    assert text("/orders/aXc,b", asked("a c", "b"), address=False).named([("b",)]) == {"b"}


def test_an_address_that_begins_within_another_is_part_of_it() -> None:
    question = asked("a", region="a")
    assert text("/a/a", question, address=False).named([("a",)]) == set()
    assert text("/a/a/a", question, address=False).named([("a",)]) == {"a"}


@pytest.mark.parametrize(
    "path",
    ["/orders/a%2Cc", "/items/a%2Cb", "xorders/a%2Cb", "/orders/a%2C", "/orders/b%2Ca", "/%"],
)
def test_another_address_is_not_taken_for_it(path: str) -> None:
    body = f"{path} a orders"
    assert text(body, address=False).named([("a",)]) == {"a"}
    assert text(body, address=False).names("orders")
    assert text(path, address=False).named([(path.strip("/"),)]) == {path.strip("/")} - {""}


def test_each_string_of_a_body_with_a_repeated_member_names() -> None:
    for body in (rb'{"m":"\u0061","m":"x","r":"orders"}', rb'["\u0061","\ud83d","orders"]'):
        assert text(body).named([("a",), ("b",)]) == {"a"}
        assert text(body).names("orders")
        assert not text(body).names("u0061")


def test_a_key_is_spelled_as_it_is_and_as_it_stood_in_the_address() -> None:
    question = Question("", "GET", "", "orders", ("a b", "c"), ("a%20b", "c"), "", (), frozenset(), {}, ())
    assert spellings(question) == {"a b": ("a b", "a%20b"), "c": ("c",)}


def test_a_key_asked_for_in_two_spellings_is_named_in_either() -> None:
    keys, spelled = ("<x", "<x", "k/:z"), ("%3Cx", "%3cx", "k%2f%3az")
    question = Question("", "GET", "", "orders", keys, spelled, "", (), frozenset(), {}, ())
    for body in ("[%3Cx,k%2F%3Az]", "[%3cx,k%2f%3az]", "[<x,k/:z]"):
        assert text(body).named(spellings(question).values()) == {"<x", "k/:z"}
    assert text("[%3CX,k%2F%3Ay]").named(spellings(question).values()) == set()


def test_what_is_one_key_as_it_is_and_another_encoded_is_the_one() -> None:
    question = Question("", "GET", "", "orders", ("a b", "a%20b"), ("a%20b", "a%2520b"), "", (), frozenset(), {}, ())
    for found in (spellings(question).values(), list(spellings(question).values())[::-1]):
        assert text("[a%20b]").named(found) == {"a%20b"}
        assert text("[a b,a%20b]").named(found) == {"a b", "a%20b"}
