"""How strongly a specification demands something."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """MUST fails the gate, SHOULD warns, INFO is only observed."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    INFO = "INFO"


_WEIGHT = {Level.INFO: 0, Level.SHOULD: 1, Level.MUST: 2}


def lower_of(*levels: Level) -> Level:
    """The weakest of the given levels: a check is never judged more strongly than its requirement and its case."""
    return min(levels, key=_WEIGHT.__getitem__)


def at_least(level: Level, floor: Level) -> bool:
    """Whether `level` demands as much as `floor` or more."""
    return _WEIGHT[level] >= _WEIGHT[floor]
