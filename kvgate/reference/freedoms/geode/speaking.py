"""The same answers with other header lines, dates, types and reason phrases, and releases as a whole."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from email.utils import formatdate

from kvgate.reference.edit import mapped
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Framing, Pair, Request, Response
from kvgate.reference.javahash import hash_map_order

FREEDOMS = GeodeDeviations()

_ANY = "every answer"
_ANY_200 = "every 200"


class _Headed(Geode):
    """Sends what `headed` makes of the header lines, framing headers among them."""

    def encode(self, request: Request, response: Response) -> bytes:
        head, blank, body = super().encode(request, response).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        return "\r\n".join([first, *self.headed(lines)]).encode("latin-1") + blank + body

    def headed(self, lines: list[str]) -> list[str]:
        raise NotImplementedError


def _pairs(lines: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


@FREEDOMS.freedom("headers-small-letters", _ANY)
class _SmallLetters(_Headed):
    """Writes the names of headers in small letters."""

    def headed(self, lines: list[str]) -> list[str]:
        return [f"{name.lower()}: {value}" for name, value in _pairs(lines)]


@FREEDOMS.freedom("headers-capitals", _ANY)
class _Capitals(_Headed):
    """Writes the names of headers in capitals."""

    def headed(self, lines: list[str]) -> list[str]:
        return [f"{name.upper()}: {value}" for name, value in _pairs(lines)]


@FREEDOMS.freedom("headers-shuffled", _ANY)
class _Shuffled(_Headed):
    """Writes the headers in another order each time."""

    def headed(self, lines: list[str]) -> list[str]:
        return random.sample(lines, len(lines))


@FREEDOMS.freedom("headers-no-space", _ANY)
class _NoSpace(_Headed):
    """Writes no space behind the colon of a header."""

    def headed(self, lines: list[str]) -> list[str]:
        return [f"{name}:{value}" for name, value in _pairs(lines)]


@FREEDOMS.freedom("headers-much-space", _ANY)
class _MuchSpace(_Headed):
    """Writes tabs and spaces before and behind the values of headers."""

    def headed(self, lines: list[str]) -> list[str]:
        return [f"{name}:\t  {value} \t" for name, value in _pairs(lines)]


@FREEDOMS.freedom("headers-extra", _ANY)
class _Extra(Geode):
    """Sends validators, cache control, cookies and security headers, some of them twice."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (
            *super().common_headers(),
            ("ETag", f'W/"{random.getrandbits(32):x}"'),
            ("Last-Modified", formatdate(time.time() - 60, usegmt=True)),
            ("Vary", "Accept, Accept-Encoding"),
            ("Cache-Control", "no-cache, no-store"),
            ("Cache-Control", "max-age=0"),
            ("Expires", "0"),
            ("Set-Cookie", "a=1; Path=/"),
            ("Set-Cookie", 'b="orders/1,2"; HttpOnly'),
            ("X-Frame-Options", "DENY"),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("Content-Language", "en"),
            ("X-Empty", ""),
        )


@FREEDOMS.freedom("headers-fewest", _ANY)
class _Fewest(Geode):
    """Sends neither Server nor Date."""

    def common_headers(self) -> tuple[Pair, ...]:
        return ()


@FREEDOMS.freedom("server-other", _ANY)
class _ServerOther(Geode):
    """Calls itself something with comments and bytes beyond ASCII."""

    software = "Bücher/2.0 (Ωmega; +http://example.org) x".encode().decode("latin-1")


@FREEDOMS.freedom("date-rfc-850", _ANY)
class _DateRfc850(Geode):
    """Writes dates in the form of RFC 850: Sunday, 06-Nov-94 08:49:37 GMT."""

    def encode(self, request: Request, response: Response) -> bytes:
        date = time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime())
        return super().encode(request, mapped(response, "Date", lambda _: date))


@FREEDOMS.freedom("date-asctime", _ANY)
class _DateAsctime(Geode):
    """Writes dates as asctime does: Sun Nov  6 08:49:37 1994."""

    def encode(self, request: Request, response: Response) -> bytes:
        date = time.asctime(time.gmtime())
        return super().encode(request, mapped(response, "Date", lambda _: date))


@FREEDOMS.freedom("date-of-page", _ANY)
class _DateOfPage(Geode):
    """Has a clock that stands still in 2014."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, mapped(response, "Date", lambda _: "Sat, 18 Jan 2014 21:39:04 GMT"))


# Types, reasons


class _Typed(Geode):
    """Sends `written` as Content-Type where the reference says application/json."""

    written = ""

    def encode(self, request: Request, response: Response) -> bytes:
        def other(given: str) -> str:
            return self.written if given == "application/json" else given

        return super().encode(request, mapped(response, "Content-Type", other))


@FREEDOMS.freedom("type-charset", _ANY)
class _TypeCharset(_Typed):
    """Adds a charset to the type."""

    written = "application/json;charset=UTF-8"


@FREEDOMS.freedom("type-parameters-quoted", _ANY)
class _TypeParameters(_Typed):
    """Adds several parameters, one of them quoted with a semicolon inside, with spaces around."""

    written = 'application/json ; charset="utf-8" ;odata="a;b, c"'


@FREEDOMS.freedom("type-capitals", _ANY)
class _TypeCapitals(_Typed):
    """Writes the type in capitals."""

    written = "Application/JSON; Charset=ISO-8859-1"


@FREEDOMS.freedom("reason-none", _ANY)
class _ReasonNone(Geode):
    """Sends no reason phrase."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, replace(response, reason=""))


@FREEDOMS.freedom("reason-of-page", _ANY)
class _ReasonOfPage(Geode):
    """Sends reason phrases of its own: BAD_REQUEST as on the page, and longer ones."""

    def encode(self, request: Request, response: Response) -> bytes:
        reason = {200: "All right: 2 of 2", 400: "BAD_REQUEST", 404: "No! 200 OK elsewhere"}.get(response.status, "x")
        return super().encode(request, replace(response, reason=reason))


# All together


@FREEDOMS.freedom("http-all-at-once", _ANY)
class _AllAtOnce(_Capitals):
    """Answers in hash order, without Date, in HTTP/1.0 by closing, a relative location with %2C, and a charset."""

    http_version = "HTTP/1.0"

    def order(self, keys: Sequence[str]) -> tuple[str, ...]:
        return hash_map_order(keys)

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        location = super().content_location(request, name, keys) or ""
        return "/" + location.split("/", 3)[3].replace(",", "%2C")

    def common_headers(self) -> tuple[Pair, ...]:
        return ()

    def json_type(self, status: int) -> str:
        return 'application/json; charset="UTF-8"'

    def framing(self, request: Request, response: Response) -> Framing:
        return "close"


@FREEDOMS.freedom("release-1-12", "everything in which releases up to 1.12 differ")
class _Release112(Geode):
    """Behaves as the release 1.12.1."""

    def __init__(self, *given: object, **named: object) -> None:
        named["behaviour"] = "1.12.1"
        super().__init__(*given, **named)  # type: ignore[arg-type]  # what the harness gives goes through


@FREEDOMS.freedom("release-1-14", "everything in which releases from 1.14 on differ")
class _Release114(Geode):
    """Behaves as the release 1.14.4."""

    def __init__(self, *given: object, **named: object) -> None:
        named["behaviour"] = "1.14.4"
        super().__init__(*given, **named)  # type: ignore[arg-type]  # what the harness gives goes through
