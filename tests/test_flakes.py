"""What `python -m flakes` compares, and that it says what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flakes import gate, proving
from flakes.__main__ import main
from flakes.compare import SHOWN, Came, Comparison, differences
from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.verdict import Finding, Verdict
from proof.outcome import Outcome

FIRST = Came({("exit status",): "0", ("get2.status.match", "control"): "pass"})


def test_the_same_verdicts_have_no_difference() -> None:
    assert list(differences(FIRST, Came(dict(FIRST.verdicts)))) == []


def test_each_verdict_that_differs_is_a_line_with_what_was_said() -> None:
    other = Came(
        {("exit status",): "6", ("get2.status.match", "control"): "no-verdict"},
        {("get2.status.match", "control"): "no answer in time"},
    )
    assert list(differences(FIRST, other)) == [
        "exit status: 0 in the first, 6 in this",
        "get2.status.match on control: pass in the first, no-verdict (no answer in time) in this",
    ]


def test_a_verdict_that_only_one_has_is_a_difference() -> None:
    more = Came({**FIRST.verdicts, ("get2.body.match", "control"): "pass"})
    line = "get2.body.match on control: {} in the first, {} in this"
    assert list(differences(FIRST, more)) == [line.format("(not there)", "pass")]
    assert list(differences(more, FIRST)) == [line.format("pass", "(not there)")]


def test_a_run_without_verdicts_differs_also_when_it_is_the_first_to_end() -> None:
    said: list[str] = []
    compared = Comparison(said.append)
    for number, came in enumerate((Came({}, trouble="it crashed"), FIRST, FIRST, Came({}, trouble="it hung")), start=1):
        compared.add(number, came)
    assert said == ["run 1: it crashed", "run 4: it hung"]
    assert (compared.ended, compared.differing, compared.verdicts) == (4, 2, 2)


def test_many_differences_of_one_run_are_told_in_part() -> None:
    said: list[str] = []
    compared = Comparison(said.append)
    names = [("get2.status.match", f"case-{number}") for number in range(SHOWN + 5)]
    compared.add(1, Came(dict.fromkeys(names, "pass")))
    compared.add(2, Came(dict.fromkeys(names, "fail")))
    assert len(said) == SHOWN + 1
    assert said[-1] == "run 2: and 5 more"
    assert compared.differing == 1


def test_a_report_is_read_with_its_exit_status(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    row = {"requirement": "get2.status.match", "case": "control", "verdict": "fail", "message": "status"}
    report.write_text(json.dumps({"checks": [row, {**row, "case": "page", "verdict": "pass", "message": ""}]}))
    came = gate.came_of(report, 1)
    assert came.verdicts == {
        ("exit status",): "1",
        ("get2.status.match", "control"): "fail",
        ("get2.status.match", "page"): "pass",
    }
    assert came.said == {("get2.status.match", "control"): "status"}


def outcome(name: str, *failing: str, trouble: str = "") -> Outcome:
    flagged = tuple(Finding("get2", each, "control", Level.MUST, Verdict.FAIL) for each in failing)
    return Outcome("get2", name, "get2.status.match", (), {}, flagged, trouble)


def test_a_proof_is_its_fates_and_what_fails_but_for_faults_that_depend_on_the_order() -> None:
    came = proving.came_of(
        [
            (outcome("one", "get2.status.match", "get2.body.match"), False),
            (outcome("two", "get2.status.match", "get2.body.match"), True),
            (outcome("three"), False),
            (outcome("four", trouble="OSError: no"), False),
        ]
    )
    assert came.verdicts == {
        ("get2", "one"): "killed, failing get2.body.match, get2.status.match",
        ("get2", "two"): "killed",
        ("get2", "three"): "survived, failing nothing",
        ("get2", "four"): "broken, failing nothing",
    }
    assert came.said == {("get2", "four"): "OSError: no"}


def test_the_proof_is_that_of_every_fault_and_freedom() -> None:
    names = [(task.interface, task.name, task.fault) for task in proving.tasks_of("kvproof")]
    assert len(names) == len(set(names)) > 700


FEW = ("--proofs", "0", "--at-once", "2", "--", "--kv-case=control", "--kv-requirement=get2.status.match")


def test_runs_that_agree_are_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "3", *FEW]) == 0
    assert "3 runs of the main job, 2 at once, in " in (out := capsys.readouterr().out)
    assert "2 verdicts each, all the same" in out


def test_runs_that_differ_are_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plugin that kvgate is given lets the second process that loads it find one case less."""
    seen = tmp_path / "seen"
    (tmp_path / "unsteady.py").write_text(
        "from pathlib import Path\n"
        "def pytest_collection_modifyitems(items):\n"
        f"    seen = Path({str(seen)!r})\n"
        "    if seen.exists():\n"
        "        del items[1:]\n"
        "    seen.touch()\n"
    )
    options = ("--kv-case=control", "--kv-case=page-versions-differ", "--kv-requirement=get2.status.match")
    plugin = ("-p", "unsteady", "-o", f"pythonpath={tmp_path}")
    assert main(["--runs", "2", "--proofs", "0", "--at-once", "1", "--", *options, *plugin]) == 1
    out = capsys.readouterr().out
    assert "run 2: get2.status.match on page-versions-differ: pass in the first, (not there) in this" in out
    assert "1 differ" in out


def test_a_run_that_leaves_no_report_is_a_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "1", "--proofs", "0", "--", "--kv-concurrency=none"]) == 1
    out = capsys.readouterr().out
    assert "run 1: the run left no report.json, exit status 4: " in out
    assert "--kv-concurrency" in out


@pytest.mark.parametrize("wrong", [["--runs", "many"], ["--at-once", "0"], ["--runs", "-1"], ["--unknown"]])
def test_a_wrong_option_is_4(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*wrong, "--proofs", "0"]) == Exit.USAGE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
