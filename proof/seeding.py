"""Puts the states of cases straight into the memory of the reference, so that a run costs its questions only."""

from __future__ import annotations

from kvgate.case import Case, Holding
from kvgate.reference.buckets import bucket_of
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode_store import Region
from kvgate.reference.hustdb import Node
from kvgate.seeding.aim import aimed
from kvgate.seeding.model import NotInPlace, Written
from kvgate.seeding.spelling import decoded
from kvgate.seeding.table import Range, Table
from kvgate.target.model import Part
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.exchange import Exchange, Request

_MASTERS = ("master1", "master2")


class DirectSeeder:
    """What the two ways have in common: nothing is journalled, and nothing has to be taken away again."""

    writes = True
    unwritten = frozenset[str]()

    def __init__(self, embedded: Embedded, part: Part) -> None:
        self._embedded = embedded
        self._part = part

    def prepare(self) -> None:
        """Nothing: the servers are in this process."""

    def aimed(self, case: Case) -> Case:
        """The case as it is."""
        return case

    def plan(self, case: Case) -> tuple[Written, ...]:  # noqa: ARG002  # nothing outlives the servers
        """No key: what is written goes with the servers."""
        return ()

    def where(self, place: str, key: str) -> str:  # noqa: ARG002  # only reports ask
        """Where the interface itself answers."""
        return self._part.url

    def look_again(self) -> None:
        """Nothing: the servers are this process's own."""

    def moved(self, case: Case) -> str | None:  # noqa: ARG002  # their table does not change
        """None."""
        return None

    def remove(self, written: Written) -> Exchange:
        """Never called: nothing is planned."""
        raise NotImplementedError(f"{written.key} was not journalled")

    def taken(self, exchange: Exchange) -> bool:  # noqa: ARG002  # nothing is removed
        """True: nothing is removed."""
        return True

    def stray(self, where: str, key: bytes) -> tuple[Written, ...]:  # noqa: ARG002  # it goes with the servers
        """Nothing: it goes with the servers."""
        return ()

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:  # noqa: ARG002  # there were no requests
        """No request: nothing was sent."""
        return ()

    def close(self) -> None:
        """Nothing: no connection is open."""


class NodeMemory(DirectSeeder):
    """States of get2 cases, on the nodes of the embedded reference."""

    def aimed(self, case: Case) -> Case:
        """The case with a key that shows the misreading of the reference's table it aims at."""
        ha = self._embedded.ha
        rows = () if ha is None else ha.table
        return aimed(case, Table(tuple(Range(row.start, row.end, str(row.master1), str(row.master2)) for row in rows)))

    def put(self, case: Case) -> Situation:
        """Stores the case's values at its versions and reads them back. Raises NotInPlace."""
        situation = self._embedded.call(lambda: self._put(case))
        for place, key in case.keys:
            holding, found = case.held(place, key), situation.held[place, key]
            if found.value != (None if holding is None else holding.value):
                raise NotInPlace(f"{place} does not hold what the case needs under key {key}")
        return situation

    def read(self, case: Case) -> Situation:
        """What both masters of every key of the case hold."""
        return self._embedded.call(lambda: self._read(case))

    def listed(self) -> frozenset[tuple[str, bytes]]:
        """Every key of every node, as if all were in one place."""
        ha = self._embedded.ha
        nodes = () if ha is None else self._embedded.nodes
        return self._embedded.call(
            lambda: frozenset((self._part.url, key) for node in nodes for key in Node.stored(node) if b"|" not in key)
        )

    def _put(self, case: Case) -> Situation:
        homes = [(place, key, self._node(place, key)) for key in _keys(case) for place in _MASTERS]
        for _, key, node in homes:
            Node.remove(node, decoded(key))
        for place, key, node in homes:
            holding = case.held(place, key)
            if holding is not None:
                _store(node, holding)
        return self._read(case)

    def _read(self, case: Case) -> Situation:
        held: dict[tuple[str, str], Held] = {}
        for key in _keys(case):
            for place in _MASTERS:
                # The base class's own look-up: a deviation in how a node answers must not change what it holds.
                reading = Node.read(self._node(place, key), decoded(key))
                held[place, key] = Held(None) if reading is None else Held(reading.value, reading.version)
        return Situation(held)

    def _node(self, place: str, key: str) -> Node:
        ha = self._embedded.ha
        if ha is None:
            raise NotInPlace("there is no HA to ask")
        bucket = bucket_of(key)
        item = next(item for item in ha.table if item.start <= bucket < item.end)
        return self._embedded.nodes[item.master1 if place == "master1" else item.master2]


class RegionMemory(DirectSeeder):
    """States of Geode cases, in the regions of the embedded reference; like those of a real one, they can't be read."""

    def put(self, case: Case) -> None:
        """Stores the case's values and takes away what must not be there. Raises NotInPlace."""
        self._embedded.call(lambda: self._put(case))

    def read(self, case: Case) -> None:  # no case can be read
        """None: the only way to read is the interface under test."""

    def _put(self, case: Case) -> None:
        for place, key in case.absent:
            if place != "absent":
                self._region(place).pop(_text(key), None)
        for holding in case.holdings:
            self._region(holding.place)[_text(holding.key)] = holding.value.decode("utf-8")

    def listed(self) -> frozenset[tuple[str, bytes]]:
        """Every key of every region, as if all were in one place."""
        geode = self._embedded.geode
        regions: dict[str, Region] = {} if geode is None else geode.regions
        return self._embedded.call(
            lambda: frozenset((self._part.url, key.encode()) for region in regions.values() for key in region)
        )

    def _region(self, place: str) -> Region:
        geode = self._embedded.geode
        name = self._part.places.get(place, place)
        if geode is None or name not in geode.regions:
            raise NotInPlace(f"there is no region '{name}'")
        return geode.regions[name]


def _keys(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for _, key in case.keys))


def _store(node: Node, holding: Holding) -> None:
    key = decoded(holding.key)
    if holding.version is None or holding.version == 1:
        held = node.read(key)
        if held is None or held.value != holding.value:
            node.put(key, holding.value)
    else:
        node.put(key, holding.value, version=holding.version, duplicate=True)


def _text(key: str) -> str:
    octets = decoded(key)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
