"""Several conforming servers behind one address, and errors that hold more than they need."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response

FREEDOMS = GeodeDeviations()


class _Knowing(Geode):
    """Knows the path of the request that it words an error for."""

    path = ""

    def respond(self, request: Request) -> Answer:
        self.path = request.path
        return super().respond(request)


class _InTurn(_Knowing):
    """Two servers that answer in turn."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._turns = itertools.cycle((True, False))

    def turn(self) -> bool:
        """Whether it is the second one's turn."""
        return next(self._turns)


@FREEDOMS.freedom("two-servers-word-errors", "two errors")
class _TwoWordings(_InTurn):
    """Says errors in turn as the page's text and as an object with status, message and path."""

    def error_body(self, text: str) -> bytes:
        if self.turn():
            return json.dumps({"status": 400, "message": text, "path": self.path}).encode()
        return super().error_body(text)


@FREEDOMS.freedom("two-servers-404", "a region that does not exist, asked for twice")
class _TwoNotFound(_InTurn):
    """Sends a 404 in turn with a body of JSON, and without a body and a type."""

    def no_region(self, name: str) -> Response:
        answer = super().no_region(name)
        return replace(edited(answer, without=("Content-Type",)), body=b"") if self.turn() else answer


@FREEDOMS.freedom("location-empty", "every 200")
class _LocationEmpty(Geode):
    """Sends an empty Content-Location, a reference to what was asked for, where the keys stand as asked."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return ""


@FREEDOMS.freedom("error-resource", "every error")
class _Resource(_Knowing):
    """Says in an error which resource was asked for: region and keys, without a slash before them."""

    def error_body(self, text: str) -> bytes:
        resource = self.path.removeprefix(f"{self.base_path}/")
        return json.dumps({"message": text, "resource": resource}).encode()


@FREEDOMS.freedom("error-with-what-was-found", "a missing key without the parameter")
class _WithFound(Geode):
    """Sends with the error for missing keys the values of those that are there, and small objects of its own."""

    def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
        found = [json.loads(value) for value in self.values_of(self.regions[name], keys) if value is not None]
        more = {"cause": self.missing_text(name, missing), "found": {name: found}, "details": [{"id": 1}, {"id": 2}]}
        return replace(super().missing(name, keys, missing), body=json.dumps(more).encode())


@FREEDOMS.freedom("type-empty-parameters", "every answer")
class _EmptyParameters(Geode):
    """Writes semicolons behind the type with no parameter between them."""

    def json_type(self, status: int) -> str:
        return "application/json ; ;charset=utf-8 ;"
