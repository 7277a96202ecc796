"""Runs the gate against hostile servers, a few at a time."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kvgate.errors import SurroundingsError
from proof.gate import Gate, run_gate
from proof.hostile.behaviour import Behaviour, load_behaviours
from proof.hostile.judging import judge_run
from proof.hostile.result import HostileResult
from proof.hostile.scene import scene

AT_ONCE = 3  # many of them only wait
# Beyond the time limit a run may take what starting, taking the data away and writing reports take on this machine
# as it is now: so many times what a run takes that nobody disturbs.
GRACE = 12.0
_PLAIN = Behaviour("plain", "None", "Answers well.", "get2", 0, ("exit 0: conforming",), ("control", "page-*"))


def usual_seconds(gate: Gate = run_gate) -> float:
    """What a run takes that nobody disturbs, here and now, in seconds. Raises SurroundingsError when that fails."""
    result = run(_PLAIN, usual=60.0, gate=gate)
    if not result.good:
        raise SurroundingsError(f"the gate cannot be run against a conforming server: {result.wrong[0]}")
    return max(1.0, result.seconds)


def run(behaviour: Behaviour, *, usual: float, keep: Path | None = None, gate: Gate = run_gate) -> HostileResult:
    """One run of the gate against one hostile server; `usual` as from `usual_seconds`, `keep` is for what it leaves.

    `gate` is what runs the gate.
    """
    with tempfile.TemporaryDirectory(prefix="kvgate-hostile-") as made:
        folder = keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        reports = folder / "reports"
        # Of a run before this one, where what it leaves is kept.
        shutil.rmtree(reports, ignore_errors=True)
        with scene(behaviour, folder) as set_up:
            options = [
                f"--kv-target={set_up.target}",
                f"--kv-report-dir={reports}",
                f"--kv-time-limit={behaviour.time_limit:g}",
                *(f"--kv-case={glob}" for glob in behaviour.cases),
                *(("-p", "xdist.plugin", "-n", str(behaviour.workers)) if behaviour.workers else ()),
            ]
            limit = behaviour.time_limit + GRACE * usual
            ran = gate(behaviour.interface, options, folder / "terminal", 2 * limit)
            return judge_run(
                behaviour, ran, reports, limit, strayed=set_up.strayed, left=set_up.left, failures=set_up.failures
            )


def run_all(
    behaviours: Sequence[Behaviour] | None = None,
    *,
    at_once: int = AT_ONCE,
    keep: Path | None = None,
    gate: Gate = run_gate,
    done: Callable[[HostileResult], None] | None = None,
    stop: threading.Event | None = None,
    quiet: threading.Event | None = None,
) -> list[HostileResult]:
    """The results in the order of the behaviours (None: all there are); `done` is called with each as it comes.

    What went wrong in a way that a busy machine alone can bring about is run once more in the end, by itself, and
    `done` is called again; where `quiet` is given, not before it is set. Once `stop` is set no further run begins, and
    what is missing is not in the list.
    """
    chosen = load_behaviours() if behaviours is None else behaviours
    stop = stop or threading.Event()
    usual = usual_seconds(gate) if chosen else 0.0

    def one(behaviour: Behaviour, usual: float) -> HostileResult | None:
        if stop.is_set():
            return None
        folder = None if keep is None else keep / behaviour.full_name.replace("/", "-")
        result = run(behaviour, usual=usual, keep=folder, gate=gate)
        if done is not None:
            done(result)
        return result

    try:
        with ThreadPoolExecutor(at_once, thread_name_prefix="kvgate-hostile") as pool:
            first = list(pool.map(lambda behaviour: one(behaviour, usual), chosen))
        doubtful = [at for at, result in enumerate(first) if result is not None and result.doubtful]
        if doubtful and quiet is not None:
            quiet.wait()
        usual = usual_seconds(gate) if doubtful and not stop.is_set() else usual
        second = {at: one(chosen[at], usual) for at in doubtful}
    finally:
        # The runs that have not begun would otherwise be waited for, after Ctrl-C too.
        stop.set()
    results = (second.get(at) or result for at, result in enumerate(first))
    return [result for result in results if result is not None]
