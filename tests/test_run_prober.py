"""A prober with stand-ins for the servers: what becomes evidence, what becomes trouble, and why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from run_parts import FakeClient, FakeSeeder, exchange, failed, not_in_place, surroundings

from kvgate.case import Mark, place
from kvgate.run.health import TIMEOUTS_ALLOWED
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.run.prober import GatheringFailed, Prober
from kvgate.run.slots import Slots
from kvgate.run.standing import OTHERS
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal, read_journals
from kvgate.seeding.model import NotInPlace
from kvgate.target.model import Part
from kvgate.verdict import Unjudged
from kvgate.wire.exchange import Exchange, FaultKind

PLAN = make_plan("get2", "doc", Selection())
PART = Part("get2", "http://127.0.0.1:9", "", "doc", "nodes", {})
MARK = Mark("kvtest")
SINGLE = [name for name, case in PLAN.cases.items() if len(case.asks) == 1]
SERIAL = next(name for name, case in PLAN.cases.items() if len({ask.connection for ask in case.asks} - {None}) == 1)
AT_ONCE = next(name for name, case in PLAN.cases.items() if any(ask.together for ask in case.asks))

LABELS_HUNG_UP = [ask.label for ask in PLAN.cases["hung-up-values"].asks]


class Made:
    """A prober with all that it was made of."""

    def __init__(
        self,
        folder: Path,
        *,
        answer: Callable[[str, str, int], Exchange] | None = None,
        trouble: Callable[[str, str], None] | None = None,
        slots: int = 4,
        plan: Plan = PLAN,
        seeder: FakeSeeder | None = None,
    ) -> None:
        self.client, self.seeder, self.stop = FakeClient(answer), seeder or FakeSeeder(trouble), Stop()
        self.journal = Journal(folder, MARK)
        holder: Any = self.seeder
        client: Any = self.client
        self.prober = Prober(PART, plan, holder, client, self.journal, MARK, slots=Slots(slots), stop=self.stop)

    def targets(self, label: str) -> list[str]:
        return [target for target, asked in self.client.asked if asked == label]


def placed_target(name: str) -> str:
    """The target of a case's first question under the tests' mark."""
    return place(PLAN.cases[name], MARK, {}).asks[0].target


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


def test_a_control_without_an_answer_on_that_connection_is_looked_into(tmp_path: Path) -> None:
    def answer(target: str, label: str, _number: int) -> Exchange:
        return failed(label, FaultKind.RESET, target) if label == "lead" else exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence(SINGLE[0])
    assert [each.label for each in evidence.exchanges] == ["first", "again"]
    assert len(made.targets("control")) == 0
    assert len(made.targets("first")) == 3, "the control before all, the question, the control after the reset"


def test_controls_that_fail_for_all_at_once_hold_nobody_up(tmp_path: Path) -> None:
    together = threading.Barrier(2)

    def answer(target: str, label: str, _number: int) -> Exchange:
        if label != "lead":
            return exchange(label, target=target)
        together.wait(5)
        return failed(label, FaultKind.RESET, target)

    # Each slot has a failed control at the same time, and the control to look into it with needs a slot as well.
    made = Made(tmp_path, answer=answer, slots=2)
    made.prober.start(SINGLE[:2])
    assert all(made.prober.wait(name, 10) for name in SINGLE[:2])
    for name in SINGLE[:2]:
        assert [each.label for each in made.prober.evidence(name).exchanges] == ["first", "again"]


def test_the_control_that_goes_with_its_server_leaves_the_first_answer(tmp_path: Path) -> None:
    gone = threading.Event()

    def answer(target: str, label: str, _number: int) -> Exchange:
        if label == "lead":
            gone.set()
        return failed(label, FaultKind.REFUSED, target) if gone.is_set() else exchange(label, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence(SINGLE[0])
    assert [each.label for each in evidence.exchanges] == ["first"]
    assert evidence.trouble is None
    assert "stopped answering" in str(evidence.unasked)


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


def test_no_control_no_questions(tmp_path: Path) -> None:
    made = Made(tmp_path, answer=lambda target, label, _: exchange(label, status=404, target=target))
    evidence = made.prober.evidence(SINGLE[0])
    assert evidence.trouble is not None
    assert "the control question was answered 404" in evidence.trouble
    assert len(made.seeder.put_there) == 1 + OTHERS
    assert all(name.startswith("control of main") for name in made.seeder.put_there)


@pytest.mark.parametrize(("answered", "asked"), [(1, 2), (OTHERS, 1 + OTHERS), (OTHERS + 1, 1 + OTHERS)])
def test_a_server_that_finds_some_controls_is_judged(answered: int, asked: int, tmp_path: Path) -> None:
    found: list[str] = []

    def answer(target: str, label: str, _number: int) -> Exchange:
        if target not in found:
            found.append(target)
        return exchange(label, status=404 if found.index(target) < answered else 200, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence(SINGLE[0])
    assert sum(name.startswith("control") for name in made.seeder.put_there) == asked
    assert (evidence.trouble is None) is (answered <= OTHERS)


def test_the_control_that_was_not_found_is_judged(tmp_path: Path) -> None:
    found: list[str] = []

    def answer(target: str, label: str, _number: int) -> Exchange:
        found.append(target)
        return exchange(label, status=404 if target == found[0] else 200, target=target)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence("control")
    assert evidence.trouble is None
    assert evidence.case.name == "control"
    assert evidence.answer().status == 404
    again = made.prober.evidence("control", 1)
    assert again.answer().status == 200, "asked again it has another key"


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503, None])
def test_the_control_is_asked_under_other_keys_only_where_the_interface_answered(
    status: int | None, tmp_path: Path
) -> None:
    def answer(target: str, label: str, _number: int) -> Exchange:
        return exchange(label, status=status, fault=None if status else FaultKind.REFUSED, target=target)

    made = Made(tmp_path, answer=answer)
    assert made.prober.evidence(SINGLE[0]).trouble is not None
    assert made.seeder.put_there == ["control of main"]


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


def test_recipes_are_there_once_the_seeding_is_prepared(tmp_path: Path) -> None:
    made = Made(tmp_path)
    case = PLAN.cases[SINGLE[0]]
    assert made.prober.recipe(case) == ()
    placed = made.prober.evidence(SINGLE[0]).case
    assert len(made.prober.recipe(placed)) == 1


def test_the_control_of_a_process_is_its_own(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.prober.evidence("control")
    keys = {written.key for journal in read_journals(tmp_path) for written in journal.written}
    made.journal.close()
    assert len(keys) == 3, "the case of this name, the control, a witness"
    preloaded = Made(tmp_path / "other")
    preloaded.seeder.writes = False
    preloaded.prober.evidence("control")
    assert preloaded.seeder.put_there == ["control", "control"]


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
