"""Faults in how a body is delimited: Content-Length, true and sent."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, edited
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")


class _Lying(Ha):
    """An HA that announces another length, where it says; a body that is too short ends with the connection."""

    def encode(self, request: Request, response: Response) -> bytes:
        told = self.told(response) if request.path == "/get2" else None
        if told is None:
            return super().encode(request, response)
        return super().encode(request, edited(response, plus=(("Content-Length", told), ("Connection", "close"))))

    def told(self, response: Response) -> str | None:
        return None

    def keeps_open(self, request: Request, response: Response) -> bool:
        lies = request.path == "/get2" and self.told(response) is not None
        return not lies and super().keeps_open(request, response)


_TRUE = "get2.length.true"


@FAULTS.fault("length-of-first-value", _TRUE, "different values")
class _LengthOfFirst(_Lying):
    """Announces the length of master1's value with a 409."""

    def told(self, response: Response) -> str | None:
        return next((value for name, value in response.headers if name == "Val-Offset"), None)


@FAULTS.fault("length-in-characters", _TRUE, "values with characters of several bytes")
class _LengthInCharacters(_Lying):
    """Announces the number of characters."""

    def told(self, response: Response) -> str | None:
        count = len(response.body.decode("utf-8", "replace"))
        return None if count == len(response.body) else str(count)


@FAULTS.fault("length-one-more", _TRUE, "equal values")
class _OneMore(_Lying):
    """Counts the NUL that ends a value in memory, and closes before it could be sent."""

    def told(self, response: Response) -> str | None:
        return str(len(response.body) + 1) if response.status == 200 else None


@FAULTS.fault("length-16-bit", _TRUE, "bodies of 65,536 bytes or more")
class _LengthShort(_Lying):
    """Keeps 16 bits of the length."""

    def told(self, response: Response) -> str | None:
        return None if len(response.body) < 65536 else str(len(response.body) & 0xFFFF)


@FAULTS.fault("length-twice", _TRUE, "different values")
class _LengthTwice(Altered):
    """Sends the length of each value in a Content-Length of its own."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200:
            return response
        lengths = (len(first.value) + len(second.value), len(second.value))
        return edited(response, plus=tuple(("Content-Length", str(length)) for length in lengths))


@FAULTS.fault("length-in-hex", _TRUE, "bodies of 10 bytes or more")
class _LengthInHex(_Lying):
    """Writes the length in hexadecimal."""

    def told(self, response: Response) -> str | None:
        return f"{len(response.body):x}" if len(response.body) > 9 else None


@FAULTS.fault("length-counts-line-ends-once", _TRUE, "values that hold CR LF")
class _LengthOfLines(_Lying):
    """Counts CR LF as one byte."""

    def told(self, response: Response) -> str | None:
        lost = response.body.count(b"\r\n")
        return str(len(response.body) - lost) if lost else None


_SENT = "get2.length.sent"


@FAULTS.fault("always-chunked", _SENT, "any answer")
class _Chunked(Altered):
    """Sends every value in chunks."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return replace(response, framing="chunked")


@FAULTS.fault("large-chunked", _SENT, "values of more than 16 KiB")
class _LargeChunked(Altered):
    """Sends large values in chunks of 8 KiB."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return replace(response, framing="chunked") if len(response.body) > 16384 else response

    def chunks(self, body: bytes) -> Iterable[bytes]:
        return (body[at : at + 8192] for at in range(0, len(body), 8192))


@FAULTS.fault("conflict-until-close", _SENT, "different values")
class _UntilClose(Altered):
    """Ends a 409 by closing the connection, without a length."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return replace(response, framing="close") if response.status == 409 else response
