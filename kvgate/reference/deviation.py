"""Deliberate deviations of the reference: faults that the gate must catch, freedoms that it must grant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvgate.reference.http import Server


@dataclass(frozen=True, slots=True)
class Deviation:
    """One server that differs from the reference in one thing.

    `name` is lower case with hyphens, `says` one sentence on what it does. `breaks` is the requirement that must fail
    on it, None for a freedom, on which nothing may fail or warn; `warns` the requirements that may warn nonetheless
    because the catalogue says SHOULD. `shows` is the situation in which the difference can be seen. `make` takes the
    arguments of the reference's class (`Ha`, `Node`, `Geode`) and gives the server.
    """

    name: str
    says: str
    interface: str
    breaks: str | None
    shows: str
    make: Callable[..., Server]
    warns: tuple[str, ...] = ()
