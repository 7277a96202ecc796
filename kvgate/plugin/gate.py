"""The gate of one process: target, plans, probers, and what came of the checks.

Without xdist one process does everything. With it the controller starts the embedded reference, takes the seeded data
away and writes the reports; each worker seeds, asks and judges its own cases.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kvgate.case import Case, Mark
from kvgate.errors import SurroundingsError
from kvgate.explore.explorer import Judging
from kvgate.explore.hook import is_explorable
from kvgate.explore.model import Exploration, Explored
from kvgate.level import Level
from kvgate.observe.result import Observation
from kvgate.plugin.chosen import Chosen
from kvgate.plugin.exploring import Expedition, Expeditions
from kvgate.plugin.observing import Observing, load_observations, save_observations
from kvgate.plugin.show import case_record
from kvgate.plugin.spool import Shared, write_spool
from kvgate.report.model import CaseRecord
from kvgate.report.scrub import Scrubber
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.run.prober import Prober
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal
from kvgate.seeding.make import make_seeder
from kvgate.target.model import Part, Target
from kvgate.verdict import Check, Evidence, Finding, judge
from kvgate.verdict.model import Verdict
from kvgate.waiver.apply import apply_waivers
from kvgate.waiver.model import Waiver
from kvgate.wire.client import Client

_WAIT = 0.2
_LONGEST_END = 15.0
# Seconds after the time limit of the run in which what was seen is still judged: the data is to be removed, too.
JUDGING = 10.0


class Waiting(Protocol):
    """Who is told that a check waits for its evidence."""

    def waiting(self, interface: str, stage: str) -> None:
        """Called about five times a second while `interface` is busy with `stage`."""

    def done(self) -> None:
        """Called when the evidence is there."""


class _Silent:
    def waiting(self, interface: str, stage: str) -> None:
        pass

    def done(self) -> None:
        pass


class Gate:
    """One process's share of a run."""

    def __init__(self, target: Target, waivers: tuple[Waiver, ...], shared: Shared, *, worker: str | None) -> None:
        self.target, self.waivers, self.shared, self.worker = target, waivers, shared, worker
        self.mark = Mark(shared.mark)
        self.began = time.time()
        self.today = datetime.datetime.now(datetime.UTC).date()
        selection = Selection(target.level, target.requirements, target.cases, explored=target.explore > 0)
        self.exploration = Exploration(target.explore, shared.explore_seed)
        self.plans: dict[str, Plan] = {
            part.interface: make_plan(part.interface, part.profile, selection) for part in target.parts
        }
        self.chosen = Chosen(self.plans)
        self.stop = Stop()
        self.cases: dict[tuple[str, str], CaseRecord] = {}
        self._noted: dict[tuple[str, str], Evidence] = {}  # of which `cases` are made
        self.progress: Waiting = _Silent()
        self.scrubber = Scrubber(target.secrets)
        self._parts: dict[str, Part] = {part.interface: part for part in target.parts}
        self._probers: dict[str, Prober] = {}
        self._unusable: dict[str, str] = {}
        self._expeditions = Expeditions(self._expedition, self._launch)
        self._slots = Slots(target.concurrency)
        self._timer: threading.Timer | None = None
        self._journal: Journal | None = None
        self._observing: Observing | None = None
        self.observations: dict[str, Observation] = {}
        if target.observe is not None:
            self._observing = Observing(target, self.plans, self.mark, self._slots, self.stop)
            if worker is not None:
                self._take(load_observations(shared.spool))

    # -- collecting --------------------------------------------------------------------------------------------------

    def cases_of(self, check: Check) -> tuple[Case, ...]:
        """The cases of a check in this run; none for an interface that is not tested."""
        plan = self.plans.get(check.requirement.split(".")[0])
        return plan.cases_of(check) if plan is not None else ()

    def explores(self, check: Check) -> bool:
        """Whether generated cases are judged by a check in this run."""
        interface = check.requirement.split(".")[0]
        plan = self.plans.get(interface)
        if plan is None or not plan.selection.explores or not is_explorable(interface):
            return False
        return plan.chooses(check) and plan.selects(check.requirement)

    def exploring(self) -> tuple[str, ...]:
        """What is going to be explored, a line each; nothing in a run that explores nothing."""
        if not self.target.explore:
            return ()
        those = [name for name in self.plans if is_explorable(name)]
        if those and not all(plan.selection.explores for plan in self.plans.values()):
            return ("nothing is explored: the selection of cases leaves no generated one",)
        lines = [
            f"nothing is explored of {name}: it has no generated cases" for name in self.plans if name not in those
        ]
        if those:
            what = f"{self.exploration.count} generated cases of {' and '.join(those)}"
            lines.insert(0, f"exploring {what}; repeat with {self.exploration.again}")
        return tuple(lines)

    # -- gathering evidence ------------------------------------------------------------------------------------------

    def observe(self) -> None:
        """Gathers all evidence of data that is there already, before anything is collected: what there is decides what
        is judged. Nothing where the run seeds.
        """
        if self._observing is None or self.observations:
            return
        self._watch_the_time()
        self._observing.start()
        while not self._observing.wait(_WAIT):
            self.progress.waiting(*self._observing.stage)
        self.progress.done()
        self._take(self._observing.found())
        if self.shared.spool:
            save_observations(self.shared.spool, self.observations)

    def _take(self, observations: Mapping[str, Observation]) -> None:
        """From now on the cases are those of the observations."""
        self.observations = dict(observations)
        for interface, observation in self.observations.items():
            plan = self.plans[interface]
            profile = observation.profile or plan.profile
            self.plans[interface] = replace(plan, cases=observation.cases, profile=profile)

    def start(
        self,
        wanted: Mapping[str, Iterable[str]],
        concurrency: int,
        explored: Iterable[str] = (),
        beside: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """Begins gathering the evidence of the wanted cases, by interface; `concurrency` is this process's share.

        `explored` are the interfaces that are explored then, `beside` controls whose case is another process's.
        """
        if self._observing is not None:
            return
        self._slots = Slots(concurrency)
        self._watch_the_time()
        for interface, names in wanted.items():
            prober = self._prober(interface)
            if prober is not None:
                prober.start(names, beside=(beside or {}).get(interface, ()))
        self._expeditions.start(explored)

    def wait(self, interface: str, case: str) -> None:
        """Waits until the evidence of a case is whole, and tells `progress` so."""
        if self._observing is not None:
            return
        prober = self._prober(interface)
        if prober is None:
            return
        while not prober.wait(case, _WAIT):
            self.progress.waiting(interface, prober.stage)
        self.progress.done()

    def evidence(self, interface: str, case: str, *, late: bool = False) -> Evidence:
        """The evidence of one case; waits for it. With `late` what is to be seen of it by now is looked at, too.

        Raises GatheringFailed.
        """
        if self._observing is not None:
            evidence = self.observations[interface].evidence[case]
            self._note(evidence, None)
            return evidence
        prober = self._prober(interface)
        if prober is None:
            return self._without(interface, case)
        evidence = prober.late(case) if late else prober.evidence(case)
        self._note(evidence, prober)
        return evidence

    def control_beside(self, interface: str, name: str, timeout: float) -> tuple[Evidence, CaseRecord] | None:
        """The evidence of a control that `start` was told to ask about beside others, and what reports show of it.

        None unless it is whole within `timeout` seconds. Raises GatheringFailed.
        """
        prober = self._prober(interface)
        if prober is None or not prober.wait(name, timeout):
            return None
        evidence = prober.evidence(name)
        return evidence, case_record(evidence, (), self._parts[interface])

    def wait_explored(self, interface: str) -> None:
        """Waits until an interface is explored, and tells `progress` so."""
        self._expeditions.wait(interface, self.progress)

    def explored(self, interface: str) -> Explored:
        """What exploring an interface came to; waits for it. Raises GatheringFailed."""
        self._expeditions.wait(interface, _Silent())
        explored = self._expeditions.result(interface)
        prober = self._prober(interface)
        if prober is not None:
            for exhibit in explored.exhibits.values():
                self._note(exhibit.evidence, prober, exhibit.toml)
        return explored

    def again(self, wanted: Mapping[str, Iterable[str]], turn: int, what: str) -> dict[tuple[str, str], Evidence]:
        """New evidence of the wanted cases, under keys of this turn's own (from 1); `what` is what `progress` is told.

        Raises GatheringFailed.
        """
        self._watch_the_time()
        for interface, names in wanted.items():
            prober = self._prober(interface)
            if prober is not None:
                prober.start(names, turn)
        seen: dict[tuple[str, str], Evidence] = {}
        for interface, names in wanted.items():
            for name in names:
                prober = self._prober(interface)
                if prober is None:
                    seen[interface, name] = self._without(interface, name)
                    continue
                while not prober.wait(name, _WAIT, turn):
                    self.progress.waiting(interface, what)
                seen[interface, name] = prober.evidence(name, turn)
        self.progress.done()
        return seen

    def has_fresh_keys(self, interface: str) -> bool:
        """Whether `again` puts the cases of an interface in place anew; where their state is preloaded, it cannot."""
        prober = self._prober(interface)
        return prober is None or prober.writes

    def judge(self, check: Check, evidence: Evidence) -> Finding:
        """The finding of one check, waivers not yet met."""
        plan = self.plans[evidence.case.interface]
        requirement = plan.requirements[check.requirement]
        if self.shared.ends_at is not None and time.time() > self.shared.ends_at + JUDGING:
            evidence = replace(evidence, trouble=evidence.trouble or f"not judged: {self._time_passed}")
        return judge(
            check,
            requirement,
            plan.profile,
            evidence,
            strict=self.target.strict,
            completes=lambda: self.chosen.completes(check, evidence.case),
        )

    def waived(self, finding: Finding) -> Finding:
        """The finding as a waiver leaves it."""
        if not self.waivers:
            return finding
        return apply_waivers([finding], self.waivers, self.today, complete=False).findings[0]

    def demanded(self, finding: Finding) -> bool:
        """Whether a verdict that is missing here keeps the run from being green."""
        return finding.verdict is Verdict.NO_VERDICT and (finding.level is Level.MUST or self.target.strict)

    def end(self) -> tuple[str, ...]:
        """Ends the gathering, also half way. One line for each part that would not end, or where keys stay behind."""
        strays = [f"{name}: {left}" for name, prober in self._probers.items() if (left := prober.note_strays())]
        self.stop.now()
        if self._timer is not None:
            self._timer.cancel()
        if self._observing is not None and not self._observing.end(_LONGEST_END):
            return (*strays, "a request did not end in time and was left behind")
        self._expeditions.finish(_LONGEST_END)
        lines = [
            f"{interface}: a request did not end in time and was left behind"
            for interface, prober in self._probers.items()
            if not prober.finish(_LONGEST_END)
        ]
        if self._journal is not None:
            self._journal.close()
        return (*strays, *lines)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _without(self, interface: str, case: str) -> Evidence:
        return Evidence(case=self.plans[interface].cases[case], trouble=self._unusable[interface])

    def _watch_the_time(self) -> None:
        """Ends this process's share when the time limit of the run passes."""
        if self.shared.ends_at is not None and self._timer is None:
            self._timer = threading.Timer(max(0.0, self.shared.ends_at - time.time()), self._time_is_up)
            self._timer.daemon = True
            self._timer.start()

    def _prober(self, interface: str) -> Prober | None:
        if interface in self._probers or interface in self._unusable:
            return self._probers.get(interface)
        if self._observing is not None:
            raise AssertionError("a run that observes seeds nothing")
        part, target = self._parts[interface], self.target
        if self._journal is None:
            self._journal = Journal(Path(self.shared.journals), self.mark)
        try:
            seeder = make_seeder(
                part, tls=target.tls, limits=target.limits, cancel=self.stop.event, concurrency=self._slots.total
            )
        except SurroundingsError as error:
            self._unusable[interface] = str(error)
            return None
        client = Client(
            part.origin,
            credentials=part.credentials.get("interface"),
            tls=target.tls,
            limits=target.limits,
            cancel=self.stop.event,
        )
        self._probers[interface] = Prober(
            part,
            self.plans[interface],
            seeder,
            client,
            self._journal,
            self.mark,
            slots=self._slots,
            stop=self.stop,
            owner=self.worker or "main",
        )
        return self._probers[interface]

    def _time_is_up(self) -> None:
        self.stop.now(self._time_passed)

    @property
    def _time_passed(self) -> str:
        return f"the time limit of the run ({self.target.time_limit:g} s) passed"

    def _expedition(self, interface: str) -> Expedition:
        judging = Judging(self.judge, lambda finding: self.waived(finding).verdict is Verdict.WAIVED)
        return Expedition(self.plans[interface], self.exploration, judging, self.stop)

    def _launch(self, expedition: Expedition, interface: str) -> None:
        prober = self._prober(interface)
        expedition.start(prober, self._unusable.get(interface, ""))

    def _note(self, evidence: Evidence, prober: Prober | None, toml: str = "") -> None:
        """Keeps what the reports show of a case: in memory, or as a file where the controller finds it."""
        key = (evidence.case.interface, evidence.case.name)
        if self._noted.get(key) is evidence:
            return
        self._noted[key] = evidence
        recipe = () if prober is None else prober.recipe(evidence.case)
        record = replace(case_record(evidence, recipe, self._parts[key[0]]), toml=toml)
        self.cases[key] = record
        if self.worker is not None:
            write_spool(self.shared, record)
