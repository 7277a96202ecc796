"""Faults that show where one list has one key in two spellings."""

from __future__ import annotations

from collections.abc import Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request

FAULTS = GeodeDeviations()


class _Spelled(Geode):
    """Knows the keys of a list as they were spelled."""

    def several(self, keys_as_sent: str) -> bool:
        """Whether a key stands in a list in two spellings."""
        spelled = set(keys_as_sent.split(","))
        return len(spelled) > len(set(map(self.decode_key, spelled)))


@FAULTS.fault("spellings-located-once", "geode.body.one-per-key", "a key in two spellings in one list")
class _LocatedOnce(_Spelled):
    """Names a key in two spellings once in Content-Location, and has an element for each spelling."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        once = self.several(request.path.rpartition("/")[2])
        return super().content_location(request, name, tuple(dict.fromkeys(keys)) if once else keys)


@FAULTS.fault("spellings-counted", "geode.status.found", "a key in two spellings in one list")
class _Counted(_Spelled):
    """Compares how many values it found with how many spellings there are: of a key in two one is missing."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        keys = self.keys_asked(keys_as_sent)
        region = self.region(name)
        if region is not None and self.several(keys_as_sent) and not self.missing_keys(region, keys):
            return self.missing(name, keys, keys[-1:])
        return super().get(request, name, keys_as_sent)
