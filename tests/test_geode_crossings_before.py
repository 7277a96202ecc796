"""What comes before a question of some Geode case: on its connection, at the same time, and in what is stored.

What one answer leaves behind shows in the next; what was remembered shows when one key is changed, in each place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from geode_questions import PLACES_IN_LIST, REFUSED, WAYS, Asked, at, questions

from kvgate.case import states_of

# Connections

LATER: dict[str, Callable[[Asked], bool]] = {
    "after an answer of more than 8,192 bytes": lambda asked: asked.before[-1].size > 8192,
    "after an answer of more than 65,536 bytes": lambda asked: asked.before[-1].size > 65536,
    "after an address of more than 4,096": lambda asked: len(asked.before[-1].ask.target) > 4096,
    "after more than 64 keys": lambda asked: len(asked.before[-1].keys) > 64,
    "after an encoded key": lambda asked: "%" in asked.before[-1].ask.target.partition("?")[0],
}
LATER_ITSELF: dict[str, Callable[[Asked], bool]] = {
    "an answer of more than 8,192 bytes": lambda asked: asked.size > 8192,
    "an answer of more than 65,536 bytes": lambda asked: asked.size > 65536,
    "an address of more than 4,096": lambda asked: len(asked.ask.target) > 4096,
    "more than 64 keys": lambda asked: len(asked.keys) > 64,
    "an encoded key": lambda asked: "%" in asked.ask.target.partition("?")[0],
}


@pytest.mark.parametrize("kind", LATER)
@pytest.mark.parametrize("way", ["found", "ignored", "missing", *REFUSED])
def test_each_outcome_comes_on_a_connection_after_what_is_large(way: str, kind: str) -> None:
    plain = (asked for asked in questions() if asked.before and len(asked.keys) < 4 and asked.size < 200)
    assert any(asked.outcome == way and LATER[kind](asked) for asked in plain)


@pytest.mark.parametrize("kind", LATER_ITSELF)
@pytest.mark.parametrize("way", ["found", "ignored", "missing", *REFUSED])
def test_what_is_large_comes_on_a_connection_after_each_outcome(way: str, kind: str) -> None:
    later = (asked for asked in questions() if asked.before and asked.before[-1].outcome == way)
    assert any(LATER_ITSELF[kind](asked) for asked in later)


@pytest.mark.parametrize("kind", [kind for kind in LATER_ITSELF if not kind.startswith("an address")])
def test_what_is_large_comes_at_the_same_time_as_something_else(kind: str) -> None:
    together = [asked for asked in questions() if asked.ask.together is not None]
    assert any(map(LATER_ITSELF[kind], together))


def test_a_request_arrives_in_pieces_with_each_outcome() -> None:
    assert {asked.outcome for asked in questions() if asked.ask.pieces} == {way.split()[0] for way in WAYS}


def test_a_client_says_that_it_takes_json_with_each_outcome() -> None:
    taking = (asked for asked in questions() if ("Accept", "application/json") in asked.ask.headers)
    assert {asked.outcome for asked in taking} == {way.split()[0] for way in WAYS}


def test_the_last_request_of_a_connection_has_each_outcome() -> None:
    last = (asked for asked in questions() if ("Connection", "close") in asked.ask.headers)
    assert {asked.outcome for asked in last} == {way.split()[0] for way in WAYS}


# What was there before

Change = Callable[[bytes | None, bytes | None], bool]
CHANGES: dict[str, Change] = {
    "replaced": lambda old, new: old is not None and new is not None,
    "removed": lambda old, new: old is not None and new is None,
    "stored": lambda old, new: old is None and new is not None,
}


@cache
def changed_alone() -> tuple[tuple[Asked, str, str], ...]:
    """The questions about a state that differs from the one before in one key: the key, and how it is changed."""
    found = []
    for asked in questions():
        if not asked.case.former:
            continue
        before, after = (
            {(one.place, one.key): one.value for one in state.holdings} for state in states_of(asked.case)[-2:]
        )
        differing = [at for at in {**before, **after} if before.get(at) != after.get(at)]
        if len(differing) == 1:
            old, new = before.get(differing[0]), after.get(differing[0])
            found += [(asked, differing[0][1], how) for how, matches in CHANGES.items() if matches(old, new)]
    return tuple(found)


@pytest.mark.parametrize("place", PLACES_IN_LIST)
@pytest.mark.parametrize("how", CHANGES)
def test_a_key_alone_is_changed_in_each_place(how: str, place: str) -> None:
    assert any(how == done and key in at(asked.keys, place) for asked, key, done in changed_alone())


@pytest.mark.parametrize("how", CHANGES)
def test_a_key_alone_is_changed_in_each_region_and_on_a_connection_that_is_kept(how: str) -> None:
    changed = [asked for asked, _, done in changed_alone() if done == how]
    assert {asked.region for asked in changed} == {"data", "second"}
    assert any(asked.ask.connection is not None for asked in changed)
    assert {asked.outcome for asked in changed} >= {"replaced": {"found", "ignored"}}.get(how, {changed[0].outcome})


def test_what_was_changed_is_changed_back() -> None:
    several = (states_of(asked.case) for asked in questions() if len(asked.case.former) > 1)
    assert {tuple(len(state.holdings) for state in states) for states in several} >= {(2, 1, 2), (1, 2, 1), (2, 2, 2)}
