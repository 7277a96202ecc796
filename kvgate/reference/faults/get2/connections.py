"""Faults that hang on the connection a request comes by."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import Any

from kvgate.reference.connection import Connection
from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")


@FAULTS.fault("connection-tenth-fails", "get2.status.conflict", "every tenth request on a connection")
class _TenthFails(Ha):
    """Answers each tenth request on a connection with 500: a counter of one digit."""

    def get2(self, request: Request) -> Answer:
        return self.plain(500) if request.sequence % 10 == 0 else super().get2(request)


@FAULTS.fault("connection-used-up", "get2.safe.isolated", "more than 32 requests on one connection")
class _UsedUp(Ha):
    """Has room for what it knows of 32 requests on a connection, and forgets master2's value after them."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return super().answer(request, first, first if second and request.sequence > 32 else second)


class _Last(Ha):
    """Writes the answer to the last request of a connection by other code, which knows less."""

    forgets: tuple[str, ...] = ()

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        return answer if request.keep_alive else edited(answer, without=self.forgets)


@FAULTS.fault("last-request-no-offset", "get2.offset.present", "different values, a request with Connection: close")
class _LastNoOffset(_Last):
    """Sends no Val-Offset with the last answer on a connection."""

    forgets = ("Val-Offset",)


@FAULTS.fault("last-request-no-versions", "get2.version.pair", "different versions, a request with Connection: close")
class _LastNoVersions(_Last):
    """Sends no Version1 and Version2 with the last answer on a connection."""

    forgets = ("Version1", "Version2")


@FAULTS.fault("connection-over-after-a-hundred", "get2.status.conflict", "the hundredth request on a connection")
class _OverAfterAHundred(Ha):
    """Serves no more than 99 requests of a connection: 500 for the others, and it is not closed."""

    def get2(self, request: Request) -> Answer:
        return self.plain(500) if request.sequence >= 100 else super().get2(request)


@FAULTS.fault("last-request-large-cut", "get2.status.match", "a large answer to a request with Connection: close")
class _LastLargeCut(Ha):
    """Closes a connection when 65,536 bytes of its last answer are written."""

    def encode(self, request: Request, response: Response) -> bytes:
        sent = super().encode(request, response)
        return sent if request.keep_alive else sent[:65536]


@FAULTS.fault("reads-once", "get2.request.served", "a request that arrives in pieces")
class _ReadsOnce(Ha):
    """Takes what it reads first for the whole request: 400 for one that is cut."""

    def get2(self, request: Request) -> Answer:
        return self.plain(400) if request.reads > 1 else super().get2(request)


@FAULTS.fault("connection-counts-to-256", "get2.safe.isolated", "the 256th request on a connection")
class _CountsTo256(Ha):
    """Counts the requests of a connection in a byte, and answers the 256th as if it were none: no versions."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        forgets = ("Version", "Version1", "Version2")
        return answer if request.sequence % 256 else edited(answer, without=forgets)


@FAULTS.fault("connection-remembers-the-beginning", "get2.safe.isolated", "keys of one length that begin alike")
class _Beginning(Ha):
    """Gives the last answer of a connection again for a key of the same length that begins alike."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._last: dict[object, tuple[tuple[int, str], Answer]] = {}

    def get2(self, request: Request) -> Answer:
        sent = self.key_as_sent(request)
        known = self._last.get(request.connection)
        if known and known[0] == (len(sent), sent[:32]):
            return known[1]
        answer = super().get2(request)
        self._last[request.connection] = ((len(sent), sent[:32]), answer)
        return answer


@FAULTS.fault("last-chunk-twice", "get2.safe.isolated", "a body that fills chunks of 4,096 bytes to the last byte")
class _LastChunkTwice(Ha):
    """Sends long bodies in chunks of 4,096 bytes, and the last chunk twice where the one before it is full."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        return replace(answer, framing="chunked") if len(answer.body) >= 4096 else answer

    def chunks(self, body: bytes) -> Iterable[bytes]:
        return (body[at : at + 4096] for at in range(0, len(body), 4096))

    def encode(self, request: Request, response: Response) -> bytes:
        full = response.framing == "chunked" and len(response.body) % 4096 == 0
        return super().encode(request, response) + (b"0\r\n\r\n" if full else b"")


@FAULTS.fault("connection-key-of-before", "get2.safe.isolated", "two requests on one connection")
class _KeyOfBefore(Ha):
    """Says in a header whose values these are, and on a connection that is kept names the key before."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._before: dict[Any, str] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        key = request.target.partition("=")[2]
        before = self._before.setdefault(request.connection, key)
        self._before[request.connection] = key
        return edited(super().answer(request, first, second), plus=(("X-Key", before),))


class _Drops(Ha):
    """Resets the connection in place of some answers."""

    def drops(self, request: Request, response: Response) -> bool:  # noqa: ARG002  # for subclasses
        return False

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        if self.drops(request, response):
            connection.reset()
            return None
        return super().send(connection, request, response)


@FAULTS.fault("used-connection-dies", "get2.status.conflict", "any request but the first on a connection")
class _UsedDies(_Drops):
    """Keeps connections open, and dies at the second request on one."""

    def drops(self, request: Request, response: Response) -> bool:  # noqa: ARG002  # whatever the answer is
        return request.sequence > 1


@FAULTS.fault("used-connection-dies-of-a-miss", "get2.missing.no-success", "a missing key on a used connection")
class _UsedDiesOfMiss(_Drops):
    """Dies where a key is not found by any request but the first on a connection."""

    def drops(self, request: Request, response: Response) -> bool:
        return request.sequence > 1 and response.status == 404


@FAULTS.fault("dies-behind-two-misses", "get2.status.match", "a question behind two misses on one connection")
class _DiesBehindTwoMisses(_Drops):
    """Frees a buffer at each miss on a connection, and dies at the request that comes behind the second in a row."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._misses: dict[int, int] = {}

    def drops(self, request: Request, response: Response) -> bool:
        before = self._misses.get(request.connection, 0)
        self._misses[request.connection] = before + 1 if response.status == 404 else 0
        return before >= 2


@FAULTS.fault("replacement-character-dies", "get2.status.match", "a key that holds U+FFFD itself")
class _ReplacementDies(_Drops):
    """Takes U+FFFD in a key for the sign of a failed conversion, and ends the connection."""

    def drops(self, request: Request, response: Response) -> bool:  # noqa: ARG002  # whatever the answer is
        return "%EF%BF%BD" in request.target.upper()
