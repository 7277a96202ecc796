"""One copy of a body that came more than once, and what is counted of it."""

from __future__ import annotations

from dataclasses import replace

from run_parts import exchange

from kvgate.case import Holding, load_cases
from kvgate.report.excerpt import answer_of
from kvgate.run.health import BYTES_ALLOWED, VOLUME_ALLOWED, Health
from kvgate.run.sharing import sharing, sharing_values, within_measure
from kvgate.run.stop import Stop
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.exchange import Exchange, FaultKind
from kvgate.wire.reader import CUT_KEPT, read_response

LARGE = BYTES_ALLOWED // 3
CASE = replace(load_cases("get2")["control"], holdings=())


def of(size: int, sign: bytes = b"x") -> Exchange:
    return exchange(body=sign * size)


def body(one: Exchange) -> bytes:
    assert one.response is not None
    return one.response.body


def test_a_body_that_came_before_is_held_once() -> None:
    first, other = of(5000), of(5000, b"y")
    kept, shared = sharing(of(5000), CASE, [exchange(status=None), other, first])
    assert body(kept) is body(first)
    assert (kept, shared) == (of(5000), 5000)


def test_the_value_that_was_stored_is_held_once() -> None:
    value = b"z" * 2000
    kept, shared = sharing(of(2000, b"z"), replace(CASE, holdings=(Holding("master1", "k", value),)), [])
    assert body(kept) is value
    assert shared == 2000


def test_what_is_small_or_different_or_did_not_come_is_left_as_it_is() -> None:
    for one in (of(1023), of(5000, b"y"), exchange(status=None)):
        kept, shared = sharing(one, CASE, [of(1023), of(5000)])
        assert kept is one
        assert shared == 0


def test_what_others_hold_is_not_counted_and_what_is_let_go_is_given_back() -> None:
    health = Health(list, (200,), Stop())
    kept = [of(LARGE, sign) for sign in (b"a", b"b")]
    for one in kept:
        health.keep(one)
    for _ in range(3):
        health.keep(of(LARGE), LARGE)
    health.let_go(kept[0])
    health.let_go(kept[0])
    health.keep(of(LARGE))
    assert health.down is None
    health.keep(of(LARGE))
    assert health.down is not None


def test_values_that_are_read_back_are_those_that_were_stored() -> None:
    value = b"z" * 2000
    case = replace(CASE, holdings=(Holding("master1", "k", value), Holding("master2", "k", b"short")))
    read = {("master1", "k"): Held(b"z" * 2000, 7), ("master2", "k"): Held(b"other", 1), ("master2", "n"): Held(None)}
    found = sharing_values(Situation(read), case)
    assert found == Situation(read)
    assert found is not None
    assert found.held["master1", "k"].value is value
    assert sharing_values(None, case) is None


def test_of_a_body_beyond_all_measure_the_beginning_is_kept() -> None:
    case = replace(CASE, holdings=(Holding("master1", "k", b"v" * 100), Holding("master2", "k", b"w" * 28)))
    most = 3 * 2**20 + 8 * 128
    for size in (0, most):
        assert within_measure(of(size), case) == of(size)
    head = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
    cut = within_measure(replace(of(most + 1), raw=head + b"x" * (CUT_KEPT + 5)), case)
    assert cut.response is not None
    assert (len(cut.response.body), cut.response.body_length) == (CUT_KEPT, most + 1)
    assert cut.raw == head + b"x" * CUT_KEPT
    assert within_measure(exchange(status=None), case) == exchange(status=None)


def test_two_large_answers_that_part_where_no_raw_bytes_are_kept_are_not_the_same() -> None:
    one, other = (replace(of(0), raw=b"x", raw_length=50_000) for _ in range(2))
    assert one.response is not None
    late = replace(one, response=replace(one.response, body=b"y"))
    assert answer_of(one) == answer_of(other) != answer_of(late)


def test_of_a_head_beyond_all_measure_the_raw_beginning_is_kept_and_every_header() -> None:
    def answer(size: int) -> Exchange:
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: %b\r\n\r\n{}" % (b"k," * (size // 2))
        response, _ = read_response(raw, "GET")
        return replace(exchange(), response=response, raw=raw, raw_length=len(raw))

    assert within_measure(answer(8000), CASE) == answer(8000)
    large = answer(120_000)
    cut = within_measure(large, CASE)
    assert cut.response == large.response
    assert (cut.raw, cut.raw_length) == (large.raw[:4096], len(large.raw))


def test_so_much_is_received_and_no_more() -> None:
    health = Health(list, (200,), Stop())
    health.keep(replace(of(1), raw_length=VOLUME_ALLOWED))
    health.keep(replace(exchange(fault=FaultKind.TOO_LARGE), raw_length=VOLUME_ALLOWED))
    assert health.down is None
    health.keep(replace(of(1), raw_length=1))
    assert health.down == f"{VOLUME_ALLOWED} bytes of answers were received; the rest was not asked"
