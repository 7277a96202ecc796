"""Arrays of documents that are kept in a form which only elements of one kind fit."""

from __future__ import annotations

import struct

from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()


def _numbers(node: Json) -> list[str]:
    """The numbers of an array that holds nothing else, as they are written; none of any other."""
    if not isinstance(node, list) or not all(isinstance(element, Number) for element in node):
        return []
    return [str(element) for element in node]


@FAULTS.value_fault("typed-fractions-of-four-bytes", "an array of nothing but fractions")
def fractions_of_four_bytes(node: Json) -> Json:
    """Keeps arrays of fractions with four bytes for each."""
    written = _numbers(node)
    if not written or not all("." in text for text in written):
        return node
    return [Number(repr(struct.unpack("f", struct.pack("f", float(text)))[0])) for text in written]


@FAULTS.value_fault(
    "typed-whole-numbers-of-four-bytes", "an array whose first number fits four bytes, and not a later one"
)
def whole_numbers_of_four_bytes(node: Json) -> Json:
    """Keeps arrays of whole numbers as the first one fits: of larger ones the lower four bytes."""
    written = _numbers(node)
    if not written or not all(text.lstrip("-").isdigit() for text in written) or abs(int(written[0])) >= 2**31:
        return node
    return [Number(str((int(text) + 2**31) % 2**32 - 2**31)) for text in written]


@FAULTS.value_fault("typed-texts-without-null", "an array of texts with a null")
def texts_without_null(node: Json) -> Json:
    """Keeps arrays of texts in a form that has no null: it is an empty text."""
    texts = isinstance(node, list) and any(isinstance(element, str) for element in node)
    alike = isinstance(node, list) and all(element is None or _is_text(element) for element in node)
    return (
        ["" if element is None else element for element in node] if isinstance(node, list) and texts and alike else node
    )


def _is_text(element: Json) -> bool:
    return isinstance(element, str) and not isinstance(element, Number)


@FAULTS.value_fault("typed-arrays-as-long-as-the-first", "an array of arrays of which a later one is longer")
def as_long_as_the_first(node: Json) -> Json:
    """Keeps arrays of arrays as a table that is as wide as the first."""
    if not isinstance(node, list) or not node or not all(isinstance(element, list) for element in node):
        return node
    first = node[0]
    width = len(first) if isinstance(first, list) else 0
    return [element[:width] if isinstance(element, list) else element for element in node]
