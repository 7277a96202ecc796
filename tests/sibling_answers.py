"""Builds answers to the siblings' cases by hand, right and wrong, and judges them: no server, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geode_answers
import get2_answers
from geode_answers import PLACES
from get2_answers import MARK, situation

from kvgate.case import Ask, Case, load_cases, place
from kvgate.interface import load_interface, load_profile
from kvgate.places import interface_names
from kvgate.requirement import load_profile_requirements, load_requirements
from kvgate.verdict import Evidence, Finding, Situation, Verdict, judge, load_checks
from kvgate.verdict.check import load_profile_checks
from kvgate.wire.exchange import Exchange

SIBLINGS = tuple(name for name in interface_names() if not load_interface(name).default)
HUSTDB = tuple(name for name in SIBLINGS if load_interface(name).reference == "hustdb")
GEODE = tuple(name for name in SIBLINGS if load_interface(name).reference == "geode")

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Wrong:
    """One wrong answer, and the clause that has to reject it. `label` is the one question it is the answer to."""

    interface: str
    clause: str
    case: str
    change: Change
    label: str | None = None

    def __str__(self) -> str:
        return f"{self.interface}.{self.clause}"


def placed(interface: str, name: str) -> Case:
    case = load_cases(interface)[name]
    return place(case, MARK, PLACES if interface in GEODE else {})


def right(case: Case, ask: Ask) -> Any:
    """What a conforming server answers, worked out from what is stored and nothing else."""
    if case.interface == "sismember2":
        return _member(case, ask)
    if case.interface in HUSTDB:
        return get2_answers.right(case, ask)
    reply = geode_answers.conforming(case, ask)
    if case.interface == "geodequery":
        return replace(reply, location=f"{geode_answers.BASE}/{reply.region}?keys={','.join(reply.keys)}")
    if reply.status == 200:
        return reply.saying(reply.elements[0])
    if ask.fields["region"] == PLACES["absent"]:
        return reply
    key = geode_answers.text(reply.asked[0])
    text = f"Key ({key}) does not exist for region ({reply.region}) in cache!".replace('"', '\\"')
    return reply.saying(f'{{"cause":"{text}"}}')


def _member(case: Case, ask: Ask) -> get2_answers.Reply:
    first, second = (case.held(where, ask.fields["key"]) for where in ("master1", "master2"))
    reply = get2_answers.right(case, ask)
    if reply.status == 404 or first is None or second is None:
        return reply
    return reply.being(200 if first.version == second.version else 409).without("Val-Offset").saying(b"")


def evidence(
    case: Case,
    change: Change = lambda reply: reply,
    label: str | None = None,
    *,
    after: Callable[[Situation], Situation] = lambda state: state,
) -> Evidence:
    """The case with right answers, but for those of one label, or of all, that are changed."""
    made: list[Exchange] = []
    asked = [(ask, ask.label) for ask in case.asks] + ([(case.asks[0], "again")] if len(case.asks) == 1 else [])
    for ask, name in asked:
        reply = right(case, ask)
        reply = change(reply) if label in (None, name) else reply
        if case.interface in HUSTDB:
            made.append(get2_answers.exchange(ask, reply, name))
        else:
            made.append(geode_answers.exchange(ask, name, reply))
    if case.interface in GEODE:
        return Evidence(case, tuple(made), places=PLACES)
    return Evidence(case, tuple(made), before=situation(case), after=after(situation(case)))


def findings(given: Evidence, profile: str = "doc") -> dict[str, Finding]:
    interface = given.case.interface
    catalogue = {**load_requirements(interface), **load_profile_requirements(interface)}
    read_as = load_profile(interface, profile)
    given = replace(given, facts=read_as.facts or {})
    case = load_cases(interface).get(given.case.name, given.case)
    return {
        check.requirement: judge(check, catalogue[check.requirement], read_as, given, strict=False)
        for check in (*load_checks(interface), *load_profile_checks(interface))
        if check.applies(case, read_as.facts)
    }


def breached(given: Evidence, profile: str = "doc") -> Mapping[str, str]:
    """The requirements that failed or warned, with what was said."""
    bad = (Verdict.FAIL, Verdict.WARN)
    return {id_: finding.message for id_, finding in findings(given, profile).items() if finding.verdict in bad}
