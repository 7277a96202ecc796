"""Reads suites/<interface>/requirements.toml, and what profiles demand beyond it: profile-requirements.toml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kvgate.level import Level
from kvgate.places import SUITES
from kvgate.tomlfile import read_toml

_PAGE, _PROFILES = "requirements.toml", "profile-requirements.toml"
_SCHEMA = "kvgate/requirements.schema.json"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause. `lines` are those of the page, as written ("21, 37"); `area` is the middle of the id.

    `of_profile` says that not the page demands it but the facts of a profile.
    """

    id: str
    interface: str
    level: Level
    page: str
    lines: str
    statement: str
    rulings: tuple[str, ...] = ()
    if_sent: bool = False
    of_profile: bool = False

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
    return _requirements(interface, SUITES / interface / _PAGE)


@functools.cache
def load_profile_requirements(interface: str) -> Mapping[str, Requirement]:
    """What profiles of an interface demand beyond its page, by id; empty where no profile does."""
    path = SUITES / interface / _PROFILES
    return _requirements(interface, path, of_profile=True) if path.is_file() else {}


@functools.cache
def load_rulings(interface: str) -> Mapping[str, Ruling]:
    """The rulings by id (E1, ...), in the order of the file."""
    return _rulings(SUITES / interface / _PAGE)


@functools.cache
def load_profile_rulings(interface: str) -> Mapping[str, Ruling]:
    """The rulings that only profiles need, by id."""
    path = SUITES / interface / _PROFILES
    return _rulings(path) if path.is_file() else {}


def _requirements(interface: str, path: Path, *, of_profile: bool = False) -> dict[str, Requirement]:
    data = read_toml(path, _SCHEMA, what="catalogue")
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
            of_profile=of_profile,
        )
        for row in data["requirement"]
    }


def _rulings(path: Path) -> dict[str, Ruling]:
    data = read_toml(path, _SCHEMA, what="catalogue")
    return {
        row["id"]: Ruling(row["id"], row["lines"], row["problem"], row["decision"]) for row in data.get("ruling", [])
    }
