"""Runs the whole gate against one deviation: real questions over loopback, every check judged."""

from __future__ import annotations

import functools
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from kvgate.case import Mark
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
from kvgate.verdict import Finding, Verdict, judge
from kvgate.wire.client import Client, Limits, Tls
from kvgate.wire.origin import split_url
from proof.outcome import FLAGGED, Outcome
from proof.seeding import NodeMemory, RegionMemory

PROFILE = "doc"
# Short, so that a server which lets a question hang costs little; no freedom is silent for as long as this.
LIMITS = Limits(connect=2.0, read=2.0, total=15.0)


@functools.cache
def plan_of(interface: str) -> Plan:
    """The plan of an interface, read once for a process."""
    return make_plan(interface, PROFILE, Selection())


def run(deviation: Deviation, *, mark: str, concurrency: int) -> Outcome:
    """One deviation's outcome. A fresh server each time; whatever goes wrong is in the outcome."""
    began = time.monotonic()
    outcome = Outcome(deviation.interface, deviation.name, deviation.breaks, deviation.warns)
    try:
        with _start(deviation) as embedded:
            findings = _ask_and_judge(deviation, embedded, mark=mark, concurrency=concurrency)
            servers = [embedded.ha, embedded.geode, *embedded.nodes]
            failures = sum(server.failures for server in servers if server is not None)
    except Exception as error:  # the others are still to be run
        return replace(outcome, trouble=f"{type(error).__name__}: {error}", seconds=time.monotonic() - began)
    return replace(
        outcome,
        counts=dict(Counter(finding.verdict for finding in findings)),
        flagged=tuple(finding for finding in findings if finding.verdict in FLAGGED),
        trouble=_trouble(findings, failures),
        seconds=time.monotonic() - began,
    )


def _trouble(findings: list[Finding], failures: int) -> str:
    if failures:
        return f"the deviation itself raised {failures} exceptions"
    if not any(finding.verdict is Verdict.PASS for finding in findings):
        return "no check passed: " + next((finding.message for finding in findings), "nothing was judged")
    return ""


def _start(deviation: Deviation) -> Embedded:
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


def _seeder(deviation: Deviation, embedded: Embedded, part: Part) -> Seeder:
    if deviation.over_http:
        return make_seeder(part, tls=Tls(), limits=LIMITS)
    return NodeMemory(embedded, part) if deviation.interface == "get2" else RegionMemory(embedded, part)


def _ask_and_judge(deviation: Deviation, embedded: Embedded, *, mark: str, concurrency: int) -> list[Finding]:
    plan, part = plan_of(deviation.interface), _part(deviation.interface, embedded)
    stop = Stop()
    with tempfile.TemporaryDirectory(prefix="kvgate-proof-") as folder:
        journal = Journal(Path(folder), Mark(mark))
        prober = Prober(
            part,
            plan,
            _seeder(deviation, embedded, part),
            Client(part.origin, limits=LIMITS, cancel=stop.event),
            journal,
            Mark(mark),
            slots=Slots(concurrency),
            stop=stop,
        )
        try:
            prober.start(dict.fromkeys(case.name for check in plan.checks for case in plan.cases_of(check)))
            return [
                judge(check, plan.requirements[check.requirement], plan.profile, evidence, strict=False)
                for check in plan.checks
                for case in plan.cases_of(check)
                if (evidence := prober.evidence(case.name)) is not None
            ]
        finally:
            stop.now()
            prober.finish(LIMITS.total)
            journal.close()
