"""Faults beyond a size: of a list of keys, of a document's objects, arrays and texts, of a number."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()

_KEYS, _MEMBERS, _ELEMENTS, _CHARACTERS, _DIGITS = 200, 1000, 10_000, 2**19, 38


@FAULTS.fault("keys-beyond-200-lost", "geode.body.one-per-key", "a list of more than two hundred keys")
class _Keys(Geode):
    """Looks up as many keys as one query takes, and forgets to ask for the others."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return super().keys_asked(sent)[:_KEYS]


@FAULTS.fault("values-beyond-200-null", "geode.body.value-intact", "more than two hundred keys that are there")
class _FirstPage(Geode):
    """Reads the values of a list by a query whose pages have 200 rows, and takes the first: the others are null."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        values, found = [], 0
        for value in super().values_of(region, keys):
            found += value is not None
            values.append(value if found <= _KEYS else None)
        return values


class _NotFlushed(Geode):
    """Does not flush its buffer where an answer just fills it: the last byte is lost."""

    buffer = 0

    def render_values(self, name: str, values: Sequence[str | None]) -> bytes:
        body = super().render_values(name, values)
        return body[:-1] if len(body) == self.buffer else body


@FAULTS.fault("body-of-512-not-flushed", "geode.body.strict-json", "a body of exactly 512 bytes")
class _Of512(_NotFlushed):
    """Loses the last byte of a body of 512 bytes, which just fills its buffer."""

    buffer = 512


@FAULTS.fault("body-of-32768-not-flushed", "geode.body.strict-json", "a body of exactly 32,768 bytes")
class _Of32768(_NotFlushed):
    """Loses the last byte of a body of 32,768 bytes, which just fills its buffer."""

    buffer = 32768


@FAULTS.fault("missing-counted-in-a-byte", "geode.status.missing", "256 missing keys")
class _CountOfAByte(Geode):
    """Counts the missing keys in a byte: 256 of them are none."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        missing = super().missing_keys(region, keys)
        return missing if len(missing) % 256 else ()


@FAULTS.fault("missing-with-a-quote-found", "geode.status.missing", "a missing key with a quotation mark")
class _Quoted(Geode):
    """Takes a missing key with a quotation mark for one that is there and has no value."""

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(key for key in super().missing_keys(region, keys) if '"' not in key)


@FAULTS.value_fault("members-beyond-1000-lost", "an object of more than a thousand members")
def members_lost(node: Json) -> Json:
    """Keeps a thousand members of an object."""
    return dict(list(node.items())[:_MEMBERS]) if isinstance(node, dict) else node


@FAULTS.value_fault("elements-beyond-10000-lost", "an array of more than ten thousand elements")
def elements_lost(node: Json) -> Json:
    """Keeps ten thousand elements of an array."""
    return node[:_ELEMENTS] if isinstance(node, list) else node


@FAULTS.text_fault("text-beyond-half-a-million-cut", "a text of more than 524,288 characters")
def text_cut(text: str) -> str:
    """Keeps 524,288 characters of a text."""
    return text[:_CHARACTERS]


@FAULTS.value_fault("integers-beyond-38-digits-rounded", "an integer of forty digits")
def integers_rounded(node: Json) -> Json:
    """Keeps integers in a column of 38 digits."""
    if not isinstance(node, Number) or not re.fullmatch(rf"-?[0-9]{{{_DIGITS + 1},{2 * _DIGITS}}}", node):
        return node
    return Number(f"{int(node):.{_DIGITS - 1}e}")


@FAULTS.value_fault("fractions-below-normal-zero", "a fraction below 2.2e-308")
def fractions_flushed(node: Json) -> Json:
    """Takes a fraction for zero that a double does not hold in full."""
    if not isinstance(node, Number) or not re.fullmatch(r"-?[0-9]\.[0-9]{1,20}[eE]-3[0-9]{2}", node):
        return node
    return Number("0.0") if abs(float(node)) < sys.float_info.min else node


@FAULTS.key_fault("key-mail-host-small", "geode.key.whole", "a key with an at sign and a capital behind it")
def mail_host_small(key: str) -> str:
    """Writes what follows the last at sign in small letters, as in the address of a mail."""
    name, at, host = key.rpartition("@")
    return name + at + (host.lower() if at else host)
