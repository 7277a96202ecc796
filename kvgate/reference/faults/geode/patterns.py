"""Faults that take a key which is not there for a pattern of keys."""

from __future__ import annotations

import re

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region

FAULTS = GeodeDeviations()

_MISSING = "geode.status.missing"
_OF_EACH_OBJECT = ("constructor", "toString", "valueOf", "hasOwnProperty", "__proto__")


class _Pattern(Geode):
    """Looks for the first key that matches a key which is not there."""

    sign, regex = "", ""

    def look_up(self, region: Region, key: str) -> str | None:
        if key in region or self.sign not in key:
            return region.get(key)
        wanted = re.compile(self.regex.join(map(re.escape, key.split(self.sign))))
        return next((value for held, value in region.items() if wanted.fullmatch(held)), None)


@FAULTS.fault("pattern-of-a-dot", _MISSING, "a key with a dot that is not there, one with another character that is")
class _Dot(_Pattern):
    """Takes a dot for any character."""

    sign, regex = ".", "."


@FAULTS.fault("pattern-of-an-underscore", _MISSING, "a key with an underscore that is not there, one like it that is")
class _Underscore(_Pattern):
    """Takes an underscore for any character, as LIKE does."""

    sign, regex = "_", "."


@FAULTS.fault("pattern-of-a-star", _MISSING, "a key with a star inside that is not there, one that it covers is")
class _Star(_Pattern):
    """Takes a star for any characters."""

    sign, regex = "*", ".+"


@FAULTS.fault(
    "pattern-of-a-question-mark", _MISSING, "a key with a question mark that is not there, one like it that is"
)
class _QuestionMark(_Pattern):
    """Takes a question mark for any character."""

    sign, regex = "?", "."


@FAULTS.fault("pattern-of-parentheses", _MISSING, "a key in parentheses that is not there, the one inside them that is")
class _Parentheses(Geode):
    """Takes parentheses for a group."""

    def look_up(self, region: Region, key: str) -> str | None:
        return region.get(key) or region.get(key.replace("(", "").replace(")", ""))


@FAULTS.fault("words-of-objects-are-there", _MISSING, "the keys constructor and toString of a region that lacks them")
class _WordsOfObjectsAreThere(Geode):
    """Keeps a region in an object of a language whose objects have members of their own: none of those is missing."""

    def look_up(self, region: Region, key: str) -> str | None:
        found = super().look_up(region, key)
        return "{}" if found is None and key in _OF_EACH_OBJECT else found
