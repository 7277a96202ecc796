"""HustDB's tables: what a node keeps in them, and the HA's questions about them beside /get2.

A table is a hash, a sorted set or a set, made by its first write (docs/siblings.md). The HA's /hget2, /zscore2 and
/sismember2 go through the steps of /get2: `choose_masters`, `decode_key`, `answer` (`same_value`, ...), `missing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kvgate.reference.http import Pair, Request, Response
from kvgate.reference.hustdb_listing import Record
from kvgate.reference.message import decode_percent
from kvgate.reference.reading import Reading

if TYPE_CHECKING:
    from kvgate.reference.hustdb import Ha

_NAME = re.compile(r"[A-Za-z0-9_]+")
_SCORE = re.compile(r"(-?[0-9]{1,19})(?:\.[0-9]*)?")
_LEAST, _MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Written:
    """What a put came to. `error` is the value of `VerError`, or None when the header is not sent."""

    status: int
    version: int
    error: bool | None = None


def counted(held: int, version: int | None, *, duplicate: bool) -> Written:
    """What a put on a key at version `held` (0: none) comes to; `version` and `duplicate` are `ver=` and `is_dup=`."""
    if version is None:
        return Written(200, held + 1)
    if duplicate:
        return Written(200, held, error=True) if version <= held else Written(200, version, error=False)
    return Written(200, held + 1) if version == held else Written(401, held, error=True)


@dataclass(slots=True)
class _Table:
    kind: str
    members: dict[bytes, Reading] = field(default_factory=dict)


class Tables:
    """The tables of one node. A kind is "hash", "zset" or "set"; a table of another kind is as good as none."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}

    def has(self, kind: str, table: str) -> bool:
        """Whether there is such a table."""
        return table in self._tables and self._tables[table].kind == kind

    def read(self, kind: str, table: str, key: bytes) -> Reading | None:
        """What is held for a key of a table, None when there is none."""
        return self._tables[table].members.get(key) if self.has(kind, table) else None

    def write(
        self, kind: str, table: str, key: bytes, value: bytes, version: int | None = None, *, duplicate: bool = False
    ) -> Written:
        """Stores a value, making the table where there is none. A score that stays the same keeps its version."""
        if table in self._tables and not self.has(kind, table):
            return Written(412, 0)
        held = self.read(kind, table, key)
        if kind == "zset" and held is not None and held.value == value and version is None:
            return Written(200, held.version)
        written = counted(held.version if held else 0, version, duplicate=duplicate)
        if written.status == 200 and written.error is not True:
            self._tables.setdefault(table, _Table(kind)).members[key] = Reading(value, written.version)
        return written

    def remove(self, kind: str, table: str, key: bytes) -> bool:
        """Forgets a key; False when there was none. The table stays."""
        return self.has(kind, table) and self._tables[table].members.pop(key, None) is not None

    def stored(self) -> tuple[bytes, ...]:
        """Every key of every table, as `table|key`."""
        return tuple(f"{name}|".encode() + key for name, table in self._tables.items() for key in table.members)

    def records(self) -> tuple[Record, ...]:
        """Every entry of every table."""
        return tuple(
            Record(key, held.value, held.version, name, table.kind[0].upper())
            for name, table in self._tables.items()
            for key, held in table.members.items()
        )


# A node's own interface


def answer_node(tables: Tables, request: Request, reply: Callable[..., Response]) -> Response | None:
    """The answer to a request about a table; None when the path is about none."""
    if request.path not in _ACTS:
        return None
    kind, act = _ACTS[request.path]
    table, key = request.parameter("tb") or "", _key_of(request, kind, act)
    if not _NAME.fullmatch(table) or not key:
        return reply(404, (("Version", "0"),))
    if act == "write":
        return _write(tables, request, (kind, table, key), reply)
    if not tables.has(kind, table):
        return reply(412)
    if act == "remove":
        return reply(200 if tables.remove(kind, table, key) else 404)
    held = tables.read(kind, table, key)
    return reply(404, (("Version", "0"),)) if held is None else reply(200, _version(held.version), held.value)


_ACTS: Mapping[str, tuple[str, str]] = {
    "/hustdb/hset": ("hash", "write"),
    "/hustdb/hget": ("hash", "read"),
    "/hustdb/hdel": ("hash", "remove"),
    "/hustdb/zadd": ("zset", "write"),
    "/hustdb/zscore": ("zset", "read"),
    "/hustdb/zrem": ("zset", "remove"),
    "/hustdb/sadd": ("set", "write"),
    "/hustdb/sismember": ("set", "read"),
    "/hustdb/srem": ("set", "remove"),
}


def _key_of(request: Request, kind: str, act: str) -> bytes:
    in_query = kind == "hash" or (kind, act) == ("zset", "read")
    return decode_percent(request.parameter("key") or "") if in_query else request.body


def _write(tables: Tables, request: Request, where: tuple[str, str, bytes], reply: Callable[..., Response]) -> Response:
    value = {"hash": request.body, "zset": _score(request), "set": b""}[where[0]]
    version = request.parameter("ver")
    if value is None or (where[0] == "hash" and not value):
        return reply(404, (("Version", "0"),))
    if version is not None and not re.fullmatch(r"[0-9]{1,18}", version):
        return reply(400)
    wanted = None if version is None else int(version)
    written = tables.write(*where, value, wanted, duplicate=request.parameter("is_dup") == "true")
    error = () if written.error is None else (("VerError", "true" if written.error else "false"),)
    return reply(written.status, (*_version(written.version), *error))


def _version(version: int) -> tuple[Pair, ...]:
    return (("Version", str(version)),)


def _score(request: Request) -> bytes | None:
    """A score as it is kept: a 64-bit integer, a fraction cut off."""
    match = _SCORE.fullmatch(request.parameter("score") or "")
    return str(int(match[1])).encode() if match and _LEAST <= int(match[1]) <= _MOST else None


# The HA


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: str
    table: str
    key: bytes
    hashed: str


def _hget2(ha: Ha, request: Request, table: str) -> _Asked:
    sent = ha.key_as_sent(request)
    return _Asked("hash", table, ha.decode_key(sent), sent)


def _zscore2(ha: Ha, request: Request, table: str) -> _Asked:
    # The HA hands the body on to the nodes in a URL, and they decode it there.
    sent = request.body.decode("latin-1") or ha.key_as_sent(request)
    return _Asked("zset", table, ha.decode_key(sent), table)


def _sismember2(ha: Ha, request: Request, table: str) -> _Asked:  # noqa: ARG001  (one of three that are called alike)
    return _Asked("set", table, request.body, request.body.partition(b"\0")[0].decode("latin-1"))


_QUESTIONS: Mapping[str, Callable[[Ha, Request, str], _Asked]] = {
    "/hget2": _hget2,
    "/zscore2": _zscore2,
    "/sismember2": _sismember2,
}


def answer_ha(ha: Ha, request: Request) -> Response | None:
    """The answer to a question about a table, whatever its method; None when the path asks none."""
    if request.path not in _QUESTIONS:
        return None
    asked = _QUESTIONS[request.path](ha, request, request.parameter("tb") or "")
    if not asked.table or not asked.key:
        return ha.missing(request)
    stores = [ha.tables_of(master) for master in ha.choose_masters(asked.hashed)]
    if None in stores:
        return ha.plain(501, "tables are read from nodes of this process only\n")
    first, second = (store.read(asked.kind, asked.table, asked.key) if store else None for store in stores)
    if asked.kind != "set" or first is None or second is None:
        return ha.answer(request, first, second)
    same = ha.same_version(first.version, second.version)
    headers = (
        *ha.common_headers(),
        ("Content-Type", ha.value_type),
        *ha.version_headers(first.version, second.version),
    )
    return Response(ha.status_of(same_value=same), ha.reason(same_value=same), headers)
