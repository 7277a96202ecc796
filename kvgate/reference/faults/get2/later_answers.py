"""Faults of answers after the first: to a question asked again, on a connection that is kept, or of no answer."""

from __future__ import annotations

from typing import Any

from kvgate.reference.connection import Connection
from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_TRUE, _KEY, _NONE = "get2.length.true", "get2.request.key-required", "get2.missing.no-success"


@FAULTS.fault("behind-shorter-rest-of-longer", "get2.safe.isolated", "a shorter body after a longer one, kept open")
class _RestOfLonger(Ha):
    """Writes its buffer as far as the longer answer before filled it: its rest stands behind a shorter body."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._last: dict[Any, bytes] = {}

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        last = self._last.get(request.connection, b"")
        self._last[request.connection] = response.body
        connection.write(self.encode(request, response) + last[len(response.body) :])


@FAULTS.fault("behind-later-line-end", _TRUE, "the second request on a connection")
class _LaterLineEnd(Ha):
    """Ends every body but a connection's first with a line end that it does not count."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        later = request.path == "/get2" and request.sequence > 1
        connection.write(self.encode(request, response) + b"\r\n" * later)


class _Later(Ha):
    """Adds headers to the answers to a connection's later requests."""

    drops: tuple[str, ...] = ()

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        later = request.sequence > 1 and answer.status in (200, 409)
        return edited(answer, without=self.drops, plus=self.more(answer)) if later else answer

    def more(self, answer: Response) -> tuple[tuple[str, str], ...]:
        raise NotImplementedError


@FAULTS.fault("later-two-lengths", _TRUE, "the second request on a connection")
class _LaterTwoLengths(_Later):
    """Announces the length twice in every answer but a connection's first."""

    def more(self, answer: Response) -> tuple[tuple[str, str], ...]:
        return (("Content-Length", str(len(answer.body))),) * 2


@FAULTS.fault("later-date-in-words", "get2.date.valid", "the second request on a connection")
class _LaterDate(_Later):
    """Dates every answer but a connection's first in words."""

    drops = ("Date",)

    def more(self, answer: Response) -> tuple[tuple[str, str], ...]:  # noqa: ARG002  # as the others
        return (("Date", "just now"),)


class _Checked(Ha):
    """Has a cache that is checked against the masters: what is as it was comes out of that, written by other code."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._known: dict[str, Any] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        state = tuple(held and (held.value, held.version) for held in (first, second))
        hit = self._known.get(request.target) == state
        self._known[request.target] = state
        return self.out_of_cache(answer) if hit and answer.status in (200, 409) else answer

    def out_of_cache(self, answer: Response) -> Response:
        raise NotImplementedError


@FAULTS.fault("again-two-lengths", _TRUE, "a question asked twice")
class _AgainTwoLengths(_Checked):
    """Announces the length twice when a question is asked again."""

    def out_of_cache(self, answer: Response) -> Response:
        return edited(answer, plus=(("Content-Length", str(len(answer.body))),) * 2)


@FAULTS.fault("again-date-in-words", "get2.date.valid", "a question asked twice")
class _AgainDate(_Checked):
    """Dates an answer in words when a question is asked again."""

    def out_of_cache(self, answer: Response) -> Response:
        return edited(answer, without=("Date",), plus=(("Date", "just now"),))


class _Silent(Ha):
    """Gives no whole answer to a request without a key."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        if self.is_meant(request, response):
            self.fail(connection)
        else:
            connection.write(self.encode(request, response))

    def is_meant(self, request: Request, response: Response) -> bool:  # noqa: ARG002  # the answer is for the others
        return request.path == "/get2" and not self.key_as_sent(request)

    def fail(self, connection: Connection) -> None:
        connection.reset()


@FAULTS.fault("no-key-reset", _KEY, "a request without a key")
class _NoKeyReset(_Silent):
    """Resets the connection by which a request without a key comes."""


@FAULTS.fault("no-key-closed", _KEY, "a request without a key")
class _NoKeyClosed(_Silent):
    """Closes the connection by which a request without a key comes."""

    def fail(self, connection: Connection) -> None:
        connection.close()


@FAULTS.fault("no-key-head-cut", _KEY, "a request without a key")
class _NoKeyHeadCut(_Silent):
    """Answers a request without a key with half a status line."""

    def fail(self, connection: Connection) -> None:
        connection.write(b"HTTP/1.1 40")
        connection.close()


@FAULTS.fault("no-key-body-cut", _KEY, "a request without a key")
class _NoKeyBodyCut(_Silent):
    """Closes the connection in the middle of what it says of a request without a key."""

    def fail(self, connection: Connection) -> None:
        connection.write(b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
        connection.close()


@FAULTS.fault("missing-reset", _NONE, "a key that is not there")
class _MissingReset(_Silent):
    """Resets the connection by which a key comes that is not there."""

    def is_meant(self, request: Request, response: Response) -> bool:
        return request.path == "/get2" and response.status == 404


@FAULTS.fault("missing-body-cut", _NONE, "a key that is not there")
class _MissingBodyCut(_MissingReset):
    """Closes the connection in the middle of what it says of a key that is not there."""

    def fail(self, connection: Connection) -> None:
        connection.write(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
        connection.close()
