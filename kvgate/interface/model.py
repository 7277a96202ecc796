"""An interface under test and its profiles, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kvgate.level import Level


@dataclass(frozen=True, slots=True)
class Option:
    """One command-line option of an interface, `--<interface>-<name>`, and the target key it stands for.

    `many` options take a comma-separated list.
    """

    name: str
    help: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """One specification under test (source: suites/<name>/interface.toml).

    `places` are the roles a holding can stand in (masters, regions). `request` is the template every case starts
    from. `control` names the cases that must answer one of `control_statuses` before anything is judged.
    `fact_headers` are the headers, lower case, that carry the interface's facts: what a repeated answer is compared by.
    """

    name: str
    title: str
    page: str
    places: tuple[str, ...]
    method: str
    target: str
    fields: Mapping[str, str]
    control: tuple[str, ...]
    control_statuses: tuple[int, ...]
    seeding: tuple[str, ...]
    options: tuple[Option, ...]
    fact_headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lowering:
    """A profile's word that a requirement is judged more mildly on some cases, with the ruling that allows it."""

    requirement: str
    case: str
    level: Level
    ruling: str


@dataclass(frozen=True, slots=True)
class Omission:
    """A profile's word that some cases are left out, with the ruling that says why."""

    case: str
    ruling: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a specification is read as (source: suites/<name>/profiles/<profile>.toml).

    `facts` is free data that checks consult (for example a release's exact error text).
    """

    name: str
    interface: str
    title: str
    lowered: tuple[Lowering, ...] = ()
    left_out: tuple[Omission, ...] = ()
    facts: Mapping[str, Any] | None = None
