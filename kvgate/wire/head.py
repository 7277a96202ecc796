"""Reads the head of an HTTP/1.x answer: status line, header lines, and what they say about the end of the body.

No I/O, no exceptions: what is wrong is a line of text beside what could be read all the same.
Sources: RFC 9112 sections 4 (status line), 5 (field lines), 6.3 (message body length).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kvgate.wire.headers import Header
from kvgate.wire.text import visible

_STATUS_LINE = re.compile(rb"HTTP/(1\.[0-9]) ([1-9][0-9]{2})(?: (.*))?", re.DOTALL)
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# What a server may say before it closes a connection that nobody asks on (RFC 9110 section 15.5.9).
_FAREWELL = re.compile(rb"HTTP/1\.[01] 408[ \r\n]")
_OWS = b" \t"
BEYOND_COUNTING = 2**63


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The first line of an answer; `problem` is set when it was read in spite of a fault."""

    http_version: str
    status: int
    reason: bytes
    problem: str | None


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the body ends: `kind` as in Response.framing, `length` for kind "length".

    `problem` says what is bad or contradictory. `astray` is True when the end of the body cannot be known for it.
    """

    kind: str
    length: int = 0
    problem: str | None = None
    astray: bool = False


def read_status_line(line: bytes) -> StatusLine | None:
    """Read a status line without its line end; None when it is none of HTTP/1.x."""
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        return None
    reason = match[3] or b""
    problem = f"control code in the reason phrase: {visible(reason)}" if _CONTROL.search(reason) else None
    return StatusLine("HTTP/" + match[1].decode("ascii"), int(match[2]), reason, problem)


def may_begin_status_line(data: bytes) -> bool:
    """Tell whether `data` can still become a status line."""
    prefix = b"HTTP/1."
    return data.startswith(prefix) or prefix.startswith(data)


def read_headers(lines: list[bytes]) -> tuple[tuple[Header, ...], str | None]:
    """Read header lines (without line ends), unfolding continued ones, and say what is wrong with the first bad one.

    A bad line is kept as sent: what is left of its first colon is the name, a line without one is all name.
    """
    problem: str | None = None
    folded: list[list[bytes]] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"} and folded:
            folded[-1].append(line.strip(_OWS))
        else:
            folded.append([line.rstrip(_OWS)])
    headers = []
    for parts in folded:
        name, colon, value = b" ".join(parts).partition(b":")
        headers.append(Header(name, value.strip(_OWS)))
        problem = problem or _problem_of_line(name, colon, value)
    return tuple(headers), problem


def _problem_of_line(name: bytes, colon: bytes, value: bytes) -> str | None:
    if not colon:
        return f"header line without a colon: {visible(name)}"
    if not _TOKEN.fullmatch(name):
        return f"not a header name: {visible(name)}" if name else f"header line without a name: :{visible(value)}"
    if _CONTROL.search(value):
        return f"control code in the value of header {visible(name)}: {visible(value.strip(_OWS))}"
    return None


def framing_of(method: str, line: StatusLine, headers: tuple[Header, ...]) -> Framing:
    """Say where the body of a final answer to `method` ends."""
    if method == "HEAD" or line.status in {101, 204, 304}:
        return Framing("none")
    # An empty element of a list says nothing (RFC 9110 5.6.1), a list of nothing else is a fault.
    named = [coding.lower() for coding in _list_of(headers, b"transfer-encoding")]
    codings = [coding for coding in named if coding] or named
    lengths = _list_of(headers, b"content-length")
    if codings:
        return _framing_of_codings(codings, line, lengths)
    return _framing_of_lengths(lengths) if lengths else Framing("close")


def _framing_of_codings(codings: list[bytes], line: StatusLine, lengths: list[bytes]) -> Framing:
    shown = visible(b", ".join(codings))
    if codings == [b"chunked"]:
        if lengths:
            return Framing("chunked", problem="both Content-Length and Transfer-Encoding: chunked")
        if line.http_version == "HTTP/1.0":
            return Framing("chunked", problem="Transfer-Encoding in an HTTP/1.0 answer")
        return Framing("chunked")
    if codings[-1] == b"chunked":
        return Framing("chunked", problem=f"Transfer-Encoding {shown}, where no more than chunked was allowed")
    return Framing("close", problem=f"Transfer-Encoding {shown} does not say where the body ends", astray=True)


def _framing_of_lengths(lengths: list[bytes]) -> Framing:
    bad = next((length for length in lengths if not length.isdigit()), None)
    if bad is not None:
        return Framing("close", problem=f"Content-Length is not a number of bytes: '{visible(bad, 60)}'", astray=True)
    # Leading zeros go first, since int() refuses thousands of digits.
    digits = {length.lstrip(b"0") or b"0" for length in lengths}
    if len(digits) > 1:
        shown = visible(b", ".join(lengths), 60)
        return Framing("close", problem=f"Content-Length sent with different values: {shown}", astray=True)
    number = digits.pop()
    if len(number) > 19 or int(number) >= BEYOND_COUNTING:
        return Framing("close", problem=f"Content-Length beyond all counting: {visible(number, 60)}", astray=True)
    return Framing("length", length=int(number))


def _list_of(headers: tuple[Header, ...], name: bytes) -> list[bytes]:
    """Return the elements of all values under `name`; an empty value counts as one empty element."""
    return [
        element.strip(_OWS) for header in headers if header.name.lower() == name for element in header.value.split(b",")
    ]


def keeps_alive(http_version: str, headers: tuple[Header, ...]) -> bool:
    """Tell whether the server means to keep the connection open after this answer."""
    options = {option.lower() for option in _list_of(headers, b"connection")}
    return b"close" not in options and (http_version != "HTTP/1.0" or b"keep-alive" in options)


def is_farewell(data: bytes) -> bool:
    """Tell whether bytes that answer nothing are what a server says before it closes an idle connection."""
    return _FAREWELL.match(data) is not None
