"""The order in which a java.util.HashMap of strings is walked.

Geode up to 1.12 answers keys in this order. Source: the OpenJDK's documented layout. A table of a power of two, from
16, doubled when more than three quarters full; an entry's place is its spread hash modulo the size; entries of one
place keep the order in which they came, also when the table is doubled. (From size 64 on, more than eight entries in
one place become a tree, which moves its root to the front: not modelled.)
"""

from __future__ import annotations

from collections.abc import Iterable

_FIRST_SIZE = 16
_LONGEST_CHAIN = 8
_SMALLEST_TREE_SIZE = 64


def string_hash(text: str) -> int:
    """String.hashCode of `text`, as an unsigned 32-bit number, over its UTF-16 units."""
    units = text.encode("utf-16-be", "surrogatepass")
    hashed = 0
    for index in range(0, len(units), 2):
        hashed = (hashed * 31 + (units[index] << 8 | units[index + 1])) & 0xFFFF_FFFF
    return hashed


def hash_map_order(keys: Iterable[str]) -> tuple[str, ...]:
    """The distinct `keys`, put into an empty HashMap one after the other, in the order it is walked."""
    places: dict[str, int] = {}
    size = _FIRST_SIZE
    for key in keys:
        if key in places:
            continue
        hashed = string_hash(key)
        spread = hashed ^ (hashed >> 16)
        chain = sum(1 for other in places.values() if (other ^ spread) & (size - 1) == 0)
        places[key] = spread
        if chain >= _LONGEST_CHAIN and size < _SMALLEST_TREE_SIZE:
            size *= 2
        if len(places) * 4 > size * 3:
            size *= 2
    table: dict[int, list[str]] = {}
    for key, spread in places.items():
        table.setdefault(spread & (size - 1), []).append(key)
    return tuple(key for place in sorted(table) for key in table[place])
