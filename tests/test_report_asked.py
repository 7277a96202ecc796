"""What no curl line repeats is said behind it: in every report, and as data in report.json."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, get2, servers
from report_samples import HA, NODE1, case, check, exchange, response, run_of
from scripted import ScriptedServer, answers

from kvgate.exits import Exit
from kvgate.report.codec import case_from_json, case_to_json
from kvgate.report.excerpt import asked_lines
from kvgate.report.html import render_html
from kvgate.report.jsonreport import render_json
from kvgate.report.junit import render_junit
from kvgate.report.model import CaseRecord, Run
from kvgate.report.raw import request_bytes
from kvgate.schema import problems
from kvgate.verdict.model import Verdict
from kvgate.wire.exchange import Exchange, HangUp, Request
from kvgate.wire.text import curl

PLAIN = Request("GET", "/get2?key=a")
WAYS: dict[str, dict[str, Any]] = {
    "in pieces": {"pieces": True},
    "by a client that closed the connection without waiting for an answer": {"hangs_up": HangUp.CLOSE},
    "by a client that reset the connection without waiting for an answer": {"hangs_up": HangUp.RESET},
    "on a connection with other requests": {"connection": "one"},
    "at the same time as others": {"together": "now"},
}


def asked(label: str, body: bytes = b"v", **ways: Any) -> Exchange:
    made = exchange("/get2?key=a", response(200, body), label=label)
    return replace(made, request=replace(made.request, **ways))


def run_with(record: CaseRecord) -> Run:
    return run_of([check("get2.body.match", record.name, Verdict.FAIL, "x")], [record], status=Exit.NOT_CONFORMING)


@pytest.mark.parametrize("way", WAYS)
def test_a_curl_line_says_what_it_does_not_do(way: str) -> None:
    assert "#" not in curl(HA, PLAIN)
    line = curl(HA, replace(PLAIN, **WAYS[way]))
    assert line == f"{curl(HA, PLAIN)}  # it was sent {way}: this line does not do that"


def test_all_that_a_curl_line_does_not_do_stands_in_one_note() -> None:
    request = Request("POST", "/", body=b"x" * 5000, pieces=True, connection="one", together="now")
    note = curl(HA, request).partition("  # ")[2]
    assert note == (
        "body cut here: 4096 of 5000 bytes; it was sent in pieces, on a connection with other requests, "
        "at the same time as others: this line does not do that"
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_note_is_no_part_of_the_command() -> None:
    with ScriptedServer(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        done = subprocess.run(
            ["/bin/sh", "-c", curl(server.origin, replace(PLAIN, pieces=True))], capture_output=True, check=False
        )
    assert (done.returncode, len(server.requests)) == (0, 1), done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_every_report_with_curl_lines_says_it(way: str) -> None:
    run = run_with(case("a", asked("first", **WAYS[way])))
    note = f"# it was sent {way}: this line does not do that"
    report = json.loads(render_json(run))
    assert problems("kvgate/report.schema.json", report) == ()
    (row,) = report["exchanges"]
    assert row["curl"].endswith(note)
    assert {**row["request"], **WAYS[way]} == row["request"]
    assert note in html.unescape(render_html(run))
    assert note in html.unescape(render_junit(run))


def test_what_is_not_so_is_not_said() -> None:
    report = json.loads(render_json(run_with(case("a", asked("first")))))
    assert set(report["exchanges"][0]["request"]) == {"method", "target", "headers", "body"}


def test_a_seed_may_be_sent_so_as_well() -> None:
    record = replace(case("a", asked("first")), seed=((HA, replace(PLAIN, pieces=True)),))
    report = json.loads(render_json(run_with(record)))
    assert problems("kvgate/report.schema.json", report) == ()
    assert report["cases"][0]["seed"][0]["pieces"] is True


def test_a_request_that_goes_without_a_header_is_shown_without_it() -> None:
    record = case("a", asked("first", without=("accept",)))
    report = json.loads(render_json(run_with(record)))
    assert problems("kvgate/report.schema.json", report) == ()
    assert report["exchanges"][0]["request"]["without"] == ["accept"]
    sent = request_bytes(record.exchanges[0], {})
    assert b"User-Agent" in sent
    assert b"Accept:" not in sent


def test_how_a_request_was_sent_passes_from_process_to_process() -> None:
    ways: tuple[dict[str, Any], ...] = (
        {"pieces": True},
        {"connection": "one"},
        {"together": "now"},
        {"hangs_up": HangUp.RESET},
        {"without": ("Accept", "User-Agent")},
    )
    record = case("a", *(asked(f"ask-{number}", **way) for number, way in enumerate(ways)))
    assert case_from_json(case_to_json(record)) == record


def test_a_question_that_no_line_repeats_stands_for_itself_where_its_answer_is_another() -> None:
    same = case("a", asked("first"), asked("again", connection="again"))
    other = case("a", asked("first"), asked("again", b"w", connection="again"))
    shared = case("a", *(asked(f"ask-{turn}", connection="one") for turn in range(3)), asked("last"))
    plain = curl(HA, PLAIN)
    noted = f"{plain}  # it was sent on a connection with other requests: this line does not do that"
    assert asked_lines(same) == (plain,)
    assert asked_lines(other) == (plain, noted)
    assert asked_lines(shared) == (plain,), "a line that repeats it is better than one that does not"
    assert asked_lines(replace(shared, exchanges=shared.exchanges[:3])) == (noted,)
    assert "The same request again" in render_html(run_with(other))


def test_lines_that_put_the_state_there_are_all_shown() -> None:
    """The same put twice counts a version up; a removal before and after a question are two."""
    steps = [Request("GET", "/del?key=a"), *(Request("POST", "/put?key=a", (), body) for body in (b"x", b"y", b"x"))]
    record = replace(case("a", asked("first")), seed=tuple((NODE1, step) for step in [*steps, *steps]))
    text = html.unescape(render_html(run_with(record)))
    assert [text.count(curl(NODE1, step)) for step in steps] == [2, 4, 2, 4]


def test_the_gate_tells_how_it_asked(tmp_path: Path) -> None:
    names = ("control", "request-in-pieces", "connection-of-all-outcomes", "together-eight")
    with servers(interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *(f"--kv-case={name}" for name in names))
    assert ran.status == Exit.CONFORMING, ran.out
    ways: dict[str, set[str]] = {}
    for row in ran.report["exchanges"]:
        found = {way for way in ("pieces", "connection", "together") if way in row["request"]}
        assert bool(found) is ("  # it was sent " in row["curl"])
        ways.setdefault(f"{row['case']} {row['label'].partition('-')[0]}", set()).update(found)
    assert ways == {
        "control first": set(),
        "control again": {"connection"},
        "control as": set(),
        "request-in-pieces late": {"pieces"},
        "request-in-pieces first": {"pieces"},
        "request-in-pieces again": {"pieces", "connection"},
        "connection-of-all-outcomes shared": {"connection"},
        "connection-of-all-outcomes alone": set(),
        "together-eight beside": {"together"},
        "together-eight alone": set(),
    }
