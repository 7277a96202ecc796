"""Which two things come together in a question of some Geode case: a fault that needs both shows nowhere else.

Each way to be answered may be code of its own, so each meets each kind of key, of list, of address and of value, and
each kind of key stands in each place of a list.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from geode_answers import text
from geode_questions import PLACES_IN_LIST, SUCCESSES, WAYS, Asked, at, questions

# Keys

KEYS: dict[str, Callable[[str], bool]] = {
    "a dot": lambda key: "." in key,
    "a plus": lambda key: "+" in key,
    "an encoded character": lambda key: "%" in key and text(key).isascii(),
    "a letter beyond ASCII": lambda key: not text(key).isascii(),
    "digits only": lambda key: text(key).isdigit(),
    "signs of a path": lambda key: any(sign in key for sign in "!$&'()*=:@"),
    "more than 100 characters": lambda key: len(key) > 100,
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("way", WAYS)
def test_each_way_meets_each_kind_of_key(way: str, kind: str) -> None:
    assert any(asked.way == way and any(map(KEYS[kind], asked.keys)) for asked in questions())


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("place", PLACES_IN_LIST)
@pytest.mark.parametrize("way", ["found", "ignored", "missing", "bad-parameter", "no-region"])
def test_each_kind_of_key_stands_in_each_place(way: str, place: str, kind: str) -> None:
    assert any(asked.outcome == way and any(map(KEYS[kind], at(asked.keys, place))) for asked in questions())


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("way", ["found", "ignored"])
def test_a_key_of_each_kind_is_asked_for_twice(way: str, kind: str) -> None:
    for asked in questions():
        if asked.outcome == way and any(KEYS[kind](key) for key, times in Counter(asked.keys).items() if times > 1):
            return
    pytest.fail(f"no {way} answer has {kind} in a key that was asked for twice")


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("way", ["ignored", "missing"])
def test_a_missing_key_is_of_each_kind(way: str, kind: str) -> None:
    assert any(asked.outcome == way and any(map(KEYS[kind], asked.missing)) for asked in questions())


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("way", ["found", "ignored", "missing"])
def test_each_kind_of_key_stands_in_a_long_list(way: str, kind: str) -> None:
    assert any(
        asked.outcome == way and len(asked.keys) > 10 and any(map(KEYS[kind], asked.keys)) for asked in questions()
    )


@pytest.mark.parametrize(
    "kind", [kind for kind in KEYS if kind not in ("a letter beyond ASCII", "more than 100 characters")]
)
@pytest.mark.parametrize("way", ["found", "ignored", "missing"])
def test_the_second_region_is_asked_for_each_kind_of_key(way: str, kind: str) -> None:
    in_second = (asked for asked in questions() if asked.region == "second" and asked.outcome == way)
    assert any(any(map(KEYS[kind], asked.keys)) for asked in in_second)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("way", ["ignored", "missing"])
def test_the_empty_region_is_asked_for_each_kind_of_key(way: str, kind: str) -> None:
    in_empty = (asked for asked in questions() if asked.region == "empty" and asked.outcome == way)
    assert any(any(map(KEYS[kind], asked.keys)) for asked in in_empty)


# Lists and addresses

LISTS: dict[str, Callable[[Asked], bool]] = {
    "two keys": lambda asked: len(asked.keys) == 2,
    "more than 5 keys": lambda asked: len(asked.keys) > 5,
    "more than 20 keys": lambda asked: len(asked.keys) > 20,
    "more than 64 keys": lambda asked: len(asked.keys) > 64,
    "more than 128 keys": lambda asked: len(asked.keys) > 128,
    "a key twice in more than five": lambda asked: len(asked.keys) > 5 and len(set(asked.keys)) < len(asked.keys),
    "an address of more than 2,048": lambda asked: len(asked.ask.target) > 2048,
    "an address of more than 4,096": lambda asked: len(asked.ask.target) > 4096,
    "an address of more than 4,096 for few keys": lambda asked: len(asked.ask.target) > 4096 and len(asked.keys) < 21,
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("way", WAYS)
def test_each_way_meets_each_kind_of_list(way: str, kind: str) -> None:
    assert any(asked.way == way and LISTS[kind](asked) for asked in questions())


@pytest.mark.parametrize("more", [2, 5, 20, 64, 128])
@pytest.mark.parametrize("place", PLACES_IN_LIST)
@pytest.mark.parametrize("way", ["ignored", "missing"])
def test_the_missing_key_stands_in_each_place_of_lists_of_each_length(way: str, place: str, more: int) -> None:
    long = (asked for asked in questions() if asked.outcome == way and len(asked.keys) > more)
    assert any(set(at(asked.keys, place)) & set(asked.missing) for asked in long)


@pytest.mark.parametrize(("way", "more"), [("ignored", 2), ("missing", 2), ("missing", 64)])
@pytest.mark.parametrize("place", PLACES_IN_LIST)
def test_the_only_missing_key_stands_in_each_place(place: str, way: str, more: int) -> None:
    long = (asked for asked in questions() if asked.outcome == way and len(asked.keys) > more)
    assert any(set(at(asked.keys, place)) & set(asked.missing) for asked in long if len(set(asked.missing)) == 1)


# Values


def _nodes(node: object, depth: int = 0) -> Iterator[tuple[object, int]]:
    yield node, depth
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _nodes(inner, depth + 1)


class _Written(str):
    """A number as it is written."""

    __slots__ = ()


@cache
def _document(raw: bytes) -> tuple[tuple[object, int], ...]:
    return tuple(_nodes(json.loads(raw, parse_int=_Written, parse_float=_Written)))


def _number(matches: Callable[[str], bool]) -> Callable[[bytes], bool]:
    return lambda raw: any(isinstance(node, _Written) and matches(node) for node, _ in _document(raw))


def _text_with(matches: Callable[[str], bool]) -> Callable[[bytes], bool]:
    return lambda raw: any(type(node) is str and matches(node) for node, _ in _document(raw))


def _name_with(matches: Callable[[str], bool]) -> Callable[[bytes], bool]:
    return lambda raw: any(isinstance(node, dict) and any(map(matches, node)) for node, _ in _document(raw))


def _node(matches: Callable[[object, int], bool]) -> Callable[[bytes], bool]:
    return lambda raw: any(matches(node, depth) for node, depth in _document(raw))


VALUES: dict[str, Callable[[bytes], bool]] = {
    "a letter beyond ASCII": _text_with(lambda text: any("\x7f" < c < "\ud800" for c in text)),
    "a character beyond the basic plane": _text_with(lambda text: any(c > "\uffff" for c in text)),
    "a quotation mark": _text_with(lambda text: '"' in text),
    "a backslash": _text_with(lambda text: "\\" in text),
    "a control character": _text_with(lambda text: any(c < " " for c in text)),
    "markup": _text_with(lambda text: any(c in text for c in "<>&")),
    "an empty text": _text_with(lambda text: text == ""),
    "a blank at an end": _text_with(lambda text: text != text.strip(" ")),
    "an exponent": _number(lambda digits: "e" in digits.lower()),
    "a number below zero": _number(lambda digits: digits.startswith("-")),
    "a fraction": _number(lambda digits: "." in digits),
    "an integer beyond a double": _number(lambda digits: digits.lstrip("-").isdigit() and abs(int(digits)) > 2**53),
    "an integer of more than 32 bits": _number(
        lambda digits: digits.lstrip("-").isdigit() and abs(int(digits)) > 2**32
    ),
    "true or false": _node(lambda node, _: isinstance(node, bool)),
    "a null": _node(lambda node, _: node is None),
    "an empty document": lambda raw: json.loads(raw) == {},
    "an empty object": _node(lambda node, depth: depth > 0 and node == {}),
    "an empty array": _node(lambda node, _: node == []),
    "an array": _node(lambda node, _: isinstance(node, list) and len(node) > 1),
    "an array of objects": _node(
        lambda node, _: isinstance(node, list) and any(isinstance(each, dict) for each in node)
    ),
    "an array of more than 100": _node(lambda node, _: isinstance(node, list) and len(node) > 100),
    "more than fifty members": _node(lambda node, _: isinstance(node, dict) and len(node) > 50),
    "more than ten levels": _node(lambda _, depth: depth > 10),
    "@type": _name_with(lambda name: name == "@type"),
    "a name beyond ASCII": _name_with(lambda name: not name.isascii()),
    "a name with a quotation mark": _name_with(lambda name: '"' in name),
    "more than 8,192 bytes": lambda raw: len(raw) > 8192,
    "more than 65,536 bytes": lambda raw: len(raw) > 65536,
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("way", [*SUCCESSES, "missing"])
def test_each_way_meets_each_kind_of_value(way: str, kind: str) -> None:
    assert any(asked.way == way and any(map(VALUES[kind], asked.values)) for asked in questions())


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("way", ["found", "ignored"])
def test_the_second_region_is_asked_for_each_kind_of_value(way: str, kind: str) -> None:
    in_second = (asked for asked in questions() if asked.region == "second" and asked.outcome == way)
    assert any(any(map(VALUES[kind], asked.values)) for asked in in_second)


@pytest.mark.parametrize("way", SUCCESSES)
def test_a_long_list_has_an_answer_of_more_than_65536_bytes(way: str) -> None:
    assert any(asked.way == way and len(asked.keys) > 100 and asked.size > 65536 for asked in questions())


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("way", ["found", "ignored"])
def test_each_kind_of_value_stands_at_both_ends_of_an_answer(way: str, place: str, kind: str) -> None:
    end = 0 if place == "first" else -1
    with_values = (asked for asked in questions() if asked.outcome == way and asked.values)
    assert any(VALUES[kind](asked.values[end]) for asked in with_values)


@pytest.mark.parametrize("beside", ["before", "after"])
@pytest.mark.parametrize("kind", VALUES)
def test_each_kind_of_value_stands_before_and_after_a_null(kind: str, beside: str) -> None:
    for asked in questions():
        if asked.outcome != "ignored":
            continue
        held = {text(one.key): one.value for one in asked.case.holdings if one.place == asked.region}
        found = [held.get(text(key)) for key in asked.keys]
        pairs = list(itertools.pairwise(found if beside == "before" else found[::-1]))
        if any(one is not None and other is None and VALUES[kind](one) for one, other in pairs):
            return
    pytest.fail(f"no ignored answer has {kind} right {beside} a null")


# The table itself


def test_no_kind_is_met_by_every_question() -> None:
    """A kind that every question has would demand nothing."""
    seen: Counter[str] = Counter()
    for asked in questions():
        seen.update({f"list: {kind}" for kind, matches in LISTS.items() if matches(asked)})
        seen.update({f"key: {kind}" for kind, matches in KEYS.items() if any(map(matches, asked.keys))})
        seen.update({f"value: {kind}" for kind, matches in VALUES.items() if any(map(matches, asked.values))})
    assert len(seen) == len(LISTS) + len(KEYS) + len(VALUES)
    assert max(seen.values()) < len(questions())


def test_names_of_ways_are_those_of_questions() -> None:
    assert {asked.way for asked in questions()} == set(WAYS)
    assert all(re.fullmatch("[a-z -]+", way) for way in WAYS)
