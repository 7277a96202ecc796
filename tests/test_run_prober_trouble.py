"""What a prober makes of servers that fail, of seeding that fails, and of bugs: trouble, with its reason."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from prober_parts import MARK, PLAN, SERIAL, SINGLE, Made, placed_target
from run_parts import exchange, failed, not_in_place, surroundings

from kvgate.case import place
from kvgate.run.health import TIMEOUTS_ALLOWED
from kvgate.run.prober import GatheringFailed
from kvgate.seeding.model import NotInPlace
from kvgate.verdict import Unjudged
from kvgate.wire.exchange import Exchange, FaultKind


def test_a_refused_connection_to_a_living_server_is_tried_once_more(tmp_path: Path) -> None:
    wanted = placed_target(SINGLE[1])
    refused: list[str] = []

    def answer(target: str, label: str, _number: int) -> Exchange:
        if target == wanted and label == "first" and not refused:
            refused.append(target)
            return failed(label, FaultKind.REFUSED, target)
        return exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence(SINGLE[1])
    assert [(each.label, each.fault) for each in evidence.exchanges] == [("first", None), ("again", None)]


def test_a_refused_connection_in_a_case_of_several_questions_is_tried_once_more(tmp_path: Path) -> None:
    refused: list[str] = []

    def answer(target: str, label: str, _number: int) -> Exchange:
        if label == PLAN.cases[SERIAL].asks[1].label and not refused:
            refused.append(label)
            return failed(label, FaultKind.REFUSED, target)
        return exchange(label, target=target)

    evidence = Made(tmp_path, answer=answer).prober.evidence(SERIAL)
    assert [each.label for each in evidence.exchanges] == [ask.label for ask in PLAN.cases[SERIAL].asks]
    assert all(each.fault is None for each in evidence.exchanges)


def test_a_reset_of_a_living_server_is_its_own_fault(tmp_path: Path) -> None:
    wanted = placed_target(SINGLE[0])

    def answer(target: str, label: str, _number: int) -> Exchange:
        return failed(label, FaultKind.RESET, target) if target == wanted else exchange(label, target=target)

    evidence = Made(tmp_path, answer=answer).prober.evidence(SINGLE[0])
    assert [each.fault.kind for each in evidence.exchanges if each.fault] == [FaultKind.RESET]
    assert evidence.trouble is None


def test_a_server_that_is_gone_before_the_question_is_trouble(tmp_path: Path) -> None:
    gone = threading.Event()

    def answer(target: str, label: str, _number: int) -> Exchange:
        return failed(label, FaultKind.REFUSED, target) if gone.is_set() else exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    made.prober.evidence(SINGLE[0])
    gone.set()
    evidence = made.prober.evidence(SINGLE[1])
    assert evidence.trouble is not None
    assert "the server stopped answering during the run" in evidence.trouble
    with pytest.raises(Unjudged, match="stopped answering"):
        evidence.exchange("first")
    before = len(made.client.asked)
    assert made.prober.evidence(SINGLE[2]).trouble == evidence.trouble
    assert len(made.client.asked) == before


def test_a_server_that_goes_between_first_and_again_leaves_the_first_answer(tmp_path: Path) -> None:
    gone = threading.Event()

    def answer(target: str, label: str, _number: int) -> Exchange:
        if label == "again":
            gone.set()
        return failed(label, FaultKind.RESET, target) if gone.is_set() else exchange(label, target=target)

    evidence = Made(tmp_path, answer=answer).prober.evidence(SINGLE[0])
    assert evidence.trouble is None
    assert evidence.exchange("first").response is not None
    with pytest.raises(Unjudged, match="the server stopped answering during the run"):
        evidence.exchange("again")


def test_what_was_answered_with_a_fault_is_not_asked_again_and_it_says_why(tmp_path: Path) -> None:
    wanted = placed_target(SINGLE[0])

    def answer(target: str, label: str, _number: int) -> Exchange:
        return failed(label, FaultKind.TRUNCATED, target) if target == wanted else exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence(SINGLE[0])
    assert made.targets("again") == []
    with pytest.raises(Unjudged, match="not asked again, since no whole answer came: a truncated fault"):
        evidence.exchange("again")


def test_a_server_that_goes_between_two_questions_of_a_case_leaves_the_answers_there_are(tmp_path: Path) -> None:
    gone = threading.Event()

    def answer(target: str, label: str, _number: int) -> Exchange:
        if label == PLAN.cases[SERIAL].asks[1].label:
            gone.set()
        return failed(label, FaultKind.EMPTY, target) if gone.is_set() else exchange(label, target=target)

    evidence = Made(tmp_path, answer=answer).prober.evidence(SERIAL)
    assert len(evidence.exchanges) == 1
    assert evidence.trouble is None
    with pytest.raises(Unjudged, match="stopped answering"):
        evidence.exchange(PLAN.cases[SERIAL].asks[1].label)


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        ("prepare", surroundings("no table"), "no table"),
        ("put", not_in_place("refused"), "the control case is not in place: refused"),
    ],
)
def test_seeding_that_fails_for_all(tmp_path: Path, step: str, error: Exception, said: str) -> None:
    def trouble(at: str, _case: str) -> None:
        if at == step:
            raise error

    made = Made(tmp_path, trouble=trouble)
    assert made.prober.evidence(SINGLE[0]).trouble == said
    assert made.client.asked == []


def test_seeding_that_fails_for_one_case_is_its_own_trouble(tmp_path: Path) -> None:
    def trouble(at: str, case: str) -> None:
        if (at, case) == ("put", SINGLE[1]):
            raise not_in_place("the node keeps nothing")

    made = Made(tmp_path, trouble=trouble)
    made.prober.start(SINGLE[:3])
    assert made.prober.evidence(SINGLE[1]).trouble == "not in place: the node keeps nothing"
    assert made.prober.evidence(SINGLE[0]).trouble is None
    assert made.prober.finish(5)


def test_reading_back_that_fails_leaves_only_that_open(tmp_path: Path) -> None:
    def trouble(at: str, _case: str) -> None:
        if at == "read":
            raise not_in_place("the node is busy")

    evidence = Made(tmp_path, trouble=trouble).prober.evidence(SINGLE[0])
    assert (evidence.trouble, evidence.after, evidence.after_trouble) == (None, None, "the node is busy")


def test_writes_that_each_cost_a_time_limit_are_given_up(tmp_path: Path) -> None:
    tried: list[str] = []

    def trouble(at: str, case: str) -> None:
        if at == "put" and not case.startswith("control of"):
            tried.append(case)
            time.sleep(0.06)
            raise not_in_place("no answer within 0.05 s")

    made = Made(tmp_path, trouble=trouble, slots=2)
    made.prober.start(SINGLE[:40])
    last = made.prober.evidence(SINGLE[39])
    assert made.prober.finish(5)
    assert "could not be written or read back in time" in str(last.trouble)
    assert TIMEOUTS_ALLOWED <= len(tried) <= TIMEOUTS_ALLOWED + 2


def test_a_node_that_is_slow_costs_its_own_cases_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other case stands on the node that takes no write; the control is moved away from it."""
    nodes = {name: ("http://dead", "http://well")[number % 2] for number, name in enumerate(SINGLE)}
    tried: list[str] = []

    def trouble(at: str, case: str) -> None:
        if at == "put" and (case == "control of main" or nodes.get(case) == "http://dead"):
            tried.append(case)
            time.sleep(0.06)
            raise NotInPlace("no answer within 0.05 s", "http://dead")

    made = Made(tmp_path, trouble=trouble, slots=2)
    keys = {place(PLAN.cases[name], MARK, {}).key: node for name, node in nodes.items()}
    own = place(replace(PLAN.cases["control"], name="control of main"), MARK, {}).key
    monkeypatch.setattr(
        made.seeder, "where", lambda _, key: "http://dead" if key == own else keys.get(key, "http://well")
    )
    made.prober.start(SINGLE[:80])
    seen = {name: made.prober.evidence(name) for name in SINGLE[:80]}
    assert made.prober.finish(5)
    assert {name for name, evidence in seen.items() if evidence.trouble is None} == {
        name for name in seen if nodes[name] == "http://well"
    }
    assert sum("on http://dead; the rest was left" in str(each.trouble) for each in seen.values()) >= 20
    assert len(tried) <= 1 + TIMEOUTS_ALLOWED + 2


def test_a_bug_in_one_case_is_raised_for_that_case_only(tmp_path: Path) -> None:
    def trouble(at: str, case: str) -> None:
        if (at, case) == ("put", SINGLE[1]):
            raise KeyError("a bug")

    made = Made(tmp_path, trouble=trouble)
    made.prober.start(SINGLE[:3])
    with pytest.raises(GatheringFailed, match="KeyError: 'a bug'"):
        made.prober.evidence(SINGLE[1])
    assert made.prober.evidence(SINGLE[2]).trouble is None
    assert made.prober.finish(5)


def test_a_bug_before_any_case_is_raised_for_all(tmp_path: Path) -> None:
    def trouble(at: str, _case: str) -> None:
        if at == "prepare":
            raise ZeroDivisionError

    made = Made(tmp_path, trouble=trouble)
    for name in SINGLE[:2]:
        with pytest.raises(GatheringFailed, match="ZeroDivisionError"):
            made.prober.evidence(name)


def test_a_stop_is_the_reason_wherever_a_case_stands(tmp_path: Path) -> None:
    """Asked and not asked again, being asked, not yet asked: each says why, and none says "cancelled"."""
    asking, release = threading.Event(), threading.Event()
    first, second, third = SINGLE[:3]

    def answer(target: str, label: str, _number: int) -> Exchange:
        if target == placed_target(second) and label == "first":
            asking.set()
            release.wait(10)
            return failed(label, FaultKind.CANCELLED, target)
        return exchange(label, target=target)

    made = Made(tmp_path, answer=answer, slots=1)
    made.prober.start([first, second, third])
    assert asking.wait(10)
    made.stop.now("the time limit of the run (5 s) passed")
    made.stop.now("a later reason")
    release.set()
    because = "the time limit of the run (5 s) passed"
    one, two, three = (made.prober.evidence(name) for name in (first, second, third))
    assert (one.trouble, one.unasked, one.after_trouble) == (None, because, because)
    assert (two.trouble, three.trouble) == (because, because)
    with pytest.raises(Unjudged, match="time limit of the run"):
        one.exchange("again")
    assert made.prober.finish(5)


def test_a_fault_that_could_not_be_looked_into_is_not_judged(tmp_path: Path) -> None:
    made: Made

    def answer(target: str, label: str, _number: int) -> Exchange:
        if label == "first" and target == placed_target(SINGLE[0]):
            made.stop.now("the run was interrupted")
            return failed(label, FaultKind.RESET, target)
        return exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    assert made.prober.evidence(SINGLE[0]).trouble == "the run was interrupted"


def test_a_journal_that_cannot_be_written_stops_the_writing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    made = Made(blocked / "journals")
    assert "cannot write the journal" in str(made.prober.evidence(SINGLE[0]).trouble)
    assert made.seeder.put_there == []


def test_a_former_state_that_cannot_be_put_in_place_is_no_verdict(tmp_path: Path) -> None:
    def trouble(step: str, case: str) -> None:
        if (step, case) == ("put", "former-removed"):
            raise not_in_place("the node is full")

    evidence = Made(tmp_path, trouble=trouble).prober.evidence("former-removed")
    assert evidence.trouble == "not in place: the node is full"
    assert evidence.exchanges == ()


def test_a_former_state_that_is_not_taken_away_is_no_verdict(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.seeder.removal = exchange(status=404)
    evidence = made.prober.evidence("former-removed")
    assert made.prober.finish(5)
    (key,) = made.seeder.removed
    assert evidence.trouble == f"not in place: removing key {key} of the former state: answered 404 (v)"
    assert evidence.exchanges == ()
