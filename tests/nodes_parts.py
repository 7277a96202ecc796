"""What the tests of seeding on nodes share: servers with their nodes, and states that masters may hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from seeding_parts import MARK, clients, get2_part

from kvgate.reference.embedded import Embedded
from kvgate.seeding.nodes import NodesSeeder
from kvgate.target.model import Part
from kvgate.verdict.evidence import Held
from kvgate.wire.client import Limits

KEYS = [f"{MARK}{n * n * 7919}" for n in range(40)]  # in all quarters of the buckets


@contextmanager
def cluster(**arguments: Any) -> Iterator[tuple[Embedded, NodesSeeder]]:
    with Embedded.start(interfaces=["get2"], **arguments) as servers:
        yield servers, seeder_of(get2_part(servers.ha_url, servers.node_urls))


def seeder_of(part: Part, limits: Limits | None = None) -> NodesSeeder:
    seeder = NodesSeeder(part, clients(part, limits=limits) if limits else clients(part))
    seeder.prepare()
    return seeder


def situation(value_version: tuple[bytes, int] | None) -> Held:
    return Held(*value_version) if value_version else Held(None)


STATES: list[Any] = [
    pytest.param((b"A", 1), (b"A", 1), id="same-same"),
    pytest.param((b"A", 1), (b"A", 2), id="version-later-on-master2"),
    pytest.param((b"A", 12), (b"A", 3), id="version-later-on-master1"),
    pytest.param((b"A", 7), (b"B", 7), id="values-differ"),
    pytest.param((b"A", 63), (b"BB", 62), id="both-differ"),
    pytest.param((b"A", 9), (b"A", 10), id="nine-and-ten"),
    pytest.param((b"x", 3), (b"y", 3), id="fillers-as-values"),
    pytest.param((bytes(range(256)), 2), (b"\0", 1), id="bytes"),
    pytest.param((b" \r\nkey=a&val=b ", 1), (b"\xff\xfe", 1), id="odd-text"),
    pytest.param((b"A", 2), None, id="master1-only"),
    pytest.param(None, (b"A", 2), id="master2-only"),
    pytest.param(None, None, id="neither"),
]
