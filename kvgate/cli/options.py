"""Options that several commands have in common, and how a wrong one ends."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import NoReturn

from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.places import interface_names
from kvgate.target.load import load_target
from kvgate.target.model import Part, Target
from kvgate.target.options import Options


class Parser(argparse.ArgumentParser):
    """A parser whose errors are InputErrors: one line and status 4, as everywhere in kvgate (argparse ends with 2)."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(prog=f"kvgate {command}", description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raises InputError."""
        raise InputError(f"{self.prog.removeprefix('kvgate ')}: {message} (see `{self.prog} --help`)")

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """What the arguments say. Raises InputError, and SystemExit(0) after `--help`."""
        return self.parse_args(list(arguments))


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which servers are meant: a target file, or URLs."""
    parser.add_argument("--target", metavar="FILE", help="target file (KVGATE_TARGET does the same)")
    for name in interface_names():
        for option in load_interface(name).options:
            parser.add_argument(f"--{name}-{option.name}", metavar="VALUE", help=option.help)


def target_of(given: argparse.Namespace, *, mark: str | None = None) -> Target:
    """The target that the options name. Raises InputError."""
    interface: dict[tuple[str, str], str] = {}
    for name in interface_names():
        for option in load_interface(name).options:
            value = getattr(given, f"{name}_{option.name}".replace("-", "_"))
            if value is not None:
                interface[name, option.name] = value
    return load_target(Options(target=given.target, mark=mark, interface=interface), os.environ)


def one_part(target: Target, interface: str | None) -> Part:
    """The part of the target that is meant. Raises InputError where there is none, or more than one to choose from."""
    if target.embedded:
        raise InputError("a target is needed: give --target=FILE or the URL of an interface")
    names = ", ".join(part.interface for part in target.parts)
    parts = [part for part in target.parts if interface in (None, part.interface)]
    if not parts:
        raise InputError(f"--interface={interface}: the target has no URL for it (it has: {names})")
    if len(parts) > 1:
        raise InputError(f"the target has more than one interface: choose with --interface= ({names})")
    return parts[0]
