"""Faults with one sign more or less: in the name of a region, in the parameter, in a key with a sign twice."""

from __future__ import annotations

import re
from urllib.parse import unquote

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region

FAULTS = GeodeDeviations()

_NO_REGION = "geode.status.no-region"


@FAULTS.fault("no-region-trimmed", _NO_REGION, "the name of a region and a blank")
class _Trimmed(Geode):
    """Takes blanks off the name of a region."""

    def region(self, name: str) -> Region | None:
        return super().region(unquote(name).strip())


@FAULTS.fault("no-region-one-letter-less", _NO_REGION, "the beginning of the name of a region")
class _OneLetterLess(Geode):
    """Finds a region by the beginning of its name."""

    def region(self, name: str) -> Region | None:
        found = [region for known, region in self.regions.items() if len(name) > 1 and known.startswith(name)]
        return super().region(name) or (found[0] if len(found) == 1 else None)


@FAULTS.fault("no-region-of-objects", _NO_REGION, "a region called as what every object has")
class _OfObjects(Geode):
    """Looks regions up among the members of an object, its inherited ones too."""

    def region(self, name: str) -> Region | None:
        return Region() if name in ("constructor", "toString", "__proto__") else super().region(name)


@FAULTS.parameter_fault("parameter-cut-at-a-sign", "geode.status.bad-parameter", "true or false, a sign, more behind")
def cut_at_a_sign(values: tuple[str, ...]) -> bool | None:
    """Reads the value up to the first sign that is no letter."""
    word = re.split(r"[^a-z]", values[0], maxsplit=1)[0] if values else "false"
    return {"true": True, "false": False}.get(word)


@FAULTS.key_fault("key-doubled-signs-halved", "geode.key.whole", "a key with one sign twice in a row")
def doubled_signs_halved(key: str) -> str:
    """Takes two equal signs in a row for an escaped one."""
    return re.sub(r"([!#$&'()*+:=@^`|~-])\1", r"\1", key)


@FAULTS.fault("no-region-like-another", _NO_REGION, "a name that is a region's but for an underscore")
class _LikeAnother(Geode):
    """Looks a region up by LIKE, to which an underscore is any character."""

    def region(self, name: str) -> Region | None:
        wanted = re.compile(".".join(map(re.escape, name.split("_"))))
        return next((region for known, region in self.regions.items() if wanted.fullmatch(known)), None)
