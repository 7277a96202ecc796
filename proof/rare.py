"""Faults that only rare data shows: no case of fixtures/ meets them, and generated ones do."""

from __future__ import annotations

from kvgate.reference.deviation import Deviations
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Pair
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

GET2 = Deviations("get2")
GEODE = GeodeDeviations()

_CONFLICT = "get2.status.conflict"
_INTACT = "geode.body.value-intact"
_ROOMS = frozenset({1000, 1448, 1460})


@GET2.fault("rare-words-of-eight", _CONFLICT, "values that differ in the third byte of an eight only")
class _WordsOfEight(Ha):
    """Compares eight bytes at a time, and masks out one of them."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and all(
            one == two for at, (one, two) in enumerate(zip(first, second, strict=True)) if at % 8 != 2 or at < 8
        )


@GET2.fault("rare-versions-of-24", "get2.version.pair", "versions that are 24 apart")
class _Versions24(Ha):
    """Takes versions that are 24 apart for the same."""

    def same_version(self, first: int, second: int) -> bool:
        return abs(first - second) in (0, 24)


@GET2.fault("rare-offset-beyond-a-page", "get2.offset.cut", "a first value of 1001, 1449 or 1461 bytes")
class _Offset(Ha):
    """Rounds the length of a value that just does not fit a buffer down to the buffer's."""

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        headers = super().offset_headers(first, second, same_value=same_value)
        room = len(first.value) - 1
        return tuple((name, str(room) if room in _ROOMS else value) for name, value in headers)


@GEODE.fault("rare-code-points", _INTACT, "a text with a character from U+1200 to U+1CFF")
class _CodePoints(Geode):
    """Loses the letters of some alphabets."""

    def render_value(self, text: str | None) -> str:
        plain = super().render_value(text)
        return plain if plain.isascii() else "".join(each for each in plain if not "\u1200" <= each <= "\u1cff")
