"""Answers that are large, deep or odd beyond all measure become findings, and what was read of the places counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from geode_answers import Change, Reply, breached, evidence, findings, placed

from kvgate.verdict import Held, Situation

DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def body(data: bytes) -> Change:
    return lambda reply: reply.saying(data)


def location(text: str) -> Change:
    return lambda reply: replace(reply, location=text)


EXTREMES: dict[str, tuple[str, Change, str]] = {
    "a deep body": ("three-sorted", body(DEEP), "body.strict-json"),
    "a body of brackets": ("three-sorted", body(b"[" * 1_000_000), "body.strict-json"),
    "a million digits": ("three-sorted", body(b'{"orders":[' + b"1" * 1_000_000 + b"]}"), "body.strict-json"),
    "more elements than are read": (
        "three-sorted",
        body(b'{"orders":[' + b"1," * 300_000 + b"1]}"),
        "body.strict-json",
    ),
    "many elements": ("three-sorted", body(b'{"orders":[' + b"1," * 50_000 + b"1]}"), "body.one-per-key"),
    "more bytes than are kept": (
        "three-sorted",
        body(b'{"orders":["' + b"x" * 5_000_000 + b'"]}'),
        "body.strict-json",
    ),
    "numbers that no memory holds": (
        "number-exponents",
        body(b'{"orders":[{"x":1e999999999999},{}]}'),
        "body.value-intact",
    ),
    "a deep error": ("missing-first", body(DEEP), "error.json"),
    "an error that repeats itself": (
        "missing-first",
        lambda reply: reply.saying(reply.asked[1].encode() * 40_000),
        "error.names-missing",
    ),
    "the found keys, over and over": (
        "missing-some-named",
        lambda reply: reply.saying(f'"orders {" ".join(reply.asked * 5000)}"'),
        "error.names-missing",
    ),
    "a location of nothing but the region": ("three-sorted", location("/orders" * 20_000), "location.names-keys"),
    "a location of commas": ("three-sorted", location("/orders/" + "," * 100_000), "location.names-keys"),
    "a location that is no address": ("three-sorted", location("http://[::1/orders/"), "location.names-keys"),
    "control codes and markup": ("three-sorted", body(b"\x1b[31m<script>\x00"), "body.strict-json"),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_what_is_beyond_measure_is_a_finding(name: str) -> None:
    case, change, meant = EXTREMES[name]
    found = breached(findings(evidence(placed(case), change)))
    assert f"geode.{meant}" in found
    for finding in found.values():
        shown = finding.message + finding.want + finding.got
        assert shown.isprintable()
        assert len(shown) < 2000


@pytest.mark.parametrize(
    "name",
    ["a/b/orders/c", "orders", "a?b", "a#b", "a,b", "%2C"],
    ids=["slashes", "region", "query", "fragment", "comma", "code"],
)
def test_a_location_is_read_though_its_host_and_folders_look_alike(name: str) -> None:
    change: Change = lambda reply: replace(reply, location=f"http://orders/orders/{name}/orders/{','.join(reply.keys)}")  # noqa: E731
    accused = breached(findings(evidence(placed("three-sorted"), change)))
    # A question mark or number sign ends the path before it comes to the keys; not encoded it may be part of one.
    assert not accused


@pytest.mark.parametrize(("place", "accused"), [("data", True), ("second", False)])
def test_what_the_places_hold_afterwards_is_judged_where_it_can_be_read(place: str, accused: bool) -> None:
    seen = evidence(placed("reading-changes-nothing"))
    key = seen.case.holdings[0].key
    before = Situation({("data", key): Held(b'{"id":1}'), ("data", "gone"): Held(None)})
    after = Situation({(place, key): Held(b'{"id":1,"read":1}')})
    found = breached(findings(replace(seen, before=before, after=after)))
    assert ("geode.safe.read-only" in found) is accused


def test_the_answer_of_a_whole_case_may_be_unlike_any_of_its_kind() -> None:
    """A question whose outcome was judged elsewhere has no say in the checks of values."""

    def nothing(reply: Reply) -> Reply:
        return replace(reply, status=204, body=b"", length="none", headers=())

    found = breached(findings(evidence(placed("three-sorted"), nothing)))
    assert set(found) == {"geode.status.found"}
