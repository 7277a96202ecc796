"""The cases of data that is there already: one for each key, some of several keys, some that need no data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kvgate.case import Ask, Case, Holding
from kvgate.interface import load_interface
from kvgate.level import Level
from kvgate.observe.naming import name_of, name_of_group
from kvgate.seeding.spelling import decoded
from kvgate.verdict import Held

from .stating import expected

States = Mapping[str, Mapping[str, Held]]  # by key, then by master

MASTERS = ("master1", "master2")
KINDS = (
    "same value, same version",
    "same value, versions differ",
    "values differ, same version",
    "values differ, versions differ",
    "missing on master1",
    "missing on master2",
    "missing on both masters",
)
PAGE_CASES = KINDS[:4]
CANNOT_SHOW = ""
_COMPANY = 6  # keys of a case of several questions
_IN_COMPANY = (
    *("get2.safe.isolated", "get2.safe.read-only"),
    *("get2.status.match", "get2.status.conflict", "get2.missing.no-success", "get2.missing.status"),
)


def kind(held: Mapping[str, Held]) -> str:
    """Which of KINDS the masters hold: the four cases of the page, or what is missing."""
    first, second = (held[place] for place in MASTERS)
    if first.value is None and second.value is None:
        return KINDS[6]
    if first.value is None or second.value is None:
        return KINDS[4] if first.value is None else KINDS[5]
    return KINDS[2 * (first.value != second.value) + (first.version != second.version)]


def observed(states: States, seed: int) -> tuple[Case, ...]:  # noqa: ARG001  # as in every suite
    """A case for each key, and two of as many outcomes as there are: on one connection, and at one time."""
    alone = tuple(_alone(key, held) for key, held in states.items())
    some = _of_each_kind(states)
    if len(some) < 2:
        return alone
    return (*alone, _together(some, states, connection="shared"), _together(some, states, together="all"))


def restated(case: Case, states: States) -> Case:
    """The case with what its masters hold now."""
    if case.asks[0].label == "first":
        return _alone(case.key, states[case.key])
    return replace(case, **_stated(dict.fromkeys(ask.fields["key"] for ask in case.asks), states))


def unread(key: str) -> Case:
    """The case of a key of which nothing is known: it has no outcome to be held to."""
    return _case(name_of(key), "observed", key, (_ask("first", key),), {})


def without_data(fixtures: Mapping[str, Case]) -> tuple[Case, ...]:
    """The cases of fixtures that ask without a key, or for one that carries the run's mark and that nobody holds."""
    return tuple(
        replace(case, holdings=())
        for case in fixtures.values()
        if len(case.asks) == 1 and case.asks[0].method == "GET" and case.level is Level.MUST
        # A parameter of another name says nothing where nobody holds its key.
        if (case.expect.get("no_key") and "{key}" not in case.asks[0].target) or not case.holdings
    )


def _alone(key: str, held: Mapping[str, Held]) -> Case:
    return _case(
        name_of(key),
        f"observed: {kind(held)}",
        key,
        (_ask("first", key),),
        _kept(key, held),
        expect=expected(*(held[place] for place in MASTERS)),
        tags=frozenset({"key"} if "%" in key else ()),
    )


def _of_each_kind(states: States) -> tuple[str, ...]:
    """Some keys, of as many kinds as there are."""
    by_kind: dict[str, list[str]] = {}
    for key, held in states.items():
        if _level(key) is Level.MUST:
            by_kind.setdefault(kind(held), []).append(key)
    turns = (key for turn in range(_COMPANY) for keys in by_kind.values() for key in keys[turn : turn + 1])
    return tuple(turns)[:_COMPANY]


def _together(
    keys: Sequence[str], states: States, *, connection: str | None = None, together: str | None = None
) -> Case:
    word = "one-connection" if connection else "one-time"
    alone = [_ask(f"alone-{number}", key) for number, key in enumerate(keys, start=1)]
    # There and back again, so that each has another one before it once.
    beside = [
        replace(_ask(f"beside-{number}", key), connection=connection, together=together)
        for number, key in enumerate((*keys, *reversed(keys)), start=1)
    ]
    name, why = name_of_group(word, keys[0]), "observed: several keys, each alone and in company"
    case = _case(name, why, keys[0], (*alone, *beside), {}, only=_IN_COMPANY)
    return replace(case, **_stated(keys, states))


def _stated(keys: Sequence[str] | Mapping[str, None], states: States) -> dict[str, Any]:
    """Holdings, absent pairs and expectation of a case of several keys."""
    statuses: dict[str, int] = {}
    kept: dict[str, Any] = {"holdings": (), "absent": ()}
    for key in keys:
        statuses[key] = expected(*(states[key][place] for place in MASTERS)).get("status", 404)
        for field, more in _kept(key, states[key]).items():
            kept[field] += more
    return {**kept, "expect": {"statuses": statuses}}


def _kept(key: str, held: Mapping[str, Held]) -> dict[str, Any]:
    there = [(place, its) for place, its in held.items() if its.value is not None]
    return {
        "holdings": tuple(Holding(place, key, its.value or b"", its.version) for place, its in there),
        "absent": tuple((place, key) for place, its in held.items() if its.value is None),
    }


def _case(name: str, why: str, key: str, asks: tuple[Ask, ...], kept: Mapping[str, Any], **more: Any) -> Case:
    plain: dict[str, Any] = {"holdings": (), "absent": (), "expect": {}, "tags": frozenset(), "only": ()}
    level, rulings = _level(key), ()
    fields = {**plain, **kept, **more}
    return Case(
        interface="get2",
        name=name,
        why=why,
        level=level,
        rulings=rulings,
        key=key,
        asks=asks,
        source="observed",
        **fields,
    )


def _level(key: str) -> Level:
    """A NUL in a key is for information only, as in the fixtures."""
    return Level.INFO if b"\0" in decoded(key) else Level.MUST


def _ask(label: str, key: str) -> Ask:
    interface = load_interface("get2")
    return Ask(label, interface.method, interface.target, fields={**interface.fields, "key": key})
