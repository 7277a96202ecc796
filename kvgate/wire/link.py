"""One TCP or TLS connection: every wait on it is bounded and can be cancelled.

A socket waits in short slices, and between them asks its Watch whether time is up. Whatever goes wrong is raised as
Broken, which holds the fault; nothing else leaves this module.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import math
import os
import selectors
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

from kvgate.wire.exchange import Fault, FaultKind
from kvgate.wire.origin import authority
from kvgate.wire.settings import Limits

SLICE = 0.1  # seconds until a cancelled wait notices
PIECE = 64 * 1024

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]
_numbers = itertools.count(1)
# OpenSSL's X509_V_ERR_... of a chain whose end nobody trusts; a wrong name or date is the certificate's own fault.
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)
_WOULD_BLOCK = (BlockingIOError, TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

# One poll of one socket, where there is one: the selector of most systems is a descriptor of its own, opened each time.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.DefaultSelector)


class Broken(Exception):
    """The exchange can't go on; `fault` says why."""

    def __init__(self, kind: FaultKind, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(kind, message)


class Watch:
    """The time limits of one exchange, and the event that cancels it; `until` is a monotonic time that ends it too."""

    def __init__(self, limits: Limits, cancel: threading.Event, until: float = math.inf) -> None:
        self.limits = limits
        self._cancel = cancel
        now = time.monotonic()
        self.total = max(0.0, min(limits.total, until - now))
        self._end = now + self.total

    def left(self) -> float:
        """Seconds until the total limit."""
        return self._end - time.monotonic()

    def slice(self, until: float, kind: FaultKind, message: Callable[[], str]) -> float:
        """Return how long to wait at a time, at most until the monotonic time `until` or the total limit.

        Raises Broken when cancelled, or with `kind` and `message` when that time has come.
        """
        self.check_cancel()
        left = min(until, self._end) - time.monotonic()
        if left <= 0:
            raise Broken(kind, message())
        return min(left, SLICE)

    def check_cancel(self) -> None:
        """Raise Broken when the run is being ended."""
        if self._cancel.is_set():
            raise Broken(FaultKind.CANCELLED, "given up: the run was interrupted or its time limit passed")


def resolve(host: str, port: int, watch: Watch) -> list[Address]:
    """Look up the addresses of `host`; raises Broken with DNS, also when the resolver takes too long."""
    found: list[Address] = []
    failure: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, address))  # type: ignore[arg-type]  # only IPv4 and IPv6 are asked for a stream
        except (OSError, UnicodeError) as error:
            failure.append(error)

    # A resolver cannot be interrupted, only be left behind.
    thread = threading.Thread(target=look_up, daemon=True, name="kvgate-resolver")
    thread.start()
    began, limit = time.monotonic(), min(watch.limits.connect, watch.limits.total)
    while thread.is_alive():
        wait = watch.slice(began + limit, FaultKind.DNS, lambda: f"no address for {host} within {limit:g} s")
        thread.join(wait)
    if failure or not found:
        reason = getattr(failure[0], "strerror", None) or "not a host name" if failure else "no address"
        raise Broken(FaultKind.DNS, f"cannot resolve {host}: {reason}")
    return found


class Link:
    """A connection to the server; `name` tells it from every other one of this process."""

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self._socket = sock
        self.peer = peer
        local = sock.getsockname()
        self.name = f"#{next(_numbers)} {authority('', local[0], local[1])} -> {peer}"
        self.secure = False

    @classmethod
    def open(cls, addresses: list[Address], watch: Watch) -> Link:
        """Connect to the first address that accepts; raises Broken with the last one's fault."""
        end = time.monotonic() + watch.limits.connect
        last: Broken | None = None
        for tried, address in enumerate(addresses):
            now = time.monotonic()
            # An address that swallows packets must leave time for the ones after it.
            until = now + (end - now) / (len(addresses) - tried)
            try:
                return cls._open(address, until, watch)
            except Broken as broken:
                if broken.fault.kind is FaultKind.CANCELLED:
                    raise
                last = broken
        raise last or Broken(FaultKind.DNS, "no address to connect to")

    @classmethod
    def _open(cls, address: Address, until: float, watch: Watch) -> Link:
        family, where = address
        peer = authority("", where[0], where[1])
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise Broken(FaultKind.REFUSED, f"cannot open a connection to {peer}: {_reason(error)}") from None
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            _connect(sock, where, peer, until, watch)
            return cls(sock, peer)
        except OSError as error:
            sock.close()
            raise _connect_failure(error, peer) from None
        except BaseException:
            sock.close()
            raise

    def start_tls(self, context: ssl.SSLContext, host: str, watch: Watch) -> None:
        """Shake hands; raises Broken with TLS or, when it takes longer than connecting may, CONNECT_TIMEOUT."""
        limit = min(watch.limits.connect, watch.limits.total)
        until = time.monotonic() + limit
        self.secure = True
        try:
            wrapped = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket = wrapped
            while True:
                wait = watch.slice(
                    until, FaultKind.CONNECT_TIMEOUT, lambda: f"TLS handshake with {self.peer} not done in {limit:g} s"
                )
                wrapped.settimeout(wait)
                try:
                    return wrapped.do_handshake()
                except _WOULD_BLOCK:
                    continue
        except (OSError, ValueError) as error:
            raise Broken(FaultKind.TLS, f"TLS handshake with {self.peer} failed: {_reason(error)}") from None

    def send(self, data: bytes, watch: Watch, early: Callable[[bytes], bool]) -> bool:
        """Send all of `data`. While the server doesn't take it, what it answers meanwhile goes to `early`.

        `early` returns True when the answer is complete: then sending ends, as it does when the server closes, and the
        result is False. Raises Broken (RESET, TIMEOUT, CANCELLED).
        """
        view, sent, limit = memoryview(data), 0, watch.limits.read
        progress = time.monotonic()

        def too_late() -> str:
            return f"the server took no more than {sent} of {len(view)} bytes of the request within {limit:g} s"

        while sent < len(view):
            wait = watch.slice(progress + limit, FaultKind.TIMEOUT, too_late)
            try:
                self._socket.settimeout(wait)
                sent += self._socket.send(view[sent : sent + PIECE])
                progress = time.monotonic()
            except _WOULD_BLOCK:
                answer = self.waiting()
                if answer == b"" or (answer and early(answer)):
                    return False
            except OSError as error:
                raise Broken(FaultKind.RESET, f"{_reason(error)} while the request was sent") from None
        return True

    def receive(self, watch: Watch, until: float, message: Callable[[], str]) -> bytes:
        """Wait for bytes until the monotonic time `until`; b"" when the server has closed.

        Raises Broken: TIMEOUT with `message`, CANCELLED, RESET, or TLS (an alert in place of an answer).
        """
        while True:
            wait = watch.slice(until, FaultKind.TIMEOUT, message)
            try:
                self._socket.settimeout(wait)
                return self._socket.recv(PIECE)
            except _WOULD_BLOCK:
                continue
            except ssl.SSLError as error:
                raise Broken(FaultKind.TLS, f"TLS failure on the connection to {self.peer}: {_reason(error)}") from None
            except OSError as error:
                raise Broken(FaultKind.RESET, _reason(error)) from None

    def waiting(self) -> bytes | None:
        """Return what is there already: bytes, b"" when the server has closed, None when there is nothing.

        Raises Broken with RESET.
        """
        try:
            self._socket.settimeout(0)
            return self._socket.recv(PIECE)
        except _WOULD_BLOCK:
            return None
        except OSError as error:
            raise Broken(FaultKind.RESET, _reason(error)) from None

    def finish(self) -> None:
        """Tell the server that nothing more will be asked, while still listening to it."""
        try:
            # Not SSLSocket.shutdown, which would give up the TLS state needed to go on reading.
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
        except OSError:
            return

    def reset(self) -> None:
        """Close the connection at once, and tell the server so by a TCP reset."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close the connection at once."""
        try:
            self._socket.close()
        except OSError:
            return


def _connect(
    sock: socket.socket, where: tuple[str, int] | tuple[str, int, int, int], peer: str, until: float, watch: Watch
) -> None:
    code = sock.connect_ex(where)
    if code not in {0, errno.EINPROGRESS, errno.EWOULDBLOCK}:
        raise OSError(code, os.strerror(code))
    limit = round(min(until - time.monotonic(), watch.left()), 1)
    if code:
        with _Selector() as selector:
            selector.register(sock, selectors.EVENT_WRITE)
            ready = False
            while not ready:
                wait = watch.slice(
                    until, FaultKind.CONNECT_TIMEOUT, lambda: f"no connection to {peer} within {limit:g} s"
                )
                ready = bool(selector.select(wait))
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))


def _connect_failure(error: OSError, peer: str) -> Broken:
    if error.errno == errno.ETIMEDOUT:
        return Broken(FaultKind.CONNECT_TIMEOUT, f"no connection to {peer}: {_reason(error)}")
    if error.errno == errno.ECONNRESET:
        return Broken(FaultKind.RESET, f"accepted and reset by {peer}")
    if error.errno == errno.ECONNREFUSED:
        return Broken(FaultKind.REFUSED, f"connection refused by {peer}")
    return Broken(FaultKind.REFUSED, f"no connection to {peer}: {_reason(error)}")


def _reason(error: Exception) -> str:
    """Say in a few words what the system or the TLS library complains of."""
    if isinstance(error, ssl.SSLCertVerificationError):
        trust = "; tls.ca names who is trusted" if error.verify_code in _UNKNOWN_AUTHORITY else ""
        return f"certificate not accepted ({error.verify_message}{trust})"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | BrokenPipeError):
        return "connection closed by the server"
    if isinstance(error, ssl.SSLError):
        return (error.reason or "unknown TLS error").lower().replace("_", " ")
    if isinstance(error, ConnectionResetError):
        return "connection reset by the server"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
