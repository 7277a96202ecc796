"""The chapters of the proof, in the order of its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvgate.places import interface_names
from proof.coverage import coverage_section, paged
from proof.exploring import Explored, exploring_section
from proof.hostile.behaviour import Behaviour
from proof.hostile.result import HostileResult
from proof.hostile.section import hostile_section
from proof.outcome import Outcome
from proof.pool import Task, find
from proof.section import Section, faults_section, freedoms_section


@dataclass(frozen=True, slots=True)
class Chapters:
    """All that came of a proof; `pages` says that the coverage of the pages is part of it."""

    tasks: Sequence[Task]
    outcomes: Sequence[Outcome]
    hostile: Sequence[tuple[Behaviour, HostileResult]]
    explored: Sequence[Explored]
    pages: bool

    def sections(self, *, verbatim: bool = False) -> list[Section]:
        """The chapters in the order of the page; `verbatim` adds what no two runs have alike."""
        pairs = [(task, find(task), outcome) for task, outcome in zip(self.tasks, self.outcomes, strict=True)]
        deviations = [
            make(name, chosen)
            for fault, make in ((True, faults_section), (False, freedoms_section))
            for name in interface_names()
            if (chosen := [(d, o) for task, d, o in pairs if task.fault is fault and task.interface == name])
        ]
        hostile = [hostile_section(self.hostile, verbatim=verbatim)] if self.hostile else []
        exploring = [exploring_section(self.explored)] if self.explored else []
        return [*deviations, *hostile, *exploring, *(coverage_section(name) for name in paged() if self.pages)]
