"""The names of generated cases, by which selections and waivers tell them from those of fixtures/."""

from __future__ import annotations

from fnmatch import fnmatchcase

GENERATED = "explored-"
ANY = f"{GENERATED}*"


def is_generated(name: str) -> bool:
    """Whether this is the name of a generated case, or of all those of a seed."""
    return name.startswith(GENERATED)


def may_be_generated(pattern: str) -> bool:
    """Whether a name or glob may name a generated case."""
    return is_generated(pattern) or fnmatchcase(f"{GENERATED}0-0", pattern)
