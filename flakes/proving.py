"""Runs of the proof: what became of every fault and freedom, and which requirements failed on it."""

from __future__ import annotations

from collections.abc import Sequence

from flakes.came import Came, Name
from kvgate.places import interface_names
from kvgate.reference.deviation import load_faults, load_freedoms
from proof.outcome import Outcome
from proof.pool import Task, find, run_all


def tasks_of(mark: str, concurrency: int = 8) -> list[Task]:
    """Every fault and freedom of every interface."""
    return [
        Task(interface, name, fault, mark, concurrency)
        for fault, load in ((True, load_faults), (False, load_freedoms))
        for interface in interface_names()
        for name in load(interface)
    ]


def run(tasks: Sequence[Task], processes: int) -> Came:
    """What one proof came to. Raises SurroundingsError when a process of it was killed."""
    outcomes = run_all(tasks, processes, lambda _: None)
    return came_of([(outcome, find(task).unsteady) for task, outcome in zip(tasks, outcomes, strict=True)])


def came_of(outcomes: Sequence[tuple[Outcome, bool]]) -> Came:
    """What outcomes come to; with True go those whose failing requirements depend on the order of questions."""
    verdicts: dict[Name, str] = {
        (outcome.interface, outcome.name): str(outcome.mark) if unsteady else _words(outcome)
        for outcome, unsteady in outcomes
    }
    said: dict[Name, str] = {
        (outcome.interface, outcome.name): outcome.trouble for outcome, _ in outcomes if outcome.trouble
    }
    return Came(verdicts, said)


def _words(outcome: Outcome) -> str:
    return f"{outcome.mark}, failing {', '.join(outcome.failing) or 'nothing'}"
