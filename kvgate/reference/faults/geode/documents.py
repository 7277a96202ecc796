"""Members, arrays and nesting of stored documents that are not what was stored."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kvgate.reference.geode_deviations import GeodeDeviations, rewritten
from kvgate.reference.jsontext import Json, Number, dump

FAULTS = GeodeDeviations()


def _without(node: Json, gone: tuple[Json, ...]) -> Json:
    """An object without the members that hold one of `gone`."""
    if not isinstance(node, dict):
        return node
    # Not `in`: False equals 0, and a number equals the text that spells it.
    return {name: member for name, member in node.items() if not any(_same(member, value) for value in gone)}


def _same(one: Json, other: Json) -> bool:
    return type(one) is type(other) and one == other


def _depth_cut(node: Json, left: int) -> Json:
    if not isinstance(node, dict | list):
        return node
    if left == 0:
        return {} if isinstance(node, dict) else []
    if isinstance(node, dict):
        return {name: _depth_cut(member, left - 1) for name, member in node.items()}
    return [_depth_cut(element, left - 1) for element in node]


# Members


@FAULTS.value_fault("members-null-dropped", "a member that is null")
def members_null_dropped(node: Json) -> Json:
    """Does not write members that are null."""
    return _without(node, (None,))


@FAULTS.value_fault("members-empty-dropped", "a member that is an empty array, object or text")
def members_empty_dropped(node: Json) -> Json:
    """Does not write members that are empty."""
    return _without(node, ("", [], {}))


@FAULTS.value_fault("members-empty-array-dropped", "a member that is an empty array")
def members_empty_array_dropped(node: Json) -> Json:
    """Does not write members that are empty arrays."""
    return _without(node, ([],))


@FAULTS.value_fault("members-empty-object-as-null", "a member that is an empty object")
def members_empty_object_as_null(node: Json) -> Json:
    """Writes null for a member that is an empty object."""
    return {name: None if member == {} else member for name, member in node.items()} if isinstance(node, dict) else node


@FAULTS.value_fault("members-type-dropped", "a document with @type")
def members_type_dropped(node: Json) -> Json:
    """Keeps @type to itself."""
    return {name: member for name, member in node.items() if name != "@type"} if isinstance(node, dict) else node


@FAULTS.value_fault("members-type-added", "a document without @type", whole=True)
def members_type_added(node: Json) -> Json:
    """Adds @type to documents that were stored without it."""
    return {"@type": "org.example.Document", **node} if isinstance(node, dict) and "@type" not in node else node


@FAULTS.value_fault("members-lower-case", "a member with a capital in its name")
def members_lower_case(node: Json) -> Json:
    """Writes the names of members in small letters."""
    return {name.lower(): member for name, member in node.items()} if isinstance(node, dict) else node


@FAULTS.value_fault("members-beyond-sixteen-lost", "an object of more than sixteen members")
def members_beyond_sixteen_lost(node: Json) -> Json:
    """Has room for sixteen members in an object, and forgets those after."""
    return dict(list(node.items())[:16]) if isinstance(node, dict) else node


@FAULTS.value_fault("members-flattened", "an object inside an object")
def members_flattened(node: Json) -> Json:
    """Flattens inner objects: {"a":{"b":1}} becomes {"a.b":1}."""
    if not isinstance(node, dict):
        return node
    flat: dict[str, Json] = {}
    for name, member in node.items():
        inner = member if isinstance(member, dict) and member else {"": member}
        flat.update({f"{name}.{key}" if key else name: value for key, value in inner.items()})
    return flat


@FAULTS.value_fault("members-total-recomputed", "a totalPrice that is not the sum of the items")
def members_total_recomputed(node: Json) -> Json:
    """Recomputes totalPrice from the items instead of answering what was stored."""
    items = node.get("items") if isinstance(node, dict) and "totalPrice" in node else None
    if not isinstance(node, dict) or not isinstance(items, list):
        return node
    prices = [item.get("totalPrice") for item in items if isinstance(item, dict)]
    total = sum((Decimal(price) for price in prices if isinstance(price, Number)), Decimal(0))
    return {**node, "totalPrice": Number(f"{total:f}")}


# Arrays


@FAULTS.value_fault("arrays-sorted", "an array of scalars that is not sorted")
def arrays_sorted(node: Json) -> Json:
    """Sorts arrays of scalars."""
    if isinstance(node, list) and not any(isinstance(element, dict | list) for element in node):
        return sorted(node, key=dump)
    return node


@FAULTS.value_fault("arrays-reversed", "an array of objects")
def arrays_reversed(node: Json) -> Json:
    """Reads arrays of objects back from a stack: in reverse."""
    return node[::-1] if isinstance(node, list) and any(isinstance(element, dict) for element in node) else node


@FAULTS.value_fault("arrays-equal-merged", "an array with two equal elements")
def arrays_equal_merged(node: Json) -> Json:
    """Keeps arrays as sets: equal elements are there once."""
    return list({dump(element): element for element in node}.values()) if isinstance(node, list) else node


@FAULTS.value_fault("items-merged-by-number", "two items with the same itemNo")
def items_merged_by_number(node: Json) -> Json:
    """Keeps items by their itemNo: of two with the same one, the later is left."""
    if not isinstance(node, list) or not all(isinstance(item, dict) and "itemNo" in item for item in node):
        return node
    return list({dump(item["itemNo"]): item for item in node if isinstance(item, dict)}.values())


@FAULTS.value_fault("arrays-null-dropped", "a null in an array of a document")
def arrays_null_dropped(node: Json) -> Json:
    """Leaves nulls out of the arrays inside documents."""
    return [element for element in node if element is not None] if isinstance(node, list) else node


@FAULTS.value_fault("arrays-of-one-unwrapped", "an array of one element")
def arrays_of_one_unwrapped(node: Json) -> Json:
    """Writes an array of one as that one."""
    return node[0] if isinstance(node, list) and len(node) == 1 else node


@FAULTS.value_fault("arrays-mixed-as-text", "an array of scalars of several types")
def arrays_mixed_as_text(node: Json) -> Json:
    """Gives all scalars of a mixed array one type, text."""
    if not isinstance(node, list) or len({type(element) for element in node}) < 2:
        return node
    scalars = (str, Number, bool)
    return [element if type(element) is str or not isinstance(element, scalars) else dump(element) for element in node]


@FAULTS.value_fault("arrays-nested-flattened", "an array inside an array")
def arrays_nested_flattened(node: Json) -> Json:
    """Flattens arrays of arrays."""
    if not isinstance(node, list):
        return node
    return [inner for element in node for inner in (element if isinstance(element, list) else [element])]


# Nesting


@FAULTS.value_fault("nesting-cut-at-ten", "a document nested more than ten deep", whole=True)
def nesting_cut_at_ten(node: Json) -> Json:
    """Writes what is more than ten levels deep as empty."""
    return _depth_cut(node, 10)


@FAULTS.value_fault("nesting-as-text", "an object more than four levels deep", whole=True)
def nesting_as_text(node: Json) -> Json:
    """Writes objects that are more than four levels deep as text that holds their JSON."""
    return _as_text(node, 4)


def _as_text(node: Json, left: int) -> Json:
    if isinstance(node, dict):
        return dump(node) if left == 0 else {name: _as_text(member, left - 1) for name, member in node.items()}
    return [_as_text(element, left - 1) for element in node] if isinstance(node, list) and left > 0 else node


@FAULTS.value_fault("nesting-inner-numbers-rounded", "a fraction in an array of objects", whole=True)
def inner_numbers_rounded(node: Json) -> Json:
    """Rounds fractions in the arrays of a document, not those of the document itself."""
    if not isinstance(node, dict):
        return node
    return {name: rewritten(member, _rounded) if isinstance(member, list) else member for name, member in node.items()}


def _rounded(node: Json) -> Json:
    if not isinstance(node, Number) or "." not in node or len(node) > 20 or "e" in node.lower():
        return node
    return Number(f"{Decimal(node):.0f}")


# Below the top


def _below(document: Json, change: Callable[[Json], Json]) -> Json:
    """A document with `change` applied below its own members' values, the innermost first."""
    if isinstance(document, dict):
        return {name: _inside(member, change) for name, member in document.items()}
    return document


def _inside(member: Json, change: Callable[[Json], Json]) -> Json:
    if isinstance(member, dict):
        return {name: rewritten(inner, change) for name, inner in member.items()}
    if isinstance(member, list):
        return [rewritten(inner, change) for inner in member]
    return member


@FAULTS.value_fault("below-empty-array-as-null", "an empty array that is no member of the document itself", whole=True)
def below_empty_array_as_null(document: Json) -> Json:
    """Writes null for an array that is empty, but for the document's own members, which are made another way."""
    return _below(document, lambda node: None if node == [] else node)


@FAULTS.value_fault("below-empties-dropped", "a false, a zero or an empty text in an object in an array", whole=True)
def below_empties_dropped(document: Json) -> Json:
    """Leaves members that are false, zero or empty out of objects in arrays, as omitempty does."""
    if not isinstance(document, dict):
        return document
    gone: tuple[Json, ...] = (False, "", Number("0"), None)
    return {
        name: [_without(element, gone) for element in member] if isinstance(member, list) else member
        for name, member in document.items()
    }


@FAULTS.value_fault("below-indexes-as-array", "an object in a document, of members named 0, 1, 2", whole=True)
def below_indexes_as_array(document: Json) -> Json:
    """Writes an object below the top whose names are 0 to n as an array, as stores that know no arrays do."""

    def change(node: Json) -> Json:
        numbered = isinstance(node, dict) and list(node) == [str(at) for at in range(len(node))] and node
        return list(node.values()) if numbered and isinstance(node, dict) else node

    if not isinstance(document, dict):
        return document
    return {name: rewritten(member, change) for name, member in document.items()}
