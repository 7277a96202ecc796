"""A generated row: one `[[case]]` of a fixture file, but for its name and its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kvgate.case import Case
from kvgate.case.generated import GENERATED
from kvgate.case.load import case_of
from kvgate.interface import Interface

Row = Mapping[str, Any]
SOURCE = "generated"
WIDE = 120  # characters; what does not fit on a line is spread
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def text_of(row: Row) -> str:
    """A text that two rows have in common when they are the same, in their order too."""
    return json.dumps(row)


def name_of(seed: int, number: int) -> str:
    """The name of the generated case of this number, from 1."""
    return f"{GENERATED}{seed}-{number}"


def name_of_all(seed: int) -> str:
    """The name under which all generated cases of a seed are judged together."""
    return f"{GENERATED}{seed}"


def named(row: Row, name: str, why: str) -> dict[str, Any]:
    """The row as a fixture file has it, whole."""
    return {"name": name, "why": why, **row}


def case_from(row: Row, interface: Interface) -> Case:
    """The case that a whole row stands for."""
    return case_of(row, interface, SOURCE)


def as_toml(row: Row) -> str:
    """The row as a `[[case]]` that can be pasted into a file of fixtures/; ASCII, so that no terminal changes it."""
    lines = ["[[case]]"]
    for key, value in row.items():
        line = f"{_key(key)} = {_value(value)}"
        lines.extend([line] if len(line) <= WIDE or not isinstance(value, Mapping) else _spread((key,), value))
    return "\n".join(lines) + "\n"


def _spread(path: Sequence[str], table: Mapping[str, Any]) -> list[str]:
    """A table as dotted keys, a line for each of its members; what is one value of several parts stays together."""
    lines: list[str] = []
    for key, value in table.items():
        line = f"{'.'.join(map(_key, (*path, key)))} = {_value(value)}"
        holds_tables = (
            isinstance(value, Mapping) and value and all(isinstance(v, Mapping | str) for v in value.values())
        )
        if holds_tables and len(line) > WIDE and "text" not in value and "hex" not in value:
            lines.extend(_spread((*path, key), value))
        else:
            lines.append(line)
    return lines


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(member)}" for key, member in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    raise TypeError(f"a fixture holds no {type(value).__name__}")


def _text(text: str) -> str:
    """A literal string where that is clear, since JSON in it stays readable; else a basic one, ASCII only."""
    if "'" not in text and '"' in text and text.isascii() and text.isprintable():
        return f"'{text}'"
    escaped = json.dumps(text, ensure_ascii=True).replace("\x7f", "\\u007f")
    return re.sub(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", _beyond, escaped)


def _beyond(pair: re.Match[str]) -> str:
    """A pair of surrogates, which TOML does not take, as one escape of eight digits."""
    high, low = (int(digits, 16) for digits in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
