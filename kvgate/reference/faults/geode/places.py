"""Faults that change values in one place of a document alone: a row, a list of lists, an object in one."""

from __future__ import annotations

from collections.abc import Callable

from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()

_DEEP = 4


def _leaves(node: Json, change: Callable[[Json], Json]) -> Json:
    """The members of an object, or the elements of an array, that hold nothing themselves, changed."""
    if isinstance(node, dict):
        return {name: member if isinstance(member, dict | list) else change(member) for name, member in node.items()}
    if isinstance(node, list):
        return [element if isinstance(element, dict | list) else change(element) for element in node]
    return node


def _as_double(leaf: Json) -> Json:
    if isinstance(leaf, Number) and leaf.lstrip("-").isdigit() and abs(int(leaf)) > 2**53:
        return Number(str(int(float(leaf))))
    return leaf


def _within(node: Json, kind: type, change: Callable[[Json], Json]) -> Json:
    """An array with the leaves of its elements of one kind changed; anything else as it is."""
    if not isinstance(node, list):
        return node
    return [_leaves(element, change) if isinstance(element, kind) else element for element in node]


@FAULTS.value_fault("rows-as-doubles", "an integer beyond 53 bits in an object in an array")
def rows_as_doubles(node: Json) -> Json:
    """Keeps objects in arrays as rows of a table whose numbers are doubles."""
    return _within(node, dict, _as_double)


@FAULTS.value_fault("rows-trimmed", "a text with a blank at the end in an object in an array")
def rows_trimmed(node: Json) -> Json:
    """Keeps objects in arrays as rows of a table whose texts lose blanks at the end."""

    def trimmed(leaf: Json) -> Json:
        return leaf.rstrip(" ") if isinstance(leaf, str) and not isinstance(leaf, Number) else leaf

    return _within(node, dict, trimmed)


@FAULTS.value_fault("matrices-of-whole-numbers", "a fraction in an array in an array")
def matrices_of_whole_numbers(node: Json) -> Json:
    """Keeps arrays of arrays as whole numbers."""

    def cut(leaf: Json) -> Json:
        return Number(leaf.partition(".")[0]) if isinstance(leaf, Number) and "e" not in leaf.lower() else leaf

    return _within(node, list, cut)


@FAULTS.value_fault("embedded-truth-as-text", "true or false in an object in an object", whole=True)
def embedded_truth_as_text(node: Json) -> Json:
    """Keeps the members of objects in objects as columns, in which truth is a text."""
    return _embedded(node, 0)


def _embedded(node: Json, depth: int) -> Json:
    if not isinstance(node, dict):
        return node
    found = {name: _embedded(member, depth + 1) for name, member in node.items()}
    return _leaves(found, lambda leaf: str(leaf).lower() if isinstance(leaf, bool) else leaf) if depth > 1 else found


@FAULTS.value_fault("arrays-sorted-deep", "an array of numbers in no order, four levels down")
def arrays_sorted_deep(node: Json, depth: int = 0) -> Json:
    """Sorts arrays of numbers that are far down."""
    if isinstance(node, dict):
        return {name: arrays_sorted_deep(member, depth + 1) for name, member in node.items()}
    if not isinstance(node, list):
        return node
    numbers = [element for element in node if isinstance(element, Number)]
    if depth >= _DEEP and len(numbers) == len(node):
        return [*sorted(numbers, key=float)]
    return [arrays_sorted_deep(element, depth + 1) for element in node]
