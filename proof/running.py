"""Runs the whole gate against one deviation: real questions over loopback, every check judged."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kvgate.case import Mark as RunMark
from kvgate.reference.deviation import Deviation
from kvgate.reference.embedded import Embedded
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.run.prober import Prober
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import Seeder
from kvgate.target.model import Part
from kvgate.verdict import Check, Finding, Verdict, judge
from kvgate.verdict.recheck import BREACHES
from kvgate.wire.client import Client, Limits, Tls
from kvgate.wire.origin import split_url
from proof.outcome import FLAGGED, Mark, Outcome
from proof.seeding import NodeMemory, RegionMemory
from proof.shown import load_shown

PROFILE = "doc"
# How many cases a fault is asked before all of its requirement's, besides the one that is noted for it.
FEW = (4, 48)
# How often a fault is run whose showing depends on the order of questions, until it is killed.
TRIES = 4
# Short, so that a fault which lets a question hang costs little.
LIMITS = Limits(connect=2.0, read=2.0, total=15.0)
# No freedom lets one hang. What it is accused of on a busy machine would only be this machine's slowness.
PATIENT = Limits(connect=10.0, read=10.0, total=30.0)


@functools.cache
def plan_of(interface: str) -> Plan:
    """The plan of an interface, read once for a process."""
    return make_plan(interface, PROFILE, Selection())


@functools.cache
def _questions(interface: str) -> Mapping[str, tuple[Check, ...]]:
    """The cases of an interface in the order of its checks, each with the checks that judge it."""
    plan = plan_of(interface)
    found: dict[str, tuple[Check, ...]] = {}
    for check in plan.checks:
        for case in plan.cases_of(check):
            found[case.name] = (*found.get(case.name, ()), check)
    return found


def steps(deviation: Deviation, *, sample: int = 1) -> tuple[tuple[str, ...], ...]:
    """The cases that a deviation is asked, step by step, each step with those of the steps before.

    A freedom is asked all of them, or with `sample` every so-manieth, not of each freedom the same. A fault is asked
    cases of the requirement it breaks first, few and evenly spread with the one that is noted for it, and more only
    while it is not killed: killed on these, it is killed on all.
    """
    questions = _questions(deviation.interface)
    whole = tuple(questions)
    if deviation.breaks is None:
        return (whole[zlib.crc32(deviation.name.encode()) % sample :: sample],)
    own = tuple(name for name, checks in questions.items() if any(c.requirement == deviation.breaks for c in checks))
    if not own:
        return (whole,)
    spread = tuple(own[:: -(-len(own) // count)] for count in FEW)
    noted = _noted(deviation)
    # Case names that are no longer there are of no use, and of no harm.
    first = (*spread[0], noted) if noted in own and noted not in spread[0] else spread[0]
    return tuple(dict.fromkeys((first, *spread[1:], own, whole)))


def _noted(deviation: Deviation) -> str:
    return load_shown().get(deviation.interface, {}).get(deviation.name, "")


def run(deviation: Deviation, *, mark: str, concurrency: int, whole: bool = False, sample: int = 1) -> Outcome:
    """One deviation's outcome, `whole` from all cases at once, `sample` as in `steps`.

    Whatever goes wrong is in the outcome.
    """
    began = time.monotonic()
    outcome = Outcome(deviation.interface, deviation.name, deviation.breaks, deviation.warns)
    asked = steps(deviation, sample=sample)
    asked = asked[-1:] if whole else asked
    # What shows only when two questions meet on the server may take more than one go on a busy machine.
    turns = asked * (TRIES if deviation.unsteady else 1)
    for turn, cases in enumerate(turns, start=1):
        # More is asked of a fault that is not killed: what else fails on these few is then nobody's matter.
        brief = turn < len(turns)
        outcome = _run(deviation, cases, mark=mark, concurrency=concurrency, brief=brief)
        if outcome.mark is Mark.KILLED:
            break
    if outcome.mark is Mark.KILLED and not whole:
        outcome = _with_few(deviation, outcome, cases, mark=mark, concurrency=concurrency)
    return replace(outcome, seconds=time.monotonic() - began)


def _with_few(deviation: Deviation, outcome: Outcome, cases: Sequence[str], *, mark: str, concurrency: int) -> Outcome:
    """The outcome of a fault's first few cases and one that shows it, where those are enough; else the one given.

    What a page says of it is then what the next proof comes to, which asks that case first.
    """
    few, noted = steps(deviation)[0], _noted(deviation)
    if cases == few:
        return replace(outcome, shown=noted if few[-1] == noted else "")
    showing = next(f.case for f in outcome.flagged if f.requirement == deviation.breaks and f.verdict in BREACHES)
    first = (*(name for name in few if name != noted), showing)
    again = _run(deviation, first, mark=mark, concurrency=concurrency, brief=False)
    return replace(again, shown=showing) if again.mark is Mark.KILLED else outcome


def _run(deviation: Deviation, cases: Sequence[str], *, mark: str, concurrency: int, brief: bool) -> Outcome:
    """What a fresh server comes to on some cases; `brief` judges by its own requirement only where that is met."""
    outcome = Outcome(deviation.interface, deviation.name, deviation.breaks, deviation.warns)
    try:
        with start(deviation) as embedded:
            findings = _ask_and_judge(deviation, embedded, cases, mark=mark, concurrency=concurrency, brief=brief)
            servers = [embedded.ha, embedded.geode, *embedded.nodes]
            failures = sum(server.failures for server in servers if server is not None)
    except Exception as error:  # the others are still to be run
        return replace(outcome, trouble=f"{type(error).__name__}: {error}")
    return replace(
        outcome,
        counts=dict(Counter(finding.verdict for finding in findings)),
        flagged=tuple(finding for finding in findings if finding.verdict in FLAGGED),
        trouble=_trouble(findings, failures),
    )


def _trouble(findings: list[Finding], failures: int) -> str:
    if failures:
        return f"the deviation itself raised {failures} exceptions"
    if not any(finding.verdict is Verdict.PASS for finding in findings):
        return "no check passed: " + next((finding.message for finding in findings), "nothing was judged")
    return ""


def start(deviation: Deviation) -> Embedded:
    """The servers of a deviation, running."""
    made: dict[str, Any] = {f"make_{deviation.role}": deviation.make}
    return Embedded.start(interfaces=(deviation.interface,), nodes=deviation.nodes, **made)


def _part(interface: str, embedded: Embedded) -> Part:
    settings: dict[str, Any]
    if interface == "get2":
        url, seeding, settings = embedded.ha_url, "nodes", {"nodes": embedded.node_urls}
    else:
        url, seeding, settings = embedded.geode_url, "rest", {"regions": dict(embedded.regions)}
    origin, prefix = split_url(url, interface)
    return Part(interface, origin, prefix, PROFILE, seeding, settings)


def _limits(deviation: Deviation) -> Limits:
    return LIMITS if deviation.breaks else PATIENT


def _seeder(deviation: Deviation, embedded: Embedded, part: Part) -> Seeder:
    if deviation.over_http:
        return make_seeder(part, tls=Tls(), limits=_limits(deviation))
    return NodeMemory(embedded, part) if deviation.interface == "get2" else RegionMemory(embedded, part)


@contextlib.contextmanager
def probing(deviation: Deviation, embedded: Embedded, *, mark: str, concurrency: int) -> Iterator[Prober]:
    """What asks the server of a deviation, for as long as it is needed."""
    plan, part, limits = plan_of(deviation.interface), _part(deviation.interface, embedded), _limits(deviation)
    stop = Stop()
    with tempfile.TemporaryDirectory(prefix="kvgate-proof-") as folder:
        journal = Journal(Path(folder), RunMark(mark))
        prober = Prober(
            part,
            plan,
            _seeder(deviation, embedded, part),
            Client(part.origin, limits=limits, cancel=stop.event),
            journal,
            RunMark(mark),
            slots=Slots(concurrency),
            stop=stop,
        )
        try:
            yield prober
        finally:
            stop.now()
            prober.finish(limits.total)
            journal.close()


def _ask_and_judge(
    deviation: Deviation, embedded: Embedded, cases: Sequence[str], *, mark: str, concurrency: int, brief: bool
) -> list[Finding]:
    plan, questions = plan_of(deviation.interface), _questions(deviation.interface)
    with probing(deviation, embedded, mark=mark, concurrency=concurrency) as prober:
        prober.start(cases)
        gathered = [(name, prober.evidence(name)) for name in cases]

    @functools.cache
    def finding_of(at: int, check: Check) -> Finding:
        return judge(check, plan.requirements[check.requirement], plan.profile, gathered[at][1], strict=False)

    def judged(requirement: str | None) -> list[Finding]:
        return [
            finding_of(at, check)
            for at, (name, _) in enumerate(gathered)
            for check in questions[name]
            if requirement in (None, check.requirement)
        ]

    own = judged(deviation.breaks) if brief else []
    survived = any(finding.verdict is Verdict.PASS for finding in own)
    return own if survived and not any(finding.verdict in BREACHES for finding in own) else judged(None)
