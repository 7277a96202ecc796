"""Several conforming servers behind one address, errors that hold more or less than others, and pages for browsers."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited, mapped
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response

FREEDOMS = GeodeDeviations()

_ESCAPE = re.compile("%..")


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


@FREEDOMS.freedom(
    "two-servers-types-of-errors",
    "a wrong parameter, or a region that does not exist, asked for twice",
    warns=("geode.type.other-errors",),
)
class _TwoTypes(_InTurn):
    """Tells a wrong parameter and an unknown region in turn as JSON, and as a problem document or in HTML (SHOULD)."""

    def bad_parameter(self, request: Request) -> Response:
        answer = super().bad_parameter(request)
        return mapped(answer, "Content-Type", lambda _: "application/problem+json") if self.turn() else answer

    def no_region(self, name: str) -> Response:
        answer = super().no_region(name)
        page = replace(mapped(answer, "Content-Type", lambda _: "text/html"), body=b"<html>404</html>")
        return page if self.turn() else answer


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


@FREEDOMS.freedom(
    "error-first-missing-met", "two missing keys without the parameter", warns=("geode.error.names-missing",)
)
class _FirstMissingMet(_InTurn):
    """Looks its keys up at one time and stops at the first that is missing, which is another each time (SHOULD)."""

    def missing_text(self, name: str, missing: Sequence[str]) -> str:
        return super().missing_text(name, missing[:1] if self.turn() else missing[-1:])


@FREEDOMS.freedom("error-keys-as-in-address", "a missing key with an encoded character")
class _KeysAsInAddress(_Knowing):
    """Names missing keys as they stand in the address, the digits of escapes in capitals (RFC 3986 6.2.2.1)."""

    def missing_text(self, name: str, missing: Sequence[str]) -> str:
        sent = self.path.rpartition("/")[2].split(",")
        spelled = {self.decode_key(key): _ESCAPE.sub(lambda escape: escape[0].upper(), key) for key in sent}
        return super().missing_text(name, [spelled.get(key, key) for key in missing])


@FREEDOMS.freedom("type-empty-parameters", "every answer")
class _EmptyParameters(Geode):
    """Writes semicolons behind the type with no parameter between them."""

    def json_type(self, status: int) -> str:
        return "application/json ; ;charset=utf-8 ;"


@FREEDOMS.freedom("values-as-page", "a 200 for a client that would rather read HTML")
class _ValuesAsPage(Geode):
    """Shows values as a page to browse to clients whose Accept names HTML first (RFC 9110 12.1)."""

    def respond(self, request: Request) -> Answer:
        answer = super().respond(request)
        reads_html = (request.header("Accept") or "").startswith("text/html")
        if not isinstance(answer, Response) or answer.status != 200 or request.method != "GET" or not reads_html:
            return answer
        page = f"<html><pre>{html.escape(answer.body.decode())}</pre></html>".encode()
        return replace(mapped(answer, "Content-Type", lambda _: "text/html;charset=utf-8"), body=page)


@FREEDOMS.freedom("long-addresses-refused", "more keys than an address of 4,094 bytes holds")
class _LongRefused(Geode):
    """Has room for 4,094 bytes of an address, as some servers have unless told otherwise, and answers 414 to more."""

    def respond(self, request: Request) -> Answer:
        return self.plain(414) if len(request.target) > 4094 else super().respond(request)
