"""Puts the cases of one interface in place, asks their questions at the same time, and keeps what came back.

The order is the same for all cases: seed, ask, ask again, read back. So the second question of each comes after the
questions of the others. Nothing is asked before the control is answered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from kvgate.case import Ask, Case, Mark, place
from kvgate.errors import KvgateError
from kvgate.run.health import Health
from kvgate.run.plan import Plan
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.target.model import Part
from kvgate.verdict.evidence import Evidence
from kvgate.wire.client import Client, Connection
from kvgate.wire.exchange import Exchange, Request

AGAIN = "again"


@dataclass(slots=True)
class _Progress:
    """One case on its way: the evidence so far, and the event that says it is whole."""

    evidence: Evidence
    whole: threading.Event


class Prober:
    """Gathers the evidence of one interface's cases. `evidence` may be called from any thread and waits its turn."""

    def __init__(
        self,
        part: Part,
        plan: Plan,
        seeder: Seeder,
        client: Client,
        journal: Journal,
        mark: Mark,
        *,
        concurrency: int,
        cancel: threading.Event,
        owner: str = "main",
    ) -> None:
        self._part, self._plan, self._seeder, self._client, self._journal = part, plan, seeder, client, journal
        self._mark, self._concurrency, self._cancel = mark, concurrency, cancel
        self._owner = owner
        self._controls: tuple[Case, ...] = ()
        self._cases: dict[str, _Progress] = {}
        self._opening = threading.Lock()
        self._opened = False
        self._prepared = False
        self._trouble: str | None = None
        self._health = Health(self._ask_control, plan.interface.control_statuses)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.stage = "waiting"
        self.cancelled_because = "the run was ended"

    # -- what the plugin calls ---------------------------------------------------------------------------------------

    def start(self, names: Iterable[str]) -> None:
        """Begins gathering the evidence of these cases in the background."""
        begun = [self._begin(name) for name in names]
        self._thread = threading.Thread(target=self._gather_all, args=(begun,), name=f"kvgate-{self._part.interface}")
        self._thread.start()

    def evidence(self, name: str, timeout: float | None = None) -> Evidence | None:
        """The whole evidence of a case, or None when it is not there within `timeout` seconds.

        A case that `start` was not given is gathered now, in the caller's thread.
        """
        with self._lock:
            known = name in self._cases
        if not known:
            self._gather_all([self._begin(name)])
        progress = self._cases[name]
        return progress.evidence if progress.whole.wait(timeout) else None

    def ready(self, name: str) -> bool:
        """Whether a case's evidence is whole already."""
        return name in self._cases and self._cases[name].whole.is_set()

    def finish(self, timeout: float) -> bool:
        """Waits for the background work to end; whether it did. Set the cancel event first to hurry it."""
        if self._thread is not None:
            self._thread.join(timeout)
            if self._thread.is_alive():
                return False
        self._seeder.close()
        self._client.close()
        return True

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """The writes that put a case's state in place, for the reports; none where they cannot be told."""
        if not self._prepared:
            return ()
        try:
            return self._seeder.recipe(case)
        except (NotInPlace, KvgateError):
            return ()

    # -- the way of the evidence -------------------------------------------------------------------------------------

    def _begin(self, name: str) -> _Progress:
        placed = place(self._plan.cases[name], self._mark, self._part.places)
        evidence = Evidence(case=placed, facts=self._plan.profile.facts or {}, places=self._part.places)
        with self._lock:
            return self._cases.setdefault(name, _Progress(evidence, threading.Event()))

    def _gather_all(self, begun: list[_Progress]) -> None:
        try:
            self._open()
            with ThreadPoolExecutor(self._concurrency, thread_name_prefix="kvgate-ask") as pool:
                for stage, step in self._steps():
                    self.stage = stage
                    list(pool.map(self._guarded(step), begun))
            self.stage = "done"
        except Exception as error:  # a bug here must end as a missing verdict with its name, never as a hang
            self._trouble = f"kvgate failed while gathering evidence: {type(error).__name__}: {error}"
        finally:
            for progress in begun:
                if not progress.whole.is_set():
                    progress.evidence = replace(progress.evidence, trouble=progress.evidence.trouble or self._why())
                    progress.whole.set()

    def _steps(self) -> tuple[tuple[str, Callable[[_Progress], None]], ...]:
        return (
            ("putting the cases in place", self._seed),
            ("asking", self._ask_first),
            ("asking again", self._ask_again),
            ("reading back", self._read_back),
        )

    def _guarded(self, step: Callable[[_Progress], None]) -> Callable[[_Progress], None]:
        """The step for a case that is still on its way; what stops the case is its trouble, in one line."""

        def run(progress: _Progress) -> None:
            if progress.evidence.trouble is not None:
                return
            why = self._why() if self._trouble or self._cancel.is_set() else None
            if why is None and step is not self._read_back:
                why = self._health.down if not progress.evidence.exchanges else None
            if why is not None:
                if not progress.evidence.exchanges:
                    progress.evidence = replace(progress.evidence, trouble=why)
                return
            try:
                step(progress)
            except NotInPlace as reason:
                progress.evidence = replace(progress.evidence, trouble=f"not in place: {reason}")
            except KvgateError as reason:
                progress.evidence = replace(progress.evidence, trouble=str(reason))

        return run

    def _why(self) -> str:
        if self._cancel.is_set():
            return self.cancelled_because
        return self._trouble or self._health.down or "the evidence was not gathered to its end"

    def _open(self) -> None:
        """Prepares the seeding and asks the control, once for all cases of this process."""
        with self._opening:
            if self._opened:
                return
            self._opened = True
            self.stage = "asking the control"
            try:
                self._seeder.prepare()
                self._prepared = True
                self._controls = tuple(self._control(name) for name in self._plan.interface.control)
                self._journal.note(written for control in self._controls for written in self._seeder.plan(control))
                for control in self._controls:
                    self._seeder.put(control)
            except NotInPlace as reason:
                self._trouble = f"the control case is not in place: {reason}"
            except KvgateError as reason:
                self._trouble = str(reason)
            else:
                self._trouble = self._health.first()

    def _ask_control(self) -> list[Exchange]:
        return [self._send(case.asks[0], case.asks[0].label) for case in self._controls]

    def _control(self, name: str) -> Case:
        """The control case under keys of this process's own, so that workers do not write over one another."""
        case = self._plan.cases[name]
        if self._seeder.writes:
            case = replace(case, name=f"{name} of {self._owner}")
        return place(case, self._mark, self._part.places)

    def _seed(self, progress: _Progress) -> None:
        case = progress.evidence.case
        self._journal.note(self._seeder.plan(case))
        progress.evidence = replace(progress.evidence, before=self._seeder.put(case))

    def _ask_first(self, progress: _Progress) -> None:
        case = progress.evidence.case
        connections: dict[str, Connection] = {}
        exchanges: list[Exchange] = []
        try:
            for group in _groups(case.asks):
                for ask in group:
                    if ask.connection is not None and ask.connection not in connections:
                        connections[ask.connection] = self._client.connection()
                exchanges.extend(self._together(group, connections))
                if any(exchange.fault for exchange in exchanges):
                    exchanges = [self._settled(exchange, case) for exchange in exchanges]
        finally:
            for connection in connections.values():
                connection.close()
        self._keep(progress, exchanges)

    def _ask_again(self, progress: _Progress) -> None:
        evidence = progress.evidence
        if len(evidence.case.asks) != 1 or any(exchange.fault for exchange in evidence.exchanges):
            return
        exchange = self._send(evidence.case.asks[0], AGAIN)
        self._keep(progress, [self._settled(exchange, evidence.case)])

    def _read_back(self, progress: _Progress) -> None:
        """What the places hold after the last question. That it cannot be read leaves only that question open."""
        if progress.evidence.before is not None:
            try:
                after = self._seeder.read(progress.evidence.case)
            except (NotInPlace, KvgateError) as reason:
                progress.evidence = replace(progress.evidence, after_trouble=str(reason))
            else:
                progress.evidence = replace(progress.evidence, after=after)
        progress.whole.set()

    # -- single exchanges --------------------------------------------------------------------------------------------

    def _together(self, group: list[Ask], connections: Mapping[str, Connection]) -> list[Exchange]:
        if len(group) == 1:
            ask = group[0]
            return [self._send(ask, ask.label, connections.get(ask.connection or ""))]
        ready = threading.Barrier(len(group))

        def send(ask: Ask) -> Exchange:
            ready.wait(timeout=5)
            return self._send(ask, ask.label, connections.get(ask.connection or ""))

        # A pool of its own: waiting for one another in the shared one could block it.
        with ThreadPoolExecutor(len(group)) as pool:
            return list(pool.map(send, group))

    def _send(self, ask: Ask, label: str, connection: Connection | None = None) -> Exchange:
        request = Request(ask.method, self._part.prefix + ask.target, ask.headers, ask.body)
        return self._client.ask(request, label=label, connection=connection)

    def _settled(self, exchange: Exchange, case: Case) -> Exchange:
        """The exchange, asked once more when it was no more than a connection refused by a server that is there."""
        if exchange.fault is None or self._cancel.is_set():
            return exchange
        alive = self._health.after(exchange, time.monotonic())
        if alive and exchange.fault.unreachable and not self._cancel.is_set():
            ask = next((ask for ask in case.asks if ask.label == exchange.label), case.asks[0])
            return self._send(ask, exchange.label)
        return exchange

    def _keep(self, progress: _Progress, exchanges: list[Exchange]) -> None:
        """Adds exchanges to the evidence; one that failed because the server is gone is trouble, not evidence."""
        evidence = progress.evidence
        down = self._health.down
        gone = [each for each in exchanges if each.fault is not None] if down is not None else []
        if gone and not evidence.exchanges:
            progress.evidence = replace(evidence, exchanges=tuple(exchanges), trouble=down)
            return
        kept = [each for each in exchanges if each not in gone]
        progress.evidence = replace(evidence, exchanges=(*evidence.exchanges, *kept))


def _groups(asks: tuple[Ask, ...]) -> list[list[Ask]]:
    """The asks in order, those sent at the same time side by side."""
    groups: list[list[Ask]] = []
    for ask in asks:
        if groups and ask.together is not None and groups[-1][0].together == ask.together:
            groups[-1].append(ask)
        else:
            groups.append([ask])
    return groups
