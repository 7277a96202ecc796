"""The reference servers of one process: a background thread with one event loop."""

from __future__ import annotations

import asyncio
import errno
import ssl
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kvgate.errors import InputError
from kvgate.reference.buckets import Range, check_node_count
from kvgate.reference.geode import Geode, behaviour_named
from kvgate.reference.http import Pair, Server
from kvgate.reference.hustdb import Ha, Node
from kvgate.reference.reading import RemoteNode

INTERFACES = ("get2", "geode")

# The roles that regions play in a run, by the names they have here; the absent one does not exist.
REGION_ROLES: Mapping[str, str] = {"data": "orders", "second": "items", "empty": "empty", "absent": "absent"}

_LONGEST_STOP = 10.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; 0, or a node that is not named, is a free port."""

    ha: int = 0
    nodes: tuple[int, ...] = ()
    geode: int = 0

    def node(self, index: int) -> int:
        """The port of one node."""
        return self.nodes[index] if index < len(self.nodes) else 0


class Embedded:
    """Servers running in a background thread; `start` makes the usual ones, `add` any other on the same loop.

    `ha`, `nodes` and `geode` are the servers themselves, so that a test can put a state in place without HTTP: touch
    them through `call`, or while nothing is asked.
    """

    def __init__(self) -> None:
        self.ha: Ha | None = None
        self.nodes: tuple[Node, ...] = ()
        self.geode: Geode | None = None
        self.regions: dict[str, str] = dict(REGION_ROLES)
        self._servers: list[Server] = []
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="kvgate-reference", daemon=True)
        self._thread.start()

    @classmethod
    def start(
        cls,
        *,
        interfaces: Sequence[str] = INTERFACES,
        nodes: int = 2,
        table: Sequence[Range] | None = None,
        table_addresses: Sequence[str] = (),
        geode_behaviour: str = "doc",
        regions: Mapping[str, Mapping[str, str]] | None = None,
        host: str = "127.0.0.1",
        ports: Ports | None = None,
        ha_credential: Pair | None = None,
        node_credential: Pair | None = None,
        geode_credential: Pair | None = None,
        tls: ssl.SSLContext | None = None,
        ask_nodes: ssl.SSLContext | bool = False,
        make_ha: Callable[..., Ha] = Ha,
        make_node: Callable[..., Node] = Node,
        make_geode: Callable[..., Geode] = Geode,
    ) -> Embedded:
        """Start the servers of `interfaces`, out of "get2" and "geode", and wait until they listen.

        `table` is the HA's bucket table (None: even ranges, both orders of masters), `table_addresses` what it calls
        the nodes (host:port). Each credential is the header its servers demand. `tls` is used by all. `ask_nodes`: the
        HA asks its nodes over HTTP (True, or the context for TLS) instead of in process. `make_...` replace the
        classes, with the same arguments. Raises InputError on a wrong argument or a port that can't be had.
        """
        unknown = [name for name in interfaces if name not in INTERFACES]
        if unknown or not interfaces:
            raise InputError(f"interfaces: {', '.join(unknown) or 'none'}: choose out of {', '.join(INTERFACES)}")
        ports = ports or Ports()
        if "get2" in interfaces:
            check_node_count(nodes)
        behaviour_named(geode_behaviour)
        embedded = cls()
        try:
            if "get2" in interfaces:
                made = tuple(make_node(credential=node_credential) for _ in range(nodes))
                for index, node in enumerate(made):
                    embedded.add(node, host=host, port=ports.node(index), tls=tls)
                embedded.nodes = made
                addresses = tuple(table_addresses) or tuple(node.address for node in made)
                context = ask_nodes if isinstance(ask_nodes, ssl.SSLContext) else None
                asked: Sequence[Node | RemoteNode] = made
                if ask_nodes:
                    asked = [RemoteNode(node.url, credential=node_credential, tls=context) for node in made]
                embedded.ha = make_ha(asked, table=table, addresses=addresses, credential=ha_credential)
                embedded.add(embedded.ha, host=host, port=ports.ha, tls=tls)
            if "geode" in interfaces:
                embedded.geode = make_geode(regions, behaviour=geode_behaviour, credential=geode_credential)
                embedded.add(embedded.geode, host=host, port=ports.geode, tls=tls)
        except BaseException:
            embedded.stop()
            raise
        return embedded

    @property
    def ha_url(self) -> str:
        """Where the HA answers; empty without one."""
        return self.ha.url if self.ha else ""

    @property
    def node_urls(self) -> tuple[str, ...]:
        """Where the nodes answer, in the order of the table's indexes."""
        return tuple(node.url for node in self.nodes)

    @property
    def geode_url(self) -> str:
        """Where Geode answers, with its path /geode/v1; empty without one."""
        return self.geode.url if self.geode else ""

    def add(self, server: Server, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> str:
        """Start another server on the same loop and return its URL. Raises InputError when the port can't be had."""
        try:
            url = self.wait(server.listen(host, port, tls))
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            why = "the port is in use: choose another" if in_use else error.strerror or str(error)
            raise InputError(f"can't listen on {host}:{port}: {why}") from error
        self._servers.append(server)
        return url

    def remove(self, server: Server) -> None:
        """Stop one server, as if its process had died; the others go on."""
        self.wait(server.close())

    def call(self, function: Callable[[], T]) -> T:
        """Run `function` in the servers' thread, between two requests, and return what it returns."""

        async def run() -> T:
            return function()

        return self.wait(run())

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the servers' loop and return what it returns. Raises RuntimeError once stopped."""
        if self._stopped:
            coroutine.close()
            raise RuntimeError("the reference has been stopped")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def stop(self) -> None:
        """Stop every server, free the ports and end the thread; a second call does nothing."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_LONGEST_STOP)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_LONGEST_STOP)

    def __enter__(self) -> Embedded:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _close(self) -> None:
        for server in self._servers:
            await server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()
