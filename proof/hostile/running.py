"""Runs the gate against hostile servers, a few at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from proof.hostile.behaviour import Behaviour, load_behaviours
from proof.hostile.gate import run_gate
from proof.hostile.judging import judge_run
from proof.hostile.result import HostileResult
from proof.hostile.scene import scene

AT_ONCE = 3  # many of them only wait
GRACE = 10.0  # seconds beyond the time limit: starting, taking the data away, writing the reports


def run(behaviour: Behaviour, *, keep: Path | None = None) -> HostileResult:
    """One run of the gate against one hostile server; `keep` is a folder for what it leaves."""
    with tempfile.TemporaryDirectory(prefix="kvgate-hostile-") as made:
        folder = keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        reports = folder / "reports"
        with scene(behaviour, folder) as set_up:
            options = [
                f"--kv-target={set_up.target}",
                f"--kv-report-dir={reports}",
                f"--kv-time-limit={behaviour.time_limit:g}",
                *(f"--kv-case={glob}" for glob in behaviour.cases),
            ]
            limit = behaviour.time_limit + GRACE
            ran = run_gate(behaviour.interface, options, folder, patience=2 * limit)
            return judge_run(behaviour, ran, reports, limit, set_up.witness.asked)


def run_all(
    behaviours: Sequence[Behaviour] | None = None,
    *,
    at_once: int = AT_ONCE,
    keep: Path | None = None,
    done: Callable[[HostileResult], None] = lambda result: None,
) -> list[HostileResult]:
    """The results in the order of the behaviours (None: all there are); `done` is called with each as it comes."""
    chosen = load_behaviours() if behaviours is None else behaviours

    def one(behaviour: Behaviour) -> HostileResult:
        result = run(behaviour, keep=None if keep is None else keep / behaviour.full_name.replace("/", "-"))
        done(result)
        return result

    with ThreadPoolExecutor(at_once, thread_name_prefix="kvgate-hostile") as pool:
        return list(pool.map(one, chosen))
