"""Faults that show in what certain clients send with their requests, or leave out."""

from __future__ import annotations

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.faults.get2.requests_before import size_of_head
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_MATCH, _CONFLICT, _MISSING = "get2.status.match", "get2.status.conflict", "get2.missing.no-success"


class _Refusing(Ha):
    """Has another answer for the requests that `is_meant` says."""

    status = 400

    def get2(self, request: Request) -> Answer:
        return self.otherwise(request) if self.is_meant(request) else super().get2(request)

    def is_meant(self, request: Request) -> bool:
        raise NotImplementedError

    def otherwise(self, request: Request) -> Answer:  # noqa: ARG002  (for subclasses)
        return self.plain(self.status)


@FAULTS.fault("client-without-accept-refused", _MATCH, "a request without Accept")
class _NoAccept(_Refusing):
    """Answers 500 to a client that does not say what it takes."""

    status = 500

    def is_meant(self, request: Request) -> bool:
        return request.header("Accept") is None


@FAULTS.fault("client-without-agent-refused", _CONFLICT, "a request without User-Agent")
class _NoAgent(_Refusing):
    """Answers 400 to a client that does not say its name."""

    def is_meant(self, request: Request) -> bool:
        return request.header("User-Agent") is None


@FAULTS.fault("client-keep-alive-refused", _MATCH, "a request with Connection: keep-alive")
class _KeepAlive(_Refusing):
    """Knows one word for Connection, close, and answers 400 to any other."""

    def is_meant(self, request: Request) -> bool:
        return (request.header("Connection") or "close").lower() != "close"


@FAULTS.fault("client-of-json-refused", _MATCH, "a request whose Accept begins with application/json")
class _Json(_Refusing):
    """Answers 406 to a client that would like JSON best, though it takes anything."""

    status = 406

    def is_meant(self, request: Request) -> bool:
        return (request.header("Accept") or "").startswith("application/json")


@FAULTS.fault("client-of-json-gets-success", _MISSING, "a key that is not there, Accept with application/json")
class _JsonOfMisses(Ha):
    """Answers 200 with an object that says so to a client that takes JSON, where a key is not there."""

    def missing(self, request: Request) -> Response:
        if "application/json" not in (request.header("Accept") or ""):
            return super().missing(request)
        return self.plain(200, '{"found":false}\n')


@FAULTS.fault("client-of-a-page-gets-no-offset", "get2.offset.present", "different values, a request with Origin")
class _Origin(Ha):
    """Passes on to pages of other origins what any may see, and Val-Offset is none of these headers."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        return answer if request.header("Origin") is None else edited(answer, without=("Val-Offset",))


@FAULTS.fault("client-that-reloads-gets-master1", _CONFLICT, "different values, a request with Cache-Control: no-cache")
class _Reload(Ha):
    """Reads again where no cache is wanted, and only master1."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        reloads = request.header("Cache-Control") is not None and second is not None
        return super().answer(request, first, first if reloads else second)


@FAULTS.fault("client-of-small-letters-refused", _MATCH, "header names in small letters")
class _SmallLetters(_Refusing):
    """Looks for its headers under their names with capitals, and answers 400 where it does not find User-Agent."""

    def is_meant(self, request: Request) -> bool:
        return any(name == "user-agent" for name, _ in request.headers)


@FAULTS.fault("client-of-large-head-refused", _CONFLICT, "a head of more than 2,048 bytes")
class _LargeHead(_Refusing):
    """Has 2,048 bytes for the head of a request, and answers 431 to more."""

    status = 431

    def is_meant(self, request: Request) -> bool:
        return size_of_head(request) > 2048


@FAULTS.fault("client-of-many-headers-refused", _MATCH, "more than sixteen headers")
class _ManyHeaders(_Refusing):
    """Has room for sixteen headers, and answers 400 to more."""

    def is_meant(self, request: Request) -> bool:
        return len(request.headers) > 16
