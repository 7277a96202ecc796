"""TOML files of ours: read, checked against a JSON Schema, and every error told with file, line and key."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kvgate.bounded import read_bounded
from kvgate.errors import InputError
from kvgate.schema import Problem, problems

_NAME = 60  # characters of a name that tell it from others
_BYTE_ORDER_MARK = "\ufeff"
_MOST_BITS = 64
_TOO_LARGE = f"a whole number of more than {_MOST_BITS} bits: no key takes one"
_ENDLESS = re.compile(r"[0-9](?:_?[0-9]){4300}")
_TABLE = re.compile(r"^\s*\[(\[)?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_AT = re.compile(r" \(at (?:line (\d+), (column \d+)|end of document)\)$")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def read_toml(path: Path, schema: str | None = None, *, what: str = "file") -> dict[str, Any]:
    """Reads a TOML file and checks it against `schemas/<schema>`.

    Raises InputError with one line: file, line, key, what was expected, and the nearest known name for an unknown key.
    """
    try:
        text = read_bounded(path, what=what).decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such {what}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: this {what} is not UTF-8: save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise InputError(f"{path}: cannot read this {what}: {reason}") from None
    if text.startswith(_BYTE_ORDER_MARK):
        raise InputError(f"{path}:1: this {what} begins with a byte-order mark: save it as UTF-8 without one")
    data = _parsed(path, text)
    if schema is not None:
        found = problems(schema, data)
        if found:
            raise InputError(describe(path, text, found[0], data))
    return data


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
        large = next(_too_large(data, ()), None)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_not_toml(path, text, str(error))) from None
    except RecursionError:
        raise InputError(f"{path}: not valid TOML: nested too deeply") from None
    except ValueError:  # Python makes no number of so many digits
        number = _ENDLESS.search(text)
        where = f"{path}:{text.count(chr(10), 0, number.start()) + 1}" if number else f"{path}"
        raise InputError(f"{where}: {_TOO_LARGE}") from None
    if large is not None:
        raise InputError(describe(path, text, Problem(large, _TOO_LARGE), data))
    return data


def _too_large(node: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Where a whole number stands that need not be taken: in base 16 it may be one that Python cannot write down."""
    if isinstance(node, int) and node.bit_length() > _MOST_BITS:
        yield path
    elif isinstance(node, Mapping | list):
        for key, child in node.items() if isinstance(node, Mapping) else enumerate(node):
            yield from _too_large(child, (*path, key))


def _not_toml(path: Path, text: str, message: str) -> str:
    at = _AT.search(message)
    if at is None:
        return f"{path}: not valid TOML: {message}"
    line = at.group(1) or len(text.splitlines()) or 1
    where = at.group(2) or "end of file"
    return f"{path}:{line}: not valid TOML: {message[: at.start()]} ({where})"


def describe(path: Path, text: str, problem: Problem, data: object = None) -> str:
    """One line for one problem: `file:line: key: what was expected`; `data` is what the text says, for names in it."""
    line = line_of(text, problem.path)
    where = f"{path}:{line}" if line else f"{path}"
    return f"{where}: {shown_path(problem.path, data) or '(top level)'}: {problem.message}"


def shown_path(path: Sequence[str | int], data: object = None) -> str:
    """A path as people say it: the items of a list count from 1, and one that has a name in `data` is named."""
    said, node = "", data
    for at, step in enumerate(path):
        node = _below(node, step)
        if isinstance(step, int):
            name = _below(node, "name")
            said += f", item {step + 1}" + (f" ({name[:_NAME]})" if isinstance(name, str) and name else "")
        else:
            said += f"{', ' if at and isinstance(path[at - 1], int) else '.' if at else ''}{step}"
    return said


def _below(node: object, step: str | int) -> object:
    if isinstance(node, Mapping):
        return node.get(step)
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else None


def lines_of_tables(text: str, name: str) -> tuple[int, ...]:
    """The lines (from 1) of every `[[name]]` in a TOML text, in order."""
    headers = ((number, _TABLE.match(line)) for number, line in enumerate(text.splitlines(), start=1))
    return tuple(number for number, header in headers if header and header.group(1) and header.group(2) == name)


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line (from 1) where the key at `path` stands in a TOML text, or that of its nearest enclosing key."""
    best: tuple[int, int] | None = None
    wanted = tuple(path)
    for number, here in _keys(text):
        # A table may stand there only by what is below it: [a.b] begins the table a, [[a]] the list a.
        shared = min(len(here), len(wanted))
        if shared and here[:shared] == wanted[:shared] and (best is None or shared > best[0]):
            best = (shared, number)
    return best[1] if best else None


@functools.lru_cache(maxsize=4)
def _keys(text: str) -> tuple[tuple[int, tuple[str | int, ...]], ...]:
    """The line and the path of each key and table header of a TOML text, in order."""
    found: list[tuple[int, tuple[str | int, ...]]] = []
    table: list[str | int] = []
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _TABLE.match(line)
        if header and "=" not in line.split("#")[0]:
            table = _enter(_parts(header.group(2)), counts, is_array=header.group(1) is not None)
            found.append((number, tuple(table)))
        elif key := _KEY.match(line):
            found.append((number, (*table, *_parts(key.group(1)))))
    return tuple(found)


def _parts(dotted: str) -> list[str | int]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _enter(names: list[str | int], counts: dict[tuple[str | int, ...], int], *, is_array: bool) -> list[str | int]:
    """The path of a table header, with the index of each array of tables it stands in."""
    path: list[str | int] = []
    for position, name in enumerate(names):
        path.append(name)
        last = position == len(names) - 1
        key = tuple(path)
        if last and is_array:
            counts[key] = counts.get(key, -1) + 1
        if key in counts:
            path.append(counts[key])
    return path
