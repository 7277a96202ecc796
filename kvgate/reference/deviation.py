"""Deliberate deviations of the reference: faults that the gate must catch, freedoms that it must grant."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kvgate.errors import InputError
from kvgate.reference.http import Server


@dataclass(frozen=True, slots=True)
class Deviation:
    """One server that differs from the reference in one thing.

    `name` is lower case with hyphens, `says` one sentence on what it does. `breaks` is the requirement that must fail
    on it, None for a freedom, on which nothing may fail or warn; `warns` the requirements that may warn nonetheless
    because the catalogue says SHOULD. `shows` is the situation in which the difference can be seen. `make` takes the
    arguments of the reference's class (`Ha`, `Node`, `Geode`) and gives the server; `replaces` says which of the three
    it stands for ("ha", "node", "geode"; by default the one that answers the interface). `nodes` is how many storage
    nodes there are. `over_http`: states are put in place through the server's own interface and not in its memory,
    for a deviation in how that interface is served. `unsteady`: what fails beside `breaks` depends on the order in
    which questions happen to arrive, so that no page can state it.
    """

    name: str
    says: str
    interface: str
    breaks: str | None
    shows: str
    make: Callable[..., Server]
    warns: tuple[str, ...] = ()
    replaces: str = ""
    nodes: int = 2
    over_http: bool = False
    unsteady: bool = False

    @property
    def role(self) -> str:
        """The reference's class it stands for: "ha", "node" or "geode"."""
        return self.replaces or {"get2": "ha"}.get(self.interface, self.interface)


_Made = TypeVar("_Made", bound=type[Server])


class Deviations(list[Deviation]):
    """The deviations of one module, filled by decorating their classes; what a deviation says is its docstring."""

    def __init__(self, interface: str) -> None:
        super().__init__()
        self._interface = interface

    def fault(self, name: str, breaks: str, shows: str, **more: Any) -> Callable[[_Made], _Made]:
        """Lists the decorated class as a fault; `more` are further fields of `Deviation`."""
        return self._list(name, breaks, shows, more)

    def freedom(self, name: str, shows: str, **more: Any) -> Callable[[_Made], _Made]:
        """Lists the decorated class as a freedom."""
        return self._list(name, None, shows, more)

    def _list(self, name: str, breaks: str | None, shows: str, more: Mapping[str, Any]) -> Callable[[_Made], _Made]:
        def take(made: _Made) -> _Made:
            says = " ".join((inspect.getdoc(made) or "").split())
            self.append(Deviation(name, says, self._interface, breaks, shows, made, **more))
            return made

        return take


def load_faults(interface: str) -> Mapping[str, Deviation]:
    """Every fault of an interface by name: the `FAULTS` of the modules of `faults/<interface>/`. Raises InputError."""
    return _load("faults", "FAULTS", interface, fault=True)


def load_freedoms(interface: str) -> Mapping[str, Deviation]:
    """Every freedom of an interface by name, from `freedoms/<interface>/`. Raises InputError."""
    return _load("freedoms", "FREEDOMS", interface, fault=False)


def _load(room: str, listed: str, interface: str, *, fault: bool) -> Mapping[str, Deviation]:
    package = f"kvgate.reference.{room}.{interface}"
    try:
        folder = importlib.import_module(package).__path__
    except ModuleNotFoundError:
        return {}
    found: dict[str, Deviation] = {}
    for info in sorted(pkgutil.iter_modules(folder), key=lambda info: info.name):
        module = importlib.import_module(f"{package}.{info.name}")
        for deviation in getattr(module, listed, ()):
            where = f"{module.__name__}: '{deviation.name}'"
            if deviation.name in found:
                raise InputError(f"{where} is there already: give it another name")
            if deviation.interface != interface or (deviation.breaks is not None) != fault:
                raise InputError(f"{where} is none of the {room} of {interface}: mend `interface` or `breaks`")
            found[deviation.name] = deviation
    return found
