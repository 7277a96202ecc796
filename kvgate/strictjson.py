"""Reads one JSON text from bytes strictly, as evidence: what a lenient parser would swallow is found and told.

Stricter than RFC 8259 demands of a parser: no byte-order mark, no member twice in one object, no lone surrogate, and
bounds on depth and on the length of a number, checked before anything is parsed. `NotJson` is the only exception; of
its kinds, `TooMuch` says that a bound was met and nothing else is known, and `Unpredictable` that it is JSON.
Numbers stay exact: `Number` compares by value and never expands an exponent.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, Union

from kvgate.plural import many

MAX_DEPTH = 200  # what compares and shows values goes down by recursion, two calls for a level
MAX_NUMBER = 4000  # characters: int() takes no more than 4,300 digits, and no honest number has as many
MAX_BYTES = 8 * 1024 * 1024
MAX_COMMAS = 200_000  # each stands for a value that is an object in memory
_SHOWN = 120
_BEFORE = 40  # characters shown before a difference

Value: TypeAlias = Union[bool, str, "Number", list["Value"], dict[str, "Value"], None]

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_RUN = re.compile(rb"[0-9.eE+-]++")
_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:]')
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|-?[0-9][0-9.eE+-]*+')
_NAME = re.compile(r"[A-Za-z_@][A-Za-z0-9_@-]*")
# Every byte that a number may have becomes 1: what is looked for then is a run of ones, in a time linear in the text.
_NUMERIC = bytes(byte in b"0123456789.eE+-" for byte in range(256))
_TOO_LONG = b"\x01" * (MAX_NUMBER + 1)
# Every byte but the brackets goes, an opening one becomes 1, a closing one 0.
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\x00\x00")


class NotJson(Exception):  # not an error of ours: a finding about what was read
    """What was read is not one strict JSON text. `offset` counts bytes from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} (at byte {offset})")
        self.message, self.offset = message, offset


class Bound(StrEnum):
    """What there is more of than is read."""

    BYTES = "bytes"
    DEPTH = "depth"
    NUMBER = "number"
    VALUES = "values"


class TooMuch(NotJson):
    """What was read goes beyond a bound: whether it is JSON is not known. The bounds are ours, not those of JSON.

    `may_be_short` says of a number that it may be equal to one within the bound.
    """

    def __init__(self, message: str, offset: int, bound: Bound, *, may_be_short: bool = False) -> None:
        super().__init__(message, offset)
        self.bound, self.may_be_short = bound, may_be_short


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number by value: `digits` (no zeros at either end) times ten to `exponent`; zero has no digits.

    350, 350.0 and 3.5e2 are equal, -0 equals 0. `text` is what was written, and takes no part in comparison.
    """

    negative: bool
    digits: str
    exponent: int
    text: str = field(compare=False, default="")

    @classmethod
    def read(cls, text: str) -> Number:
        """The number a JSON text writes down. Raises ValueError when it is none, or is too long to be read."""
        match = _NUMBER.fullmatch(text)
        if match is None or len(text) > MAX_NUMBER:
            raise ValueError("not a JSON number that can be read")
        sign, whole, fraction, exponent = match[1], match[2], match[3] or "", match[4] or "0"
        digits = (whole + fraction).lstrip("0")
        trimmed = digits.rstrip("0")
        if not trimmed:
            return cls(False, "", 0, text)
        return cls(sign == "-", trimmed, int(exponent) - len(fraction) + len(digits) - len(trimmed), text)


class Unpredictable(NotJson):
    """What was read is one JSON text by RFC 8259, but holds what that calls unpredictable to those who read it.

    This is a member twice in one object (section 4), or the escape of a lone surrogate (section 8.2).
    """


class _DuplicateError(Exception):
    """Two members of one name in an object; the hook that finds them does not know where."""


def read(data: bytes) -> Value:
    """The value that `data` writes down, objects as dicts and numbers as `Number`. Raises NotJson."""
    _check_bounds(data)
    text = _text(data)

    def offset(position: int) -> int:
        return len(text[:position].encode("utf-8"))

    if not text.strip(" \t\n\r"):
        raise NotJson("nothing but white space" if text else "empty", 0)
    try:
        value: Value = _decoded(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg[:1].lower() + error.msg[1:], offset(error.pos)) from None
    except _ConstantError as error:
        raise NotJson(f"{error} is not a JSON value", _bare(data).find(str(error).encode())) from None
    except _DuplicateError as error:
        raise Unpredictable(f"a repeated member: {json.dumps(str(error))}", offset(_second_member(text))) from None
    except RecursionError:
        raise TooMuch("nested too deep to be read", 0, Bound.DEPTH) from None
    for escape in _ESCAPE.finditer(text) if _SURROGATE.search(text) else ():
        if escape["lone"]:
            raise Unpredictable(f"a lone surrogate: \\{escape['lone']}", offset(escape.start()))
    return value


def _decoded(text: str) -> Value:
    """The value of a text. Raises _DuplicateError only when there is nothing else that is wrong with it."""
    try:
        return _DECODER.decode(text)  # type: ignore[no-any-return]  # the decoder's hooks give nothing but Values
    except _DuplicateError:
        _LENIENT.decode(text)
        raise


class _ConstantError(Exception):
    """NaN, Infinity or -Infinity."""


def _refuse_constant(name: str) -> None:
    raise _ConstantError(name)


def _members(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateError(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]  # add() is the else
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_float=Number.read,
    parse_int=Number.read,
    parse_constant=_refuse_constant,
    strict=True,
)
# Only tells whether a text is well-formed.
_LENIENT = json.JSONDecoder(
    object_pairs_hook=lambda _: None, parse_float=str, parse_int=str, parse_constant=_refuse_constant, strict=True
)


def _check_bounds(data: bytes) -> None:
    """Finds what is out of bounds, in a time linear in the text and without recursion."""
    if len(data) > MAX_BYTES:
        raise TooMuch(f"{len(data)} bytes, more than {MAX_BYTES} are not read", MAX_BYTES, Bound.BYTES)
    crowded = data.count(b"[") + data.count(b"{") > MAX_DEPTH or data.count(b",") > MAX_COMMAS
    if not crowded and _long_number(data) is None:
        return
    bare = _bare(data)
    long = _long_number(bare)
    if long is not None:
        message = f"a number of {len(long[0])} characters, more than {MAX_NUMBER}"
        raise TooMuch(message, long.start(), Bound.NUMBER, may_be_short=_may_be_short(long[0]))
    if bare.count(b",") > MAX_COMMAS:
        raise TooMuch(f"more than {MAX_COMMAS} values, which are not read", 0, Bound.VALUES)
    depths = itertools.accumulate(1 if step else -1 for step in bare.translate(_STEPS, _NOT_BRACKETS))
    for count, depth in enumerate(depths):
        if depth > MAX_DEPTH:
            at = next(itertools.islice(re.finditer(rb"[\[\]{}]", bare), count, None)).start()
            raise TooMuch(f"nested deeper than {MAX_DEPTH}", at, Bound.DEPTH)


def _long_number(data: bytes) -> re.Match[bytes] | None:
    start = data.translate(_NUMERIC).find(_TOO_LONG)
    return None if start < 0 else _RUN.match(data, start)


def _may_be_short(number: bytes) -> bool:
    """Whether zeros, or an exponent of zero, may be all that makes a number long."""
    significant = number.lower().partition(b"e")[0].translate(None, b"-+.0")
    return not significant or len(number.replace(b"0", b"")) <= MAX_NUMBER


def _bare(data: bytes) -> bytes:
    """The text with blanks in the stead of its strings, which may hold brackets, digits and words as they like."""
    bare = bytearray(data)
    # In place: a substitution would hold each of a million short strings as an object of its own.
    for match in _STRING.finditer(data):
        bare[match.start() : match.end()] = b" " * (match.end() - match.start())
    return bytes(bare)


def _text(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotJson("begins with a byte-order mark", 0)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        surrogate = b"\xed\xa0" <= data[error.start :] < b"\xee"
        raise NotJson("a lone surrogate in UTF-8" if surrogate else "not UTF-8", error.start) from None


def _second_member(text: str) -> int:
    """Where the first member stands whose name was there already in its object."""
    names: list[set[str]] = []
    before: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in ("{", "["):
            names.append(set())
        elif mark in ("}", "]"):
            names.pop()
        elif mark == ":" and before is not None:
            name = json.loads(before[0])
            if name in names[-1]:
                return before.start()
            names[-1].add(name)
        before = token
    return 0


def equal(a: Value, b: Value) -> bool:
    """Whether two values are the same: members in any order, array elements in theirs, numbers by value."""
    # Python's own comparison says so too, since a number is never a bool here.
    return a == b


def hashable(value: Value) -> Hashable:
    """Something hashable that is equal for equal values and for no others, so that values can be counted."""
    if isinstance(value, dict):
        return (dict, frozenset((name, hashable(member)) for name, member in value.items()))
    if isinstance(value, list):
        return (list, tuple(hashable(element) for element in value))
    return (type(value), value)


def difference(want: Value, got: Value) -> str | None:
    """The first difference as one line, `at $.items[1].unitPrice: want 15.5, got 15`, or None when equal."""
    found = next(_differences(want, got, "$"), None)
    return found if found is None else f"at {found[0]}: want {found[1]}, got {found[2]}"


def apart(want: Value, got: Value) -> tuple[str, str]:
    """Two values as they are shown; where both would be shown alike, the place of the first difference alone."""
    texts = shown(want), shown(got)
    found = next(_differences(want, got, "$"), None) if texts[0] == texts[1] else None
    return texts if found is None else (f"at {found[0]}: {found[1]}", f"at {found[0]}: {found[2]}")


def _differences(want: Value, got: Value, path: str) -> Iterator[tuple[str, str, str]]:
    """Paths, and what is shown of the two values there."""
    if isinstance(want, dict) and isinstance(got, dict):
        for name, member in want.items():
            if name not in got:
                yield _member(path, name), shown(member), "nothing"
                return
            yield from _differences(member, got[name], _member(path, name))
        for name, member in got.items():
            if name not in want:
                yield _member(path, name), "nothing", shown(member)
                return
    elif isinstance(want, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip(want, got, strict=False)):
            yield from _differences(one, other, f"{path}[{index}]")
        if len(want) != len(got):
            yield path, many(len(want), "element"), many(len(got), "element")
    elif (type(want), want) != (type(got), got):
        yield path, *_windows(want, got)


def _windows(want: Value, got: Value) -> tuple[str, str]:
    """Two different values as they are shown, from shortly before the first difference on if that would be cut off."""
    texts = shown(want), shown(got)
    if texts[0] != texts[1]:
        return texts
    one, other = shown(want, 6 * MAX_BYTES), shown(got, 6 * MAX_BYTES)  # an escape has six characters
    differs = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    start = next(differs, min(len(one), len(other))) - _BEFORE
    return _window(one, start), _window(other, start)


def _window(text: str, start: int) -> str:
    return f"...{text[start : start + _SHOWN]}{'...' if len(text) > start + _SHOWN else ''}"


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if _NAME.fullmatch(name) else f"{path}[{shown(name)}]"


def shown(value: Value, limit: int = _SHOWN) -> str:
    """The value as one line of ASCII JSON, numbers as they were written, cut after `limit` characters."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > limit:
            return text[:limit] + "..."
    return text


def _pieces(value: Value) -> Iterator[str]:
    if isinstance(value, dict):
        for index, (name, member) in enumerate(value.items()):
            yield f"{', ' if index else '{'}{json.dumps(name)}: "
            yield from _pieces(member)
        yield "}" if value else "{}"
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield ", " if index else "["
            yield from _pieces(element)
        yield "]" if value else "[]"
    else:
        yield value.text if isinstance(value, Number) else json.dumps(value)


def strings(value: Value) -> Iterator[str]:
    """Every text in a value, at every depth: member names, strings, and numbers as written."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from strings(member)
    elif isinstance(value, list):
        for element in value:
            yield from strings(element)
    elif isinstance(value, Number):
        yield value.text
    elif isinstance(value, str):
        yield value


def strings_of(data: bytes) -> Iterator[str]:
    """What `strings` gives, of a text that is `Unpredictable`: of a member that is there twice, both."""
    for token in _TEXT.finditer(data.decode("utf-8")):
        yield json.loads(token[0]) if token[0].startswith('"') else token[0]
