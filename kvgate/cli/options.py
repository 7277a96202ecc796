"""Options that several commands have in common, and how a wrong one ends."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from kvgate.exits import Exit
from kvgate.interface import load_interface
from kvgate.places import interface_names
from kvgate.target.load import load_target
from kvgate.target.model import Target
from kvgate.target.options import Options


def parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """What argparse makes of the arguments; a wrong one ends with status 4, as everywhere in kvgate."""
    try:
        return parser.parse_args(list(arguments))
    except SystemExit as stop:
        # argparse ends with 2, which in kvgate reads as "interrupted".
        raise SystemExit(int(Exit.USAGE) if stop.code else 0) from None


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
