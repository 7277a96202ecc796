"""A server's own fault, or a server that is gone: the control decides."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from run_parts import exchange, failed

from kvgate.run.health import TIMEOUTS_ALLOWED, TOO_LARGE_ALLOWED, Health, control_trouble
from kvgate.run.stop import Stop
from kvgate.wire.exchange import Exchange, FaultKind
from kvgate.wire.headers import Header, Headers

WELL = [exchange(status=200)]


class Control:
    """Answers to the control, one after the other; the last one holds on."""

    def __init__(self, *answers: Sequence[Exchange]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self) -> Sequence[Exchange]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def health(control: Control, stop: Stop | None = None) -> Health:
    return Health(control, (200, 409), stop or Stop(), pauses=(0, 0, 0))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "credentials are asked for"),
        (403, "access is refused"),
        (407, "access is refused"),
        (429, "lower concurrency"),
        (503, "not available"),
        (404, "not 200 or 409: is this the interface?"),
        (302, "is this the interface?"),
    ],
)
def test_control_trouble_says_what_to_do(status: int, said: str) -> None:
    trouble = control_trouble([exchange(status=200), exchange(status=status, target="/x")], (200, 409))
    assert trouble is not None
    assert said in trouble
    assert "GET http://127.0.0.1:9/x" in trouble


def test_any_of_the_statuses_will_do_and_a_fault_beside_the_status_does_not_matter() -> None:
    assert control_trouble([exchange(status=409), exchange(status=200, fault=FaultKind.FRAMING)], (200, 409)) is None
    assert "a refused fault" in str(control_trouble([failed("first", FaultKind.REFUSED)], (200,)))


def test_the_first_question_is_tried_again() -> None:
    control = Control([failed("c", FaultKind.REFUSED)], [exchange(status=503)], WELL)
    assert health(control).first() is None
    assert control.asked == 3


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT, FaultKind.CONNECT_TIMEOUT, FaultKind.CANCELLED])
def test_but_not_when_each_try_costs_a_time_limit(kind: FaultKind) -> None:
    control = Control([failed("c", kind)])
    watched = health(control)
    assert watched.first() is not None
    assert control.asked == 1
    assert watched.down is not None


def test_a_fault_is_judged_while_the_control_answers() -> None:
    control = Control(WELL)
    watched = health(control)
    assert watched.after(exchange(), time.monotonic())
    assert control.asked == 0
    assert watched.after(failed("first", FaultKind.RESET), time.monotonic())
    assert control.asked == 1
    assert watched.down is None


def test_one_control_serves_the_faults_before_it() -> None:
    control = Control(WELL)
    watched = health(control)
    ended = time.monotonic()
    for _ in range(3):
        assert watched.after(failed("first", FaultKind.EMPTY), ended)
    assert control.asked == 1


def test_a_fault_is_not_judged_when_the_control_fails_too() -> None:
    control = Control([failed("c", FaultKind.REFUSED)])
    watched = health(control)
    assert not watched.after(failed("first", FaultKind.RESET), time.monotonic())
    assert str(watched.down).startswith("the server stopped answering during the run (a reset fault); ")
    assert not watched.after(failed("first", FaultKind.RESET), time.monotonic())
    assert control.asked == 3


@pytest.mark.parametrize(
    ("kind", "allowed", "what"),
    [
        (FaultKind.TIMEOUT, TIMEOUTS_ALLOWED, "requests ran into the time limit"),
        (FaultKind.TOO_LARGE, TOO_LARGE_ALLOWED, "answers were beyond the size limit"),
    ],
)
def test_a_budget_of_limits_met_closes_but_what_met_one_is_judged(kind: FaultKind, allowed: int, what: str) -> None:
    watched = health(Control(WELL))
    for number in range(allowed):
        assert not watched.down, number
        assert watched.after(failed("first", kind), time.monotonic())
    assert str(watched.down) == f"{allowed} {what}; the rest was not asked"
    assert watched.after(failed("first", kind), time.monotonic())


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_what_the_pages_say_nothing_of_uses_up_no_budget(method: str) -> None:
    watched = health(Control(WELL))
    lost = failed("first", FaultKind.TIMEOUT)
    for _ in range(3 * TIMEOUTS_ALLOWED):
        assert watched.after(replace(lost, request=replace(lost.request, method=method)), time.monotonic())
    assert watched.down is None


def test_only_slow_failures_of_seeding_count() -> None:
    watched = health(Control(WELL))
    for _ in range(3 * TIMEOUTS_ALLOWED):
        watched.after_seeding(0.1, 5.0, None)
    assert watched.no_seeding(lambda: ()) is None
    for _ in range(TIMEOUTS_ALLOWED):
        watched.after_seeding(5.1, 5.0, None)
    assert str(watched.no_seeding(lambda: ())).endswith("in time; the rest was left")
    assert watched.down is None


def test_a_place_that_is_slow_costs_its_own_cases_only() -> None:
    watched = health(Control(WELL))
    for number in range(TIMEOUTS_ALLOWED):
        assert watched.no_seeding(lambda: {"http://slow", "http://well"}) is None, number
        watched.after_seeding(5.1, 5.0, "http://slow")
        watched.after_seeding(5.1, 5.0, f"http://other{number}")
    assert watched.no_seeding(lambda: {"http://well", "http://other0"}) is None
    assert "in time on http://slow; the rest was left" in str(watched.no_seeding(lambda: {"http://slow", "http://w"}))


def test_a_stopped_run_does_not_pause() -> None:
    stop = Stop()
    stop.now("over")
    watched = Health(Control([exchange(status=503)]), (200,), stop, pauses=(30, 30))
    began = time.monotonic()
    assert watched.first() is not None
    assert time.monotonic() - began < 20


def test_a_redirect_is_said_with_where_it_leads() -> None:
    moved = exchange(status=301)
    assert moved.response is not None
    moved = replace(moved, response=replace(moved.response, headers=Headers([Header(b"Location", b"https://h/\x1bx")])))
    trouble = control_trouble([moved], (200, 409))
    assert trouble is not None
    assert r"answered 301 to https://h/\x1bx (no redirect is followed: give the URL that answers itself)" in trouble
