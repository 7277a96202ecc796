"""Keys as they are spelled in a URL, and the one spelling that every server has to read alike."""

from __future__ import annotations

from urllib.parse import quote_from_bytes, unquote_to_bytes


def decoded(key: str) -> bytes:
    """The bytes a key spells: %XX decoded, a plus stays a plus."""
    return unquote_to_bytes(key)


def parted(key: str) -> tuple[str, str]:
    """The table and the key itself of a key `table|key`; no table where there is none."""
    table, _, name = key.rpartition("|")
    return table, name


def canonical(key: str) -> str:
    """The key with every byte percent-encoded that is not unreserved (RFC 3986 section 2.3).

    What is written is never spelled as the case asks for it, so that a server which does not decode is found out.
    """
    return quote_from_bytes(decoded(key), safe="")
