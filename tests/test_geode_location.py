"""What Content-Location is read as: the keys it names, in whichever way it may be written."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from kvgate.verdict import Answer
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.reader import read_response
from suites.geode.location import named, orders
from suites.geode.question import Question

COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"
TWICE_DECOMPOSED = ("e\u0323\u0302", "\u00ea\u0323")  # both U+1EC7
PARAMETER = "/orders?keys=a,b"


def asked(*keys: str, region: str = "orders", target: str = "/orders/x,y") -> Question:
    return Question("first", "GET", target, region, keys, keys, "found", (200,), frozenset(), {}, ())


def located(*values: str | bytes) -> Answer:
    lines = [value if isinstance(value, bytes) else value.encode() for value in values]
    head = b"".join(b"Content-Location: " + line + b"\r\n" for line in lines)
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + head + b"\r\n{}"
    response, fault = read_response(raw, "GET", closed=True)
    assert response is not None
    return Answer(
        Exchange("first", "", Request("GET", "/"), response, fault, raw, len(raw), 0.0, 0.0, "first"), response
    )


@pytest.mark.parametrize(
    "value",
    [
        "http://host:8080/geode/v1/orders/a,b", "https://other/orders/a,b", "/geode/v1/orders/a,b", "/orders/a,b",
        "orders/a,b", "//host/orders/a,b", "a,b", "../orders/a,b", "/v/w/orders/a,b", "/%6frders/a,b", "/orders/%61,b",
        "/orders/a%2Cb", "/orders/a,b?ignoreMissingKey=true", "/orders/a,b#there", "/orders/a,b?x#there", "a,b?x",
        "/orders/orders/a,b",
    ],
)  # fmt: skip
def test_the_keys_are_read_off_a_path(value: str) -> None:
    assert orders(located(value), asked("a", "b")) == (("a", "b"),)
    assert orders(located(value), asked("b", "a")) == (("a", "b"),)
    assert named(located(value), asked("b", "a")) in {
        ("a", "b"),
        ("a", "b?x"),
        ("a", "b#there"),
        ("a", "b?x#there"),
    } | {("a", "b?ignoreMissingKey=true")}


@pytest.mark.parametrize(
    ("value", "region", "keys"),
    [
        ("/orders/a", "orders", ("a", "b")),
        ("/orders/a,b,c", "orders", ("a", "b")),
        ("/orders/a,c", "orders", ("a", "b")),
        ("/items/a,b", "orders", ("a", "b")),
        ("/orders/a,b/", "orders", ("a", "b")),
        ("/orders/", "orders", ("a", "b")),
        ("http://[orders/a,b", "items", ("a", "b")),
        ("/orders/A,b", "orders", ("a", "b")),
        ("/orders/a,zz", "orders", ("a", "")),
        ("/orders/a,a,b,b", "orders", ("a", "b", "a")),
        ("/orders/a,b,a,a", "orders", ("a", "b", "a")),
    ],
)
def test_what_names_other_keys_or_another_region_names_none(value: str, region: str, keys: tuple[str, ...]) -> None:
    assert orders(located(value), asked(*keys, region=region)) == ()


def test_a_location_that_is_not_sent_once_names_none() -> None:
    for values in ((), ("/orders/a,b", "/orders/a,b")):
        assert orders(located(*values), asked("a", "b")) == ()
        assert named(located(*values), asked("a", "b")) == ()


def test_a_key_asked_for_twice_is_named_once_or_twice() -> None:
    question = asked("a", "b", "a")
    assert orders(located("/orders/b,a"), question) == (("b", "a"),)
    assert orders(located("/orders/a,a,b"), question) == (("a", "a", "b"),)


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("/orders/%2541,b", ("%41", "b")),
        ("/orders/%41,b", ("%41", "b")),
        ("/orders/a%2Cb,c", ("a,b", "c")),
        ("/orders/a%252Cb,c", ("a%2Cb", "c")),
        ("/orders/a%2Cb,c", ("a%2Cb", "c")),
        ("/orders/a/orders/b,c", ("a/orders/b", "c")),
        ("/orders/a/b,c", ("a/b", "c")),
        ("/orders/a?b,c", ("a?b", "c")),
        ("/orders/a#b,c", ("a#b", "c")),
        ("/orders/orders", ("orders",)),
        ("/orders/a+b,c", ("a+b", "c")),
    ],
)
def test_keys_of_other_signs_are_read_encoded_and_not(value: str, keys: tuple[str, ...]) -> None:
    assert keys in orders(located(value), asked(*keys))


def test_a_key_of_the_name_of_the_region_is_a_key() -> None:
    assert named(located("/orders/orders"), asked("orders")) == ("orders",)
    assert named(located("/orders/a,b"), asked("a", "b")) == ("a", "b")
    assert named(located("/items/a,b"), asked("a", "b")) == ()


def test_the_region_is_looked_for_at_the_last_four_places() -> None:
    inside = "a/orders/b/orders/c/orders/d"
    assert orders(located(f"/orders/{inside}"), asked(inside)) == ((inside,),)
    assert orders(located(f"/orders/x/orders/{inside}"), asked(f"x/orders/{inside}")) == ()


@pytest.mark.parametrize("sent", [COMPOSED, DECOMPOSED, "%C3%A9", "e%CC%81"])
def test_normalisation_makes_no_other_key(sent: str) -> None:
    for key in (COMPOSED, DECOMPOSED):
        assert orders(located(f"/orders/b,{sent}"), asked(key, "b")) == (("b", key),)
        assert named(located(f"/orders/b,{sent}"), asked(key, "b")) == ("b", COMPOSED)


@pytest.mark.parametrize("keys", [(COMPOSED, DECOMPOSED), TWICE_DECOMPOSED])
def test_keys_that_differ_in_normalisation_only_are_told_apart_where_they_are_sent_as_asked(
    keys: tuple[str, str],
) -> None:
    one, two = keys
    assert orders(located(f"/orders/{two},{one}"), asked(one, two)) == ((two, one),)
    assert orders(located(f"/orders/{one},{one}"), asked(one, two)) == ()


def test_what_is_not_utf_8_is_read_as_iso_8859_1() -> None:
    assert orders(located(b"/orders/\xe9,b"), asked(COMPOSED, "b")) == ((COMPOSED, "b"),)


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("http://host/geode/v1/orders?keys=a,b", ("a", "b")),
        ("/orders?keys=a,b", ("a", "b")),
        ("orders?keys=a,b", ("a", "b")),
        ("?keys=a,b", ("a", "b")),
        ("/orders?op=GET&keys=a,b&x=c", ("a", "b")),
        ("/orders?keys=a,b?c", ("a", "b?c")),
        ("/orders?keys=a%2Cb", ("a", "b")),
        ("/orders?keys=a%2Cb,c", ("a,b", "c")),
        ("/orders?keys=%41,b", ("%41", "b")),
        ("/orders?keys=a%2Cb,c", ("a%2Cb", "c")),
        ("/orders?keys=a+b,c%20d", ("a b", "c d")),
        ("/orders?keys=a+b,c", ("a+b", "c")),
        ("/orders?keys=a=b,c", ("a=b", "c")),
        ("/%6frders?keys=a,b", ("a", "b")),
        ("/v1/orders?keys=", ("",)),
    ],
)
def test_the_keys_are_read_off_the_parameter_where_they_were_asked_for_by_it(value: str, keys: tuple[str, ...]) -> None:
    assert keys in orders(located(value), asked(*keys, target=PARAMETER))


@pytest.mark.parametrize(
    "value",
    ["/orders/a,b", "/items?keys=a,b", "/orders/?keys=a,b", "/orders/items?keys=a,b", "/orders?other=a,b", "/orders"],
)
def test_the_parameter_of_another_name_or_region_names_none(value: str) -> None:
    assert orders(located(value), asked("a", "b", target=PARAMETER)) == ()


def test_a_region_is_named_as_it_is_or_encoded() -> None:
    for region, spelled in (("a b", "a%20b"), ("%41", "%41"), ("%41", "%2541")):
        for target, value in ((PARAMETER, f"/v/{spelled}?keys=a,b"), ("/x/y", f"/v/{spelled}/a,b")):
            assert orders(located(value), asked("a", "b", region=region, target=target)) == (("a", "b"),)


def test_the_keys_are_read_off_the_path_where_the_parameter_holds_something_else() -> None:
    assert orders(located("/orders/a,b"), asked("a", "b", target="/orders/a,b?x=?keys=a,b")) == (("a", "b"),)


def test_of_long_locations_nothing_is_remembered() -> None:
    urljoin("/a", "b")
    question = asked("a", "b")
    for more in range(3):
        assert orders(located("http://host/orders/a,b" + ",k" * (60_000 + more)), question) == ()
    assert urlsplit.cache_info().currsize == 0  # type: ignore[attr-defined]  # a function that remembers
    keys = tuple(f"key{number}" for number in range(1000))
    assert orders(located("/orders/" + ",".join(reversed(keys))), asked(*keys)) == (tuple(reversed(keys)),)
