"""Holds an answer against the JSON Schemas of schemas/geode/, and says what of it breaches one requirement."""

from __future__ import annotations

from typing import Any

from kvgate.schema import Problem, members_named, violations
from kvgate.strictjson import Value
from kvgate.verdict import Answer, Breach

from .question import Question
from .reading import Values

_REGION = "{region}"
_HEADERS = {
    "found": "geode/headers-200.schema.json",
    "ignored": "geode/headers-200.schema.json",
    "missing": "geode/headers-400-missing-keys.schema.json",
    "bad-parameter": "geode/headers-400-parameter.schema.json",
    "no-region": "geode/headers-404.schema.json",
}
_VALUES = "geode/body-200.schema.json"


def expect_headers(answer: Answer, question: Question, requirement: str) -> None:
    """Raises Breach when the headers violate what their schema says for `requirement`."""
    name = "geode/headers-404.schema.json" if answer.status == 404 else _HEADERS[question.outcome]
    _expect(violations(name, answer.headers(members_named(name)), requirement), "the headers")


def expect_values(document: Value, region: str, requirement: str) -> None:
    """Raises Breach when the body of a 200 violates what its schema says for `requirement`."""
    _expect(violations(_VALUES, normalised(document, region), requirement), "the body")


def expect_elements(found: Values, requirement: str) -> None:
    """Raises Breach when the elements, told apart by their keys, violate what the schema says for `requirement`."""
    elements: list[Any] = (
        [{"missing" if e.missing else "found": e.got} for e in found.paired()] if found.settled else []
    )
    _expect(violations("geode/elements-200.schema.json", elements, requirement), "the array")


def normalised(document: Value, region: str) -> Value:
    """The body with the region's own name replaced by `{region}`, which a schema cannot know.

    A member that has that very name already keeps no resemblance to it.
    """
    if not isinstance(document, dict):
        return document
    return {
        _REGION if name == region else f"not the region: {name}" if name == _REGION else name: member
        for name, member in document.items()
    }


def _expect(problems: tuple[Problem, ...], what: str) -> None:
    if problems:
        at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problems[0].path)
        raise Breach(f"{what}{f' at {at.lstrip(chr(46))}' if at else ''}: {problems[0].message}")
