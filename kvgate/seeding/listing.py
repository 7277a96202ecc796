"""Lists the keys that are there: of a HustDB node (`/hustdb/keys`), of a region of Geode (`/{region}/keys`).

Every listing is bounded; `whole` tells whether it was read to its end. A listing that cannot be used is a
SurroundingsError, one line that says what was asked, what came, and what to do instead.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kvgate.errors import SurroundingsError
from kvgate.seeding.reason import failure
from kvgate.wire.exchange import Exchange, FaultKind, Request, Response
from kvgate.wire.text import visible

PAGE = 1000  # records; a node gives no more at once
MOST_PAGES = 32  # of one node
MOST_FILES = 1024
MOST_KEYS = 200_000  # of one region
LISTING = 2.0  # seconds for all listings before or after the questions: what they tell is worth no more of a run
KEYS_PATH, COUNT_PATH = "/hustdb/keys", "/hustdb/file_count"
_INSTEAD = "name keys with --kv-observe-key or --kv-observe=@FILE instead of a sample"
_COUNT = re.compile(rb"[0-9]{1,4}")

Ask = Callable[[Request], Exchange]


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The keys of a node that stand in no table, with their versions."""

    versions: dict[bytes, int]
    whole: bool


@dataclass(frozen=True, slots=True)
class RegionKeys:
    """The keys of a region. `others` is how many of its keys are not texts."""

    keys: tuple[str, ...]
    others: int
    whole: bool


def list_node(ask: Ask, where: str, prefix: str) -> NodeKeys:
    """The keys of the node at `where` (its URL, for messages), a page of each of its files in turn."""
    files = _files(ask(Request("GET", prefix + COUNT_PATH)), f"{where}{COUNT_PATH}")
    found: dict[bytes, int] = {}
    ended: set[int] = set()
    pages = ((file, page) for page in range(MOST_PAGES) for file in range(files))
    read = 0
    for file, page in pages:
        if file in ended:
            continue
        if read == MOST_PAGES:
            return NodeKeys(found, whole=False)
        read += 1
        query = f"?file={file}&offset={page * PAGE}&size={PAGE}"
        items = _page(ask(Request("GET", f"{prefix}{KEYS_PATH}{query}")), f"{where}{KEYS_PATH}{query}")
        if not items:
            ended.add(file)
        found.update(_plain(items, f"{where}{KEYS_PATH}{query}"))
    return NodeKeys(found, whole=len(ended) == files)


def list_region(ask: Ask, where: str, path: str) -> RegionKeys:
    """The keys of the region at `path`; `where` is its URL, for messages."""
    exchange = ask(Request("GET", f"{path}/keys", (("Accept", "*/*"),)))
    where = f"{where}/keys"
    response = _answered(exchange, where, "auth", cut=True)
    body, cut = response.body, response.body_length > len(response.body) or exchange.fault is not None
    if cut:
        # Only the beginning was kept: what is whole of it is a sample as good as any.
        body = body[: body.rfind(b'",') + 1] + b"]}"
    data = _json(body, where)
    listed = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise _useless(where, "no list under `keys`")
    texts = [key for key in listed[:MOST_KEYS] if isinstance(key, str)]
    others = len(listed[:MOST_KEYS]) - len(texts)
    return RegionKeys(tuple(texts), others, whole=not cut and len(listed) <= MOST_KEYS)


def _files(exchange: Exchange, where: str) -> int:
    body = _answered(exchange, where, "nodes_auth").body.strip()
    if not _COUNT.fullmatch(body) or not 0 < int(body) <= MOST_FILES:
        raise _useless(where, f"expected a number of files, got '{visible(body, 60)}'")
    return int(body)


def _page(exchange: Exchange, where: str) -> list[Any]:
    data = _json(_answered(exchange, where, "nodes_auth").body, where)
    if not isinstance(data, list):
        raise _useless(where, "no list of keys")
    return data


def _plain(items: list[Any], where: str) -> Iterator[tuple[bytes, int]]:
    """Key and version of each item that is in no table and not deleted."""
    for item in items:
        key, version = (item.get("key"), item.get("ver", 0)) if isinstance(item, dict) else (None, 0)
        if not isinstance(key, str) or type(version) is not int:
            raise _useless(
                where, f"an item that is no key with its version: '{visible(json.dumps(item).encode(), 60)}'"
            )
        if "tb" in item or version <= 0:
            continue
        try:
            yield base64.b64decode(key, validate=True), version
        except (binascii.Error, ValueError):
            raise _useless(where, f"a key that is not base64: '{visible(key.encode(), 60)}'") from None


def _answered(exchange: Exchange, where: str, credentials_key: str, *, cut: bool = False) -> Response:
    """The 200 that is wanted. With `cut` it may be too large to be kept whole."""
    response, fault = exchange.response, exchange.fault
    large = cut and fault is not None and fault.kind is FaultKind.TOO_LARGE
    if response is None or response.status != 200 or (fault is not None and not large):
        raise _useless(where, failure(exchange, credentials_key))
    if response.body_length > len(response.body) and not cut:
        raise _useless(where, f"{response.body_length} bytes, too large")
    return response


def _json(body: bytes, where: str) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _useless(where, f"not JSON: '{visible(body, 60)}'") from None


def _useless(where: str, why: str) -> SurroundingsError:
    return SurroundingsError(f"{where}: no listing of keys: {why}: {_INSTEAD}")
