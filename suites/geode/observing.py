"""The cases of data that is there already: lists of keys of a region, with and without keys that are missing.

What a region holds was read one key at a time, through the API under test.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kvgate.case import Ask, Case, Holding
from kvgate.interface import load_interface
from kvgate.level import Level
from kvgate.observe.naming import name_of, name_of_group
from kvgate.requirement import load_requirements
from kvgate.seeding.spelling import decoded
from kvgate.verdict import Held

from .stating import IGNORING, expected

States = Mapping[str, Mapping[str, Held]]  # by key, then by the region's role

KINDS = ("there in a region", "there in both regions", "in no region")
PAGE_CASES: tuple[str, ...] = ()
CANNOT_SHOW = (
    "what is stored was read with GETs of one key each, of the same API: what they and the GETs of several keys "
    "get wrong alike cannot be seen"
)
_NOT_IGNORING = "?ignoreMissingKey=false"
_SIZES = (2, 3, 5, 8)
_MOST, _LONGEST = 60, 3000  # keys, and bytes, of one list
_NOBODYS = ("{m}x", "{m}y")  # with the run's mark in them
_NAMES_MISSING = "geode.error.names-missing"
# Texts and short numbers may stand in the words of an error that names no key.
_TELLING = re.compile(rb"(?=.*[^A-Za-z]).{6,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Region:
    """The keys that a region's role holds, and those observed that it lacks."""

    role: str
    there: tuple[str, ...]
    missing: tuple[str, ...]


def kind(held: Mapping[str, Held]) -> str:
    """Which of KINDS the regions hold."""
    return KINDS[(1, 0, 2)[sum(its.value is None for its in held.values())] if len(held) > 1 else _alone(held)]


def _alone(held: Mapping[str, Held]) -> int:
    return 2 if next(iter(held.values())).value is None else 0


def observed(states: States, seed: int) -> tuple[Case, ...]:
    """Lists of the keys of each region, so that each key is asked for several times and beside others."""
    roles = dict.fromkeys(role for held in states.values() for role in held)
    cases: dict[str, Case] = {}
    for role in roles:
        there = [key for key, held in states.items() if held[role].value is not None]
        random.Random(f"{seed} {role}").shuffle(there)  # noqa: S311  # no secret
        lacking = tuple(key for key, held in states.items() if held[role].value is None)
        region = _Region(role, tuple(there), lacking + _NOBODYS)
        for case in _of_region(region):
            cases.setdefault(case.name, restated(case, states))
    return tuple(cases.values())


def restated(case: Case, states: States) -> Case:
    """The case with what its regions hold now; a key that is in no state is nobody's."""
    keys = dict.fromkeys(key for ask in case.asks for key in ask.fields["keys"])
    role = case.asks[0].fields["region"]
    there = [key for key in keys if key in states and states[key][role].value is not None]
    statements = {ask.label: expected(ask.fields["keys"], there, ask.fields["query"]) for ask in case.asks}
    held = [(place, key, its) for key in keys if key in states for place, its in states[key].items()]
    return replace(
        case,
        holdings=tuple(Holding(place, key, its.value) for place, key, its in held if its.value is not None),
        absent=(
            *((place, key) for place, key, its in held if its.value is None),
            *((role, key) for key in keys if key not in states),
        ),
        expect=statements["first"] if len(case.asks) == 1 else statements,
    )


def unread(key: str) -> Case:
    """The case of a key of which nothing is known: it has no outcome to be held to."""
    case = _case(_Region("data", (key,), ()), "unread", (key,), [_ask("first", (key,), "", "data")])
    return replace(case, name=name_of(key), expect={"outcome": "unknown", "status": []}, tags=frozenset())


def without_data(fixtures: Mapping[str, Case]) -> tuple[Case, ...]:
    """The cases of fixtures that store nothing, and whose keys all carry the run's mark: they are nobody's."""
    return tuple(
        case
        for case in fixtures.values()
        if not case.holdings
        and case.level is Level.MUST
        and all(ask.method == "GET" for ask in case.asks)
        and all("{m}" in key or "{n}" in key for ask in case.asks for key in ask.fields["keys"])
    )


def _of_region(region: _Region) -> Iterator[Case]:
    lists = tuple(_lists(region.there))
    for turn, keys in enumerate(lists):
        lack = region.missing[turn % len(region.missing)]
        at = turn % (len(keys) + 1)
        lacking = (*keys[:at], lack, *keys[at:])
        if len(keys) > 1:
            yield _single(region, keys, "")
        yield _single(region, lacking, IGNORING)
        yield _single(region, lacking, ("", _NOT_IGNORING)[turn % 2])
        if turn == 0:
            yield from _of_first_list(region, keys, lacking)
    several = [keys for keys in lists if len(keys) > 1]  # one key alone is another page (E31)
    if len(several) > 1:
        yield _in_company(region, several[0], several[1], "one-connection", connection="one")
        yield _in_company(region, several[0], several[1], "one-time", together="now")
        many = tuple(sorted(region.there)[:_MOST])
        if sum(len(key) + 1 for key in many) <= 2 * _LONGEST:
            yield _single(region, tuple(reversed(many)), "")
    for lack in region.missing[: -len(_NOBODYS)] if not lists else ():
        yield _single(region, (lack, _NOBODYS[0]), IGNORING)


def _of_first_list(region: _Region, keys: tuple[str, ...], lacking: tuple[str, ...]) -> Iterator[Case]:
    """What one list shows as well as many do."""
    if len(keys) > 1:
        yield replace(_single(region, (keys[0], *keys), ""), rulings=("E30",))
    asked = (("before", keys, ""), ("ignored", lacking, IGNORING), ("refused", lacking, _NOT_IGNORING))
    if len(keys) == 1:
        asked = (("before", lacking, IGNORING), ("refused", lacking, ""), ("false", lacking, _NOT_IGNORING))
    asks = [_ask(*one, region.role) for one in (*asked, ("after", *asked[0][1:]))]
    yield _case(region, "again", keys, asks, "read-only", "parameter")


def _lists(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The keys in lists of some lengths, none of them so long that no URL holds it."""
    part: list[str] = []
    size = 0
    for index, key in enumerate(keys, start=1):
        full = len(part) >= _SIZES[size % len(_SIZES)] and index < len(keys)
        if part and (full or sum(map(len, part)) + len(key) > _LONGEST):
            yield tuple(part)
            part, size = [], size + 1
        part.append(key)
    if part:
        yield tuple(part)


def _single(region: _Region, keys: tuple[str, ...], query: str) -> Case:
    word = {"": "", IGNORING: "true", _NOT_IGNORING: "false"}[query]
    return _case(
        region, word, keys, [_ask("first", keys, query, region.role)], "isolated", *(("parameter",) if query else ())
    )


def _in_company(region: _Region, one: tuple[str, ...], two: tuple[str, ...], word: str, **how: str) -> Case:
    alone = [_ask(f"alone-{number}", keys, IGNORING, region.role) for number, keys in enumerate((one, two), start=1)]
    beside = [
        replace(_ask(f"beside-{number}", keys, IGNORING, region.role), **how)  # type: ignore[arg-type]  # of Ask's own
        for number, keys in enumerate((one, two, one, two), start=1)
    ]
    return _case(region, word, (*one, *two), [*alone, *beside], "isolated")


def _case(region: _Region, word: str, keys: Sequence[str], asks: Sequence[Ask], *tags: str) -> Case:
    encoded = ("decoded",) if any("%" in key for key in keys) else ()
    texts = [decoded(key) for key in keys]
    rulings = [*(["E33"] if any(b"." in text for text in texts) else [])]
    telling = all(_TELLING.fullmatch(text) for text in texts if text.decode("latin-1") not in _NOBODYS)
    plain = all(text.isascii() for text in texts)
    more: dict[str, Any] = {"holdings": (), "absent": (), "expect": {}}
    return Case(
        interface="geode",
        name=name_of_group(*filter(None, (region.role, ",".join(map(_shown, keys)), word))),
        why="observed: keys of one region asked for together",
        level=Level.MUST if plain else Level.SHOULD,
        rulings=tuple(rulings if plain else [*rulings, "E34"]),
        key=keys[0],
        asks=tuple(asks),
        tags=frozenset({"whole", "served", *encoded, *tags}),
        only=() if telling else tuple(id_ for id_ in load_requirements("geode") if id_ != _NAMES_MISSING),
        source="observed",
        **more,
    )


def _shown(key: str) -> str:
    return f"nobodys-{key[-1]}" if key in _NOBODYS else key


def _ask(label: str, keys: Sequence[str], query: str, role: str) -> Ask:
    interface = load_interface("geode")
    fields = {**interface.fields, "key": keys[0], "keys": list(keys), "query": query, "region": role}
    return Ask(label, interface.method, interface.target, fields=fields)
