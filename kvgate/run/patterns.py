"""The patterns of a selection: ids, names and globs; one that begins with ! leaves out what it names."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

_NOT = "!"


def plain(pattern: str) -> str:
    """What a pattern names, be it to be taken or left out."""
    return pattern.removeprefix(_NOT)


def leaves_out(pattern: str) -> bool:
    """Whether a pattern leaves out what it names."""
    return pattern.startswith(_NOT)


def chosen(name: str, patterns: Sequence[str]) -> bool:
    """Whether a selection has this name: all names where no pattern takes any, less those that one leaves out."""
    taking = [pattern for pattern in patterns if not leaves_out(pattern)]
    if taking and not any(fnmatchcase(name, pattern) for pattern in taking):
        return False
    return not any(leaves_out(pattern) and fnmatchcase(name, plain(pattern)) for pattern in patterns)
