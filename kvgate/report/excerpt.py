"""Bytes and exchanges as report.json shows them: cut where long, readable where they are text, the truth beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kvgate.report.model import CaseRecord
from kvgate.report.words import moment
from kvgate.wire.exchange import Exchange, Request, Response
from kvgate.wire.headers import Header
from kvgate.wire.text import curl

LIMIT = 16 * 1024
HEADER_LIMIT = 4096  # bytes of one header's name or value
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def bytes_excerpt(data: bytes, length: int | None = None, limit: int = LIMIT) -> dict[str, Any]:
    """Bytes as `length`, `sha256`, and `text` or `base64`.

    `length` is the true number where fewer were kept; the digest is None then, as it would be of something else.
    `text` where all that is shown is UTF-8 without control codes but tab and line ends, `base64` otherwise. `cut` is
    there, and true, where less than everything is shown.
    """
    true_length = len(data) if length is None else length
    whole = true_length == len(data)
    shown: dict[str, Any] = {
        "length": true_length,
        "sha256": hashlib.sha256(data).hexdigest() if whole else None,
    }
    if not whole or len(data) > limit:
        shown["cut"] = True
    text = _as_text(data[:limit], cut=len(data) > limit)
    if text is None:
        shown["base64"] = base64.b64encode(data[:limit]).decode("ascii")
    else:
        shown["text"] = text
    return shown


def exchange_excerpt(exchange: Exchange, credentials: Mapping[str, str]) -> dict[str, Any]:
    """One exchange as report.json shows it; `credentials` as for `curl_line`.

    Header names and values are read as ISO-8859-1, one character a byte; of many, or of long ones, as much is shown as
    of a body.
    """
    fault = exchange.fault
    return {
        "label": exchange.label,
        "origin": exchange.origin,
        "connection": exchange.connection,
        "began": moment(exchange.began),
        "seconds": round(exchange.seconds, 6),
        "request": request_excerpt(exchange.request),
        "response": None if exchange.response is None else _response(exchange.response),
        "fault": None if fault is None else {"kind": fault.kind.value, "message": fault.message},
        "raw": bytes_excerpt(exchange.raw, exchange.raw_length),
        "curl": curl_line(exchange.origin, exchange.request, credentials),
    }


def request_excerpt(request: Request) -> dict[str, Any]:
    """A request as report.json shows it."""
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(header) for header in request.headers],
        "body": bytes_excerpt(request.body),
        **({"pieces": True} if request.pieces else {}),
        **({"connection": request.connection} if request.connection is not None else {}),
        **({"together": request.together} if request.together is not None else {}),
        **({"hangs_up": request.hangs_up.value} if request.hangs_up is not None else {}),
        **({"without": list(request.without)} if request.without else {}),
    }


def asked_lines(case: CaseRecord) -> tuple[str, ...]:
    """Curl commands that ask the questions of a case again, each once.

    One that was sent in a way no command repeats stands for itself only where no other got the same answer.
    """
    asked = [((each.origin, each.request.alone, answer_of(each)), each) for each in case.exchanges]
    known = {same for same, each in asked if each.request == each.request.alone}
    lines: dict[str, None] = {}
    for same, exchange in asked:
        if exchange.request == exchange.request.alone or same not in known:
            known.add(same)
            lines[curl_line(exchange.origin, exchange.request, case.credentials)] = None
    return tuple(lines)


def answer_of(exchange: Exchange) -> tuple[bytes, int, bytes]:
    """What has to be equal for an answer to be the same: every byte but those of the Date.

    Of a large one the raw bytes are kept in part, and the body for itself.
    """
    head, blank, rest = exchange.raw.partition(b"\r\n\r\n")
    lines = (line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:"))
    body = b"" if exchange.response is None else exchange.response.body
    return b"\r\n".join(lines) + blank + rest, exchange.raw_length, body


def curl_line(origin: str, request: Request, credentials: Mapping[str, str]) -> str:
    """The request as a curl command; `credentials` maps origins to the header that has to carry credentials."""
    return curl(origin, request, credentials.get(origin))


def _response(response: Response) -> dict[str, Any]:
    return {
        "http_version": response.http_version,
        "status": response.status,
        "reason": response.reason.decode("latin-1"),
        "headers": _headers(response.headers),
        "body": bytes_excerpt(response.body, response.body_length),
        "framing": response.framing,
        "excess": bytes_excerpt(response.excess),
        "trailers": _headers(response.trailers),
        "informational": [bytes_excerpt(head) for head in response.informational],
    }


def _headers(headers: Sequence[Header]) -> list[list[str]]:
    """The header lines, long ones cut, as far as there is room; then one that has no name, and says how many more."""
    shown: list[list[str]] = []
    room = LIMIT
    for header in headers:
        if room <= 0:
            shown.append(["", f"... ({len(headers) - len(shown)} more header lines)"])
            break
        shown.append([_beginning(header.name), _beginning(header.value)])
        room -= sum(map(len, shown[-1]))
    return shown


def _beginning(data: bytes) -> str:
    text = data[:HEADER_LIMIT].decode("latin-1")
    return text if len(data) <= HEADER_LIMIT else f"{text}... ({len(data)} bytes)"


def _as_text(data: bytes, *, cut: bool) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may have gone through a character: only its first bytes are left, at the very end.
        if not cut or error.reason != "unexpected end of data" or error.start < len(data) - 3:
            return None
        text = data[: error.start].decode("utf-8")
    return None if _CONTROL.search(text) else text
