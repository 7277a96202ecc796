"""JSON documents that may be stored: all types, at every depth, in the ways a text of JSON may write them.

An array has no array after an object in it, which no release stores; a fraction has at most fifteen digits, so that a
double holds it as written (E37).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kvgate.explore.draws import Draws
from kvgate.explore.spell import spelled_text

Document = str | dict[str, Any]
_DEEPEST = 6
_LONGEST_CHAIN = 90  # objects in objects; a body has two levels more, and 200 are read
_SIZES = (31, 32, 64, 127, 128, 255, 256, 512, 1000, 1023, 1024, 2048, 4096, 8191, 8192, 16384, 32768, 65535)
_NAMES = (
    "a", "b", "id", "A", "a b", "a.b", "$ref", "@type", "_id", "1", "", "class", "cause", "orders", "items",
    "value", "é", "日本", "a\"b", "a\\b", "a/b", "a\n", " ", "null", "true", "__proto__", "length", "key", "values",
    "@id", "-", "#", "a:b",
)  # fmt: skip
_TEXTS = (
    "text", "", " ", " a ", "a\n", "\ta", "\r\n", "null", "true", "false", "0", "1.50", "-0", "1e3", "007", "NaN",
    "{}", "[]", '{"a":1}', "<&>", "&amp;", "<b>", "say \"hi\"", "it's", "a/b\\c", "\\", "\\n", "\\u0041", "100%",
    "a+b", "a%20b", "${x}", "{{x}}", "%s", "2014-01-18T21:39:04Z", "01/10/2014", "Zürich", "e\u0301", "日本語", "😀",
    "👩‍👩‍👧", "x\u2028y", "x\u2029y", "\ufeff", "\u200b", "\u00a0", "\x00", "\x01", "\x1f", "\x7f", "\x85", "\ufffd",
    "\uffff", "İı", "ſK", "ß", "null ", "NULL", "None", "undefined", "-", "+1", "0x10", "1_000", "Infinity", ",",
    ":", "]", "}", "\b\f",
)  # fmt: skip
_INTEGERS = (
    0, 1, -1, 9, 10, 127, 128, 255, 256, -128, 32767, 32768, 65535, 65536, 2**24 + 1, 2**31 - 1, 2**31, -(2**31),
    2**32, -(2**31) - 1, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**62 + 1, 2**63 - 1, -(2**63), 10**15, 10**18,
    999999999999,
)  # fmt: skip
_BEYOND = (2**63, -(2**63) - 1, 2**64, 2**64 + 1, 10**20, 123456789012345678901234567890)
_WRITTEN = (
    "15.5", "20.0", "0.1", "-0.25", "0.0", "-0.0", "1e3", "1E3", "1.5E-7", "2.5e+10", "1e22", "1E300", "1e-290",
    "-2E10", "350.0", "3.5e2", "0.000001234567", "123456.789012345", "16777217.5", "-0", "1.10", "100.00", "0.3",
    "1e0", "9.99",
)  # fmt: skip


def document(draws: Draws) -> tuple[Document, str]:
    """The text of one object as a fixture writes it, and the level at which it has to come back (E37)."""
    if draws.chance(10):
        return _large(draws), "MUST"
    if draws.chance(8):
        return _order(draws), "MUST"
    writer = _Writer(draws)
    text = writer.object(0)
    return spelled_text(text), "SHOULD" if writer.beyond else "MUST"


def plain_document(draws: Draws, number: int) -> Document:
    """A small object; now and then one that is equal to others."""
    return draws.pick(('{"same":true}', '{"same":true}', "{}")) if draws.chance(20) else f'{{"id":{number}}}'


def _large(draws: Draws) -> Document:
    """A document that is long, wide or deep."""
    kind = draws.number(0, 3)
    size = (65536 if draws.chance(20) else draws.pick(_SIZES)) + draws.pick((0, 1, -1))
    if kind == 0:
        unit = draws.pick(("a", "é", "日", "😀", "\\n", '\\"', "0123456789", " "))
        return spelled_text('{"x":"' + unit * (size // draws.pick((1, len(unit.encode())))) + '"}')
    if kind == 1:
        size = min(size, 4097)
        return spelled_text('{"a":[' + ",".join([draws.pick(("1", '"a"', "null", "{}"))] * size) + "]}")
    if kind == 2:
        depth = draws.number(2, _LONGEST_CHAIN)
        return spelled_text('{"a":' * depth + '"bottom"' + "}" * depth)
    count = draws.number(20, 200)
    return "{" + ",".join(f'"m{number}":{number}' for number in range(count)) + "}"


def _order(draws: Draws) -> Document:
    """An order as the page has them: items that may have one number, prices that need not add up (E22)."""
    items = [
        {"itemNo": draws.number(1, 2), "description": f"Product-{draws.number(1, 3)}", "quantity": draws.number(0, 12),
         "unitPrice": draws.pick((5, 20.0, 15.5, 99.99, 0.1)), "totalPrice": draws.pick((10.0, 350, 30, 0))}
        for _ in draws.times(0, 4)
    ]  # fmt: skip
    head = {
        "purchaseOrderNo": draws.number(1, 2000),
        "customerId": 101,
        "orderDate": "01/10/2014",
        "contact": "Jelly Bean",
    }
    return json.dumps({**head, "items": items, "totalPrice": draws.pick((225, 350.0, 0))})


class _Writer:
    """Writes one document. `beyond` says that it holds an integer beyond 64 bits."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self._gap = draws.pick(("", "", "", " ", "\n", "\t"))
        self.beyond = False

    def object(self, depth: int) -> str:
        """An object, its members named each in another way."""
        names: dict[str, None] = {}
        for number in self._draws.times(0 if depth else 1, 8, 60):
            name = self._name(number)
            names[name if name not in names else f"{name}{number}"] = None
        gap = self._gap
        members = (f"{self._text(name)}{gap}:{gap}{self._member(name, depth)}" for name in names)
        return "{" + gap + f"{gap},{gap}".join(members) + gap + "}"

    def _name(self, number: int) -> str:
        draws = self._draws
        if draws.chance(60):
            return "abcdefghijk"[number]
        return draws.pick(_NAMES) if draws.chance(70) else self._any_text()

    def _member(self, name: str, depth: int) -> str:
        # Of what type something is has to be a text.
        return self._string() if name == "@type" else self.value(depth + 1)

    def value(self, depth: int) -> str:
        """Any value; at the depth allowed, none that holds others."""
        kind = self._draws.number(0, 9)
        if kind < 2:
            return self._number()
        if kind < 5:
            return self._string()
        if kind == 5:
            return self._draws.pick(("true", "false", "null"))
        if depth >= _DEEPEST:
            return self._draws.pick(("{}", "[]", "null"))
        if kind == 6:
            return self._draws.pick(("{}", "[]", "null", '""', "0", "[null]", "[[]]", "[{}]", '[""]'))
        return self.object(depth) if kind < 8 else self._array(depth)

    def _array(self, depth: int) -> str:
        elements: list[str] = []
        for _ in self._draws.times(0, 8, 70):
            element = self.value(depth + 1)
            if element.startswith("[") and any(each.startswith("{") for each in elements):
                element = self._number()
            elements.append(element)
        if elements and self._draws.chance(10):
            scalar = next((each for each in elements if each[0] not in "[{"), "1")
            elements = [*elements, *[scalar] * self._draws.number(1, 60)]
        return "[" + self._gap + f"{self._gap},{self._gap}".join(elements) + self._gap + "]"

    def _number(self) -> str:
        draws = self._draws
        kind = draws.number(0, 9)
        if kind < 4:
            return str(draws.pick(_INTEGERS))
        if kind < 7:
            return draws.pick(_WRITTEN)
        if kind == 7:
            return str(draws.number(-(2**63), 2**63 - 1))
        if kind == 8:
            return self._fraction()
        if draws.chance(15):
            self.beyond = True
            return str(draws.pick(_BEYOND))
        return str(draws.number(0, 1000))

    def _fraction(self) -> str:
        """At most fifteen digits, with or without an exponent, in one of the ways to write it."""
        draws = self._draws
        digits = str(draws.number(1, 10 ** draws.number(1, 14)))
        point = draws.number(0, len(digits))
        text = f"{digits[:point].lstrip('0') or '0'}.{digits[point:] or '0'}"
        exponent = draws.pick(("", "", "e", "E", "e+", "e-", "E-"))
        return draws.pick(("", "-")) + text + (f"{exponent}{draws.number(0, 250)}" if exponent else "")

    def _string(self) -> str:
        return self._text(self._draws.pick(_TEXTS) if self._draws.chance(60) else self._any_text())

    def _any_text(self) -> str:
        return "".join(chr(self._code()) for _ in self._draws.times(0, 12, 75))

    def _code(self) -> int:
        """A code point, any but a surrogate."""
        draws = self._draws
        blocks: Sequence[tuple[int, int]] = ((0x61, 0x7A), (0x20, 0x7E), (0, 0xFF), (0x100, 0xD7FF), (0xE000, 0x10FFFF))
        return draws.number(*draws.pick(blocks))

    def _text(self, text: str) -> str:
        """The text as JSON: what may stand raw does, or all but ASCII is escaped, or all of it."""
        way = self._draws.number(0, 9)
        if way < 6:
            return json.dumps(text, ensure_ascii=False)
        if way < 9:
            return json.dumps(text, ensure_ascii=True)
        units = text.encode("utf-16-be")
        return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'
