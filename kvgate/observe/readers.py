"""Reads what is there, and nothing else: the masters of HustDB, or the regions of Geode one key at a time.

`permits` of the clients made here lets through the reads named in this module and no other request. For HustDB the
method is not enough: its nodes write and remove by GET too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kvgate.case import Case
from kvgate.interface import load_interface
from kvgate.seeding.clients import Clients
from kvgate.seeding.listing import COUNT_PATH, KEYS_PATH, NodeKeys, list_node, list_region
from kvgate.seeding.masters import Masters, storage_of
from kvgate.seeding.model import NotInPlace, NotToBeJudged
from kvgate.seeding.reason import failure
from kvgate.seeding.spelling import canonical, decoded
from kvgate.seeding.storage import CREDENTIALS, Sessions, StorageNode
from kvgate.strictjson import NotJson, TooMuch, read
from kvgate.target.model import Part
from kvgate.verdict.evidence import Held
from kvgate.wire.client import Limits, Permits, Tls
from kvgate.wire.exchange import Exchange, Request

_KEPT = Limits().keep_bytes  # of one answer

Pair = tuple[str, str]
Seen = Mapping[Pair, tuple[Held, Exchange]]
OBSERVED_REGIONS = ("data", "second")
_TABLE_PATH = "/get_table"
_JSON = (("Accept", "*/*"),)
# E35 and the list's own comma: no path of one key names such a key on every server. The last is the listing.
_UNREADABLE = frozenset(b",/;\\%")
_NO_KEY = frozenset({b"keys", b".", b".."})


@dataclass(frozen=True, slots=True)
class Listing:
    """The keys there are, spelled for a URL, by what the listing tells of their situation; notes of one line each."""

    situations: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()


class Reader(Protocol):
    """A way to read what is there. Thread-safe once prepared."""

    @property
    def places(self) -> tuple[str, ...]:
        """The places that are read."""

    @property
    def finds_what_it_lists(self) -> bool:
        """Whether a key that is listed and then not found is a fault of finding, and not of the key."""

    def prepare(self) -> None:
        """Finds out what is needed once. Raises SurroundingsError or InputError."""

    def listing(self) -> Listing:
        """The keys there are, as far as a bounded listing goes. Raises SurroundingsError."""

    def where(self, place: str, key: str) -> str:
        """The base URL that a place's key stands behind. Raises NotInPlace."""

    def read(self, pairs: Iterable[Pair]) -> Seen:
        """What each place holds under each key. Raises NotInPlace, or NotToBeJudged where a key is to be left out."""

    def look_again(self) -> None:
        """Learns anew where keys stand, after the last question. What cannot be learnt any more counts as unchanged."""

    def moved(self, case: Case) -> str | None:
        """How keys of the case stand elsewhere since `look_again`, in one line; None when they do not."""

    def close(self) -> None:
        """Closes what was opened. Idempotent."""


def reads_only(request: Request) -> bool:
    """Whether a request to the interface under test is a plain GET."""
    return request.method == "GET" and not request.body


class NodesReader:
    """Reads both masters of a key, in the order in which the key has them."""

    places = ("master1", "master2")
    finds_what_it_lists = False

    def __init__(self, part: Part, clients: Clients) -> None:
        self._part, self._clients = part, clients
        self._masters = Masters(part, clients)

    def prepare(self) -> None:
        """Finds out which nodes are the masters of which keys. Raises SurroundingsError or InputError."""
        self._masters.prepare()

    def listing(self) -> Listing:
        """The keys of every node, by the versions that their masters list. Raises SurroundingsError."""
        lists = {node: list_node(self._asking(node), node.url, node.prefix) for node in self._masters.nodes}
        situations: dict[str, list[str]] = {"versions differ": [], "on one master": [], "versions match": []}
        elsewhere = 0
        for key in dict.fromkeys(key for listed in lists.values() for key in listed.versions):
            spelled = _encoded(key)
            situation = self._situation(spelled, key, lists)
            if situation is None:
                elsewhere += 1
            else:
                situations[situation].append(spelled)
        notes = [
            f"{node.url} listed {len(its.versions)} keys, and has more" for node, its in lists.items() if not its.whole
        ]
        if elsewhere:
            notes.append(f"not sampled, for not standing on their masters: {elsewhere} of the keys listed")
        return Listing({name: tuple(keys) for name, keys in situations.items()}, tuple(notes))

    def where(self, place: str, key: str) -> str:
        """The base URL of a key's master. Raises NotInPlace."""
        return self._masters.of(key)[self.places.index(place)].url

    def read(self, pairs: Iterable[Pair]) -> Seen:
        """What each master holds under each key. Raises NotInPlace, or NotToBeJudged."""
        with Sessions(self._clients, self._part.interface) as sessions:
            seen = {
                (place, key): sessions.read(self._masters.of(key)[self.places.index(place)], key)
                for place, key in pairs
            }
        for key in {key for _, key in seen}:
            values = {held.value or b"" for (_, other), (held, _) in seen.items() if other == key}
            # A conflict is answered with both, one after the other.
            if len(values) > 1 and sum(map(len, values)) > _KEPT:
                raise NotToBeJudged(f"two values of more than {_KEPT} bytes together, too large")
        return seen

    def look_again(self) -> None:
        """Reads the HA's table once more."""
        self._masters.look_again()

    def moved(self, case: Case) -> str | None:
        """How the table names other masters for a key of the case than before; None when it does not."""
        return self._masters.moved_of(case)

    def close(self) -> None:
        """Closes what was opened. Idempotent."""
        self._clients.close()

    def _asking(self, node: StorageNode) -> Callable[[Request], Exchange]:
        return lambda request: self._clients.ask(self._part.interface, CREDENTIALS, node.origin, request)

    def _situation(self, spelled: str, key: bytes, lists: Mapping[StorageNode, NodeKeys]) -> str | None:
        try:
            versions = [lists[node].versions.get(key) for node in self._masters.of(spelled)]
        except NotInPlace:
            return None
        if versions == [None, None]:
            return None
        if None in versions:
            return "on one master"
        return "versions match" if versions[0] == versions[1] else "versions differ"


class RegionsReader:
    """Reads a region one key at a time, through the API under test: there is no other way."""

    finds_what_it_lists = True

    def __init__(self, part: Part, clients: Clients) -> None:
        self._part, self._clients = part, clients
        self.places = tuple(role for role in OBSERVED_REGIONS if role in part.places)

    def prepare(self) -> None:
        """Nothing has to be found out."""

    def listing(self) -> Listing:
        """The keys of each region. Raises SurroundingsError."""
        situations: dict[str, tuple[str, ...]] = {}
        notes: list[str] = []
        for role in self.places:
            name = self._part.places[role]
            found = list_region(self._ask, f"{self._part.url}/{name}", self._path(role))
            spelled = [_encoded(key.encode("utf-8", "surrogatepass")) for key in found.keys]
            usable = tuple(key for key in spelled if why_unreadable(key) is None)
            situations[role] = usable
            if not found.whole:
                notes.append(f"region {name} listed {len(found.keys)} keys, and has more")
            if found.others + len(spelled) > len(usable):
                odd = found.others + len(spelled) - len(usable)
                notes.append(f"{odd} keys of region {name} cannot be named in a path, or are no text: not sampled")
        return Listing(situations, tuple(notes))

    def where(self, place: str, key: str) -> str:  # noqa: ARG002  # a region holds all its keys
        """The base URL of a region."""
        return self._part.origin + self._path(place)

    def read(self, pairs: Iterable[Pair]) -> Seen:
        """What each region holds under each key: the JSON text of an object. Raises NotInPlace."""
        with self._clients.connection(self._part.interface, "interface", self._part.origin) as connection:

            def ask(request: Request) -> Exchange:
                return self._clients.ask(self._part.interface, "interface", self._part.origin, request, connection)

            return {(place, key): self._read(place, key, ask) for place, key in pairs}

    def look_again(self) -> None:
        """Nothing: a region is where it is."""

    def moved(self, case: Case) -> str | None:  # noqa: ARG002  # no key ever moves
        """None."""
        return None

    def close(self) -> None:
        """Closes what was opened. Idempotent."""
        self._clients.close()

    def _read(self, place: str, key: str, ask: Callable[[Request], Exchange]) -> tuple[Held, Exchange]:
        why = why_unreadable(key)
        if why is not None:
            raise NotToBeJudged(why)
        exchange = ask(Request("GET", f"{self._path(place)}/{canonical(key)}", _JSON))
        response = exchange.response
        where = f"reading key {key} of region {self._part.places[place]} alone"
        if response is not None and exchange.fault is None and response.status == 404:
            return Held(None), exchange
        if response is None or exchange.fault is not None or response.status != 200:
            raise NotInPlace(f"{where}: {failure(exchange, 'auth')}")
        # Without the key, which is told beside the reason: what befell many keys is one line.
        alone = f"read alone in region {self._part.places[place]}"
        if response.body_length > len(response.body):
            raise NotToBeJudged(f"{alone}: a value of {response.body_length} bytes, too large")
        try:
            value = read(response.body)
        except TooMuch as beyond:
            raise NotToBeJudged(f"{alone}: a value beyond what is read: {beyond}") from None
        except NotJson as problem:
            raise NotToBeJudged(f"{alone}: no strict JSON came: {problem}") from None
        if not isinstance(value, dict):
            raise NotToBeJudged(f"{alone}: the value is no JSON object, and the page speaks of objects only")
        if set(value) == {self._part.places[place]} and isinstance(next(iter(value.values())), list):
            # E31: how one key is answered is another page's; some answer it as they answer several.
            raise NotToBeJudged(
                f"{alone}: the answer is formed like one to several keys: what is stored is not told by it"
            )
        return Held(response.body), exchange

    def _path(self, role: str) -> str:
        return f"{self._part.prefix}/{canonical(self._part.places[role])}"

    def _ask(self, request: Request) -> Exchange:
        return self._clients.ask(self._part.interface, "interface", self._part.origin, request)


def why_unreadable(key: str) -> str | None:
    """Why a GET of one key of Geode cannot name this key, or None where it can."""
    octets = decoded(key)
    if octets in _NO_KEY:
        return "a path that ends so is not read as a key"
    if not _UNREADABLE.isdisjoint(octets):
        return "a path with , / ; \\ or % in a key is refused, or read as several keys (E35)"
    return None


def _encoded(key: bytes) -> str:
    return canonical("".join(f"%{byte:02X}" for byte in key))


def make_reader(part: Part, *, tls: Tls, limits: Limits, cancel: threading.Event, concurrency: int) -> Reader:
    """The reader of a part of the target; close it. Raises InputError for an interface that cannot be observed."""
    of_regions = load_interface(part.interface).storage is None
    clients = Clients(
        [part],
        tls=tls,
        limits=limits,
        cancel=cancel,
        concurrency=concurrency,
        permits=reads_only if of_regions else reads_of_nodes(part),
    )
    return RegionsReader(part, clients) if of_regions else NodesReader(part, clients)


def reads_of_nodes(part: Part) -> Permits:
    """Lets through the table of masters, the reading of a key and the listing of keys; writes are GETs here as well."""
    reading = (_TABLE_PATH, storage_of(part).read.target.partition("?")[0], KEYS_PATH, COUNT_PATH)
    return lambda request: reads_only(request) and request.target.partition("?")[0].endswith(reading)


def reads_of_interface(part: Part) -> Permits:
    """Lets through the question of the interface, where its path tells it from others, and else every plain GET."""
    path = load_interface(part.interface).target.partition("?")[0]
    if "{" in path:
        return reads_only
    return lambda request: reads_only(request) and request.target.partition("?")[0] == part.prefix + path
