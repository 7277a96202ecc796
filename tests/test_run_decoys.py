"""The questions about other keys of a case that go before its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from prober_parts import SINGLE, Made
from run_parts import exchange, failed

from kvgate.case import Case, Mark, place
from kvgate.case.decoys import decoys_of
from kvgate.run.plan import Selection, make_plan
from kvgate.wire.exchange import Exchange, FaultKind

MARK = Mark("kvtest")
PLANS = {name: make_plan(name, "doc", Selection()) for name in ("get2", "geode", "hget2", "sismember2")}


def placed(interface: str, name: str) -> Case:
    return place(PLANS[interface].cases[name], MARK, {})


def test_the_question_is_asked_with_each_other_key() -> None:
    case = placed("get2", "key-comma")
    asked = [ask.target.partition("key=")[2] for ask in decoys_of(case)]
    assert asked == list(dict.fromkeys(holding.key for holding in case.holdings if holding.key != case.key))
    assert len(asked) == 2
    assert [ask.fields["key"] for ask in decoys_of(case)] == asked
    assert [ask.label for ask in decoys_of(case)] == ["decoy-1", "decoy-2"]


def test_which_key_is_asked_for_is_not_said_where_the_target_holds_it_twice() -> None:
    (ask,) = decoys_of(placed("get2", "extra-xkey-before"))
    assert ask.fields == {}


def test_in_a_list_the_first_key_gives_way() -> None:
    case = placed("geode", "between-quotation-marks")
    (ask,) = decoys_of(case)
    first, *rest = case.asks[0].fields["keys"]
    other = next(holding.key for holding in case.holdings if holding.key not in case.asks[0].fields["keys"])
    fields = {**case.asks[0].fields, "keys": [other, *rest]}
    assert ask == replace(
        case.asks[0], label="decoy-1", target=case.asks[0].target.replace(first, other), fields=fields
    )
    assert all(key in ask.target for key in rest)


@pytest.mark.parametrize("interface", PLANS)
def test_none_is_a_question_of_the_case_and_there_are_few(interface: str) -> None:
    for name in PLANS[interface].cases:
        case = placed(interface, name)
        decoys = decoys_of(case)
        assert len(decoys) <= 5
        assert not {ask.target for ask in decoys} & {ask.target for ask in case.asks}
        assert not decoys or len(case.asks) == 1


def test_where_nothing_else_is_stored_or_nothing_is_asked_for_there_are_none() -> None:
    assert decoys_of(placed("get2", "control")) == ()
    assert decoys_of(placed("geode", "control")) == ()
    without_key = next(name for name, case in PLANS["get2"].cases.items() if case.expect.get("no_key"))
    assert decoys_of(placed("get2", without_key)) == ()


@pytest.mark.parametrize(("gone", "kept"), [(False, 1), (True, 0)])
def test_what_breaks_off_about_another_key_is_kept_while_the_control_is_answered(
    gone: bool, kept: int, tmp_path: Path
) -> None:
    name = next(name for name in SINGLE if len(decoys_of(placed("get2", name))) > 1)
    broken: list[str] = []

    def answer(target: str, label: str, number: int) -> Exchange:
        if label == "decoy-1" or (broken and gone):
            broken.append(label)
            return failed(label, FaultKind.RESET)
        return exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence(name)
    assert [decoy.exchange.fault for decoy in evidence.decoys] == [failed("", FaultKind.RESET).fault] * kept
    assert "decoy-2" not in {label for _, label in made.client.asked}
