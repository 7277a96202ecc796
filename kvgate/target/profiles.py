"""Decides which profile each interface is judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvgate.errors import InputError
from kvgate.interface.load import profile_names
from kvgate.schema import nearest

DEFAULT = "doc"


def check_profile(interface: str, name: str, where: str) -> str:
    """The name, when the interface has such a profile. Raises InputError naming the known ones."""
    known = profile_names(interface)
    if name not in known:
        raise InputError(f"{where}: {interface} has no profile '{name}'{nearest(name, known)}")
    return name


def assign_profiles(given: str, tested: Sequence[str], known: Sequence[str], where: str) -> Mapping[str, str]:
    """What "NAME" or "NAME,NAME" gives to each of the `tested` interfaces (`known`: all there are).

    A single name goes to every interface that has it. Of several, one goes to each interface, those that only one
    interface has first. An interface that gets none is not in the result. Raises InputError.
    """
    names = [name.strip() for name in given.split(",")]
    if not all(names):
        raise InputError(f"{where}: a name is empty: expected NAME, or one for each specification: NAME,NAME")
    owners = {name: [interface for interface in known if name in profile_names(interface)] for name in names}
    for name in names:
        if not owners[name]:
            everything = sorted({profile for interface in known for profile in profile_names(interface)})
            raise InputError(f"{where}: unknown profile '{name}'{nearest(name, everything)}")
        if not set(owners[name]) & set(tested):
            raise InputError(f"{where}: profile '{name}' is for {owners[name][0]}, which is not tested here (no URL)")
    if len(names) == 1:
        return {interface: names[0] for interface in owners[names[0]] if interface in tested}
    assigned: dict[str, str] = {}
    for name in sorted(names, key=lambda name: len(owners[name])):
        free = [interface for interface in owners[name] if interface in tested and interface not in assigned]
        if not free:
            raise InputError(f"{where}: more than one profile for {owners[name][0]}: give one for each specification")
        assigned[free[0]] = name
    return assigned
