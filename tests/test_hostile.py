"""The gate against hostile servers: a few of them here, all of them in `python -m proof.hostile`."""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from report_samples import sample_run

from kvgate.case import load_cases
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.reference.http import Request
from kvgate.report.write import write_reports
from proof.__main__ import PAGE
from proof.gate import GateRun
from proof.hostile import Behaviour, HostileResult, behaviour, load_behaviours, run_all, running
from proof.hostile.__main__ import main
from proof.hostile.deeds import DEEDS
from proof.hostile.judging import judge_run, steering
from proof.hostile.section import hostile_section
from proof.hostile.servers import Plot, kind_of
from proof.page import html, markdown

FAST = tuple(each for each in load_behaviours() if each.fast)
MANY = 45
ABOUT = Behaviour("about", "a theme", "Does something.", "get2", 1, ("FAIL",), ("control",), deed="hang")


@pytest.fixture(scope="module")
def results() -> dict[str, HostileResult]:
    """All the fast ones at once, since most of them only wait."""
    return {result.name: result for result in run_all(FAST)}


@pytest.mark.parametrize("name", [each.full_name for each in FAST])
def test_the_gate_comes_out_of_it(results: dict[str, HostileResult], name: str) -> None:
    result = results[name]
    assert result.wrong == ()
    assert result.exit == result.expected
    assert result.whole
    assert not result.traceback
    assert result.causes or result.exit == 0


# The data.


def test_there_are_many_behaviours_and_each_has_one_name() -> None:
    names = {each.name for each in load_behaviours()}
    assert len(names) >= MANY
    assert {each.interface for each in load_behaviours()} == {"get2", "geode"}
    assert {each.exit for each in load_behaviours()} == {0, 1, 6}
    assert 8 <= len(FAST) <= 14


@pytest.mark.parametrize("each", load_behaviours(), ids=lambda each: each.full_name)
def test_what_a_behaviour_names_is_there(each: Behaviour) -> None:
    known = set(load_cases(each.interface))
    for glob in each.cases:
        assert fnmatch.filter(known, glob.removeprefix("!")), f"no case is called {glob}"
    assert each.shows
    if each.on == "connections":
        assert each.deed in ("ignore", "reset", "close", "say")
    elif each.deed:
        assert each.deed in DEEDS
    else:
        assert each.scene, "does nothing at all"
    assert each.says.endswith(".")


def test_a_mistake_in_the_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "behaviours"
    room.mkdir()
    (tmp_path / "behaviours.schema.json").write_bytes((behaviour.ROOM / "behaviours.schema.json").read_bytes())
    monkeypatch.setattr(behaviour, "ROOM", tmp_path)
    head = 'theme = "Some"\n'
    good = '[[behaviour]]\nname = "x"\nsays = "Does something."\nexit = 6\nshows = ["y"]\ninterfaces = ["get2"]\n'
    for text, wanted in (
        (good + "typo = 1\n", "typo"),
        (good.replace("6", "3"), "exit"),
        (good + good, "x/get2: there are two"),
    ):
        (room / "some.toml").write_text(head + text, encoding="utf-8")
        load_behaviours.cache_clear()
        with pytest.raises(InputError, match=wanted):
            load_behaviours()
    monkeypatch.undo()
    load_behaviours.cache_clear()


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "refuse"]) == Exit.USAGE
    assert "refuses" in capsys.readouterr().err


# The chapter of the proof.


def result(about: Behaviour, **changes: Any) -> HostileResult:
    made = HostileResult(
        name=about.full_name, says=about.says, expected=1, exit=1, shows=about.shows, causes=("FAIL  port 1234",),
        seconds=1.0, limit=2.0, memory=80.0, traceback=False, whole=True, wrong=(),
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def test_the_chapter_says_what_came_and_holds_nothing_that_varies() -> None:
    other = dataclasses.replace(ABOUT, name="other", theme="another theme", shows=("one", "two"))
    pairs = [(ABOUT, result(ABOUT)), (other, result(other, exit=None, wrong=("did not end: killed", "and more")))]
    section = hostile_section(pairs)
    assert [table.title for table in section.tables] == ["a theme", "another theme"]
    assert section.tables[0].rows == (("about/get2", "Does something.", "1", "1", "FAIL", "survived it"),)
    assert section.tables[1].rows == (
        ("other/get2", "Does something.", "1", "none: killed", "one … two", "went wrong"),
    )
    assert section.totals == (("behaviours", 2), ("runs", 2), ("survived it", 1), ("went wrong", 1))
    assert section.bad == ("other/get2: did not end: killed",)
    assert "1234" not in markdown([section])
    assert "FAIL  port 1234" in html([hostile_section(pairs, verbatim=True)])


def test_the_committed_page_names_every_behaviour() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for each in load_behaviours():
        assert f"| `{each.full_name}` |" in text, f"{each.full_name}: run `python -m proof`"


# Whom a plot strikes.


def asked(target: str, method: str = "GET", *headers: tuple[str, str]) -> Request:
    return Request(method, target, (1, 1), headers)


def test_the_control_is_spared_unless_it_is_meant_too() -> None:
    spared, meant = Plot(ABOUT), Plot(dataclasses.replace(ABOUT, control=True))
    assert [spared.strikes("interface", asked(f"/get2?key={key}")) for key in "aabac"] == [
        False,
        False,
        True,
        False,
        True,
    ]
    assert [meant.strikes("interface", asked(f"/get2?key={key}")) for key in "ab"] == [True, True]


def test_some_are_spared_and_then_one_in_so_many_is_struck() -> None:
    plot = Plot(dataclasses.replace(ABOUT, control=True, after=1, every=2))
    struck = [plot.strikes("interface", asked("/get2?key=a")) for _ in range(6)]
    assert struck == [False, True, False, True, False, True]


def test_only_what_was_asked_before_is_struck_again() -> None:
    plot = Plot(dataclasses.replace(ABOUT, on="again"))
    struck = [plot.strikes("interface", asked(f"/get2?key={key}")) for key in "ccabab"]
    assert struck == [False, False, False, False, True, True]


def test_one_node_of_several_is_struck_alone() -> None:
    plot = Plot(dataclasses.replace(ABOUT, on="reads", role="node", number=2))
    assert [plot.number(role) for role in ("node", "interface", "node", "node")] == [1, 0, 2, 3]
    struck = [plot.strikes("node", asked("/hustdb/get?key=a"), number) for number in (1, 2, 3)]
    assert struck == [False, True, False]


def test_only_the_kind_and_the_role_that_are_meant_are_struck() -> None:
    plot = Plot(dataclasses.replace(ABOUT, on="writes", role="node"))
    assert plot.strikes("node", asked("/hustdb/put?key=a", "POST"))
    assert not plot.strikes("node", asked("/hustdb/get?key=a"))
    assert not plot.strikes("interface", asked("/hustdb/put?key=a", "POST"))
    assert not Plot(dataclasses.replace(ABOUT, deed="", on="everything")).strikes("interface", asked("/get2?key=a"))


def test_kinds_of_requests_are_told_apart() -> None:
    json_type = ("Content-Type", "application/json")
    kinds = [
        kind_of("interface", asked("/get_table")),
        kind_of("interface", asked("/get2?key=a")),
        kind_of("interface", asked("/geode/v1/orders/a,b")),
        kind_of("interface", asked("/geode/v1/orders/a", "GET", json_type)),
        kind_of("interface", asked("/geode/v1/orders/a", "PUT", json_type)),
        kind_of("interface", asked("/geode/v1/orders/a", "DELETE", json_type)),
        kind_of("node", asked("/hustdb/del?key=a")),
    ]
    assert kinds == ["table", "questions", "questions", "reads", "writes", "removals", "removals"]


# The judging: each thing that may go wrong is found. Without this, all the runs above could pass for nothing.


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """The reports of a run that ended with status 1, as the gate writes them."""
    write_reports(sample_run(), tmp_path / "reports")
    return tmp_path / "reports"


def ran(
    terminal: bytes = b"FAIL  something\nreason: it failed\n", status: int | None = 1, memory: float = 80.0
) -> GateRun:
    return GateRun(status, terminal, seconds=2.0, memory=memory)


def judged(run: GateRun, reports: Path, **changes: int) -> tuple[str, ...]:
    return judge_run(ABOUT, run, reports, 20.0, **{"strayed": 0, "left": 0, "failures": 0, **changes}).wrong


def test_a_run_that_went_well_has_nothing_wrong(reports: Path) -> None:
    assert judged(ran(), reports) == ()


@pytest.mark.parametrize(
    ("run", "wanted"),
    [
        (ran(status=6), "exit status 6, not 1"),
        (ran(status=None), "did not end"),
        (ran(memory=301.0), "took 301 MB"),
        (dataclasses.replace(ran(), seconds=20.1), "took 20.1 s"),
        (ran(b"all is well\n"), "no line says 'FAIL'"),
        (ran(b"FAIL \x1b[2J\n"), "the terminal got U+001B"),
        (ran("FAIL \u202e\n".encode()), "the terminal got U+202E"),
        (ran(b"FAIL \xff\n"), "the terminal got U+DCFF"),
        (ran(b"FAIL  x\n" + b"reason: y\n" * 13), "13 lines of 'reason:'"),
        (ran(b"no FAIL\n"), "no cause is given"),
        (ran(b"FAIL  x\n" + b"y" * 1001), "a line of 1001 characters"),
        (ran(b"FAIL  x\nTraceback (most recent call last):\n"), "a traceback in the terminal"),
    ],
)
def test_what_is_wrong_in_a_run_is_found(reports: Path, run: GateRun, wanted: str) -> None:
    assert any(line.startswith(wanted) for line in judged(run, reports))


def test_what_a_busy_machine_can_bring_about_is_told_apart(reports: Path) -> None:
    def doubtful(run: GateRun, **changes: int) -> bool:
        return judge_run(ABOUT, run, reports, 20.0, **{"strayed": 0, "left": 0, "failures": 0, **changes}).doubtful

    slow = dataclasses.replace(ran(), seconds=20.1)
    assert doubtful(slow)
    assert doubtful(ran(b"reason: another\n"))
    assert not doubtful(ran())
    assert not doubtful(dataclasses.replace(slow, memory=301.0))
    assert not doubtful(slow, left=1)
    assert not doubtful(slow, strayed=1)
    assert not doubtful(dataclasses.replace(slow, terminal=b"FAIL  x\nTraceback (most recent call last):\n"))


def test_what_is_in_doubt_is_run_once_more_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dataclasses.replace(ABOUT, name="other")
    runs: list[str] = []

    def run(about: Behaviour, **_: object) -> HostileResult:
        runs.append(about.name)
        if about.name == "about":
            return result(about, wrong=("took 9 s",), by_time=True) if runs.count("about") == 1 else result(about)
        return result(about, wrong=("a traceback",))

    monkeypatch.setattr(running, "run", run)
    monkeypatch.setattr(running, "usual_seconds", lambda *_: 1.0)
    told: list[str] = []
    results = running.run_all([ABOUT, other], at_once=1, done=lambda each: told.append(each.name))
    assert runs == ["about", "other", "about"]
    assert [each.good for each in results] == [True, False]
    assert told == ["about/get2", "other/get2", "about/get2"]


def test_what_goes_wrong_twice_is_wrong_and_a_stop_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr(running, "run", lambda about, **_: result(about, wrong=("took 9 s",), by_time=True))
    monkeypatch.setattr(running, "usual_seconds", lambda *_: 1.0)
    assert [each.wrong for each in running.run_all([ABOUT], stop=stop)] == [("took 9 s",)]
    assert stop.is_set()
    assert running.run_all([ABOUT], stop=stop) == []


def test_a_request_to_another_host_is_found(reports: Path) -> None:
    assert judged(ran(), reports, strayed=1) == ("another host was asked 1 times",)
    assert judged(ran(), reports, left=2) == ("2 keys were left on the servers, and nobody is told",)
    assert judged(ran(b"FAIL  x\nnote: 2 seeded keys were not removed (key a): ..\n"), reports, left=2) == ()
    assert judged(ran(), reports, failures=2) == ("the hostile server itself failed 2 times: the run proves nothing",)


@pytest.mark.parametrize(
    ("name", "change", "wanted"),
    [
        ("report.json", lambda text: text[: len(text) // 2], "report.json: not JSON"),
        ("report.json", lambda text: text.replace('"status": 1', '"status": 6'), "report.json: says exit status 6"),
        ("report.json", lambda text: json.dumps({**json.loads(text), "more": 1}), "report.json: "),
        ("junit.xml", lambda text: text[:-20], "junit.xml: not XML"),
        ("junit.xml", lambda text: text.replace("tests=", 'tests="9" was=', 1), "junit.xml: announces 9 tests"),
        (
            "junit.xml",
            lambda text: text.replace("failure", "fine").replace("<error", "<e").replace("</error", "</e"),
            "junit.xml: nothing is red",
        ),
        ("report.html", lambda text: text[: len(text) // 2], "report.html: not whole"),
        (
            "report.html",
            lambda text: text.replace("<body>", "<body><kvgate-evil>"),
            "report.html: a server's text is markup",
        ),
        (
            "report.html",
            lambda text: text.replace("<body>", "<body><p id='KVGATE-evil'>"),
            "report.html: a server's text is markup",
        ),
        ("report.html", lambda text: text.replace("<body>", "<body>\x07"), "report.html holds U+0007"),
        ("summary.md", lambda text: text + "[x](javascript:kvgate-evil)", "summary.md: a server's text is markup"),
        ("summary.md", lambda text: text.replace("(exit status 1)", ""), "summary.md: does not say exit status 1"),
    ],
)
def test_a_report_that_is_not_whole_is_found(reports: Path, name: str, change: object, wanted: str) -> None:
    path = reports / name
    changed = change(path.read_text(encoding="utf-8"))  # type: ignore[operator]  # each is a function of a text
    assert changed != path.read_text(encoding="utf-8")
    path.write_text(changed, encoding="utf-8")
    assert any(line.startswith(wanted) for line in judged(ran(), reports))


def test_missing_and_left_over_files_are_found(reports: Path) -> None:
    (reports / "junit.xml").unlink()
    (reports / ".report.html.part").write_text("", encoding="utf-8")
    (reports / "journal-x").mkdir()
    wrong = judged(ran(), reports)
    assert "junit.xml is missing" in wrong
    assert "left in the report folder: .report.html.part" in wrong
    assert "left in the report folder: journal-x" in wrong
    told = judged(ran(b"FAIL  x\nnote: keys are left; `kvgate sweep reports/journal-x` tries again\n"), reports)
    assert "left in the report folder: journal-x" not in told


def test_text_without_steering_characters_is_left_alone() -> None:
    assert steering("plain\ntext with é and 例\n") == ""
    assert steering("tab\t") == "U+0009"
