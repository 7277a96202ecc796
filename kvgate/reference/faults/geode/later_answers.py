"""Faults of answers after the first: to a question asked again, or on a connection that is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kvgate.reference.connection import Connection
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()


def _is_meant(request: Request) -> bool:
    return request.method == "GET" and "," in request.target


@FAULTS.fault("behind-shorter-rest-of-longer", "geode.length.true", "a shorter body after a longer one, kept open")
class _RestOfLonger(Geode):
    """Writes its buffer as far as the longer answer before filled it: its rest stands behind a shorter body."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._last: dict[Any, bytes] = {}

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        rest = b""
        if _is_meant(request):
            rest = self._last.get(request.connection, b"")[len(response.body) :]
            self._last[request.connection] = response.body
        connection.write(self.encode(request, response) + rest)


@FAULTS.fault("behind-later-line-end", "geode.safe.isolated", "the second request on a connection")
class _LaterLineEnd(Geode):
    """Ends every body but a connection's first with a line end that it does not count."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        later = _is_meant(request) and request.sequence > 1
        connection.write(self.encode(request, response) + b"\r\n" * later)


class _Again(Geode):
    """Answers a question asked again by other code."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._known: set[str] = set()

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if not _is_meant(request) or not isinstance(answer, Response):
            return answer
        known = request.target in self._known
        self._known.add(request.target)
        return self.once_more(answer) if known else answer

    def once_more(self, answer: Response) -> Response:
        raise NotImplementedError


@FAULTS.fault("again-member-beside", "geode.body.region-member", "a question asked twice")
class _AgainMember(_Again):
    """Says in a member beside the region's that an answer comes out of its cache."""

    def once_more(self, answer: Response) -> Response:
        return replace(answer, body=answer.body.rstrip()[:-1] + b',"cached":true}') if answer.status == 200 else answer


@FAULTS.fault("again-error-in-words", "geode.error.json", "missing keys asked for twice")
class _AgainError(_Again):
    """Writes an error in plain words when a question is asked again."""

    def once_more(self, answer: Response) -> Response:
        return replace(answer, body=b"Error: " + answer.body) if answer.status == 400 else answer
