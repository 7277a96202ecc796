"""The types that the schemas of answers name are read by RFC 9110 section 8.3.1: one type, any parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from kvgate.places import SCHEMAS


def _patterns(node: Any) -> Iterator[dict[str, Any]]:
    """The schemas of a single media type, wherever they stand."""
    if isinstance(node, dict):
        if ";" in node.get("pattern", ""):
            yield node
        for each in node.values():
            yield from _patterns(each)
    elif isinstance(node, list):
        for each in node:
            yield from _patterns(each)


TYPES = [
    (
        "application/json",
        *_patterns(json.loads((SCHEMAS / "geode" / "fields.schema.json").read_text(encoding="utf-8"))),
    ),
    ("text/plain", *_patterns(json.loads((SCHEMAS / "get2" / "headers.json").read_text(encoding="utf-8")))),
]
PARAMETERS = (
    "",
    ";charset=utf-8",
    "; charset=utf-8",
    ' ; charset="a;b" ; x=y',
    ";",
    " ; ; ",
    "; ;charset=x",
    ";\t ",
    '; a="\\""',
)
OTHERS = (
    ", text/html",
    ";a=b, text/html",
    "; charset=utf-8, application/json",
    " x",
    ";a =b",
    ";a= b",
    '; a="b',
    ";a",
    "/x",
)


@pytest.mark.parametrize(("name", "schema"), TYPES, ids=["json", "plain"])
def test_a_type_has_any_parameters_and_no_second_type(name: str, schema: dict[str, Any]) -> None:
    assert [text for text in PARAMETERS if not _fits(schema, name + text)] == []
    assert [text for text in PARAMETERS if not _fits(schema, name.upper() + text)] == []
    assert [text for text in OTHERS if _fits(schema, name + text)] == []
    assert not _fits(schema, f"x{name}")


@pytest.mark.parametrize("unit", ["; ", " ;", ";\t", " ; ", "; a=b ", '; a="', '"; '])
@pytest.mark.parametrize(("name", "schema"), TYPES, ids=["json", "plain"])
def test_a_type_made_to_cost_time_costs_none(name: str, schema: dict[str, Any], unit: str) -> None:
    """A pattern that tries every way to share out blanks would not come to an end here."""
    assert not _fits(schema, name + unit * 500 + '"!')


def _fits(schema: dict[str, Any], text: str) -> bool:
    return re.search(schema["pattern"], text) is not None
