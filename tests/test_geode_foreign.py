"""What belongs to another question is found in an error and in Content-Location; what is the server's own is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from geode_answers import BASE, Change, Reply, breached, conforming, evidence, exchange, findings, placed

from kvgate.verdict import Verdict

ISOLATED, KEYS, REPEATABLE = "geode.safe.isolated", "geode.location.names-keys", "geode.safe.repeatable"


def accused(name: str, only: str, change: Change) -> frozenset[str]:
    return frozenset(breached(findings(evidence(placed(name), change, only=only))))


def values_of(name: str, label: str) -> tuple[bytes, list[object]]:
    """The body that another question of a case gets, and its values."""
    case = placed(name)
    body = conforming(case, next(ask for ask in case.asks if ask.label == label)).values()
    return body, next(iter(json.loads(body).values()))


@pytest.mark.parametrize(
    "make",
    [
        lambda body, _: body,
        lambda _, values: {"cause": "no", "data": [{"deep": values[0]}]},
        lambda body, _: {"cause": "no", "data": json.loads(body)},
        lambda body, _: "no " + body.decode(),
        lambda body, _: b"<pre>" + body + b"</pre>",
        lambda _body, _: {"cause": "no", "orders": [{"id": 1, "text": "the first of the long list"}]},
    ],
)
def test_values_of_another_question_in_an_error_are_accused(make: Callable[[bytes, list[object]], object]) -> None:
    case = placed("one-connection-values")
    label = next(ask.label for ask in case.asks if ask.label == "short")
    body, values = values_of(case.name, "alone-long")
    made = make(body, values)
    wrong: Change = lambda reply: replace(  # noqa: E731
        reply.saying(made if isinstance(made, bytes) else json.dumps(made)), status=400
    )
    found = breached(findings(evidence(case, wrong, only=label)))
    assert "error" in found[ISOLATED].message or "keys of another" in found[ISOLATED].message


@pytest.mark.parametrize(
    "document",
    [
        {"id": 1},
        {"cause": "no such region", "id": 3, "errors": [{"id": 1}, {"id": 2}]},
        {"orders": [{"key": "x", "reason": "missing"}, {"key": "y", "reason": "missing"}]},
        {"orders": ["x", "y"]},
        {"errors": {"orders": [], "items": []}},
        [1, 2, True, None, {}, []],
    ],
)
def test_small_things_in_an_error_are_no_values_of_others(document: object) -> None:
    for name, only in (("one-connection-errors", "no-region"), ("row-of-no-regions", "row-7")):
        assert ISOLATED not in accused(name, only, lambda reply: reply.saying(json.dumps(document)))


def test_an_address_is_one() -> None:
    def before(between: str) -> Change:
        return lambda r: replace(r, location=f"{BASE}/{r.region}/p,q{between}{BASE}/{r.region}/{','.join(r.keys)}")

    for between in (", ", ",", " "):
        assert KEYS in accused("three-sorted", "first", before(between)), between
    # A list of one's own keys and a path before the interface's own are an address.
    for location in ("/p,q/geode/v1/{}/{}", "http://h/orders/x,y/{}/{}", "{}/{}", ""):
        change: Change = lambda r, form=location: replace(  # type: ignore[misc]  # noqa: E731
            r, location=form.format(r.region, ",".join(r.keys))
        )
        assert KEYS not in accused("three-sorted", "first", change), location


def test_an_empty_location_is_a_reference_to_what_was_asked_for() -> None:
    def empty(reply: Reply) -> Reply:
        return replace(reply, location="", headers=(*reply.headers, ("Content-Location", "")))

    assert not accused("three-sorted", "first", empty)


def test_keys_of_another_question_anywhere_in_the_location_are_accused() -> None:
    others = next(ask for ask in placed("one-connection-values").asks if ask.label == "alone-long").fields["keys"]
    for prefix in ("/".join((BASE, "orders", ",".join(others))), "/" + "%2C".join(others)):

        def behind(reply: Reply, prefix: str = prefix) -> Reply:
            return replace(reply, location=f"{prefix}/{reply.region}/{','.join(reply.keys)}")

        found = accused("one-connection-values", "short", behind)
        assert ISOLATED in found
        assert KEYS not in found


@pytest.mark.parametrize("header", ["Content-Location", "content-location", "X-Keys"])
def test_keys_of_another_case_are_accused_in_the_location_only(header: str) -> None:
    """Another header may count requests by what they ask for; an address is of what was asked."""
    case, stranger = placed("one-connection-errors"), placed("three-sorted").asks[0].fields["keys"][0]
    label = "missing-others"
    change: Change = lambda reply: reply.having(header, f"{BASE}/orders/{stranger}")  # noqa: E731
    found = breached(findings(evidence(case, change, only=label)))
    if header == "X-Keys":
        assert not found
    else:
        told = found[ISOLATED]
        assert "Content-Location names keys of another case" in told.message
        assert (told.want, told.got) == (
            next(ask.target for ask in case.asks if ask.label == label), f"{header}: {BASE}/orders/{stranger}"
        )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("abcdefgh " * 2 + "abcdef", True),
        ("abcdefgh " * 2 + "abcde", False),
        ("ab" * 20, False),
        ("abc" * 8, True),
        ({"one": 1, "more": [2, 3, 4, 5]}, True),
        ({"one": 1, "more": [2, 3, 4]}, False),
        ([1, 2, 3, 4, 5, 6, 7, 8], False),
    ],
)
def test_accused_is_what_nobody_says_by_chance(value: object, told: bool) -> None:
    case = placed("one-connection-values")
    short = next(ask for ask in case.asks if ask.label == "short")
    other = next(h for h in case.holdings if h.key not in short.fields["keys"])
    holdings = tuple(replace(h, value=json.dumps(value).encode()) if h is other else h for h in case.holdings)
    wrong: Change = lambda r: replace(r.saying(json.dumps({"cause": "no", "of": value})), status=400)  # noqa: E731
    found = breached(findings(evidence(replace(case, holdings=holdings), wrong, only="short")))
    assert (ISOLATED in found and "in the error" in found[ISOLATED].message) is told


@pytest.mark.parametrize(
    ("status", "document", "told"),
    [
        (400, '{"orders":[11,12]}', True),
        (400, '{"cause":[{"orders":[12,null]}]}', True),
        (400, '{"items":[13,11,12]}', True),
        (404, '{"orders":[12,12]}', True),
        (400, '{"orders":[11]}', False),
        (400, '{"orders":[null,null]}', False),
        (400, '{"orders":[11,12,"no"]}', False),
        (400, '{"orders":[11,12],"more":1}', False),
        (400, '{"orders":11,"items":12}', False),
        (400, '{"lines":[11,12]}', False),
        (400, '[11,12]', False),
        (400, '["orders",[11,12]]', False),
        (400, '"orders"', False),
        (200, '{"orders":[11,12]}', False),
    ],
)  # fmt: skip
def test_the_array_of_another_question_in_an_error_is_accused(status: int, document: str, told: bool) -> None:
    case = placed("one-connection-values")
    given = dict(zip("abcde", (b"11", b"12", b"13", b"4", b"5"), strict=True))
    case = replace(case, holdings=tuple(replace(h, value=given[h.key[-1]]) for h in case.holdings))
    wrong: Change = lambda r: replace(r.saying(document), status=status)  # noqa: E731
    found = breached(findings(evidence(case, wrong, only="short")))
    said = found[ISOLATED].message if ISOLATED in found else ""
    region = "items" if "items" in document else "orders"
    assert ("the values of" in said) is (f"the values of {region} are in the error" in said) is told


def test_what_stands_beside_the_values_of_a_200_is_for_others_to_judge() -> None:
    case = placed("one-connection-values")
    long = next(json.loads(h.value) for h in case.holdings if h.key.endswith("a"))
    wrong: Change = lambda r: r.saying(json.dumps({**json.loads(r.values()), "more": long}))  # noqa: E731
    found = breached(findings(evidence(case, wrong, only="short")))
    assert "geode.body.region-member" in found
    assert "in the error" not in (found[ISOLATED].message if ISOLATED in found else "")


@pytest.mark.parametrize(("quoted", "told"), [("part", False), ("own", False), ("other", True)])
def test_a_text_that_is_a_part_of_ones_own_is_not_that_of_another(quoted: str, told: bool) -> None:
    texts = {"part": "what stands in both of the values", "other": "what stands in the value of another"}
    texts["own"] = f"and {texts['part']}, too"
    case = placed("one-connection-values")
    given = dict(zip("abcde", ("part", "other", "other", "own", "own"), strict=True))
    case = replace(
        case, holdings=tuple(replace(h, value=json.dumps(texts[given[h.key[-1]]]).encode()) for h in case.holdings)
    )
    wrong: Change = lambda r: replace(r.saying(f"no {texts[quoted]}"), status=400)  # noqa: E731
    found = breached(findings(evidence(case, wrong, only="short")))
    assert (ISOLATED in found and "is in the error" in found[ISOLATED].message) is told


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("application/json; charset=utf-8", True),
        ('application/json ;a="b, c;\\"d" ; ', True),
        ("application/json;", True),
        ("application/json;charset=utf-8, text/html;charset=utf-8", False),
        ("application/json;charset=utf-8 text/html", False),
        ('application/json;a="b', False),
        ("application/json;charset", False),
    ],
)
def test_a_type_has_parameters_and_no_second_type(written: str, right: bool) -> None:
    found = accused("three-sorted", "first", lambda reply: reply.having("Content-Type", written))
    assert ("geode.type.json" not in found) is right


@pytest.mark.parametrize(
    ("case", "clause"),
    [
        ("missing-first", "error.json"),
        ("empty-region-bad-parameter", "error.json-parameter"),
        ("no-region", "type.other-errors"),
    ],
)
def test_an_error_that_is_said_to_be_packed_is_accused(case: str, clause: str) -> None:
    found = accused(case, "first", lambda reply: reply.having("Content-Encoding", "gzip"))
    assert f"geode.{clause}" in found
    assert ("geode.type.other-errors" in found) is (clause == "type.other-errors")


def test_two_servers_may_tell_one_error_in_two_ways() -> None:
    def otherwise(reply: Reply) -> Reply:
        told = {"status": reply.status, "message": json.loads(reply.values())}
        return reply.saying(json.dumps({**told, "path": f"/geode/v1/{reply.region}/{','.join(reply.asked)}"}))

    for name in ("missing-first", "no-region", "empty-region-bad-parameter"):
        assert REPEATABLE not in accused(name, "again", otherwise)
    assert REPEATABLE not in accused("no-region", "again", lambda reply: reply.having("Content-Type").saying(b""))
    assert REPEATABLE in accused("missing-first", "again", lambda reply: reply.saying(json.dumps("other words")))


def test_an_error_may_name_what_is_missing_by_the_address_alone() -> None:
    def by_address(reply: Reply) -> Reply:
        return reply.saying(json.dumps({"not found": f"/geode/v1/{reply.region}/{','.join(reply.asked)}"}))

    assert REPEATABLE not in accused("missing-all", "again", by_address)
    assert REPEATABLE in accused("missing-all", "again", lambda reply: reply.saying(json.dumps("not found")))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"text": "the first of the long list", "of": "it"}, True),
        ({"text": "the first of the long", "of": "it"}, False),
        ("the first of the long list", True),
        (["the first of the long list"], False),
    ],
)
def test_a_value_is_found_whole_where_it_has_a_long_text(value: object, told: bool) -> None:
    case = placed("one-connection-values")
    given = {"a": value, "b": 2, "c": 3, "d": 4, "e": 5}
    case = replace(case, holdings=tuple(replace(h, value=json.dumps(given[h.key[-1]]).encode()) for h in case.holdings))
    wrong: Change = lambda r: replace(r.saying(json.dumps({"of": [value]})), status=400)  # noqa: E731
    found = breached(findings(evidence(case, wrong, only="short")))
    said = found[ISOLATED].message if ISOLATED in found else ""
    assert ("a value that was not asked for is in the error" in said) is told


def test_bytes_behind_an_answer_that_is_not_judged_are_accused() -> None:
    case = placed("one-connection-after-other-kinds")
    right = evidence(case)
    assert not breached(findings(right))
    head = next(ask for ask in case.asks if ask.label == "head-before-found")
    garbled = exchange(head, head.label, replace(conforming(case, head), after=b"{}", closed=False))
    exchanges = tuple(garbled if one.label == head.label else one for one in right.exchanges)
    found = breached(findings(replace(right, exchanges=exchanges)))
    assert found[ISOLATED].verdict is Verdict.FAIL
    assert found[ISOLATED].exchange == head.label


def test_bytes_behind_an_answer_of_the_surroundings_are_not_held_against_the_server() -> None:
    case = placed("one-connection-after-other-kinds")
    change: Change = lambda reply: replace(reply.saying(b""), status=503, after=b"{}", closed=False)  # noqa: E731
    judged = next(ask.label for ask in case.asks if case.expect[ask.label]["outcome"] != "unjudged")
    found = {one.requirement: one for one in findings(evidence(case, change, only=judged))}
    assert found[ISOLATED].verdict is Verdict.NO_VERDICT


@pytest.mark.parametrize(
    ("says", "again", "told"),
    [
        ("close", "never", False), ("close", "at once", True), ("close", "at last", True),
        ("close", "ever after", True), ("keep-alive", "never", True),
    ],
)  # fmt: skip
def test_bytes_behind_an_answer_are_before_the_next_only_where_there_can_be_one(
    says: str, again: str, told: bool
) -> None:
    case = placed("one-connection-after-other-kinds")
    right = evidence(case)
    at = next(index for index, ask in enumerate(case.asks) if ask.label == "head-before-found")
    head, last = case.asks[at], len(case.asks) - 1
    reply = replace(conforming(case, head).having("Connection", says), after=b"{}", closed=says == "close")
    on_one = {"never": [], "at once": [at + 1], "at last": [last], "ever after": [*range(at + 1, last + 1)]}[again]
    exchanges = tuple(
        replace(
            exchange(head, head.label, reply) if index == at else one,
            connection="one" if index in (at, *on_one) else f"another {index}",
        )
        for index, one in enumerate(right.exchanges)
    )
    assert (ISOLATED in breached(findings(replace(right, exchanges=exchanges)))) is told
