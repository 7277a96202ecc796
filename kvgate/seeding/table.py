"""The HA's own word on which two nodes are master1 and master2 of a key: its table of 1024 buckets.

Source: requirements.md's account of a real cluster, measured on 400 keys. The bucket of a key is taken from its
spelling in the URL, so two spellings of one key may have their masters the other way round.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from typing import Any

from kvgate.schema import problems
from kvgate.wire.text import visible

BUCKETS = 1024
MOST_NODES = 64
MOST_BYTES = 2**20
SCHEMA = "kvgate/table.schema.json"
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):([0-9]{1,5})")
_SMALL = re.compile(r"-?[0-9]{1,9}")
_SHOWN = 20  # characters of a number
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class _OtherNumber:
    """A number that can be no bucket. A table may say more than who the masters are, so only the schema refuses it."""

    text: str


class UnusableTableError(ValueError):
    """What was read is no table of masters; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Range:
    """Buckets `start` to `end` (exclusive) and the addresses (host:port) of their masters."""

    start: int
    end: int
    master1: str
    master2: str


@dataclass(frozen=True, slots=True)
class Table:
    """The ranges in the order of their buckets; buckets that no range holds have no masters."""

    ranges: tuple[Range, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address the table names, in the order of first mention."""
        return tuple(dict.fromkeys(a for item in self.ranges for a in (item.master1, item.master2)))

    def masters(self, key: str) -> tuple[str, str] | None:
        """The addresses of master1 and master2 of a key as it stands in the URL; None where the table has a gap."""
        return self.masters_of_bucket(bucket_of(key))

    def masters_of_bucket(self, bucket: int) -> tuple[str, str] | None:
        """The addresses of master1 and master2 of a bucket; None where the table has a gap."""
        found = next((item for item in self.ranges if item.start <= bucket < item.end), None)
        return None if found is None else (found.master1, found.master2)


def bucket_of(key: str) -> int:
    """The bucket of a key as it stands in the URL, before percent-decoding."""
    return hash_of(key) % BUCKETS


def hash_of(key: str) -> int:
    """The hash of a key as it stands in the URL, 64 bits, unsigned."""
    hashed = 0
    for byte in key.encode("latin-1"):
        hashed = (hashed * 31 + byte) & 0xFFFF_FFFF_FFFF_FFFF
    return hashed


def read_table(body: bytes, received: int | None = None) -> Table:
    """Reads the body of an answer to /get_table, of which `received` bytes came. Raises UnusableTableError."""
    if (len(body) if received is None else received) > MOST_BYTES:
        raise UnusableTableError(f"more than {MOST_BYTES} bytes")
    try:
        data = json.loads(body.decode("utf-8"), object_pairs_hook=_members, parse_int=_number, parse_float=_number)
    except UnusableTableError:
        raise
    except (ValueError, RecursionError):
        raise UnusableTableError(f"not JSON: {visible(body, 60)}") from None
    wrong = problems(SCHEMA, data)
    if wrong:
        where = ".".join(map(str, wrong[0].path)) or "top level"
        found: Any = data
        for step in wrong[0].path:
            found = found[step]
        message = f"not a bucket: {found.text}" if isinstance(found, _OtherNumber) else wrong[0].message
        raise UnusableTableError(visible(f"{where}: {message}"))
    ranges = sorted((_range(item["item"]) for item in data["table"]), key=lambda item: item.start)
    for before, after in itertools.pairwise(ranges):
        if after.start < before.end:
            raise UnusableTableError(f"[{before.start}, {before.end}) and [{after.start}, {after.end}) overlap")
    table = Table(tuple(ranges))
    if len(table.addresses) > MOST_NODES:
        raise UnusableTableError(f"{len(table.addresses)} nodes, more than the {MOST_NODES} a cluster can have")
    return table


def normal_address(address: str) -> str:
    """host:port such that two ways of writing the same node compare equal (case, localhost and 127.0.0.1)."""
    host, _, port = address.lower().rpartition(":")
    return f"{'127.0.0.1' if host in _HERE else host}:{int(port)}"


def _range(item: dict[str, Any]) -> Range:
    (start, end), (master1, master2) = item["key"], item["val"]
    if start >= end:
        raise UnusableTableError(f"[{start}, {end}) holds no bucket")
    for address in (master1, master2):
        if not _ADDRESS.fullmatch(address):
            raise UnusableTableError(f"[{start}, {end}): '{visible(address, 60)}' is not host:port")
    if normal_address(master1) == normal_address(master2):
        raise UnusableTableError(f"[{start}, {end}): both masters are {master1}")
    return Range(start, end, master1, master2)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnusableTableError(f"member '{visible(twice, 40)}' twice in one object")
    return members


def _number(text: str) -> int | _OtherNumber:
    # Not int() of every text, which refuses thousands of digits.
    return int(text) if _SMALL.fullmatch(text) else _OtherNumber(text[:_SHOWN])
