"""Where each part of a target was given: in the target file or as an option, so that an error can say so."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvgate.bounded import named_path
from kvgate.errors import InputError
from kvgate.schema import problems
from kvgate.target.options import PREFIX, Options
from kvgate.tomlfile import line_of, shown_path

Table = dict[str, Any]
KeyPath = Sequence[str | int]
EMPTY = "is given but empty: an unset variable?"
# Not all that int() and float() read: no digits of other scripts, and no sign between digits.
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_FRACTION = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|nan")
_NUMBERS = ("time_limit", "concurrency", "recheck", "explore", "explore_seed", "observe_count", "observe_seed")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where keys come from: a file with its text, and options by the (table, key) they stand for.

    `label` names the source where there is neither.
    """

    file: Path | None = None
    text: str = ""
    options: Mapping[tuple[str, str], str] = field(default_factory=dict)
    label: str = "target"

    def where(self, *path: str | int) -> str:
        """The beginning of an error line about the key at `path`: the option, or file, line and key."""
        option = self.options.get((str(path[0]), str(path[1]))) if len(path) > 1 else None
        if option is not None:
            return option + "".join(f", item {part + 1}" for part in path[2:3] if isinstance(part, int))
        key = shown_path(path) or "(top level)"
        if self.file is None:
            return f"{self.label}: {key}"
        line = line_of(self.text, path)
        return f"{self.file}:{line}: {key}" if line else f"{self.file}: {key}"

    def path(self, table: str, key: str, given: str) -> Path:
        """A path as it was meant: relative to the target file when it stands in it, else to the current folder."""
        path = named_path(given, self.where(table, key))
        return path if self.file is None or (table, key) in self.options else self.file.parent / path


def with_options(data: Mapping[str, Any], options: Options) -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
    """The file's tables with the options put over them, and the options by the (table, key) they stand for.

    Raises InputError for an option that is given but empty.
    """
    merged = {name: dict(table) if isinstance(table, Mapping) else table for name, table in data.items()}
    typed: dict[tuple[str, str], str] = {}
    for table, key, option, value in _given(options):
        texts = value if isinstance(value, list) else [value]
        if not texts or any(isinstance(text, str) and not text.strip() for text in texts):
            raise InputError(f"{option} {EMPTY}")
        merged.setdefault(table, {})[key] = value
        typed[table, key] = option
    return merged, typed


def check(data: Mapping[str, Any], sources: Sources, interfaces: Sequence[str]) -> None:
    """Checks all tables against their schemas. Raises InputError with one line for the most telling problem."""
    for name in interfaces:
        for problem in problems(f"{name}/target.schema.json", data.get(name, {})):
            raise InputError(f"{sources.where(name, *problem.path)}: {problem.message}")
    for problem in problems("kvgate/target.schema.json", data):
        raise InputError(f"{sources.where(*problem.path)}: {problem.message}")
    for path in _not_numbers(data, ()):
        raise InputError(f"{sources.where(*path)}: expected a number, got nan")


def _given(options: Options) -> Iterator[tuple[str, str, str, Any]]:
    """Each option that was given: table, key, the option as it is typed, and its value as in a target file."""
    for key in (
        "profile",
        "strict",
        "report_dir",
        "time_limit",
        "level",
        "requirement",
        "case",
        "keep",
        "waivers",
        "mark",
        "concurrency",
        "recheck",
        "observe",
        "observe_key",
        "observe_count",
        "observe_seed",
        "explore",
        "explore_seed",
    ):
        value = getattr(options, key)
        if value is not None:
            value = list(value) if isinstance(value, tuple) else value
            yield "run", key, PREFIX + key.replace("_", "-"), _number(value) if key in _NUMBERS else value
    for (interface, name), text in options.interface.items():
        yield interface, name.replace("-", "_"), f"--{interface}-{name}", text


def _number(text: Any) -> Any:
    """What an option of numbers says; a text that is no number stays one, for the schema to complain of."""
    if not isinstance(text, str):
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _not_numbers(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Where a TOML `nan` stands: it passes every bound of a JSON Schema."""
    if isinstance(node, float) and math.isnan(node):
        yield path
    elif isinstance(node, Mapping | list):
        for key, child in node.items() if isinstance(node, Mapping) else enumerate(node):
            yield from _not_numbers(child, (*path, key))
