"""Reads interface.toml and profiles."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kvgate.errors import InputError
from kvgate.interface.model import Act, Interface, Lowering, Omission, Option, Profile, Raising, Storage
from kvgate.level import Level
from kvgate.places import SCHEMAS, SUITES, interface_names
from kvgate.schema import nearest, problems
from kvgate.tomlfile import read_toml, shown_path


@functools.cache
def load_interface(name: str) -> Interface:
    """The interface of suites/<name>. Raises InputError for an unknown name or a faulty file."""
    known = interface_names()
    if name not in known:
        raise InputError(f"unknown interface '{name}'{nearest(name, known)}")
    data = read_toml(SUITES / name / "interface.toml", "kvgate/interface.schema.json", what="interface description")
    return Interface(
        name=name,
        title=data["title"],
        page=data["page"],
        places=tuple(data["places"]),
        method=data["request"]["method"],
        target=data["request"]["target"],
        fields=dict(data["request"].get("fields", {})),
        control=tuple(data["control"]["cases"]),
        control_statuses=tuple(data["control"]["statuses"]),
        seeding=tuple(data["seeding"]),
        options=tuple(Option(o["name"], o["help"], o.get("many", False)) for o in data["option"]),
        fact_headers=tuple(data["fact_headers"]),
        reference=data["reference"],
        body=data["request"].get("body", ""),
        default=data.get("default", True),
        borrowed=tuple(data.get("borrowed", [])),
        storage=_storage(data["storage"]) if "storage" in data else None,
    )


def _storage(table: Mapping[str, Any]) -> Storage:
    return Storage(
        read=Act(**table["read"]),
        write=Act(**table["write"]),
        remove=Act(**table["remove"]),
        hashed=table.get("hashed", "key"),
        table=table.get("table", ""),
        fillers=tuple(table.get("fillers", ("x", "y"))),
    )


def default_names() -> tuple[str, ...]:
    """The interfaces that are judged unless others are asked for: all but the siblings."""
    return tuple(name for name in interface_names() if load_interface(name).default)


@functools.cache
def load_profile(interface: str, name: str = "doc") -> Profile:
    """The profile suites/<interface>/profiles/<name>.toml, with all that it has from its base.

    Its facts are held against schemas/<interface>/facts.schema.json, where there is one. Raises InputError.
    """
    profile = _profile(interface, name, ())
    schema = f"{interface}/facts.schema.json"
    if profile.facts and (SCHEMAS / schema).is_file():
        for problem in problems(schema, profile.facts):
            where = shown_path(("facts", *problem.path))
            raise InputError(f"{_path(interface, name)}: {where}: {problem.message}")
    return profile


def _profile(interface: str, name: str, above: tuple[str, ...]) -> Profile:
    """A profile with all that it has from its base; `above` are the profiles that build on it."""
    known = profile_names(interface)
    if name not in known:
        where = f"{_path(interface, above[-1])}: base" if above else interface
        raise InputError(f"{where}: unknown profile '{name}'{nearest(name, known)}")
    if name in above:
        raise InputError(f"{_path(interface, name)}: base: the profile builds on itself: {' -> '.join((*above, name))}")
    data = read_toml(_path(interface, name), "kvgate/profile.schema.json", what="profile")
    base = _profile(interface, data["base"], (*above, name)) if "base" in data else Profile(name, interface, "")
    return Profile(
        name=name,
        interface=interface,
        title=data["title"],
        lowered=base.lowered
        + tuple(
            Lowering(requirement, case, Level(row["level"]), row["ruling"])
            for row in data.get("lowered", [])
            for requirement in _each(row["requirement"])
            for case in _each(row.get("case", "*"))
        ),
        raised=base.raised
        + tuple(
            Raising(Level(row["level"]), row["ruling"], row.get("requirement"), row.get("case", "*"))
            for row in data.get("raised", [])
        ),
        left_out=base.left_out + tuple(Omission(row["case"], row["ruling"]) for row in data.get("left_out", [])),
        facts=_merged(base.facts or {}, data.get("facts", {})),
    )


def _each(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a base with a profile's own laid over them, table by table."""
    both = {name: (base[name], own[name]) for name in own if name in base}
    tables = {name: _merged(*pair) for name, pair in both.items() if all(isinstance(one, dict) for one in pair)}
    return {**base, **own, **tables}


def _path(interface: str, name: str) -> Path:
    return SUITES / interface / "profiles" / f"{name}.toml"


def profile_names(interface: str) -> tuple[str, ...]:
    """The profiles an interface has, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SUITES / interface / "profiles").glob("*.toml")))
