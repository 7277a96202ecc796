"""Two answers to one question say the same, or differ in one thing that is told, however they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kvgate.strictjson import Value, read
from kvgate.verdict import Answer, NotApplicable, Unjudged
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.reader import read_response
from suites.geode.meaning import contrast, meaning_of
from suites.geode.question import Question
from suites.geode.reading import read_values

STORED: dict[str, Value] = {"a": read(b'{"n":1}'), "b": read(b'{"n":2}')}
JSON = "application/json"
Told = tuple[str, str, str] | None


def asked(*keys: str) -> Question:
    missing = frozenset(key for key in keys if key not in STORED)
    return Question(
        "first", "GET", "/orders/" + ",".join(keys), "orders", keys, keys, "found", (200,), missing, STORED, ()
    )


def answer(body: str, keys: str | None = "a,b", *, status: int = 200, types: tuple[str, ...] = (JSON,)) -> Answer:
    lines = [f"Content-Type: {one}" for one in types] + [f"Content-Location: /orders/{keys}"] * (keys is not None)
    head = "".join(f"{line}\r\n" for line in lines)
    raw = f"HTTP/1.1 {status} OK\r\n{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()
    response, fault = read_response(raw, "GET", closed=True)
    assert response is not None
    return Answer(
        Exchange("first", "", Request("GET", "/"), response, fault, raw, len(raw), 0.0, 0.0, "first"), response
    )


def orders(*elements: str) -> str:
    return f'{{"orders":[{",".join(elements)}]}}'


ONE, TWO = '{"n":1}', '{"n":2}'
RIGHT = orders(ONE, TWO)


def told(one: Answer, other: Answer, *keys: str) -> Told:
    question = asked(*(keys or ("a", "b")))
    back = contrast(meaning_of(question, other), meaning_of(question, one))
    found = contrast(meaning_of(question, one), meaning_of(question, other))
    assert back == (found if found is None else (found[0], found[2], found[1]))
    return found


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        (answer(RIGHT), answer(RIGHT), None),
        (answer(RIGHT), answer(RIGHT, status=201), ("the status differs", "status 200", "status 201")),
        (answer(RIGHT, status=400), answer(RIGHT, status=404), ("the status differs", "status 400", "status 404")),
        (answer(RIGHT), answer(RIGHT, types=("text/html",)), ("Content-Type differs", JSON, "text/html")),
        (answer(RIGHT), answer(RIGHT, types=()), ("Content-Type differs", JSON, "none")),
        (answer(RIGHT), answer(RIGHT, types=(JSON, "x")), ("Content-Type differs", JSON, f"{JSON}, x")),
        (answer(RIGHT), answer(RIGHT, types=("Application/JSON ; charset=utf-8",)), None),
        (answer(RIGHT), answer(RIGHT, types=(f"{JSON};a;b",)), None),
        (answer(RIGHT), answer(orders('{"n": 1.0}', TWO)), None),
        (answer(RIGHT), answer(orders(TWO, ONE), "b,a"), None),
        (answer(RIGHT), answer(RIGHT, None), None),
        (answer(RIGHT), answer(orders(TWO, ONE), None), None),
        (answer(RIGHT), answer(orders(TWO, ONE)), ("the value of a differs", '{"n": 1}', '{"n": 2}')),
        (answer(RIGHT), answer(orders(ONE, "{}")), ("the value of b differs", '{"n": 2}', "{}")),
        (answer(RIGHT), answer(orders(ONE)), ("the values differ", '[{"n": 1}, {"n": 2}]', '[{"n": 1}]')),
        (answer(RIGHT), answer(orders(ONE, "3"), None), ("the values differ", '[{"n": 1}, {"n": 2}]', '[{"n": 1}, 3]')),
        (answer(orders(ONE), None), answer(orders(ONE), None), None),
        (answer(RIGHT), answer("{}"), ("the body differs", '{"orders": [{"n": 1}, {"n": 2}]}', "{}")),
        (answer(RIGHT), answer("no"), ("the body differs", '{"orders": [{"n": 1}, {"n": 2}]}', "no")),
        (answer("no"), answer("no"), None),
        (answer("no"), answer("yes"), ("the body differs", "no", "yes")),
        (answer('{"a":[1]}'), answer('{"a": [1.0]}'), None),
        (answer('{"a":[1]}'), answer('{"a":[2]}'), ("the body differs", '{"a": [1]}', '{"a": [2]}')),
        (answer('"a is gone"', status=400), answer('{"gone": "a"}', status=400), None),
        (answer('"a"', status=400), answer('"b"', status=400), ("other keys are named", "a", "b")),
        (answer('"a"', status=400), answer('""', status=400), ("other keys are named", "a", "none")),
        (answer('"a b"', status=400), answer("a.b", status=400), None),
        (answer('"a b"', status=400), answer("a", status=400), ("other keys are named", "a, b", "a")),
    ],
)  # fmt: skip
def test_answers_differ_in_what_they_say(one: Answer, other: Answer, difference: Told) -> None:
    assert told(one, other) == difference


def test_a_key_asked_for_twice_may_be_answered_once_the_one_time_and_twice_the_other() -> None:
    twice = answer(orders(ONE, TWO, ONE), None)
    once = answer(orders(TWO, ONE), None)
    assert told(twice, once, "a", "b", "a") is None
    assert told(twice, answer(orders(TWO, "{}"), None), "a", "b", "a") is not None
    # Of keys asked for once each, a value that is there twice is one too many.
    assert told(answer(orders(ONE, TWO, ONE), None), answer(orders(ONE, TWO), None)) is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("x y", "x", True), ("x", "y", True), ("", "", True), ("x", "", False), ("x", "x a", False), ("a", "x", False)],
)
def test_an_error_may_stop_at_another_key_that_is_missing(one: str, other: str, same: bool) -> None:
    def named(keys: str) -> Answer:
        return answer(f'"({keys})"', status=400)

    assert (told(named(one), named(other), "a", "x", "y") is None) is same


@pytest.mark.parametrize(
    ("outcome", "status", "compared"),
    [
        ("found", 200, True), ("ignored", 200, True), ("missing", 400, True), ("found", 400, True),
        ("bad-parameter", 200, True), ("bad-parameter", 400, False), ("no-region", 404, False), ("missing", 404, False),
    ],
)  # fmt: skip
def test_types_are_compared_where_they_must_be_of_json(outcome: str, status: int, compared: bool) -> None:
    question = replace(asked("a", "b"), outcome=outcome)
    one, other = (
        meaning_of(question, answer(RIGHT, status=status, types=types)) for types in ((JSON,), ("text/html",))
    )
    assert contrast(one, other) == (("Content-Type differs", JSON, "text/html") if compared else None)


def test_at_most_five_names_are_told() -> None:
    keys = ("a", *"cdefgh")
    found = told(answer('"c d e f g h"', status=400), answer('"nothing"', status=400), *keys)
    assert found == ("other keys are named", "c, d, e, f, g", "none")


def test_what_did_not_arrive_whole_says_nothing() -> None:
    whole = answer(RIGHT).exchange
    response, fault = read_response(whole.raw[:-3], "GET", closed=True)
    assert response is not None
    with pytest.raises(NotApplicable, match="did not arrive whole"):
        meaning_of(asked("a", "b"), Answer(replace(whole, response=response, fault=fault), response))


def test_what_was_kept_in_part_says_nothing() -> None:
    whole = answer(orders("1", "2"))
    for more in (1, 90):
        kept = replace(whole.response, body_length=whole.response.body_length + more)
        with pytest.raises(Unjudged, match=f"beyond what is read: {kept.body_length} bytes"):
            meaning_of(asked("a", "b"), Answer(whole.exchange, kept))


def test_a_success_names_nothing_and_an_error_has_no_values() -> None:
    for status, named in ((200, frozenset()), (201, {"a"}), (400, {"a"})):
        assert meaning_of(asked("a", "b"), answer('"a"', status=status)).named == named
    assert meaning_of(asked("a", "b"), answer(RIGHT, status=400)).values is None
    assert meaning_of(asked("a", "b"), answer(RIGHT)).values is not None


def test_which_element_is_of_which_key() -> None:
    def by_key(body: str, keys: str | None, *of: str) -> dict[str, Value] | None:
        found = meaning_of(asked(*of), answer(body, keys)).by_key
        return None if found is None else dict(found)

    one, two = STORED["a"], STORED["b"]
    assert by_key(RIGHT, "a,b", "a", "b") == {"a": one, "b": two}
    assert by_key(RIGHT, "b,a", "a", "b") == {"b": one, "a": two}
    assert by_key(RIGHT, None, "a", "b") == {"a": one, "b": two}
    assert by_key(RIGHT, None, "b", "a") is None
    assert by_key(orders(ONE), "a,b", "a", "b") is None
    assert by_key(orders(ONE, "null"), None, "a", "x") == {"a": one, "x": None}


@pytest.mark.parametrize(
    ("keys", "location", "elements", "order", "located", "counted"),
    [
        (("a", "b"), "b,a", (TWO, ONE), ("b", "a"), True, True),
        (("a", "b"), "b,a", (TWO,), ("b", "a"), True, False),
        (("a", "b"), "b,c", (ONE, TWO), ("a", "b"), False, True),
        (("a", "b"), None, (ONE, TWO), ("a", "b"), False, True),
        (("a", "b", "a"), None, (ONE, TWO), ("a", "b"), False, True),
        (("a", "b", "a"), None, (ONE, TWO, ONE), ("a", "b", "a"), False, True),
        (("a", "b", "a"), "b,a", (TWO, ONE), ("b", "a"), True, True),
        (("a", "b", "a"), "b,a,a", (TWO, ONE, ONE), ("b", "a", "a"), True, True),
        (("a", "b", "a"), None, (ONE,), ("a", "b"), False, False),
    ],
)  # fmt: skip
def test_what_the_elements_of_an_array_stand_for(
    keys: tuple[str, ...], location: str | None, elements: tuple[str, ...], order: tuple[str, ...], located: bool,
    counted: bool,
) -> None:  # fmt: skip
    found = read_values(asked(*keys), answer(orders(*elements), location))
    assert (found.order, found.located, found.counted) == (order, located, counted)
    assert [element.key for element in found.paired()] == (list(order) if counted else [])
    assert found.settled is counted


@pytest.mark.parametrize("body", ["no", "[]", "{}", '{"orders":{}}', '{"items":[]}', '"orders"'])
def test_what_has_no_array_under_the_name_of_the_region_has_no_values(body: str) -> None:
    with pytest.raises(NotApplicable):
        read_values(asked("a", "b"), answer(body))


def test_what_was_stored_but_not_asked_for_is_known() -> None:
    question = replace(asked("a", "x"), elsewhere=(read(b"{}"), STORED["a"]))
    assert question.unrequested == (STORED["b"], read(b"{}"))
    assert asked("a", "b", "a").distinct == ("a", "b")
    assert (question.want("a"), question.want("x")) == (STORED["a"], None)
