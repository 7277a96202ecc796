"""What stands between a check and its verdict: answer, evidence, level, and which checks there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from kvgate.case import Ask, Case, Holding
from kvgate.interface import Lowering, Raising, load_profile
from kvgate.level import Level
from kvgate.requirement import Requirement
from kvgate.verdict import (
    Answer,
    Breach,
    Check,
    Evidence,
    FaultElsewhere,
    Held,
    NotApplicable,
    Scope,
    Situation,
    Unjudged,
    Verdict,
    judge,
    load_checks,
    load_profile_checks,
    requires,
    restated,
)
from kvgate.verdict.answer import decimal, shown_all
from kvgate.verdict.check import checks_of
from kvgate.verdict.evidence import SURROUNDINGS, Decoy
from kvgate.verdict.judge import effective_level
from kvgate.wire.exchange import UNREACHABLE, Exchange, Fault, FaultKind, Request
from kvgate.wire.reader import read_response

RAW = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: 1\r\nx: 2\r\nY: \xe9\r\n\r\nok"
ASK = Ask("first", "GET", "/get2?key=k")
CASE = Case(
    "get2", "a-case", "", Level.MUST, (), "k", (Holding("one", "k", b"v", 3), Holding("one", "l", b"w")), (),
    (replace(ASK, label="second", target="/other"), ASK), {}, frozenset({"tag"}), (), "fixture",
)  # fmt: skip
REQUIREMENT = Requirement("get2.area.clause", "get2", Level.MUST, "page", "1", "It is so.")
PROFILE = replace(load_profile("get2"), raised=(), lowered=())
BROKEN_OFF = {FaultKind.TRUNCATED, FaultKind.TIMEOUT, FaultKind.RESET, FaultKind.TOO_LARGE}


def exchange(raw: bytes = RAW, *, fault: FaultKind | None = None, label: str = "first") -> Exchange:
    response, _ = read_response(raw, "GET", closed=True) if raw else (None, None)
    told = Fault(fault, "it went wrong") if fault else None
    return Exchange(label, "", Request("GET", "/"), response, told, raw, len(raw), 0.0, 0.0, label)


def answer(raw: bytes = RAW, *, fault: FaultKind | None = None) -> Answer:
    return Evidence(CASE, (exchange(raw, fault=fault),)).answer()


def status(code: int) -> bytes:
    return RAW.replace(b"200", str(code).encode())


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


# Levels


@pytest.mark.parametrize("demanded", Level)
@pytest.mark.parametrize("situation", Level)
def test_the_level_is_the_lower_of_the_requirement_and_the_case(demanded: Level, situation: Level) -> None:
    order = [Level.INFO, Level.SHOULD, Level.MUST]
    requirement, case = replace(REQUIREMENT, level=demanded), replace(CASE, level=situation)
    lower = order[min(order.index(demanded), order.index(situation))]
    assert effective_level(requirement, case, PROFILE) is lower
    assert effective_level(replace(requirement, of_profile=True), case, PROFILE) is demanded


INFO_CASE = replace(CASE, level=Level.INFO)
INFO_CLAUSE = replace(REQUIREMENT, level=Level.INFO)


@pytest.mark.parametrize(
    ("row", "requirement", "case", "level"),
    [
        (Raising(Level.MUST, "E1"), REQUIREMENT, INFO_CASE, Level.MUST),
        (Raising(Level.SHOULD, "E1", case="a-*"), REQUIREMENT, INFO_CASE, Level.SHOULD),
        (Raising(Level.MUST, "E1", case="b-*"), REQUIREMENT, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1"), INFO_CLAUSE, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.area.*"), INFO_CLAUSE, CASE, Level.MUST),
        (Raising(Level.MUST, "E1", "get2.other.*"), INFO_CLAUSE, CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.area.*"), INFO_CLAUSE, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.other.*"), REQUIREMENT, INFO_CASE, Level.INFO),
        (Raising(Level.MUST, "E1", "get2.area.*", "b-*"), INFO_CLAUSE, CASE, Level.INFO),
    ],
)
def test_a_profile_raises_what_it_names(row: Raising, requirement: Requirement, case: Case, level: Level) -> None:
    assert effective_level(requirement, case, replace(PROFILE, raised=(row,))) is level
    never = Raising(Level.MUST, "E1", None, "no-such-*")
    assert effective_level(requirement, case, replace(PROFILE, raised=(never, row))) is level


@pytest.mark.parametrize(
    ("requirement", "case", "level"),
    [
        ("*", "*", Level.SHOULD), ("get2.area.clause", "a-case", Level.SHOULD), ("get2.other.*", "*", Level.MUST),
        ("*", "b-*", Level.MUST),
    ],
)  # fmt: skip
def test_a_profile_lowers_what_it_names(requirement: str, case: str, level: Level) -> None:
    lowered = (Lowering(requirement, case, Level.SHOULD, "E1"),)
    assert effective_level(REQUIREMENT, CASE, replace(PROFILE, lowered=lowered)) is level
    assert effective_level(REQUIREMENT, INFO_CASE, replace(PROFILE, lowered=lowered)) is Level.INFO


# Verdicts


def check_of(function: Callable[..., None], *arguments: str) -> Check:
    return Check("get2.area.clause", function, lambda _: True, "module", "name", arguments)


def breach() -> None:
    raise Breach("it is wrong", want="this", got="that")


def not_applicable() -> None:
    raise NotApplicable("it has no meaning here")


def unjudged() -> None:
    raise Unjudged("there was no server")


@pytest.mark.parametrize(
    ("level", "strict", "of_breach", "of_pass"),
    [
        (Level.MUST, False, Verdict.FAIL, Verdict.PASS),
        (Level.MUST, True, Verdict.FAIL, Verdict.PASS),
        (Level.SHOULD, False, Verdict.WARN, Verdict.PASS),
        (Level.SHOULD, True, Verdict.FAIL, Verdict.PASS),
        (Level.INFO, False, Verdict.OBSERVED, Verdict.OBSERVED),
        (Level.INFO, True, Verdict.OBSERVED, Verdict.OBSERVED),
    ],
)
def test_the_verdict_is_that_of_the_level(level: Level, strict: bool, of_breach: Verdict, of_pass: Verdict) -> None:
    seen = Evidence(replace(CASE, level=level), (exchange(),))
    found = [
        judge(check_of(function), REQUIREMENT, PROFILE, seen, strict=strict)
        for function in (breach, lambda: None, not_applicable, unjudged)
    ]
    assert [(one.verdict, one.message, one.want, one.got) for one in found] == [
        (of_breach, "it is wrong", "this", "that"),
        (of_pass, "", "", ""),
        (Verdict.NOT_APPLICABLE, "it has no meaning here", "", ""),
        (Verdict.NO_VERDICT, "there was no server", "", ""),
    ]
    assert {(one.interface, one.requirement, one.case, one.level) for one in found} == {
        ("get2", "get2.area.clause", "a-case", level)
    }


@pytest.mark.parametrize(
    ("completes", "level", "told"),
    [
        (True, Level.MUST, (Verdict.NOT_APPLICABLE, "the status is wrong")),
        (False, Level.MUST, (Verdict.NO_VERDICT, "the status is wrong; the requirement at fault was not selected")),
        (False, Level.INFO, (Verdict.NOT_APPLICABLE, "the status is wrong")),
    ],
)
def test_what_is_at_fault_elsewhere_is_judged_only_with_the_other(
    completes: bool, level: Level, told: tuple[Verdict, str]
) -> None:
    def elsewhere() -> None:
        raise FaultElsewhere("the status is wrong")

    seen = Evidence(replace(CASE, level=level), (exchange(),))
    found = [
        judge(check_of(function), REQUIREMENT, PROFILE, seen, strict=False, completes=lambda: completes)
        for function in (elsewhere, not_applicable, lambda: None)
    ]
    assert [(one.verdict, one.message) for one in found] == [
        told,
        (Verdict.NOT_APPLICABLE, "it has no meaning here"),
        (Verdict.OBSERVED if level is Level.INFO else Verdict.PASS, ""),
    ]


@pytest.mark.parametrize(
    ("exchange", "message", "told"),
    [
        ("", "status 500", "status 500"),
        ("one", "status 500", "one: status 500"),
        ("one", "'one' has status 500", "'one' has status 500"),
        ("again", "status 500", "asked again: status 500"),
        ("again", "asked again, the status differs", "asked again, the status differs"),
    ],
)
def test_the_exchange_that_shows_a_breach_is_named_once(exchange: str, message: str, told: str) -> None:
    found = judge(check_of(breach), REQUIREMENT, PROFILE, Evidence(CASE, ()), strict=False)
    assert replace(found, exchange=exchange, message=message).told == told


def test_a_case_that_is_left_out_or_in_trouble_is_not_judged() -> None:
    def judged(**how: str) -> tuple[Verdict, str]:
        seen = Evidence(CASE, (exchange(),), **how)  # type: ignore[arg-type]  # texts only
        found = judge(check_of(breach), REQUIREMENT, PROFILE, seen, strict=True)
        return found.verdict, found.message

    assert judged(left_out="not there") == (Verdict.NOT_APPLICABLE, "left out: not there")
    assert judged(trouble="it is down") == (Verdict.NO_VERDICT, "it is down")
    assert judged(left_out="not there", trouble="it is down") == (Verdict.NOT_APPLICABLE, "left out: not there")


def test_a_check_is_given_what_it_names() -> None:
    seen, got = Evidence(CASE, (exchange(),)), {}

    def takes(**given: Any) -> None:
        got.update(given)

    judge(check_of(takes, "evidence", "case", "answer"), REQUIREMENT, PROFILE, seen, strict=False)
    assert got == {"evidence": seen, "case": CASE, "answer": seen.answer()}
    with pytest.raises(TypeError, match="not 'answers'"):
        judge(check_of(takes, "answers"), REQUIREMENT, PROFILE, seen, strict=False)


# Checks


def module_of(*functions: Callable[..., None], name: str = "here") -> ModuleType:
    module = ModuleType(name)
    for function in functions:
        setattr(module, function.__name__, function)
    return module


def made(name: str, requirement: str, module: str = "here", **how: Any) -> Callable[..., None]:
    def function(evidence: Evidence, case: Case) -> None:
        """It is
        so.

        And more.
        """

    function.__name__, function.__module__ = name, module
    return requires(requirement, **how)(function)


def test_a_check_is_what_its_function_says() -> None:
    (check,) = checks_of(module_of(made("test_it", "get2.area.clause"), made("test_other", "get2.b.c", "elsewhere")))
    assert (check.requirement, check.module, check.name) == ("get2.area.clause", "here", "test_it")
    assert (check.arguments, check.meaning, check.given) == (("evidence", "case"), "It is so.", None)


def test_a_function_that_says_nothing_means_nothing() -> None:
    assert check_of(lambda: None).meaning == ""


def test_a_check_applies_to_the_cases_it_is_for() -> None:
    def applies(case: Case, facts: dict[str, Any] | None = None, **how: Any) -> bool:
        (check,) = checks_of(module_of(made("test_it", "get2.area.clause", **how)))
        return check.applies(case, facts)

    tagged: dict[str, Any]
    never: dict[str, Any]
    given: dict[str, Any]
    tagged, never = {"when": lambda case: "tag" in case.tags}, {"when": lambda _: False}
    assert applies(CASE)
    assert applies(CASE, **tagged)
    assert not applies(CASE, **never)
    assert applies(replace(CASE, only=("get2.area.clause",)), **tagged)
    assert not applies(replace(CASE, only=("get2.area.clause",)), **never)
    assert not applies(replace(CASE, only=("get2.other.clause",)), **tagged)
    given = {"given": lambda facts, case: facts.get("says") == case.name}
    assert applies(replace(CASE, only=("get2.other.clause",)), {"says": "a-case"}, **given)
    assert not applies(CASE, {"says": "b-case"}, **given)
    assert not applies(CASE, **given)
    assert not applies(CASE, {"says": "a-case"}, **given, **never)


def test_checks_are_restated_for_an_interface_that_owes_the_same() -> None:
    sources = module_of(made("test_a", "get2.x.a"), made("test_b", "get2.x.b")), module_of(made("test_c", "get2.y.c"))

    def names(**how: Any) -> dict[str, str]:
        found = restated("there", "hget2", *sources, **how)
        module = ModuleType("there")
        vars(module).update(found)
        assert [check.name for check in checks_of(module)] == list(found)
        return {check.name: check.requirement for check in checks_of(module)}

    every = {"test_a": "hget2.x.a", "test_b": "hget2.x.b", "test_c": "hget2.y.c"}
    assert names() == every
    assert names(only=["x.b", "y.c"]) == {name: every[name] for name in ("test_b", "test_c")}
    assert names(without=["x.b"]) == {name: every[name] for name in ("test_a", "test_c")}
    assert names(only=["x.a", "x.b"], without=["x.b"]) == {"test_a": "hget2.x.a"}
    assert names(only=[]) == {}


def test_the_checks_of_a_suite_are_those_of_the_page_and_those_of_a_profile() -> None:
    for interface in ("geode", "get2"):
        page, profile = load_checks(interface), load_profile_checks(interface)
        assert page
        assert profile
        assert all(check.given is None for check in page)
        assert all(check.given is not None for check in profile)
        modules = [check.module for check in page]
        assert sorted(modules) == modules
        assert {check.module.rpartition(".")[2] for check in profile} == {"test_release"}


def test_a_breach_names_the_exchange_last_looked_at_unless_it_says_another() -> None:
    def of(*, case: Case = CASE, **given: str | None) -> str:
        def check(evidence: Evidence) -> None:
            evidence.answer("first")
            evidence.answer("second")
            raise Breach("it is not so", **given)  # type: ignore[arg-type]  # only `exchange` is given

        seen = Evidence(case, (exchange(), exchange(label="second")))
        return judge(check_of(check, "evidence"), REQUIREMENT, PROFILE, seen, strict=False).exchange

    assert of() == "second"
    assert of(exchange="first") == "first"
    assert of(exchange="") == "", "none in particular"
    alone = replace(CASE, asks=(ASK,))
    assert of(case=alone, exchange="first") == "", "there is no other it could be"


def test_each_check_looks_by_itself() -> None:
    def looks(evidence: Evidence) -> None:
        evidence.answer("second")

    def does_not(evidence: Evidence) -> None:
        raise Breach("it has changed")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    judge(check_of(looks, "evidence"), REQUIREMENT, PROFILE, seen, strict=False)
    assert judge(check_of(does_not, "evidence"), REQUIREMENT, PROFILE, seen, strict=False).exchange == ""


@pytest.mark.parametrize("wrong", ["first", "second"])
def test_what_every_answer_owes_is_owed_by_each_of_two(wrong: str) -> None:
    def check(evidence: Evidence) -> None:
        if evidence.exchange("first").label == wrong:
            raise Breach("it is wrong")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    each = replace(check_of(check, "evidence"), scope=Scope.ANSWER)
    assert judge(each, REQUIREMENT, PROFILE, seen, strict=False).verdict is Verdict.FAIL


def of_each(check: Callable[..., None], seen: Evidence, scope: Scope = Scope.EACH) -> Verdict:
    made = replace(check_of(check, "evidence"), scope=scope)
    return judge(made, REQUIREMENT, PROFILE, seen, strict=False, completes=lambda: False).verdict


def test_each_question_is_looked_at_and_those_about_other_keys() -> None:
    decoys = (Decoy(replace(ASK, label="decoy-1"), exchange(label="decoy-1")),)
    two = Evidence(CASE, (exchange(), exchange(label="second")), decoys=decoys)
    alone = replace(two, case=replace(CASE, asks=(ASK,)), exchanges=(exchange(), exchange(label="again")))
    for seen, scope, labels in (
        (two, Scope.EACH, ["second", "first"]),
        (alone, Scope.EACH, [None, "again", "decoy-1"]),
        (alone, Scope.QUESTION, [None, "again"]),
        (alone, Scope.ANSWER, [None, "again"]),
        (alone, Scope.CASE, [None]),
    ):
        looked: list[str | None] = []

        def look(evidence: Evidence, looked: list[str | None] = looked) -> None:
            looked.append(evidence.of)

        assert of_each(look, seen, scope) is Verdict.PASS
        assert looked == labels


def test_an_answer_about_another_key_that_cannot_be_judged_is_left_out_and_its_own_is_not() -> None:
    decoy = Decoy(replace(ASK, label="decoy-1"), exchange(label="decoy-1"))
    alone = Evidence(replace(CASE, asks=(ASK,)), (exchange(), exchange(label="again")), decoys=(decoy,))

    def without(label: str | None) -> Callable[..., None]:
        def check(evidence: Evidence) -> None:
            if evidence.of == label:
                raise Unjudged("nothing to judge by")

        return check

    assert of_each(without("decoy-1"), alone) is Verdict.PASS
    assert of_each(without("again"), alone) is Verdict.PASS
    assert of_each(without(None), alone) is Verdict.NO_VERDICT


def test_where_nothing_is_judged_a_fault_elsewhere_says_more_than_what_does_not_apply() -> None:
    def check(evidence: Evidence) -> None:
        raise (FaultElsewhere if evidence.of == "first" else NotApplicable)("not to be judged")

    seen = Evidence(CASE, (exchange(), exchange(label="second")))
    assert of_each(check, seen) is Verdict.NO_VERDICT

    def neither(evidence: Evidence) -> None:
        raise NotApplicable("nothing of the kind")

    assert of_each(neither, seen) is Verdict.NOT_APPLICABLE
