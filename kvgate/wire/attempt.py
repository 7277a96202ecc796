"""One try at one request: the bytes out, the bytes in, and the connection left behind where it can be used again."""

from __future__ import annotations

import ssl
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

import httpx

from kvgate.wire.dispatch import Dispatcher
from kvgate.wire.exchange import Fault, FaultKind, HangUp, Request
from kvgate.wire.head import is_farewell, keeps_alive
from kvgate.wire.link import Broken, Link, Watch
from kvgate.wire.pieces import PAUSE, pieces_of
from kvgate.wire.reader import EXCESS_KEPT, ResponseReader
from kvgate.wire.text import visible

if TYPE_CHECKING:
    from kvgate.wire.client import Client

LINGER = 0.03  # seconds
DAWDLING = 0.03  # seconds to send a request on a new connection, which a server may have closed by then
REMEMBERED = 3  # requests of a link: what it takes for one to bring down the next, or the one after
ASTRAY_PATIENCE = 0.3  # seconds of silence that end a body whose end a framing fault hides
RAW_KEPT = 16 * 1024  # of the bytes received, beyond the head: the body is kept by itself, and reports show less
_HANDSHAKE = " (or the server refused the TLS handshake)"
# Idempotent by RFC 9110 section 9.2.2, of the methods that are sent here.
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class Connection:
    """One kept-alive connection, for asks that follow each other on it; made by Client.connection().

    `past` is what was asked last on the link that is open, where it `examines`, in order.
    """

    def __init__(
        self,
        client: Client,
        linger: float = 0.0,
        repeats: bool = False,
        persists: bool = False,
        examines: bool = False,
    ) -> None:
        self.client = client
        self.linger = linger
        self.repeats = repeats
        self.persists = persists
        self.examines = examines
        self.past: tuple[tuple[Request, httpx.Request], ...] = ()
        self.lock = threading.Lock()
        self.link: Link | None = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def remember(self, request: Request, prepared: httpx.Request, *, follows: bool) -> None:
        """Remember what was asked last; `follows` says that it went out on the link that carried what is remembered."""
        past = (*(self.past if follows else ()), (request, prepared))
        self.past = past[-REMEMBERED:] if self.examines and self.link is not None else ()

    def close(self) -> None:
        """Close what is open of it; an ask on it later opens a new one."""
        with self.lock:
            if self.link is not None:
                self.link.close()
                self.link = None


class _Raw:
    """The beginning of the bytes received, and how many they were: memory stays bounded whatever comes."""

    def __init__(self, keep_bytes: int) -> None:
        self.length = 0
        self._room = min(keep_bytes, RAW_KEPT)
        self._kept = bytearray()

    def add(self, data: bytes, head_length: int) -> None:
        self.length += len(data)
        room = self._room + head_length - len(self._kept)
        if room > 0:
            self._kept += data[:room]

    def cut(self, length: int) -> None:
        del self._kept[length:]

    def bytes(self) -> bytes:
        return bytes(self._kept)


class Attempt:
    """One try at one request: has a link, sends, reads, and leaves the link behind where it can be used again."""

    def __init__(self, client: Client, request: Request, watch: Watch, connection: Connection | None) -> None:
        self._client = client
        self._watch = watch
        self._connection = connection
        self._persists = connection is not None and connection.persists
        self._repeatable = request.method in _REPEATABLE or (connection is not None and connection.repeats)
        # Of the head: what httpcore writes first.
        self._pieces = request.pieces
        self._hangs_up = request.hangs_up
        self._write_fault: Fault | None = None
        self._written_whole = True
        self.reused = False
        self._ready = 0.0
        self._sent_late = False
        self.link: Link | None = None
        self.reader = ResponseReader(request.method, client.limits)
        self.raw = _Raw(client.limits.keep_bytes)
        self.answered = 0.0

    @property
    def met_idle_close(self) -> bool:
        """True when the server seems to have closed an idle connection just as the request went out on it.

        A server may do so at any time, silently or with a 408, and a client may ask again then (RFC 9112 section 9.3.1
        and 9.5, RFC 9110 section 15.5.9). One that gives no connection more than a moment may do so to a new one, too:
        for those who only want to get through, and where a busy machine sent the request late.
        """
        _, fault = self.reader.result()
        closed = fault is not None and fault.kind in {FaultKind.EMPTY, FaultKind.RESET} and self.raw.length == 0
        silent = (self.reused or self._persists or self._sent_late) and closed
        return self._repeatable and (silent or (self.reused and fault is None and self._bade_farewell))

    @property
    def _bade_farewell(self) -> bool:
        line = self.reader.status_line
        ends = line is not None and not keeps_alive(line.http_version, self.reader.headers)
        return ends and is_farewell(self.raw.bytes())

    @property
    def _new_and_secure(self) -> bool:
        return self.link is not None and self.link.secure and not self.reused

    def run(self, dispatcher: Dispatcher, prepared: httpx.Request) -> None:
        """Send and read; leaves the outcome in `reader` and `raw`."""
        try:
            self._watch.check_cancel()
            dispatcher.write(prepared, self)
            if self._hangs_up is None:
                self._read()
            else:
                self._hang_up()
        except Broken as broken:
            self.reader.stop(broken.fault)
        except OSError as error:  # a socket call that no rule of the link foresaw
            self.reader.stop(Fault(FaultKind.RESET, f"connection failed: {error.strerror or type(error).__name__}"))
        finally:
            self.answered = time.monotonic()
            self._leave()

    # What the dispatcher calls while httpcore sends the request.

    def connect(self) -> None:
        """Take the kept-alive link if it is still good, or open a new one."""
        self.link = self._take_kept() or self._client.open_link(self._watch)
        self._ready = time.monotonic()

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Shake hands on a new link."""
        if self.link is not None and not self.link.secure:
            self.link.start_tls(context, host, self._watch)
            # How long the handshake takes is the server's matter, and nothing that a request was late by.
            self._ready = time.monotonic()

    def write(self, data: bytes) -> bool:
        """Send; False when the server has answered, or closed, before it had read the request."""
        if self.link is None:
            raise AssertionError("httpcore wrote before it connected")
        try:
            self._written_whole = self._send(self.link, data)
        except Broken as broken:
            if broken.fault.kind is not FaultKind.RESET:
                raise
            # What the server said before it closed may still be there to be read.
            self._write_fault = broken.fault
            self._written_whole = False
        self._sent_late = time.monotonic() - self._ready > DAWDLING
        return self._written_whole

    def _send(self, link: Link, data: bytes) -> bool:
        for turn, piece in enumerate(pieces_of(data) if self._pieces else (data,)):
            if turn:
                time.sleep(PAUSE)
            if not link.send(piece, self._watch, self._take):
                return False
        self._pieces = False
        return True

    def _take_kept(self) -> Link | None:
        link = self._connection.link if self._connection is not None else None
        if link is None or self._connection is None:
            return None
        self._connection.link = None
        try:
            left_over = link.waiting()
        except Broken:
            left_over = b""
        if left_over == b"" or is_farewell(left_over or b""):
            link.close()
            return None
        if left_over:
            shown = visible(left_over, 80)
            self.reader.note(
                Fault(FaultKind.FRAMING, f"bytes left over from the answer before it on this connection: {shown}")
            )
            self._take(left_over)
        self.reused = True
        return link

    def _take(self, data: bytes) -> bool:
        self.reader.feed(data)
        self.raw.add(data, self.reader.head_length)
        return self.reader.complete

    def _hang_up(self) -> None:
        if self.link is not None and self._hangs_up is HangUp.RESET:
            self.link.reset()
        self.reader.stop(Fault(FaultKind.CANCELLED, "no answer was waited for"))

    def _read(self) -> None:
        if self.link is None:
            raise AssertionError("no connection to read from")
        while not self.reader.complete:
            patience = ASTRAY_PATIENCE if self.reader.astray else self._client.limits.read
            try:
                data = self.link.receive(self._watch, time.monotonic() + patience, self._too_late)
            except Broken as broken:
                # An alert says why the server would not read on.
                alert = broken.fault.kind is FaultKind.TLS
                self.reader.stop(self._placed(broken.fault if alert else self._write_fault or broken.fault))
                return
            if not data:
                if self._write_fault is not None and not self.raw.length:
                    self.reader.stop(self._placed(self._write_fault))
                elif self._new_and_secure and not self.raw.length:
                    self.reader.stop(Fault(FaultKind.EMPTY, f"closed without sending one byte{_HANDSHAKE}"))
                self.reader.close()
                return
            self._take(data)

    def _placed(self, fault: Fault) -> Fault:
        """Say in a fault how far the answer had come."""
        if fault.kind is FaultKind.TLS and self.raw.length:
            fault = Fault(FaultKind.RESET, fault.message)
        if fault.kind is not FaultKind.RESET:
            return fault
        where = f"after {self.reader.progress()}" if self.raw.length else "before any byte of an answer"
        # With TLS 1.3 a refused client certificate looks like this when the reset overtakes the alert.
        hint = _HANDSHAKE if self._new_and_secure and not self.raw.length else ""
        return Fault(fault.kind, f"{fault.message}, {where}{hint}")

    def _too_late(self) -> str:
        limits = self._client.limits
        progress = f": {self.reader.progress()}" if self.raw.length else ""
        if self._watch.left() <= 0:
            return f"no complete answer within {self._watch.total:.4g} s{progress}"
        return f"nothing came for {limits.read:g} s{progress}" if progress else f"no answer within {limits.read:g} s"

    def _leave(self) -> None:
        """Look for bytes after the body, and close the link unless it can carry another request."""
        if self.link is None:
            return
        line = self.reader.status_line
        usable = self.reader.reusable and self._written_whole and line is not None
        if self._connection is not None and usable and line and keeps_alive(line.http_version, self.reader.headers):
            if self._look(self._connection.linger) and self.reader.reusable:
                self._connection.link = self.link
                return
        elif self.reader.complete and not self.reader.failed:
            self.link.finish()
            self._look(LINGER)
        self.link.close()

    def _look(self, seconds: float) -> bool:
        """Take what comes within `seconds` after the answer; False when the server has closed."""
        if self.link is None:
            return False
        until = time.monotonic() + seconds
        try:
            data = self.link.waiting()
            while self.reader.excess_length < EXCESS_KEPT:
                if data == b"":
                    return False
                if data:
                    self._take(data)
                elif time.monotonic() >= until:
                    return True
                data = self.link.receive(self._watch, until, lambda: "") if seconds else self.link.waiting()
        except Broken as broken:
            return broken.fault.kind is FaultKind.TIMEOUT
        return True
