"""What a check may judge by: answers as they were sent, exchanges by their label, what places held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verdict_parts import CASE, answer, exchange, status

from kvgate.case import Holding
from kvgate.verdict import (
    Breach,
    Evidence,
    Held,
    NotApplicable,
    Situation,
    Unjudged,
)
from kvgate.verdict.answer import decimal, shown_all
from kvgate.verdict.evidence import SURROUNDINGS
from kvgate.wire.exchange import UNREACHABLE, Fault, FaultKind

BROKEN_OFF = {FaultKind.TRUNCATED, FaultKind.TIMEOUT, FaultKind.RESET, FaultKind.TOO_LARGE}


# Answers


def test_an_answer_is_read_as_it_was_sent() -> None:
    read = answer()
    assert (read.status, read.body, read.whole) == (200, b"ok", True)
    assert (read.values("X"), read.values("y"), read.values("Z")) == ((b"1", b"2"), (b"\xe9",), ())
    assert (read.has("x"), read.has("Z")) == (True, False)
    assert read.headers(("x", "y", "z")) == {"x": ["1", "2"], "y": ["\xe9"]}


def test_a_header_that_has_to_be_sent_once_is_sent_once() -> None:
    assert answer().sole("Content-Length") == b"2"
    with pytest.raises(Breach) as absent:
        answer().sole("Z")
    assert (absent.value.message, absent.value.want, absent.value.got) == ("Z is not sent", "one Z", "none")
    with pytest.raises(Breach) as twice:
        answer().sole("X")
    assert (twice.value.message, twice.value.got) == ("X is sent 2 times", "X: 1; X: 2")
    assert shown_all("X", (b"\0", b"2")) == "X: \\x00; X: 2"


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in UNREACHABLE])
def test_a_body_that_did_not_arrive_whole_is_not_judged(kind: FaultKind) -> None:
    read = answer(fault=kind)
    assert read.whole is (kind not in BROKEN_OFF)
    if kind in BROKEN_OFF:
        with pytest.raises(NotApplicable, match="it went wrong"):
            _ = read.body
    else:
        assert read.body == b"ok"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"0", 0), (b"00", 0), (b"007", 7), (b"12345678901234567890", 12345678901234567890), (b"", None), (b"1a", None),
        (b"a1", None), (b"-1", None), (b"+1", None), (b" 1", None), (b"1 ", None), (b"1.0", None), (b"1\n", None),
        (b"9" * 1000, 10**1000 - 1), (b"9" * 1001, None), (b"0" * 5000 + b"1", 1), (b"1" + b"0" * 999, 10**999),
        (b"100", 100), ("\u0661".encode(), None),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_a_number_is_decimal_digits_and_nothing_else(text: bytes, number: int | None) -> None:
    assert decimal(text) == number


# Evidence


def test_an_exchange_is_found_by_its_label() -> None:
    seen = Evidence(CASE, (exchange(), exchange(status(409), label="second")))
    assert seen.answer().status == 200
    assert seen.answer("second").status == 409
    assert seen.ask().target == "/get2?key=k"
    assert seen.ask("second").target == "/other"


def test_what_was_asked_at_the_end_of_the_run_is_told_from_the_rest() -> None:
    assert Evidence(CASE).late is None
    assert Evidence(CASE, (exchange(), exchange(label="again"))).late is None
    assert Evidence(CASE, (exchange(), exchange(label="again"), exchange(label="late"))).late == "late"


def test_what_was_not_asked_is_not_judged() -> None:
    with pytest.raises(Unjudged, match="the question 'first' was not asked"):
        Evidence(CASE).exchange()
    with pytest.raises(Unjudged, match="time is up"):
        Evidence(CASE, unasked="time is up").exchange()
    with pytest.raises(Unjudged, match="no server"):
        Evidence(CASE, (exchange(),), trouble="no server").exchange()


@pytest.mark.parametrize("kind", FaultKind)
def test_a_server_that_cannot_be_reached_is_not_judged(kind: FaultKind) -> None:
    seen = Evidence(CASE, (exchange(b"", fault=kind),))
    with pytest.raises(Unjudged if kind in UNREACHABLE else NotApplicable, match="it went wrong"):
        seen.answer()
    if kind not in UNREACHABLE:
        assert seen.exchange().fault == Fault(kind, "it went wrong")


def test_no_answer_at_all_has_its_words() -> None:
    with pytest.raises(NotApplicable, match="nothing came"):
        Evidence(CASE, (exchange(b""),)).answer()


@pytest.mark.parametrize(
    "code", [200, 201, 301, 304, 400, *sorted(SURROUNDINGS), 402, 404, 405, 408, 409, 500, 501, 505]
)
def test_an_answer_of_the_surroundings_is_not_judged(code: int) -> None:
    seen = Evidence(CASE, (exchange(status(code)),))
    if code in {401, 403, 407, 429, 502, 503, 504}:
        with pytest.raises(Unjudged, match=f"status {code}"):
            seen.exchange()
    else:
        assert seen.answer().status == code


@pytest.mark.parametrize(("length", "code", "judged"), [(2000, 414, True), (2001, 414, False), (2001, 400, True)])
def test_a_server_may_refuse_a_long_address_where_it_says_so(length: int, code: int, judged: bool) -> None:
    answered = exchange(status(code))
    target = "/get2?key=".ljust(length, "k")
    seen = Evidence(CASE, (replace(answered, request=replace(answered.request, target=target)),))
    if judged:
        assert seen.answer().status == code
    else:
        with pytest.raises(NotApplicable, match=r"takes no address of 2001 bytes \(status 414\)"):
            seen.exchange()


@pytest.mark.parametrize(("beside", "judged"), [(414, False), (200, True), (None, True)])
def test_an_address_that_is_too_long_is_so_each_time(beside: int | None, judged: bool) -> None:
    request = replace(exchange(status(414)).request, target="/get2?key=".ljust(2001, "k"))
    other = exchange(b"", fault=FaultKind.RESET) if beside is None else exchange(status(beside))
    seen = Evidence(CASE, tuple(replace(each, request=request) for each in (exchange(status(414)), other)))
    if judged:
        assert seen.answer().status == 414
    else:
        with pytest.raises(NotApplicable, match="takes no address"):
            seen.answer()


def test_a_refusal_that_holds_what_is_stored_is_judged() -> None:
    request = replace(exchange(status(414)).request, target="/get2?key=".ljust(2001, "k"))
    case = replace(CASE, holdings=(Holding("master1", "k", b"of eight"), Holding("master1", "l", b"seventh")))
    for body, judged in ((b"of eight, too", True), (b"a seventh page", False)):
        answered = exchange(b"HTTP/1.1 414 URI Too Long\r\n\r\n" + body)
        seen = Evidence(case, (replace(answered, request=request),))
        if judged:
            assert seen.answer().status == 414
        else:
            with pytest.raises(NotApplicable, match="takes no address"):
                seen.answer()


def test_a_404_is_not_judged_where_what_is_there_cannot_be_read_any_more() -> None:
    down = {"unreadable": True, "after_trouble": "it is down"}
    with pytest.raises(Unjudged, match="it is down"):
        Evidence(CASE, (exchange(status(404)),), **down).exchange()  # type: ignore[arg-type]  # as two keywords
    assert Evidence(CASE, (exchange(status(404)),), after_trouble="it is down").answer().status == 404
    assert Evidence(CASE, (exchange(status(409)),), **down).answer().status == 409  # type: ignore[arg-type]  # as above
    assert Evidence(CASE, (exchange(b"", fault=FaultKind.RESET),), **down).exchange().response is None  # type: ignore[arg-type]


def test_what_a_place_holds_is_what_was_read_or_else_what_the_case_put_there() -> None:
    read = Situation({("one", "k"): Held(b"seen", 9), ("two", "k"): Held(None)})
    assert Evidence(CASE).held("one") == Held(b"v", 3)
    assert Evidence(CASE).held("one", "l") == Held(b"w", None)
    assert Evidence(CASE).held("two") == Held(None)
    assert Evidence(CASE, before=read).held("one") == Held(b"seen", 9)
    assert Evidence(CASE, before=read).held("two") == Held(None)
    assert Evidence(CASE, before=read).held("one", "l") == Held(b"w", None)
