"""What is done with one case at each stage of a run: put it in place, ask, ask again, read back.

A step may be run for many cases at the same time. What stops a case stands in its evidence afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kvgate.case import Case, Mark
from kvgate.errors import KvgateError
from kvgate.run.asking import Asker, Connections
from kvgate.run.control import Controls
from kvgate.run.former import FormerStates
from kvgate.run.health import Health
from kvgate.run.placing import Placing
from kvgate.run.progress import Progress
from kvgate.run.sharing import sharing_values
from kvgate.run.standing import homes_of
from kvgate.run.stop import Stop
from kvgate.run.witnesses import Witnesses
from kvgate.seeding.model import NotInPlace, NotTaken, Seeder

Step = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The steps of the cases of one interface in one process.

    `obstacle` says why nothing more may be asked, or None; `words` are those of the plan's cases (`Mark.words`);
    `judges_decoys` where the answers about other keys are kept, too.
    """

    seeder: Seeder
    asker: Asker
    controls: Controls
    health: Health
    placing: Placing
    former: FormerStates
    witnesses: Witnesses
    stop: Stop
    mark: Mark
    words: frozenset[str]
    judges_decoys: bool
    obstacle: Callable[[], str | None]

    def seed(self, progress: Progress) -> None:
        """Puts the state in place; one that took the place of another is asked about at once."""
        obstacle = self.obstacle()
        if obstacle is not None:
            progress.note(trouble=obstacle)
            return
        try:
            own = progress.evidence.case
            control = self.controls.own(own.name)
            case = self.seeder.aimed(self.controls.missed(own))
        except (KvgateError, NotInPlace) as error:
            progress.note(trouble=str(error))
            return
        progress.note(case=case)
        obstacle = self.health.no_seeding(lambda: homes_of(case, self.seeder))
        if obstacle is not None:
            progress.note(trouble=obstacle)
            return
        if control is not None:
            self._take(progress, case, control)
            return
        if not case.former or not self.seeder.writes:
            before, reason = self.placing.put(case)
            progress.note(before=sharing_values(before, case), trouble=reason)
            return
        with self.former.connections(case) as connections:
            before, reason = self.former.replace(case, connections)
            progress.note(before=sharing_values(before, case), trouble=reason)
            if reason is None:
                # Not once all others are in place: a cache may keep what was answered before for a second, no longer.
                self._ask(progress, connections)
                progress.asked = True

    def ask_first(self, progress: Progress) -> None:
        """Asks for the other keys, then the questions of the case."""
        if not progress.asked:
            self._ask(progress)

    def ask_again(self, progress: Progress) -> None:
        """Asks the question of a case of one question a second time, behind the control on its connection."""
        evidence = progress.evidence
        if len(evidence.case.asks) != 1:
            return
        fault = next((exchange.fault for exchange in evidence.exchanges if exchange.fault is not None), None)
        if fault is not None:
            progress.note(unasked=evidence.unasked or f"not asked again, since no whole answer came: {fault.message}")
            return
        obstacle = self.obstacle()
        if obstacle is not None:
            progress.note(unasked=obstacle)
            return
        control = next(iter(self.controls.standing), None)
        lead = None if control is None else control.asks[0]
        asked = self.asker.again(evidence.case, self.health, evidence.exchanges, lead)
        if control is not None and asked.led is not None:
            self.controls.said.hear(control, asked.led)
        progress.note(exchanges=(*evidence.exchanges, *asked.exchanges), unasked=asked.lost)

    def read_back(self, progress: Progress) -> None:
        """What the places hold after the last question. That it cannot be read leaves only that question open."""
        if progress.as_control:
            said = self.controls.said.of(progress.evidence.case)
            progress.note(exchanges=(*progress.evidence.exchanges, *said))
            for exchange in said:
                self.health.keep(exchange)
        moved = self.seeder.moved(progress.evidence.case)
        if moved is not None:
            progress.note(trouble=moved)
        elif progress.evidence.before is not None:
            case = progress.evidence.case
            reason = self.stop.because if self.stop.is_set() else None
            reason = reason or self.health.no_seeding(lambda: homes_of(case, self.seeder))
            after, unreadable = None, False
            if reason is None:
                after, reason = self.placing.read(case)
                unreadable = reason is not None and not self.stop.is_set()
            progress.note(after=sharing_values(after, case), after_trouble=reason, unreadable=unreadable)
            progress.note(trouble=self.witnesses.forgotten(progress.evidence.before, after))
        progress.whole.set()

    def guarded(self, step: Step) -> Step:
        """The step for a case that is still on its way; what stops the case is its trouble, in one line."""

        def run(progress: Progress) -> None:
            evidence = progress.evidence
            if evidence.trouble is not None or evidence.left_out is not None or progress.bug is not None:
                return
            try:
                step(progress)
            except NotTaken as reason:
                progress.note(left_out=str(reason))
                progress.whole.set()
            except Exception as error:  # one case's bug must not cost the evidence of the others
                progress.bug = error

        return run

    def _take(self, progress: Progress, case: Case, control: Case) -> None:
        """Makes a control that stands the state of its own case, so that all that it is answered is judged."""
        # What is kept for a run that finds it there has the keys of the case itself.
        _, reason = (None, None) if case.name in self.controls.beside else self.placing.put(case)
        if reason is not None:
            progress.note(trouble=reason)
            return
        before, reason = self.placing.read(control)
        own = self.mark.own(control.name, self.words)
        case = replace(control, name=progress.evidence.case.name)
        progress.note(case=case, own=own, before=before, trouble=reason)
        progress.as_control = True

    def _ask(self, progress: Progress, connections: Connections | None = None) -> None:
        obstacle = self.obstacle()
        if obstacle is not None:
            progress.note(trouble=obstacle)
            return
        if not progress.evidence.case.former:
            decoys = self.asker.ask_decoys(progress.evidence.case, self.health, keeps=self.judges_decoys)
            progress.note(decoys=decoys)
        self.asker.hang_up(progress.evidence.case)
        asked = self.asker.ask(progress.evidence.case, self.health, connections)
        if asked.lost is not None and not asked.exchanges:
            progress.note(exchanges=asked.unfit, trouble=asked.lost)
        else:
            progress.note(exchanges=asked.exchanges, unasked=asked.lost, one_by_one=asked.one_by_one)
