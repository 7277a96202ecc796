"""The bytes that a fixture writes down."""

from __future__ import annotations

import base64
from typing import Any


def value_of(held: Any) -> bytes:
    """The bytes a fixture writes down: a text, or `{text|hex|base64 = ..., times = n, then = ...}`."""
    if isinstance(held, str):
        return held.encode("utf-8")
    if "hex" in held:
        value = bytes.fromhex(str(held["hex"]))
    elif "base64" in held:
        value = base64.b64decode(held["base64"], validate=True)
    else:
        value = str(held.get("text", "")).encode("utf-8")
    value *= int(held.get("times", 1))
    return value + value_of(held["then"]) if "then" in held else value
