"""Reads suites/<interface>/requirements.toml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from kvgate.level import Level
from kvgate.places import SUITES
from kvgate.tomlfile import read_toml


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause. `lines` are those of the page, as written ("21, 37"); `area` is the middle of the id."""

    id: str
    interface: str
    level: Level
    page: str
    lines: str
    statement: str
    rulings: tuple[str, ...] = ()
    if_sent: bool = False

    @property
    def area(self) -> str:
        """The part of the id between the interface and the clause: `offset` of `get2.offset.cut`."""
        return self.id.split(".")[1]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided where the page is silent or contradicts itself."""

    id: str
    lines: str
    problem: str
    decision: str


@functools.cache
def load_requirements(interface: str) -> Mapping[str, Requirement]:
    """The catalogue by id, in the order of the file. Raises InputError for a faulty file."""
    data = read_toml(SUITES / interface / "requirements.toml", "kvgate/requirements.schema.json", what="catalogue")
    return {
        row["id"]: Requirement(
            id=row["id"],
            interface=interface,
            level=Level(row["level"]),
            page=data["page"],
            lines=row["lines"],
            statement=row["statement"],
            rulings=tuple(row.get("rulings", [])),
            if_sent=row.get("if_sent", False),
        )
        for row in data["requirement"]
    }


@functools.cache
def load_rulings(interface: str) -> Mapping[str, Ruling]:
    """The rulings by id (E1, ...), in the order of the file."""
    data = read_toml(SUITES / interface / "requirements.toml", "kvgate/requirements.schema.json", what="catalogue")
    return {
        row["id"]: Ruling(row["id"], row["lines"], row["problem"], row["decision"]) for row in data.get("ruling", [])
    }
