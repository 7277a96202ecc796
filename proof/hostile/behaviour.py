"""A hostile behaviour as data: whom it strikes, with what, and how the gate has to end."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from kvgate.errors import InputError

ROOM = Path(__file__).parent
BOTH = ("get2", "geode")
_BY_INTERFACE = ("exit", "shows", "cases")

# A few of each outcome, for what treats them all the same; many, for what has to go on for a while. What is lost of
# either has to fail, so none of them is a SHOULD.
_CASES: dict[str, dict[str, tuple[str, ...]]] = {
    "few": {
        "get2": ("page-*", "missing-both", "no-key-and-no-query", "connection-same-question-thrice"),
        "geode": ("request-that-takes-json", "page-*", "no-region", "bad-yes", "one-connection-values"),
    },
    "many": {
        "get2": ("control", "page-*", "missing-*", "!missing-below-a-key-and-*", "offset-*", "order-*"),
        "geode": ("control", "page-*", "missing-*", "text-*", "number-*"),
    },
    "all": {"get2": ("*",), "geode": ("*",)},
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One hostile server and one interface (behaviours.schema.json says what each key of the data means)."""

    name: str
    theme: str
    says: str
    interface: str
    exit: int
    shows: tuple[str, ...]
    cases: tuple[str, ...]
    deed: str = ""
    role: str = ""
    number: int = 0
    on: str = "questions"
    control: bool = False
    after: int = 0
    every: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    carried_out: bool = True
    scene: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    time_limit: float = 20.0
    workers: int = 0
    fast: bool = False

    @property
    def full_name(self) -> str:
        """behaviour/interface."""
        return f"{self.name}/{self.interface}"


@functools.cache
def load_behaviours() -> tuple[Behaviour, ...]:
    """Every behaviour for every interface it is meant for, in the order of the files. Raises InputError."""
    schema = json.loads((ROOM / "behaviours.schema.json").read_text(encoding="utf-8"))
    found: list[Behaviour] = []
    for path in sorted((ROOM / "behaviours").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for error in Draft202012Validator(schema).iter_errors(data):
            raise InputError(f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message}")
        for row in data["behaviour"]:
            found += _for_interfaces({"theme": data["theme"], **row})
    names = [behaviour.full_name for behaviour in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name}: there are two behaviours of this name")
    return tuple(found)


def _for_interfaces(row: dict[str, Any]) -> list[Behaviour]:
    row = {"cases": "few", **row}
    interfaces = row.pop("interfaces", BOTH)
    made = []
    for interface in interfaces:
        own = dict(row)
        for key in _BY_INTERFACE:
            if isinstance(own.get(key), Mapping):
                own[key] = own[key][interface]
        own["shows"] = tuple(own["shows"])
        cases = own["cases"]
        own["cases"] = _CASES[cases][interface] if isinstance(cases, str) else tuple(cases)
        own["fast"] = own.get("fast") == interface
        made.append(Behaviour(interface=interface, **own))
    return made
