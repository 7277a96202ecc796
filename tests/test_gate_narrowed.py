"""A run that made fewer checks than there are says so in every format, and what left the others out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from gate_parts import Ran, gate, gate_process

from kvgate.exits import Exit
from kvgate.plugin.narrowed import narrowed, selections
from kvgate.run.plan import Selection, make_plan
from kvgate.target.load import load_target
from kvgate.target.options import Options

CONTROL = "--kv-case=control"
STATUS = "suites/geode/test_status.py"


class Config:
    """What pytest keeps of its options."""

    def __init__(self, args: list[str] | None = None, **options: Any) -> None:
        self.args, self._options = args or [], options

    def getoption(self, name: str, default: Any = None) -> Any:
        return self._options.get(name, default)


def count(*, requirement: str = "geode.*") -> tuple[int, int]:
    """How many checks of these requirements there are on the case `control`, and how many checks of geode there are."""
    whole = make_plan("geode", "doc", Selection())
    part = make_plan("geode", "doc", Selection(requirements=(requirement,), cases=("control",)))
    return tuple(sum(len(plan.cases_of(check)) for check in plan.checks) for plan in (part, whole))  # type: ignore[return-value]  # two of them


def told(ran: Ran) -> list[str]:
    return [note for note in ran.report["run"]["notes"] if "were made" in note]


@pytest.mark.parametrize(
    ("arguments", "by"),
    [
        (["suites/geode", CONTROL, "--kv-requirement=geode.status.*"], f"--kv-requirement=geode.status.*, {CONTROL}"),
        ([f"{STATUS}::test_all_keys_found_is_200", CONTROL], f"{CONTROL}, {STATUS}::test_all_keys_found_is_200"),
        ([STATUS, "-k", "control-one or :control]"], f"-k 'control-one or :control]', {STATUS}"),
        (["suites/geode", CONTROL, f"--deselect={STATUS}"], f"{CONTROL}, --deselect={STATUS}"),
        (["suites/geode", CONTROL, "--kv-level=must"], f"{CONTROL}, --kv-level=must"),
        (["suites/geode", CONTROL, "-m", "not skip"], f"{CONTROL}, -m 'not skip'"),
    ],
    ids=["options", "a test", "-k", "--deselect", "--kv-level", "-m"],
)
def test_what_selected_is_told(tmp_path: Path, arguments: list[str], by: str) -> None:
    ran = gate(tmp_path, *arguments)
    made, whole = len(ran.report["checks"]), count()[1]
    assert ran.status == Exit.CONFORMING, ran.out
    assert told(ran) == [f"{made:,} of {whole:,} checks were made, selected by {by}"]
    assert 0 < made < whole


def test_it_is_told_in_every_format_and_the_numbers_are_true(tmp_path: Path) -> None:
    ran = gate(tmp_path, "suites/geode", CONTROL, "--kv-requirement=geode.status.*")
    made, whole = count(requirement="geode.status.*")
    words = f"{made:,} of {whole:,} checks were made"
    assert f"note: {words}" in ran.out
    assert words in ran.summary
    assert words in (ran.folder / "report.html").read_text(encoding="utf-8")
    assert f'name="note" value="{words}' in (ran.folder / "junit.xml").read_text(encoding="utf-8")


def test_workers_make_no_difference(tmp_path: Path) -> None:
    arguments = ["suites/geode", CONTROL, "--kv-requirement=geode.status.*"]
    alone, shared = gate(tmp_path / "alone", *arguments), gate_process(tmp_path / "shared", *arguments, "-n2")
    assert told(shared) == told(alone) != []


def test_a_run_of_everything_says_nothing_of_it(tmp_path: Path) -> None:
    ran = gate(tmp_path, "suites/sismember2")
    assert ran.status == Exit.CONFORMING, ran.out
    assert told(ran) == []


def test_many_selections_are_counted_and_a_long_one_is_cut() -> None:
    plan = make_plan("geode", "doc", Selection())
    (line,) = narrowed([plan], [], [f"--kv-case={number}" for number in range(8)])
    assert line.endswith("--kv-case=4, --kv-case=5, 2 others")
    (line,) = narrowed([plan], [], [])
    assert line == f"0 of {count()[1]:,} checks were made", "left out by what nobody knows of"
    target = dataclasses.replace(load_target(Options(), {}), cases=("c" * 100,))
    assert selections(target, Config()) == ("--kv-case=" + "c" * 47 + "...",)


def test_what_pytest_leaves_out_is_told_as_it_is_typed() -> None:
    typed = Config(["/elsewhere/test_it.py", "suites/geode"], lf=True, ignore=["a", "b"], stepwise=False)
    said = selections(load_target(Options(), {}), typed)
    assert said == ("--ignore=a", "--ignore=b", "--lf", "/elsewhere/test_it.py"), "a whole suite leaves nothing out"


@pytest.mark.parametrize("at_once", [1, 2])
def test_what_was_not_asked_at_the_same_time_is_told(tmp_path: Path, at_once: int) -> None:
    ran = gate(tmp_path, "suites/geode", "--kv-case=together-values", f"--kv-concurrency={at_once}")
    assert ran.status == Exit.CONFORMING, ran.out
    said = [note for note in ran.report["run"]["notes"] if "at the same time" in note]
    isolated = next(check for check in ran.report["checks"] if check["requirement"] == "geode.safe.isolated")
    if at_once == 1:
        assert [note[:23] for note in said] == ["1 check not applicable,"]
        assert isolated["verdict"] == "not-applicable"
    else:
        assert said == []
        assert isolated["verdict"] == "pass"
