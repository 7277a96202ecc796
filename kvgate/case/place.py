"""Turns a case's templates into those of a run: keys marked, places named as the target names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kvgate.case.mark import Mark
from kvgate.case.model import Ask, Case


def place(case: Case, mark: Mark, places: Mapping[str, str]) -> Case:
    """The case for one run. `places` maps roles (a region's) to the target's names; unnamed roles stay as they are.

    Keys, request targets, bodies and every text in `expect` get their marks; stored values stay byte for byte. Of a
    key `table|key` the two parts are filled in apart. Behind the `?` of a template, a `query` goes on with `&`.
    """

    def fill(text: str) -> str:
        return mark.fill(text, case.name)

    def named(field: str, value: Any) -> Any:
        if isinstance(value, str):
            return _located(value, places, fill) if field in ("region", "place") else fill(value)
        if isinstance(value, list | tuple):
            return type(value)(named("", item) for item in value)
        return value

    def asked(ask: Ask) -> Ask:
        fields = {name: named(name, value) for name, value in ask.fields.items()}
        shown = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in fields.items()}
        shown["table"], _, shown["key"] = shown["key"].rpartition("|")
        if "?" in ask.target.partition("{query}")[0]:
            shown["query"] = shown.get("query", "").replace("?", "&", 1)

        def filled(text: str) -> str:
            for name, value in shown.items():
                text = text.replace("{" + name + "}", value)
            return fill(text)

        headers = tuple((name, fill(value)) for name, value in ask.headers)
        return replace(
            ask, target=filled(ask.target), fields=fields, headers=headers, body=_fill_bytes(ask.body, filled)
        )

    return replace(
        case,
        key=fill(case.key),
        holdings=tuple(replace(h, key=fill(h.key)) for h in case.holdings),
        former=tuple(tuple(replace(h, key=fill(h.key)) for h in state) for state in case.former),
        absent=tuple((where, fill(key)) for where, key in case.absent),
        asks=tuple(asked(ask) for ask in case.asks),
        hung_up=tuple(asked(ask) for ask in case.hung_up),
        expect=_filled(case.expect, fill),
    )


def _located(name: str, places: Mapping[str, str], fill: Callable[[str], str]) -> str:
    """The target's name for a role; in a name made of a role and a mark (`{data}-{m}`) both are filled in.

    `{DATA}` is the name with capitals for small letters and the reverse, `{data-}` the name without its last letter.
    Where that is a place of the target's, too, or the same, or none, it is one that no target has.
    """
    if name in places:
        return places[name]
    for role, actual in places.items():
        for written, other in ((role.upper(), actual.swapcase()), (f"{role}-", actual[:-1])):
            taken = not other or other in places.values()
            name = name.replace("{" + written + "}", f"{{{role}}}-{{m}}" if taken else other)
        name = name.replace("{" + role + "}", actual)
    return fill(name)


def _fill_bytes(body: bytes, fill: Any) -> bytes:
    return fill(body.decode("latin-1")).encode("latin-1") if b"{" in body else body


def _filled(node: Any, fill: Any) -> Any:
    if isinstance(node, str):
        return fill(node)
    if isinstance(node, list):
        return [_filled(item, fill) for item in node]
    if isinstance(node, Mapping):
        return {fill(key): _filled(value, fill) for key, value in node.items()}
    return node
