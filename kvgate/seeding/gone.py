"""What the answers to a removal and to a look afterwards say: that a key is there, that it is not, or nothing."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from kvgate.strictjson import NotJson, read
from kvgate.wire.exchange import Exchange

REMOVED = frozenset({200, 204})
# What may be said of a key whose removal was answered with success: not there, or no reading of one key at all.
AWAY = frozenset({400, 404, 405, 410, 412, 501})
# What says nothing of a key that is asked for alone: a server may owe lists only (E31).
NOT_ALONE = frozenset({405, 500, 501})
# 412: a HustDB node that has no such table.
_NOT_THERE = frozenset({404, 412})
_ORIGIN = re.compile(rb"^[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)


def status_of(exchange: Exchange) -> int | None:
    """The status of an answer, None when there was none."""
    return None if exchange.response is None else exchange.response.status


def not_found(exchange: Exchange, *, known: bool = False) -> bool:
    """Whether an answer says that there is no such key, and the API itself says so.

    A 404 in HTML is what a server in front of the API says, or one whose API is still starting (E39), unless it is
    `known` that the API answers there.
    """
    return status_of(exchange) in _NOT_THERE and (known or not is_html(exchange))


def is_html(exchange: Exchange) -> bool:
    """Whether an answer says of itself that it is HTML."""
    types = () if exchange.response is None else exchange.response.all("Content-Type")
    return any(b"html" in value.lower() for value in types)


def is_of_another_path(exchange: Exchange) -> bool:
    """Whether an answer says that it is of a path cut short: a server that cuts keys (E33) has none of this name."""
    named = () if exchange.response is None else exchange.response.all("Content-Location")
    if len(named) != 1:
        return False
    located = unquote_to_bytes(_ORIGIN.sub(b"", named[0])).rstrip(b"/")
    asked = unquote_to_bytes(exchange.request.target.partition("?")[0])
    return bool(located) and located != asked and asked.startswith(located)


def in_list(exchange: Exchange) -> bool | None:
    """Whether a key is there that was asked for beside one which is not; None where the answer does not tell."""
    if status_of(exchange) != 200 or exchange.response is None:
        return None
    try:
        document = read(exchange.response.body)
    except NotJson:
        return None
    lists = [value for value in document.values() if isinstance(value, list)] if isinstance(document, dict) else []
    return any(value is not None for value in lists[0]) if len(lists) == 1 and lists[0] else None
