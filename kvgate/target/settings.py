"""Reads an interface's own keys as its target schema describes them.

schemas/<interface>/target.schema.json says with annotations what a schema cannot check, so that an interface is added
without code here: `holds: "url"` (a base URL, checked and written in one way), `distinct` (no two values of the list
or table are the same), `roles` (a list may be given for the table with these keys), `default` (of a key in a table),
`needs` (a value of this key, or "*", asks for other keys of the interface's table).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kvgate.errors import InputError
from kvgate.places import SCHEMAS
from kvgate.wire.origin import split_url

Where = Callable[..., str]
# Keys that mean the same for every interface; they are no settings of its own.
COMMON = ("url", "profile", "seeding")


def is_auth(key: str) -> bool:
    """Whether a key holds credentials: `auth` (for the interface) or `<whom>_auth`."""
    return key == "auth" or key.endswith("_auth")


def own_settings(interface: str, table: Mapping[str, Any], where: Where) -> dict[str, Any]:
    """The interface's own keys, checked beyond their schema and written in one way: a list as a tuple.

    `where(key, ...)` names the place of a key in an error. Raises InputError.
    """
    schema = _schema(interface)
    for key in table:
        _check_needs(interface, key, schema["properties"][key].get("needs", {}), table, where)
    return {
        key: _read(schema["properties"][key], value, lambda *path, key=key: where(key, *path))
        for key, value in table.items()
        if key not in COMMON and not is_auth(key)
    }


def _schema(interface: str) -> Any:
    """The interface's own schema, or the other interface's that it is all a reference to."""
    path = SCHEMAS / interface / "target.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    while "$ref" in schema:
        path = path.parent / schema["$ref"]
        schema = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _check_needs(
    interface: str, key: str, needs: Mapping[str, list[str]], table: Mapping[str, Any], where: Where
) -> None:
    for value in ("*", table[key] if isinstance(table[key], str) else ""):
        for needed in needs.get(value, []):
            if needed not in table:
                given = "" if value == "*" else f' "{value}"'
                raise InputError(
                    f"{where(key)}:{given} needs {needed}: add {needed} to [{interface}] or give --{interface}-{needed}"
                )


def _read(schema: Mapping[str, Any], value: Any, where: Where) -> Any:
    if schema.get("holds") == "url":
        return "".join(split_url(value, where()))
    if isinstance(value, list):
        read = [_read(schema["items"], item, lambda *path, at=at: where(at, *path)) for at, item in enumerate(value)]
        named = dict(zip(schema["roles"], read, strict=False)) if "roles" in schema else dict(enumerate(read))
    elif isinstance(value, Mapping):
        named = {
            key: _read(_member(schema, key), child, lambda *path, key=key: where(key, *path))
            for key, child in value.items()
        }
    else:
        return value
    for key, member in schema.get("properties", {}).items():
        if "default" in member:
            named.setdefault(key, member["default"])
    if schema.get("distinct"):
        _check_distinct(named, where, is_list=isinstance(value, list), given=len(value))
    return tuple(named.values()) if isinstance(value, list) and "roles" not in schema else named


def _member(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    member: Mapping[str, Any] = schema.get("properties", {}).get(key) or schema.get("additionalProperties") or {}
    return member


def _check_distinct(named: Mapping[Any, Any], where: Where, *, is_list: bool, given: int) -> None:
    """Raises InputError for a value that comes twice; beyond the first `given` they are defaults, which have a key."""
    first: dict[Any, Any] = {}
    for position, (key, value) in enumerate(named.items()):
        if value in first:
            earlier = first[value]
            shown = f"item {earlier + 1}" if isinstance(earlier, int) else earlier
            here = where(position if is_list and position < given else key)
            raise InputError(f"{here}: {value} is the same as {shown}")
        first[value] = key
