"""What get2 says of safety rejects answers that change, GETs that write, and answers that run into one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from get2_answers import (
    Change,
    being,
    breached,
    evidence,
    exchange,
    fault,
    findings,
    having,
    placed,
    right,
    saying,
    situation,
    without,
)

from kvgate.case import Case
from kvgate.verdict import Evidence, Finding, Held, Situation, Verdict
from kvgate.verdict.model import ONE_BY_ONE
from kvgate.wire.exchange import Fault, FaultKind

SAME, PAIR, CONFLICT = "control", "page-versions-differ", "page-values-differ"
VALUE, OTHER = b"hustdbhavalue", b"0000000000000"
STATUS_M, STATUS_C = "get2.status.match", "get2.status.conflict"
NONE, M_STATUS = "get2.missing.no-success", "get2.missing.status"


def judged(seen: Evidence, clause: str) -> Finding:
    return findings(seen)[f"get2.safe.{clause}"]


# safe.repeatable


@pytest.mark.parametrize(
    ("case", "again"),
    [
        (SAME, being(404)),
        (SAME, having("Version", "2")),
        (SAME, having("Version", "01")),
        (SAME, without("Version")),
        (SAME, having("Val-Offset", "13")),
        (SAME, saying(b"another value")),
        (SAME, lambda r: r.raw()[:-1]),
        (SAME, fault(FaultKind.RESET)),
        (SAME, fault(FaultKind.TIMEOUT)),
        (PAIR, lambda r: r.having("Version1", "2").having("Version2", "1")),
        (CONFLICT, saying(OTHER + VALUE)),
        (CONFLICT, having("Content-Type", "text/html")),
        ("missing-both", being(500)),
        ("missing-master1", being(200)),
        ("no-key-and-no-query", being(200)),
    ],
)
def test_another_answer_to_the_same_question_is_not_repeatable(case: str, again: Change) -> None:
    found = breached(evidence(placed(case), {"first": lambda r: r, "again": again}))
    said = found.pop("get2.safe.repeatable")
    assert "asked again" in said
    # What else it breaches is said of the second answer, too.
    assert all(message.startswith("asked again: ") for message in found.values()), found


@pytest.mark.parametrize(
    ("case", "kind", "verdict"),
    [
        (SAME, FaultKind.TOO_LARGE, Verdict.FAIL),
        (SAME, FaultKind.RESET, Verdict.FAIL),
        ("missing-both", FaultKind.TOO_LARGE, Verdict.PASS),
        ("missing-both", FaultKind.RESET, Verdict.FAIL),
        ("missing-both", None, Verdict.PASS),
    ],
)
def test_only_an_error_may_be_too_long_to_be_read_when_it_is_asked_for_again(
    case: str, kind: FaultKind | None, verdict: Verdict
) -> None:
    seen = evidence(placed(case))
    first, again = seen.exchanges
    broken = replace(again, fault=Fault(kind, "it broke off") if kind else None)
    found = judged(replace(seen, exchanges=(first, broken)), "repeatable")
    assert found.verdict is verdict, found.message
    if verdict is Verdict.FAIL:
        assert (found.message, found.got) == ("asked again: the body did not arrive whole", "it broke off")


def test_a_media_type_may_be_sent_with_parameters_at_one_time_and_without_at_another() -> None:
    for first, again in (
        ("text/plain", "TEXT/Plain"), ("text/plain", "text/plain;charset=utf-8"), ("text/plain ;x=y", "text/plain"),
    ):  # fmt: skip
        for one, other in ((first, again), (again, first)):
            made = {"first": having("Content-Type", one), "again": having("Content-Type", other)}
            assert judged(evidence(placed(SAME), made), "repeatable").verdict is Verdict.PASS
    made = {"first": having("Version", "1;a"), "again": having("Version", "1;b")}
    assert judged(evidence(placed(SAME), made), "repeatable").message == "asked again: another version"


def test_what_the_body_of_an_error_is_may_be_another_each_time() -> None:
    for case in ("missing-both", "missing-master1", "no-key-and-no-query"):
        made = {"first": having("Content-Type", "text/html"), "again": without("Content-Type")}
        assert not breached(evidence(placed(case), made))
    made = {"alone-none": having("Content-Type", "text/html"), "shared-3-none": having("Content-Type", "text/plain")}
    assert not breached(evidence(placed(FLOW), made))


@pytest.mark.parametrize(
    ("first", "again", "verdict", "message"),
    [
        (lambda r: r.raw()[:-1], lambda r: r, Verdict.NOT_APPLICABLE, "the first answer did not arrive whole"),
        (lambda r: r, lambda r: r.raw()[:-1], Verdict.FAIL, "asked again: the body did not arrive whole"),
        (lambda r: r, saying(b"hustdbhavaluX"), Verdict.FAIL,
         "the body is not what it was (asked again): 13 bytes, different from byte 13 on"),
        (lambda r: r, fault(FaultKind.RESET), Verdict.FAIL, "asked again: no answer: by hand"),
        (lambda r: r, being(404), Verdict.FAIL, "asked again: another status"),
        (being(404), lambda r: r.being(404).saying(b"another"), Verdict.PASS, ""),
    ],
)  # fmt: skip
def test_what_is_said_of_the_second_answer(first: Change, again: Change, verdict: Verdict, message: str) -> None:
    found = judged(evidence(placed(SAME), {"first": first, "again": again}), "repeatable")
    assert (found.verdict, found.message) == (verdict, message)


@pytest.mark.parametrize(
    ("late", "verdict", "message"),
    [
        (lambda r: r, Verdict.PASS, ""),
        (being(404), Verdict.FAIL, "asked at the end of the run: another status"),
        (having("Version", "2"), Verdict.FAIL, "asked at the end of the run: another version"),
        (fault(FaultKind.RESET), Verdict.FAIL, "asked at the end of the run: no answer: by hand"),
    ],
)
def test_what_is_answered_at_the_end_of_the_run_is_held_against_the_first_answer(
    late: Change, verdict: Verdict, message: str
) -> None:
    seen = evidence(placed(SAME))
    ask = seen.case.asks[0]
    last = exchange(ask, late(right(seen.case, ask)), "late")
    found = judged(replace(seen, exchanges=(*seen.exchanges, last)), "repeatable")
    assert (found.verdict, found.message) == (verdict, message)


def test_an_answer_to_head_has_no_body_that_could_differ() -> None:
    case = placed(SAME)
    asks = (replace(case.asks[0], method="HEAD"),)
    seen = evidence(replace(case, asks=asks))
    second = replace(seen.exchanges[1], fault=Fault(FaultKind.TRUNCATED, "cut off"))
    assert judged(replace(seen, exchanges=(seen.exchanges[0], second)), "repeatable").verdict is Verdict.PASS


# safe.read-only


def test_where_the_masters_cannot_be_read_nothing_is_judged() -> None:
    seen = evidence(placed(SAME))

    def told(**how: object) -> tuple[Verdict, str]:
        found = judged(replace(seen, **how), "read-only")  # type: ignore[arg-type]  # fields of Evidence
        return found.verdict, found.message

    none, unknown = Verdict.NOT_APPLICABLE, Verdict.NO_VERDICT
    assert told() == (Verdict.PASS, "")
    assert told(before=None) == (none, "what the masters hold cannot be read")
    assert told(before=None, after_trouble="it is down") == (none, "it is down")
    assert told(after=None) == (none, "what the masters hold afterwards cannot be read")
    assert told(after=None, after_trouble="it is down") == (unknown, "it is down")
    for side in ("before", "after"):
        assert told(**{side: Situation({})}) == (none, "what the masters hold cannot be read")


def test_what_was_read_on_both_sides_is_compared() -> None:
    seen = evidence(placed("key-letter"))
    assert seen.before is not None
    pairs = list(seen.before.held)
    for left_out in pairs:
        held = {pair: value for pair, value in seen.before.held.items() if pair != left_out}
        for how in ({"before": Situation(held)}, {"after": Situation(held)}):
            assert judged(replace(seen, **how), "read-only").verdict is Verdict.PASS  # type: ignore[arg-type]
    assert len(pairs) > 1


@pytest.mark.parametrize(
    ("own", "held", "message", "want", "got"),
    [
        (True, Held(b"new", 2), "master1 changed what it holds for the key asked for",
         "hustdbhavalue, version 1", "new, version 2"),
        (True, Held(b"new"), "master1 changed what it holds for the key asked for", "hustdbhavalue, version 1", "new"),
        (True, Held(None), "master1 changed what it holds for the key asked for",
         "hustdbhavalue, version 1", "nothing"),
        (False, Held(b"new", 1), "master1 changed what it holds for another key", "nothing", "new, version 1"),
    ],
)  # fmt: skip
def test_what_has_changed_is_told(own: bool, held: Held, message: str, want: str, got: str) -> None:
    case = placed(SAME)
    case = case if own else replace(case, absent=(("master1", "other"),))
    seen = evidence(case)
    assert seen.before is not None
    key = case.key if own else "other"
    found = judged(replace(seen, after=Situation({**seen.before.held, ("master1", key): held})), "read-only")
    assert (found.message, found.want, found.got) == (message, want, got)


@pytest.mark.parametrize(
    ("case", "where", "key", "held"),
    [
        (SAME, "master1", "{m}", Held(b"hustdbhavalue", 2)),
        (SAME, "master2", "{m}", Held(b"hustdbhavalu", 1)),
        (SAME, "master1", "{m}", Held(None)),
        (CONFLICT, "master2", "{m}", Held(b"hustdbhavalue", 1)),
        ("missing-master2", "master2", "{m}", Held(b"hustdbhavalue", 1)),
        ("missing-both", "master1", "{m}", Held(b"", 1)),
        ("key-letter", "master1", "{m}%2541", Held(b"decoy: undecoded", 3)),
        ("no-key-but-xkey", "master1", "{m}", Held(b"not asked for", 2)),
        ("connection-of-all-outcomes", "master1", "{m}-none", Held(b"made by reading", 1)),
    ],
)
def test_a_get_that_writes_is_not_read_only(case: str, where: str, key: str, held: Held) -> None:
    made = placed(case)
    spelled = key.replace("{m}", made.key.partition("-")[0] if "{m}-" in key else made.key.partition("%")[0])
    before = situation(made).held
    assert (where, spelled) in before
    given = evidence(made, after=Situation({**before, (where, spelled): held}))
    assert set(breached(given)) == {"get2.safe.read-only"}


# safe.isolated

FLOW = "connection-of-all-outcomes"  # pair, same, none, ahead, split, same


@pytest.mark.parametrize(
    ("label", "change"),
    [
        ("shared-2-same", having("Val-Offset", "12")),
        ("shared-2-same", having("Version1", "1")),
        ("shared-2-same", saying(b"conflict oneand split at two")),
        ("shared-2-same", saying(b"agreed by botheand split at two")),
        ("shared-3-none", having("Val-Offset", "12")),
        ("shared-3-none", having("Version", "3")),
        ("shared-3-none", saying(b"agreed by both")),
        ("shared-4-ahead", having("Version2", "2")),
        ("shared-6-same", without("Version")),
        ("shared-2-same", fault(FaultKind.GARBAGE)),
        ("shared-2-same", fault(FaultKind.FRAMING)),
    ],
)
def test_an_answer_with_something_of_another_is_not_isolated(label: str, change: Change) -> None:
    found = set(breached(evidence(placed(FLOW), {label: change})))
    assert "get2.safe.isolated" in found
    own = {"get2.request.own-value", "get2.body.match", "get2.version.same", "get2.version.pair"}
    assert found <= {"get2.safe.isolated", STATUS_M, "get2.version.exclusive", "get2.offset.absent", *own}


ALONE = [ask.label for ask in placed(FLOW).asks if ask.label.startswith("alone")]
SHARED = [ask.label for ask in placed(FLOW).asks if not ask.label.startswith("alone")]


@pytest.mark.parametrize("gone", ["alone-pair", "shared-1-pair", "shared-3-none"])
def test_an_answer_without_a_verdict_hides_no_mix_up_of_a_later_one(gone: str) -> None:
    case = placed(FLOW)
    answers: dict[str, Change] = {gone: being(503), "shared-6-same": lambda r: replace(r, after=b"conflict one")}
    assert judged(evidence(case, {gone: being(503)}), "isolated").verdict is Verdict.NO_VERDICT
    found = judged(evidence(case, answers), "isolated")
    assert (found.verdict, found.message) == (Verdict.FAIL, "shared-6-same: bytes follow the answer: conflict one")


def test_an_error_that_holds_a_key_of_another_case_is_not_its_own() -> None:
    case, foreign = placed(FLOW), placed(CONFLICT).key.encode()
    own = case.asks[0].fields["key"].encode()
    for label in ("alone-none", "shared-3-none"):
        found = judged(evidence(case, {label: saying(b"no " + foreign)}), "isolated")
        assert found.message == f"{label}: the body holds a key of another case"
        assert (found.want, found.got) == ("nothing of any other request", f"no {foreign.decode()}")
        assert judged(evidence(case, {label: saying(b"no " + own)}), "isolated").verdict is Verdict.PASS
    unmarked = replace(evidence(case, {"alone-none": saying(b"no " + foreign)}), own=None)
    assert judged(unmarked, "isolated").verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("value", "verdict"), [(b"one", Verdict.PASS), (b"11 in bytes", Verdict.PASS), (b"12 of bytes.", Verdict.FAIL)]
)
def test_a_short_value_may_stand_in_the_text_of_an_error_by_chance(value: bytes, verdict: Verdict) -> None:
    case = placed(FLOW)
    first = replace(case.holdings[0], value=value)
    case = replace(case, holdings=(first, *case.holdings[1:]))
    page = b"<p>Not found. Served by backend " + value + b"</p>"
    assert judged(evidence(case, {"shared-3-none": saying(page)}), "isolated").verdict is verdict
    assert judged(evidence(case, {"alone-none": saying(page), "shared-3-none": saying(page)}), "isolated").verdict is (
        Verdict.PASS
    )


def test_a_header_with_the_key_of_another_question_is_not_its_own() -> None:
    case = placed(FLOW)
    keys = {ask.label: ask.fields["key"] for ask in case.asks}
    foreign, own = keys["shared-1-pair"], keys["shared-2-same"]
    assert own not in foreign
    for label, key in (("shared-2-same", foreign), ("alone-same", foreign), ("shared-3-none", own)):
        seen = evidence(case, {label: having("X-Key", f"/{key}")})
        found = judged(seen, "isolated")
        assert found.message == f"{label}: a header holds the key of another question"
        assert (found.want, found.got) == ("nothing of it", f"X-Key: /{key}")
        assert judged(replace(seen, own=None), "isolated").verdict is Verdict.PASS
    for said in (own, own.upper(), f"{own}-more", case.key.partition("-")[0], "1"):
        assert judged(evidence(case, {"shared-2-same": having("X-Key", said)}), "isolated").verdict is Verdict.PASS


def spelled(pair: str, same: str) -> Case:
    """The case with other spellings of two of its keys."""
    case = placed(FLOW)
    labels = {ask.label: ask.fields["key"] for ask in case.asks}
    new = {labels["alone-pair"]: pair, labels["alone-same"]: same}
    asks = []
    for ask in case.asks:
        key = new.get(ask.fields["key"], ask.fields["key"])
        asks.append(replace(ask, target=f"/get2?key={key}", fields={**ask.fields, "key": key}))
    return replace(case, asks=tuple(asks))


def test_a_header_may_hold_its_own_key_in_another_spelling() -> None:
    word = placed(FLOW).key.partition("-")[0]
    for foreign, own in ((f"{word}-a", f"{word}%2Da"), (f"{word}-a", f"{word}-A"), (f"{word}-A", f"{word}-a")):
        seen = evidence(spelled(foreign, own), {"alone-same": having("X-Key", foreign)})
        assert "a header holds" not in judged(seen, "isolated").message


def test_a_header_may_hold_what_is_no_key_of_this_run() -> None:
    seen = evidence(spelled("5", "6"), {"alone-same": having("Keep-Alive", "timeout=5")})
    assert "a header holds" not in judged(seen, "isolated").message


def test_a_version_of_0_says_nothing_of_a_key_that_is_not_there() -> None:
    for labels in (ALONE, SHARED):
        for change in (having("Version", "0"), without("Version")):
            seen = evidence(placed(FLOW), {label: change for label in labels if label.endswith("none")})
            assert judged(seen, "isolated").verdict is Verdict.PASS
    for label in ("alone-same", "shared-2-same"):
        assert judged(evidence(placed(FLOW), {label: having("Version", "0")}), "isolated").verdict is Verdict.FAIL
        assert judged(evidence(placed(FLOW), {label: without("Version")}), "isolated").verdict is Verdict.FAIL
    both = {"alone-same": having("Version", "0"), "shared-2-same": without("Version")}
    assert judged(evidence(placed(FLOW), both), "isolated").message.startswith("shared-2-same: another version")
    offset = {"shared-3-none": having("Val-Offset", "0")}
    assert judged(evidence(placed(FLOW), offset), "isolated").message.startswith("shared-3-none: another val-offset")


def test_a_value_may_hold_the_key_of_another_case() -> None:
    case, foreign = placed(FLOW), placed(CONFLICT).key.encode()
    holding = replace(case, holdings=tuple(replace(one, value=one.value + foreign) for one in case.holdings))
    seen = evidence(holding)
    assert any(foreign in one.response.body for one in seen.exchanges if one.response)
    assert judged(seen, "isolated").verdict is Verdict.PASS


def test_what_was_not_answered_whole_is_not_compared() -> None:
    for kind in (FaultKind.RESET, FaultKind.TIMEOUT):
        for labels in (ALONE, SHARED):
            seen = evidence(placed(FLOW), dict.fromkeys(labels, fault(kind)))
            found = judged(seen, "isolated")
            assert found.message == "no question was answered both alone and in company"
            assert found.verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "first",
    [fault(FaultKind.RESET), lambda r: r.raw()[:-1], lambda r: r.raw()[:30]],
    ids=["none", "cut", "cut in the head"],
)
def test_each_question_is_compared_whatever_came_of_those_before_it(first: Change) -> None:
    for label in (SHARED[0], ALONE[0]):
        seen = evidence(placed(FLOW), {label: first, "shared-6-same": having("Version1", "1")})
        found = judged(seen, "isolated")
        assert found.message.startswith("shared-6-same: another version1"), (label, found.message)
        assert judged(evidence(placed(FLOW), {label: first}), "isolated").verdict is Verdict.PASS


def test_what_is_asked_alone_is_compared_with_nothing() -> None:
    case = placed(FLOW)
    alone = replace(case, asks=tuple(ask for ask in case.asks if ask.label.startswith("alone")))
    assert judged(evidence(alone), "isolated").verdict is Verdict.NOT_APPLICABLE


def test_answers_that_change_places_are_not_isolated() -> None:
    case = placed("together-eight")
    asks = {ask.label: ask for ask in case.asks}
    swapped = {"beside-1-k0": "beside-3-k2", "beside-3-k2": "beside-1-k0"}
    made = [exchange(ask, right(case, asks[swapped.get(label, label)]), label) for label, ask in asks.items()]
    state = situation(case)
    found = set(breached(Evidence(case, tuple(made), before=state, after=state)))
    assert {"get2.safe.isolated", "get2.request.own-value"} <= found


@pytest.mark.parametrize(
    ("label", "change", "meant"),
    [
        ("alone-same", being(500), STATUS_M),
        ("shared-2-same", fault(FaultKind.TIMEOUT), STATUS_M),
        ("shared-5-split", fault(FaultKind.RESET), STATUS_C),
        ("alone-none", being(200), NONE),
        ("shared-3-none", being(500), M_STATUS),
    ],
)
def test_every_question_of_several_is_judged_by_its_status(label: str, change: Change, meant: str) -> None:
    assert meant in breached(evidence(placed(FLOW), {label: change}))


def test_what_was_not_asked_at_the_same_time_shows_nothing_of_it() -> None:
    case = placed("together-eight")
    asks = {ask.label: ask for ask in case.asks}
    state = situation(case)

    def made(swapped: Mapping[str, str]) -> Evidence:
        asked = (exchange(ask, right(case, asks[swapped.get(label, label)]), label) for label, ask in asks.items())
        return Evidence(case, tuple(asked), before=state, after=state, one_by_one=True)

    found = judged(made({}), "isolated")
    assert (found.verdict, found.message) == (Verdict.NOT_APPLICABLE, ONE_BY_ONE)
    assert judged(made({"beside-1-k0": "beside-3-k2"}), "isolated").verdict is Verdict.FAIL, "a mix is one anyway"


def test_what_is_not_judged_may_be_answered_otherwise_than_alone() -> None:
    """Nor needs it to be asked alone at all."""
    case = placed("connection-after-nuls-and-long-questions")
    label = "shared-1-nuls"
    wrong = evidence(case, {label: saying(b"another value")})
    assert judged(wrong, "isolated").verdict is Verdict.FAIL
    asks = tuple(replace(ask, judged=False) if ask.label == label else ask for ask in case.asks)
    alone = replace(wrong.case, asks=tuple(ask for ask in asks if ask.label != "alone-nuls"))
    for left in (replace(wrong.case, asks=asks), alone):
        assert judged(replace(wrong, case=left), "isolated").verdict is Verdict.PASS
