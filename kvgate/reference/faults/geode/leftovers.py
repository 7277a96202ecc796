"""Values and locations of an answer that go out with another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()

_ISOLATED = "geode.safe.isolated"


class _KeepsBody(Geode):
    """Keeps the body of the last 200."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.kept = b""

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        answer = super().get_keys(request, name, keys)
        if answer.status == 200 and len(keys) > 1:
            self.kept = answer.body
        return answer


@FAULTS.fault("no-region-with-body-of-before", _ISOLATED, "an unknown region after a 200")
class _NoRegionBodyOfBefore(_KeepsBody):
    """Sends with a 404 what the last 200 left in the buffer."""

    def no_region(self, name: str) -> Response:
        answer = super().no_region(name)
        return replace(answer, body=self.kept or answer.body)


@FAULTS.fault("bad-parameter-with-body-of-before", _ISOLATED, "a wrong parameter after a 200 for other keys")
class _BadParameterBodyOfBefore(_KeepsBody):
    """Sends with the error for a wrong parameter what the last 200 left in the buffer."""

    def bad_parameter(self, request: Request) -> Response:
        answer = super().bad_parameter(request)
        return replace(answer, body=self.kept or answer.body)


@FAULTS.fault("error-with-data-of-before", _ISOLATED, "an error after a 200 for other keys")
class _ErrorDataOfBefore(_KeepsBody):
    """Has in each error a member with the document of the last 200."""

    def error_body(self, text: str) -> bytes:
        return json.dumps({"cause": text, "data": json.loads(self.kept or b"null")}).encode()


@FAULTS.fault("error-with-value-of-before", _ISOLATED, "an error after a 200 for other keys")
class _ErrorValueOfBefore(_KeepsBody):
    """Has in each error, deep inside, the first value of the last 200."""

    def error_body(self, text: str) -> bytes:
        values: list[object] = next(iter(json.loads(self.kept).values()), []) if self.kept else []
        return json.dumps({"cause": text, "context": [{"last": values[:1]}]}).encode()


@FAULTS.fault("error-text-with-value-of-before", _ISOLATED, "an error after a 200 for other keys")
class _ErrorTextOfBefore(_KeepsBody):
    """Writes the text of the last 200 behind what an error says."""

    def error_body(self, text: str) -> bytes:
        return json.dumps(f"{text} {self.kept.decode()}").encode()


class _KeepsLocation(Geode):
    """Keeps for each connection the Content-Location of its last answer."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connection = 0
        self._locations: dict[int, str] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._connection = request.connection
        return super().get(request, name, keys_as_sent)

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        own = super().content_location(request, name, keys) or ""
        sent = self.after(self._locations.get(request.connection), own)
        self._locations[request.connection] = sent
        return sent

    def after(self, before: str | None, own: str) -> str:
        raise NotImplementedError


@FAULTS.fault("location-of-before-too", "geode.location.names-keys", "two 200s on one connection")
class _LocationOfBeforeToo(_KeepsLocation):
    """Adds each Content-Location to a connection's headers: the one before goes out with it in one line."""

    def after(self, before: str | None, own: str) -> str:
        return f"{before}, {own}" if before else own


@FAULTS.fault("location-grows", _ISOLATED, "two 200s on one connection")
class _LocationGrows(_KeepsLocation):
    """Takes the last Content-Location of a connection for the base of the next one."""

    def after(self, before: str | None, own: str) -> str:
        return before + own.partition(self.base_path)[2] if before else own


# What another kind of request leaves


@FAULTS.fault("head-with-body", _ISOLATED, "a HEAD before a question on one connection")
class _HeadWithBody(Geode):
    """Answers HEAD with a body: on the connection it stands before the next answer."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(replace(request, method="GET") if request.method == "HEAD" else request, response)


class _AfterAnother(Geode):
    """Answers several keys otherwise on a connection that has carried another kind of request just before."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._before: dict[int, Request] = {}

    def respond(self, request: Request) -> Answer:
        before = self._before.get(request.connection)
        self._before[request.connection] = request
        if before is None or _of_several(before) or not _of_several(request) or not self.left(before):
            return super().respond(request)
        return self.marred(request)

    def left(self, before: Request) -> bool:
        raise NotImplementedError

    def marred(self, request: Request) -> Answer:
        raise NotImplementedError


def _of_several(request: Request) -> bool:
    return request.method == "GET" and "," in request.path


@FAULTS.fault("head-leaves-no-body", "geode.body.strict-json", "a question behind a HEAD on one connection")
class _HeadLeavesNoBody(_AfterAnother):
    """Remembers of a HEAD that no body is wanted, also for the next request of the connection."""

    def left(self, before: Request) -> bool:
        return before.method == "HEAD"

    def marred(self, request: Request) -> Answer:
        answer = super(_AfterAnother, self).respond(request)
        return replace(answer, body=b"") if isinstance(answer, Response) else answer


@FAULTS.fault("one-key-leaves-its-form", "geode.body.region-member", "a question behind a GET of one key")
class _OneKeyLeavesForm(_AfterAnother):
    """Answers, behind a GET of one key, with the bare array of the values."""

    def left(self, before: Request) -> bool:
        return before.method == "GET" and "/" in before.path.removeprefix(f"{self.base_path}/")

    def marred(self, request: Request) -> Answer:
        answer = super(_AfterAnother, self).respond(request)
        if not isinstance(answer, Response) or answer.status != 200:
            return answer
        return replace(answer, body=json.dumps(next(iter(json.loads(answer.body).values()))).encode())


@FAULTS.fault(
    "region-leaves-its-limit", "geode.status.found", "a question behind a GET of the region on one connection"
)
class _RegionLeavesLimit(_AfterAnother):
    """Keeps the limit of a GET of the region: of the keys asked for next it finds the first only."""

    def left(self, before: Request) -> bool:
        return "/" not in before.path.removeprefix(f"{self.base_path}/")

    def marred(self, request: Request) -> Answer:
        name, _, keys = request.path.removeprefix(f"{self.base_path}/").partition("/")
        asked = self.keys_asked(keys)
        return self.missing(name, asked, asked[1:]) if self.region(name) else self.no_region(name)


class _Kept(Geode):
    """Keeps what it answers to one method by its address alone, for the GET that comes next."""

    method = "HEAD"

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[str, Response] = {}

    def respond(self, request: Request) -> Answer:
        if request.method == "GET" and request.target in self._kept:
            return self._kept.pop(request.target)
        answer = super().respond(request)
        if request.method == self.method and isinstance(answer, Response):
            self._kept[request.target] = replace(answer, body=b"")
        return answer


@FAULTS.fault("head-kept-for-the-next", "geode.body.strict-json", "a question behind a HEAD of the same address")
class _HeadKept(_Kept):
    """Gives the GET of an address what it keeps of a HEAD before: all but the body."""


@FAULTS.fault("options-kept-for-the-next", "geode.status.found", "a question behind OPTIONS of the same address")
class _OptionsKept(_Kept):
    """Gives the GET of an address what it keeps of OPTIONS before: that it has no such method."""

    method = "OPTIONS"
