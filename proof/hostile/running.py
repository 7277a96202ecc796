"""Runs the gate against hostile servers, a few at a time."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kvgate.errors import SurroundingsError
from proof.hostile.behaviour import Behaviour, load_behaviours
from proof.hostile.gate import run_gate
from proof.hostile.judging import judge_run
from proof.hostile.result import HostileResult
from proof.hostile.scene import scene

AT_ONCE = 3  # many of them only wait
# Beyond the time limit a run may take what starting, taking the data away and writing reports take on this machine
# as it is now: so many times what a run takes that nobody disturbs.
GRACE = 12.0
_PLAIN = Behaviour("plain", "None", "Answers well.", "get2", 0, ("exit 0: conforming",), ("control", "page-*"))


def usual_seconds() -> float:
    """What a run takes that nobody disturbs, here and now, in seconds. Raises SurroundingsError when that fails."""
    result = run(_PLAIN, usual=60.0)
    if not result.good:
        raise SurroundingsError(f"the gate cannot be run against a conforming server: {result.wrong[0]}")
    return max(1.0, result.seconds)


def run(behaviour: Behaviour, *, usual: float, keep: Path | None = None) -> HostileResult:
    """One run of the gate against one hostile server; `usual` as from `usual_seconds`, `keep` is for what it leaves."""
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
                *(("-p", "xdist.plugin", "-n", str(behaviour.workers)) if behaviour.workers else ()),
            ]
            limit = behaviour.time_limit + GRACE * usual
            ran = run_gate(behaviour.interface, options, folder, patience=2 * limit)
            return judge_run(
                behaviour, ran, reports, limit, strayed=set_up.strayed, left=set_up.left, failures=set_up.failures
            )


def run_all(
    behaviours: Sequence[Behaviour] | None = None,
    *,
    at_once: int = AT_ONCE,
    keep: Path | None = None,
    done: Callable[[HostileResult], None] | None = None,
    stop: threading.Event | None = None,
) -> list[HostileResult]:
    """The results in the order of the behaviours (None: all there are); `done` is called with each as it comes.

    Once `stop` is set no further run begins, and what is missing is not in the list.
    """
    chosen = load_behaviours() if behaviours is None else behaviours
    usual = usual_seconds() if chosen else 0.0

    def one(behaviour: Behaviour) -> HostileResult | None:
        if stop is not None and stop.is_set():
            return None
        result = run(
            behaviour, usual=usual, keep=None if keep is None else keep / behaviour.full_name.replace("/", "-")
        )
        if done is not None:
            done(result)
        return result

    with ThreadPoolExecutor(at_once, thread_name_prefix="kvgate-hostile") as pool:
        return [result for result in pool.map(one, chosen) if result is not None]
