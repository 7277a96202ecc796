"""Writes bytes as a fixture does: text where it is text, hex where it is not, what repeats as `times`.

The other way round from `kvgate.case.load.value_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_WORTH = 24  # bytes that a repetition takes up at least, to be written as one
_UNITS = (1, 2, 3, 4, 8, 10, 16)  # bytes of what may repeat
_REPEATED = re.compile(
    b"|".join(
        b"(.{%d})\\%d{%d,}" % (unit, group, max(1, -(-_WORTH // unit) - 1)) for group, unit in enumerate(_UNITS, 1)
    ),
    re.DOTALL,
)


def spelled(value: bytes) -> dict[str, Any]:
    """The table that stands for these bytes, of which there has to be one at least."""
    return _chained([_piece(unit, times) for unit, times in _pieces(value)])


def spelled_text(value: str) -> str | dict[str, Any]:
    """The text itself, or the table that stands for it where much of it repeats."""
    pieces = [_piece(unit, times) for unit, times in _pieces(value.encode("utf-8"), text=True)]
    return value if len(pieces) < 2 and not any("times" in piece for piece in pieces) else _chained(pieces)


def _chained(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for piece in reversed(pieces):
        table = {**piece, "then": table} if table else piece
    return table


def _piece(unit: bytes, times: int) -> dict[str, Any]:
    try:
        piece: dict[str, Any] = {"text": unit.decode("utf-8")}
    except UnicodeDecodeError:
        piece = {"hex": unit.hex()}
    return piece if times == 1 else {**piece, "times": times}


def _pieces(value: bytes, *, text: bool = False) -> Iterator[tuple[bytes, int]]:
    """What the value is made of, in order; of a `text` no unit begins or ends within a character."""
    done = 0
    for match in _REPEATED.finditer(value):
        unit = match[match.lastindex or 0]
        if text and any(_is_inside(value, end) for end in (match.start(), match.start() + len(unit), match.end())):
            continue
        if done < match.start():
            yield value[done : match.start()], 1
        yield unit, len(match[0]) // len(unit)
        done = match.end()
    if done < len(value):
        yield value[done:], 1


def _is_inside(value: bytes, at: int) -> bool:
    return at < len(value) and value[at] & 0xC0 == 0x80
