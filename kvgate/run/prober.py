"""Puts the cases of one interface in place, asks their questions at the same time, and keeps what came back.

The order is the same for all cases: seed, ask, ask again, read back. So the second question of each comes after the
questions of the others. Before its own question a case's other keys are asked for, and before the second one, on the
same connection, the control. Only a state that took the place of another is asked about as soon as it is there.
Nothing is asked before the control is answered.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from kvgate.case import Case, Mark, place
from kvgate.errors import KvgateError
from kvgate.run.asking import Asker
from kvgate.run.control import Controls
from kvgate.run.former import FormerStates
from kvgate.run.health import Health
from kvgate.run.late import Late
from kvgate.run.placing import Placing
from kvgate.run.plan import Plan
from kvgate.run.progress import Progress
from kvgate.run.slots import Slots
from kvgate.run.standing import Standing
from kvgate.run.steps import Step, Steps
from kvgate.run.stop import Stop
from kvgate.run.strays import Strays
from kvgate.run.witnesses import Witnesses
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.target.model import Part
from kvgate.verdict.check import Scope
from kvgate.verdict.evidence import Evidence
from kvgate.wire.client import Client
from kvgate.wire.exchange import Exchange, Request


class GatheringFailed(Exception):
    """A bug of kvgate while evidence was gathered."""


_LONG = 150_000  # bytes: more than a place keeps in one piece
_TRIES = 2  # to get an answer from who may be busy with a listing


def _failed(bug: Exception) -> GatheringFailed:
    return GatheringFailed(f"kvgate failed while gathering evidence: {type(bug).__name__}: {bug}")


class Prober:
    """Gathers the evidence of one interface's cases. `evidence` may be called from any thread and waits its turn.

    `slots` bounds the requests under way, `stop` ends them; both are shared with other probers of the process. `owner`
    names the process, so that its control keys are its own.
    """

    def __init__(
        self,
        part: Part,
        plan: Plan,
        seeder: Seeder,
        client: Client,
        journal: Journal,
        mark: Mark,
        *,
        slots: Slots,
        stop: Stop,
        owner: str = "main",
    ) -> None:
        self._part, self._plan, self._seeder, self._client, self._journal = part, plan, seeder, client, journal
        self._mark, self._slots, self._stop, self._owner = mark, slots, stop, owner
        self._words = frozenset(map(mark.words, plan.cases))
        self._asker = Asker(client, part.prefix, slots, stop)
        self._controls = Controls(plan, seeder, self._asker)
        self._health = Health(self._controls.ask, plan.interface.control_statuses, stop, wrote=seeder.writes)
        self._placing = Placing(seeder, journal, slots, stop, self._health, client.limits)
        self._former = FormerStates(seeder, self._asker, self._health, slots, stop, self._placing.put)
        self._witnesses = Witnesses(seeder, slots, self._placing.put)
        self._strays = Strays(seeder, slots, journal, mark, self._witnesses)
        self._late = Late(
            self._asker,
            self._placing.read,
            self._witnesses,
            self._health,
            self._controls_at_the_end,
            self._controls.kept,
        )
        self._steps = Steps(
            seeder=seeder,
            asker=self._asker,
            controls=self._controls,
            health=self._health,
            placing=self._placing,
            former=self._former,
            witnesses=self._witnesses,
            stop=stop,
            mark=mark,
            words=self._words,
            judges_decoys=any(check.scope is Scope.EACH for check in plan.checks),
            obstacle=self._obstacle,
        )
        self._cases: dict[tuple[str, int], Progress] = {}
        self._opening, self._lock = threading.Lock(), threading.Lock()
        self._opened = self._prepared = False
        self._trouble: str | None = None
        self._bug: Exception | None = None
        self._thread: threading.Thread | None = None
        self.stage = "waiting"

    # -- what the plugin calls ---------------------------------------------------------------------------------------

    def start(self, names: Iterable[str], turn: int = 0, beside: Iterable[str] = ()) -> None:
        """Begins gathering the evidence of these cases in the background.

        Each `turn` puts a case in place again under keys of its own, where this way of seeding writes at all. `beside`
        are controls whose case is another process's: what is asked here is this one's own control only.
        """
        self._controls.beside = frozenset(beside)
        if self._thread is not None:
            self._thread.join()
        wanted = tuple(names)
        if not turn and self._seeder.writes:
            self._late.choose([name for name in wanted if len(self._plan.cases[name].asks) == 1])
        begun = [self._begin(name, turn)[0] for name in (*self._controls.beside, *wanted)]
        self._thread = threading.Thread(
            target=self._gather, args=(begun, True), name=f"kvgate-{self._part.interface}", daemon=True
        )
        self._thread.start()

    def wait(self, name: str, timeout: float | None = None, turn: int = 0) -> bool:
        """Whether the evidence of a case is whole, or gets so within `timeout` seconds.

        A case that `start` was not given is gathered now, in the caller's thread.
        """
        progress, is_new = self._begin(name, turn)
        if is_new:
            self._gather([progress])
        return progress.whole.wait(timeout)

    def evidence(self, name: str, turn: int = 0) -> Evidence:
        """The whole evidence of a case; waits for it. Raises GatheringFailed."""
        self.wait(name, turn=turn)
        progress = self._cases[name, turn]
        bug = progress.bug or self._bug
        if bug is not None:
            raise _failed(bug) from bug
        return progress.evidence

    def late(self, name: str) -> Evidence:
        """The evidence of a case, of some with what is to be seen of them by now. Raises GatheringFailed.

        To be called when all else is judged, by one thread.
        """
        evidence = self.evidence(name)
        if not self._stop.is_set():
            self._late.look(name, self._cases[name, 0])
            evidence = self._cases[name, 0].evidence
        return evidence

    def gather(self, cases: Sequence[Case]) -> list[Evidence]:
        """The evidence of cases that the plan does not have, gathered now; each needs a name of its own.

        Raises GatheringFailed. What is not to be kept has to be `let_go`.
        """
        begun = [self._progress_of(case, case.name) for case in cases]
        self._gather(begun)
        bug = self._bug or next((progress.bug for progress in begun if progress.bug is not None), None)
        if bug is not None:
            raise _failed(bug) from bug
        return [progress.evidence for progress in begun]

    def let_go(self, evidence: Evidence) -> None:
        """Evidence that nobody keeps: its answers count no more against what a run may hold."""
        for exchange in (*evidence.exchanges, *(decoy.exchange for decoy in evidence.decoys)):
            self._health.let_go(exchange)

    def note_strays(self) -> str:
        """Writes down keys that nobody wrote, to be taken away, as `Strays.note`. Not once the run is stopped."""
        try:
            return self._strays.note()
        except KvgateError:
            return ""

    def ready(self, timeout: float) -> bool:
        """Whether what `start` was given is gathered, or gets so within `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def finish(self, timeout: float) -> bool:
        """Waits for the background work to end; whether it did. Stop the run first to hurry it."""
        if not self.ready(timeout):
            return False
        self._seeder.close()
        self._client.close()
        return True

    @property
    def writes(self) -> bool:
        """Whether the state is put in place by this run, so that it can be under fresh keys."""
        return self._seeder.writes

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """The requests that bring a case's state about, for the reports; none where they cannot be told."""
        return self._former.recipe(case, self._part.origin) if self._prepared else ()

    # -- the way of the evidence -------------------------------------------------------------------------------------

    def _begin(self, name: str, turn: int) -> tuple[Progress, bool]:
        """The progress of a case in a turn, and whether nobody had begun it."""
        with self._lock:
            if (name, turn) in self._cases:
                return self._cases[name, turn], False
            case = self._plan.cases[name]
            # A case's keys are made of its name.
            named = replace(case, name=f"{name} again {turn}") if turn and self._seeder.writes else case
            self._cases[name, turn] = self._progress_of(named, name)
            return self._cases[name, turn], True

    def _progress_of(self, case: Case, name: str) -> Progress:
        """The beginning of a case on keys that its own name makes, to be called `name` from then on."""
        placed = replace(place(case, self._mark, self._part.places), name=name)
        evidence = Evidence(
            case=placed,
            own=self._mark.own(case.name, self._words),
            facts=self._plan.profile.facts or {},
            places=self._part.places,
        )
        return Progress(evidence, threading.Event())

    def _gather(self, begun: list[Progress], lists: bool = False) -> None:
        there, steps = None, self._steps
        stages: tuple[tuple[str, Step], ...] = (
            ("putting the cases in place", steps.seed),
            ("asking", steps.ask_first),
            ("asking again", steps.ask_again),
            ("reading back", steps.read_back),
        )
        try:
            self._open()
            with ThreadPoolExecutor(self._slots.total, thread_name_prefix="kvgate-ask") as pool:
                for stage, step in stages:
                    self.stage = stage
                    if step == steps.ask_first and self._witnesses.unread is not None:
                        self._former.settle()
                    if lists and step == steps.ask_first and self._obstacle() is None:
                        there = self._strays.listed()
                        self._wait_for_who_is_listing()
                    if step == steps.read_back:
                        self._look_again()
                        if self._obstacle() is None:
                            self._strays.tell(begun, there)
                    list(pool.map(steps.guarded(step), begun))
            self.stage = "done"
        except Exception as error:  # a bug here must end as an internal error, never as a hang
            self._bug = error
        finally:
            for progress in begun:
                if not progress.whole.is_set():
                    progress.note(trouble=progress.evidence.trouble or self._obstacle() or "nothing was asked")
                    progress.whole.set()

    def _obstacle(self) -> str | None:
        """Why nothing more may be asked, or None."""
        return self._stop.because if self._stop.is_set() else self._trouble or self._health.down

    def _open(self) -> None:
        """Prepares the seeding and asks the control, once for all cases of this process."""
        with self._opening:
            if self._opened:
                return
            self._opened = True
            self.stage = "asking the control"
            try:
                with self._slots.hold():
                    self._seeder.prepare()
                self._prepared = True
                standing = Standing(self._seeder, self._journal, self._slots, self._control)
                self._controls.put(standing)
            except NotInPlace as reason:
                self._trouble = f"the control case is not in place: {reason}"
            except KvgateError as reason:
                self._trouble = str(reason)
            else:
                self._trouble = self._health.first()
                if self._trouble is None:
                    self._controls.answered()
                elif self._health.otherwise and self._controls.others(standing, self._health):
                    self._trouble = None
                if self._trouble is None and self._seeder.writes:
                    name, first = self._plan.interface.control[0], self._controls.standing[0]
                    places = {holding.place for case in self._plan.cases.values() for holding in case.holdings}
                    witness = partial(self._control, name, called="witness")
                    self._witnesses.stand(first, witness, places, self._witnesses_of_kinds(name))

    def _control(self, name: str, turn: int, called: str = "") -> Case:
        """The control case under keys of this process's own, other ones at each turn (from 0) and each name.

        So workers do not write over one another. State that is there already has the keys it has.
        """
        case = self._plan.cases[name]
        if self._seeder.writes:
            case = replace(case, name=f"{called or name} of {self._owner}" + (f", {turn}" if turn else ""))
        return place(case, self._mark, self._part.places)

    def _witnesses_of_kinds(self, name: str) -> Iterator[Case]:
        """Witnesses of a number and of a dot in the key, and of a long value."""
        witness = self._control(name, 0, called="witness of kinds")
        held = witness.holdings[0]
        for key, value in (
            (self._mark.digits(witness.name), held.value),
            (f"{held.key}.1", held.value),
            (f"{held.key}-long", b'{"text":"%b"}' % (b"a" * _LONG)),
        ):
            yield replace(witness, holdings=(replace(held, key=key, value=value),), absent=())

    def _wait_for_who_is_listing(self) -> None:
        """Gives a server time that was asked for too long a listing, and may do nothing beside it."""
        for _ in range(_TRIES * self._strays.slow):
            if self._controls.wrong_at_first() is not None:
                return

    def _controls_at_the_end(self) -> Sequence[tuple[Case, Exchange]] | None:
        """What came of controls that were wrong at first at the end of a run; None where nothing is to be asked."""
        return None if self._obstacle() is not None else self._controls.wrong_at_first()

    def _look_again(self) -> None:
        """Finds out whether keys stand where they were put, once for all cases: what has moved can't be judged."""
        if self._prepared and self._obstacle() is None:
            with self._slots.hold(), contextlib.suppress(KvgateError):
                self._seeder.look_again()
            self._witnesses.look()
