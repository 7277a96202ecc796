"""Several releases at a time, and the page that is made of what was found in them."""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from geode_machine import PATIENCE, a_command, eventually, java_pids, nothing_left, run_runner, start_runner

from kvgate.case import Mark, load_cases
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.requirement import load_profile_rulings, load_requirements, load_rulings
from realsystems.geode import matrix, runner
from realsystems.geode.deviations import Decision, Finding, Report, expect_all_decided, load_decisions, read_report
from realsystems.geode.page import markdown
from realsystems.geode.releases import Job, load_releases

pytest_plugins = ["tests.geode_machine"]
TWO = ("--release", "1.14.4", "--release", "1.14.3")


# Which releases, and how


def jobs(*arguments: str) -> tuple[Job, ...]:
    return runner._jobs(load_releases(), runner._parser().parse_args(arguments))


HALVES = ("control*", "[m-z]*"), ("control*", "[a-l]*")  # of the cases


def test_what_is_judged() -> None:
    releases = load_releases()
    assert jobs() == (Job("1.14.4"),)
    assert [job.release for job in jobs("--matrix")] == ["1.2.0", "1.9.2", "1.12.1", "1.13.1", "1.14.4"]
    assert [job.release for job in jobs("--all")] == list(releases.by_number)
    assert jobs("--ci") == (
        Job("1.2.0", ("own",), cases=HALVES[0]),
        Job("1.14.4", ("doc",), auth=True, tls=True, cases=HALVES[1]),
    )
    assert jobs(*TWO, "--profile", "own", "--profile", "doc", "--tls") == (
        Job("1.14.4", ("own", "doc"), tls=True),
        Job("1.14.3", ("own", "doc"), tls=True),
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--matrix", "--all"), "error: --matrix and --all exclude each other: give one of them\n"),
        (("--ci", "--tls"), "error: --ci takes profile, Basic auth and TLS from releases.toml: leave out the options"),
        (("--matrix", "--release", "1.2.0"), "error: --release and --matrix exclude each other: give one of them\n"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    arguments: Sequence[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runner.main(arguments) == Exit.USAGE
    assert capsys.readouterr().err.startswith(told)


def test_each_profile_has_its_own_folder_of_reports() -> None:
    assert runner.report_folder("geode", "1.2.0", "doc") == "geode-1.2.0"
    assert runner.report_folder("geode", "1.2.0", "own") == "geode-1.2.0-own"
    assert runner.report_folder("geode", "1.14.4", "geode-1.12.1") == "geode-1.14.4-as-geode-1.12.1"


# Two at a time


def test_several_releases_are_told_of_one_after_the_other(geode_machine: Path) -> None:
    status, out, err = run_runner(*TWO, "-c", f"{sys.executable} -c 'print(\"{{url}}\")'")
    assert status == Exit.CONFORMING
    assert len(re.findall(r"^http://127", out, re.MULTILINE)) == 2
    assert err.splitlines()[-2:] == [
        "Apache Geode 1.14.4 (doc): exit status 0",
        "Apache Geode 1.14.3 (doc): exit status 0",
    ]
    assert nothing_left(geode_machine)


def test_a_release_that_does_not_start_is_reported_with_the_reason(geode_machine: Path) -> None:
    status, _, err = run_runner(*TWO, "-c", a_command("pass"), FAKE_JAVA="die")
    assert status == Exit.NO_VERDICT
    why = "no verdict: Apache Geode 1.14.3 ended while starting (exit status 3)"
    # What the server's log said last may stand behind it.
    assert f"Apache Geode 1.14.3 (doc): exit status 6, {why}" in err
    assert nothing_left(geode_machine)


@pytest.mark.parametrize(("at_once", "most"), [("1", 1), ("2", 2)])
def test_no_more_than_two_servers_run_at_a_time(geode_machine: Path, at_once: str, most: int) -> None:
    log = geode_machine / "log"
    script = geode_machine / "gate.py"
    # As many as are allowed wait for each other, so that they do run at a time.
    script.write_text(
        "import sys, time, pathlib\n"
        f"log, most, limit = pathlib.Path({str(log)!r}), {most}, time.monotonic() + {PATIENCE}\n"
        "log.open('a').write('+\\n')\n"
        "while log.read_text().count('+') < most and time.monotonic() < limit: time.sleep(0.02)\n"
        "time.sleep(0.3)\n"
        "log.open('a').write('-\\n')\n"
    )
    three = (*TWO, "--release", "1.14.0")
    assert run_runner(*three, "--jobs", at_once, "-c", f"{sys.executable} {script}")[0] == Exit.CONFORMING
    running, seen = 0, []
    for line in log.read_text().split():
        running += 1 if line == "+" else -1
        seen.append(running)
    assert (max(seen), len(seen)) == (most, 6)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_the_run_ends_all_servers(geode_machine: Path, number: signal.Signals) -> None:
    process = start_runner(*TWO, "-c", a_command("import time; time.sleep(600)"))
    try:
        eventually(lambda: (geode_machine / "pids").exists() and len(java_pids(geode_machine)) == 2, "both servers run")
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == (-9 if number == signal.SIGKILL else Exit.INTERRUPTED)
    eventually(lambda: nothing_left(geode_machine), "both servers end, their folders go")


@pytest.mark.parametrize(
    ("gone", "missing"), [(("java", "mvn"), "java, keytool, mvn"), (("java",), "java, keytool"), (("mvn",), "mvn")]
)
def test_without_java_or_maven_there_is_one_line(geode_machine: Path, gone: Sequence[str], missing: str) -> None:
    keytool = geode_machine / "bin" / "keytool"
    if "java" not in gone:
        keytool.write_text("#!/bin/false\n")
        keytool.chmod(0o755)
    for program in gone:
        (geode_machine / "bin" / program).unlink()
    status, out, err = run_runner("--ci")
    assert (status, out, err.count("\n")) == (Exit.NO_VERDICT, "", 1)
    assert err.startswith(
        f"no verdict: a real Apache Geode needs Java 17 or later, and Maven to fetch it; not found: {missing}."
    )


# What was found


MARK = Mark(matrix.MARK)
FLAGGED = Finding("geode.key.whole", "dot-in-first", "fail")
DECIDED = Decision("E33", "Cut", "true deviation", "19", "It is cut.", ("dot-*",), ("geode.key.*",), ("fail",))


def report_json(folder: Path, *, mark: str = matrix.MARK, location: str = "{m}a") -> Path:
    """A report of one case that failed; as much of it as the page is made of."""
    words = Mark(mark).words(FLAGGED.case)
    counted = dict.fromkeys(("fail", "warn", "no-verdict", "waived", "observed", "not-applicable", "pass"), 0)
    data: dict[str, Any] = {
        "run": {"mark": mark, "exit": {"status": 1, "meaning": "not conforming"}},
        "requirements": [
            {"id": "geode.key.whole", "verdicts": counted | {"fail": 1, "pass": 3}},
            {"id": "geode.key.decoded", "verdicts": counted | {"pass": 3}},
        ],
        "checks": [
            {"requirement": "geode.key.whole", "case": FLAGGED.case, "verdict": "fail"},
            {"requirement": "geode.key.decoded", "case": FLAGGED.case, "verdict": "pass"},
        ],
        "cases": [{"case": FLAGGED.case, "held": [f'orders {words}a: 8 bytes: {{"id":3}}'], "trouble": None}],
        "exchanges": [
            {
                "case": FLAGGED.case,
                "request": {"method": "GET", "target": f"/geode/v1/orders/{words}a.b,{words}c"},
                "response": {
                    "status": 200,
                    "reason": "OK",
                    "headers": [
                        ["Date", "Mon, 23 Nov 2026 09:15:15 GMT"],
                        ["Content-Location", "http://127.0.0.1:4711/geode/v1/orders/" + location.replace("{m}", words)],
                    ],
                    "body": {"length": 14, "sha256": "0", "text": '{\n  "id" : 3\n}'},
                },
            }
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.json"
    path.write_text(json.dumps(data))
    return path


def test_a_report_is_read_without_what_changes_from_run_to_run(tmp_path: Path) -> None:
    report = read_report(report_json(tmp_path), "1.2.0", "doc", matrix.MARK)
    assert report.wrong == (FLAGGED,)
    assert report.breached == ("geode.key.whole",)
    shown = report.cases[FLAGGED.case]
    assert shown.stored == ('orders {m}a = {"id":3}',)
    assert shown.asked == "GET /geode/v1/orders/{m}a.b,{m}c"
    assert shown.answer == ("200 OK", "Content-Location: http://HOST/geode/v1/orders/{m}a", '{ "id" : 3 }')


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (None, "no such report: run the gate against Apache Geode 1.2.0 first"),
        ("kvother", "made with the mark 'kvother'"),
    ],
)
def test_a_report_that_cannot_be_used_is_told(tmp_path: Path, mark: str | None, told: str) -> None:
    path = report_json(tmp_path, mark=mark) if mark else tmp_path / "report.json"
    with pytest.raises(InputError, match=told):
        read_report(path, "1.2.0", "doc", matrix.MARK)


@pytest.mark.parametrize(
    ("decisions", "told"),
    [
        ([], r"not decided: fail of geode\.key\.whole on dot-in-first \(Apache Geode 1\.2\.0\)"),
        ([DECIDED, dataclasses.replace(DECIDED, title="Again")], "decided twice: .*'Cut' and 'Again'"),
        ([DECIDED, dataclasses.replace(DECIDED, title="Idle", cases=("utf8-*",))], "'Idle' covers no deviation"),
        ([dataclasses.replace(DECIDED, verdicts=("warn",))], "not decided"),
    ],
)
def test_each_deviation_is_decided_once_and_each_decision_is_needed(
    tmp_path: Path, decisions: Sequence[Decision], told: str
) -> None:
    report = read_report(report_json(tmp_path), "1.2.0", "doc", matrix.MARK)
    expect_all_decided([report], [DECIDED])
    with pytest.raises(InputError, match=told):
        expect_all_decided([report], decisions)


def both(tmp_path: Path) -> list[Report]:
    return [
        read_report(report_json(tmp_path / release, location=location), release, "doc", matrix.MARK)
        for release, location in (("1.2.0", "{m}a"), ("1.3.0", "{m}a"), ("1.14.4", "{m}b"))
    ]


def test_the_page_shows_each_deviation_with_its_exchange_and_what_was_decided(tmp_path: Path) -> None:
    reports = both(tmp_path)
    own = {report.release: dataclasses.replace(report, exit=0, meaning="conforming", wrong=()) for report in reports}
    text = markdown(reports, own, [dataclasses.replace(reports[0], profile="geode-1.14.4")], [DECIDED])
    assert "| `geode.key.whole` | 1 fail | 1 fail | 1 fail |\n| `geode.key.decoded` | ok | ok | ok |" in text
    assert "### E33: Cut\n\n**A true deviation from line 19 of the page.** It is cut.\n" in text
    assert "- `geode.key.whole`: 1.2.0 to 1.14.4\n" in text
    assert "1.2.0 to 1.3.0:\n    200 OK\n    Content-Location: http://HOST/geode/v1/orders/{m}a\n" in text
    assert "1.14.4:\n    200 OK\n    Content-Location: http://HOST/geode/v1/orders/{m}b\n" in text
    assert "| 1.2.0 | 1: `key.whole` |" in text
    assert not re.search(r"\d\d:\d\d|4711|2026|kvgeode", text)


def test_the_decisions_name_rulings_cases_and_requirements_that_there_are() -> None:
    rulings = {*load_rulings("geode"), *load_profile_rulings("geode")}
    for decision in load_decisions():
        assert decision.ruling in rulings
        for pattern in decision.cases:
            assert fnmatch.filter(load_cases("geode"), pattern), pattern
        for pattern in decision.requirements:
            assert fnmatch.filter(load_requirements("geode"), pattern), pattern


def test_the_page_that_is_committed_tells_of_every_release_requirement_and_decision() -> None:
    text = matrix.PAGE.read_text(encoding="utf-8")
    head = next(line for line in text.splitlines() if line.startswith("| requirement |"))
    assert head == f"| requirement | {' | '.join(load_releases().by_number)} |"
    assert all(f"| `{id_}` |" in text for id_ in load_requirements("geode"))
    assert all(f"### {decision.ruling}: {decision.title}" in text for decision in load_decisions())
    own = [line.split(" | ")[-1] for line in text.splitlines() if re.match(r"\| 1\.\d+\.\d+ \| [016],", line)]
    assert len(own) == len(load_releases().by_number)
    assert {cell.removesuffix(" |") for cell in own} == {"0, conforming"}
