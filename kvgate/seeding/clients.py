"""The ways to the servers of a target, and who is told which secret."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable

from kvgate.errors import InputError
from kvgate.target.model import Part
from kvgate.wire.client import Client, Connection, Credentials, Limits, Permits, Tls
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.origin import split_url


def node_urls(part: Part) -> tuple[str, ...]:
    """The base URLs of every storage node that the settings name, in order, each once."""
    given = [*part.settings.get("nodes", ()), *part.settings.get("map", {}).values()]
    return tuple(dict.fromkeys(str(url) for url in given))


class Clients:
    """Asks any server of the given parts; thread-safe, at most `concurrency` requests under way.

    A secret goes to the servers that the target names it for and to no other, whatever a journal says. Where a target
    has a secret for the nodes and leaves it to the HA's table to name them, every node gets it. Nothing is sent that
    `permits` says no to.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        *,
        tls: Tls,
        limits: Limits,
        cancel: threading.Event | None = None,
        concurrency: int = 8,
        permits: Permits | None = None,
    ) -> None:
        if concurrency < 1:
            raise InputError(f"concurrency {concurrency}: expected 1 or more")
        self._tls, self._limits, self._cancel, self._permits = tls, limits, cancel, permits
        self._secrets: dict[tuple[str, str, str | None], Credentials] = {}
        for part in parts:
            self._learn(part, "interface", [part.origin])
            origins = [split_url(url, f"{part.interface}: nodes")[0] for url in node_urls(part)]
            self._learn(part, "nodes", origins if part.settings.get("nodes") else [None])
        self._slots = threading.BoundedSemaphore(concurrency)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], Client] = {}

    def ask(
        self,
        interface: str,
        credentials: str,
        origin: str,
        request: Request,
        connection: Connection | None = None,
        *,
        until: float = math.inf,
    ) -> Exchange:
        """Sends a request to `origin` with the credentials of that name (as in Part.credentials), if there are any.

        `until` is a monotonic time at which it ends in any case.
        """
        client = self._client(interface, credentials, origin)
        with self._slots:
            return client.ask(request, connection=connection, until=until)

    def connection(self, interface: str, credentials: str, origin: str, *, persists: bool = True) -> Connection:
        """A kept-alive connection for asks that follow each other; to be closed by the caller.

        A write that met a silent close is sent once more: seeding reads back, or knows that what it wrote may be there.
        With `persists` on a new connection, too.
        """
        return self._client(interface, credentials, origin).connection(repeats=True, persists=persists)

    def pause(self, seconds: float) -> bool:
        """Waits so long before a server is asked again; False where all was given up meanwhile."""
        return not (self._cancel or threading.Event()).wait(seconds)

    def close(self) -> None:
        """Gives up every client. Idempotent."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _learn(self, part: Part, name: str, origins: Iterable[str | None]) -> None:
        secret = part.credentials.get(name)
        if secret is not None:
            self._secrets.update({(part.interface, name, origin): secret for origin in origins})

    def _client(self, interface: str, credentials: str, origin: str) -> Client:
        key = (interface, credentials, origin)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = Client(
                    origin,
                    credentials=self._secrets.get(key) or self._secrets.get((interface, credentials, None)),
                    tls=self._tls,
                    limits=self._limits,
                    cancel=self._cancel,
                    permits=self._permits,
                )
            return self._clients[key]
