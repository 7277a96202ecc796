"""What hostile servers taught the engine: one line for a cause, bounded memory, and a place that is gone."""

from __future__ import annotations

import tracemalloc

import pytest

from kvgate.case import load_cases
from kvgate.case.mark import Mark, keyless
from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.report.counts import causes
from kvgate.report.model import CheckRecord
from kvgate.run.health import BYTES_ALLOWED, EXCHANGE_COST, Health
from kvgate.run.outcome import MOST_CAUSES, Circumstances, decide
from kvgate.run.stop import Stop
from kvgate.strictjson import MAX_DEPTH, NotJson, read
from kvgate.verdict import Evidence, Finding, Unjudged, Verdict
from kvgate.wire.exchange import Exchange, Request, Response

MARK = Mark("kv7f3a2b")


def unjudged(case: str, message: str) -> Finding:
    return Finding("get2", "get2.status.match", case, Level.MUST, Verdict.NO_VERDICT, message)


def answered(status: int, body: bytes = b"") -> Exchange:
    response = Response("HTTP/1.1", status, b"", (), body, len(body), "length")
    return Exchange("first", "http://127.0.0.1:1", Request("GET", "/"), response, None, b"", 0, 0.0, 0.0, "")


@pytest.mark.parametrize(
    "key",
    ["{m}", "{m}a,{m}b", "a%41{m}x%2F", "01{m}", "{n}", "0{n},1{n}", "/orders/{m}a?x={m}", "a:{m}'b", "2{n}-08T10:00Z"],
)
def test_keys_of_the_run_are_taken_out_of_a_message(key: str) -> None:
    text = f"node http://127.0.0.1:40591: putting key {MARK.fill(key, 'some-case')}: connection refused (x)"
    found = keyless(text, MARK.text)
    other = text.replace(MARK.words("some-case"), MARK.words("another"))
    assert found == keyless(other.replace(MARK.digits("some-case"), MARK.digits("another")), MARK.text)
    assert MARK.text not in found
    assert found.startswith("node http://127.0.0.1:40591: putting key ")
    assert found.endswith("(key): connection refused (x)")


def test_other_words_stay() -> None:
    assert keyless("PUT of key a in region 'orders': 123456 bytes, kv7f", MARK.text) == (
        "PUT of key a in region 'orders': 123456 bytes, kv7f"
    )


def test_one_cause_on_many_keys_is_one_line() -> None:
    findings = [unjudged(name, f"putting key {MARK.words(name)}: refused") for name in "abc"]
    assert decide(findings, Circumstances(mark=MARK.text)) == (
        Exit.NO_VERDICT,
        ("no verdict on 3 checks: putting key (key): refused",),
    )
    records = [CheckRecord(finding, "t", "m") for finding in findings]
    assert [cause.text for cause in causes(records, MARK.text)] == ["putting key (key): refused"]


def test_a_cause_of_one_key_keeps_it() -> None:
    message = f"putting key {MARK.words('a')}: refused"
    findings = [unjudged("a", message), unjudged("a", message), unjudged("b", "time is up")]
    assert decide(findings, Circumstances(mark=MARK.text))[1][0] == f"no verdict on 2 checks: {message}"
    assert causes([CheckRecord(finding, "t", "m") for finding in findings], MARK.text)[0].text == message


def test_one_cause_of_many_sizes_is_one_line_and_statuses_and_ports_stay() -> None:
    said = [f"the body has {size} bytes" for size in (60000026, 60000039)]
    said += [f"status {code} from http://127.0.0.1:{port}" for code, port in ((500, 4001), (503, 4001), (500, 4002))]
    _, lines = decide([unjudged(str(at), text) for at, text in enumerate(said)], Circumstances(mark=MARK.text))
    assert lines == (
        "no verdict on 2 checks: the body has (number) bytes",
        *(f"no verdict on 1 check: {text}" for text in said[2:]),
    )


def test_so_many_causes_are_told_and_the_others_counted() -> None:
    findings = [unjudged(str(number), f"cause {number}") for number in range(MOST_CAUSES + 5)]
    _, lines = decide(findings, Circumstances(mark=MARK.text))
    assert len(lines) == MOST_CAUSES + 1
    assert lines[-1] == "no verdict on 5 checks more, for 5 other causes: see the reports"


def test_nothing_more_is_asked_when_the_answers_take_too_much_memory() -> None:
    health = Health(list, (200,), Stop())
    half = answered(200, b"x" * (BYTES_ALLOWED // 2 - EXCHANGE_COST))
    health.keep(half)
    health.keep(half)
    assert health.down is None
    health.keep(answered(200, b"x"))
    spent = f"the answers came to more than {BYTES_ALLOWED} bytes; the rest was not asked"
    assert health.down == f"{spent}: ask in parts, by several workers (-n 2) or some cases at a time"


def test_a_million_short_strings_are_read_in_little_memory() -> None:
    body = b'{"a":' * 300_000
    tracemalloc.start()
    try:
        with pytest.raises(NotJson, match=f"nested deeper than {MAX_DEPTH}"):
            read(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(body)


def test_404_is_no_verdict_where_a_place_is_gone() -> None:
    case = next(iter(load_cases("get2").values()))
    gone = Evidence(case=case, exchanges=(answered(404),), after_trouble="node is down", unreadable=True)
    with pytest.raises(Unjudged, match="node is down"):
        gone.exchange()
    assert Evidence(case=case, exchanges=(answered(404),), after_trouble="time is up").exchange().response is not None
    wrong = Evidence(case=case, exchanges=(answered(200, b"wrong"),), after_trouble="node is down", unreadable=True)
    assert wrong.exchange().response is not None
