"""Faults in documents that only rare data shows: particular characters, names, sizes, places in the array."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.jsontext import Json, Number, dump, load

FAULTS = GeodeDeviations()

_INTACT = "geode.body.value-intact"
_STRICT = "geode.body.strict-json"
Values = Sequence[str | None]


def _text(node: Json, change: Callable[[str], Json]) -> Json:
    return change(node) if isinstance(node, str) and not isinstance(node, Number) else node


def _renamed(node: Json, change: Callable[[str], str]) -> Json:
    return {change(name): member for name, member in node.items()} if isinstance(node, dict) else node


# Characters


@FAULTS.value_fault("rare-joiner-dropped", "a text with U+200D, as emoji of several people have")
def joiner_dropped(node: Json) -> Json:
    """Drops characters of no width."""
    return _text(node, lambda text: re.sub("[\u200b-\u200d\ufeff]", "", text))


@FAULTS.value_fault("rare-no-break-space", "a text with U+00A0")
def no_break_space(node: Json) -> Json:
    """Writes a plain space for a no-break space."""
    return _text(node, lambda text: text.replace("\u00a0", " "))


@FAULTS.value_fault("rare-delete-dropped", "a text with U+007F")
def delete_dropped(node: Json) -> Json:
    """Drops U+007F, which JSON allows in a text."""
    return _text(node, lambda text: text.replace("\x7f", ""))


@FAULTS.value_fault("rare-apostrophe-doubled", "a text with an apostrophe")
def apostrophe_doubled(node: Json) -> Json:
    """Doubles apostrophes for a query, and never undoes it."""
    return _text(node, lambda text: text.replace("'", "''"))


@FAULTS.value_fault("rare-plus-in-text", "a text with a plus")
def plus_in_text(node: Json) -> Json:
    """Decodes texts like forms: a plus becomes a space."""
    return _text(node, lambda text: text.replace("+", " "))


@FAULTS.value_fault("rare-solidus-escaped-twice", "a text with a solidus")
def solidus_escaped_twice(node: Json) -> Json:
    r"""Escapes the solidus before the text is written: \/ with a backslash that stays."""
    return _text(node, lambda text: text.replace("/", "\\/"))


@FAULTS.value_fault("rare-form-feed-lost", "a text with a backspace or a form feed")
def form_feed_lost(node: Json) -> Json:
    r"""Knows the escapes \n, \r and \t; of \b and \f the letter is left."""
    return _text(node, lambda text: text.replace("\b", "b").replace("\f", "f"))


@FAULTS.value_fault("rare-entities-decoded", "a text with an entity: &amp;")
def entities_decoded(node: Json) -> Json:
    """Decodes HTML's entities in texts."""
    return _text(node, lambda text: text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@FAULTS.value_fault("rare-dollar-expanded", "a text with ${ and }")
def dollar_expanded(node: Json) -> Json:
    """Expands what looks like a placeholder to nothing."""
    return _text(node, lambda text: re.sub(r"\$\{[^}]*\}", "", text))


@FAULTS.value_fault("rare-tab-as-spaces", "a text with a tab")
def tab_as_spaces(node: Json) -> Json:
    """Writes spaces for a tab."""
    return _text(node, str.expandtabs)


# Names of members


@FAULTS.value_fault("rare-name-dotted-expanded", "a member with a dot in its name")
def name_dotted_expanded(node: Json) -> Json:
    """Takes a dot in a member's name for a path: "a.b" becomes an object in an object."""
    if not isinstance(node, dict):
        return node
    expanded: dict[str, Json] = {}
    for name, member in node.items():
        head, dot, tail = name.partition(".")
        expanded[head if dot and tail else name] = {tail: member} if dot and tail else member
    return expanded


@FAULTS.value_fault("rare-name-not-ascii", "a member whose name is not ASCII")
def name_not_ascii(node: Json) -> Json:
    """Writes a question mark for what is not ASCII in a member's name."""
    return _renamed(node, lambda name: name.encode("ascii", "replace").decode())


@FAULTS.value_fault("rare-name-trimmed", "a member with a space in its name")
def name_trimmed(node: Json) -> Json:
    """Takes white space out of members' names."""
    return _renamed(node, lambda name: "".join(name.split()))


@FAULTS.value_fault("rare-name-empty-dropped", "a member whose name is empty")
def name_empty_dropped(node: Json) -> Json:
    """Does not write a member without a name."""
    return {name: member for name, member in node.items() if name} if isinstance(node, dict) else node


@FAULTS.value_fault("rare-name-in-any-case-merged", "two members whose names differ in case only")
def name_in_any_case_merged(node: Json) -> Json:
    """Knows members without regard to case: the later of two takes the place of the first."""
    if not isinstance(node, dict):
        return node
    first = {name.casefold(): name for name in reversed(node)}
    return {first[name.casefold()]: member for name, member in node.items()}


@FAULTS.value_fault("rare-type-inside-dropped", "@type in an object inside a document")
def type_inside_dropped(node: Json) -> Json:
    """Keeps @type of the document and drops that of objects inside it."""
    if not isinstance(node, dict):
        return node
    return {name: _without_type(member) for name, member in node.items()}


def _without_type(node: Json) -> Json:
    return {name: member for name, member in node.items() if name != "@type"} if isinstance(node, dict) else node


# Sizes, signs


@FAULTS.value_fault("rare-exponent-plus-lost", "a number with an exponent that has a plus sign: 1.5E+3")
def exponent_plus_lost(node: Json) -> Json:
    """Ends a number at the plus sign of its exponent, and the exponent with it."""
    return Number(re.sub(r"[eE]\+.*", "", node)) if isinstance(node, Number) else node


@FAULTS.value_fault("rare-small-e-lost", "a number with a small e: 1e3")
def small_e_lost(node: Json) -> Json:
    """Knows the capital E of an exponent only."""
    return Number(re.sub("e.*", "", node)) if isinstance(node, Number) else node


@FAULTS.value_fault("rare-negative-large-rounded", "a negative integer below -2^53")
def negative_large_rounded(node: Json) -> Json:
    """Checks for integers beyond 2^53 without their sign: negative ones are rounded."""
    if not isinstance(node, Number) or not re.fullmatch("-[0-9]{16,19}", node):
        return node
    return Number(int(float(node)))


@FAULTS.value_fault("rare-negative-exponent-in-negative", "a negative number with a negative exponent")
def negative_exponent_in_negative(node: Json) -> Json:
    """Looks for one minus sign in a number: the exponent's is lost when there is another."""
    return Number(re.sub(r"^(-.*[eE])-", r"\1", node)) if isinstance(node, Number) else node


@FAULTS.value_fault("rare-array-cap-100", "an array of more than 100 elements inside a document")
def array_cap_100(node: Json) -> Json:
    """Cuts arrays inside documents at 100 elements."""
    return node[:100] if isinstance(node, list) else node


@FAULTS.value_fault("rare-text-cut-at-1000", "a text of more than 1000 characters")
def text_cut_at_1000(node: Json) -> Json:
    """Cuts texts at 1000 characters, between two bytes if need be."""
    return _text(node, lambda text: text[:1000])


@FAULTS.value_fault("rare-empty-array-in-array", "an empty array in an array")
def empty_array_in_array(node: Json) -> Json:
    """Leaves empty arrays out of arrays."""
    return [element for element in node if element != []] if isinstance(node, list) else node


@FAULTS.value_fault("rare-empty-object-in-array", "an empty object in an array")
def empty_object_in_array(node: Json) -> Json:
    """Leaves empty objects out of arrays."""
    return [element for element in node if element != {}] if isinstance(node, list) else node


# Syntax


@FAULTS.fault("rare-backspace-raw", _STRICT, "a text with a control character other than tab and line feed")
class _ControlRaw(Geode):
    """Escapes tab, line feed and carriage return, and no other control character."""

    def render_value(self, text: str | None) -> str:
        if text is None:
            return super().render_value(text)
        written = dump(load(text)).replace("\\b", "\x08").replace("\\f", "\x0c")
        return re.sub(r"\\u00(0[0-7b]|1[0-9a-f])", lambda match: chr(int(match[1], 16)), written)


@FAULTS.fault("rare-escape-of-eight", _STRICT, "a text with a character beyond the basic plane")
class _EscapeOfEight(Geode):
    r"""Escapes characters beyond the basic plane as \U0001F600, which JSON does not know."""

    def render_value(self, text: str | None) -> str:
        if text is None:
            return super().render_value(text)
        pairs = r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})"
        return re.sub(pairs, _eight, dump(load(text)))


def _eight(match: re.Match[str]) -> str:
    point = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00
    return f"\\U{point:08X}"


# Places in the array


class _Placed(Geode):
    """Changes documents by their place in the array."""

    def render_values(self, name: str, values: Values) -> bytes:
        placed = [self.placed(index, value, values) for index, value in enumerate(values)]
        return super().render_values(name, placed)

    def placed(self, index: int, value: str | None, values: Values) -> str | None:
        raise NotImplementedError


@FAULTS.fault("rare-type-of-first-only", _INTACT, "a document with @type that is not the first of the array")
class _TypeOfFirstOnly(_Placed):
    """Writes @type of the first document, and takes it to hold for the others."""

    def placed(self, index: int, value: str | None, values: Values) -> str | None:
        return dump(_without_type(load(value))) if index and value is not None else value


@FAULTS.fault("rare-null-after-fifty", _INTACT, "more than 50 keys")
class _NullAfterFifty(_Placed):
    """Loads the first fifty documents, and has nulls for those after."""

    def placed(self, index: int, value: str | None, values: Values) -> str | None:
        return value if index < 50 else None


@FAULTS.fault("rare-members-of-previous", "geode.safe.isolated", "two documents with different members, side by side")
class _MembersOfPrevious(_Placed):
    """Reads documents into one object without clearing it: members a document lacks are those of the one before."""

    def placed(self, index: int, value: str | None, values: Values) -> str | None:
        before = values[index - 1] if index else None
        if value is None or before is None:
            return value
        mixed, own = load(before), load(value)
        return dump({**mixed, **own}) if isinstance(mixed, dict) and isinstance(own, dict) else value


@FAULTS.fault("rare-missing-twice-once", "geode.body.one-per-key", "the same missing key twice, ignored")
class _MissingTwiceOnce(Geode):
    """Answers null once for a missing key that was asked for twice, though Content-Location names it twice."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Values:
        seen: set[str] = set()
        values: list[str | None] = []
        for key in keys:
            value = self.look_up(region, key)
            if value is not None or key not in seen:
                values.append(value)
            seen.add(key)
        return values


@FAULTS.fault("rare-empty-document-as-null", _INTACT, "a stored document that is an empty object")
class _EmptyDocumentAsNull(Geode):
    """Writes null for a document without members."""

    def render_value(self, text: str | None) -> str:
        return "null" if text is None or not load(text) else text
