"""What the control is answered is judged with its own case: the first answer of all, and those before others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, get2
from prober_parts import MARK, PLAN, SINGLE, Made
from run_parts import FakeSeeder, exchange, failed

from kvgate.case import Case, place
from kvgate.reference.connection import Answer
from kvgate.reference.deviation import load_faults
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Ha
from kvgate.reference.message import Request, Response
from kvgate.run.control import MOST, ControlAnswers, Controls
from kvgate.run.health import Health
from kvgate.run.stop import Stop
from kvgate.wire.exchange import Exchange, FaultKind
from proof.running import start


def numbered(target: str, label: str, number: int) -> Exchange:
    return replace(exchange(label, target=target, body=b"%d" % number), raw=b"%d" % number)


def test_its_case_has_the_first_answer_of_all_and_those_before_other_questions(tmp_path: Path) -> None:
    made = Made(tmp_path, answer=numbered)
    made.prober.start(["control", *SINGLE[:3]])
    evidence = made.prober.evidence("control")
    assert made.prober.finish(5)
    leads = [number for number, (_, label) in enumerate(made.client.asked, 1) if label == "lead"]
    assert [each.label for each in evidence.exchanges] == [
        *("first", "again"),
        *(f"as-control-{number}" for number in range(1, len(leads) + 2)),
    ]
    assert {each.raw for each in evidence.exchanges[2:]} == {b"1", *(b"%d" % number for number in leads)}
    assert {target for target, label in made.client.asked if label == "lead"} == {evidence.case.asks[0].target}
    assert evidence.more == tuple(each.label for each in evidence.exchanges[1:])


def test_a_control_that_is_not_answered_at_once_is_asked_again_and_not_held_against_anybody(tmp_path: Path) -> None:
    def answer(target: str, label: str, number: int) -> Exchange:
        return replace(exchange(label, target=target, status=404 if number == 1 else 200), raw=b"%d" % number)

    made = Made(tmp_path, answer=answer)
    evidence = made.prober.evidence("control")
    assert evidence.trouble is None
    assert {each.response.status for each in evidence.exchanges if each.response is not None} == {200}


def test_what_a_control_broke_off_with_is_kept_once() -> None:
    case, said = place(PLAN.cases["control"], MARK, {}), ControlAnswers()
    for fault in (FaultKind.RESET, FaultKind.RESET, FaultKind.TIMEOUT, FaultKind.CANCELLED):
        said.hear(case, exchange("lead", status=None, fault=fault))
    assert [each.fault.kind for each in said.of(case) if each.fault] == [FaultKind.RESET, FaultKind.TIMEOUT]


@pytest.mark.parametrize(
    ("wrong", "at", "heard"),
    [
        (500, {1, 2}, False),
        (500, {4}, True),
        (503, {1, 2}, False),
        (404, {1, 2}, False),
        (404, {4}, True),
        (503, {4}, False),
        (404, {4, 5, 6}, False),
    ],
)
def test_a_control_that_was_answered_is_answered_so_on(wrong: int, at: set[int], heard: bool) -> None:
    """At the beginning its state may not be there yet; later what is wrong for a while is the server's own doing."""
    asked: list[int] = []

    class Answers:
        def control(self, cases: Sequence[Case]) -> list[Exchange]:
            asked.append(len(asked) + 1)
            status = wrong if asked[-1] in at else 200
            return [replace(exchange(status=status), raw=b"%d" % status) for _ in cases]

    answers: Any = Answers()
    seeder: Any = FakeSeeder()
    controls = Controls(PLAN, seeder, answers)
    controls.standing = (place(PLAN.cases["control"], MARK, {}),)
    health = Health(controls.ask, PLAN.interface.control_statuses, Stop(), pauses=(0.0, 0.0, 0.0))
    while len(asked) < 3:
        assert health.first() is None
    controls.answered()
    health.after(failed("first", FaultKind.RESET), math.inf)
    statuses = {each.response.status for each in controls.said.of(controls.standing[0]) if each.response}
    assert (wrong in statuses) is heard


def test_state_that_is_there_already_is_asked_about_as_ever(tmp_path: Path) -> None:
    made = Made(tmp_path, answer=numbered)
    made.seeder.writes = False
    assert [each.label for each in made.prober.evidence("control").exchanges] == ["first", "again"]


def test_the_same_answer_is_kept_once_and_not_without_end() -> None:
    case, other = (place(PLAN.cases[name], MARK, {}) for name in ("control", "page-values-differ"))
    said = ControlAnswers()
    for number in (*range(MOST), *range(MOST + 5)):
        said.hear(case, numbered("/", "lead", number))
    said.hear(case, exchange("lead", status=None, fault=FaultKind.REFUSED))
    for second in (b"05", b"06"):
        dated = b"1\r\nDate: Sun, 29 Nov 2026 22:00:%b GMT\r\nX: 1" % second
        said.hear(other, replace(exchange("lead"), raw=dated))
    assert len(said.of(other)) == 1
    assert [each.raw for each in said.of(case)] == [b"%d" % number for number in range(MOST)]


@pytest.mark.parametrize("fault", ["first-answer-cut", "first-answer-version-zero"])
def test_a_server_whose_first_answer_is_wrong_is_not_green(fault: str, tmp_path: Path) -> None:
    with start(load_faults("get2")[fault]) as embedded:
        ran = gate(tmp_path, "suites/get2", *get2(embedded), "--kv-case=control", "--kv-case=page-*")
    assert ran.status == 1, ran.out
    assert "control: as-control-1: " in ran.out


def test_an_answer_before_another_question_is_judged(tmp_path: Path) -> None:
    class Tired(Ha):
        """Says at the fifth question for one key that its values differ."""

        def handle(self, request: Request) -> Answer:
            asked[request.target] += 1
            late = request.path == "/get2" and asked[request.target] == 5
            return (
                Response(409, "", (("Version", "1"), ("Val-Offset", "1")), b"xy") if late else super().handle(request)
            )

    asked: Counter[str] = Counter()
    with Embedded.start(interfaces=("get2",), make_ha=Tired) as embedded:
        ran = gate(
            tmp_path, "suites/get2", *get2(embedded), "--kv-case=control", "--kv-case=page-*", "--kv-concurrency=1"
        )
    assert ran.status == 1, ran.out
    assert {row["case"] for row in ran.report["checks"] if row["verdict"] == "fail"} == {"control"}
    assert "as-control-" in ran.out
