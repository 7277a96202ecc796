"""No answer of any interface goes unjudged, the first or a later one; nor does it go unnoticed that none came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geode_answers
import pytest
import sibling_answers

from kvgate.case import Case, load_cases
from kvgate.level import Level
from kvgate.verdict import Finding, Verdict
from kvgate.verdict.model import ONE_BY_ONE
from kvgate.wire.exchange import Fault, FaultKind

MANY = 9  # a case of more questions is judged no otherwise, and takes its time
INTERFACES = ("geode", "geodekey", "geodequery", "hget2", "sismember2", "zscore2")
SILENT: dict[str, Callable[[Any], Any]] = {
    "reset": lambda _: Fault(FaultKind.RESET, "it was reset"),
    "late": lambda _: Fault(FaultKind.TIMEOUT, "no answer within 1 s"),
    "no HTTP": lambda _: Fault(FaultKind.GARBAGE, "no status line"),
}
WRONG: dict[str, Callable[[Any], Any]] = {
    "a line end behind the body": lambda reply: replace(reply, after=b"\r\n"),
    "another length": lambda reply: replace(reply, length="99999"),
}


def findings(case: Case, label: str, change: Callable[[Any], Any]) -> list[Finding]:
    if case.interface == "geode":
        return list(geode_answers.findings(geode_answers.evidence(case, change, only=label)))
    return list(sibling_answers.findings(sibling_answers.evidence(case, change, label)).values())


def answers(interface: str) -> list[tuple[Case, str]]:
    """Every answer to a plain question of which something is demanded, by its case and label."""
    found = []
    for name, row in load_cases(interface).items():
        if row.level is Level.MUST and len(row.asks) <= MANY and not any(ask.method == "HEAD" for ask in row.asks):
            case = geode_answers.placed(name) if interface == "geode" else sibling_answers.placed(interface, name)
            labels = [ask.label for ask in case.asks] + ["again"] * (len(case.asks) == 1)
            found += [(case, label) for label in labels]
    return found


@pytest.mark.parametrize("what", [*SILENT, *WRONG])
@pytest.mark.parametrize("interface", INTERFACES)
def test_no_wrong_answer_and_no_silence_goes_unnoticed(interface: str, what: str) -> None:
    unnoticed = []
    for case, label in answers(interface):
        if what in WRONG and case.only and case.interface.startswith("geode"):
            continue  # it is there for its status
        found = findings(case, label, {**SILENT, **WRONG}[what])
        if not any(finding.verdict is Verdict.FAIL for finding in found):
            unnoticed.append((case.name, label))
    assert unnoticed == []


def test_what_follows_an_answer_of_several_is_not_its_own() -> None:
    case = geode_answers.placed("one-connection-values")
    behind = {f.requirement: f for f in findings(case, "short", WRONG["a line end behind the body"])}
    isolated = behind["geode.safe.isolated"]
    assert (isolated.message, isolated.exchange) == ("bytes follow the answer to 'short'", "short")
    farewell = findings(case, "short", lambda reply: replace(reply, after=b"HTTP/1.1 408 Request Timeout\r\n\r\n"))
    assert not any(finding.verdict is Verdict.FAIL for finding in farewell)


def test_what_was_not_asked_at_the_same_time_shows_nothing_of_it() -> None:
    case = geode_answers.placed("together-values")

    def isolated(change: geode_answers.Change | None = None) -> Finding:
        seen = replace(geode_answers.evidence(case, change, only="one"), one_by_one=True)
        return next(f for f in geode_answers.findings(seen) if f.requirement == "geode.safe.isolated")

    assert (isolated().verdict, isolated().message) == (Verdict.NOT_APPLICABLE, ONE_BY_ONE)
    assert isolated().message == "nothing was asked at the same time: one request at a time was allowed"
    mixed = isolated(lambda reply: replace(reply, elements=(reply.elements[0], '{"id":3,"of":"two"}')))
    assert mixed.verdict is Verdict.FAIL, "a mix is one anyway"
