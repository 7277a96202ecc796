"""HustDB's listing of what a node holds: `/hustdb/file_count` and `/hustdb/keys`, a file of the node at a time.

`offset` counts records as they stand in the file. `start` and `end` choose buckets, and a record outside of them is
passed over, so a page may hold fewer than were asked for though more follow.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kvgate.reference.buckets import bucket_of
from kvgate.reference.http import Request, Response

MOST_SIZE, MOST_OFFSET, BUCKETS = 1000, 1_000_000, 1024
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a node; `table` and `kind` ("H", "S", "Z") are empty for a key that is in no table."""

    key: bytes
    value: bytes
    version: int
    table: str = ""
    kind: str = ""


def answer_listing(
    request: Request, records: Callable[[], Sequence[Record]], files: int, reply: Callable[..., Response]
) -> Response | None:
    """The answer of a node of so many files that holds these records; None when the path lists nothing."""
    if request.path == "/hustdb/file_count":
        return reply(200, (), str(files).encode())
    if request.path != "/hustdb/keys":
        return None
    if any(request.parameter(name) is None for name in ("file", "offset", "size")):
        return reply(404)
    file, offset, size = (_number(request, name, -1) for name in ("file", "offset", "size"))
    start, end = _number(request, "start", 0), _number(request, "end", BUCKETS)
    if not (0 <= file < files and 0 <= offset <= MOST_OFFSET and 0 <= size <= MOST_SIZE):
        return reply(400)
    if not 0 <= start < end <= BUCKETS:
        return reply(400)
    if request.parameter("async") in ("true", "1"):
        # Only /hustdb/export makes the snapshot that this reads.
        return reply(500)
    in_file = [record for record in sorted(records(), key=_digest) if _digest(record)[0] % files == file]
    page = [record for record in in_file[offset : offset + size] if start <= _bucket(record) < end]
    with_values = (request.parameter("noval") or "true") not in ("true", "1")
    body = json.dumps([_item(record, with_values=with_values) for record in page], separators=(",", ":")).encode()
    return reply(200, (("Keys", str(len(page))), ("TotalCount", "0")), body)


def _item(record: Record, *, with_values: bool) -> dict[str, object]:
    item: dict[str, object] = {"key": _base64(record.key)}
    if with_values and record.value:
        item["val"] = _base64(record.value)
    item["ver"] = record.version
    if record.table:
        item |= {"tb": record.table, "ty": record.kind}
    return item


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _digest(record: Record) -> bytes:
    return hashlib.md5(record.table.encode() + b"|" + record.key, usedforsecurity=False).digest()


def _bucket(record: Record) -> int:
    return bucket_of(record.key.decode("latin-1"))


def _number(request: Request, name: str, default: int) -> int:
    text = request.parameter(name)
    if text is None:
        return default
    return int(text) if _NUMBER.fullmatch(text) else -1
