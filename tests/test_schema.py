"""What is told of a value that a schema refuses: where, in which words, and to which requirement it belongs."""
# ruff: noqa: E501  # one row of expectations a line is what a reader runs an eye over

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from kvgate import schema
from kvgate.places import SCHEMAS
from kvgate.schema import Problem, members_named, nearest, problems, requirements_named, validator, violations

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a schema into a folder of its own; the name it has below schemas/."""
    monkeypatch.setattr(schema, "SCHEMAS", tmp_path.parent)

    def written(document: Any, name: str = "own.json") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
        return f"{tmp_path.name}/{name}"

    return written


def told(found: tuple[Problem, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    return [(problem.path, problem.message) for problem in found]


LONG = "x" * 150
ITEMS = {"a": {"type": "integer"}, "b": {}}


@pytest.mark.parametrize(
    ("document", "instance", "path", "message"),
    [
        ({"type": "integer"}, "1", (), 'expected integer, got "1"'),
        ({"type": ["integer", "null"]}, "\u00e9", (), 'expected integer or null, got "\\u00e9"'),
        ({"enum": ["a", 2]}, "b", (), 'expected one of a, 2, got "b"'),
        ({"type": "integer", "expected": "a number of seconds"}, [], (), "expected a number of seconds, got []"),
        ({"minimum": 3, "expected": "3 or more", "secret": True}, 1, (), "expected 3 or more"),
        ({"type": "integer", "secret": True}, "geheim", (), "expected integer"),
        ({"enum": ["a"], "secret": True}, "geheim", (), "expected one of a"),
        ({"enum": ["a"], "secret": False}, "b", (), 'expected one of a, got "b"'),
        ({"minimum": 3}, 1, (), "1 is less than the minimum of 3"),
        ({"expected": 3, "minimum": 3}, 1, (), "1 is less than the minimum of 3"),
        ({"type": "integer"}, LONG, (), f'expected integer, got "{"x" * 119}\u2026'),
        ({"type": "integer"}, "x" * 118, (), f'expected integer, got "{"x" * 118}"'),
        ({"type": "integer"}, "x" * 119, (), f'expected integer, got "{"x" * 119}\u2026'),
        ({"pattern": "^a$"}, "x" * 300, (), f'expected a text of the form ^a$, got "{"x" * 119}\u2026'),
        ({"pattern": "^a$", "secret": True}, "geheim", (), "expected a text of the form ^a$"),
        ({"minLength": 1}, "", (), 'expected a text that is not empty, got ""'),
        ({"minLength": 8}, "short", (), 'expected a text of 8 characters or more, got "short"'),
        ({"maxLength": 2}, "abc", (), 'expected a text of at most 2 characters, got "abc"'),
        ({"minItems": 1}, [], (), "expected a list that is not empty, got []"),
        ({"minItems": 2}, [1], (), "expected a list of 2 items or more, got [1]"),
        ({"uniqueItems": True}, [1, 1], (), "expected a list with no item twice, got [1, 1]"),
        ({"const": True}, 1, (), "expected true, got 1"),
        ({"const": "none"}, "all", (), 'expected "none", got "all"'),
        ({"dependentRequired": {"a": ["b", "c"]}}, {"a": 1}, (), 'expected b, c beside a, got {"a": 1}'),
        ({"dependentRequired": {"a": ["b"], "c": ["d"]}}, {"a": 1, "c": 1}, (), 'expected b beside a and d beside c, got {"a": 1, "c": 1}'),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"c": 1}, (), "expected one of a, b, got none of them"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, 1, (), "expected one of a, b, got none of them"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, "a", (), "expected one of a, b, got none of them"),
        ({"oneOf": [{"required": ["a"]}, {"type": "null"}]}, {"c": 1}, (), "{'c': 1} is not valid under any of the given schemas"),
        ({"oneOf": [{"required": ["a"]}, False]}, {"c": 1}, (), "{'c': 1} is not valid under any of the given schemas"),
        ({"multipleOf": 7}, int("1" * 217), (), f"{'1' * 217} is not a multiple of 7"),  # 240 characters
        ({"multipleOf": 7}, int("1" * 218), (), f"{'1' * 218} is not a multiple of \u2026"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"b": 1, "a": 2}, (), "expected one of a, b, got a and b"),
        ({"uniqueItems": True, "maxItems": 1, "items": {"multipleOf": 7}}, [*range(7, 700, 7)], (), f"{[*range(7, 700, 7)]}"[:240] + "\u2026"),
        ({"required": ["a", "b", "c"]}, {"b": 1}, (), "missing: a, c"),
        ({"type": "object", "required": ["a"], "expected": "a pair"}, {}, (), "missing: a"),
        ({"properties": ITEMS, "additionalProperties": False}, {"aa": 1}, ("aa",), "unknown key 'aa' (did you mean 'a'?)"),
        ({"properties": ITEMS, "additionalProperties": False}, {"a": 1, "zzz": 1, "y": 1}, ("zzz",), "unknown key 'zzz' (known: a, b)"),
        ({"properties": dict(reversed(ITEMS.items())), "additionalProperties": False}, {"zzz": 1}, ("zzz",), "unknown key 'zzz' (known: a, b)"),
        ({"additionalProperties": False}, {"zzz": 1}, ("zzz",), "unknown key 'zzz'"),
        ({"additionalProperties": {"type": "integer"}}, {"zzz": "1"}, ("zzz",), 'expected integer, got "1"'),
        ({"properties": {"a": False}}, {"a": 1}, (), "False schema does not allow 1"),
        ({"properties": {"a": {"items": {"type": "integer"}}}}, {"a": [1, "2"]}, ("a", 1), 'expected integer, got "2"'),
    ],
)  # fmt: skip
def test_one_line_says_what_was_expected(
    document: object, instance: object, path: tuple[str | int, ...], message: str, write: Write
) -> None:
    assert told(problems(write(document), instance)) == [(path, message)]


def test_what_json_does_not_know_is_shown_as_a_text(write: Write) -> None:
    assert problems(write({"type": "integer"}), Path("a"))[0].message == 'expected integer, got "a"'


def test_the_most_telling_comes_first_those_alike_by_their_words(write: Write) -> None:
    name = write(
        {
            "required": ["z", "y"],
            "maxProperties": 1,
            "properties": {"a": {"properties": {"b": {"type": "null"}}}, "c": {"type": "null"}, "d": {"type": "array"}},
        }
    )
    assert told(problems(name, {"d": 0, "c": 0, "a": {"b": 0}})) == [
        (("a", "b"), "expected null, got 0"),
        (("d",), "expected array, got 0"),
        (("c",), "expected null, got 0"),
        ((), "missing: z, y"),
        ((), "{'d': 0, 'c': 0, 'a': {'b': 0}} has too many properties"),
    ]


ARRAY = {"type": "array", "items": {"type": "integer"}}
OBJECT = {"type": "object", "properties": {"a": ARRAY}, "required": ["a"]}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("alternatives", "instance", "wanted"),
    [
        ([{"type": "integer"}, OBJECT], {"a": ["x"]}, [(("a", 0), 'expected integer, got "x"')]),
        ([OBJECT, ARRAY], {"a": "x"}, [(("a",), 'expected array, got "x"')]),
        ([ARRAY, OBJECT], ["x", "y"], [((0,), 'expected integer, got "x"')]),
        ([{"type": "integer"}, {"type": "null"}], "x", None),
        ([{"type": "integer"}, {"properties": {"a": {"oneOf": [OBJECT, {"type": "null"}]}}}], {"a": {"a": [0, ""]}}, [(("a", "a", 1), 'expected integer, got ""')]),
    ],
)  # fmt: skip
def test_of_several_alternatives_the_one_that_got_furthest_is_told(
    keyword: str, alternatives: list[object], instance: object, wanted: object, write: Write
) -> None:
    found = told(problems(write({keyword: alternatives}), instance))
    assert found == (wanted or [((), f"'{instance}' is not valid under any of the given schemas")])


def test_what_is_wrong_beside_the_alternatives_is_told_too(write: Write) -> None:
    name = write({"anyOf": [ARRAY, {"type": "null"}], "maxItems": 0, "allOf": [{"anyOf": [ARRAY, OBJECT]}]})
    assert told(problems(name, ["x"])) == [
        ((0,), 'expected integer, got "x"'), ((), "['x'] is expected to be empty"),
    ]  # fmt: skip


def test_an_alternative_too_many_is_told_as_it_is(write: Write) -> None:
    found = told(problems(write({"oneOf": [{"minimum": 1}, {"minimum": 2}]}), 3))
    assert found == [((), "3 is valid under each of {'minimum': 2}, {'minimum': 1}")]


def test_another_alternative_of_the_same_depth_does_not_come_first(write: Write) -> None:
    name = write({"properties": {"x": {"anyOf": [{"type": "null"}, {"properties": {"y": {"type": "null"}}}]}}})
    assert told(problems(name, {"x": {"y": 1}})) == [(("x", "y"), "expected null, got 1")]
    assert told(problems(name, {"x": 1})) == []


# Requirements


def belong(name: str, instance: object) -> set[tuple[tuple[str | int, ...], str | None]]:
    return {(problem.path, problem.requirement) for problem in problems(name, instance)}


def test_a_violation_belongs_to_the_innermost_requirement_on_the_way_to_it(write: Write) -> None:
    name = write(
        {
            "requirement": "outer",
            "required": ["z"],
            "properties": {
                "a": {"requirement": "inner", "type": "null", "items": {"requirement": 3, "type": "null"}},
                "b": {"allOf": [{}, {"requirement": "second", "type": "null"}], "type": "null"},
                "requirement": {"type": "null"},
            },
        }
    )
    assert belong(name, {"a": [1], "b": 1, "requirement": 1}) == {
        ((), "outer"), (("a",), "inner"), (("a", 0), "inner"), (("b",), "second"), (("b",), "outer"),
        (("requirement",), "outer"),
    }  # fmt: skip
    assert belong(write({"type": "null"}, "other.json"), 1) == {((), None)}


def test_the_way_leads_through_references_to_other_files(write: Write) -> None:
    write(
        {
            "requirement": "not on the way",
            "$defs": {
                "a/b~c": {"requirement": "of the definition", "type": "null"},
                "plain": {"type": "null"},
                "on": {"$ref": "#/$defs/plain"},
                "marked": {"requirement": "of the mark", "type": "string"},
                "list": {"allOf": [{"type": "null"}, {"requirement": "of the second", "type": "null"}]},
            },
        },
        "defs.json",
    )
    write({"requirement": "of the whole", "$ref": "../defs.json#/$defs/plain"}, "below/whole.json")
    name = write(
        {
            "properties": {
                "a": {"requirement": "beside", "$ref": "defs.json#/$defs/a~1b~0c"},
                "b": {"requirement": "beside", "$ref": "defs.json#/$defs/plain"},
                "c": {"$ref": "defs.json#/$defs/on"},
                "d": {"$ref": "below/whole.json"},
                "e": {"$ref": "defs.json#/$defs/list/allOf/1"},
                "f": {"$ref": "#/$defs/here"},
                "g": {"$ref": "defs.json#/$defs/marked", "requirement": "own", "minimum": 3},
            },
            "$defs": {"here": {"requirement": "here", "properties": {"f": {"$ref": "#/$defs/here/$defs/there"}}, "$defs": {"there": {"type": "null"}}}},
        }
    )  # fmt: skip
    found = belong(name, {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": {"f": 1}, "g": 1})
    assert found == {
        (("a",), "of the definition"), (("b",), "beside"), (("c",), None), (("d",), "of the whole"),
        (("e",), "of the second"), (("f", "f"), "here"), (("g",), "own"), (("g",), "of the mark"),
    }  # fmt: skip
    assert requirements_named(name) == {"beside", "here", "own"}


def test_violations_are_those_of_one_requirement(write: Write) -> None:
    name = write({"allOf": [{"requirement": "a", "type": "null"}, {"requirement": "b", "minimum": 3}]})
    assert violations(name, 1, "a") == (Problem((), "expected null, got 1", "a"),)
    assert violations(name, 1, "b") == (Problem((), "1 is less than the minimum of 3", "b"),)
    assert violations(name, 1, "c") == ()


# What a schema speaks of


def test_the_members_of_which_a_schema_speaks(write: Write) -> None:
    write({"properties": {"deep": {"$ref": "again.json"}}}, "more/second.json")
    write({"allOf": [{"$ref": "second.json#"}, {"required": ["last"]}]}, "more/again.json")
    name = write(
        {
            "properties": {"b": {"properties": {"inner": {}}}, "a": {}},
            "required": ["needed"],
            "dependentSchemas": {"when": {"properties": {"then": {}}}},
            "dependentRequired": {"if": ["also", "too"]},
            "items": [{"patternProperties": {"no": {}}}, {"$ref": "more/second.json"}],
        }
    )
    assert members_named(name) == (
        "a", "also", "b", "deep", "if", "inner", "last", "needed", "then", "too", "when",
    )  # fmt: skip


def test_what_is_no_schema_is_refused(write: Write) -> None:
    with pytest.raises(SchemaError):
        validator(write({"type": "number of seconds"}))


def test_alike_for_python_is_not_alike(write: Write) -> None:
    name = write({"type": "integer"})
    assert [len(problems(name, one)) for one in (1, True, 1.5, "1")] == [0, 1, 1, 1]
    assert problems(name, "1") == problems(name, "1")
    one = schema._Instance(1)
    assert (one == schema._Instance(1), one == schema._Instance(2), one == "1") == (True, False, False)


@pytest.mark.parametrize("whole", [8.0, 1e2, -0.0, True])
def test_a_whole_number_is_written_as_one(whole: float, write: Write) -> None:
    write({"$schema": Draft202012Validator.META_SCHEMA["$id"], "items": {"type": "integer"}}, "other.json")
    write({"$schema": Draft202012Validator.META_SCHEMA["$id"], "title": "T", "$ref": "other.json"}, "through.json")
    parts = {"n": {"type": "integer"}, "x": {"type": "number"}, "far": {"$ref": "through.json"}}
    name = write({"$schema": Draft202012Validator.META_SCHEMA["$id"], "properties": parts})
    assert [problem.path for problem in problems(name, {"n": whole})] == [("n",)]
    assert [problem.path for problem in problems(name, {"far": [1, whole]})] == [("far", 1)]
    assert bool(problems(name, {"x": whole})) is isinstance(whole, bool)


def test_what_answers_are_held_against_speaks_of_no_whole_number() -> None:
    # A server may write 8.0 for 8: what is said of our own numbers is not to be said of those of an answer.
    answers = [file for file in SCHEMAS.glob("*/*.json") if re.match("(headers|body|elements)", file.name)]
    assert len(answers) >= 12
    assert [file.name for file in answers if "integer" in file.read_text(encoding="utf-8")] == []


def test_a_long_instance_is_not_remembered(write: Write) -> None:
    name = write({"type": "integer"})
    for characters, looked_up in ((4094, (1, 1)), (4095, (0, 0))):  # with its quotes
        before = schema._problems.cache_info()
        for _ in range(2):
            assert problems(name, "x" * characters)[0].message.startswith('expected integer, got "xxx')
        after = schema._problems.cache_info()
        assert (after.misses - before.misses, after.hits - before.hits) == looked_up


def test_what_stands_beside_a_reference_counts_too(write: Write) -> None:
    null = {"requirement": "of all", "type": "null"}
    name = write(
        {
            "$defs": {"text": {"requirement": "of text", "type": "string"}},
            "items": {"$ref": "#/$defs/text", "allOf": [null]},
        }
    )
    assert belong(name, [1]) == {((0,), "of text"), ((0,), "of all")}


def test_a_definition_may_refer_to_itself(write: Write) -> None:
    tree = {"properties": {"of": {"$ref": "#/$defs/tree"}, "n": {"requirement": "of n", "type": "null"}}}
    name = write(
        {"$defs": {"tree": tree}, "items": {"requirement": "beside", "$ref": "#/$defs/tree", "maxProperties": 1}}
    )
    assert belong(name, [{"of": {"of": {"n": 1}}}, {}]) == {((0, "of", "of", "n"), "of n")}
    assert belong(name, [{"of": {}, "other": 1}]) == {((0,), "beside")}


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("timeout", ["time", "timeout_seconds", "other"], " (did you mean 'timeout_seconds'?)"),
        ("timout", ["other", "timeout"], " (did you mean 'timeout'?)"),
        ("zzz", ["a", "b"], " (known: a, b)"),
        ("", ["a", "b"], " (known: a, b)"),
        ("zzz", ["a"] * 40, f" (known: {', '.join(['a'] * 40)})"),
        ("zzz", ["a"] * 41, ""),
        ("a", [], ""),
        ("abcde", ["abcxy"], " (did you mean 'abcxy'?)"),
        ("abcde", ["abxyz"], " (known: abxyz)"),
    ],
)
def test_what_may_have_been_meant(name: str, known: list[str], said: str) -> None:
    assert nearest(name, known) == said
