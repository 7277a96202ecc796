"""Runs of the gate in processes that are forked from one which has loaded everything: they end as others do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.errors import SurroundingsError
from kvgate.exits import Exit
from proof.gate import run_gate
from proof.warm import Warm

_CONTROL = ("--kv-case=control",)


def test_a_run_ends_and_says_as_one_of_a_process_of_its_own(tmp_path: Path) -> None:
    def options(name: str) -> list[str]:
        return [*_CONTROL, f"--kv-report-dir={tmp_path / name}"]

    own = run_gate("get2", options("own"), tmp_path / "terminal-1", 120.0)
    with Warm() as warm:
        forked = warm.run_gate("get2", options("forked"), tmp_path / "terminal-2", 120.0)
        unknown = ["--kv-case=nothing-of-the-kind", f"--kv-report-dir={tmp_path / 'wrong'}"]
        wrong = warm.run_gate("geode", unknown, tmp_path / "terminal-3", 120.0)
    assert own.exit == forked.exit == Exit.CONFORMING
    assert [_settled(each.terminal) for each in (own,)] == [_settled(each.terminal) for each in (forked,)]
    assert {path.name for path in (tmp_path / "own").iterdir()} == {
        path.name for path in (tmp_path / "forked").iterdir()
    }
    assert 10 < forked.memory < 300
    assert wrong.exit == Exit.NOTHING_TESTED
    assert b"nothing-of-the-kind" in wrong.terminal


def _settled(terminal: bytes) -> list[str]:
    """What a run printed, without its times and folders."""
    lines = terminal.decode().splitlines()
    return [line.partition(" in ")[0].partition("reports: ")[0] for line in lines]


def test_a_run_that_takes_too_long_is_killed_and_the_next_one_runs(tmp_path: Path) -> None:
    with Warm() as warm:
        assert warm.run_gate("get2", [f"--kv-report-dir={tmp_path}"], tmp_path / "terminal", 0.0).exit is None
        assert warm.run_gate("get2", ("--collect-only", *_CONTROL), tmp_path / "terminal", 120.0).exit is not None


def test_a_process_that_is_gone_is_told(tmp_path: Path) -> None:
    with Warm() as warm:
        warm.run_gate("get2", ("--version",), tmp_path / "terminal", 120.0)
        warm._idle[0].kill()  # as the kernel does when memory runs out
        with pytest.raises(SurroundingsError, match="was killed"):
            warm.run_gate("get2", ("--version",), tmp_path / "terminal", 120.0)
