"""JSON read without loss: a number stays the text it was written as.

`load` and `dump` go from text to values and back; `elements` cuts an array into the texts of its elements. All raise
ValueError on what is not strict JSON: duplicate members, NaN, a byte-order mark, nesting beyond what can be read.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

_SPACE = re.compile(r"[ \t\n\r]*")


class Number(str):
    """A number, as it was written."""

    __slots__ = ()


Json = dict[str, "Json"] | list["Json"] | str | Number | bool | None


def _members(pairs: list[tuple[str, Json]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    parse_int=Number, parse_float=Number, parse_constant=_no_constant, object_pairs_hook=_members
)


def _scan(text: str, start: int) -> tuple[Json, int]:
    try:
        value: Json
        value, end = _decoder.raw_decode(text, start)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value, end


def _space(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return match.end() if match else start


def load(text: str) -> Json:
    """The value of a JSON text; numbers are `Number`."""
    value, end = _scan(text, _space(text, 0))
    if _space(text, end) != len(text):
        raise ValueError("something follows the JSON text")
    return value


def dump(value: Json) -> str:
    """A JSON text of `value`, without white space; a `Number` is written as it was read."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dump(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)


def elements(text: str) -> tuple[str, ...]:
    """The texts of the elements of a JSON array, as they stand in `text`. Raises ValueError if it is no array."""
    if not isinstance(load(text), list):
        raise ValueError("not an array")  # noqa: TRY004  (a fault of the text, not of an argument's type)
    found = []
    position = _space(text, _space(text, 0) + 1)
    while text[position] != "]":
        _, end = _scan(text, position)
        found.append(text[position:end])
        position = _space(text, end)
        if text[position] == ",":
            position = _space(text, position + 1)
    return tuple(found)


def has_array_after_object(value: Json) -> bool:
    """True when an array anywhere in `value` has an array standing after an object."""
    waiting = [value]  # not recursive: what could be read must not be too deep to be looked at
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            waiting.extend(current.values())
        elif isinstance(current, list):
            seen_object = False
            for element in current:
                if seen_object and isinstance(element, list):
                    return True
                seen_object = seen_object or isinstance(element, dict)
            waiting.extend(current)
    return False
