"""The storage API of one HustDB node, as the interface's own `[storage]` describes it.

Source: requirements.md, "Putting a state on the masters", and docs/siblings.md.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

from kvgate.interface import Act, Storage
from kvgate.seeding.clients import Clients
from kvgate.seeding.gone import status_of
from kvgate.seeding.model import NotInPlace, NotToBeJudged
from kvgate.seeding.reason import failure
from kvgate.seeding.spelling import canonical, decoded, parted
from kvgate.verdict.evidence import Held
from kvgate.wire.client import Connection
from kvgate.wire.exchange import Exchange, Request, Response
from kvgate.wire.origin import split_url

CREDENTIALS = "nodes"
_BYTES = (("Content-Type", "application/octet-stream"),)
_VERSION = re.compile(rb"[0-9]{1,20}")  # as far as 64 bits go
# 412: the node has no such table yet.
_NOT_THERE = frozenset({404, 412})


@dataclass(frozen=True, slots=True)
class StorageNode:
    """A node by its base URL; `origin` is scheme://host:port, `prefix` the path before /hustdb."""

    origin: str
    prefix: str
    storage: Storage

    @classmethod
    def at(cls, url: str, what: str, storage: Storage) -> StorageNode:
        """The node at a base URL. Raises InputError naming `what` the URL is."""
        return cls(*split_url(url, what), storage)

    @property
    def url(self) -> str:
        """The base URL."""
        return self.origin + self.prefix

    def get(self, key: str) -> Request:
        """The request that reads a key, spelled as in a case."""
        return self._request(self.storage.read, key)

    def delete(self, key: str) -> Request:
        """The request that removes a key."""
        return self._request(self.storage.remove, key)

    def put(self, key: str, value: bytes, version: int | None = None) -> Request:
        """The request that stores a value; `version` asks for that version at once, which not every node can."""
        wish = "" if version is None else f"&ver={version}&is_dup=true"
        return self._request(self.storage.write, key, value, wish)

    def filler(self, value: bytes, turn: int) -> bytes:
        """A value to count up with: another one than `value`, and at the next turn another again.

        A put that changes nothing may leave the version as it is.
        """
        pool = [filler for text in self.storage.fillers if (filler := text.encode()) != value] or [value]
        return pool[turn % len(pool)]

    def _request(self, act: Act, key: str, value: bytes = b"", wish: str = "") -> Request:
        table, name = parted(key)
        texts = {"{table}": table, "{key}": canonical(name), "{value}": canonical(value.decode("latin-1"))}
        target = act.target
        for place, text in texts.items():
            target = target.replace(place, text)
        body = {"": b"", "key": decoded(name), "value": value}[act.body]
        return Request(act.method, f"{self.prefix}{target}{wish}", _BYTES if act.body else (), body)


class Sessions:
    """Kept-alive connections to the nodes that one case needs; not thread-safe. Every method raises NotInPlace."""

    def __init__(self, clients: Clients, interface: str) -> None:
        self._clients = clients
        self._interface = interface
        self._open: dict[str, Connection] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Sessions:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    def get(self, node: StorageNode, key: str) -> Held:
        """What the node holds under a key."""
        return self.read(node, key)[0]

    def read(self, node: StorageNode, key: str) -> tuple[Held, Exchange]:
        """What the node holds under a key, and the exchange that tells it."""
        exchange, response = self._ask(node, node.get(key), f"reading key {key}")
        if response.status in _NOT_THERE:
            return Held(None), exchange
        if response.status != 200:
            raise _trouble(node, f"reading key {key}", exchange)
        version = _version(response)
        if version is None:
            raise NotInPlace(
                f"node {node.url}: reading key {key}: the answer has no Version that is a number", node.url
            )
        if response.body_length != len(response.body):
            large = f"a value of {response.body_length} bytes, too large"
            raise NotToBeJudged(f"node {node.url}: reading key {key}: {large}", node.url)
        return Held(response.body if node.storage.has_values else b"", version), exchange

    def put(self, node: StorageNode, key: str, value: bytes) -> int:
        """Stores a value and returns the version the node says it has now."""
        exchange, response = self._ask(node, node.put(key, value), f"putting key {key}")
        if response.status != 200:
            raise _trouble(node, f"putting key {key}", exchange)
        version = _version(response)
        if version is None:
            held = self.get(node, key)
            if held.version is None:
                raise NotInPlace(f"node {node.url}: a put of key {key} answered 200 and stored nothing", node.url)
            return held.version
        return version

    def put_version(self, node: StorageNode, key: str, value: bytes, version: int) -> None:
        """Asks for a version at once; what came of it is to be read back, since a node may not know how."""
        exchange, response = self._ask(node, node.put(key, value, version), f"putting key {key}")
        refused = response.status == 401 and bool(response.all("VerError"))
        if response.status in {401, 403} and not refused:
            raise _trouble(node, f"putting key {key}", exchange)

    def delete(self, node: StorageNode, key: str) -> None:
        """Removes a key that may or may not be there."""
        exchange, response = self._ask(node, node.delete(key), f"removing key {key}")
        if response.status not in {200, *_NOT_THERE}:
            raise _trouble(node, f"removing key {key}", exchange)

    def _ask(self, node: StorageNode, request: Request, what: str) -> tuple[Exchange, Response]:
        if node.origin not in self._open:
            connection = self._clients.connection(self._interface, CREDENTIALS, node.origin)
            self._open[node.origin] = self._stack.enter_context(connection)
        exchange = self._clients.ask(self._interface, CREDENTIALS, node.origin, request, self._open[node.origin])
        if exchange.response is None or exchange.fault is not None:
            raise _trouble(node, what, exchange)
        return exchange, exchange.response


def _trouble(node: StorageNode, what: str, exchange: Exchange) -> NotInPlace:
    path = exchange.request.target.partition("?")[0]
    # A wrong base URL shows by the path that was tried.
    tried = f" ({exchange.request.method} {path})" if status_of(exchange) == 404 else ""
    return NotInPlace(f"node {node.url}: {what}: {failure(exchange, 'nodes_auth')}{tried}", node.url)


def _version(response: Response) -> int | None:
    values = response.all("Version")
    return int(values[0]) if len(values) == 1 and _VERSION.fullmatch(values[0]) else None
