"""Faults of a connection on which a request of another kind went before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha

FAULTS = Deviations("get2")
_ISOLATED = "get2.safe.isolated"


def size_of_head(request: Request) -> int:
    """About how many bytes the head of a request has."""
    return len(request.target) + sum(len(name) + len(value) + 4 for name, value in request.headers)


class _Spoiled(Ha):
    """Has no answer, and says 400, to a request behind one that `spoils` its connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._spoiled: dict[int, bool] = {}

    def get2(self, request: Request) -> Answer:
        before = self._spoiled.get(request.connection, False)
        self._spoiled[request.connection] = self.spoils(request)
        # One of the same kind is served: only what comes after it finds what it left.
        return self.plain(400) if before and not self.spoils(request) else super().get2(request)

    def spoils(self, request: Request) -> bool:
        raise NotImplementedError


@FAULTS.fault("after-pieces-refused", _ISOLATED, "a request after one in pieces on its connection")
class _AfterPieces(_Spoiled):
    """Reads on where the request before, which came in pieces, ended in its buffer."""

    def spoils(self, request: Request) -> bool:
        return request.reads > 1


@FAULTS.fault("after-large-head-refused", _ISOLATED, "a request after one with a head of more than 1,024 bytes")
class _AfterLarge(_Spoiled):
    """Takes a second buffer for a head over 1,024 bytes, and reads the next request in the first one."""

    def spoils(self, request: Request) -> bool:
        return size_of_head(request) > 1024


@FAULTS.fault("after-conditions-refused", _ISOLATED, "a request after one with a condition, a cookie or a language")
class _AfterConditions(_Spoiled):
    """Keeps what the request before had of Cookie, If-None-Match and Accept-Language, and cannot do without."""

    def spoils(self, request: Request) -> bool:
        return any(request.header(name) is not None for name in ("Cookie", "If-None-Match", "Accept-Language"))


@FAULTS.fault("key-decoded-over-the-last", _ISOLATED, "an encoded key after a longer one on its connection")
class _OverTheLast(Ha):
    """Decodes keys into a buffer of the connection that is never cut: the end of a longer one before stays."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._buffers: dict[int, bytes] = {}
        self._connection = 0

    def get2(self, request: Request) -> Answer:
        self._connection = request.connection
        return super().get2(request)

    def decode_key(self, sent: str) -> bytes:
        key = super().decode_key(sent)
        if "%" not in sent:
            return key
        before = self._buffers.get(self._connection, b"")
        self._buffers[self._connection] = key + before[len(key) :]
        return self._buffers[self._connection]


class _Kept(Ha):
    """Keeps what it answers to one method by its address alone, for the GET that comes next."""

    method = "HEAD"

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[str, Response] = {}

    def get2(self, request: Request) -> Answer:
        if request.method == "GET" and request.target in self._kept:
            return self._kept.pop(request.target)
        answer = super().get2(request)
        if request.method == self.method and isinstance(answer, Response):
            self._kept[request.target] = self.of_the_method(answer)
        return answer

    def of_the_method(self, answer: Response) -> Response:
        return replace(answer, body=b"")


@FAULTS.fault("head-kept-for-the-next", "get2.body.match", "a GET of an address after a HEAD of it")
class _HeadKept(_Kept):
    """Gives the GET of an address what it keeps of a HEAD before: all but the body."""


@FAULTS.fault("options-kept-for-the-next", "get2.status.match", "a GET of an address after OPTIONS of it")
class _OptionsKept(_Kept):
    """Gives the GET of an address what it keeps of OPTIONS before: 204, and which methods there are."""

    method = "OPTIONS"

    def of_the_method(self, answer: Response) -> Response:
        return replace(answer, status=204, reason="No Content", headers=(("Allow", "GET, HEAD, OPTIONS"),), body=b"")
