"""Finds the two masters of a key: by the HA's table, or as the operator gave them.

Where no nodes are given, those of the table are reached at the addresses it names.
"""

from __future__ import annotations

from kvgate.case import Case
from kvgate.errors import InputError, SurroundingsError
from kvgate.interface import Storage, load_interface
from kvgate.schema import nearest
from kvgate.seeding.clients import Clients
from kvgate.seeding.model import NotInPlace
from kvgate.seeding.reason import failure
from kvgate.seeding.spelling import decoded, parted
from kvgate.seeding.storage import StorageNode
from kvgate.seeding.table import Table, UnusableTableError, bucket_of, normal_address, read_table
from kvgate.target.model import Part
from kvgate.wire.exchange import Request

# What a server answers that has no such path. Anything else leaves the order of masters in doubt.
_NO_TABLE = frozenset({400, 404, 405, 410, 501})
_NAME_THEM = 'or name master1 and master2 in the order of nodes, with masters = "given"'


class Masters:
    """The masters of a target's keys; to be prepared once, then thread-safe."""

    def __init__(self, part: Part, clients: Clients) -> None:
        self._part = part
        self._clients = clients
        self._storage = storage_of(part)
        self._given = tuple(self._node(url, "nodes") for url in part.settings.get("nodes", ()))
        self._map = {
            address: self._node(url, f"map.{address}") for address, url in part.settings.get("map", {}).items()
        }
        self._table: Table | None = None
        self._table_now: Table | None = None
        self._nodes: dict[str, StorageNode] = {}
        self._prepared = False

    def prepare(self) -> None:
        """Reads the table and finds a node for each address in it.

        Raises SurroundingsError when the table cannot be had, InputError when the nodes given do not fit it.
        """
        choice = self._part.settings.get("masters")
        table = None if choice == "given" else self._read_table(must=choice == "table")
        if table is None:
            self._check_given(choice)
        else:
            self._nodes = self._mapped(table)
        self._table = table
        self._prepared = True

    @property
    def nodes(self) -> tuple[StorageNode, ...]:
        """Every node that is a master of some keys, and can be reached."""
        return tuple(dict.fromkeys(self._given[:2] if self._table is None else self._nodes.values()))

    @property
    def table(self) -> Table | None:
        """The HA's table; None where the order of masters was given."""
        return self._table

    def of(self, key: str) -> tuple[StorageNode, StorageNode]:
        """master1 and master2 of a key as spelled in the URL. Raises NotInPlace where there are none to be reached."""
        if not self._prepared:
            raise AssertionError("prepare() was not called")
        if self._table is None:
            return self._given[0], self._given[1]
        hashed = _hashed(key, self._storage)
        masters = self._table.masters(hashed)
        if masters is None:
            raise NotInPlace(f"key {key}: the table of the HA has no masters for its bucket, {bucket_of(hashed)}")
        for name, address in zip(("master1", "master2"), masters, strict=True):
            if address not in self._nodes:
                raise NotInPlace(
                    f"{name} of its key is {address} by the HA's table, and none of nodes is at that address: "
                    "add that node to nodes, or to map"
                )
        return self._nodes[masters[0]], self._nodes[masters[1]]

    def look_again(self) -> None:
        """Reads the table once more, for `moved`. A table that cannot be had now counts as the one there was."""
        if self._table is not None:
            try:
                self._table_now = self._read_table(must=True)
            except SurroundingsError:
                self._table_now = None

    def moved(self, key: str) -> str | None:
        """How the table that was read last names other masters for a key than the first one; None when it does not."""
        if self._table is None or self._table_now is None:
            return None
        hashed = _hashed(key, self._storage)
        before, now = self._table.masters(hashed), self._table_now.masters(hashed)
        if _normal(before) == _normal(now):
            return None
        return (
            f"the HA's table changed during the run: the masters of key {key} were {_pair(before)}, "
            f"and are {_pair(now)} now"
        )

    def moved_of(self, case: Case) -> str | None:
        """`moved` of the first key of a case that has moved."""
        return next(filter(None, map(self.moved, dict.fromkeys(key for _, key in case.keys))), None)

    def _read_table(self, *, must: bool) -> Table | None:
        part = self._part
        where = f"{part.interface}: {part.url}/get_table"
        exchange = self._clients.ask(
            part.interface, "interface", part.origin, Request("GET", f"{part.prefix}/get_table")
        )
        response = exchange.response
        if response is not None and response.status in _NO_TABLE and not must:
            return None
        if response is None or response.status != 200 or exchange.fault is not None:
            # Who is not let in, or finds nobody there, will fare no better with another way to the masters.
            refused = response is not None and response.status in {401, 403}
            unreachable = exchange.fault is not None and exchange.fault.unreachable
            advice = "" if refused or unreachable else f": make it answer with the table, {_NAME_THEM}"
            raise SurroundingsError(f"{where}: {failure(exchange, 'auth')}{advice}")
        try:
            return read_table(response.body, response.body_length)
        except UnusableTableError as error:
            raise SurroundingsError(f"{where}: no usable table of masters: {error}: mend it, {_NAME_THEM}") from None

    def _check_given(self, choice: str | None) -> None:
        nodes = self._given
        if len(nodes) != 2:
            why = 'masters = "given"' if choice == "given" else "the HA has no table of masters (/get_table)"
            raise InputError(
                f"{self._part.interface}: {why}, and nodes names {len(nodes)} nodes: give two, master1 and then master2"
            )
        if nodes[0] == nodes[1]:
            raise InputError(
                f"{self._part.interface}: nodes names {nodes[0].url} twice: master1 and master2 are two nodes"
            )

    def _mapped(self, table: Table) -> dict[str, StorageNode]:
        """The node behind each address that one can be found for."""
        interface = self._part.interface
        for address in self._map:
            if address not in table.addresses:
                known = nearest(address, table.addresses)
                raise InputError(f"{interface}: map names {address}, which is not in the HA's table{known}")
        by_address = {normal_address(node.origin.partition("://")[2]): node for node in self._given}
        nodes = dict(self._map)
        for address in table.addresses:
            if address in nodes:
                continue
            if not self._given:
                nodes[address] = self._node(f"http://{address}", f"{address} in the HA's table")
            elif normal_address(address) in by_address:
                nodes[address] = by_address[normal_address(address)]
        used = set(nodes.values())
        spare = [node for node in self._given if node not in used]
        lost = [address for address in table.addresses if address not in nodes]
        if spare and lost:
            raise InputError(
                f"{interface}: the HA's table names {lost[0]}, and none of nodes is at that address: say in map which "
                f'node it is, such as map = {{ "{lost[0]}" = "{spare[0].url}" }}'
            )
        self._check_apart(nodes)
        return nodes

    def _node(self, url: str, what: str) -> StorageNode:
        return StorageNode.at(url, f"{self._part.interface}: {what}", self._storage)

    def _check_apart(self, nodes: dict[str, StorageNode]) -> None:
        behind: dict[StorageNode, str] = {}
        for address, node in nodes.items():
            if node in behind:
                both = f"{behind[node]} and {address}"
                raise InputError(f"{self._part.interface}: {both} of the HA's table are both mapped to {node.url}")
            behind[node] = address


def storage_of(part: Part) -> Storage:
    """How the storage nodes of a part's interface are read and written. Raises InputError where it has none."""
    storage = load_interface(part.interface).storage
    if storage is None:
        raise InputError(f"{part.interface}: seeding: the interface has no storage nodes")
    return storage


def _normal(masters: tuple[str, str] | None) -> tuple[str, ...]:
    return tuple(map(normal_address, masters or ()))


def _pair(masters: tuple[str, str] | None) -> str:
    return " and ".join(masters or ("none",))


def _hashed(key: str, storage: Storage) -> str:
    """The text whose bucket says which nodes are the masters of a key."""
    table, name = parted(key)
    if storage.hashed == "bytes":
        return decoded(name).partition(b"\0")[0].decode("latin-1")
    return table if storage.hashed == "table" else name
