"""A prober with stand-ins for the servers: what becomes evidence, what becomes trouble, and why."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from prober_parts import AT_ONCE, MARK, PART, PLAN, SERIAL, SINGLE, Made, placed_target
from run_parts import exchange

from kvgate.run.plan import Selection, make_plan
from kvgate.run.slots import Slots
from kvgate.seeding.journal import read_journals
from kvgate.wire.exchange import Exchange

LABELS_HUNG_UP = [ask.label for ask in PLAN.cases["hung-up-values"].asks]


def test_a_case_is_noted_written_asked_twice_and_read_back(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.prober.start(SINGLE[:5])
    evidence = [made.prober.evidence(name) for name in SINGLE[:5]]
    assert made.prober.finish(5)
    for each in evidence:
        assert [exchange.label for exchange in each.exchanges] == ["first", "again"]
        assert each.trouble is each.unasked is each.after_trouble is None
        assert each.before is not None
        assert each.after is not None
    # Each second question comes after the first ones of all the others.
    labels = [label for target, label in made.client.asked if label in ("first", "again")]
    assert labels == sorted(labels, key="first again".index)
    assert made.seeder.removed == [], "what was written is taken away at the end of the run"
    assert made.seeder.closed
    assert made.client.closed
    written = {written.key for written in read_journals(tmp_path)[0].written}
    assert len(written) == 5 + 2, "a control and a witness besides"


def test_a_case_is_asked_again_by_a_connection_that_carried_the_control_first(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.prober.start(SINGLE[:3])
    evidence = [made.prober.evidence(name) for name in SINGLE[:3]]
    assert made.prober.finish(5)
    control = made.client.asked[0][0]
    assert made.targets("lead") == [control] * 3
    carried = [connection.asked for connection in made.client.connections]
    assert sorted(carried) == sorted([control, each.case.asks[0].target] for each in evidence)
    assert all(connection.closed for connection in made.client.connections)


def test_other_keys_of_a_case_are_asked_for_before_its_own(tmp_path: Path) -> None:
    made = Made(tmp_path)
    evidence = made.prober.evidence("key-comma")
    others = {holding.key for holding in evidence.case.holdings} - {evidence.case.key}
    decoys = [f"decoy-{number}" for number in range(1, len(others) + 1)]
    labels = [label for target, label in made.client.asked if label in (*decoys, "first", "again")]
    assert labels == ["first", *decoys, "first", "again"], "the control first of all"
    assert [exchange.label for exchange in evidence.exchanges] == ["first", "again"]
    assert [decoy.exchange.label for decoy in evidence.decoys] == decoys
    assert {decoy.ask.fields["key"] for decoy in evidence.decoys} == others
    assert [exchange.label for exchange in evidence.all_exchanges] == ["first", "again", *decoys]
    assert evidence.exchange("decoy-2").label == "decoy-2"


def test_where_no_check_judges_them_the_answers_about_other_keys_are_not_kept(tmp_path: Path) -> None:
    made = Made(tmp_path, plan=make_plan("geode", "doc", Selection()))
    assert made.prober.evidence("between-quotation-marks").decoys == ()
    assert made.targets("decoy-1")


def test_whoever_repeats_a_case_asks_for_its_other_keys_too(tmp_path: Path) -> None:
    made = Made(tmp_path)
    case = made.prober.evidence("key-comma").case
    asked = [target for target, label in made.client.asked if label.startswith("decoy")]
    assert [request.target for _, request in made.prober.recipe(case)][-len(asked) :] == asked


@pytest.mark.parametrize("slots", [1, 4, 32])
def test_clients_hang_up_before_a_case_is_asked_and_are_not_judged(tmp_path: Path, slots: int) -> None:
    made = Made(tmp_path, slots=slots)
    evidence = made.prober.evidence("hung-up-values")
    labels = [label for _, label in made.client.asked]
    assert labels.count("hung-up") == len(evidence.case.hung_up) == 16
    assert max(at for at, label in enumerate(labels) if label == "hung-up") < min(map(labels.index, LABELS_HUNG_UP))
    assert {exchange.label for exchange in evidence.exchanges} == set(LABELS_HUNG_UP)
    asked = [request for _, request in made.prober.recipe(evidence.case) if request.hangs_up is not None]
    assert [request.target for request in asked] == [ask.target for ask in evidence.case.hung_up]


def test_cases_with_several_questions_are_not_asked_again(tmp_path: Path) -> None:
    made = Made(tmp_path)
    evidence = made.prober.evidence(SERIAL)
    assert [each.label for each in evidence.exchanges] == [ask.label for ask in PLAN.cases[SERIAL].asks]
    assert made.targets("again") == []
    shared = [connection for connection in made.client.connections if len(connection.asked) > 1]
    assert len(shared) == 1
    assert all(connection.closed for connection in made.client.connections)


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_questions_sent_at_once_share_the_slots(tmp_path: Path, slots: int) -> None:
    def slow(target: str, label: str, _number: int) -> Exchange:
        time.sleep(0.02)
        return exchange(label, target=target)

    made = Made(tmp_path, answer=slow, slots=slots)
    made.prober.start([AT_ONCE, *SINGLE[:6]])
    evidence = made.prober.evidence(AT_ONCE)
    assert made.prober.finish(10)
    assert [each.label for each in evidence.exchanges] == [ask.label for ask in PLAN.cases[AT_ONCE].asks]
    assert made.client.most <= slots
    assert evidence.one_by_one == (slots == 1)
    assert not made.prober.evidence(SINGLE[0]).one_by_one
    if slots > 1:
        assert made.client.most >= 2


def test_where_keys_stand_is_looked_up_once_after_the_last_question(tmp_path: Path) -> None:
    made = Made(tmp_path)
    stayed, moved = SINGLE[:2]
    made.seeder.now_elsewhere = {moved: "its masters changed"}
    made.prober.start([stayed, moved])
    found = {name: made.prober.evidence(name) for name in (stayed, moved)}
    assert made.prober.finish(5)
    assert made.seeder.looked_again == 1
    assert (found[stayed].trouble, found[moved].trouble) == (None, "its masters changed")
    assert found[stayed].after is not None
    assert len(found[moved].exchanges) == 2


def test_recipes_are_there_once_the_seeding_is_prepared(tmp_path: Path) -> None:
    made = Made(tmp_path)
    case = PLAN.cases[SINGLE[0]]
    assert made.prober.recipe(case) == ()
    placed = made.prober.evidence(SINGLE[0]).case
    assert len(made.prober.recipe(placed)) == 1


def test_slots_are_held_together_or_not_at_all() -> None:
    slots = Slots(3)
    with pytest.raises(ValueError, match="0 slots"):
        Slots(0)
    got = threading.Event()

    def want_all() -> None:
        with slots.hold(99):
            got.set()

    with slots.hold(), slots.hold():
        thread = threading.Thread(target=want_all)
        thread.start()
        assert not got.wait(0.05)
        with slots.hold():
            pass
    thread.join(5)
    assert got.is_set()
    assert replace(PART).interface == "get2"


def test_a_former_state_is_asked_for_before_the_one_that_is_judged(tmp_path: Path) -> None:
    made = Made(tmp_path)
    case = PLAN.cases["former-removed"]
    evidence = made.prober.evidence(case.name)
    assert made.prober.finish(5)
    former = [holding.value for state in case.former for holding in state]
    assert made.seeder.states[-2:] == [former, []], "the state that is judged comes last"
    assert made.seeder.put_there[-2:] == [case.name, case.name]
    assert made.seeder.removed == [case.key.replace("{m}", MARK.words(case.name))]
    assert made.targets("first")[-2:] == [placed_target(case.name)] * 2
    # What was answered before is not judged.
    assert [exchange.label for exchange in evidence.exchanges] == ["first", "again"]
