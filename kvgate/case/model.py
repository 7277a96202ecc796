"""A case: one situation, one question (or the few it declares), and what is expected of the answer.

A case read from fixtures/ holds templates; `kvgate.case.place` turns it into one for a run, its keys marked. Keys are
always spelled as they stand in a URL: ASCII, percent-encoded where needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kvgate.level import Level
from kvgate.wire.exchange import HangUp


@dataclass(frozen=True, slots=True)
class Holding:
    """A value stored under `key` (spelled as in a URL) in a place: a master, or a region's role.

    Where keys stand in tables, `key` is `table|key`. `version` is None where the interface has no versions or the case
    does not ask for one.
    """

    place: str
    key: str
    value: bytes
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a case.

    Asks with the same `connection` go over one kept-alive connection, in order; asks with the same `together`
    are sent at the same time. Without either, a fresh connection each, one after the other. With `pieces` the head of
    the request goes out in pieces. With `hangs_up` no answer is waited for. `without` names headers that every request
    has and this one has not. One that is not `judged` is asked for what it leaves behind.
    `fields` are what the target template was filled with (key, keys, region, query ...).
    """

    label: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    connection: str | None = None
    together: str | None = None
    pieces: bool = False
    hangs_up: HangUp | None = None
    without: tuple[str, ...] = ()
    judged: bool = True
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One situation. `expect` holds the written-out facts; `only`, where given, the requirements it is there for.

    `absent` are (place, key) pairs that must not be there. `former` is what is there first, one state after the other:
    the questions are asked of each `former_times`, unjudged, before the next takes its place, and last the state that
    they are judged on. `hung_up` is what is asked before the questions, all at the same time, by clients that wait for
    no answer. With `undisturbed` the same process asks nothing else meanwhile. `aim`, where given, names what whoever
    puts the state in place is to choose the end of the key for.
    `source` is `file:line` of the fixture.
    """

    interface: str
    name: str
    why: str
    level: Level
    rulings: tuple[str, ...]
    key: str
    holdings: tuple[Holding, ...]
    absent: tuple[tuple[str, str], ...]
    asks: tuple[Ask, ...]
    expect: Mapping[str, Any]
    tags: frozenset[str]
    only: tuple[str, ...]
    source: str
    former: tuple[tuple[Holding, ...], ...] = ()
    former_times: int = 1
    hung_up: tuple[Ask, ...] = ()
    undisturbed: bool = False
    aim: str | None = None

    def held(self, place: str, key: str | None = None) -> Holding | None:
        """What the case puts under `key` (its own by default) in `place`, or None."""
        wanted = self.key if key is None else key
        return next((h for h in self.holdings if h.place == place and h.key == wanted), None)

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Every (place, key) the case speaks of: stored or to be absent."""
        return tuple(dict.fromkeys([*((h.place, h.key) for h in self.holdings), *self.absent]))


def states_of(case: Case) -> tuple[Case, ...]:
    """The states that a case goes through, each a case without a past: its former ones in order, then its own."""
    return (*(_with(case, holdings) for holdings in case.former), replace(case, former=()))


def _with(case: Case, holdings: tuple[Holding, ...]) -> Case:
    there = {(holding.place, holding.key) for holding in holdings}
    absent = tuple(pair for pair in case.keys if pair not in there)
    return replace(case, holdings=holdings, absent=absent, former=())
