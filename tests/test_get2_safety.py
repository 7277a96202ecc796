"""What get2 says of safety rejects answers that change, GETs that write, and answers that run into one another."""

from __future__ import annotations

import pytest
from get2_answers import (
    Change,
    being,
    breached,
    evidence,
    exchange,
    fault,
    having,
    placed,
    right,
    saying,
    situation,
    without,
)

from kvgate.verdict import Evidence, Held, Situation
from kvgate.wire.exchange import FaultKind

SAME, PAIR, CONFLICT = "control", "page-versions-differ", "page-values-differ"
VALUE, OTHER = b"hustdbhavalue", b"0000000000000"
STATUS_M, STATUS_C = "get2.status.match", "get2.status.conflict"
NONE, M_STATUS = "get2.missing.no-success", "get2.missing.status"


# safe.repeatable


@pytest.mark.parametrize(
    ("case", "again"),
    [
        (SAME, being(404)),
        (SAME, having("Version", "2")),
        (SAME, having("Version", "01")),
        (SAME, without("Version")),
        (SAME, having("Val-Offset", "13")),
        (SAME, saying(b"another value")),
        (SAME, lambda r: r.raw()[:-1]),
        (SAME, fault(FaultKind.RESET)),
        (SAME, fault(FaultKind.TIMEOUT)),
        (PAIR, lambda r: r.having("Version1", "2").having("Version2", "1")),
        (CONFLICT, saying(OTHER + VALUE)),
        (CONFLICT, having("Content-Type", "text/html")),
        ("missing-both", being(500)),
        ("missing-master1", being(200)),
        ("no-key-and-no-query", being(200)),
    ],
)
def test_another_answer_to_the_same_question_is_not_repeatable(case: str, again: Change) -> None:
    assert set(breached(evidence(placed(case), {"first": lambda r: r, "again": again}))) == {"get2.safe.repeatable"}


# safe.read-only


@pytest.mark.parametrize(
    ("case", "where", "key", "held"),
    [
        (SAME, "master1", "{m}", Held(b"hustdbhavalue", 2)),
        (SAME, "master2", "{m}", Held(b"hustdbhavalu", 1)),
        (SAME, "master1", "{m}", Held(None)),
        (CONFLICT, "master2", "{m}", Held(b"hustdbhavalue", 1)),
        ("missing-master2", "master2", "{m}", Held(b"hustdbhavalue", 1)),
        ("missing-both", "master1", "{m}", Held(b"", 1)),
        ("key-letter", "master1", "{m}%2541", Held(b"decoy: undecoded", 3)),
        ("no-key-but-xkey", "master1", "{m}", Held(b"not asked for", 2)),
        ("connection-of-all-outcomes", "master1", "{m}-none", Held(b"made by reading", 1)),
    ],
)
def test_a_get_that_writes_is_not_read_only(case: str, where: str, key: str, held: Held) -> None:
    made = placed(case)
    spelled = key.replace("{m}", made.key.partition("-")[0] if "{m}-" in key else made.key.partition("%")[0])
    before = situation(made).held
    assert (where, spelled) in before
    given = evidence(made, after=Situation({**before, (where, spelled): held}))
    assert set(breached(given)) == {"get2.safe.read-only"}


# safe.isolated

FLOW = "connection-of-all-outcomes"  # pair, same, none, ahead, split, same


@pytest.mark.parametrize(
    ("label", "change"),
    [
        ("shared-2-same", having("Val-Offset", "12")),
        ("shared-2-same", having("Version1", "1")),
        ("shared-2-same", saying(b"conflict oneand two")),
        ("shared-2-same", saying(b"agreedt oneand two")),
        ("shared-3-none", having("Val-Offset", "12")),
        ("shared-3-none", having("Version", "3")),
        ("shared-3-none", saying(b"agreed")),
        ("shared-4-ahead", having("Version2", "2")),
        ("shared-6-same", without("Version")),
        ("shared-2-same", fault(FaultKind.GARBAGE)),
        ("shared-2-same", fault(FaultKind.FRAMING)),
    ],
)
def test_an_answer_with_something_of_another_is_not_isolated(label: str, change: Change) -> None:
    found = breached(evidence(placed(FLOW), {label: change}))
    assert "get2.safe.isolated" in found
    assert set(found) <= {"get2.safe.isolated", STATUS_M}


def test_answers_that_change_places_are_not_isolated() -> None:
    case = placed("together-eight")
    asks = {ask.label: ask for ask in case.asks}
    swapped = {"beside-1-k0": "beside-3-k2", "beside-3-k2": "beside-1-k0"}
    made = [exchange(ask, right(case, asks[swapped.get(label, label)]), label) for label, ask in asks.items()]
    state = situation(case)
    assert set(breached(Evidence(case, tuple(made), before=state, after=state))) == {"get2.safe.isolated"}


@pytest.mark.parametrize(
    ("label", "change", "meant"),
    [
        ("alone-same", being(500), STATUS_M),
        ("shared-2-same", fault(FaultKind.TIMEOUT), STATUS_M),
        ("shared-5-split", fault(FaultKind.RESET), STATUS_C),
        ("alone-none", being(200), NONE),
        ("shared-3-none", being(500), M_STATUS),
    ],
)
def test_every_question_of_several_is_judged_by_its_status(label: str, change: Change, meant: str) -> None:
    assert meant in breached(evidence(placed(FLOW), {label: change}))
