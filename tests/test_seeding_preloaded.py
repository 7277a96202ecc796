"""State that somebody else has put in place: it is read and never written."""

from __future__ import annotations

import pytest
from nodes_parts import KEYS, cluster
from seeding_parts import get2_part, masters

from kvgate.reference.buckets import Range
from kvgate.reference.embedded import Embedded
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.wire.client import Limits, Tls

# No seeding


def preloaded(servers: Embedded, *, nodes: bool = True) -> Seeder:
    part = get2_part(servers.ha_url, servers.node_urls if nodes else (), seeding="preloaded")
    seeder = make_seeder(part, tls=Tls(), limits=Limits(total=4), concurrency=2)
    seeder.prepare()
    return seeder


def test_preloaded_state_is_read_and_nothing_is_written() -> None:
    with cluster() as (servers, writer):
        state, other = masters(KEYS[0], (b"a", 2), (b"b", 3)), masters(KEYS[1], (b"a", 1), (b"a", 1))
        situation = writer.put(state)
        seeder = preloaded(servers)
        held_before = [node.stored() for node in servers.nodes]
        assert (seeder.writes, seeder.plan(state)) == (False, ())
        assert seeder.put(state) == seeder.read(state) == situation
        with pytest.raises(NotInPlace, match=f"holds nothing under key {KEYS[1]}"):
            seeder.put(other)
        assert [node.stored() for node in servers.nodes] == held_before


def test_preloaded_versions_have_to_be_in_the_cases_relation() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)]) as (servers, _):
        servers.nodes[0].put(KEYS[0].encode(), b"v", version=1000, duplicate=True)
        servers.nodes[1].put(KEYS[0].encode(), b"v", version=1007, duplicate=True)
        seeder = preloaded(servers)
        assert seeder.put(masters(KEYS[0], (b"v", 1), (b"v", 2))) is not None
        with pytest.raises(NotInPlace, match="version 1000 on master1 and 1007 on master2"):
            seeder.put(masters(KEYS[0], (b"v", 2), (b"v", 2)))


def test_preloaded_without_nodes_knows_nothing() -> None:
    with cluster() as (servers, _):
        seeder = preloaded(servers, nodes=False)
        state = masters(KEYS[0], (b"v", 1), (b"v", 1))
        assert (seeder.put(state), seeder.read(state)) == (None, None)
        # For an export the addresses of the table will do.
        assert {origin for origin, _ in seeder.recipe(state)} == set(servers.node_urls)
