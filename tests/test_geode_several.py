"""Each answer of a case is judged, whatever came of those before it; and what excuses a check is told apart from a pass."""
# ruff: noqa: E501  # one row of answers a line is what a reader runs an eye over

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from geode_answers import MARK, Change, Reply, conforming, evidence, exchange, findings, placed
from geode_changes import SWAP, element, elements, fault, location, status, type_

from kvgate.verdict import Evidence, Finding, Held, Situation, Verdict
from kvgate.wire.exchange import Exchange, Fault, FaultKind
from kvgate.wire.headers import Header

FAIL, PASS, NONE, UNJUDGED = Verdict.FAIL, Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NO_VERDICT
RESET = fault(FaultKind.RESET)


def no_date(reply: Reply) -> Reply:
    return reply.having("Date")


def no_location(reply: Reply) -> Reply:
    return replace(reply, location="")


def no_type(reply: Reply) -> Reply:
    return reply.having("Content-Type")


def no_body(reply: Reply) -> Reply:
    return no_type(reply).saying(b"")


def chunked(reply: Reply) -> Reply:
    return replace(reply, length=None)


def short(reply: Reply) -> Reply:
    return replace(reply, length="3")


def half(reply: Reply) -> bytes:
    return reply.raw()[:-5]


def several(name: str, changes: Mapping[str, Change]) -> Evidence:
    """The right answers to a case, but for those of the labels named; `*` is for all the others."""
    case = placed(name)
    asks = [(ask, ask.label) for ask in case.asks]
    asks += [(case.asks[0], "again")] * (len(asks) == 1)
    made = [
        exchange(a, label, changes.get(label, changes.get("*", lambda r: r))(conforming(case, a))) for a, label in asks
    ]
    return replace(evidence(case), exchanges=tuple(made))


def judged(seen: Evidence, clause: str) -> Finding:
    return next(finding for finding in findings(seen, strict=True) if finding.requirement == f"geode.{clause}")


@pytest.mark.parametrize(
    ("clause", "case", "changes", "verdict"),
    [
        ("body.strict-json", "one-connection-values", {"alone-long": status(500), "short": elements(lambda _: ["}"])}, FAIL),
        ("body.strict-json", "one-connection-values", {"alone-long": status(503), "short": elements(lambda _: ["}"])}, FAIL),
        ("body.strict-json", "one-connection-values", {"alone-long": lambda r: r.saying(b"[" * 300), "short": elements(lambda _: ["}"])}, FAIL),
        ("body.region-member", "one-connection-values", {"alone-long": lambda r: r.saying(b"[" * 300), "short": lambda r: r.saying(b"{}")}, FAIL),
        ("body.value-intact", "one-connection-values", {"alone-long": status(503), "long-again": element(0, "{}")}, FAIL),
        ("status.found", "one-connection-values", {"alone-long": status(503), "long-again": status(404)}, FAIL),
        ("request.served", "kinds-of-clients-found", {"content-type": status(429), "no-accept": status(500)}, FAIL),
        ("length.true", "one-connection-values", {"alone-long": status(503), "long-again": short}, FAIL),
        ("type.json", "one-connection-values", {"alone-long": status(503), "long-again": no_type}, FAIL),
        ("safe.isolated", "one-connection-values", {"alone-long": status(503), "short": element(0, "{}")}, FAIL),
        ("safe.read-only", "reading-changes-nothing", {"between": status(503), "after": element(0, "{}")}, FAIL),
        ("error.json", "kinds-of-clients-missing", {"content-type": lambda r: r.saying(b"[" * 300), "no-accept": lambda r: r.saying(b"x")}, FAIL),
        ("parameter.values", "one-connection-parameter", {"*": lambda r: r}, PASS),
        ("body.strict-json", "one-connection-values", {"alone-long": status(503)}, UNJUDGED),
        ("status.found", "one-connection-values", {"alone-long": status(503)}, UNJUDGED),
        ("safe.isolated", "one-connection-values", {"alone-long": status(503)}, UNJUDGED),
        ("body.region-member", "one-connection-values", {"alone-long": RESET, "short": lambda r: r.saying(b"{}")}, FAIL),
        ("body.one-per-key", "one-connection-values", {"alone-long": RESET, "short": elements(lambda f: f[:1])}, FAIL),
        ("body.one-per-key", "one-connection-values", {"alone-long": lambda r: r.saying(b"{}"), "short": elements(lambda f: f[:1])}, FAIL),
        ("body.aligned", "one-connection-values", {"alone-long": RESET, "long-again": SWAP}, FAIL),
        ("body.aligned", "one-connection-values", {"*": lambda r: no_location(replace(r, elements=r.elements[::-1]))}, NONE),
        ("body.missing-null", "one-connection-nulls-after-values", {"all-nulls": element(1, "{}")}, FAIL),
        ("body.value-intact", "one-connection-nulls-after-values", {}, PASS),
        ("body.value-intact", "one-connection-values", {"alone-long": RESET, "long-again": element(0, "{}")}, FAIL),
        ("type.json", "one-connection-values", {"alone-long": status(500), "long-again": no_type}, FAIL),
        ("type.json", "one-connection-values", {"*": status(500)}, NONE),
        ("type.json", "one-connection-values", {"*": RESET}, NONE),
        ("type.other-errors", "one-connection-errors", {"alone-no-region": status(500), "no-region": no_type}, FAIL),
        ("type.other-errors", "one-connection-errors", {"alone-no-region": no_body, "no-region": no_type}, FAIL),
        ("type.other-errors", "one-connection-errors", {"alone-no-region": RESET, "no-region": type_("text/plain")}, FAIL),
        ("type.other-errors", "one-connection-errors", {"alone-no-region": no_body}, PASS),
        ("type.other-errors", "no-region", {"*": no_body}, NONE),
        ("type.other-errors", "no-region", {"*": lambda r: r.saying(b"")}, NONE),
        ("type.other-errors", "bad-yes", {"*": no_body}, FAIL),
        ("type.other-errors", "bad-yes", {"*": RESET}, NONE),
        ("length.true", "one-connection-values", {"alone-long": RESET, "long-again": short}, FAIL),
        ("length.true", "one-connection-values", {"alone-long": chunked, "long-again": short}, FAIL),
        ("length.true", "one-connection-values", {"alone-long": chunked}, PASS),
        ("length.true", "one-connection-values", {"long-again": chunked}, PASS),
        ("length.true", "one-connection-values", {"*": chunked}, NONE),
        ("length.true", "one-connection-values", {"*": RESET}, NONE),
        ("length.true", "three-sorted", {"*": half}, FAIL),
        ("length.true", "three-sorted", {"*": lambda r: half(chunked(r))}, NONE),
        ("length.true", "three-sorted", {"*": lambda r: replace(r, status=304, length="30", body=b"")}, NONE),
        ("length.true", "three-sorted", {"*": lambda r: replace(r, status=204, length="30", body=b"")}, NONE),
        ("date.valid", "one-connection-values", {"alone-long": RESET, "short": lambda r: r.having("Date", "now")}, FAIL),
        ("date.valid", "one-connection-values", {"alone-long": no_date, "short": lambda r: r.having("Date", "now")}, FAIL),
        ("date.valid", "one-connection-values", {"*": no_date, "short": lambda r: r}, PASS),
        ("date.valid", "one-connection-values", {"*": no_date}, NONE),
        ("location.sent", "one-connection-values", {"alone-long": RESET, "short": no_location}, FAIL),
        ("location.sent", "three-sorted", {"again": no_location}, FAIL),
        ("location.names-keys", "one-connection-values", {"alone-long": no_location, "short": location(lambda u: u + ",x")}, FAIL),
        ("location.names-keys", "three-sorted", {"*": no_location}, NONE),
        ("location.names-keys", "three-sorted", {"first": no_location, "again": location(lambda u: u + ",x")}, FAIL),
        ("error.json", "one-connection-errors", {"alone-missing": RESET, "missing": lambda r: r.saying(b"no")}, FAIL),
        ("error.names-missing", "one-connection-errors", {"alone-missing": RESET, "missing": lambda r: r.saying(b'"no"')}, FAIL),
        ("error.names-missing", "missing-all", {"*": lambda r: r.saying(f'{{"path": "/{r.region}/{",".join(r.asked)}"}}')}, PASS),
        ("safe.read-only", "reading-changes-nothing", {"before": RESET, "once-more": element(0, "{}")}, FAIL),
        ("safe.read-only", "reading-creates-no-region", {"before": RESET, "ignored": RESET}, NONE),
        ("request.served", "control", {"*": status(499)}, PASS),
        ("request.served", "control", {"*": status(500)}, FAIL),
        ("safe.isolated", "same-keys-in-other-orders", {"bca-false": status(400)}, PASS),
        ("safe.isolated", "one-connection-values", {"*": RESET}, NONE),
        ("safe.isolated", "one-connection-values", {"alone-short": RESET, "long-again": element(0, "{}")}, FAIL),
    ],
)  # fmt: skip
def test_each_answer_is_judged_whatever_came_of_the_others(
    clause: str, case: str, changes: Mapping[str, Change], verdict: Verdict
) -> None:
    found = judged(several(case, changes), clause)
    assert found.verdict is verdict, (found.message, found.want, found.got)


def test_what_was_not_answered_shows_nothing_and_the_reason_says_so() -> None:
    for case, clause, told in (
        ("reading-changes-nothing", "safe.read-only", "no question was answered twice"),
        ("one-connection-values", "safe.isolated", "nothing was answered"),
    ):
        found = judged(several(case, {"*": RESET}), clause)
        assert (found.verdict, found.message) == (NONE, told)


@pytest.mark.parametrize(
    ("late", "verdict", "message"),
    [
        (lambda r: r, PASS, ""),
        (status(500), FAIL, "asked at the end of the run, the status differs"),
        (element(1, "{}"), FAIL, "asked at the end of the run, the value of {key} differs"),
        (RESET, FAIL, "asked at the end of the run, there is no answer"),
    ],
)
def test_what_is_answered_at_the_end_of_the_run_is_held_against_the_first_answer(
    late: Change, verdict: Verdict, message: str
) -> None:
    seen, case = several("three-sorted", {}), placed("three-sorted")
    last = exchange(case.asks[0], "late", late(conforming(case, case.asks[0])))
    found = judged(replace(seen, exchanges=(*seen.exchanges, last)), "safe.repeatable")
    assert (found.verdict, found.message) == (verdict, message.format(key=case.asks[0].fields["keys"][1]))


def saying(body: str) -> Change:
    return lambda reply: reply.saying(body)


def having(name: str, value: str) -> Change:
    return lambda reply: reply.having(name, value)


def test_a_header_may_hold_its_own_keys_and_no_others() -> None:
    name = "one-connection-values"
    word = MARK.words(name)
    for own in (f"{word}d", f"{word}d,{word}e", f"{word}D", word, "a"):
        assert judged(several(name, {"short": having("X-Keys", own)}), "safe.isolated").verdict is PASS, own
    for foreign in (f"{word}a", f"{word}d,{word}c"):
        found = judged(several(name, {"short": having("X-Keys", foreign)}), "safe.isolated")
        assert found.message == "a header holds the key of another question"
        assert (found.want, found.got) == ("nothing of it", f"X-Keys: {foreign}")


@pytest.mark.parametrize(
    ("foreign", "own", "said", "verdict"),
    [
        ("{}z", "{}y", b"{}z", FAIL),
        ("{}%FF", "{}y", b"{}\xff", FAIL),
        ("{}%C3%A9", "{}y", "{}\u00e9".encode(), FAIL),
        ("{}%FF", "{}%ff", b"{}\xff", PASS),
        ("{}z", "{}%7A", b"{}z", PASS),
        ("{}z", "{}Z", b"{}z", PASS),
        ("{}Z", "{}z", b"{}Z", PASS),
        ("{}z", "{}y", b"{}Z", PASS),
        ("5", "6", b"timeout=5", PASS),
    ],
)
def test_a_header_may_hold_its_own_keys_in_any_spelling(foreign: str, own: str, said: bytes, verdict: Verdict) -> None:
    case = placed("one-connection-values")
    word = MARK.words(case.name)
    keys = {"alone-long": foreign.format(word), "short": own.format(word)}
    asks = tuple(
        replace(
            ask,
            target=ask.target.replace("/orders/", f"/orders/{keys[ask.label]},"),
            fields={**ask.fields, "keys": [keys[ask.label], *ask.fields["keys"]]},
        )
        if ask.label in keys
        else ask
        for ask in case.asks
    )
    held = tuple(replace(case.holdings[0], key=key) for key in dict.fromkeys(keys.values()))
    spelled = replace(case, asks=asks, holdings=(*case.holdings, *held))
    header = (b"X-Keys", said.replace(b"{}", word.encode()))
    made = []
    for ask in asks:
        right = exchange(ask, ask.label, conforming(spelled, ask))
        if ask.label == "short" and right.response is not None:
            right = replace(right, response=replace(right.response, headers=(*right.response.headers, Header(*header))))
        made.append(right)
    found = judged(replace(evidence(spelled), exchanges=tuple(made)), "safe.isolated")
    assert found.verdict is verdict, (found.message, found.want, found.got)


def test_an_error_that_names_a_key_of_another_case_is_not_its_own() -> None:
    told, case = "keys of another case are named", placed("one-connection-errors")
    own, foreign = (f"{MARK.words(name)}q" for name in (case.name, "missing-all"))
    for body in (f"no {foreign} there", f'{{"cause":"no {foreign}"}}', f'"{own} and {foreign}"', f'["{foreign}"]'):
        seen = several(case.name, {"missing": saying(body)})
        assert (judged(seen, "safe.isolated").message, judged(seen, "safe.isolated").want) == (
            told,
            "nothing of any other request",
        )
        assert judged(replace(seen, own=None), "safe.isolated").message != told
    for body in (f'"no {own} there"', '"no kvtest there"', '"kvtestabcde"', '"kvtestABCDEF"'):
        assert judged(several(case.name, {"missing": saying(body)}), "safe.isolated").message != told, body


def test_a_value_may_hold_the_key_of_another_question_or_case() -> None:
    case = placed("one-connection-values")
    for foreign in (case.asks[1].fields["keys"][0], MARK.words("missing-all")):
        first = replace(case.holdings[0], value=f'{{"text": "{foreign}"}}'.encode())
        made = replace(case, holdings=(first, *case.holdings[1:]))
        assert judged(evidence(made), "safe.isolated").verdict is PASS


def test_the_address_that_was_asked_for_names_no_key_of_another_question_however_it_is_encoded() -> None:
    def said(reply: Reply) -> Reply:
        path = f"/geode/v1/{reply.region}/{','.join(reply.asked)}".replace("%20", "+")
        return reply.saying(f'{{"path":"{path}","cause":"no {reply.missing[0].replace("%20", " ")}"}}')

    def mixed(reply: Reply) -> Reply:
        return reply.saying(f'{{"cause":"no {reply.missing[0].replace("%20", " ")}, {reply.asked[0].split("%")[0]}"}}')

    for change, verdict in ((said, PASS), (mixed, FAIL)):
        found = judged(several("together-encoded", {"alone-encoded-missing": change}), "safe.isolated")
        assert found.verdict is verdict, (found.message, found.want, found.got)


def test_what_the_places_hold_is_compared_where_it_was_read_on_both_sides() -> None:
    seen = evidence(placed("reading-changes-nothing"))
    one, other = (Situation({("data", "a"): Held(value)}) for value in (b"1", b"2"))
    for before, after, verdict in (
        (None, None, PASS), (one, None, PASS), (None, one, PASS), (one, one, PASS), (one, other, FAIL),
        (one, Situation({}), PASS), (Situation({}), one, PASS),
    ):  # fmt: skip
        assert judged(replace(seen, before=before, after=after), "safe.read-only").verdict is verdict


def test_of_a_lost_value_the_altered_one_is_told_and_not_anothers_in_its_place() -> None:
    seen = evidence(placed("three-sorted"), elements(lambda found: [found[1], '{"id":9}', found[2]]))
    assert judged(seen, "body.value-intact").got == '{"id": 9}'


def broken(kind: FaultKind) -> Callable[[Exchange], Exchange]:
    return lambda one: replace(one, fault=Fault(kind, "it went wrong"))


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [(FaultKind.FRAMING, FAIL), (FaultKind.RESET, NONE), (FaultKind.TOO_LARGE, NONE), (FaultKind.TRUNCATED, PASS)],
)
def test_a_length_is_not_held_against_a_body_that_broke_off_otherwise(kind: FaultKind, verdict: Verdict) -> None:
    seen = evidence(placed("three-sorted"))
    found = judged(replace(seen, exchanges=tuple(map(broken(kind), seen.exchanges))), "length.true")
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("case", "clause", "kept", "verdict"),
    [
        ("three-sorted", "status.found", b'{"orders":[' + b" " * 100_000, Verdict.NO_VERDICT),
        ("three-sorted", "status.found", b"x" * 100_000, FAIL),
        ("text-longer-than-65535", "status.found", b"x" * 70_000, Verdict.NO_VERDICT),
        ("missing-first", "status.missing", b"x" * 100_000, Verdict.NO_VERDICT),
        ("no-region", "status.no-region", b"x" * 100_000, Verdict.NO_VERDICT),
    ],
)
def test_the_size_limit_of_a_run_is_held_against_nobody_who_keeps_to_what_was_stored(
    case: str, clause: str, kept: bytes, verdict: Verdict
) -> None:
    seen = evidence(placed(case), lambda reply: reply.saying(kept))
    found = judged(replace(seen, exchanges=tuple(map(broken(FaultKind.TOO_LARGE), seen.exchanges))), clause)
    assert found.verdict is verdict
    assert "it went wrong" in (found.message + found.got)


@pytest.mark.parametrize("body", ['{"m":1,"m":2}', '"Requested keys"', '["\\ud800"]'])
def test_the_string_of_the_page_is_looked_for_in_whatever_is_json(body: str) -> None:
    found = judged(several("missing-all", {"*": saying(body)}), "error.form")
    assert (found.verdict, found.message) == (Verdict.OBSERVED, "it is not the string of the page")


def test_keys_may_be_taken_whole_by_an_answer_to_head() -> None:
    case = replace(placed("observed-head"), only=(), name="head-of-its-own", tags=frozenset({"whole", "decoded"}))
    for clause in ("key.whole", "key.decoded"):
        assert judged(evidence(case, lambda reply: reply.saying(b"")), clause).verdict is Verdict.OBSERVED
        assert judged(evidence(case, status(404)), clause).message


@pytest.mark.parametrize("clause", ["length.true", "date.valid", "location.sent", "body.strict-json", "type.json"])
def test_an_answer_to_head_has_no_body_to_be_judged(clause: str) -> None:
    case = replace(placed("observed-head"), only=(), name="head-of-its-own")
    found = judged(evidence(case, lambda reply: replace(reply, length="300", body=b"")), clause)
    assert found.verdict is (Verdict.OBSERVED if clause == "date.valid" else NONE)
    if clause == "type.json":
        assert found.message == "an answer to HEAD has no body"
