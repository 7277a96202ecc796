"""The same array and the same documents, written otherwise."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.javahash import hash_map_order
from kvgate.reference.jsontext import Json, Number, dump, load

FREEDOMS = GeodeDeviations()

_ANY_200 = "every 200"
_INTEGER = re.compile("-?[0-9]+")
Values = Sequence[str | None]


# Order: array and Content-Location together (E21)


@FREEDOMS.freedom("order-hash-map", _ANY_200)
class _HashMap(Geode):
    """Answers in the order in which a hash map walks the keys, each once, as releases up to 1.12 do."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return hash_map_order(keys)


@FREEDOMS.freedom("order-sorted", _ANY_200)
class _Sorted(Geode):
    """Answers in the order of the sorted keys."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(keys))


@FREEDOMS.freedom("order-reversed", _ANY_200)
class _Reversed(Geode):
    """Answers in the reverse order."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(reversed(keys))


@FREEDOMS.freedom("order-new-each-time", "every 200, asked again too")
class _NewEachTime(Geode):
    """Answers in another order each time it is asked, as a map with a random seed does."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(random.sample(keys, len(keys)))


@FREEDOMS.freedom("order-found-first", "a missing key, ignored")
class _FoundFirst(Geode):
    """Names keys that exist before those that don't, and answers in this order."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        held = {key for region in self.regions.values() for key in region}
        return tuple(sorted(keys, key=lambda key: key not in held))


@FREEDOMS.freedom("duplicates-once", "the same key twice")
class _DuplicatesOnce(Geode):
    """Answers a key that was asked for twice once, at its first place (E30)."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(keys))


@FREEDOMS.freedom("duplicates-at-last-place", "the same key twice")
class _DuplicatesAtLastPlace(Geode):
    """Answers a key that was asked for twice once, at its last place (E30)."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(reversed(keys)))[::-1]


# Numbers: by value (E26)


@FREEDOMS.value_freedom("integers-with-fraction", "an integer of up to fifteen digits")
def integers_with_fraction(node: Json) -> Json:
    """Writes 350.0 for 350."""
    return Number(f"{node}.0") if isinstance(node, Number) and _INTEGER.fullmatch(node) else node


@FREEDOMS.value_freedom("numbers-scientific", "any number")
def numbers_scientific(node: Json) -> Json:
    """Writes numbers with an exponent: 3.5E+2 for 350."""
    if not isinstance(node, Number) or len(node) > 400:
        return node
    sign, digits, exponent = Decimal(node).as_tuple()
    first, rest = digits[0], "".join(map(str, digits[1:]))
    power = int(exponent) + len(digits) - 1
    return Number(f"{'-' if sign else ''}{first}{'.' if rest else ''}{rest}E{power:+d}")


@FREEDOMS.value_freedom("numbers-small-e", "any number")
def numbers_small_e(node: Json) -> Json:
    """Writes numbers as an integer and a small e: 155e-1 for 15.5."""
    if not isinstance(node, Number) or len(node) > 400:
        return node
    sign, digits, exponent = Decimal(node).as_tuple()
    return Number(f"{'-' if sign else ''}{int(''.join(map(str, digits)))}e{exponent}")


@FREEDOMS.value_freedom("numbers-shortest", "a fraction that is zero: 20.0")
def numbers_shortest(node: Json) -> Json:
    """Leaves zeros at the end of a fraction out: 20 for 20.0."""
    return Number(re.sub(r"\.0+$|(?<=[1-9])0+$", "", node)) if isinstance(node, Number) and _plain(node) else node


@FREEDOMS.value_freedom("numbers-with-more-zeros", "a fraction")
def numbers_with_more_zeros(node: Json) -> Json:
    """Pads fractions with zeros: 15.50000 for 15.5."""
    return Number(f"{node}0000") if isinstance(node, Number) and _plain(node) else node


def _plain(number: Number) -> bool:
    return "." in number and "e" not in number.lower()


@FREEDOMS.value_freedom(
    "integers-beyond-64-bit-as-doubles",
    "an integer of more than 64 bits (SHOULD, E37)",
    warns=("geode.body.value-intact",),
)
def integers_beyond_64_bit_as_doubles(node: Json) -> Json:
    """Keeps integers beyond 64 bits as doubles, as releases up to 1.8 do."""
    if not isinstance(node, Number) or not _INTEGER.fullmatch(node) or len(node) < 20:
        return node
    return Number(repr(float(node))) if abs(Decimal(node)) >= 2**64 and len(node) < 300 else node


# Documents


@FREEDOMS.value_freedom("members-sorted", "a document whose members are not sorted")
def members_sorted(node: Json) -> Json:
    """Writes members in alphabetical order."""
    return dict(sorted(node.items())) if isinstance(node, dict) else node


@FREEDOMS.value_freedom("members-reversed", "a document of several members")
def members_reversed(node: Json) -> Json:
    """Writes members in reverse."""
    return dict(reversed(node.items())) if isinstance(node, dict) else node


class _Dumped(Geode):
    """Writes the whole body anew, out of what it means."""

    def render_values(self, name: str, values: Values) -> bytes:
        return self.written(load(super().render_values(name, values).decode())).encode()

    def written(self, value: Json) -> str:
        raise NotImplementedError


@FREEDOMS.freedom("escapes-all", "every 200")
class _EscapesAll(_Dumped):
    """Escapes every character of every text and name, ASCII too, with small and capital hexadecimal digits."""

    def written(self, value: Json) -> str:
        return _written(value, _escaped)


@FREEDOMS.freedom("escapes-none", "a text that is not ASCII")
class _EscapesNone(_Dumped):
    """Escapes only what must be: everything else is raw UTF-8, DEL and U+2028 too."""

    def written(self, value: Json) -> str:
        return _written(value, _raw)


@FREEDOMS.freedom("escapes-solidus", "a text with a solidus")
class _EscapesSolidus(_Dumped):
    """Escapes the solidus, and what HTML would take for markup."""

    def written(self, value: Json) -> str:
        return _written(value, _for_html)


@FREEDOMS.freedom("space-indented", _ANY_200)
class _Indented(_Dumped):
    """Indents, with a space before the colon too, and ends with a line feed."""

    def written(self, value: Json) -> str:
        return _written(value, json.dumps, before=" ", after="\n    ") + "\n"


@FREEDOMS.freedom("space-everywhere", _ANY_200)
class _SpaceEverywhere(_Dumped):
    """Puts every kind of white space wherever JSON allows it, before and after the text too."""

    def written(self, value: Json) -> str:
        return f"\r\n\t {_written(value, json.dumps, before=' ' + chr(9), after=chr(13) + chr(10))} \t\r\n\r\n"


@FREEDOMS.freedom("documents-all-at-once", _ANY_200)
class _AllAtOnce(_Dumped):
    """Writes members in reverse, numbers with an exponent, every text escaped, with white space, in hash order."""

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return hash_map_order(keys)

    def render_value(self, text: str | None) -> str:
        return "null" if text is None else dump(_turned(load(text)))

    def written(self, value: Json) -> str:
        return _written(value, _escaped, before="\t", after=" ")


def _turned(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _turned(member) for name, member in reversed(value.items())}
    if isinstance(value, list):
        return [_turned(element) for element in value]
    return numbers_scientific(value)


def _written(value: Json, text: Callable[[str], str], *, before: str = "", after: str = "") -> str:
    """A JSON text with strings as `text` writes them, and white space before and after each sign."""

    def write(node: Json) -> str:
        if isinstance(node, dict):
            members = (f"{text(name)}{before}:{after}{write(member)}" for name, member in node.items())
            return f"{{{after}{f'{before},{after}'.join(members)}{before}}}"
        if isinstance(node, list):
            return f"[{after}{f'{before},{after}'.join(map(write, node))}{before}]"
        if isinstance(node, Number) or not isinstance(node, str):
            return dump(node)
        return text(node)

    return write(value)


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass").hex()
    quads = (units[at : at + 4] for at in range(0, len(units), 4))
    return '"' + "".join(f"\\u{quad.upper() if at % 2 else quad}" for at, quad in enumerate(quads)) + '"'


def _raw(text: str) -> str:
    if re.search("[\ud800-\udfff]", text):
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False)


def _for_html(text: str) -> str:
    written = _raw(text).replace("/", "\\/")
    return re.sub("[<>&']", lambda match: f"\\u{ord(match[0]):04x}", written)
