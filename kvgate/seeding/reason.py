"""Why a write or a read did not do what it should, as one line fit for a person."""

from __future__ import annotations

from kvgate.wire.exchange import Exchange
from kvgate.wire.text import visible

# Whose credentials a request needs, as `Written.credentials` says it, and the target file's key for them.
CREDENTIALS_KEYS = {"interface": "auth", "nodes": "nodes_auth"}
_SHOWN = 160


def failure(exchange: Exchange, credentials_key: str) -> str:
    """What came of an exchange that was to succeed; `credentials_key` is the target file's key for credentials."""
    response, fault = exchange.response, exchange.fault
    if response is None or (fault is not None and response.status == 200):
        return fault.message if fault is not None else "no answer"
    if response.status == 401:
        return f"asks for credentials: give {credentials_key}, or correct what it gives"
    if response.status == 403:
        return f"answered 403{_words(exchange)}: give credentials that may do this in {credentials_key}"
    return f"answered {response.status}{redirected(exchange)}{_words(exchange)}"


def redirected(exchange: Exchange) -> str:
    """Where an answer sends the client, for a message; nothing where it does not."""
    places = () if exchange.response is None else exchange.response.all("Location")
    if exchange.response is None or exchange.response.status not in range(300, 400) or not places:
        return ""
    return f" to {visible(places[0], _SHOWN)} (no redirect is followed: give the URL that answers itself)"


def _words(exchange: Exchange) -> str:
    body = exchange.response.body.strip() if exchange.response is not None else b""
    return f" ({visible(body, _SHOWN)})" if body else ""


def shown_value(value: bytes | None) -> str:
    """A stored value in a message: its length and its beginning."""
    return "nothing" if value is None else f"{len(value)} bytes '{visible(value, 40)}'"
