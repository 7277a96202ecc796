"""Raw bytes as markup: every byte is seen, none is markup.

Text shows as it is. What does not show as itself (control codes, bytes that are not UTF-8, bidi overrides) stands as an
escape inside `<i>`, which the style sheet frames, so that a real backslash is not mistaken for one. A CR LF that ends
a line of a head shows as the line's end only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from kvgate.report.plain import escaped
from kvgate.wire.exchange import Exchange
from kvgate.wire.text import DEFAULT_HEADERS

_HEAD_LIMIT = 4096
_RUN = re.compile(r"\r?\n|[^\r\n]+|\r")
_LINE_ENDS = {"\r\n": Markup("<i>\\r\\n</i>\n"), "\n": Markup("<i>\\n</i>\n"), "\r": Markup("<i>\\r</i>")}


def raw_markup(data: bytes, length: int, limit: int) -> Markup:
    """An HTTP message as markup for a `<pre>`: the head, then at most `limit` bytes of what follows it.

    `length` is the true number of bytes, where fewer were kept. What is cut is said, in numbers.
    """
    end = _end_of_head(data)
    head, rest = data[:end], data[end:]
    # The blank line that ends a head need not be shown where nothing follows it.
    parts = [_head(head[:_HEAD_LIMIT] if rest else head[:_HEAD_LIMIT].removesuffix(b"\r\n\r\n"))]
    if len(head) > _HEAD_LIMIT:
        parts.append(_cut(len(head) - _HEAD_LIMIT, "of the head"))
    parts.append(body_markup(rest, length - len(head), limit))
    return Markup("").join(parts)


def body_markup(data: bytes, length: int, limit: int) -> Markup:
    """Bytes as markup for a `<pre>`, at most `limit` of them; `length` is the true number."""
    kept = data[:limit]
    shown = Markup("").join(_lines(kept.decode("utf-8", "surrogateescape"), in_head=False))
    return shown + _cut(length - len(kept), "") if length > len(kept) else shown


def request_bytes(exchange: Exchange, credentials: Mapping[str, str]) -> bytes:
    """The request as it went out, with a placeholder for the operator's credentials.

    The wire adds Host, User-Agent, Accept and Accept-Encoding, but for those that the request has or goes without.
    """
    request = exchange.request
    host = exchange.origin.partition("://")[2]
    added = [("Host", host), *DEFAULT_HEADERS]
    if exchange.origin in credentials:
        added.append((credentials[exchange.origin], "(the credentials of the target)"))
    given = {name.lower() for name, _ in request.headers}
    left_out = {name.lower() for name in request.without}
    headers = [header for header in added if header[0].lower() not in given | left_out]
    headers += request.headers
    if request.body and not given & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(request.body))))
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + request.body


def _end_of_head(data: bytes) -> int:
    """Where the final head ends: 1xx heads come before it. The length of the data when it has no end."""
    start = 0
    while True:
        blank = data.find(b"\r\n\r\n", start)
        if blank < 0:
            return len(data) if data.startswith(b"HTTP/") and start == 0 else start
        informational = re.match(rb"HTTP/1\.\d 1\d\d", data[start : start + 12])
        start = blank + 4
        if informational is None:
            return start


def _head(data: bytes) -> Markup:
    return Markup("").join(_lines(data.decode("utf-8", "surrogateescape"), in_head=True))


def _lines(text: str, *, in_head: bool) -> list[Markup]:
    found: list[Markup] = []
    for piece in _RUN.findall(text):
        if piece in _LINE_ENDS:
            found.append(Markup("\n") if in_head and piece == "\r\n" else _LINE_ENDS[piece])
        elif piece.isprintable():
            found.append(escape(piece))
        else:
            found += _mixed(piece)
    return found


def _mixed(text: str) -> list[Markup]:
    """A piece of one line that holds characters which do not show: each run of them in one frame."""
    found: list[Markup] = []
    hidden: list[str] = []
    clear: list[str] = []
    for character in text:
        if character.isprintable():
            if hidden:
                found.append(Markup("<i>{}</i>").format("".join(hidden)))
                hidden.clear()
            clear.append(character)
        else:
            if clear:
                found.append(escape("".join(clear)))
                clear.clear()
            hidden.append(_escape(character))
    found.append(escape("".join(clear)))
    if hidden:
        found.append(Markup("<i>{}</i>").format("".join(hidden)))
    return found


def _escape(character: str) -> str:
    code = ord(character)
    # A byte that is not UTF-8 is decoded to a lone surrogate.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else escaped(character)


def _cut(count: int, where: str) -> Markup:
    words = f"{count:,} more bytes {where}".rstrip()
    return Markup("<b>[{}]</b>").format(words)
