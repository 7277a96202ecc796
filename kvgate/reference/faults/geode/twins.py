"""Faults that take a key which is not there for a twin that is: alike in its spaces, its beginning, its sum."""

from __future__ import annotations

import re
import zlib

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region

FAULTS = GeodeDeviations()

_MISSING = "geode.status.missing"


class _Alike(Geode):
    """Looks for a key that comes to the same as one that is not there."""

    def short(self, key: str) -> object:
        """What two keys have in common that are one here."""
        raise NotImplementedError(f"of {key}")

    def look_up(self, region: Region, key: str) -> str | None:
        if key in region:
            return region[key]
        wanted = self.short(key)
        return next((value for held, value in region.items() if self.short(held) == wanted), None)


@FAULTS.fault("twin-of-other-spaces", _MISSING, "a key with two blanks that is not there, one with one that is")
class _OtherSpaces(_Alike):
    """Finds a key with another number of blanks where there is none with its own."""

    def short(self, key: str) -> object:
        return re.sub(" +", " ", key)


@FAULTS.fault("twin-of-one-beginning", _MISSING, "a long key that is not there, one with the same 766 characters is")
class _OneBeginning(_Alike):
    """Compares the first 766 characters of a key, as an index does that holds no more."""

    def short(self, key: str) -> object:
        return key[:766]


@FAULTS.fault("twin-of-one-hash", _MISSING, "a key that is not there, one of the same CRC-32 is")
class _OneHash(_Alike):
    """Knows by a CRC-32 which keys are there."""

    def short(self, key: str) -> object:
        return zlib.crc32(key.encode("utf-8", "surrogateescape"))
