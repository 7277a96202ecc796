"""report.json, junit.xml, summary.md and the terminal: valid, complete, and safe whatever a server sent."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from report_samples import HOSTILE, REQUIREMENTS, case, check, exchange, hostile_run, large_run, run_of, sample_run

from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.places import SCHEMAS
from kvgate.report.html import render_html
from kvgate.report.jsonreport import render_json
from kvgate.report.junit import render_junit
from kvgate.report.model import Run
from kvgate.report.plain import shown
from kvgate.report.summary import render_summary
from kvgate.report.terminal import terminal_lines
from kvgate.schema import problems
from kvgate.verdict.model import Verdict

EMPTY = run_of([], status=Exit.NOTHING_TESTED, reasons=("the selection left no check",))
RUNS = {"sample": sample_run(), "hostile": hostile_run(), "large": large_run(60, 120, 20), "empty": EMPTY}
each_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


# report.json


@each_run
def test_report_json_is_valid(run: Run) -> None:
    text = render_json(run)
    assert text.isascii()
    assert problems("kvgate/report.schema.json", json.loads(text)) == ()


def test_the_report_schema_rejects_what_is_no_report() -> None:
    report = json.loads(render_json(sample_run()))
    for path, value in [
        (("format",), 2),
        (("checks", 0, "verdict"), "passed"),
        (("checks", 0, "surplus"), 1),
        (("run", "exit", "status"), 7),
        (("exchanges", 0, "raw", "sha256"), "abc"),
        (("counts", "verdicts", "fail"), -1),
    ]:
        broken = json.loads(json.dumps(report))
        at = broken
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        assert problems("kvgate/report.schema.json", broken), path


def test_report_json_says_what_was_found() -> None:
    run = sample_run()
    report = json.loads(render_json(run))
    assert report["tested"] == run.tested
    assert report["run"]["exit"] == {"status": 1, "meaning": "not conforming"}
    assert [row["id"] for row in report["requirements"]] == [row.id for row in REQUIREMENTS]
    rolled = {row["id"]: row["verdict"] for row in report["requirements"]}
    assert rolled["get2.offset.cut"] == "fail"
    assert rolled["get2.status.match"] == "no-verdict"
    assert rolled["geode.body.aligned"] is None, "no check, no verdict"
    assert report["counts"]["verdicts"]["waived"] == 1
    assert report["counts"]["areas"]["get2"]["offset"]["fail"] == 2
    failed = [row for row in report["checks"] if row["requirement"] == "get2.offset.cut"]
    assert [(row["want"], row["got"]) for row in failed] == [("4", "7"), ("3", "7")]
    (again,) = [row for row in report["exchanges"] if row["label"] == "again"]
    assert again["case"] == "differ-by-last-byte"
    assert report["exchanges"][0]["response"]["body"]["base64"] == "YQBiDQrD//4AAQ=="
    seed = next(row for row in report["cases"] if row["case"] == "differ-same-length")["seed"]
    assert [row["curl"].startswith("printf ") for row in seed] == [True, True]


# junit.xml


@pytest.fixture(scope="module")
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "kvgate" / "junit.xsd"))


@each_run
def test_junit_is_valid(run: Run, junit_schema: xmlschema.XMLSchema) -> None:
    junit_schema.validate(render_junit(run))


def test_the_junit_schema_rejects_what_is_no_junit(junit_schema: xmlschema.XMLSchema) -> None:
    text = render_junit(sample_run())
    for old, new in [('tests="16"', 'tests="-1"'), ("<failure ", "<failed "), (' classname="get2.offset.cut"', "")]:
        assert old in text
        broken = text.replace(old, new).replace("</failure>", "</failed>" if "failed" in new else "</failure>")
        assert not junit_schema.is_valid(broken)


def _parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own text


def test_junit_has_an_element_for_each_verdict() -> None:
    root = _parsed(render_junit(sample_run()))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "16", "failures": "4", "errors": "2", "skipped": "2",
    }  # fmt: skip
    assert [suite.get("name") for suite in root] == ["get2", "geode"]
    elements: dict[str, set[str]] = {}
    for test in root.iter("testcase"):
        said = {item.get("name"): item.get("value") for item in test.iter("property")}
        kind = next((child.tag for child in test if child.tag in ("failure", "error", "skipped")), "none")
        elements.setdefault(str(said["verdict"]), set()).add(kind)
        assert said["requirement"] == test.get("classname")
        assert said["level"] in list(Level)
    assert elements == {
        "fail": {"failure"}, "no-verdict": {"error"}, "waived": {"skipped"}, "not-applicable": {"skipped"},
        "pass": {"none"}, "warn": {"none"}, "observed": {"none"},
    }  # fmt: skip
    waived = next(item for item in root.iter("skipped") if item.get("type") == "waived")
    assert waived.get("message") == "waived: known since 1.7, issue 12, until 2027-01-31"
    failure = next(root.iter("failure"))
    assert failure.text is not None
    assert "curl " in failure.text
    warned = [test.findtext("system-out", "") for test in root.iter("testcase")]
    assert sum(text.startswith("WARN: ") for text in warned) == 2


@pytest.mark.parametrize("status", [status for status in Exit if status is not Exit.CONFORMING])
def test_junit_is_never_all_green_when_the_run_was_not(status: Exit) -> None:
    run = run_of([check("get2.body.match", "a")], status=status, reasons=("a waiver no longer applies",))
    root = _parsed(render_junit(run))
    red = [child for child in root.iter() if child.tag in ("failure", "error")]
    assert [child.get("message") for child in red] == ["a waiver no longer applies"]
    assert int(root.get("failures", "")) + int(root.get("errors", "")) == 1


def test_junit_adds_nothing_to_a_green_run() -> None:
    root = _parsed(render_junit(run_of([check("get2.body.match", "a")])))
    assert [suite.get("name") for suite in root] == ["get2"]
    assert root.get("tests") == "1"


# summary.md

_TAGS = re.compile(r"</?(?:code|details|summary)>|<br>")


@each_run
def test_summary_begins_with_what_was_tested(run: Run) -> None:
    first = render_summary(run).splitlines()[0]
    assert html.unescape(first) == run.tested


def test_summary_is_not_steered_by_a_server() -> None:
    lines = render_summary(hostile_run()).splitlines()
    for line in lines:
        assert line.isprintable()
        bare = _TAGS.sub("", line)
        assert "<" not in bare
        assert ">" not in bare
        assert "`" not in bare
        assert "://" not in bare.removeprefix(lines[0]), "no link to where a server wants it"
        assert not re.search(r"\]\(|(?<!&)#\d|@\w|~h~|\$x", bare)
        if line.startswith("|") and "get2.body.match" in line:
            assert line.count("|") == 6, "five cells, however many bars the server sent"


def test_summary_shows_hostile_text_as_it_is() -> None:
    for text in HOSTILE:
        run = run_of(
            [check("get2.body.match", "a", Verdict.FAIL, text, want=text, got=text)], status=Exit.NOT_CONFORMING
        )
        row = next(line for line in render_summary(run).splitlines() if line.startswith("| <code>get2.body.match"))
        assert html.unescape(_TAGS.sub("", row)).count(shown(text)) == 3


def test_summary_stays_short() -> None:
    assert len(render_summary(large_run(1000, 2000, 50, b"x")).encode()) < 100_000


# The terminal


def test_terminal_frames_the_run() -> None:
    run = sample_run()
    lines = terminal_lines(run, reports=Path("reports"))
    assert lines[0] == run.tested
    assert lines[-1] == "exit 1: not conforming"
    assert "reports: reports" in lines
    text = "\n".join(lines)
    assert (
        "FAIL  get2.offset.cut  MUST  2 cases  (get2 L69)\n      differ-by-last-byte: Val-Offset is not the cut\n"
        in text
    )
    assert "        want: 4\n        got:  7\n" in text
    assert text.count("get2.offset.cut") == 1, "each requirement once"
    assert text.index("FAIL  ") < text.index("WARN  ") < text.index("NO VERDICT  ") < text.index("16 checks of")
    assert (
        "NO VERDICT  2 checks on 1 case (behind-proxy): status 502: the surroundings answered, not the interface"
        in lines
    )
    assert "WAIVED  1 check on 1 case (differ-same-length): known since 1.7, issue 12, until 2027-01-31" in lines
    assert "4 fail, 2 warn, 2 no verdict, 1 waived, 2 observed, 1 not applicable, 4 pass" in text


def test_a_long_reason_is_cut_where_room_is_short_and_whole_in_the_report() -> None:
    run = run_of([], status=Exit.NO_VERDICT, reasons=(f"the table names {'x' * 5000}:8085",))
    (line,) = [line for line in terminal_lines(run) if line.startswith("reason: ")]
    assert len(line) < 1100
    assert line.endswith("x... (5021 characters)")
    assert "x" * 1000 not in render_summary(run)
    assert json.loads(render_json(run))["run"]["reasons"] == list(run.reasons)


def test_reasons_beyond_twenty_are_counted_where_room_is_short_and_kept_in_the_report() -> None:
    reasons = tuple(f"waiver {number:02} no longer applies" for number in range(47))
    run = run_of([check("get2.body.match", "a")], status=Exit.USAGE, reasons=reasons)
    terminal, summary = "\n".join(terminal_lines(run)), render_summary(run)
    for text in (terminal, summary):
        assert text.count("no longer applies") == 20
        assert "and 27 reasons more: see report.json" in text
    assert json.loads(render_json(run))["run"]["reasons"] == list(reasons)
    few = run_of([check("get2.body.match", "a")], status=Exit.USAGE, reasons=reasons[:20])
    assert "more: see" not in "\n".join(terminal_lines(few))


@pytest.mark.parametrize("run", [sample_run(), hostile_run()], ids=["sample", "hostile"])
def test_terminal_lines_hold_no_control_codes(run: Run) -> None:
    for line in terminal_lines(run, reports=Path("re\x1bports")):
        assert line.isprintable()
    for line in terminal_lines(run, color=True):
        assert re.sub(r"\x1b\[[0-9;]+m(.+?)\x1b\[0m", r"\1", line).isprintable()


def test_colour_adds_nothing_but_colour() -> None:
    run = sample_run()
    colored = terminal_lines(run, color=True)
    assert colored != terminal_lines(run)
    assert tuple(re.sub(r"\x1b\[[0-9;]*m", "", line) for line in colored) == terminal_lines(run)


@pytest.mark.parametrize(("cases", "named"), [(2, " (c0, c1)"), (20, " (c0, c1, c2, ...)"), (21, "")])
def test_terminal_names_the_first_cases_of_a_cause_that_has_few(cases: int, named: str) -> None:
    checks = [check("get2.body.match", f"c{n}", Verdict.NO_VERDICT, "refused") for n in range(cases)]
    lines = terminal_lines(run_of(checks, status=Exit.NO_VERDICT))
    assert f"NO VERDICT  {cases} checks on {cases} cases{named}: refused" in lines


def test_terminal_groups_many_causes() -> None:
    checks = [check("get2.body.match", f"c{n}", Verdict.NO_VERDICT, f"refused on port {n}") for n in range(30)]
    lines = [line for line in terminal_lines(run_of(checks, status=Exit.NO_VERDICT)) if line.startswith("NO VERDICT")]
    assert len(lines) == 11
    assert lines[-1] == "NO VERDICT  20 checks more, for 20 other causes: see the reports"


def test_terminal_says_when_nothing_was_judged() -> None:
    lines = terminal_lines(dataclasses.replace(EMPTY, complete=False))
    assert any(line.endswith("nothing was judged") for line in lines)
    assert "the run ended before everything selected was judged" in lines
    assert lines[-2:] == ("reason: the selection left no check", "exit 5: nothing was tested")


def test_formats_survive_a_check_whose_case_left_no_record() -> None:
    run = run_of([check("get2.body.match", "gone", Verdict.FAIL, "x")], [case("other", exchange("/a", None))])
    for text in (render_json(run), render_junit(run), render_summary(run), "\n".join(terminal_lines(run))):
        assert "gone" in text


def test_a_finding_on_one_of_several_questions_says_which_in_every_format() -> None:
    asked = [exchange("/get2?key=a", None, label=label) for label in ("of-04", "of-05")]
    broken = check("get2.status.match", "many", Verdict.FAIL, "there is no answer", got="closed")
    broken = dataclasses.replace(broken, finding=dataclasses.replace(broken.finding, exchange="of-05"))
    run = run_of([broken], [case("many", *asked)], status=Exit.NOT_CONFORMING)
    said = "of-05: there is no answer"
    assert any(f"many: {said}" in line for line in terminal_lines(run))
    assert f"many: {said}" in render_summary(run)
    assert f'message="{said}"' in render_junit(run)
    assert said in render_html(run)
    assert json.loads(render_json(run))["checks"][0]["exchange"] == "of-05"


def test_junit_shows_of_many_exchanges_those_that_ask_what_failed() -> None:
    asked = [exchange(f"/get2?key=kvg-{n:02}", None, label=f"of-{n:02}") for n in range(30)]
    asked.append(exchange("/get2?key=kvg-05", None, label="alone-05"))
    held = tuple(f"master1 kvg-{n:02}: 3 bytes: a b" for n in range(30))
    record = dataclasses.replace(case("many", *asked), held=held)
    broken = check("get2.status.match", "many", Verdict.FAIL, "no")
    about = dataclasses.replace(broken, finding=dataclasses.replace(broken.finding, exchange="of-05"))
    story = render_junit(run_of([about], [record], status=Exit.NOT_CONFORMING))
    assert re.findall("held: master1 (kvg-[0-9]+)", story) == ["kvg-05"]
    assert set(re.findall("get2[?]key=(kvg-[0-9]+)", story)) == {"kvg-05"}
    assert "29 other exchanges of this case: see report.json" in story
    whole = render_junit(run_of([broken], [record], status=Exit.NOT_CONFORMING))
    assert len(set(re.findall("get2[?]key=(kvg-[0-9]+)", whole))) == 30, "where it is not known which, all are there"
    few = dataclasses.replace(record, exchanges=record.exchanges[4:7])
    assert "other exchange" not in render_junit(run_of([about], [few], status=Exit.NOT_CONFORMING))
