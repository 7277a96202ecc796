"""Reads the cases of fixtures/<interface>/*.toml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from typing import Any

from kvgate.case.complaints import complaints
from kvgate.case.kept import read_fixture
from kvgate.case.model import Ask, Case, Holding
from kvgate.case.value import value_of
from kvgate.errors import InputError
from kvgate.interface import Interface, load_interface
from kvgate.level import Level
from kvgate.places import FIXTURES
from kvgate.schema import Problem
from kvgate.tomlfile import describe, lines_of_tables
from kvgate.wire.exchange import HangUp

_WORTH = 1024  # bytes of a value that it pays to have once


@functools.cache
def load_cases(interface: str) -> Mapping[str, Case]:
    """Every case of an interface by name, in the order of files and lines. Raises InputError for a faulty fixture."""
    cases: dict[str, Case] = {}
    values: dict[bytes, bytes] = {}
    borrowed = [FIXTURES / f"{name}.toml" for name in load_interface(interface).borrowed]
    for path in [*sorted((FIXTURES / interface).glob("*.toml")), *borrowed]:
        for case in read_cases(path, load_interface(interface)):
            if case.name in cases:
                raise InputError(f"{case.source}: case '{case.name}' is there already: {cases[case.name].source}")
            cases[case.name] = _sharing(case, values)
    if not cases:
        raise InputError(f"{FIXTURES / interface}: no cases")
    return cases


def _sharing(case: Case, values: dict[bytes, bytes]) -> Case:
    """The case with values that others have too in the place of copies: they come to half of what a run stores."""

    def shared(holdings: tuple[Holding, ...]) -> tuple[Holding, ...]:
        return tuple(replace(each, value=values.setdefault(each.value, each.value)) for each in holdings)

    if all(len(each.value) < _WORTH for each in (*case.holdings, *chain(*case.former))):
        return case
    return replace(case, holdings=shared(case.holdings), former=tuple(map(shared, case.former)))


def read_cases(path: Path, interface: Interface) -> list[Case]:
    """The cases of one file, checked against schemas/<interface>/cases.schema.json; a borrowed one against its own."""
    owner = path.parent.name if f"{path.parent.name}/{path.stem}" in interface.borrowed else interface.name
    data = read_fixture(path, f"{owner}/cases.schema.json", lambda data: _complain(path, data, load_interface(owner)))
    lines = lines_of_tables(path.read_text(encoding="utf-8"), "case")
    return [
        case_of(row, interface, f"{path.parent.name}/{path.name}:{line}")
        for row, line in zip(data["case"], lines, strict=True)
    ]


def _complain(path: Path, data: Mapping[str, Any], owner: Interface) -> None:
    """Raises InputError for the first thing that is wrong with a case, told at its place in the file."""
    for index, row in enumerate(data["case"]):
        for found in complaints(row, case_of(row, owner, path.name), owner):
            problem = Problem(("case", index, *found.path), found.message)
            raise InputError(describe(path, path.read_text(encoding="utf-8"), problem, data))


_TABLES = frozenset({"stored", "former", "absent"})


def case_of(row: Mapping[str, Any], interface: Interface, source: str) -> Case:
    """The case that one `[[case]]` stands for; `source` says where it was written down."""
    key = interface.full_key(row.get("key", "{m}"))
    holdings: list[Holding] = []
    absent: list[tuple[str, str]] = []
    for where in interface.places:
        # A region may be called `absent`, as a table of the case is.
        if where in row and where not in _TABLES:
            holdings.append(_holding(where, key, row[where]))
        for other, held in row.get("stored", {}).get(where, {}).items():
            holdings.append(_holding(where, interface.full_key(other), held))
        absent.extend((where, interface.full_key(other)) for other in row.get("absent", {}).get(where, []))
    former = row.get("former", [])
    asks = row.get("ask", {})
    rows = _repeated(asks if isinstance(asks, list) else [asks])
    expect = row.get("expect", {})
    return Case(
        interface=interface.name,
        name=row["name"],
        why=row["why"],
        level=Level(row.get("level", "MUST")),
        rulings=tuple(row.get("rulings", [])),
        key=key,
        holdings=tuple(holdings),
        absent=tuple(absent),
        asks=tuple(_ask(ask, interface, key, index) for index, ask in enumerate(rows)),
        expect=_expected_of_each(expect, rows),
        tags=frozenset(row.get("tags", [])),
        only=tuple(f"{interface.name}.{id_.partition('.')[2]}" for id_ in row.get("only", [])),
        source=source,
        former_times=row.get("former_times", 1),
        undisturbed=row.get("undisturbed", False),
        hung_up=_hung_up(row.get("hung_up", []), interface, key),
        former=tuple(_state(state, interface) for state in (former if isinstance(former, list) else [former])),
        aim=row.get("aim"),
    )


# What a row says of the request, and how often it goes out; all else fills in the target.
_OWN = {field.name for field in fields(Ask)} | {"times", "by"}


def _repeated(rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The questions, one that is asked several times in a row under a label for each: `label-1`, `label-2` ..."""
    return [
        {**row, "label": f"{row['label']}-{turn}"} if "times" in row else row
        for row in rows
        for turn in range(1, row.get("times", 1) + 1)
    ]


def _expected_of_each(expect: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """`expect`, what it says of a question that is asked several times said of each."""
    labels: dict[str, list[str]] = {}
    for row in rows:
        if "times" in row:
            labels.setdefault(row["label"].rpartition("-")[0], []).append(row["label"])
    return {label: said for name, said in expect.items() for label in labels.get(name, [name])}


def _ask(row: Mapping[str, Any], interface: Interface, key: str, index: int) -> Ask:
    filled = {**interface.fields, "key": key, **{name: value for name, value in row.items() if name not in _OWN}}
    filled["key"] = interface.full_key(filled["key"])
    return Ask(
        label=row.get("label", "first" if index == 0 else f"ask-{index + 1}"),
        method=row.get("method", interface.method),
        target=row.get("target", interface.target),
        headers=tuple((name, value) for name, value in row.get("headers", {}).items()),
        body=value_of(row.get("body", interface.body)),
        connection=row.get("connection"),
        together=row.get("together"),
        pieces=row.get("pieces", False),
        without=tuple(row.get("without", ())),
        judged=row.get("judged", True),
        fields=filled,
    )


def _hung_up(rows: list[Mapping[str, Any]], interface: Interface, key: str) -> tuple[Ask, ...]:
    """What is asked without waiting for an answer, by each of the clients that do so."""
    return tuple(
        replace(_ask(row, interface, key, 0), hangs_up=HangUp(row["by"]))
        for row in rows
        for _ in range(row.get("times", 1))
    )


def _state(state: Mapping[str, Any], interface: Interface) -> tuple[Holding, ...]:
    """What the places hold, those in the order of the interface."""
    return tuple(
        _holding(where, interface.full_key(key), held)
        for where in interface.places
        for key, held in state.get(where, {}).items()
    )


def _holding(where: str, key: str, held: Any) -> Holding:
    version = held.get("version") if isinstance(held, Mapping) else None
    return Holding(where, key, value_of(held), version)
