"""Faults at exactly one length, one place or one number of keys, which the ones beside it do not show."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Request, Response

FAULTS = GeodeDeviations()

_BLOCK = 2048  # characters
_NINTH = 8  # its place in the list, from 0
_SHORT = 40  # characters
_TRUE = "ignoreMissingKey=true"

Values = Sequence[str | None]


@FAULTS.text_fault("text-of-a-block-loses-its-last", "a text of exactly 2,048 characters")
def text_of_a_block(text: str) -> str:
    """Reads texts in blocks, and takes the last character of one that just fills a block for the end."""
    return text[:-1] if len(text) == _BLOCK else text


@FAULTS.fault(
    "equal-values-as-references", "geode.body.value-intact", "two keys that hold the same document of 41 characters"
)
class _EqualValuesAsReferences(Geode):
    """Writes a long document that is equal to an earlier one of the answer as a reference to it."""

    def render_values(self, name: str, values: Values) -> bytes:
        written: list[str | None] = []
        for value in values:
            again = value is not None and len(value) > _SHORT and value in written
            path = f"$.{name}[{written.index(value)}]" if again else ""
            written.append(json.dumps({"$ref": path}) if again else value)
        return super().render_values(name, written)


@FAULTS.fault("missing-ninth-found", "geode.status.missing", "one missing key, the ninth of its list")
class _MissingNinth(Geode):
    """Counts first how many of the keys are there, and counts the ninth whether it is or not."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        missing = super().missing_keys(region, keys)
        return () if missing == tuple(keys[_NINTH : _NINTH + 1]) else missing


@FAULTS.fault(
    "two-of-second-region-reversed",
    "geode.body.aligned",
    "two keys of the second region, both there, asked for with true",
)
class _TwoOfSecondReversed(Geode):
    """Answers a pair by code of its own, which turns it round where the region is not the first and misses nothing."""

    _turning = False

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        self._turning = request.query == _TRUE and name != next(iter(self.regions))
        return super().get_keys(request, name, keys)

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        values = super().values_of(region, keys)
        return [*reversed(values)] if self._turning and len(values) == 2 and None not in values else values
