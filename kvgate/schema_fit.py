"""Says quickly whether a value fits a JSON Schema (2020-12): a schema becomes a function, once, and jsonschema rests.

Most of what is validated is right, and then nothing but yes is wanted. What does not fit goes to jsonschema, which can
say why. The answer here is jsonschema's own in every case: a keyword, or a value, for which that is not certain makes
`Unsure`, and jsonschema is asked instead. Values are those that JSON and TOML have, as the standard library reads them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator

Fits: TypeAlias = Callable[[Any], bool]
# From the file that a `$ref` stands in and the reference: the file it leads to and the schema there.
Follow: TypeAlias = Callable[[str, str], tuple[str, Any]]
_Maker: TypeAlias = Callable[["Compiler", str, Any, Mapping[str, Any]], Fits]


class Unsure(Exception):  # not an error: jsonschema has the answer
    """Whether a value fits cannot be said here."""


_MAKERS: dict[str, _Maker] = {}
# They do nothing by themselves: another keyword reads them, or nobody does where formats are not checked.
_SILENT = frozenset({"then", "else", "format", "$defs", "$schema", "$comment"})


class Compiler:
    """Makes functions of schemas; those that refer to one another are made once."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._made: dict[tuple[str, str], Fits] = {}

    def schema(self, file: str, schema: Any) -> Fits:
        """The function of a schema that stands in `file`. Raises Unsure for a keyword that is not known here."""
        if isinstance(schema, bool):
            return lambda _: schema
        known = [key for key in schema if key not in _SILENT and key in {*Draft202012Validator.VALIDATORS, *_MAKERS}]
        unknown = [key for key in known if key not in _MAKERS]
        if unknown or "$id" in schema or "$anchor" in schema:
            raise Unsure(f"{file}: {', '.join(unknown) or 'a name for a schema'}")
        parts = [_MAKERS[key](self, file, schema[key], schema) for key in known]
        if len(parts) == 1:
            return parts[0]
        return lambda value: all(part(value) for part in parts)

    def reference(self, file: str, reference: str) -> Fits:
        """The function of what a `$ref` leads to, which may lead back."""
        key = (file, reference)
        if key not in self._made:

            def again(value: Any) -> bool:
                return self._made[key](value)

            self._made[key] = again
            self._made[key] = self.schema(*self._follow(file, reference))
        return self._made[key]


def _keyword(name: str) -> Callable[[_Maker], _Maker]:
    def note(maker: _Maker) -> _Maker:
        _MAKERS[name] = maker
        return maker

    return note


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Fits] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}


@_keyword("type")
def _type(_: Compiler, __: str, wanted: Any, ___: Mapping[str, Any]) -> Fits:
    tests = [_TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _equals(wanted: Any) -> Fits:
    """Whether a value is the one that a schema writes down: true and 1 are two, 1 and 1.0 are one."""
    if isinstance(wanted, bool) or wanted is None:
        return lambda value: value is wanted
    if isinstance(wanted, str):
        return lambda value: isinstance(value, str) and value == wanted
    if isinstance(wanted, int | float):
        return lambda value: _is_number(value) and value == wanted
    if isinstance(wanted, list):
        elements = [_equals(each) for each in wanted]
        return lambda value: (
            isinstance(value, list)
            and len(value) == len(elements)
            and all(test(each) for test, each in zip(elements, value, strict=True))
        )
    members = {name: _equals(each) for name, each in wanted.items()}
    return lambda value: (
        isinstance(value, dict)
        and value.keys() == members.keys()
        and all(test(value[name]) for name, test in members.items())
    )


@_keyword("const")
def _const(_: Compiler, __: str, wanted: Any, ___: Mapping[str, Any]) -> Fits:
    return _equals(wanted)


@_keyword("enum")
def _enum(_: Compiler, __: str, wanted: Any, ___: Mapping[str, Any]) -> Fits:
    if all(isinstance(each, str) for each in wanted):
        texts = frozenset(wanted)
        return lambda value: isinstance(value, str) and value in texts
    tests = [_equals(each) for each in wanted]
    return lambda value: any(test(value) for test in tests)


def _bound(name: str, of: Fits, measure: Callable[[Any], Any], beyond: Callable[[Any, Any], bool]) -> None:
    """A keyword that bounds a measure of the values of one type, and lets all others pass."""

    @_keyword(name)
    def make(_: Compiler, __: str, bound: Any, ___: Mapping[str, Any]) -> Fits:
        return lambda value: not of(value) or not beyond(measure(value), bound)


for _name, _of in (("Length", "string"), ("Items", "array"), ("Properties", "object")):
    _bound(f"min{_name}", _TYPES[_of], len, operator.lt)
    _bound(f"max{_name}", _TYPES[_of], len, operator.gt)
# What is no number at all (nan) is beyond no bound.
_bound("minimum", _is_number, lambda value: value, operator.lt)
_bound("maximum", _is_number, lambda value: value, operator.gt)
_bound("exclusiveMinimum", _is_number, lambda value: value, operator.le)
_bound("exclusiveMaximum", _is_number, lambda value: value, operator.ge)


@_keyword("pattern")
def _pattern(_: Compiler, __: str, pattern: Any, ___: Mapping[str, Any]) -> Fits:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


@_keyword("required")
def _required(_: Compiler, __: str, names: Any, ___: Mapping[str, Any]) -> Fits:
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


@_keyword("dependentRequired")
def _dependent_required(_: Compiler, __: str, wanted: Any, ___: Mapping[str, Any]) -> Fits:
    return lambda value: (
        not isinstance(value, dict)
        or all(other in value for name, others in wanted.items() if name in value for other in others)
    )


@_keyword("dependentSchemas")
def _dependent_schemas(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [(name, compiler.schema(file, schema)) for name, schema in schemas.items()]
    return lambda value: not isinstance(value, dict) or all(fits(value) for name, fits in made if name in value)


@_keyword("properties")
def _properties(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [(name, compiler.schema(file, schema)) for name, schema in schemas.items()]
    return lambda value: not isinstance(value, dict) or all(fits(value[name]) for name, fits in made if name in value)


@_keyword("patternProperties")
def _pattern_properties(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [(re.compile(pattern).search, compiler.schema(file, schema)) for pattern, schema in schemas.items()]
    return lambda value: (
        not isinstance(value, dict)
        or all(fits(member) for search, fits in made for name, member in value.items() if search(name))
    )


@_keyword("additionalProperties")
def _additional_properties(compiler: Compiler, file: str, schema: Any, whole: Mapping[str, Any]) -> Fits:
    known = frozenset(whole.get("properties", {}))
    searches = [re.compile(pattern).search for pattern in whole.get("patternProperties", {})]
    fits = compiler.schema(file, schema)
    return lambda value: (
        not isinstance(value, dict)
        or all(
            fits(member)
            for name, member in value.items()
            if name not in known and not any(search(name) for search in searches)
        )
    )


@_keyword("propertyNames")
def _property_names(compiler: Compiler, file: str, schema: Any, _: Mapping[str, Any]) -> Fits:
    fits = compiler.schema(file, schema)
    return lambda value: not isinstance(value, dict) or all(fits(name) for name in value)


@_keyword("items")
def _items(compiler: Compiler, file: str, schema: Any, whole: Mapping[str, Any]) -> Fits:
    fits, first = compiler.schema(file, schema), len(whole.get("prefixItems", ()))
    return lambda value: not isinstance(value, list) or all(fits(each) for each in value[first:])


@_keyword("prefixItems")
def _prefix_items(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [compiler.schema(file, schema) for schema in schemas]
    return lambda value: not isinstance(value, list) or all(fits(each) for fits, each in zip(made, value, strict=False))


@_keyword("contains")
def _contains(compiler: Compiler, file: str, schema: Any, whole: Mapping[str, Any]) -> Fits:
    if "minContains" in whole or "maxContains" in whole:
        raise Unsure(f"{file}: how many")
    fits = compiler.schema(file, schema)
    return lambda value: not isinstance(value, list) or any(fits(each) for each in value)


@_keyword("uniqueItems")
def _unique_items(_: Compiler, __: str, wanted: Any, ___: Mapping[str, Any]) -> Fits:
    def fits(value: Any) -> bool:
        if not wanted or not isinstance(value, list) or len(value) < 2:
            return True
        if not all(isinstance(each, str) for each in value):
            raise Unsure("what is not text is compared by value")
        return len(set(value)) == len(value)

    return fits


@_keyword("allOf")
def _all_of(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [compiler.schema(file, schema) for schema in schemas]
    return lambda value: all(fits(value) for fits in made)


@_keyword("anyOf")
def _any_of(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [compiler.schema(file, schema) for schema in schemas]
    return lambda value: any(fits(value) for fits in made)


@_keyword("oneOf")
def _one_of(compiler: Compiler, file: str, schemas: Any, _: Mapping[str, Any]) -> Fits:
    made = [compiler.schema(file, schema) for schema in schemas]
    return lambda value: sum(fits(value) for fits in made) == 1


@_keyword("not")
def _not(compiler: Compiler, file: str, schema: Any, _: Mapping[str, Any]) -> Fits:
    fits = compiler.schema(file, schema)
    return lambda value: not fits(value)


@_keyword("if")
def _if(compiler: Compiler, file: str, schema: Any, whole: Mapping[str, Any]) -> Fits:
    given = compiler.schema(file, schema)
    then, otherwise = (compiler.schema(file, whole.get(name, True)) for name in ("then", "else"))
    return lambda value: then(value) if given(value) else otherwise(value)


@_keyword("$ref")
def _ref(compiler: Compiler, file: str, reference: Any, _: Mapping[str, Any]) -> Fits:
    return compiler.reference(file, reference)
