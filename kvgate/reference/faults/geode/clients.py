"""Answers that hang on the kind of client, as its headers tell it."""

from __future__ import annotations

from dataclasses import replace

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response, reason_of

FAULTS = GeodeDeviations()

_SERVED = "geode.request.served"
_FOUND = "geode.status.found"


class _Refusing(Geode):
    """Refuses those who ask for several keys in a certain way."""

    refusal = 400

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if "," not in keys_as_sent or not self.refused(request):
            return super().get(request, name, keys_as_sent)
        page = f"<html><h1>{self.refusal}</h1></html>".encode()
        headers = (*self.common_headers(), ("Content-Type", "text/html"))
        return Response(self.refusal, reason_of(self.refusal), headers, page)

    def refused(self, request: Request) -> bool:
        raise NotImplementedError


@FAULTS.fault("client-without-accept-refused", _SERVED, "a request without Accept")
class _NoAccept(_Refusing):
    """Trips over a request that says nothing of what it accepts."""

    refusal = 500

    def refused(self, request: Request) -> bool:
        return request.header("Accept") is None


@FAULTS.fault("client-without-name-refused", _FOUND, "a request without User-Agent")
class _NoUserAgent(_Refusing):
    """Takes a client without User-Agent for a robot: 400."""

    def refused(self, request: Request) -> bool:
        return request.header("User-Agent") is None


@FAULTS.fault("client-with-type-refused", _FOUND, "a GET with Content-Type")
class _ContentType(_Refusing):
    """Reads the body of a request with Content-Type, and finds none: 400."""

    def refused(self, request: Request) -> bool:
        return request.header("Content-Type") is not None and not request.body


@FAULTS.fault("client-with-length-refused", _FOUND, "a GET with Content-Length: 0")
class _ContentLength(_Refusing):
    """Takes a GET with a length for one with a body, which it does not allow."""

    def refused(self, request: Request) -> bool:
        return request.header("Content-Length") is not None


@FAULTS.fault("client-with-weights-refused", _FOUND, "an Accept with weights")
class _Weights(_Refusing):
    """Does not know the weights of an Accept: 406."""

    refusal = 406

    def refused(self, request: Request) -> bool:
        return "q=" in (request.header("Accept") or "")


@FAULTS.fault("client-of-any-application-refused", _FOUND, "Accept: application/*")
class _AnyApplication(_Refusing):
    """Compares an Accept with application/json and */* letter by letter: 406."""

    refusal = 406

    def refused(self, request: Request) -> bool:
        accepted = {item.partition(";")[0].strip() for item in (request.header("Accept") or "*/*").split(",")}
        return not accepted & {"*/*", "application/json"}


@FAULTS.fault("client-of-another-origin-refused", _FOUND, "a request with Origin")
class _Origin(_Refusing):
    """Asks every script of another host to say first what it will ask: 400."""

    def refused(self, request: Request) -> bool:
        return request.header("Origin") is not None


@FAULTS.fault("client-with-small-letters-refused", _FOUND, "a request with names of headers in small letters")
class _SmallLetters(_Refusing):
    """Looks for Accept by its letters, and takes a client that writes it small for one that accepts nothing: 406."""

    refusal = 406

    def refused(self, request: Request) -> bool:
        return any(name == "accept" for name, _ in request.headers)


@FAULTS.fault("client-with-type-told-in-html", "geode.type.json", "a missing key asked for with Content-Type")
class _ToldInHtml(Geode):
    """Tells a client that sends a type of its own errors in a page of HTML."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if not isinstance(answer, Response) or answer.status == 200 or request.header("Content-Type") is None:
            return answer
        typed = edited(answer, without=("Content-Type",), plus=(("Content-Type", "text/html"),))
        return replace(typed, body=b"<html><h1>Bad Request</h1></html>")
