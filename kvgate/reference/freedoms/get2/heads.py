"""Freedoms in the status line and the headers."""

from __future__ import annotations

import time

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.http import Pair, Request, Response
from kvgate.reference.hustdb import Ha

FREEDOMS = Deviations("get2")
_ALL = "every answer"


class _Headed(Ha):
    """An HA whose heads are written in another way; `line` and `lines` see header lines without their ends."""

    def encode(self, request: Request, response: Response) -> bytes:
        head, _, body = super().encode(request, response).partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        return b"\r\n".join([self.status_line(first), *self.lines(lines)]) + b"\r\n\r\n" + body

    def status_line(self, line: bytes) -> bytes:
        return line

    def lines(self, lines: list[bytes]) -> list[bytes]:
        return [self.line(*line.split(b": ", 1)) for line in lines]

    def line(self, name: bytes, value: bytes) -> bytes:
        return name + b": " + value


@FREEDOMS.freedom("names-in-lower-case", _ALL)
class _Lower(_Headed):
    """Writes header names in lower case."""

    def line(self, name: bytes, value: bytes) -> bytes:
        return name.lower() + b": " + value


@FREEDOMS.freedom("names-in-upper-case", _ALL)
class _Upper(_Headed):
    """Writes header names in upper case."""

    def line(self, name: bytes, value: bytes) -> bytes:
        return name.upper() + b": " + value


@FREEDOMS.freedom("headers-reversed", _ALL)
class _Reversed(_Headed):
    """Sends its headers in reverse order: the framing first, Version2 before Version1."""

    def lines(self, lines: list[bytes]) -> list[bytes]:
        return lines[::-1]


@FREEDOMS.freedom("headers-sorted", _ALL)
class _Sorted(_Headed):
    """Sends its headers in the order of their names."""

    def lines(self, lines: list[bytes]) -> list[bytes]:
        return sorted(lines)


@FREEDOMS.freedom("no-space-after-colon", _ALL)
class _NoSpace(_Headed):
    """Writes no white space around header values."""

    def line(self, name: bytes, value: bytes) -> bytes:
        return name + b":" + value


@FREEDOMS.freedom("white-space-around-values", _ALL)
class _Space(_Headed):
    """Writes spaces and tabs around header values."""

    def line(self, name: bytes, value: bytes) -> bytes:
        return name + b": \t  " + value + b" \t "


@FREEDOMS.freedom("no-reason-phrase", _ALL)
class _NoReason(_Headed):
    """Sends a status line without a reason phrase."""

    def status_line(self, line: bytes) -> bytes:
        return b" ".join(line.split(b" ")[:2]) + b" "


@FREEDOMS.freedom("misleading-reason-phrase", _ALL)
class _Reason(_Headed):
    """Sends reason phrases that mean something else: 409 OK, 200 Conflict."""

    def status_line(self, line: bytes) -> bytes:
        version, status, _ = line.split(b" ", 2)
        return b"%b %b %b" % (version, status, b"OK" if status == b"409" else b"Conflict")


@FREEDOMS.freedom("reason-phrase-in-latin-1", _ALL)
class _Latin(_Headed):
    """Sends a reason phrase with bytes above 127."""

    def status_line(self, line: bytes) -> bytes:
        return b" ".join(line.split(b" ")[:2]) + b" \xfcbereinstimmung"


@FREEDOMS.freedom("like-nginx", _ALL)
class _Nginx(Ha):
    """Calls itself nginx and says keep-alive, as the page has it."""

    software = "nginx/1.9.4"

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), ("Connection", "keep-alive"))


@FREEDOMS.freedom("no-server", _ALL)
class _NoServer(Ha):
    """Sends no line of Server."""

    def common_headers(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in super().common_headers() if pair[0] != "Server")


@FREEDOMS.freedom("bare-head", _ALL)
class _Bare(Ha):
    """Sends neither Server nor Date nor Connection."""

    def common_headers(self) -> tuple[Pair, ...]:
        return ()


_SECURITY = (
    ("ETag", '"1-13"'),
    ("Vary", "Accept-Encoding"),
    ("Cache-Control", "no-store, max-age=0"),
    ("X-Content-Type-Options", "nosniff"),
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("Accept-Ranges", "none"),
    ("Last-Modified", "Thu, 19 May 2016 10:05:31 GMT"),
)


@FREEDOMS.freedom("extra-headers", _ALL)
class _Extra(Ha):
    """Sends an ETag, caching and security headers besides."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), *_SECURITY)


@FREEDOMS.freedom("names-alike", _ALL)
class _Alike(Ha):
    """Sends headers whose names resemble those of the page: X-Version, API-Version, Version-Count, Val-Offset-Unit."""

    def common_headers(self) -> tuple[Pair, ...]:
        alike = (("X-Version", "9"), ("API-Version", "v2"), ("Version-Count", "2"), ("Val-Offset-Unit", "bytes"))
        return (*super().common_headers(), *alike)


@FREEDOMS.freedom("repeated-strange-headers", _ALL)
class _Cookies(Ha):
    """Sends two cookies, an empty header, one with bytes above 127 and one of 4 KiB."""

    def common_headers(self) -> tuple[Pair, ...]:
        cookies = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"))
        return (*super().common_headers(), *cookies, ("X-Empty", ""), ("X-Name", "\xe9t\xe9"), ("X-Long", "l" * 4096))


@FREEDOMS.freedom("sixty-headers", _ALL)
class _Sixty(Ha):
    """Sends sixty headers more."""

    def common_headers(self) -> tuple[Pair, ...]:
        return (*super().common_headers(), *((f"X-Trace-{number}", str(number)) for number in range(60)))


@FREEDOMS.freedom("behind-a-proxy", _ALL)
class _Proxied(Ha):
    """Stands behind a cache that says so: Via, Age, X-Cache, Alt-Svc."""

    def common_headers(self) -> tuple[Pair, ...]:
        proxied = (("Via", "1.1 edge"), ("Age", "0"), ("X-Cache", "MISS"), ("Alt-Svc", 'h3=":443"; ma=60'))
        return (*super().common_headers(), *proxied)


@FREEDOMS.freedom("charset-parameter-at-times", _ALL)
class _CharsetAtTimes(_Headed):
    """Sends a charset with every second answer, and writes the media type in capitals then."""

    _answers = 0

    def lines(self, lines: list[bytes]) -> list[bytes]:
        self._answers += 1
        return super().lines(lines)

    def line(self, name: bytes, value: bytes) -> bytes:
        if name == b"Content-Type" and self._answers % 2:
            value = value.upper() + b";charset=utf-8"
        return super().line(name, value)


@FREEDOMS.freedom("charset-parameter", _ALL)
class _Charset(Ha):
    """Gives a character set."""

    value_type = "text/plain; charset=utf-8"


@FREEDOMS.freedom("type-in-other-case", _ALL)
class _TypeCase(Ha):
    """Writes the type in mixed case, with quoted parameters and no space."""

    value_type = 'Text/PLAIN;Charset="ISO-8859-1" ; format=flowed'


class _Dated(Ha):
    """An HA that writes dates in another way, where it says."""

    def common_headers(self) -> tuple[Pair, ...]:
        return ("Server", self.software), ("Date", self.date())

    def date(self) -> str:
        return ""


@FREEDOMS.freedom("date-rfc-850", _ALL)
class _Rfc850(_Dated):
    """Writes dates in the form of RFC 850."""

    def date(self) -> str:
        return "Thursday, 19-May-16 10:05:31 GMT"


@FREEDOMS.freedom("date-asctime", _ALL)
class _Asctime(_Dated):
    """Writes dates in the form of C's asctime, the day padded with a space."""

    def date(self) -> str:
        return "Thu May  5 10:05:31 2016"


@FREEDOMS.freedom("date-leap-second", _ALL)
class _LeapSecond(_Dated):
    """Sends a date in a leap second on the last day of a year."""

    def date(self) -> str:
        return "Sat, 31 Dec 2016 23:59:60 GMT"


@FREEDOMS.freedom("date-of-1970", _ALL)
class _Epoch(_Dated):
    """Has a clock that was never set."""

    def date(self) -> str:
        return "Thu, 01 Jan 1970 00:00:07 GMT"


@FREEDOMS.freedom("date-in-turn", _ALL)
class _InTurn(_Dated):
    """Takes turns with the three forms of a date and none."""

    _turn = 0

    def common_headers(self) -> tuple[Pair, ...]:
        self._turn += 1
        now = time.gmtime()
        forms = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT")
        dates = (*(time.strftime(form, now) for form in forms), time.asctime(now), "")
        date = dates[self._turn % 4]
        return (("Server", self.software), ("Date", date)) if date else (("Server", self.software),)


@FREEDOMS.freedom("no-content-type", _ALL, warns=("get2.type.text",))
class _NoType(Ha):
    """Sends no line of Content-Type."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, edited(response, without=("Content-Type",)))


@FREEDOMS.freedom("length-with-leading-zeros", _ALL)
class _PaddedLength(Ha):
    """Writes Content-Length with leading zeros, which HTTP's grammar allows."""

    def encode(self, request: Request, response: Response) -> bytes:
        return super().encode(request, edited(response, plus=(("Content-Length", f"{len(response.body):08d}"),)))


@FREEDOMS.freedom("versions-padded", "versions", warns=("get2.version.canonical",))
class _Padded(Ha):
    """Writes versions with leading zeros."""

    def version_headers(self, first: int, second: int) -> tuple[Pair, ...]:
        return tuple((name, value.zfill(4)) for name, value in super().version_headers(first, second))


@FREEDOMS.freedom("terse-head", _ALL)
class _Terse(_Headed):
    """Combines: lower case, no white space, no reason phrase, no Server, no Date, reversed."""

    def common_headers(self) -> tuple[Pair, ...]:
        return ()

    def status_line(self, line: bytes) -> bytes:
        return b" ".join(line.split(b" ")[:2]) + b" "

    def lines(self, lines: list[bytes]) -> list[bytes]:
        return [line.lower().replace(b": ", b":", 1) for line in lines[::-1]]


@FREEDOMS.freedom("lavish-head", _ALL)
class _Lavish(_Headed):
    """Combines: upper case, tabs, strange reason, RFC 850 date, many headers, a charset."""

    value_type = "TEXT/plain; charset=US-ASCII"

    def common_headers(self) -> tuple[Pair, ...]:
        return ("Server", "Apache"), ("Date", "Thursday, 19-May-16 10:05:31 GMT"), *_SECURITY

    def status_line(self, line: bytes) -> bytes:
        return b" ".join(line.split(b" ")[:2]) + b" See   body; 100% sure: yes"

    def line(self, name: bytes, value: bytes) -> bytes:
        return name.upper() + b":\t" + value + b"\t"


@FREEDOMS.freedom("etag-by-body", _ALL)
class _Etag(Ha):
    """Sends an ETag that depends on the body, and Vary with a 409 only."""

    def encode(self, request: Request, response: Response) -> bytes:
        vary = (("Vary", "*"),) if response.status == 409 else ()
        return super().encode(request, edited(response, plus=(("ETag", f'W/"{len(response.body):x}"'), *vary)))
