"""What `python -m flakes` compares, and that it says what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flakes import gate, proving
from flakes.__main__ import main
from flakes.came import Came, differences
from flakes.comparison import SHOWN, Comparison
from flakes.kept import Kept
from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.verdict import Finding, Verdict
from proof.outcome import Outcome


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def store(folder: Path, *of: str) -> Kept:
    return Kept(folder / "runs.jsonl", of or ("code",))


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


def test_a_run_without_verdicts_differs_also_when_it_is_the_first_to_end(kept: Path) -> None:
    said: list[str] = []
    compared = Comparison(4, said.append, store(kept))
    for number, came in enumerate((Came({}, trouble="it crashed"), FIRST, FIRST, Came({}, trouble="it hung")), start=1):
        compared.add(number, came)
    assert said == ["run 1: it crashed", "run 4: it hung"]
    assert (compared.ended, compared.differing, compared.verdicts) == (4, 2, 2)


def test_many_differences_of_one_run_are_told_in_part(kept: Path) -> None:
    said: list[str] = []
    compared = Comparison(2, said.append, store(kept))
    names = [("get2.status.match", f"case-{number}") for number in range(SHOWN + 5)]
    compared.add(1, Came(dict.fromkeys(names, "pass")))
    compared.add(2, Came(dict.fromkeys(names, "fail")))
    assert len(said) == SHOWN + 1
    assert said[-1] == "run 2: and 5 more"
    assert compared.differing == 1


OTHER = Came({**FIRST.verdicts, ("exit status",): "1"}, {("exit status",): "it broke"})
LINE = "exit status: 0 in the first, 1 (it broke) in this"


def test_a_job_that_was_ended_goes_on_where_it_was(kept: Path) -> None:
    began = Comparison(9, lambda _: None, store(kept))
    for number, came in ((3, Came({}, trouble="it crashed")), (2, FIRST), (7, OTHER), (4, FIRST)):
        began.add(number, came)
    said: list[str] = []
    compared = Comparison(6, said.append, store(kept))
    assert (compared.left, compared.before, compared.ended, compared.differing) == ((1, 5, 6), 3, 3, 1)
    assert said == ["run 3: it crashed"]
    compared.add(1, OTHER)
    compared.add(5, FIRST)
    assert said[1:] == [f"run 1: {LINE}"]
    again = Comparison(9, lambda _: None, store(kept))
    assert (again.left, again.differing, again.verdicts) == ((6, 8, 9), 3, 2)


def test_what_other_code_came_to_is_forgotten(kept: Path) -> None:
    Comparison(3, lambda _: None, store(kept)).add(1, FIRST)
    assert Comparison(3, lambda _: None, store(kept, "other")).left == (1, 2, 3)
    assert Comparison(3, lambda _: None, store(kept)).left == (1, 2, 3)
    Comparison(3, lambda _: None, store(kept)).add(1, FIRST)
    assert Comparison(3, lambda _: None, store(kept)).left == (2, 3)


def test_what_was_written_half_is_run_again(kept: Path) -> None:
    compared = Comparison(5, lambda _: None, store(kept))
    for number, came in ((1, FIRST), (2, FIRST), (3, Came({}, trouble="it crashed"))):
        compared.add(number, came)
    file = kept / "runs.jsonl"
    whole = file.read_text().splitlines()
    file.write_text("\n".join([*whole[:2], whole[2][:9]]))
    compared = Comparison(5, lambda _: None, store(kept))
    assert compared.left == (2, 3, 4, 5)
    compared.add(4, OTHER)
    assert Comparison(5, lambda _: None, store(kept)).left == (2, 3, 5)
    # Without the first the same is the same as nothing.
    file.write_text("\n".join([whole[0], whole[1][:99], *whole[2:]]))
    assert Comparison(5, lambda _: None, store(kept)).left == (1, 2, 4, 5)


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


FEW = ("--proofs=0", "--at-once=2", "--", "--kv-case=control", "--kv-requirement=get2.status.match")


def test_runs_that_agree_are_0(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"--kept={kept}", "--runs=3", *FEW]) == 0
    assert "3 runs of the main job, 2 at once, in " in (out := capsys.readouterr().out)
    assert "2 verdicts each, all the same" in out


def test_a_job_goes_on_and_is_forgotten_when_it_is_done(
    kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, ...]] = []
    run_all = gate.run_all

    def some(numbers: tuple[int, ...], *rest: Any) -> None:
        asked.append(numbers)
        run_all(numbers[:1], *rest)
        if len(asked) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(gate, "run_all", some)
    assert main([f"--kept={kept}", "--runs=2", *FEW]) == Exit.INTERRUPTED
    assert [*kept.iterdir()] == [kept / "main-job.jsonl"]
    assert main([f"--kept={kept}", "--runs=2", *FEW]) == 0
    assert "2 runs of the main job, 2 at once (1 of them before), in " in (out := capsys.readouterr().out)
    assert "2 verdicts each, all the same" in out
    assert [*kept.iterdir()] == []
    main([f"--kept={kept}", "--runs=2", *FEW])
    assert asked == [(1, 2), (2,), (1, 2)]


def test_runs_that_are_done_are_kept_until_the_proofs_are(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []

    def all_the_same(numbers: tuple[int, ...], *rest: Any) -> None:
        asked.append(numbers)
        for number in numbers:
            rest[-1](number, FIRST)

    proofs: list[int] = []

    def proof(*_: Any) -> Came:
        proofs.append(1)
        if len(proofs) == 2:
            raise KeyboardInterrupt
        return FIRST

    monkeypatch.setattr(gate, "run_all", all_the_same)
    monkeypatch.setattr(proving, "run", proof)
    job = [f"--kept={kept}", "--runs=3", "--proofs=2"]
    assert [main(job), main(job)] == [Exit.INTERRUPTED, 0]
    assert (asked, len(proofs), [*kept.iterdir()]) == ([(1, 2, 3), ()], 3, [])
    # What is not asked for is not done either.
    assert main([*job[:2], "--proofs=0"]) == 0
    (kept / "proof.jsonl").write_text("{}")
    assert main([*job[:2], "--proofs=0"]) == 0
    assert [*kept.iterdir()] == [kept / "proof.jsonl"]


def test_one_may_begin_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []

    def none(numbers: tuple[int, ...], *_: Any) -> None:
        asked.append(numbers)
        raise KeyboardInterrupt

    monkeypatch.setattr(gate, "run_all", none)
    main([f"--kept={kept}", "--runs=2", *FEW])
    with (kept / "main-job.jsonl").open("a") as file:
        file.write('\n{"run": 1, "lines": ["it crashed"]}')
    main([f"--kept={kept}", "--runs=2", *FEW])
    main(["--anew", f"--kept={kept}", "--runs=2", *FEW])
    assert asked == [(1, 2), (2,), (1, 2)]


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
    assert main([f"--kept={tmp_path}", "--runs=2", "--proofs=0", "--at-once=1", "--", *options, *plugin]) == 1
    out = capsys.readouterr().out
    assert "run 2: get2.status.match on page-versions-differ: pass in the first, (not there) in this" in out
    assert "1 differ" in out


def test_a_run_that_leaves_no_report_is_a_difference(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"--kept={kept}", "--runs=1", "--proofs=0", "--", "--kv-concurrency=none"]) == 1
    out = capsys.readouterr().out
    assert "run 1: the run left no report.json, exit status 4: " in out
    assert "--kv-concurrency" in out


@pytest.mark.parametrize("wrong", [["--runs", "many"], ["--at-once", "0"], ["--runs", "-1"], ["--unknown"]])
def test_a_wrong_option_is_4(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*wrong, "--proofs", "0"]) == Exit.USAGE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
