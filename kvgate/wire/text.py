"""Shows what went over the wire to a person: bytes as one safe line, a request as a curl command."""

from __future__ import annotations

import shlex
import unicodedata

from kvgate import __version__
from kvgate.wire.exchange import HangUp, Request

# What goes out with every request that neither gives nor leaves it out.
DEFAULT_HEADERS = (("User-Agent", f"kvgate/{__version__}"), ("Accept", "*/*"), ("Accept-Encoding", "identity"))
SHOWN = 200
BODY_SHOWN = 4096
_SPACE = "\\x20"
_HUNG_UP = {
    HangUp.CLOSE: "by a client that closed the connection without waiting for an answer",
    HangUp.RESET: "by a client that reset the connection without waiting for an answer",
}
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
# Controls, formats (bidi overrides, zero width), surrogates, private use, unassigned, line ends, odd spaces.
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def visible(data: bytes | str, limit: int = SHOWN, length: int | None = None) -> str:
    r"""Render what a server sent as one line that is safe in a terminal and loses nothing.

    Printable text stays, a backslash is doubled, a byte that is not UTF-8 or a control code becomes `\xNN`, as does a
    space at either end, any other character that does not show as itself `\uNNNN`. Beyond `limit` bytes (characters of
    a str) the rest is cut and "... (N bytes)" gives the true number: `length`, where `data` is only the beginning.
    """
    shown = data[:limit]
    length = len(data) if length is None else length
    if isinstance(shown, bytes):
        if len(data) > limit:
            shown = _whole_characters(shown)
        text, unit = shown.decode("utf-8", "surrogateescape"), "bytes"
        line = "".join(_show(character, escaped_byte=True) for character in text)
    else:
        unit = "characters"
        line = "".join(_show(character, escaped_byte=False) for character in shown)
    if line.startswith(" "):
        line = _SPACE + line[1:]
    if length > len(shown):
        return f"{line}... ({length} {unit})"
    return line[:-1] + _SPACE if line.endswith(" ") else line


def _show(character: str, *, escaped_byte: bool) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    if code < 0x7F:
        return character
    if escaped_byte and 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character) in _ESCAPED_CATEGORIES:
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return character


def _whole_characters(data: bytes) -> bytes:
    """Drop a UTF-8 character that the cut went through."""
    for back in range(1, min(4, len(data) + 1)):
        lead = data[-back]
        if lead >= 0xC0:
            width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return data[:-back] if width > back else data
        if lead < 0x80:
            break
    return data


def curl(origin: str, request: Request, credentials_header: str | None = None) -> str:
    """Render `request` to `origin` as a curl command line that sends the same bytes again.

    `credentials_header` names the header whose value the reader has to put into $KVGATE_AUTH. A body that is not
    plain text goes in through printf. A note after the command says what it does not do: send all of a body of more
    than 4096 bytes, send in pieces, on a connection with other requests, or at the same time as others, or hang up.
    """
    words = ["curl", "-sS", "-i", "-g", "--http1.1", "--path-as-is", *_method(request)]
    given, left_out = {name.lower() for name, _ in request.headers}, {name.lower() for name in request.without}
    headers = [(name, "" if name.lower() in left_out else value) for name, value in DEFAULT_HEADERS]
    if _sends_body(request):
        # curl would announce a form and wait for 100 Continue.
        headers += [("Content-Type", ""), ("Expect", "")]
    sent = [header for header in headers if header[0].lower() not in given]
    # curl leaves a header out when its value is empty, and sends it empty when a semicolon takes the colon's place.
    words += [_quoted(f"{name}: {value}" if value else f"{name}:") for name, value in sent]
    words += [_quoted(f"{name}: {value}" if value else f"{name};") for name, value in request.headers]
    if credentials_header is not None and credentials_header.lower() not in given:
        words.append(f'-H "{credentials_header}: $KVGATE_AUTH"')
    before, body, cut = _body(request)
    words += body
    words += _address(origin, request.target)
    notes = "; ".join(note for note in (cut, _otherwise(request)) if note)
    return before + " ".join(words) + (f"  # {notes}" if notes else "")


def _quoted(line: str) -> str:
    return f"-H {shlex.quote(line)}"


def _sends_body(request: Request) -> bool:
    return bool(request.body) or request.method in {"POST", "PUT", "PATCH"}


def _method(request: Request) -> list[str]:
    if request.method == "GET" and not request.body:
        return []
    if request.method == "HEAD":
        return ["-I"]
    return ["-X", shlex.quote(request.method)]


def _address(origin: str, target: str) -> list[str]:
    if target.startswith("/") and "#" not in target:
        return [shlex.quote(origin + target)]
    return ["--request-target", shlex.quote(target), shlex.quote(origin + "/")]


def _otherwise(request: Request) -> str:
    """How a request was sent and a command does not send it; nothing where it is all the same."""
    ways = [
        *(["in pieces"] if request.pieces else []),
        *(["on a connection with other requests"] if request.connection is not None else []),
        *(["at the same time as others"] if request.together is not None else []),
        *([_HUNG_UP[request.hangs_up]] if request.hangs_up is not None else []),
    ]
    return f"it was sent {', '.join(ways)}: this line does not do that" if ways else ""


def _body(request: Request) -> tuple[str, list[str], str]:
    if not _sends_body(request):
        return "", [], ""
    body = request.body[:BODY_SHOWN]
    note = "" if len(request.body) <= BODY_SHOWN else f"body cut here: {BODY_SHOWN} of {len(request.body)} bytes"
    if all(0x20 <= byte <= 0x7E for byte in body):
        return "", ["--data-raw", shlex.quote(body.decode("ascii"))], note
    # Octal, since the printf of POSIX knows no \xNN.
    escaped = "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"\\{byte:03o}" for byte in body)
    return f"printf '{escaped}' | ", ["--data-binary", "@-"], note
