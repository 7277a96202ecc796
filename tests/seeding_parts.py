"""Targets and cases for the tests of seeding, written out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripted import Script

from kvgate.case import Case, Holding
from kvgate.level import Level
from kvgate.seeding.clients import Clients
from kvgate.target.model import Part
from kvgate.wire.client import Credentials, Limits, Tls

MARK = "kvtest"
LIMITS = Limits(connect=2, read=2, total=4)


def case(
    *holdings: tuple[str, str, bytes] | tuple[str, str, bytes, int],
    name: str = "some-case",
    absent: Sequence[tuple[str, str]] = (),
    interface: str = "get2",
) -> Case:
    """A placed case that holds (place, key, value[, version])."""
    held = tuple(Holding(*row) for row in holdings)
    return Case(
        interface=interface,
        name=name,
        why="a test of seeding",
        level=Level.MUST,
        rulings=(),
        key=held[0].key if held else f"{MARK}own",
        holdings=held,
        absent=tuple(absent),
        asks=(),
        expect={},
        tags=frozenset(),
        only=(),
        source="tests:1",
    )


def masters(key: str, first: tuple[bytes, int] | None, second: tuple[bytes, int] | None) -> Case:
    """A get2 case with a value and version on each master; None: the key must not be there."""
    both = (("master1", first), ("master2", second))
    return case(
        *((place, key, held[0], held[1]) for place, held in both if held),
        absent=[(place, key) for place, held in both if not held],
    )


def get2_part(
    url: str,
    nodes: Sequence[str] = (),
    *,
    seeding: str = "nodes",
    credentials: Mapping[str, Credentials] | None = None,
    **settings: Any,
) -> Part:
    return Part("get2", url, "", "doc", seeding, {"nodes": list(nodes), **settings}, credentials or {})


def geode_part(origin: str, *, seeding: str = "rest", credentials: Credentials | None = None, **regions: str) -> Part:
    roles = {"data": "orders", "second": "items", "empty": "empty", "absent": "absent", **regions}
    secrets = {"interface": credentials} if credentials else {}
    return Part("geode", origin, "/geode/v1", "doc", seeding, {"regions": roles}, secrets)


def clients(*parts: Part, limits: Limits = LIMITS, concurrency: int = 8) -> Clients:
    return Clients(parts, tls=Tls(), limits=limits, concurrency=concurrency)


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def serves(answer: Callable[[Asked], bytes]) -> Script:
    """Script: answers every request of a connection by what `answer` returns; b"" closes without an answer."""

    def script(sock: Any, server: Any) -> None:
        while raw := server.read_request(sock):
            data = answer(read_asked(raw))
            if not data:
                return
            sock.sendall(data)

    return script


def read_asked(raw: bytes) -> Asked:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(": ") for line in lines)
    return Asked(method, target, {name.lower(): value for name, _, value in pairs}, body)
