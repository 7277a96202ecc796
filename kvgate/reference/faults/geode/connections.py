"""Faults that hang on the connection a request comes by."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from kvgate.reference.connection import Connection
from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response, reason_of

FAULTS = GeodeDeviations()


class _Altered(Geode):
    """Alters the answers to some requests of several keys."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        meant = "," in keys_as_sent and isinstance(answer, Response) and self.meant(request)
        return self.altered(answer) if meant and isinstance(answer, Response) else answer

    def meant(self, request: Request) -> bool:
        raise NotImplementedError

    def altered(self, answer: Response) -> Response:
        raise NotImplementedError


@FAULTS.fault("connection-tenth-is-empty", "geode.status.found", "every tenth request on a connection")
class _TenthEmpty(_Altered):
    """Answers each tenth request on a connection with 204: its buffer is just being emptied."""

    def meant(self, request: Request) -> bool:
        return request.sequence % 10 == 0

    def altered(self, answer: Response) -> Response:
        return replace(answer, status=204, reason=reason_of(204), body=b"") if answer.status == 200 else answer


@FAULTS.fault("connection-used-up", "geode.safe.isolated", "more than 32 requests on one connection")
class _UsedUp(_Altered):
    """Has room for what it knows of 32 requests on a connection, and finds no key after them."""

    def meant(self, request: Request) -> bool:
        return request.sequence > 32

    def altered(self, answer: Response) -> Response:
        return replace(answer, status=400, reason=reason_of(400), body=b'{"cause":"no key"}')


@FAULTS.fault("last-request-no-location", "geode.location.sent", "a request with Connection: close")
class _LastNoLocation(_Altered):
    """Writes the answer to the last request of a connection by other code, which knows no Content-Location."""

    def meant(self, request: Request) -> bool:
        return not request.keep_alive

    def altered(self, answer: Response) -> Response:
        return edited(answer, without=("Content-Location",))


@FAULTS.fault("last-request-not-flushed", "geode.length.true", "a request with Connection: close")
class _LastNotFlushed(Geode):
    """Closes a connection before the last byte of its last answer is sent."""

    multi_get_framing = "length"

    def encode(self, request: Request, response: Response) -> bytes:
        sent = super().encode(request, response)
        return sent[:-1] if response.body and request.method == "GET" and not request.keep_alive else sent


@FAULTS.fault(
    "connection-over-after-a-hundred", "geode.status.found", "the hundredth request on a connection and those after"
)
class _OverAfterAHundred(_Altered):
    """Serves no more than 99 requests of a connection: 500 for the others, and it is not closed."""

    def meant(self, request: Request) -> bool:
        return request.sequence >= 100

    def altered(self, answer: Response) -> Response:
        return replace(answer, status=500, reason=reason_of(500), body=b"")


@FAULTS.fault("last-request-large-cut", "geode.status.found", "a large answer to a request with Connection: close")
class _LastLargeCut(Geode):
    """Closes a connection when 65,536 bytes of its last answer are written."""

    multi_get_framing = "length"

    def encode(self, request: Request, response: Response) -> bytes:
        sent = super().encode(request, response)
        return sent if request.keep_alive else sent[:65536]


@FAULTS.fault("reads-once", "geode.request.served", "a request that arrives in pieces")
class _ReadsOnce(_Altered):
    """Takes what it reads first for the whole request, and its path for cut: 404."""

    def meant(self, request: Request) -> bool:
        return request.reads > 1

    def altered(self, answer: Response) -> Response:
        return replace(answer, status=404, reason=reason_of(404), body=b"")


@FAULTS.fault("connection-keeps-true", "geode.status.missing", "a missing key after a found one asked for with true")
class _KeepsTrue(Geode):
    """Keeps the parameter with the connection, and forgets it only where it was made use of."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._true: set[int] = set()

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        asked = super().read_parameter(request)
        region = self.region(name)
        if asked and (region is None or not self.missing_keys(region, self.keys_asked(keys_as_sent))):
            self._true.add(request.connection)
        answer = super().get(request, name, keys_as_sent)
        if not asked:
            self._true.discard(request.connection)
        return answer

    def read_parameter(self, request: Request) -> bool | None:
        return request.connection in self._true or super().read_parameter(request)


@FAULTS.fault(
    "connection-one-behind", "geode.safe.isolated", "other keys than before after a hundred requests on one connection"
)
class _OneBehind(Geode):
    """Gives what was found for the request before, once a connection has had more than a hundred."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._before: dict[int, bytes] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if not isinstance(answer, Response) or answer.status != 200:
            return answer
        before = self._before.get(request.connection, answer.body)
        self._before[request.connection] = answer.body
        return replace(answer, body=before) if request.sequence > 100 else answer


@FAULTS.fault("later-said-to-be-compressed", "geode.body.strict-json", "the second request on a connection")
class _SaidToBeCompressed(_Altered):
    """Says that it compresses a connection's later answers, and leaves them as they are."""

    def meant(self, request: Request) -> bool:
        return request.sequence > 1

    def altered(self, answer: Response) -> Response:
        return edited(answer, plus=(("Content-Encoding", "gzip"),))


@FAULTS.fault("connection-keys-of-before", "geode.safe.isolated", "two requests on one connection")
class _KeysOfBefore(Geode):
    """Says in a header which keys these are, and on a connection that is kept names those before."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._before: dict[Any, str] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        before = self._before.setdefault(request.connection, keys_as_sent)
        self._before[request.connection] = keys_as_sent
        return edited(answer, plus=(("X-Keys", before),)) if isinstance(answer, Response) else answer


@FAULTS.fault("used-connection-dies-of-errors", "geode.status.missing", "an error on a used connection")
class _UsedDiesOfErrors(Geode):
    """Dies of each error that is not the answer to the first request of its connection."""

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        if request.method == "GET" and request.sequence > 1 and response.status >= 400:
            connection.reset()
            return None
        return super().send(connection, request, response)
