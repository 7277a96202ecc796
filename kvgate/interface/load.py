"""Reads interface.toml and profiles."""

from __future__ import annotations

import functools

from kvgate.errors import InputError
from kvgate.interface.model import Interface, Lowering, Omission, Option, Profile
from kvgate.level import Level
from kvgate.places import SUITES, interface_names
from kvgate.schema import nearest
from kvgate.tomlfile import read_toml


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
    )


@functools.cache
def load_profile(interface: str, name: str = "doc") -> Profile:
    """The profile suites/<interface>/profiles/<name>.toml. Raises InputError naming the known ones."""
    folder = SUITES / interface / "profiles"
    known = profile_names(interface)
    if name not in known:
        raise InputError(f"{interface}: unknown profile '{name}'{nearest(name, known)}")
    data = read_toml(folder / f"{name}.toml", "kvgate/profile.schema.json", what="profile")
    return Profile(
        name=name,
        interface=interface,
        title=data["title"],
        lowered=tuple(
            Lowering(row["requirement"], row.get("case", "*"), Level(row["level"]), row["ruling"])
            for row in data.get("lowered", [])
        ),
        left_out=tuple(Omission(row["case"], row["ruling"]) for row in data.get("left_out", [])),
        facts=data.get("facts", {}),
    )


def profile_names(interface: str) -> tuple[str, ...]:
    """The profiles an interface has, in alphabetical order."""
    return tuple(sorted(path.stem for path in (SUITES / interface / "profiles").glob("*.toml")))
