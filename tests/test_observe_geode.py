"""Observing Geode: keys read alone and asked for together, what is left out, what changes, and faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_parts import Watch, gate, geode, plain, servers
from observe_parts import ITEMS, ORDERS, fill, observe, part_of, with_fault

from kvgate.exits import Exit
from kvgate.reference.deviation import load_faults, load_freedoms
from kvgate.reference.message import Request, Response
from kvgate.seeding.listing import list_region
from kvgate.verdict import Verdict
from kvgate.wire.exchange import Exchange
from kvgate.wire.exchange import Request as Sent
from kvgate.wire.exchange import Response as Answered
from suites.geode.observing import CANNOT_SHOW


def test_lists_of_keys_are_judged_by_what_each_key_holds_alone() -> None:
    with servers(interfaces=["geode"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "geode"), "no%20such")
    assert seen.observation.held == {"there in a region": 7, "there in both regions": 1, "in no region": 1}
    assert not seen.of(Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)
    asked = [ask for case in seen.observation.cases.values() for ask in case.asks]
    together = {(ask.fields["region"], key) for ask in asked for key in ask.fields["keys"]}
    assert {("data", key) for key in ORDERS} | {("second", key) for key in ITEMS} <= together
    queries = {ask.fields["query"] for ask in asked}
    assert {"", "?ignoreMissingKey=true", "?ignoreMissingKey=false"} <= queries
    assert any(len(set(ask.fields["keys"])) < len(ask.fields["keys"]) for ask in asked)
    # A list of one key is another page (E31).
    assert all(len(ask.fields["keys"]) > 1 for ask in asked)
    passed = seen.of(Verdict.PASS)
    for requirement in ("body.aligned", "body.missing-null", "status.missing", "safe.isolated", "parameter.values"):
        assert passed[f"geode.{requirement}"], requirement
    assert CANNOT_SHOW in seen.lines


def test_the_limit_is_told_in_the_terminal_and_in_the_reports(tmp_path: Path) -> None:
    with servers(interfaces=["geode"]) as embedded:
        fill(embedded)
        ran = gate(tmp_path, *geode(embedded), "--kv-observe=sample", "--kv-requirement=geode.status.*")
    assert ran.status == Exit.CONFORMING, ran.out
    for text in (ran.out, ran.summary, *ran.report["run"]["notes"][-2:-1]):
        assert "cannot be seen" in text or "not tested" in text
    assert CANNOT_SHOW in ran.out
    assert CANNOT_SHOW in ran.summary
    assert CANNOT_SHOW in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_what_cannot_be_judged_is_left_out_with_the_reason() -> None:
    with servers(interfaces=["geode"]) as embedded:
        fill(embedded)
        embedded.call(lambda: embedded.geode.regions["orders"].update({"text": '"a text"', "null": "null", "bad": "{"}))  # type: ignore[union-attr]  # started
        seen = observe(part_of(embedded, "geode"), "a%2Cb", "keys")
    reasons = seen.observation.left_out
    assert set(reasons) == {"text", "null", "bad", "a%2Cb", "keys"}
    assert "no JSON object" in reasons["text"]
    assert "no strict JSON came" in reasons["bad"]
    assert reasons["a%2Cb"].startswith("a path with"), "without the key, so that many keys are one line"
    assert "read as several keys (E35)" in reasons["a%2Cb"]
    assert not seen.of(Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)


def test_a_run_whose_every_key_is_left_out_is_not_green(tmp_path: Path) -> None:
    with servers(interfaces=["geode"]) as embedded:
        embedded.call(lambda: embedded.geode.regions["orders"].update({"text": '"a text"'}))  # type: ignore[union-attr]  # started
        ran = gate(tmp_path, *geode(embedded), "--kv-observe=sample")
    assert ran.status == Exit.NOTHING_TESTED
    assert "note: geode: left out, 1 of the keys: read alone in region orders: the value is no JSON object" in ran.out


@pytest.mark.parametrize("times", [1, 1000])
def test_a_value_that_changes_is_read_again_and_left_out_where_it_never_stands_still(times: int) -> None:
    changes = {"done": 0}

    def twist(request: Request, _number: int) -> Response | None:
        server = embedded.geode
        if server is not None and "order-1" in request.path and "," in request.path and changes["done"] < times:
            changes["done"] += 1
            server.regions["orders"]["order-1"] = f'{{"changed": {changes["done"]}}}'
        return None

    with servers(geode=Watch(twist), interfaces=["geode"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "geode"))
    assert not seen.of(Verdict.FAIL, Verdict.WARN)
    about = {name for name in seen.observation.cases if "order-1" in name and name.startswith("keys:data:")}
    passed = seen.of(Verdict.PASS)["geode.status.found"]
    assert passed
    if times == 1:
        assert about & passed
    else:
        assert not about & passed


def test_a_key_that_is_listed_and_not_found_is_left_out() -> None:
    def lost(request: Request, _number: int) -> Response | None:
        return plain(404) if request.path.endswith("/order-2") else None

    with servers(geode=Watch(lost), interfaces=["geode"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "geode"))
    assert seen.observation.left_out == {"order-2": "it is listed, and a GET of it alone does not find it"}
    assert not seen.of(Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (plain(404), "no listing of keys: answered 404 (no)"),
        (plain(500), "no listing of keys: answered 500 (no)"),
        (plain(200, "<html>"), "no listing of keys: not JSON: '<html>'"),
        (plain(200, '{"keys": 1}'), "no listing of keys: no list under `keys`"),
    ],
)
def test_a_listing_that_cannot_be_used_is_one_line(answer: Response, line: str) -> None:
    watch = Watch(lambda request, _number: answer if request.path.endswith("/keys") else None)
    with servers(geode=watch, interfaces=["geode"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "geode"))
        named = observe(part_of(embedded, "geode"), "order-1", "order-2", sample=False)
    assert line in (seen.observation.trouble or "")
    assert seen.findings == ()
    assert named.observation.trouble is None
    assert not named.of(Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)


def test_a_huge_listing_is_read_as_far_as_it_was_kept() -> None:
    whole = b'{"keys":["a\\"b","c d",7,"tail"]}'

    def listed(kept: int) -> tuple[tuple[str, ...], int, bool]:
        response = Answered("HTTP/1.1", 200, b"", (), whole[:kept], len(whole), "length")
        request = Sent("GET", "/orders/keys")
        exchange = Exchange("", "http://g:1", request, response, None, b"", 0, 0.0, 0.0, "")
        found = list_region(lambda _request: exchange, "http://g:1/orders", "/orders")
        return found.keys, found.others, found.whole

    assert listed(len(whole)) == (('a"b', "c d", "tail"), 1, True)
    assert listed(len(whole) - 4) == (('a"b', "c d"), 0, False)


def some_faults(breaks: str, count: int) -> list[str]:
    return [
        name
        for name, fault in load_faults("geode").items()
        if fault.breaks == breaks and not fault.over_http and "before" not in fault.shows
    ][:count]


CAUGHT = [
    *some_faults("geode.body.aligned", 2),
    *some_faults("geode.body.missing-null", 2),
    *some_faults("geode.status.missing", 1),
    *some_faults("geode.type.json", 1),
]


@pytest.mark.parametrize("name", CAUGHT)
def test_a_fault_that_the_data_shows_is_caught(name: str) -> None:
    fault = load_faults("geode")[name]
    with with_fault(fault) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "geode"))
    assert seen.of(Verdict.FAIL, Verdict.WARN), fault.says


def test_another_form_of_the_answer_to_one_key_accuses_nobody() -> None:
    """E31: how one key is answered is another page's."""
    with with_fault(load_freedoms("geode")["single-key-like-several"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "geode"))
    assert not seen.of(Verdict.FAIL, Verdict.WARN)
    assert not seen.of(Verdict.PASS)
