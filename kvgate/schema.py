"""JSON Schemas (2020-12) of headers, bodies and our own files: compiled once, violations named by requirement.

A schema for answers may carry the annotation `"requirement": "<id>"` beside any keyword: a violation below it belongs
to that requirement, the innermost annotation winning. Other annotations: `"expected"` says in words what a value has to
be, `"secret": true` keeps the value out of every message.
"""

from __future__ import annotations

import difflib
import functools
import json
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from kvgate.places import SCHEMAS

_SHOWN = 120
_FEW = 40  # names that one line can hold
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation: where in the instance, one line saying what was expected, the requirement it belongs to."""

    path: tuple[str | int, ...]
    message: str
    requirement: str | None = None


def _is_whole(_checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# JSON Schema takes 8.0 for an integer; what is given to kvgate as one is counted with, and Python cannot count to 8.0.
_TYPES = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
_Whole: type[Draft202012Validator] = extend(Draft202012Validator, type_checker=_TYPES)  # type: ignore[no-untyped-call]


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """The compiled validator of `schemas/<name>`; relative `$ref`s lead to the other files of schemas/."""
    Draft202012Validator.check_schema(_document(name))
    return _Whole(_joined(name))


@functools.cache
def _joined(name: str) -> Any:
    """The document of a file with what each `$ref` refers to in its stead: jsonschema looks each up anew each time.

    What refers to itself is a loop of objects. No `$schema` is in it: it would lead to a validator of jsonschema's own.
    """
    return _join(name, _document(name), {})


def _join(file: str, node: Any, joined: dict[tuple[str, str], Any]) -> Any:
    """A node of a file, joined; `joined` has what a file and a reference in it have come to."""
    if isinstance(node, list):
        return [_join(file, child, joined) for child in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return {key: _join(file, child, joined) for key, child in node.items() if key != "$schema"}
    target, found = _follow(file, reference)
    place = (target, reference.partition("#")[2])
    if place not in joined:
        # It is there before what is in it, which may refer to it.
        joined[place] = {}
        joined[place].update(_join(target, found, joined))
    beside = {key: _join(file, child, joined) for key, child in node.items() if key not in ("$ref", "$schema")}
    return {**beside, "allOf": [*beside.get("allOf", ()), joined[place]]} if beside else joined[place]


def problems(name: str, instance: object, *, once: bool = False) -> tuple[Problem, ...]:
    """Every violation of `schemas/<name>` by `instance`, the most telling first; `once` where nobody asks again."""
    key = _Instance(instance)
    # A long instance is worth its memory less than its time.
    remembers = len(key.text) <= _REMEMBERED and not once
    return _problems(name, key) if remembers else _problems.__wrapped__(name, key)


class _Instance:
    """An instance as a key: many checks ask the same schema about the same answer, one after the other."""

    __slots__ = ("text", "value")

    def __init__(self, value: object) -> None:
        self.value: object = value
        self.text = repr(value)

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Instance) and self.text == other.text


@functools.lru_cache(maxsize=4096)
def _problems(name: str, instance: _Instance) -> tuple[Problem, ...]:
    # What is missing is told once for all of it, and not once for each.
    found = dict.fromkeys(_problem(name, error) for error in _leaves(validator(name).iter_errors(instance.value)))
    # It is told again by its text alone.
    instance.value = None
    return tuple(sorted(found, key=lambda problem: (-len(problem.path), problem.message)))


def violations(name: str, instance: object, requirement: str) -> tuple[Problem, ...]:
    """The violations of `schemas/<name>` that belong to `requirement`."""
    return tuple(problem for problem in problems(name, instance) if problem.requirement == requirement)


@functools.cache
def members_named(name: str) -> tuple[str, ...]:
    """The members of objects that `schemas/<name>` and the files it refers to speak of, sorted: it says nothing of
    others, but by `additionalProperties` and its like.
    """
    named: set[str] = set()
    for node in (node for file in _files_of(name) for node in _objects(_document(file))):
        for keyword in ("properties", "required", "dependentSchemas", "dependentRequired"):
            named.update(node.get(keyword, ()))
        for others in node.get("dependentRequired", {}).values():
            named.update(others)
    return tuple(sorted(named))


@functools.cache
def requirements_named(name: str) -> frozenset[str]:
    """The requirement ids that the annotations of `schemas/<name>` name, so that a typo can be found."""
    named = (node.get("requirement") for node in _objects(_document(name)))
    return frozenset(requirement for requirement in named if isinstance(requirement, str))


def _objects(node: object) -> Iterator[dict[str, Any]]:
    """Every object of a schema, itself first."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _objects(child)


def _files_of(name: str) -> frozenset[str]:
    """The files of schemas/ that a schema refers to, itself and those at second hand included."""
    found, new = frozenset[str](), frozenset({name})
    while new:
        found |= new
        references = {(file, reference) for file in new for reference in _references(_document(file))}
        new = frozenset(_file_of(file, reference) for file, reference in references) - found
    return found


def _references(schema: object) -> Iterator[str]:
    return (node["$ref"] for node in _objects(schema) if isinstance(node.get("$ref"), str))


def _leaves(errors: Iterable[ValidationError]) -> Iterable[ValidationError]:
    for error in errors:
        if error.context:
            # Of several alternatives (anyOf, oneOf) the one that got furthest is the one the author meant.
            depth = max(len(child.absolute_path) for child in error.context)
            deepest = [child for child in error.context if len(child.absolute_path) == depth]
            if depth > len(error.absolute_path):
                yield from _leaves(deepest[:1])
                continue
        yield error


def _problem(name: str, error: ValidationError) -> Problem:
    return Problem((*error.absolute_path, *_unknown(error)[:1]), _message(error), _requirement(name, error))


def _unknown(error: ValidationError) -> list[str]:
    """The keys that `additionalProperties: false` refuses."""
    if error.validator != "additionalProperties":
        return []
    instance: Any = error.instance
    schema: Any = error.schema
    return [str(key) for key in instance if key not in schema.get("properties", {})]


def _requirement(name: str, error: ValidationError) -> str | None:
    """The innermost `requirement` annotation on the way from the schema's root to the keyword that failed."""
    node, found = _joined(name), None
    for step in error.absolute_schema_path:
        if isinstance(node, dict):
            value = node.get("requirement")
            found = value if isinstance(value, str) else found
        node = node[step]
    return found


@functools.cache
def _document(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def _follow(file: str, reference: str) -> tuple[str, Any]:
    """The file and the node a `$ref` leads to; references are relative file names, fragments JSON pointers."""
    target, pointer = _file_of(file, reference), reference.partition("#")[2]
    node = _document(target)
    for part in pointer.split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else node[part.replace("~1", "/").replace("~0", "~")]
    return target, node


def _file_of(file: str, reference: str) -> str:
    """The file that a reference in a file leads to."""
    path = reference.partition("#")[0]
    return posixpath.normpath(f"{posixpath.dirname(file)}/{path}") if path else file


def _alternatives(schemas: Sequence[Any]) -> list[str]:
    """The names of which one is demanded, where nothing else is."""
    if not all(isinstance(each, dict) and set(each) == {"required"} for each in schemas):
        return []
    return [name for each in schemas for name in each["required"]]


def _message(error: ValidationError) -> str:
    """One line that says what was expected, without quoting a whole document."""
    value: Any = error.validator_value
    keyword = str(error.validator)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    if unknown := _unknown(error):
        return f"unknown key '{unknown[0]}'{nearest(unknown[0], sorted(schema.get('properties', {})))}"
    if keyword == "required":
        instance: Any = error.instance
        missing = [key for key in value if key not in instance]
        return f"missing: {', '.join(missing)}"
    got = "" if schema.get("secret") is True else f", got {_shown(error.instance)}"
    if isinstance(schema.get("expected"), str):
        return f"expected {schema['expected']}{got}"
    if keyword in _WORDS:
        return f"expected {_WORDS[keyword](value)}{got}"
    if keyword == "oneOf" and (names := _alternatives(value)):
        there = [name for name in names if isinstance(error.instance, dict) and name in error.instance]
        return f"expected one of {', '.join(names)}, got {' and '.join(there) or 'none of them'}"
    return error.message if len(error.message) <= _SHOWN * 2 else error.message[: _SHOWN * 2] + "…"


def nearest(name: str, known: Sequence[str]) -> str:
    """` (did you mean 'x'?)` when some known name is close, else the known names where they are few, else nothing."""
    # Who leaves something out at the end means the name that goes on, however long it is.
    close = [other for other in known if name and other.startswith(name)] or difflib.get_close_matches(name, known)
    if close:
        return f" (did you mean '{close[0]}'?)"
    return f" (known: {', '.join(known)})" if 0 < len(known) <= _FEW else ""


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


# What each keyword demands, for those that jsonschema speaks of in terms of Python or of the schema.
_WORDS: Mapping[str, Callable[[Any], str]] = {
    "enum": lambda values: f"one of {', '.join(map(str, values))}",
    "type": lambda types: types if isinstance(types, str) else " or ".join(types),
    "const": _shown,
    "pattern": lambda pattern: f"a text of the form {pattern}",
    "minLength": lambda least: "a text that is not empty" if least == 1 else f"a text of {least} characters or more",
    "maxLength": lambda most: f"a text of at most {most} characters",
    "minItems": lambda least: "a list that is not empty" if least == 1 else f"a list of {least} items or more",
    "uniqueItems": lambda _: "a list with no item twice",
    "dependentRequired": lambda needs: " and ".join(f"{', '.join(those)} beside {key}" for key, those in needs.items()),
}
