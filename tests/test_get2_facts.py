"""What the checks of get2 have in common: reading an answer, and saying where it parts from what is due."""

from __future__ import annotations

from dataclasses import replace

import pytest
from get2_answers import evidence, findings, placed

from kvgate.case import Ask, Case, Holding
from kvgate.level import Level
from kvgate.verdict import Answer, Breach, Evidence, Held, NotApplicable, Situation, Unjudged, Verdict
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Request
from kvgate.wire.reader import read_response
from suites.get2 import facts

HEADERS = "Content-Type: text/plain\r\nVersion: 1\r\n"
CASE = Case(
    "get2", "case", "", Level.MUST, (), "k",
    (Holding("master1", "k", b"one", 1), Holding("master2", "k", b"two", 2), Holding("master1", "l", b"decoy")),
    (), (Ask("first", "GET", "/get2?key=k", fields={"key": "k"}),),
    {"status": 200, "versions": "same"}, frozenset(), (), "fixture",
)  # fmt: skip


def exchange(
    status: int = 200, body: bytes = b"one", *, headers: str = HEADERS, after: bytes = b"",
    fault: FaultKind | None = None, method: str = "GET",
) -> Exchange:  # fmt: skip
    head = f"HTTP/1.1 {status} Reason\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode()
    raw = head + (b"" if method == "HEAD" else body) + after
    response, _ = read_response(raw, method, closed=True)
    told = Fault(fault, "it went wrong") if fault else None
    return Exchange("first", "", Request(method, "/"), response, told, raw, len(raw), 0.0, 0.0, "first")


def answer(status: int = 200, body: bytes = b"one", **how: object) -> Answer:
    made = exchange(status, body, **how)  # type: ignore[arg-type]  # as exchange takes them
    assert made.response is not None
    return Answer(made, made.response)


def said(breach: pytest.ExceptionInfo[Breach]) -> tuple[str, str, str]:
    return breach.value.message, breach.value.want, breach.value.got


def test_a_table_is_several_questions_of_which_each_has_a_pair_of_values() -> None:
    one_by_one = replace(CASE, expect={"statuses": {"k": 200}})
    assert facts.several_are_asked(one_by_one)


def test_where_two_questions_are_asked_one_of_the_outcomes_may_be_due() -> None:
    missing = replace(CASE, expect={"missing": ["master1"]})
    assert not facts.an_outcome_is_due(missing)
    assert facts.an_outcome_is_due(replace(missing, asks=(*CASE.asks, replace(CASE.asks[0], label="second"))))


@pytest.mark.parametrize(
    ("expect", "holding"),
    [
        ({"status": 200, "versions": "same"}, {"both_hold_the_key", "values_match", "versions_match"}),
        ({"status": 200, "versions": "pair"}, {"both_hold_the_key", "values_match", "versions_differ"}),
        ({"status": 409, "versions": "same"}, {"both_hold_the_key", "values_differ", "versions_match"}),
        ({"status": 409, "versions": "pair"}, {"both_hold_the_key", "values_differ", "versions_differ"}),
        ({"missing": ["master1"]}, {"a_master_lacks_the_key"}),
        ({"no_key": True}, {"no_key_is_sent"}),
        ({"statuses": {"k": 200}}, {"several_are_asked"}),
    ],
)
def test_a_case_is_of_one_kind(expect: dict[str, object], holding: set[str]) -> None:
    kinds = (
        facts.both_hold_the_key, facts.values_match, facts.values_differ, facts.versions_match, facts.versions_differ,
        facts.a_master_lacks_the_key, facts.no_key_is_sent, facts.several_are_asked,
    )  # fmt: skip
    case = replace(CASE, expect=expect)
    found = {kind.__name__: kind(case) for kind in kinds}
    assert {name for name, holds in found.items() if holds} == holding
    assert set(found.values()) <= {True, False}
    assert facts.one_is_asked(case) is ("several_are_asked" not in holding)


def test_the_questions_that_are_due_a_status_have_labels() -> None:
    assert facts.labels_due(CASE, 200) == ("first",)
    assert facts.labels_due(CASE, 409) == ()
    asks = tuple(Ask(label, "GET", "/", fields={"key": key}) for label, key in (("a", "k"), ("b", "l"), ("c", "k")))
    several = replace(CASE, asks=asks, expect={"statuses": {"k": 409, "l": 200}})
    assert facts.labels_due(several, 409) == ("a", "c")
    assert facts.labels_due(several, 200) == ("b",)
    assert facts.labels_due(several, 404) == ()
    unjudged = replace(several, asks=(replace(several.asks[0], judged=False), *several.asks[1:]))
    assert facts.labels_due(unjudged, 409) == ("c",)


def test_the_masters_hold_what_was_read_or_else_what_the_case_put_there() -> None:
    masters = facts.masters_of(Evidence(CASE))
    assert masters == facts.Masters(b"one", 1, b"two", 2)
    assert masters.versions == (1, 2)
    assert replace(masters, version1=None).versions == (2,)
    assert replace(masters, version2=None).versions == (1,)
    assert replace(masters, version1=0, version2=0).versions == (0, 0)
    for place in ("master1", "master2"):
        with pytest.raises(NotApplicable, match="a master does not hold the key"):
            facts.masters_of(Evidence(CASE, before=Situation({(place, "k"): Held(None)})))


@pytest.mark.parametrize("status", [200, 409, 404, 301, 500, 201, 408])
def test_an_outcome_is_one_of_the_page(status: int) -> None:
    if status in (200, 409):
        assert facts.outcome(answer(status)) == status
    else:
        with pytest.raises(NotApplicable, match=f"status {status} is none"):
            facts.outcome(answer(status))


@pytest.mark.parametrize(
    ("after", "excess"),
    [
        (b"", b""),
        (b"more", b"more"),
        (b"HTTP/1.1 408 Request Timeout\r\n\r\n", b""),
        (b"HTTP/1.0 408\r\n\r\n", b""),
        (b"HTTP/1.1 408\n\n", b""),
        (b"HTTP/1.1 4081\r\n", b"HTTP/1.1 4081\r\n"),
        (b"HTTP/1.1 400 Bad\r\n", b"HTTP/1.1 400 Bad\r\n"),
        (b"HTTP/1.2 408 \r\n", b"HTTP/1.2 408 \r\n"),
        (b"xHTTP/1.1 408 \r\n", b"xHTTP/1.1 408 \r\n"),
    ],
)
def test_what_follows_a_body_is_in_excess_but_for_a_farewell(after: bytes, excess: bytes) -> None:
    assert answer(after=after).excess == excess


def test_a_body_is_judged_where_it_is_known_from_end_to_end() -> None:
    assert facts.body_of(answer(body=b"one")) == b"one"
    assert facts.body_of(answer(after=b"HTTP/1.1 408 \r\n")) == b"one"
    for read, why in (
        (answer(method="HEAD"), "HEAD has no body"),
        (answer(fault=FaultKind.FRAMING), "where the body ends is not known: it went wrong"),
        (answer(fault=FaultKind.TRUNCATED), "did not arrive whole"),
        (answer(after=b"x"), "goes on after its announced end"),
    ):
        with pytest.raises(NotApplicable, match=why):
            facts.body_of(read)
    assert facts.body_of(answer(fault=FaultKind.GARBAGE)) == b"one"


def test_a_decoy_shows_a_key_that_was_misread() -> None:
    assert facts.decoys(CASE) == (CASE.holdings[2],)
    facts.is_no_decoy(CASE, answer(body=b"one"), "cut")
    facts.is_no_decoy(CASE, answer(409, body=b"onetwo"), "cut")
    with pytest.raises(Breach) as breach:
        facts.is_no_decoy(CASE, answer(409, body=b"a decoy here"), "cut")
    assert said(breach) == (
        "cut: the body holds what is stored there", "the values of the key asked for", "a decoy here"
    )  # fmt: skip
    with pytest.raises(Breach) as lost:
        facts.is_no_decoy(CASE, answer(404, body=b"one"), "cut")
    assert said(lost) == ("status 404: the key was not found", "200 or 409", "404")


def test_a_header_has_the_number_that_is_due() -> None:
    facts.has_number(answer(), "Version", 1, "the version")
    facts.has_number(answer(headers="Version: 01\r\n"), "Version", 1, "the version")
    facts.has_number(answer(headers="Version: 1x\r\n"), "Version", 2, "the version")
    facts.has_number(answer(headers=""), "Version", 2, "the version")
    for headers in ("Version: 2\r\n", "Version: 1\r\nVersion: 2\r\n"):
        with pytest.raises(Breach) as breach:
            facts.has_number(answer(headers=headers), "Version", 1, "the version")
        assert said(breach) == ("Version is not the version", "Version: 1", "Version: 2")
    with pytest.raises(NotApplicable, match="the version is not known"):
        facts.has_number(answer(), "Version", None, "the version")
    with pytest.raises(Breach):
        facts.has_number(answer(), "Version", 0, "the version")


def test_a_value_that_is_no_number_is_not_compared() -> None:
    facts.are_numbers(answer(headers="Version: 1\r\nVersion1: 2\r\n"), "Version", "Version1", "Version2")
    facts.are_numbers(answer(headers="Version: x\r\n"), "Version1")
    for headers in ("Version: x\r\n", "Version: 1\r\nVersion: x\r\n", "Version1: 1\r\nVersion: x\r\n"):
        with pytest.raises(NotApplicable, match="Version is not a number: x"):
            facts.are_numbers(answer(headers=headers), "Version1", "Version")


@pytest.mark.parametrize(
    ("requirement", "case", "headers", "told"),
    [
        ("get2.version.same", "control", "Version1: 1\r\n",
         ("Version expected, Version1: 1 sent", "Version", "Version1: 1")),
        ("get2.version.same", "control", "X: y\r\n", ("Version expected, none sent", "Version", "none")),
        ("get2.version.pair", "page-versions-differ", "Version: 1\r\n",
         ("Version1 and Version2 expected, Version: 1 sent", "Version1 and Version2", "Version: 1")),
        ("get2.version.pair", "page-versions-differ", "Version2: 1\r\n",
         ("Version1 expected, Version2: 1 sent", "Version1", "Version2: 1")),
        ("get2.type.text", "control", "Version: 1\r\n", ("Content-Type expected, none sent", "Content-Type", "none")),
        ("get2.type.text", "control", "Content-Type: text/html\r\nVersion: 1\r\n", None),
        ("get2.type.text", "control", "Content-Type: text/html\r\n0: x\r\nVersion: 1\r\n", None),
        ("get2.version.exclusive", "control", "Version: 1\r\nVersion2: 1\r\n", None),
    ],
)  # fmt: skip
def test_what_a_schema_finds_is_told_by_the_headers_of_the_page(
    requirement: str, case: str, headers: str, told: tuple[str, str, str] | None
) -> None:
    with pytest.raises(Breach) as breach:
        facts.conforms(requirement, answer(headers=headers), placed(case))
    if told:
        assert said(breach) == told
    message, want, got = said(breach)
    assert message == f"{want} expected, {got} sent"
    assert got in headers.replace("\r\n", "; ") or got == "none"
    assert "0: x" not in got
    assert not want.startswith("expected ")


def test_a_whole_answer_of_the_status_that_is_due_has_it() -> None:
    case = placed("control")
    facts.has_status(exchange(404), 404, case)
    facts.has_status(exchange(404, fault=FaultKind.FRAMING), 404, case)
    with pytest.raises(Breach) as other:
        facts.has_status(exchange(200), 404, case)
    assert said(other) == ("status 200 instead of 404", "404", "200")
    with pytest.raises(Breach) as broken:
        facts.has_status(exchange(404, fault=FaultKind.TRUNCATED), 404, case)
    assert said(broken) == ("the answer is broken: it went wrong", "a whole answer with status 404", "truncated")
    none = replace(exchange(), response=None)
    with pytest.raises(Breach) as nothing:
        facts.has_status(none, 404, case)
    assert said(nothing) == ("no answer: nothing came", "status 404", "nothing")
    with pytest.raises(Breach) as reset:
        facts.has_status(replace(none, fault=Fault(FaultKind.RESET, "it went wrong")), 404, case)
    assert said(reset) == ("no answer: it went wrong", "status 404", "reset")


@pytest.mark.parametrize(
    ("status", "came", "told"),
    [
        (200, "no more than was stored", None),
        (200, "more than was stored", "the answer is broken: it went wrong"),
        (409, "more than was stored", "the answer is broken: it went wrong"),
        (404, "more than was stored", None),
        (500, "more than was stored", "status 500 instead of 200"),
    ],
)
def test_the_size_limit_of_a_run_is_held_against_nobody_who_keeps_to_what_was_stored(
    status: int, came: str, told: str | None
) -> None:
    case = placed("control")
    stored = sum(len(held.value) for held in case.holdings)
    body = b"x" * (stored + (came == "more than was stored"))
    given = exchange(status, body, fault=FaultKind.TOO_LARGE)
    with pytest.raises(Breach if told else Unjudged) as raised:
        facts.has_status(given, 200 if status == 500 else status, case)
    assert str(raised.value) == (told or "the answer is beyond what is read: it went wrong (limits.max_bytes)")


LONG = bytes(range(97, 123)) * 4  # 104 letters


@pytest.mark.parametrize(
    ("got", "want", "told"),
    [
        (b"axc", b"abc", ("it: 3 bytes, different from byte 2 on", "abc (3 bytes)", "axc (3 bytes)")),
        (b"ab", b"abc", ("it: 2 bytes instead of 3, different from byte 3 on", "abc (3 bytes)", "ab (2 bytes)")),
        (b"abc", b"ab", ("it: 3 bytes instead of 2, different from byte 3 on", "ab (2 bytes)", "abc (3 bytes)")),
        (b"", b"a", ("it: 0 bytes instead of 1, different from byte 1 on", "a (1 byte)", "nothing (0 bytes)")),
        (b"", b" ", ("it: 0 bytes instead of 1, different from byte 1 on", "\\x20 (1 byte)", "nothing (0 bytes)")),
        (b"xb", b"ab", ("it: 2 bytes, different from byte 1 on", "ab (2 bytes)", "xb (2 bytes)")),
    ],
)
def test_two_values_part_at_a_byte(got: bytes, want: bytes, told: tuple[str, str, str]) -> None:
    with pytest.raises(Breach) as breach:
        facts.is_value(got, want, "it")
    assert said(breach) == (f"the body is not {told[0]}", *told[1:])
    facts.is_value(got, got, "it")


@pytest.mark.parametrize(
    ("got", "received", "told"),
    [
        (b"axc", 90, ("it: 90 bytes instead of 3, different from byte 2 on", "abc (3 bytes)", "axc... (90 bytes)")),
        (b"abc", 90, ("it: 90 bytes instead of 3, different from byte 4 on", "abc (3 bytes)", "abc... (90 bytes)")),
        (b"abd", 3, ("it: 3 bytes, different from byte 3 on", "abc (3 bytes)", "abd (3 bytes)")),
    ],
)
def test_of_a_body_that_was_kept_in_part_the_whole_length_is_told(
    got: bytes, received: int, told: tuple[str, str, str]
) -> None:
    with pytest.raises(Breach) as breach:
        facts.is_value(got, b"abc", "it", received)
    assert said(breach) == (f"the body is not {told[0]}", *told[1:])
    facts.is_value(b"abc", b"abc", "it", 3)


def test_a_body_that_was_kept_in_part_and_may_be_right_is_held_against_nobody() -> None:
    with pytest.raises(Unjudged, match="beyond what is kept: 3 bytes"):
        facts.is_value(b"ab", b"abc", "it", 3)
    for got, received in ((b"ab", 4), (b"xb", 3), (b"abc", 4)):
        with pytest.raises(Breach):
            facts.is_value(got, b"abc", "it", received)


@pytest.mark.parametrize("requirement", ["get2.request.own-value", "get2.body.match", "get2.safe.repeatable"])
@pytest.mark.parametrize(
    ("left", "more", "verdict"), [(-1, 0, Verdict.NO_VERDICT), (-1, 1, Verdict.FAIL), (None, 1, Verdict.FAIL)]
)
def test_what_goes_by_the_whole_body_says_nothing_of_one_that_was_kept_in_part(
    requirement: str, left: int | None, more: int, verdict: Verdict
) -> None:
    def cut(one: Exchange) -> Exchange:
        assert one.response is not None
        body = one.response.body
        return replace(one, response=replace(one.response, body=body[:left], body_length=len(body) + more))

    seen = evidence(placed("control"))
    found = findings(replace(seen, exchanges=tuple(map(cut, seen.exchanges))))[requirement]
    # Two answers that are cut alike are never compared.
    assert found.verdict is (Verdict.NO_VERDICT if requirement.endswith("repeatable") else verdict)


@pytest.mark.parametrize(
    ("at", "start", "end"), [(0, 0, 60), (30, 0, 60), (31, 1, 61), (73, 43, 103), (74, 44, 104), (103, 73, 104)]
)
def test_what_is_around_the_place_is_shown(at: int, start: int, end: int) -> None:
    other = LONG[:at] + b"." + LONG[at + 1 :]
    with pytest.raises(Breach) as breach:
        facts.is_value(other, LONG, "it")
    shown = f"{'...' if start else ''}{LONG[start:end].decode()}{'...' if end < 104 else ''} (104 bytes)"
    assert breach.value.want == shown
    assert (
        breach.value.got
        == f"{'...' if start else ''}{other[start:end].decode()}{'...' if end < 104 else ''} (104 bytes)"
    )
