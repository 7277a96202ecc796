"""HustDB: storage nodes, and the HA that compares two of them in `GET /get2`.

`get2` runs through steps that are methods of `Ha`: `key_as_sent` -> `choose_masters` -> `decode_key` -> `read_masters`
(`read_master`) -> `answer`: `same_value`, `same_version` -> `status_of`, `version_headers`, `offset_headers`,
`build_headers`, `build_body`; or `missing`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kvgate.reference.buckets import Range, Table, bucket_of, check_node_count, check_table, even_table
from kvgate.reference.http import Answer, Pair, Request, Response, Server, reason_of
from kvgate.reference.hustdb_listing import Record, answer_listing
from kvgate.reference.hustdb_tables import Tables, Written, answer_ha, answer_node, counted
from kvgate.reference.message import decode_percent
from kvgate.reference.reading import Asked, Readable, Reading, both

__all__ = ["Ha", "Node", "Written", "value_of"]


@dataclass(slots=True)
class _Record:
    value: bytes
    version: int
    expires: float | None


def value_of(request: Request) -> bytes:
    """The value of a put: the body of a POST, else `val=` as it stands in the URL."""
    return request.body if request.method == "POST" else (request.parameter("val") or "").encode("latin-1")


class Node(Server):
    """One storage node: /hustdb/put, /hustdb/get, /hustdb/del, the like for its tables, and the listing of its keys.

    A put counts the version up from 1. `ver=n` must be the current version (401, `VerError: true`), but `ver=n` with
    `is_dup=true` sets any higher version at once. An empty value, or no key, is 404. A `val=` in the query is stored
    as it stands; a POST stores its body.
    """

    realm = "libevhtp"
    files: ClassVar[int] = 2

    def __init__(self, *, credential: Pair | None = None) -> None:
        super().__init__(credential=credential)
        self._records: dict[bytes, _Record] = {}
        self.tables = Tables()

    # Storage

    def read(self, key: bytes) -> Reading | None:
        """The value and version held for a key, None when there is none or the node has been stopped."""
        record = None if self.stopped else self._current(key)
        return None if record is None else Reading(record.value, record.version)

    def put(
        self, key: bytes, value: bytes, *, version: int | None = None, duplicate: bool = False, ttl: int | None = None
    ) -> Written:
        """Store a value; `ttl` in seconds, `version` and `duplicate` as `ver=` and `is_dup=`."""
        if not key or not value:
            return Written(404, 0)
        record = self._current(key)
        written = counted(record.version if record else 0, version, duplicate=duplicate)
        if written.error is not True:
            self._records[key] = _Record(value, written.version, time.monotonic() + ttl if ttl else None)
        return written

    def remove(self, key: bytes) -> bool:
        """Forget a key; False when there was none."""
        there = self._current(key) is not None
        self._records.pop(key, None)
        return there

    def stored(self) -> tuple[bytes, ...]:
        """Every key held, in the order of first writing; then those of tables, as `table|key`."""
        return (*(key for key in tuple(self._records) if self._current(key) is not None), *self.tables.stored())

    def records(self) -> tuple[Record, ...]:
        """Every entry held, with value and version; those of tables too."""
        read = ((key, self.read(key)) for key in tuple(self._records))
        own = (Record(key, held.value, held.version) for key, held in read if held is not None)
        return (*own, *self.tables.records())

    def _current(self, key: bytes) -> _Record | None:
        record = self._records.get(key)
        if record is not None and record.expires is not None and record.expires <= time.monotonic():
            del self._records[key]
            return None
        return record

    # Interface

    def respond(self, request: Request) -> Answer:
        """Dispatch by path; the method matters to /hustdb/put only."""
        path = request.path
        if path == "/hustdb/get":
            return self.answer_get(request)
        if path == "/hustdb/put":
            return self.answer_put(request)
        if path == "/hustdb/del":
            return self.answer_del(request)
        listed = answer_listing(request, self.records, self.files, self.reply)
        return listed or answer_node(self.tables, request, self.reply) or self.plain(404)

    def key_of(self, request: Request) -> bytes:
        """The key of a request, percent-decoded; empty when there is none."""
        return decode_percent(request.parameter("key") or "")

    def answer_get(self, request: Request) -> Response:
        """/hustdb/get: 200 with Version and the value, or 404 with Version 0."""
        held = self.read(self.key_of(request))
        if held is None:
            return self.reply(404, (("Version", "0"),))
        return self.reply(200, (("Version", str(held.version)),), held.value)

    def answer_put(self, request: Request) -> Response:
        """/hustdb/put, by POST with a body or by GET with `val=`."""
        value = value_of(request)
        version, ttl = request.parameter("ver"), request.parameter("ttl")
        if not all(number is None or re.fullmatch(r"[0-9]{1,18}", number) for number in (version, ttl)):
            return self.reply(400)
        written = self.put(
            self.key_of(request),
            value,
            version=None if version is None else int(version),
            duplicate=request.parameter("is_dup") == "true",
            ttl=None if ttl is None else int(ttl),
        )
        headers: tuple[Pair, ...] = (("Version", str(written.version)),)
        if written.error is not None:
            headers += (("VerError", "true" if written.error else "false"),)
        return self.reply(written.status, headers)

    def answer_del(self, request: Request) -> Response:
        """/hustdb/del: 200, or 404 when there was no such key."""
        return self.reply(200 if self.remove(self.key_of(request)) else 404)

    def reply(self, status: int, headers: tuple[Pair, ...] = (), body: bytes = b"") -> Response:
        """An answer of the node."""
        common = (*self.common_headers(), ("Content-Type", "text/plain"))
        return Response(status, reason_of(status), common + headers, body)


class Ha(Server):
    """The HA in front of two or more nodes: /get2, /get_table, /put, and its siblings (hustdb_tables.py).

    `nodes` are asked in process, or over HTTP where they are `RemoteNode`. `addresses` are what /get_table calls
    them (host:port); nodes of this process go by where they listen when none are given.
    """

    realm = "Authentication"
    value_type: ClassVar[str] = "text/plain"

    def __init__(
        self,
        nodes: Sequence[Readable],
        *,
        table: Sequence[Range] | None = None,
        addresses: Sequence[str] = (),
        credential: Pair | None = None,
    ) -> None:
        super().__init__(credential=credential)
        check_node_count(len(nodes))
        self.nodes = tuple(nodes)
        self.table: Table = even_table(len(nodes)) if table is None else check_table(table, len(nodes))
        self.addresses = tuple(addresses)

    def respond(self, request: Request) -> Answer:
        """Dispatch by path; like the real HA, /get2 answers any method the same."""
        path = request.path
        if path == "/get2":
            return self.get2(request)
        if path == "/get_table":
            return self.get_table(request)
        if path == "/put":
            return self.put(request)
        return answer_ha(self, request) or self.plain(404)

    def tables_of(self, master: int) -> Tables | None:
        """The tables of one master; None where it is not in this process. A node that is down holds nothing."""
        node = self.nodes[master]
        return (Tables() if node.stopped else node.tables) if isinstance(node, Node) else None

    # GET /get2, step by step

    def get2(self, request: Request) -> Answer:
        """The whole of /get2."""
        sent = self.key_as_sent(request)
        if not sent:
            return self.missing(request)
        readings = self.read_masters(self.choose_masters(sent), self.decode_key(sent))
        if isinstance(readings, tuple):
            return self.answer(request, *readings)
        return self._answer_later(request, readings)

    async def _answer_later(
        self, request: Request, readings: Awaitable[tuple[Reading | None, Reading | None]]
    ) -> Response:
        return self.answer(request, *await readings)

    def key_as_sent(self, request: Request) -> str:
        """The key as it stands in the URL; empty when there is none."""
        return request.parameter("key") or ""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        """The indexes of master1 and master2: by the bucket of the key as it stands in the URL."""
        bucket = bucket_of(sent)
        item = next(item for item in self.table if item.start <= bucket < item.end)
        return item.master1, item.master2

    def decode_key(self, sent: str) -> bytes:
        """The key that %XX spells; a plus is a plus."""
        return decode_percent(sent)

    def read_masters(
        self, masters: tuple[int, int], key: bytes
    ) -> tuple[Reading | None, Reading | None] | Awaitable[tuple[Reading | None, Reading | None]]:
        """What master1 and master2 hold."""
        first, second = (self.read_master(master, key) for master in masters)
        if isinstance(first, Awaitable) or isinstance(second, Awaitable):
            return both(first, second)
        return first, second

    def read_master(self, master: int, key: bytes) -> Asked:
        """What one master holds."""
        return self.nodes[master].read(key)

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        """One of the four outcomes of the page, or a missing key."""
        if first is None or second is None:
            return self.missing(request)
        same_value = self.same_value(first.value, second.value)
        return Response(
            self.status_of(same_value=same_value),
            self.reason(same_value=same_value),
            self.build_headers(first, second, same_value=same_value),
            self.build_body(first, second, same_value=same_value),
        )

    def same_value(self, first: bytes, second: bytes) -> bool:
        """Whether the two values match: every byte of them (L21, L55)."""
        return first == second

    def same_version(self, first: int, second: int) -> bool:
        """Whether the two versions match (L27, L43)."""
        return first == second

    def status_of(self, *, same_value: bool) -> int:
        """200, or 409 when the values differ (L37, L73)."""
        return 200 if same_value else 409

    def reason(self, *, same_value: bool) -> str:
        """The reason phrase."""
        return "OK" if same_value else "Conflict"

    def build_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        """Every header but those of the framing."""
        return (
            *self.common_headers(),
            ("Content-Type", self.value_type),
            *self.version_headers(first.version, second.version),
            *self.offset_headers(first, second, same_value=same_value),
        )

    def version_headers(self, first: int, second: int) -> tuple[Pair, ...]:
        """Version, or Version1 and Version2 (L33, L50)."""
        if self.same_version(first, second):
            return (("Version", str(first)),)
        return ("Version1", str(first)), ("Version2", str(second))

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:  # noqa: ARG002
        """Val-Offset, where values differ: how many bytes of the body are master1's (L69)."""
        return () if same_value else (("Val-Offset", str(len(first.value))),)

    def build_body(self, first: Reading, second: Reading, *, same_value: bool) -> bytes:
        """The value, or master1's bytes and then master2's (L69)."""
        return first.value if same_value else first.value + second.value

    def missing(self, request: Request) -> Response:  # noqa: ARG002  (for subclasses)
        """The key is on one master or on none, or there is no key: 404, Version 0, nothing in the body."""
        headers = (*self.common_headers(), ("Content-Type", self.value_type), ("Version", "0"))
        return Response(404, "Not Found", headers)

    # The rest of the HA

    def table_addresses(self) -> tuple[str, ...]:
        """host:port of each node, in the order of `nodes`."""
        return self.addresses or tuple(node.address if isinstance(node, Server) else "" for node in self.nodes)

    def get_table(self, request: Request) -> Response:  # noqa: ARG002  (for subclasses)
        """/get_table: the ranges of buckets and the masters of each, as JSON under text/plain."""
        names = self.table_addresses()
        items = ",\n".join(
            f'        {{ "item": {{ "key": [{item.start}, {item.end}], '
            f'"val": ["{names[item.master1]}", "{names[item.master2]}"] }} }}'
            for item in self.table
        )
        text = f'{{\n    "table":\n    [\n{items}\n    ]\n}}\n'
        return self.plain(200, text)

    def put(self, request: Request) -> Response:
        """/put: write both masters of the key, and leave them with one version."""
        sent = self.key_as_sent(request)
        value = value_of(request)
        masters = [self.nodes[index] for index in self.choose_masters(sent)]
        first, second = masters
        if not isinstance(first, Node) or not isinstance(second, Node):
            return self.plain(501, "put reaches nodes of this process only\n")
        key = self.decode_key(sent)
        written = first.put(key, value)
        if written.status == 200 and second.put(key, value, version=written.version, duplicate=True).error:
            # master2 is ahead: bring both to the version after its own.
            written = second.put(key, value)
            first.put(key, value, version=written.version, duplicate=True)
        headers = (*self.common_headers(), ("Content-Type", self.value_type), ("Version", str(written.version)))
        return Response(written.status, reason_of(written.status), headers)
