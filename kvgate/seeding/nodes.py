"""Seeding get2: writes each master itself, in the order that the key has them, and reads back what they hold.

Versions are the nodes' own: most count puts from 1, some take any version at once, some start elsewhere. What has to be
there in the end is the case's values, and its relation of versions: the same, or which of the two is greater.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import quote_from_bytes

from kvgate.case import Case, Holding
from kvgate.errors import SurroundingsError
from kvgate.seeding.aim import aimed
from kvgate.seeding.clients import Clients
from kvgate.seeding.listing import LISTING, list_node
from kvgate.seeding.masters import Masters
from kvgate.seeding.model import NotInPlace, Written
from kvgate.seeding.reason import shown_value
from kvgate.seeding.spelling import decoded
from kvgate.seeding.storage import CREDENTIALS, Sessions, StorageNode
from kvgate.target.model import Part
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.exchange import Exchange, Request

MASTERS = ("master1", "master2")
MOST_PUTS = 200  # to count one key of one node up to a version
MOST_TURNS = 4  # to bring two versions into their relation


class NodesSeeder:
    """Puts the state of get2 cases on the storage nodes. Thread-safe once prepared."""

    writes = True
    unwritten = frozenset[str]()

    def __init__(self, part: Part, clients: Clients) -> None:
        self._part = part
        self._clients = clients
        self._masters = Masters(part, clients)
        # What the nodes were seen to do. Threads that learn the same thing twice do no harm.
        self._counts_only: set[StorageNode] = set()
        self._sets_versions: set[StorageNode] = set()
        self._starts_elsewhere: set[StorageNode] = set()

    def prepare(self) -> None:
        """Finds out which nodes are the masters of which keys. Raises SurroundingsError or InputError."""
        self._masters.prepare()

    def aimed(self, case: Case) -> Case:
        """The case with a key that shows the misreading of the table it aims at; as it is where no key can."""
        return aimed(case, self._masters.table)

    def plan(self, case: Case) -> tuple[Written, ...]:
        """Every key of the case, also where it is not to be: a read that puts it there leaves it under the run's mark.

        Of keys without masters none is written.
        """
        try:
            homes = self._homes(case)
        except NotInPlace:
            return ()
        there = frozenset(case.keys)
        return tuple(self._line(place, key, node) for place, key, node in _places(homes) if (place, key) in there)

    def put(self, case: Case) -> Situation:
        """Writes the case's values with versions in the case's relation, and reads back. Raises NotInPlace."""
        homes = self._homes(case)
        _refuse_clash(case, homes)
        held: dict[tuple[str, str], Held] = {}
        with self._sessions() as sessions:
            there: dict[tuple[StorageNode, bytes], Held] = {}
            for holding, node in _written(case, homes):
                # Two spellings of a key may meet on a node; the second write would move the version on.
                same = (node, decoded(holding.key))
                if same not in there:
                    there[same] = self._store(sessions, node, holding)
                held[holding.place, holding.key] = there[same]
            for key, nodes in homes.items():
                self._relate(sessions, case, key, nodes, held)
            for place, key, node in _places(homes):
                if (place, key) not in held:
                    held[place, key] = self._clear(sessions, node, key)
            self._read_shared(sessions, homes, held)
        situation = Situation(held)
        self._check(case, homes, situation)
        return situation

    def read(self, case: Case) -> Situation:
        """What both masters of every key of the case hold now, whatever that is. Raises NotInPlace."""
        homes = self._homes(case)
        with self._sessions() as sessions:
            return Situation({(place, key): sessions.get(node, key) for place, key, node in _places(homes)})

    def confirm(self, case: Case) -> Situation:
        """Reads, writing nothing, and raises NotInPlace when the case's state is not there."""
        situation = self.read(case)
        self._check(case, self._homes(case), situation)
        return situation

    def where(self, place: str, key: str) -> str:
        """The base URL of a key's master. Raises NotInPlace."""
        return self._masters.of(key)[MASTERS.index(place)].url

    def look_again(self) -> None:
        """Reads the HA's table once more, to know whether it still is the one that the keys were put by."""
        self._masters.look_again()

    def moved(self, case: Case) -> str | None:
        """How the table names other masters for a key of the case than when it was put; None when it does not."""
        return self._masters.moved_of(case)

    def remove(self, written: Written) -> Exchange:
        """Takes one key away from one node."""
        return self._clients.ask(written.interface, written.credentials, written.origin, written.remove)

    def taken(self, exchange: Exchange) -> bool:
        """Whether a removal was understood; whether the key is away is read with the state that comes next."""
        return exchange.response is not None and exchange.response.status in {200, 404, 412}

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """Remove and put, for each key on each of its masters; counted up by puts unless the node sets versions."""
        homes = self._homes(case)
        steps: list[tuple[str, Request]] = []
        for holding, node in _written(case, homes):
            steps.append((node.origin, node.delete(holding.key)))
            version = holding.version or 1
            if version > 1 and node in self._sets_versions:
                steps.append((node.origin, node.put(holding.key, holding.value, version)))
                continue
            fillers = (node.filler(holding.value, turn) for turn in range(version - 1))
            steps.extend((node.origin, node.put(holding.key, filler)) for filler in fillers)
            steps.append((node.origin, node.put(holding.key, holding.value)))
        return tuple(steps)

    def listed(self) -> frozenset[tuple[str, bytes]] | None:
        """The keys of every node that stand in no table; None where a node lists none, not all, or takes too long."""
        found: set[tuple[str, bytes]] = set()
        until = time.monotonic() + LISTING
        for node in self._masters.nodes:
            ask = partial(self._clients.ask, self._part.interface, CREDENTIALS, node.origin, until=until)
            try:
                keys = list_node(ask, node.url, node.prefix)
            except SurroundingsError:
                return None
            if not keys.whole:
                return None
            found.update((node.url, key) for key in keys.versions)
        return frozenset(found)

    def stray(self, where: str, key: bytes) -> tuple[Written, ...]:
        """A key that was found on the node of this base URL."""
        spelled = quote_from_bytes(key, safe="")
        return tuple(self._line(MASTERS[0], spelled, node) for node in self._masters.nodes if node.url == where)

    def close(self) -> None:
        """Closes what was opened. Idempotent."""
        self._clients.close()

    def _line(self, place: str, key: str, node: StorageNode) -> Written:
        return Written(
            interface=self._part.interface,
            place=place,
            key=key,
            origin=node.origin,
            remove=node.delete(key),
            look=node.get(key),
            credentials=CREDENTIALS,
        )

    def _sessions(self) -> Sessions:
        return Sessions(self._clients, self._part.interface)

    # Where the keys of a case live

    def _homes(self, case: Case) -> dict[str, tuple[StorageNode, StorageNode]]:
        return {key: self._masters.of(key) for key in dict.fromkeys(key for _, key in case.keys)}

    # Writing

    def _store(self, sessions: Sessions, node: StorageNode, holding: Holding) -> Held:
        """Stores a value at its version or, on a node that counts otherwise, at the first one the node gives."""
        version = holding.version or 1
        held = self._reach(sessions, node, holding, version, 0)
        if held.version == version or holding.version is None or node in self._starts_elsewhere:
            return held
        # Something stood there before: of a run under the same mark, since the key carries it.
        sessions.delete(node, holding.key)
        held = self._reach(sessions, node, holding, version, 0)
        if held.version != version:
            self._starts_elsewhere.add(node)
        return held

    def _reach(self, sessions: Sessions, node: StorageNode, holding: Holding, version: int, current: int) -> Held:
        """Puts until the key is at `version` or beyond with the holding's value; `current` is where it is now."""
        key, value = holding.key, holding.value
        if version - current > 1 and node not in self._counts_only:
            sessions.put_version(node, key, value, version)
            held = sessions.get(node, key)
            if held.value == value and (held.version or 0) >= version:
                if held.version == version:
                    self._sets_versions.add(node)
                return held
            if (held.version or 0) < version:
                self._counts_only.add(node)
            current = held.version or 0
        between = False
        for turn in range(MOST_PUTS):
            if current + 1 < version:
                current = sessions.put(node, key, node.filler(value, turn))
                continue
            sessions.put(node, key, value)
            held = sessions.get(node, key)
            if held.version != current or between:
                return held
            # A put of the value that is there already need not move the version: another one comes between, once.
            current, between = sessions.put(node, key, node.filler(value, turn)), True
        raise NotInPlace(
            f"node {node.url}: key {key} is at version {current} after {MOST_PUTS} puts, {version} cannot be reached",
            node.url,
        )

    def _relate(
        self,
        sessions: Sessions,
        case: Case,
        key: str,
        nodes: tuple[StorageNode, StorageNode],
        held: dict[tuple[str, str], Held],
    ) -> None:
        """Moves the version of one master on, where nodes that count otherwise missed the case's relation."""
        first, second = (case.held(place, key) for place in MASTERS)
        if first is None or second is None or first.version is None or second.version is None:
            return
        wanted = second.version - first.version
        for _ in range(MOST_TURNS):
            one, two = (held[place, key].version or 0 for place in MASTERS)
            if _sign(two - one) == _sign(wanted):
                return
            behind = 1 if two - one < wanted else 0
            target = one + max(wanted, 0) if behind else two + max(-wanted, 0)
            holding, current = (second, two) if behind else (first, one)
            held[MASTERS[behind], key] = self._reach(sessions, nodes[behind], holding, target, current)

    def _clear(self, sessions: Sessions, node: StorageNode, key: str) -> Held:
        """Sees to it that a key is not there; what may be there is of a run under the same mark."""
        held = sessions.get(node, key)
        if held.value is None:
            return held
        sessions.delete(node, key)
        return sessions.get(node, key)

    # Reading back

    def _read_shared(
        self,
        sessions: Sessions,
        homes: Mapping[str, tuple[StorageNode, StorageNode]],
        held: dict[tuple[str, str], Held],
    ) -> None:
        """Reads once more where a node has several keys of the case: it may take two of them for one."""
        keys: dict[StorageNode, set[bytes]] = {}
        for _, key, node in _places(homes):
            keys.setdefault(node, set()).add(decoded(key))
        for place, key, node in _places(homes):
            if len(keys[node]) > 1:
                held[place, key] = sessions.get(node, key)

    def _check(self, case: Case, homes: Mapping[str, tuple[StorageNode, StorageNode]], situation: Situation) -> None:
        for place, key, node in _places(homes):
            holding, found = case.held(place, key), situation.held[place, key]
            wanted = None if holding is None else holding.value
            if found.value != wanted:
                raise NotInPlace(
                    f"{place} ({node.url}) holds {shown_value(found.value)} under key {key}, "
                    f"the case needs {shown_value(wanted)}{_mixed_up(case, place, key, found)}",
                    node.url,
                )
        for key in homes:
            first, second = (case.held(place, key) for place in MASTERS)
            one, two = (situation.held[place, key].version for place in MASTERS)
            if first is None or second is None or None in (first.version, second.version, one, two):
                continue
            if _sign((two or 0) - (one or 0)) != _sign((second.version or 0) - (first.version or 0)):
                raise NotInPlace(
                    f"key {key} is at version {one} on master1 and {two} on master2, "
                    f"the case needs {first.version} and {second.version} (or others in that relation)"
                )


def _written(case: Case, homes: Mapping[str, tuple[StorageNode, StorageNode]]) -> Iterator[tuple[Holding, StorageNode]]:
    for holding in case.holdings:
        yield holding, homes[holding.key][MASTERS.index(holding.place)]


def _places(homes: Mapping[str, tuple[StorageNode, StorageNode]]) -> Iterator[tuple[str, str, StorageNode]]:
    for key, nodes in homes.items():
        for place, node in zip(MASTERS, nodes, strict=True):
            yield place, key, node


def _mixed_up(case: Case, place: str, key: str, found: Held) -> str:
    """Why a node may hold the wrong value: it is what was put under another key of the case."""
    others = (h.key for h in case.holdings if h.place == place and h.key != key and h.value == found.value)
    other = next(others, None)
    return "" if other is None else f"; that was put under key {other}: the node takes the two for one key"


def _refuse_clash(case: Case, homes: Mapping[str, tuple[StorageNode, StorageNode]]) -> None:
    """Two spellings of one key can have their masters the other way round, and then want two values in one place."""
    wanted: dict[tuple[StorageNode, bytes], tuple[str, tuple[bytes, int | None] | None]] = {}
    for place, key, node in _places(homes):
        holding = case.held(place, key)
        what = None if holding is None else (holding.value, holding.version)
        spelled, other = wanted.setdefault((node, decoded(key)), (key, what))
        if other != what:
            raise NotInPlace(
                f"{spelled} and {key} spell one key, which cannot hold two states on node {node.url}: "
                "the table of this target has their masters in different order"
            )


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)
