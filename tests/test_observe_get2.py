"""Observing get2: the four cases, what is missing, what changes meanwhile, listings, nodes out of reach, faults."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from gate_parts import Watch, gate, get2, later, plain, servers
from observe_parts import FOUR, fill, observe, part_of, verdicts, with_fault

from kvgate.exits import Exit
from kvgate.observe.gathering import WRITES
from kvgate.reference.deviation import load_faults
from kvgate.reference.embedded import Embedded
from kvgate.reference.message import Request, Response
from kvgate.run.stop import Stop
from kvgate.seeding.listing import MOST_PAGES, PAGE, list_node
from kvgate.verdict import Verdict
from kvgate.wire.exchange import Exchange
from kvgate.wire.exchange import Response as Answered

Change = Callable[[int], None]


def test_the_four_cases_and_what_is_missing_are_counted_and_judged() -> None:
    with servers(interfaces=["get2"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "get2"), "nobody%20has%20it")
    assert list(seen.observation.held.values()) == [2, 1, 1, 1, 1, 1, 1]
    assert seen.observation.lines()[0] == (
        "get2: 8 keys observed (4 of the page's 4 cases): 2 same value, same version; 1 same value, versions differ; "
        "1 values differ, same version; 1 values differ, versions differ; 1 missing on master1; 1 missing on master2; "
        "1 missing on both masters"
    )
    assert not seen.of(Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)
    passed = seen.of(Verdict.PASS)
    assert {"key:user%3A1", "key:user%3A2", "key:ahead"} <= passed["get2.status.match"]
    assert {"key:split", "key:apart"} <= passed["get2.offset.cut"]
    assert passed["get2.version.pair"] == {"key:ahead", "key:apart"}
    assert {"key:alone-1", "key:alone-2", "key:nobody%20has%20it"} <= passed["get2.missing.status"]
    assert len(passed["get2.safe.isolated"]) == 2
    assert "key:user%3A1" in passed["get2.request.key-decoded"]
    # Both masters' own words are there beside the exchange.
    evidence = seen.observation.evidence["key:apart"]
    read = {exchange.label: exchange.response.body for exchange in evidence.reads if exchange.response}
    assert read == {"master1 before": b"left", "master2 before": b"right"} or set(read.values()) == {b"left", b"right"}


@pytest.mark.parametrize(("size", "left_out"), [(2**21, 0), (2**21 + 1, 1)])
def test_two_values_that_are_too_large_for_one_answer_are_left_out(size: int, left_out: int) -> None:
    kept = {**FOUR, "large": ((b"a" * size, 1), (b"b" * size, 1)), "alike": ((b"c" * size, 1), (b"c" * size, 1))}
    with servers(interfaces=["get2"]) as embedded:
        fill(embedded, kept)
        seen = observe(part_of(embedded, "get2"), *(set(kept) - set(FOUR)))
    reasons = seen.observation.left_out
    assert list(reasons) == ["large"] * left_out
    assert all("4194304 bytes together" in why for why in reasons.values())
    assert not seen.of(Verdict.FAIL, Verdict.WARN)


def test_what_the_data_does_not_hold_is_told_as_not_tested(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        fill(embedded, {"one": FOUR["user:1"]})
        ran = gate(
            tmp_path, *get2(embedded), "--kv-observe=sample", "--kv-observe-seed=7", "--kv-requirement=get2.[bv]*"
        )
    assert ran.status == Exit.CONFORMING
    # Of those of the one key observed, not of what fixtures/ has.
    assert re.search(r"note: \d+ of \d\d checks were made, selected by --kv-requirement", ran.out)
    assert "note: get2: 1 key observed (1 of the page's 4 cases): 1 same value, same version" in ran.out
    assert "note: get2: not tested, for want of data: get2.version.pair, get2.body.conflict" in ran.out
    assert "get2: sampled 1 of the 1 keys listed (--kv-observe-seed=7 chooses the same again)" in ran.summary
    assert ran.report["target"]["run"]["observe_seed"] == 7


# What changes meanwhile


def changing(embedded: Embedded, count: int, *keys: str) -> Change:
    """Moves the versions of keys on master1's node on, the first `count` times that it is called."""
    done = {"times": 0}

    def change(_number: int) -> None:
        if done["times"] < count:
            done["times"] += 1
            for key in keys:
                for node in embedded.nodes:
                    node.put(key.encode(), b"new %d" % done["times"])

    return change


def when_asked(key: str, change: list[Change]) -> Callable[[Request, int], Response | None]:
    def twist(request: Request, number: int) -> Response | None:
        if request.path == "/get2" and request.target.endswith(f"={key}"):
            change[0](number)
        return None

    return twist


@pytest.mark.parametrize("times", [1, 1000])
def test_what_changes_is_read_again_and_left_out_where_it_never_stands_still(times: int) -> None:
    change: list[Change] = [lambda _number: None]
    with servers(ha=Watch(when_asked("apart", change)), interfaces=["get2"]) as embedded:
        fill(embedded)
        change[0] = changing(embedded, times, "apart")
        seen = observe(part_of(embedded, "get2"))
    assert not seen.of(Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT)
    if times == 1:
        # "new 1" on both now: judged by that, but for whether reading writes.
        assert "key:apart" in seen.of(Verdict.PASS)["get2.status.match"]
        assert seen.of(Verdict.NOT_APPLICABLE)["get2.safe.read-only"] >= {"key:apart"}
        assert not seen.observation.left_out
    else:
        assert seen.observation.left_out == {"apart": "what is there changed each time it was asked for, 3 times"}
        assert "left out, 1 of the keys: what is there changed each time" in seen.lines
        assert all("key:apart" not in cases for cases in seen.of(Verdict.PASS).values())
    assert "key:ahead" in seen.of(Verdict.PASS)["get2.safe.read-only"]


def test_a_server_that_writes_when_it_is_read_is_never_green() -> None:
    """Each key that is asked for moves on, and no other: nobody else does that, and nobody is accused either."""
    made: list[Embedded] = []

    def twist(request: Request, _number: int) -> Response | None:
        key = request.parameter("key") or ""
        if request.path == "/get2" and made and "%" not in key:
            for node in made[0].nodes:
                if node.read(key.encode()):
                    node.put(key.encode(), b"touched")
        return None

    with servers(ha=Watch(twist), interfaces=["get2"]) as embedded:
        fill(embedded)
        made.append(embedded)
        seen = observe(part_of(embedded, "get2"))
    unjudged = [finding for finding in seen.findings if finding.verdict is Verdict.NO_VERDICT]
    assert {finding.message for finding in unjudged} == {WRITES}
    assert {"key:split", "key:ahead", "key:apart"} <= {finding.case for finding in unjudged}
    assert not seen.of(Verdict.FAIL, Verdict.WARN)


def test_a_server_that_repairs_what_it_reads_is_never_green() -> None:
    with with_fault(load_faults("get2")["read-repairs"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "get2"))
    assert {"key:ahead", "key:apart"} <= seen.of(Verdict.NO_VERDICT)["get2.safe.read-only"]
    assert not seen.of(Verdict.FAIL, Verdict.WARN)
    assert "changed while they were observed, and were read again" in seen.lines


# What cannot be read


def test_a_node_out_of_reach_costs_its_own_keys() -> None:
    def down(request: Request, _number: int) -> Response | None:
        return plain(503) if request.target.endswith("=split") else None

    with servers(node=Watch(down), interfaces=["get2"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "get2"))
    unjudged = [finding for finding in seen.findings if finding.verdict is Verdict.NO_VERDICT]
    assert {finding.case for finding in unjudged} == {"key:split"}
    assert all("answered 503" in finding.message for finding in unjudged)
    assert "key:apart" in seen.of(Verdict.PASS)["get2.status.conflict"]


@pytest.mark.parametrize(
    ("path", "answer", "line"),
    [
        ("/hustdb/file_count", plain(404), "/hustdb/file_count: no listing of keys: answered 404 (no)"),
        ("/hustdb/file_count", plain(200, "many"), "no listing of keys: expected a number of files, got 'many'"),
        ("/hustdb/keys", plain(404), "no listing of keys: answered 404 (no)"),
        ("/hustdb/keys", plain(200, "[{"), "no listing of keys: not JSON: '[{'"),
        ("/hustdb/keys", plain(200, "{}"), "no listing of keys: no list of keys"),
        ("/hustdb/keys", plain(200, '[{"key":1,"ver":1}]'), "an item that is no key with its version"),
        ("/hustdb/keys", plain(200, '[{"key":"*","ver":1}]'), "a key that is not base64: '*'"),
        ("/hustdb/keys", plain(401), "no listing of keys: asks for credentials: give nodes_auth"),
    ],
)
def test_a_listing_that_cannot_be_used_is_one_line(path: str, answer: Response, line: str) -> None:
    watch = Watch(lambda request, _number: answer if request.path == path else None)
    with servers(node=watch, interfaces=["get2"]) as embedded:
        fill(embedded)
        seen = observe(part_of(embedded, "get2"))
        named = observe(part_of(embedded, "get2"), "user:1", sample=False)
    assert seen.observation.trouble is not None
    assert line in seen.observation.trouble
    assert seen.observation.trouble.endswith(
        "name keys with --kv-observe-key or --kv-observe=@FILE instead of a sample"
    )
    assert seen.findings == ()
    assert named.observation.trouble is None


def test_a_huge_listing_is_bounded() -> None:
    asked: list[str] = []

    def endless(request: object) -> Exchange:
        target = request.target  # type: ignore[attr-defined]  # a request
        asked.append(target)
        items = ",".join('{"key":"azE=","ver":1}' for _ in range(PAGE))
        body = b"3" if "file_count" in target else f"[{items}]".encode()
        response = Answered("HTTP/1.1", 200, b"", (), body, len(body), "length")
        return Exchange("", "http://n:1", request, response, None, b"", 0, 0.0, 0.0, "")  # type: ignore[arg-type]

    listed = list_node(endless, "http://n:1", "")
    assert not listed.whole
    assert len(asked) == MOST_PAGES + 1
    # Each file in turn, so that none is missed.
    assert [target.split("&")[0] for target in asked[1:4]] == [f"/hustdb/keys?file={file}" for file in range(3)]


# How a run ends


def test_no_key_to_answer_is_no_verdict(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        empty = gate(tmp_path / "a", *get2(embedded), "--kv-observe=sample")
        nobody = gate(tmp_path / "b", *get2(embedded), "--kv-observe-key=nobody")
    assert empty.status == nobody.status == Exit.NO_VERDICT
    assert "nothing of get2 could be observed: there is no key to observe" in empty.out
    assert "of the keys observed none has to be answered with 200 or 409" in nobody.out


def test_a_breach_is_shown_with_what_was_read_and_can_be_waived(tmp_path: Path) -> None:
    fault = load_faults("get2")["compares-shorter-length"]
    waivers = tmp_path / "waivers.toml"
    waivers.write_text(
        '[[waiver]]\nrequirement = "get2.status.conflict"\ncase = "key:pre*"\nobserved = "status 200"\nreason = "r"\n'
        'owner = "o"\nissue = "i"\nexpires = 2199-01-01\n'
    )
    with with_fault(fault) as embedded:
        fill(embedded, {"prefix": ((b"abc", 1), (b"abcd", 1)), "user": FOUR["user:1"]})
        options = [*get2(embedded), "--kv-observe=sample", "--kv-requirement=get2.status.*", "--kv-case=key:*"]
        ran = gate(tmp_path / "a", *options)
        waived = gate(tmp_path / "b", *options, f"--kv-waivers={waivers}")
    assert ran.status == Exit.NOT_CONFORMING
    assert verdicts(ran, "get2.status.conflict") == {"key:prefix": "fail"}
    labels = [each["label"] for each in ran.report["exchanges"] if each["case"] == "key:prefix"]
    assert labels == ["master1 before", "master2 before", "first", "again"]
    assert waived.status == Exit.CONFORMING, waived.out
    assert verdicts(waived, "get2.status.conflict") == {"key:prefix": "waived"}


def test_a_run_that_is_stopped_says_why() -> None:
    stop = Stop()
    watch = Watch()
    with servers(node=watch, interfaces=["get2"]) as embedded:
        fill(embedded)
        with later(lambda: watch.count(path="/hustdb/get") > 2, lambda: stop.now("the time limit passed")):
            seen = observe(part_of(embedded, "get2"), stop=stop)
    reasons = {finding.message for finding in seen.findings if finding.verdict is Verdict.NO_VERDICT}
    assert seen.observation.trouble == "the time limit passed" or reasons == {"the time limit passed"}
    assert not seen.of(Verdict.FAIL, Verdict.WARN)


# Faults

RICH = {
    **FOUR,
    "prefix-1": ((b"abc", 1), (b"abcdef", 1)),
    "prefix-2": ((b"abcdef", 7), (b"abc", 7)),
    "nul": ((b"a\0b", 1), (b"a\0c", 1)),
    "case": ((b"abc", 1), (b"ABC", 1)),
    "length": ((b"abc", 1), (b"abd", 1)),
}
FAULTS = (
    *("compares-lengths-only", "compares-shorter-length", "compares-first-length", "compares-second-length"),
    *("compares-to-first-nul",),
)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_the_data_shows_is_caught(name: str) -> None:
    fault = load_faults("get2")[name]
    with with_fault(fault) as embedded:
        fill(embedded, RICH)
        seen = observe(part_of(embedded, "get2"))
    assert fault.breaks in seen.of(Verdict.FAIL)
