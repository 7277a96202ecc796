"""Situations in which each fault of Geode shows, as stored documents and request targets; written out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

Stored = dict[str, str]
TRUE = "?ignoreMissingKey=true"


@dataclass(frozen=True)
class Situation:
    """`asks` are sent one after the other, `on_one` over one connection, `together` at the same time on several.

    With `then`, this is what orders holds when `asks` are sent once more. `changes` are requests between two rounds of
    `asks`, each with the body behind its target; PUTs may stand among `on_one` as well. `pieces` arrive in two pieces
    each. Before all, `hung_up` are sent by clients that wait for no answer. `headers` are those of `asks`, where they
    are others than usual.
    """

    asks: tuple[str, ...] = ()
    orders: Stored = field(default_factory=dict)
    items: Stored = field(default_factory=dict)
    on_one: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    then: Stored | None = None
    changes: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    hung_up: tuple[str, ...] = ()
    headers: tuple[str, ...] | None = None


ABC: Stored = {"a": '{"n":1}', "b": '{"n":2}', "c": '{"n":3}'}
FIVE: Stored = {**ABC, "d": '{"n":4}', "e": '{"n":5}'}
ITEMS: Stored = {"a": '{"n":-1}', "b": '{"n":-2}'}
SIXTY: Stored = {f"k{number:02}": f'{{"n":{number}}}' for number in range(60)}
ALL_SIXTY = ",".join(SIXTY)
LONG = "l" * 63
HUNDRED: Stored = {f"k{number:03}": f'{{"n":{number}}}' for number in range(101)}
LARGE: Stored = {**ABC, "large": '{"t":"' + "a" * 9000 + '"}'}
BAD = "?ignoreMissingKey=yes"
LONG_ADDRESS = ",".join(f"{number}{LONG}" for number in range(40))


def asked(*asks: str, orders: Stored = ABC, items: Stored = ITEMS) -> Situation:
    return Situation(asks, orders, items)


def keys(stored: str, *asks: str) -> Situation:
    """Keys in the order of storing, each with a document of its own; a comma is between them."""
    return Situation(asks, {key: f'{{"n":{number}}}' for number, key in enumerate(stored.split(","))})
