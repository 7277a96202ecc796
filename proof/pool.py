"""Runs many deviations in worker processes, each process one at a time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from kvgate.errors import SurroundingsError
from kvgate.reference.deviation import Deviation, load_faults, load_freedoms
from proof.outcome import Outcome
from proof.running import run


@dataclass(frozen=True, slots=True)
class Task:
    """One deviation to run, by name, since a deviation itself does not go from process to process."""

    interface: str
    name: str
    fault: bool
    mark: str
    concurrency: int
    whole: bool = False
    sample: int = 1


def find(task: Task) -> Deviation:
    """The deviation of a task."""
    return (load_faults if task.fault else load_freedoms)(task.interface)[task.name]


def run_task(task: Task) -> Outcome:
    """The outcome of a task."""
    return run(find(task), mark=task.mark, concurrency=task.concurrency, whole=task.whole, sample=task.sample)


def _run_in_worker(task: Task) -> Outcome:
    began = time.process_time()
    return replace(run_task(task), processor=time.process_time() - began)


def run_all(tasks: Sequence[Task], processes: int, done: Callable[[Outcome], None]) -> list[Outcome]:
    """The outcomes in the order of the tasks; `done` is called with each as it comes.

    Raises SurroundingsError when a worker process ends before its time.
    """
    if processes <= 1 or len(tasks) <= 1:
        return [_told(run_task(task), done) for task in tasks]
    # Forked from a process that has no threads yet: the servers of a run are threads.
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, mp_context=context) as pool, ThreadPoolExecutor(1) as beside:
        # Not from the thread that Ctrl-C comes to: a pool that it comes upon while it begins waits for ever in the end.
        submitted = beside.submit(lambda: [pool.submit(_run_in_worker, task) for task in tasks])
        try:
            begun = submitted.result()
            for each in as_completed(begun):
                done(each.result())
        except BrokenProcessPool:
            raise SurroundingsError("a worker process of the proof was killed: run it again") from None
        except BaseException:
            # What has not begun would otherwise be waited for, after Ctrl-C too. One by one: a pool that is told to
            # cancel them all may wait for ever for what it had begun.
            for each in submitted.result():
                each.cancel()
            raise
    return [each.result() for each in begun]


def _told(outcome: Outcome, done: Callable[[Outcome], None]) -> Outcome:
    done(outcome)
    return outcome
