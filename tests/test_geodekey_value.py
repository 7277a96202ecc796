"""What a wrong bare value, or a wrong error for one key, is accused of, and what it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from geode_answers import Reply
from get2_answers import having, saying
from sibling_answers import Change, breached, evidence, findings, placed

from kvgate.verdict import Finding, Verdict

DEEP = "[" * 100_000


def body(text: str) -> Change:
    return lambda reply: reply.saying(text)


def judged(case: str, clause: str, change: Change) -> Finding:
    return findings(evidence(placed("geodekey", case), change))[f"geodekey.{clause}"]


@pytest.mark.parametrize(
    ("text", "accused"),
    [
        ('{"orders":{"id":1}}', {"body.bare"}),
        ('{"orders":1}', {"body.bare"}),
        ('{"value":{"id":1}}', {"body.bare"}),
        ('{"value":[{"id":1}]}', {"body.bare"}),
        ('{"value":[{"id":1},{"id":1}]}', {"body.value-intact"}),
        ('{"value":[{"id":2}]}', {"body.value-intact"}),
        ('{"value":[]}', {"body.value-intact"}),
        ('{"value":{}}', {"body.value-intact"}),
        ('{"orders":1,"id":1}', {"body.value-intact"}),
        ('{"value":{"id":1},"id":1}', {"body.value-intact"}),
        ("{}", {"body.value-intact"}),
        ('{"id":1.0}', set()),
        ("1", {"body.bare"}),
        ('[{"id":1}]', {"body.bare"}),
        ("null", {"body.bare"}),
    ],
)
def test_a_value_that_is_wrapped_is_told_apart_from_one_that_is_altered(text: str, accused: set[str]) -> None:
    given = evidence(placed("geodekey", "control"), body(text))
    assert set(breached(given)) == {f"geodekey.{clause}" for clause in accused}
    if accused == {"body.bare"}:
        assert findings(given)["geodekey.body.value-intact"].verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("value", [b'{"orders":{"id":1}}', b'{"orders":[]}', b'{"value":[{"value":[]}]}'])
def test_a_value_may_look_like_a_wrapped_one(value: bytes) -> None:
    case = placed("geodekey", "control")
    made = replace(case, holdings=tuple(replace(one, value=value) for one in case.holdings))
    assert not breached(evidence(made))


def test_more_than_is_read_is_more_than_was_stored() -> None:
    found = judged("control", "body.value-intact", body(DEEP))
    assert found.verdict is Verdict.FAIL
    assert "more came back than was stored" in found.message
    assert judged("control", "body.bare", body(DEEP)).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("case", ["missing", "no-region"])
@pytest.mark.parametrize("clause", ["type.errors", "error.json"])
def test_an_error_without_a_body_has_nothing_to_be_judged(case: str, clause: str) -> None:
    for change in (saying(b""), lambda reply: reply.saying(b"").having("Content-Type")):
        found = judged(case, clause, change)
        assert (found.verdict, found.message) == (Verdict.NOT_APPLICABLE, "no 404 has a body")
    assert judged(case, clause, having("X", "y")).verdict is Verdict.PASS


@pytest.mark.parametrize("case", ["missing", "no-region"])
@pytest.mark.parametrize("more", ['"a":1,"a":1', r'"a":"\ud83d"'])
def test_an_error_with_a_member_twice_or_a_lone_surrogate_is_json(case: str, more: str) -> None:
    def told(reply: Reply) -> Reply:
        return reply.saying(b'{"cause":' + reply.values() + f",{more}}}".encode())

    assert judged(case, "error.json", told).verdict is Verdict.PASS
    assert not breached(evidence(placed("geodekey", case), told))
    assert (
        judged(case, "error.json", lambda reply: told(reply).saying(told(reply).values()[:-1])).verdict is Verdict.WARN
    )


def test_each_error_of_a_case_has_to_be_json() -> None:
    case = placed("geodekey", "one-connection")
    twice = evidence(case, body('{"a":1,"a":1}'), "alone-missing")
    broken = evidence(case, body('{"a":1'), "shared-missing").exchanges
    mixed = replace(
        twice,
        exchanges=tuple(broken[at] if one.label == "shared-missing" else one for at, one in enumerate(twice.exchanges)),
    )
    assert findings(twice)["geodekey.error.json"].verdict is Verdict.PASS
    assert findings(mixed)["geodekey.error.json"].verdict is Verdict.WARN


def test_an_error_that_is_not_read_has_no_verdict() -> None:
    assert judged("missing", "error.json", body(DEEP)).verdict is Verdict.NO_VERDICT


def test_a_missing_key_is_taken_whole_in_whatever_words_it_is_told() -> None:
    assert judged("missing-in-this-region", "key.whole", body("no such key")).verdict is Verdict.PASS
