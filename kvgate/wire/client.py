"""Asks a server: sends one request, reads its answer from the bytes, and turns whatever happens into an Exchange.

Every ask has a connection of its own unless one is given. On a connection of its own the client closes its sending
side once the answer is complete and goes on reading until the server closes too, for at most LINGER seconds: so bytes
that follow the body in a packet of their own are seen, and with a server that closes when told so it costs one round
trip. On a kept-alive connection that is not possible: there the client looks once, without waiting, after the answer
(or waits as long as `connection(linger=...)` says), and once more before the next request goes out.

A server may close an idle connection at any time, also just as a request goes out on it: that request is asked again
on a new one. Where it matters (`connection(examines=...)`), it is found out whether it was that: the request before is
asked on a new connection, and the same one after a pause, in which a server that only closes what is idle closes it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx

from kvgate.wire.attempt import Attempt, Connection
from kvgate.wire.dispatch import Dispatcher
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.link import Address, Broken, Link, Watch, resolve
from kvgate.wire.origin import split_origin
from kvgate.wire.reader import CUT_KEPT
from kvgate.wire.settings import Credentials, Limits, Tls, ssl_context

__all__ = ["Client", "Connection", "Credentials", "Limits", "NotPermittedError", "Permits", "Tls"]

Permits = Callable[[Request], bool]

# Seconds between the answer before and a request whose silent end is examined, each time: more than a server takes to
# close what it has answered, and not the same twice, since it may close at a certain time.
PAUSES = (0.05, 0.15)
MOST_PAUSE = 2.0
EXAMINED = 64  # silent closes of one client that were idle closes: a server that does so often is looked into no more


class NotPermittedError(Exception):
    """A request that this client is not to send; nothing of it went out."""


class Client:
    """Asks one origin; thread-safe, any number of asks at once.

    `origin` is scheme://host:port. `cancel`, once set, ends running and coming asks with a CANCELLED fault. What
    `permits` says no to is never sent: asking it is a bug, and raises NotPermittedError. Raises InputError for an
    origin that is none, for credentials that no header can hold (a line end in a secret's file), and for CA,
    certificate or key files that cannot be used.
    """

    def __init__(
        self,
        origin: str,
        *,
        credentials: Credentials | None = None,
        tls: Tls = Tls(),  # noqa: B008 - a frozen value
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        cancel: threading.Event | None = None,
        permits: Permits | None = None,
    ) -> None:
        self.origin = origin
        self.limits = limits
        scheme, self._host, self._port = split_origin(origin)
        context = ssl_context(tls) if scheme == "https" else None
        self._dispatcher = Dispatcher(scheme, self._host, self._port, credentials=credentials, context=context)
        self._cancel = cancel or threading.Event()
        self._permits = permits
        self._addresses: list[Address] = []
        self._idle_closes = 0

    def ask(
        self, request: Request, *, label: str = "", connection: Connection | None = None, until: float = math.inf
    ) -> Exchange:
        """Send `request` and return all that came of it, whatever the server or the network does.

        Goes over `connection` after what was asked there before, or else over a connection of its own. `until` is a
        monotonic time at which it ends, however much of the total limit is left then. Raises InputError only for a
        request that HTTP cannot carry.
        """
        if connection is not None and connection.client is not self:
            raise ValueError("a connection can carry requests of the client that made it, and of no other")
        if self._permits is not None and not self._permits(request):
            raise NotPermittedError(f"{request.method} {request.target.partition('?')[0]} is no read of this run")
        prepared = self._dispatcher.prepare(request)
        if connection is None:
            return self._ask(request, prepared, label, None, until)
        with connection.lock:
            return self._ask(request, prepared, label, connection, until)

    def connection(
        self, *, linger: float = 0.0, repeats: bool = False, persists: bool = False, examines: bool = False
    ) -> Connection:
        """Return a connection that is kept alive from one ask to the next.

        `linger` is how many seconds each ask on it waits for bytes after the body. A request that met a silent close
        is sent once more when its method is idempotent; with `repeats` any is, for those who look at what came of it.
        With `persists` one that met it on a new connection is as well. With `examines` it stays a fault where it is the
        request, and not the idling, that the server closes at.
        """
        return Connection(self, linger, repeats, persists, examines)

    def cancel(self) -> None:
        """End all running and coming asks, also of other clients that share the event."""
        self._cancel.set()

    def close(self) -> None:
        """Give up the client; connections made by it are closed by those who opened them."""
        self._dispatcher.close()

    def open_link(self, watch: Watch) -> Link:
        """Open a TCP connection to the origin; raises Broken."""
        addresses = self._addresses or resolve(self._host, self._port, watch)
        # What was resolved holds until it fails.
        self._addresses = addresses
        try:
            return Link.open(addresses, watch)
        except Broken:
            self._addresses = []
            raise

    def _ask(
        self, request: Request, prepared: httpx.Request, label: str, connection: Connection | None, until: float
    ) -> Exchange:
        began, start = time.time(), time.monotonic()
        watch = Watch(self.limits, self._cancel, until)
        attempt, each_time = self._try(request, prepared, watch, connection), ""
        if attempt.met_idle_close:
            past = connection.past if connection is not None and attempt.reused else ()
            closed, attempt = attempt, self._try(request, prepared, watch, connection)
            if past and self._closes_at(request, prepared, past, until):
                attempt = closed
                what = "request" if len(past) == 1 else f"{len(past)} requests"
                each_time = f", each time on a connection that was open and had carried the {what} before it"
        if connection is not None:
            connection.remember(request, prepared, follows=attempt.reused)
        seconds = attempt.answered - start
        response, fault = attempt.reader.result()
        if fault is not None and each_time:
            fault = replace(fault, message=fault.message + each_time)
        if response is not None and response.body_length > len(response.body):
            attempt.raw.cut(attempt.reader.head_length + CUT_KEPT)
        return Exchange(
            label=label,
            origin=self.origin,
            request=request,
            response=response,
            fault=fault,
            raw=attempt.raw.bytes(),
            raw_length=attempt.raw.length,
            began=began,
            seconds=seconds,
            connection=attempt.link.name if attempt.link else "",
        )

    def _try(self, request: Request, prepared: httpx.Request, watch: Watch, connection: Connection | None) -> Attempt:
        attempt = Attempt(self, request, watch, connection)
        attempt.run(self._dispatcher, prepared)
        return attempt

    def _closes_at(
        self, request: Request, prepared: httpx.Request, past: Sequence[tuple[Request, httpx.Request]], until: float
    ) -> bool:
        """Whether the server ends a connection silently each time that this request follows those before on it."""
        if self._idle_closes >= EXAMINED:
            return False
        if len(past) > 1 and self._closes_after(request, prepared, len(past), until):
            return False
        # A close that crosses the request once, on a slow way, has to be seen the second time: it came that much later.
        way = 0.0
        for pause in PAUSES:
            with Connection(self) as connection:
                began = time.monotonic()
                kept = all(self._leaves_open(each, connection, until) for each in past)
                waited = pause + way
                way = min(time.monotonic() - began, MOST_PAUSE)
                if kept:
                    self._cancel.wait(waited)
                    attempt = self._try(request, prepared, Watch(self.limits, self._cancel, until), connection)
            if not (kept and attempt.reused and attempt.met_idle_close):
                self._idle_closes += 1
                return False
        return True

    def _closes_after(self, request: Request, prepared: httpx.Request, many: int, until: float) -> bool:
        """Whether as many of the same request do it: a server may serve a few of a connection, and say nothing."""
        with Connection(self) as connection:
            kept = all(self._leaves_open((request, prepared), connection, until) for _ in range(many))
            return (
                kept
                and self._try(request, prepared, Watch(self.limits, self._cancel, until), connection).met_idle_close
            )

    def _leaves_open(self, asked: tuple[Request, httpx.Request], connection: Connection, until: float) -> bool:
        """Whether a request is answered on the connection, where there is one already, and leaves it to be used."""
        was_open = connection.link is not None
        attempt = self._try(*asked, Watch(self.limits, self._cancel, until), connection)
        return attempt.reused is was_open and connection.link is not None
