"""The quick answer whether a value fits a schema is jsonschema's own, keyword by keyword and file by file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kvgate import schema as schemas
from kvgate.places import FIXTURES, SCHEMAS, SUITES
from kvgate.schema_fit import Compiler, Unsure

_VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3, 1.0, 1.5, 3.0, 10**30, float("inf"), float("nan")),
    *("", "a", "b", "ab", "abc", "1", "é", "\U0001f600\U0001f600", "a\nb", "a\n"),
    *(
        [],
        [1],
        [True],
        [1.0],
        ["a"],
        ["a", "a"],
        ["a", "b"],
        ["a", "b", "a"],
        [1, "a"],
        ["a", 1],
        [[1]],
        [{}],
        [0, False],
    ),
    *({}, {"a": 1}, {"a": "x"}, {"b": 1}, {"a": 1, "b": 2}, {"a": "x", "b": 1, "c": None}, {"ab": 1}, {"a": {"a": {}}}),
    *({"a": {"a": 1}}, {"a": [{"a": 1}]}, {"x-1": 1, "a": 2}, {"": 0}),
]
_ENUMS: list[list[Any]] = [["a", "b"], ["a", None], [0], [False], [1, "a"], [[1], {"a": 1}], [{}], [[]]]
_SCHEMAS: list[Any] = [
    *(True, False, {}, {"title": "t", "expected": "e", "requirement": "r", "format": "date"}),
    *({"type": name} for name in ("object", "array", "string", "boolean", "null", "number", "integer")),
    *({"type": ["string", "null"]}, {"type": ["integer", "boolean"]}),
    *(
        {"const": value}
        for value in (None, True, False, 0, 1, 1.0, 1.5, "a", "", [1], [True], {"a": 1}, {"a": [{"a": 1}]})
    ),
    *({"enum": values} for values in _ENUMS),
    *({name: bound} for name in ("minLength", "maxLength", "minItems", "maxItems") for bound in (0, 1, 2)),
    *({name: bound} for name in ("minProperties", "maxProperties") for bound in (0, 1, 2)),
    *({name: bound} for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") for bound in (1, 1.5)),
    *({"pattern": pattern} for pattern in ("a", "^a$", "^a\\Z", "^.$", "^..$", "[é]", "")),
    *({"required": ["a"]}, {"required": ["a", "b"]}, {"required": []}),
    *({"dependentRequired": {"a": ["b"]}}, {"dependentSchemas": {"a": {"required": ["b"]}}}),
    {"properties": {"a": {"type": "integer"}, "b": True, "c": False}},
    {"patternProperties": {"^x-": {"type": "string"}, "b": {"minimum": 2}}},
    *({"additionalProperties": rest} for rest in (False, True, {"type": "integer"})),
    {"properties": {"a": True}, "additionalProperties": False},
    {"properties": {"a": True}, "patternProperties": {"^x-": True}, "additionalProperties": False},
    {"properties": {"a": True}, "additionalProperties": {"type": "integer"}},
    *({"propertyNames": names} for names in ({"maxLength": 1}, {"enum": ["a"]}, False)),
    *({"items": each} for each in ({"type": "string"}, True, False)),
    {"prefixItems": [{"type": "string"}, {"type": "integer"}]},
    {"prefixItems": [{"type": "string"}], "items": False},
    {"prefixItems": [{"type": "string"}], "items": {"type": "string"}},
    *({"contains": {"type": "string"}}, {"contains": False}, {"contains": {}, "minContains": 2}),
    *({"uniqueItems": True}, {"uniqueItems": False}),
    *({name: [{"type": "string"}, {"minLength": 2}]} for name in ("allOf", "anyOf", "oneOf")),
    {"oneOf": [{"type": "integer"}, {"minimum": 2}, {"const": 3}]},
    *({"not": {"type": "string"}}, {"not": {"uniqueItems": True}}),
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "array"}},
    *({"if": {"type": "string"}}, {"if": {"type": "string"}, "then": {"minLength": 2}}, {"then": False, "else": False}),
    {"unevaluatedProperties": False},
    {"multipleOf": 2},
    {"type": "string", "minLength": 1, "pattern": "b"},
]


@pytest.mark.parametrize("schema", _SCHEMAS, ids=repr)
def test_each_keyword_says_of_each_value_what_jsonschema_says(schema: Any) -> None:
    compiler, judge = Compiler(schemas._follow), Draft202012Validator(schema)
    said = 0
    for value in _VALUES:
        try:
            fits = compiler.schema("none", schema)(value)
        except Unsure:
            continue
        said += 1
        assert fits == judge.is_valid(value), value
    unsure = {"unevaluatedProperties", "multipleOf", "minContains"}
    assert said or unsure & (schema.keys() if isinstance(schema, dict) else set())


def test_what_a_reference_leads_to_may_refer_back() -> None:
    tree: dict[str, Any] = {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}, "$defs": {}}
    tree["$defs"] = {"tree": {k: v for k, v in tree.items() if k != "$defs"}}
    fits = Compiler(lambda _, reference: ("none", tree["$defs"][reference.rpartition("/")[2]])).schema("none", tree)
    assert fits({"a": {"b": {}, "c": {"d": {}}}})
    assert not fits({"a": {"b": {}, "c": {"d": 1}}})


@pytest.mark.parametrize("key", ["$id", "$anchor", "$dynamicRef", "unevaluatedItems"])
def test_what_would_be_read_otherwise_is_left_to_jsonschema(key: str) -> None:
    with pytest.raises(Unsure):
        Compiler(schemas._follow).schema("none", {"type": "object", "properties": {"a": {key: "x"}}})


def _files() -> list[tuple[str, Path]]:
    """Files of ours, each with the schema it has to fit."""
    fixtures = [(f"{path.parent.name}/cases.schema.json", path) for path in sorted(FIXTURES.glob("*/*.toml"))]
    suites = [
        (f"kvgate/{name}.schema.json", path)
        for path in sorted(SUITES.glob("*/*requirements.toml"))
        for name in ["requirements"]
    ]
    return [row for row in (*fixtures, *suites) if row[1].stem != "tables"]


def _spoiled(value: Any) -> Iterator[Any]:
    """The value with one thing in it changed, at each place in turn: left out, added, another type or text."""
    if isinstance(value, dict):
        yield {**value, "strange": 1}
        for name in value:
            yield {other: member for other, member in value.items() if other != name}
            yield from ({**value, name: worse} for worse in _spoiled(value[name]))
    elif isinstance(value, list):
        yield []
        for index in range(min(2, len(value))):
            yield from ([*value[:index], worse, *value[index + 1 :]] for worse in _spoiled(value[index]))
    elif isinstance(value, str):
        yield from (f"{value}\x00 é", "", 1)
    else:
        yield from (-1, 1.5, "text", None, [value], not value)


@pytest.mark.parametrize(("name", "path"), _files(), ids=lambda each: each if isinstance(each, str) else each.name)
def test_of_our_files_whole_and_spoiled_it_says_what_jsonschema_says(name: str, path: Path) -> None:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    judge = schemas.validator(name)
    assert schemas.fits(name, data)
    assert judge.is_valid(data)
    key = next(key for key, rows in data.items() if isinstance(rows, list))
    rows = data[key]
    for worse in _spoiled(rows[len(rows) // 2]):
        document = {**data, key: [worse]}
        assert schemas.fits(name, document) == judge.is_valid(document), worse


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_schema_of_ours_is_one_and_has_a_quick_answer(path: Path) -> None:
    name = f"{path.parent.name}/{path.name}"
    schemas.validator(name)
    Compiler(schemas._follow).schema(name, schemas._document(name))
