"""Reads a waivers file and checks that each waiver names a requirement and cases that exist."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from kvgate.case import load_cases
from kvgate.case.generated import is_generated
from kvgate.errors import InputError
from kvgate.observe.naming import is_observed
from kvgate.places import interface_names
from kvgate.requirement import load_profile_requirements, load_requirements
from kvgate.schema import nearest, problems
from kvgate.tomlfile import describe, line_of, read_toml, shown_path
from kvgate.waiver.model import Waiver

_SCHEMA = "kvgate/waivers.schema.json"


@dataclass(frozen=True, slots=True)
class Known:
    """What a waiver of one interface may name."""

    requirements: Collection[str]
    cases: Collection[str]


def load_waivers(path: Path, *, interfaces: Sequence[str] | None = None) -> tuple[Waiver, ...]:
    """The waivers of a file, in its order (keys: docs/waivers.md).

    `interfaces` are those it may name, all there are by default: a file serves runs that test only one of them.
    Raises InputError: file, line, key, what was expected, and the nearest known name.
    """
    names = interface_names() if interfaces is None else interfaces
    return read_waivers(path, {name: _known(name) for name in names})


def _known(interface: str) -> Known:
    requirements = {**load_requirements(interface), **load_profile_requirements(interface)}
    return Known(requirements.keys(), load_cases(interface).keys())


def read_waivers(path: Path, known: Mapping[str, Known]) -> tuple[Waiver, ...]:
    """The waivers of a file, checked against what each interface knows."""
    data = read_toml(path, what="waivers file")
    text = path.read_text(encoding="utf-8")
    plain = _without_dates(data)
    for problem in problems(_SCHEMA, plain):
        raise InputError(describe(path, text, problem, plain))
    waivers: dict[tuple[str, str, str], Waiver] = {}
    for index, row in enumerate(plain.get("waiver", [])):

        def where(key: str, index: int = index) -> str:
            at = ("waiver", index, key)
            return f"{path}:{line_of(text, at)}: {shown_path(at)}"

        waiver = _waiver(row, known, where, f"{path}:{line_of(text, ('waiver', index))}")
        same = waivers.setdefault((waiver.requirement, waiver.case, waiver.observed), waiver)
        if same is not waiver:
            raise InputError(f"{waiver.source}: the same requirement, case and observed behaviour as {same.source}")
    return tuple(waivers.values())


def _waiver(row: Mapping[str, Any], known: Mapping[str, Known], where: Any, source: str) -> Waiver:
    requirement, case = row["requirement"], row["case"]
    owner = next((name for name, its in known.items() if requirement in its.requirements), None)
    if owner is None:
        everything = [name for its in known.values() for name in its.requirements]
        raise InputError(f"{where('requirement')}: unknown requirement '{requirement}'{_near(requirement, everything)}")
    cases = known[owner].cases
    # What keys a run that observes will find is not known before, nor which cases one that explores generates.
    told_later = is_observed(case) or is_generated(case)
    if not told_later and not any(fnmatchcase(name, case) for name in cases):
        raise InputError(f"{where('case')}: no case of {owner} is called '{case}'{_near(case, list(cases))}")
    try:
        expires = datetime.date.fromisoformat(row["expires"])
    except ValueError:
        raise InputError(f"{where('expires')}: no such day: {row['expires']}") from None
    texts = {key: row[key].strip() for key in ("observed", "reason", "owner", "issue")}
    return Waiver(interface=owner, requirement=requirement, case=case, expires=expires, source=source, **texts)


def _near(name: str, known: Sequence[str]) -> str:
    """The nearest name only: a whole catalogue would be no clear line."""
    near = nearest(name, known)
    return near if near.startswith(" (did") else " (see `kvgate list`)"


def _without_dates(node: Any) -> Any:
    """TOML dates as texts, so that a schema can speak of them."""
    if isinstance(node, dict):
        return {key: _without_dates(child) for key, child in node.items()}
    if isinstance(node, list):
        return [_without_dates(child) for child in node]
    return node.isoformat() if isinstance(node, datetime.date | datetime.time) else node
