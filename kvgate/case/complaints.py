"""What a schema cannot say of a case: what would end a run with an error of ours, or be judged as nobody meant it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

from kvgate.case.model import Ask, Case
from kvgate.case.value import value_of
from kvgate.errors import InputError
from kvgate.interface import Interface
from kvgate.level import Level
from kvgate.requirement import load_profile_requirements, load_profile_rulings, load_requirements, load_rulings
from kvgate.schema import Problem, nearest
from kvgate.strictjson import NotJson, TooMuch, read
from kvgate.wire.exchange import Request
from kvgate.wire.request import check_request

Row = Mapping[str, Any]
_Path = tuple[str | int, ...]
# What a ruling says where it takes demands back to a level.
LOWERED = {Level.SHOULD: "should", Level.INFO: "observed"}
REASON = "; no ruling: "


def complaints(row: Row, case: Case, interface: Interface) -> Iterator[Problem]:
    """What is wrong with the case that a row of a fixture stands for, each at its place in the row.

    `interface` is the one whose fixture it stands in, since others borrow it with its rulings.
    """
    yield from _of_requests(row, case)
    yield from _of_labels(row, case)
    if case.asks and not any(ask.judged for ask in case.asks):
        yield Problem(
            ("ask",), "no question of the case is judged: leave judged out of the one that the case is there for"
        )
    yield from _of_names(case, interface.name)
    yield from _of_level(case, interface.name)
    yield from _of_values(row, interface)
    yield from _of_expectations(row, case)
    if "former_times" in row and not case.former:
        yield Problem(("former_times",), "how often former states are asked for, and there is none: add former")


def _places(row: Row, key: str) -> list[_Path]:
    """Where each question of a row stands; one that is asked several times stands there once."""
    found = row.get(key, {})
    rows = enumerate(found) if isinstance(found, list) else [(None, found)]
    return [path for at, each in rows for path in repeat((key,) if at is None else (key, at), each.get("times", 1))]


def _of_requests(row: Row, case: Case) -> Iterator[Problem]:
    places = [*_places(row, "ask"), *(_places(row, "hung_up") if case.hung_up else ())]
    for place, ask in zip(places, (*case.asks, *case.hung_up), strict=True):
        try:
            check_request(Request(ask.method, _target(ask), ask.headers, ask.body, without=ask.without))
        except InputError as error:
            yield Problem(place, str(error))


def _target(ask: Ask) -> str:
    """The target with all but marks filled in: those can stand in any."""
    target = ask.target
    for name, value in ask.fields.items():
        target = target.replace("{" + name + "}", ",".join(value) if isinstance(value, list) else str(value))
    return target


def _of_labels(row: Row, case: Case) -> Iterator[Problem]:
    labels: set[str] = set()
    for place, ask in zip(_places(row, "ask"), case.asks, strict=True):
        if ask.label in labels:
            yield Problem((*place, "label"), f"another question is called '{ask.label}' already: give each its own")
        labels.add(ask.label)


def _of_names(case: Case, owner: str) -> Iterator[Problem]:
    requirements = {**load_requirements(owner), **load_profile_requirements(owner)}
    for at, name in enumerate(case.only):
        if name not in requirements:
            near = nearest(name, list(requirements))
            # A whole catalogue would be no clear line.
            hint = near if near.startswith(" (did") else "; `kvgate list` shows what there is"
            yield Problem(("only", at), f"unknown requirement '{name}'{hint}")
    for at, name in enumerate(case.rulings):
        if name not in load_rulings(owner) and name not in load_profile_rulings(owner):
            yield Problem(
                ("rulings", at), f"unknown ruling '{name}': suites/{owner}/requirements.toml has what there is"
            )


def _of_level(case: Case, owner: str) -> Iterator[Problem]:
    rulings = load_rulings(owner)
    if case.level is Level.MUST or case.why.partition(REASON)[2]:
        return
    if not any(LOWERED[case.level] in rulings[name].decision.lower() for name in case.rulings if name in rulings):
        yield Problem(
            ("level",),
            f"{case.level} needs a ruling that says so (rulings = [...]), or '{REASON}' and the reason in why",
        )


def _of_values(row: Row, interface: Interface) -> Iterator[Problem]:
    # What is put in place by way of REST goes there as JSON, and a server refuses what is none.
    if "rest" not in interface.seeding:
        return
    former = row.get("former", {})
    states: list[tuple[_Path, Any]] = [(("stored",), row.get("stored", {}))]
    if isinstance(former, list):
        states.extend((("former", at), state) for at, state in enumerate(former))
    else:
        states.append((("former",), former))
    for path, state in states:
        for place, holdings in state.items():
            for key, held in holdings.items():
                fault = _not_json(value_of(held))
                if fault is not None:
                    yield Problem((*path, place, key), f"expected a JSON object: {fault}")


# One value after the other may be the same, and a long one at that.
@functools.lru_cache(maxsize=16)
def _not_json(value: bytes) -> str | None:
    try:
        return None if isinstance(read(value), dict) else "this is another kind of value"
    except TooMuch:
        return None
    except NotJson as error:
        return str(error)


def _of_expectations(row: Row, case: Case) -> Iterator[Problem]:
    asked = {ask.fields.get("key") for ask in case.asks}
    for key in case.expect.get("statuses", {}):
        if key not in asked:
            yield Problem(("expect", "statuses", key), "no question is about this key")
    labelled = all(isinstance(said, Mapping) and "outcome" in said for said in case.expect.values())
    if labelled:
        yield from _of_labelled(case)
    for place, ask in zip(_places(row, "ask"), case.asks, strict=True):
        said = case.expect.get(ask.label, {}) if labelled else case.expect
        path = ("expect", _label(row, place, ask)) if labelled else ("expect",)
        missing = said.get("missing")
        keys = ask.fields.get("keys", ())
        for key in missing if isinstance(missing, list) else ():
            if key not in keys:
                yield Problem((*path, "missing"), f"{key} is not asked for")


def _label(row: Row, place: _Path, ask: Ask) -> str:
    """The label of a question as it stands in the row, where one that is asked several times has one."""
    node: Any = row
    for step in place:
        node = node[step]
    return str(node.get("label", ask.label))


def _of_labelled(case: Case) -> Iterator[Problem]:
    labels = [ask.label for ask in case.asks]
    for label in case.expect:
        if label not in labels:
            yield Problem(("expect", label), f"no question has this label{nearest(label, labels)}")
    for label in labels:
        if label not in case.expect:
            yield Problem(("expect",), f"nothing is said of the question '{label}'")
