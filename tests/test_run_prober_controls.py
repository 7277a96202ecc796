"""The control of a run: when it lets the questions begin, and what it says when it fails."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from prober_parts import SINGLE, Made
from run_parts import exchange, failed

from kvgate.run.standing import OTHERS
from kvgate.seeding.journal import read_journals
from kvgate.wire.exchange import Exchange, FaultKind


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
