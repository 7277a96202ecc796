"""Answers that are large, deep or odd beyond all measure become findings, and what was read of the places counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from geode_answers import Change, Reply, breached, evidence, findings, placed

from kvgate.verdict import Finding, Held, Situation
from kvgate.wire.reader import CUT_KEPT

DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def body(data: bytes) -> Change:
    return lambda reply: reply.saying(data)


def location(text: str) -> Change:
    return lambda reply: replace(reply, location=text)


EXTREMES: dict[str, tuple[str, Change, str]] = {
    "a deep body": ("three-sorted", body(DEEP), "body.value-intact"),
    "a body of brackets": ("three-sorted", body(b"[" * 1_000_000), "body.value-intact"),
    "a million digits": ("three-sorted", body(b'{"orders":[' + b"1" * 1_000_000 + b"]}"), "body.value-intact"),
    "more elements than are read": (
        "three-sorted",
        body(b'{"orders":[' + b"1," * 300_000 + b"1]}"),
        "body.value-intact",
    ),
    "many elements": ("three-sorted", body(b'{"orders":[' + b"1," * 50_000 + b"1]}"), "body.one-per-key"),
    "more bytes than are kept": (
        "three-sorted",
        body(b'{"orders":["' + b"x" * 5_000_000 + b'"]}'),
        "body.value-intact",
    ),
    "numbers that no memory holds": (
        "number-exponents",
        body(b'{"orders":[{"x":1e999999999999},{}]}'),
        "body.value-intact",
    ),
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


def by_requirement(case: str, change: Change) -> dict[str, Finding]:
    return {finding.requirement: finding for finding in findings(evidence(placed(case), change))}


RIGHT = b'{"orders":[{"id":1},{"id":2},{"id":3}]}'
WELL_FORMED = {
    "deep": (b'{"orders":[' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"]}", "nested deeper than 200"),
    "wide": (b'{"orders":[' + b"1," * 200_001 + b"1]}", "more than 200000 values"),
    "long": (b'{"orders":[' + b"7" * 5000 + b"]}", "a number of 5000 characters"),
    "large": (b'{"orders":["' + b"x" * 9_000_000 + b'"]}', f"9000015 bytes, of which {CUT_KEPT} were kept"),
}


@pytest.mark.parametrize("case", ["three-sorted", "missing-all-ignored"])
@pytest.mark.parametrize("name", WELL_FORMED)
def test_what_is_not_read_is_not_called_malformed(name: str, case: str) -> None:
    data, words = WELL_FORMED[name]
    found = by_requirement(case, body(data))
    assert found["geode.body.strict-json"].verdict == "not-applicable"
    assert words in found["geode.body.strict-json"].message
    assert found["geode.body.value-intact"].verdict == "fail"
    assert "more came back than was stored" in found["geode.body.value-intact"].message
    assert not any("not JSON" in one.message or "not strict JSON" in one.message for one in found.values())


@pytest.mark.parametrize(
    "padded",
    [
        lambda text: text + b" " * 9_000_000,
        lambda text: text.replace(b"1", b"1." + b"0" * 5000, 1),
        lambda text: text.replace(b"1", b"0." + b"0" * 5000 + b"1e+5001", 1),
    ],
    ids=["blanks", "zeros behind", "zeros before"],
)
def test_what_may_be_right_though_it_is_not_read_has_no_verdict(padded: Callable[[bytes], bytes]) -> None:
    found = by_requirement("three-sorted", body(padded(RIGHT)))
    assert found["geode.body.value-intact"].verdict == "no-verdict"
    assert not breached(list(found.values()))


def test_an_error_that_is_not_read_has_no_verdict() -> None:
    found = by_requirement("missing-first", body(DEEP))
    assert found["geode.error.json"].verdict == "no-verdict"
    assert "nested deeper than 200" in found["geode.error.json"].message
