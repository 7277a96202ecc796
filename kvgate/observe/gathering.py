"""Gathers the evidence of data that is there: reads, asks, reads again; what changed meanwhile is taken once more.

The order is the same for all keys: read all, then look again, ask, ask again, look again. A key that is found changed
is restated and goes round once more, and is left out after ROUNDS.
"""

from __future__ import annotations

import importlib
import secrets
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from kvgate.case import Case, Mark, place
from kvgate.errors import InputError, KvgateError
from kvgate.interface import Lowering, Profile
from kvgate.observe.looking import Looking, settled
from kvgate.observe.naming import ONE, is_observed
from kvgate.observe.readers import Reader, make_reader, reads_of_interface
from kvgate.observe.result import Observation
from kvgate.observe.sample import spread
from kvgate.places import SUITES, SUITES_PACKAGE, interface_names
from kvgate.run.asking import Asker
from kvgate.run.health import control_trouble
from kvgate.run.plan import Plan
from kvgate.run.prober import Prober
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import NotInPlace, NotToBeJudged
from kvgate.target.model import Observing, Part, Target
from kvgate.verdict.evidence import Evidence, Held, Situation
from kvgate.wire.client import Client

ROUNDS = 3
MOST_BYTES = 20 * 2**20  # of values: each comes back in two answers, which are kept until the end
MOST_CONTROLS = 5
# So many changes, all of them around a question, are no accident.
FEWEST = 2
WRITES = (
    "what is there changed when it was asked for, and of no key at another time: does the server write when it is read?"
)
LONGEST_QUIET, LONGEST_END = 5.0, 15.0  # seconds
_CONTROL = "(control) "

States = dict[str, dict[str, Held]]


def can_be_observed(interface: str) -> bool:
    """Whether the suite of an interface knows how to judge data that is there."""
    return (SUITES / interface / "observing.py").is_file()


class Observer:
    """Observes one interface. `gather` is for one thread; `stage` says to others what it is busy with."""

    def __init__(
        self, part: Part, plan: Plan, target: Target, asked: Observing, mark: Mark, *, slots: Slots, stop: Stop
    ) -> None:
        self._part, self._plan, self._target, self._asked, self._mark = part, plan, target, asked, mark
        self._slots, self._stop = slots, stop
        self._suite = _suite(part.interface)
        self._seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
        self._left_out: dict[str, str] = {}
        self._unread: dict[str, str] = {}
        self._notes: list[str] = []
        self.stage = "waiting"

    def gather(self) -> Observation:
        """All there is to judge. What stands in the way is the trouble of the whole, or of the keys concerned."""
        reader: Reader | None = None
        try:
            reader = make_reader(
                self._part,
                tls=self._target.tls,
                limits=self._target.limits,
                cancel=self._stop.event,
                concurrency=self._slots.total,
            )
            self.stage = "reading what is there"
            with self._slots.hold():
                reader.prepare()
            keys = self._keys(reader)
            if not keys:
                return self._nothing(
                    "there is no key to observe: nothing is listed that can be asked for (name some: --kv-observe-key)"
                )
            return self._with(reader, self._read(reader, keys))
        except (KvgateError, NotInPlace) as reason:
            return self._nothing(str(reason))
        finally:
            if reader is not None:
                reader.close()

    # -- which keys, and what they hold ------------------------------------------------------------------------------

    def _keys(self, reader: Reader) -> dict[str, bool]:
        """The keys to observe, and whether each comes out of a listing."""
        keys = dict.fromkeys(self._asked.keys, False)
        if not self._asked.sample:
            return keys
        self.stage = "listing the keys"
        with self._slots.hold():
            listing = reader.listing()
        sampled = spread(listing.situations, self._asked.count, self._seed)
        total = len({key for listed in listing.situations.values() for key in listed})
        self._notes += [
            f"sampled {len(sampled)} of the {total} keys listed "
            f"(--kv-observe-seed={self._seed} chooses the same again)",
            *listing.notes,
        ]
        return {**dict.fromkeys(sampled, True), **keys}

    def _read(self, reader: Reader, keys: Mapping[str, bool]) -> States:
        self.stage = "reading what is there"
        with ThreadPoolExecutor(self._slots.total, thread_name_prefix="kvgate-read") as pool:
            read = list(pool.map(lambda key: self._read_one(reader, key), keys))
        states: States = {}
        size = 0
        for (key, listed), held in zip(keys.items(), read, strict=True):
            if held is None:
                continue
            size += sum(len(its.value or b"") for its in held.values())
            if size > MOST_BYTES:
                self._left_out[key] = f"the values before it came to {MOST_BYTES} bytes: observe fewer keys at a time"
            elif listed and reader.finds_what_it_lists and all(its.value is None for its in held.values()):
                self._left_out[key] = "it is listed, and a GET of it alone does not find it"
            else:
                states[key] = held
        return states

    def _read_one(self, reader: Reader, key: str) -> dict[str, Held] | None:
        if self._stop.is_set():
            self._unread[key] = self._stop.because
            return None
        try:
            with self._slots.hold():
                seen = reader.read([(place, key) for place in reader.places])
        except NotToBeJudged as reason:
            self._left_out[key] = str(reason)
        except (NotInPlace, KvgateError) as reason:
            self._unread[key] = self._stop.because if self._stop.is_set() else str(reason)
        else:
            return {place: held for (place, _), (held, _) in seen.items()}
        return None

    # -- asking ------------------------------------------------------------------------------------------------------

    def _with(self, reader: Reader, states: States) -> Observation:
        cases: dict[str, Case] = {case.name: case for case in self._suite.observed(states, self._seed)}
        plan = self._plan_of({**cases, **{case.name: case for case in self._suite.without_data(self._plan.cases)}})
        # Where nothing is left to judge, the reasons are all there is to tell.
        wanted = {case.name: case for check in plan.checks for case in plan.cases_of(check)} if states else {}
        done: dict[str, Evidence] = {}
        if wanted:
            control = self._control(cases)
            if isinstance(control, str):
                return self._nothing(control)
            done, wanted = self._rounds(reader, plan, control, wanted, states)
        for key, reason in {**self._unread, **self._left_out}.items():
            case = self._suite.unread(key)
            out = key in self._left_out
            wanted[case.name] = case
            done[case.name] = Evidence(
                case, trouble=None if out else reason, left_out=reason if out else None, places=self._part.places
            )
        if all(evidence.left_out for name, evidence in done.items() if is_observed(name)):
            # Questions that need no data show nothing of the data.
            done = {name: evidence for name, evidence in done.items() if is_observed(name)}
        held = dict.fromkeys(self._suite.KINDS, 0)
        for state in (its for key, its in states.items() if key not in self._left_out):
            held[self._suite.kind(state)] += 1
        notes = (*self._notes, *filter(None, (self._suite.CANNOT_SHOW,)))
        cases = {name: wanted[name] for name in done}
        return Observation(
            self._part.interface,
            cases,
            done,
            held,
            page_cases=self._suite.PAGE_CASES,
            left_out=dict(self._left_out),
            notes=notes,
            profile=plan.profile,
        )

    def _plan_of(self, cases: Mapping[str, Case]) -> Plan:
        return replace(self._plan, cases=dict(cases), profile=_by_rulings(self._plan.profile, cases.values()))

    def _control(self, cases: Mapping[str, Case]) -> Case | str:
        """A case whose answer shows that the interface is there; or why there is none."""
        self.stage = "asking the control"
        statuses = self._plan.interface.control_statuses
        due = [case for case in cases.values() if len(case.asks) == 1 and case.expect.get("status") in statuses]
        # What is short and agrees is the least likely to be changed by being asked for; a sample has it last.
        due.reverse()
        due.sort(key=lambda case: len(case.holdings))
        client = self._client()
        asker = Asker(client, self._part.prefix, self._slots, self._stop)
        trouble: str | None = None
        try:
            for case in due[:: max(1, len(due) // MOST_CONTROLS)][:MOST_CONTROLS]:
                found = control_trouble(asker.control([place(case, self._mark, self._part.places)]), statuses)
                if found is None:
                    return replace(case, name=_CONTROL + case.name)
                trouble = trouble or found
        finally:
            client.close()
        wanted = " or ".join(map(str, statuses))
        return (
            trouble
            or f"of the keys observed none has to be answered with {wanted}: nothing shows the interface there"
            " (name a key that is there)"
        )

    def _rounds(
        self, reader: Reader, plan: Plan, control: Case, wanted: Mapping[str, Case], states: States
    ) -> tuple[dict[str, Evidence], dict[str, Case]]:
        """Evidence and case of every case, by name; what changed between two reads has gone round more than once."""
        cases, done = dict(wanted), dict[str, Evidence]()
        pending = dict(wanted)
        suspicion: str | None = None
        for turn in range(ROUNDS):
            looking = Looking(reader, [control.name])
            began = time.monotonic()
            gathered = self._round(looking, plan, control, pending)
            changed = {} if self._stop.is_set() else {name: looking.changed[name] for name in looking.changed}
            for name, found in gathered.items():
                evidence = replace(found, reads=looking.reads.get(name, ()))
                done[name] = _unsettled(evidence, suspicion) if turn else evidence
            if turn == 0 and changed:
                self._notes.append(f"{len(changed)} cases changed while they were observed, and were read again")
                suspicion = self._suspicion(reader, control, changed, gathered, time.monotonic() - began)
            for situation in changed.values():
                for (where, key), held in situation.held.items():
                    if key in states:
                        states[key][where] = held
            pending = {name: self._restated(cases[name], states) for name in changed}
            cases.update(pending)
            if not pending:
                break
        for name in pending:
            reason = suspicion or f"what is there changed each time it was asked for, {ROUNDS} times"
            done[name] = replace(done[name], trouble=suspicion, left_out=None if suspicion else reason)
            if not suspicion:
                self._left_out.update({cases[name].key: reason} if name.startswith(ONE) else {})
        return done, cases

    def _round(self, looking: Looking, plan: Plan, control: Case, pending: Mapping[str, Case]) -> dict[str, Evidence]:
        asked = replace(plan, cases={**pending, control.name: control})
        asked = replace(asked, interface=replace(plan.interface, control=(control.name,)))
        # Nothing is ever written down in this journal: `Looking` plans no write.
        journal = Journal(Path(self._target.report_dir) / "no-journal", self._mark)
        prober = Prober(
            self._part, asked, looking, self._client(), journal, self._mark, slots=self._slots, stop=self._stop
        )
        self._prober = prober
        prober.start(pending)
        try:
            return {name: prober.evidence(name) for name in pending}
        finally:
            prober.finish(LONGEST_END)

    def _restated(self, case: Case, states: States) -> Case:
        return self._suite.restated(case, states) if is_observed(case.name) else case

    def _suspicion(
        self,
        reader: Reader,
        control: Case,
        changed: Mapping[str, Situation],
        gathered: Mapping[str, Evidence],
        seconds: float,
    ) -> str | None:
        """Why the server itself may be what writes, in a line: things changed when asked for, and at no other time."""
        when_asked = [name for name in changed if gathered[name].before is not None]
        # The control was asked before anything was looked at: its keys tell nothing.
        controls = {key for _, key in control.keys}
        at_rest = [name for name in changed if not controls & {key for _, key in changed[name].held}]
        keys = {
            pair[1]
            for name in when_asked
            for pair, held in changed[name].held.items()
            if (before := gathered[name].before) is not None and before.held[pair] != held
        }
        if len(keys) < FEWEST or set(at_rest) - set(when_asked):
            return None
        self._stop.event.wait(min(seconds, LONGEST_QUIET))
        try:
            with self._slots.hold():
                quiet = all(
                    settled(held, changed[name].held[pair]) == changed[name].held[pair]
                    for name in when_asked
                    for pair, (held, _) in reader.read(changed[name].held).items()
                )
        except NotInPlace:
            return None
        return WRITES if quiet else None

    def _client(self) -> Client:
        return Client(
            self._part.origin,
            credentials=self._part.credentials.get("interface"),
            tls=self._target.tls,
            limits=self._target.limits,
            cancel=self._stop.event,
            permits=reads_of_interface(self._part),
        )

    def _nothing(self, trouble: str) -> Observation:
        trouble = self._stop.because if self._stop.is_set() else trouble
        notes, left_out = tuple(self._notes), dict(self._left_out)
        return Observation(self._part.interface, left_out=left_out, trouble=trouble, notes=notes)


def _suite(interface: str) -> Any:
    if not can_be_observed(interface):
        raise InputError(
            f"{interface} cannot be observed: only {' and '.join(filter(can_be_observed, interface_names()))} can"
        )
    return importlib.import_module(f"{SUITES_PACKAGE}.{interface}.observing")


def _unsettled(evidence: Evidence, suspicion: str | None) -> Evidence:
    """The evidence of a second look: whether reading changes nothing is not told by it."""
    return replace(
        evidence,
        before=evidence.before if suspicion else None,
        after=None,
        after_trouble=suspicion or "it changed at the first look, and by whom cannot be told",
    )


def _by_rulings(profile: Profile, cases: Iterable[Case]) -> Profile:
    """The profile with what it lowers for fixtures of some ruling lowered for observed cases of that ruling too."""
    rows = [
        Lowering(row.requirement, case.name, row.level, row.ruling)
        for case in cases
        if is_observed(case.name)
        for row in profile.lowered
        if row.ruling in case.rulings
    ]
    return replace(profile, lowered=(*profile.lowered, *rows))
