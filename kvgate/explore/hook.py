"""Finds what an interface may be asked beyond its fixtures: the function `case` of suites/<interface>/exploring.py."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from kvgate.explore.draws import Draws
from kvgate.explore.row import Row
from kvgate.places import SUITES, SUITES_PACKAGE

MODULE = "exploring"
MakeCase = Callable[[Draws, Mapping[str, Any]], Row]


def is_explorable(interface: str) -> bool:
    """Whether there is anything to generate for an interface."""
    return (SUITES / interface / f"{MODULE}.py").is_file()


def load_maker(interface: str) -> MakeCase:
    """What makes one row of an interface's fixtures out of draws, in a profile with these facts."""
    module = importlib.import_module(f"{SUITES_PACKAGE}.{interface}.{MODULE}")
    maker: MakeCase = module.case
    return maker
