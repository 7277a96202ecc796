"""A breach says which exchange of its case shows it: the one that was answered wrongly, whichever check finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geode_answers
import get2_answers
import pytest
import sibling_answers

from kvgate.case import Case, load_cases
from kvgate.places import interface_names
from kvgate.verdict import Finding, Verdict
from kvgate.wire.exchange import Fault, FaultKind

BREACHES = (Verdict.FAIL, Verdict.WARN)
MANY = 9  # a case of more questions is judged no otherwise, and takes its time
WRONG: dict[str, Callable[[Any], Any]] = {
    "status 500": lambda reply: replace(reply, status=500),
    "status 200": lambda reply: replace(reply, status=200),
    "another type": lambda reply: reply.having("Content-Type", "text/x"),
    "no day": lambda reply: reply.having("Date", "yesterday"),
    "no JSON": lambda reply: reply.saying(b"{"),
    "nothing in it": lambda reply: reply.saying(b"{}"),
    "another length": lambda reply: replace(reply, length="3"),
    "half of it": lambda reply: reply.raw()[:-3],
    "no answer": lambda _: Fault(FaultKind.RESET, "it was reset"),
}


def breaches(case: Case, label: str, change: Callable[[Any], Any]) -> list[Finding]:
    """The breaches of a case in which the answer of this label alone is wrong."""
    if case.interface == "geode":
        found = geode_answers.findings(geode_answers.evidence(case, change, only=label))
    elif case.interface == "get2":
        found = list(get2_answers.findings(get2_answers.evidence(case, {label: change})).values())
    else:
        found = list(sibling_answers.findings(sibling_answers.evidence(case, change, label)).values())
    return [finding for finding in found if finding.verdict in BREACHES]


def several(interface: str) -> list[str]:
    return [name for name, case in load_cases(interface).items() if 1 < len(case.asks) <= MANY]


def placed(interface: str, name: str) -> Case:
    if interface == "geode":
        return geode_answers.placed(name)
    return get2_answers.placed(name) if interface == "get2" else sibling_answers.placed(interface, name)


@pytest.mark.parametrize("interface", [name for name in interface_names() if several(name)])
def test_the_exchange_that_was_answered_wrongly_is_named(interface: str) -> None:
    shown = 0
    for name in several(interface):
        case = placed(interface, name)
        for ask in (case.asks[0], case.asks[len(case.asks) // 2], case.asks[-1]):
            # Of two answers to one question that differ, either may be the wrong one.
            same = {other.label for other in case.asks if other.target == ask.target}
            for what, change in WRONG.items():
                for found in breaches(case, ask.label, change):
                    compares = ".safe." in found.requirement
                    where = f"{found.requirement} on {name}, {ask.label} with {what}: {found.message}"
                    assert found.exchange in (same if compares else {ask.label}), where
                    shown += not compares
    assert shown > len(several(interface)), "checks of one answer find most of it"


def test_the_second_answer_to_one_question_is_named_and_the_first_needs_no_name() -> None:
    case = geode_answers.placed("default-all-found")
    for label, exchange, told in (("first", "", "Date is"), ("again", "again", "asked again: Date is")):
        date = next(
            found for found in breaches(case, label, WRONG["no day"]) if found.requirement == "geode.date.valid"
        )
        assert (date.exchange, date.told[: len(told)]) == (exchange, told)


def test_a_message_that_names_its_exchange_is_left_as_it_is() -> None:
    found = breaches(geode_answers.placed("default-all-found"), "again", WRONG["status 500"])
    repeated = next(finding for finding in found if finding.requirement == "geode.safe.repeatable")
    assert (repeated.exchange, repeated.told) == ("again", "asked again, the status differs")
    for message in ("'b' is not as alone", "b: another status", "it is not as before (b): 2 bytes"):
        assert replace(repeated, exchange="b", message=message).told == message
    assert replace(repeated, exchange="b", message="it is absent").told == "b: it is absent"
