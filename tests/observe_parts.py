"""Data of somebody's own on the reference servers, and what a run that observes said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gate_parts import Ran

from kvgate.case import Mark
from kvgate.observe.gathering import Observer
from kvgate.observe.result import Observation
from kvgate.reference.deviation import Deviation
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node
from kvgate.run.plan import Selection, make_plan
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.target.model import Observing, Part, Target
from kvgate.verdict import Finding, Verdict, judge
from kvgate.wire.client import Limits, Tls

LIMITS = Limits(connect=5, read=5, total=10)

# What the two nodes of a cluster hold, by key: (value, version) of the first and of the second.
Kept = Mapping[str, tuple[tuple[bytes, int] | None, tuple[bytes, int] | None]]

FOUR: Kept = {
    "user:1": ((b"agreed", 1), (b"agreed", 1)),
    "user:2": ((b"agreed too", 3), (b"agreed too", 3)),
    "ahead": ((b"same", 4), (b"same", 9)),
    "split": ((b"short", 2), (b"a longer one", 2)),
    "apart": ((b"left", 5), (b"right", 3)),
    "alone-1": ((b"only one has it", 1), None),
    "alone-2": (None, (b"only one has it", 1)),
}
ORDERS = {
    f"order-{number}": f'{{"id": {number}, "lines": [1, {{"price": 2.50}}], "note": null}}' for number in range(6)
}
ITEMS = {"item-1": '{"name": "Ä"}', "item-2": '{"name": ""}', "order-1": '{"id": "of items"}'}


def keep(node: Node, key: str, held: tuple[bytes, int] | None) -> None:
    """Puts a value there, past the interface."""
    if held is not None:
        node.put(key.encode(), held[0], version=held[1], duplicate=True)


def fill(embedded: Embedded, kept: Kept = FOUR) -> None:
    """Puts data on both nodes and into both regions, past the interfaces."""

    def put() -> None:
        for key, held in kept.items():
            for node, its in zip(embedded.nodes, held, strict=False):
                keep(node, key, its)
        if embedded.geode is not None:
            embedded.geode.regions["orders"].update(ORDERS)
            embedded.geode.regions["items"].update(ITEMS)

    embedded.call(put)


def notes(ran: Ran) -> str:
    """All that the run notes, a line each."""
    return "\n".join(ran.report["run"]["notes"])


def verdicts(ran: Ran, requirement: str) -> dict[str, str]:
    """The verdicts of one requirement by case."""
    return {case: verdict for (id_, case), verdict in ran.verdicts.items() if id_ == requirement}


@dataclass(frozen=True)
class Judged:
    """An observation and what the checks made of it."""

    observation: Observation
    findings: tuple[Finding, ...]

    def of(self, *wanted: Verdict) -> dict[str, set[str]]:
        """The cases of these verdicts by requirement."""
        found: dict[str, set[str]] = {}
        for finding in self.findings:
            if finding.verdict in wanted:
                found.setdefault(finding.requirement, set()).add(finding.case)
        return found

    @property
    def lines(self) -> str:
        """What the summaries say of it."""
        return "\n".join(self.observation.lines())


def part_of(embedded: Embedded, interface: str) -> Part:
    """The part of a target that these servers are."""
    if interface == "get2":
        return Part("get2", embedded.ha_url, "", "doc", "nodes", {"nodes": embedded.node_urls})
    origin = embedded.geode_url.removesuffix("/geode/v1")
    return Part("geode", origin, "/geode/v1", "doc", "rest", {"regions": dict(embedded.regions)})


def observe(
    part: Part, *keys: str, sample: bool = True, seed: int = 1, stop: Stop | None = None, count: int = 100
) -> Judged:
    """Observes and judges without pytest between: a sample, and the keys named (as they stand in a URL)."""
    asked = Observing(keys, sample, count, seed)
    plan = make_plan(part.interface, part.profile, Selection())
    target = Target((part,), False, Tls(), LIMITS, observe=asked)
    observer = Observer(part, plan, target, asked, Mark("kvobserve"), slots=Slots(8), stop=stop or Stop())
    found = observer.gather()
    profile = found.profile or plan.profile
    judging = replace(plan, cases=found.cases, profile=profile)
    findings = tuple(
        judge(check, judging.requirements[check.requirement], profile, found.evidence[case.name], strict=False)
        for check in judging.checks
        for case in judging.cases_of(check)
    )
    return Judged(found, findings)


def with_fault(fault: Deviation) -> Embedded:
    """Servers of which one has a fault."""
    made: dict[str, Any] = {f"make_{fault.role}": fault.make}
    return Embedded.start(interfaces=(fault.interface,), **made)
