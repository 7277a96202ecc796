"""Seeding where keys stand in tables: requests, masters, versions, and what takes a key away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from seeding_parts import MARK, case, clients
from test_hustdb_clusters import TABLES

from kvgate.case import Case, Mark
from kvgate.interface import load_interface
from kvgate.reference.buckets import bucket_of
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import Answer, Response
from kvgate.reference.http import Request as ServerRequest
from kvgate.reference.hustdb import Node
from kvgate.seeding.journal import Journal, read_journals
from kvgate.seeding.model import NotInPlace
from kvgate.seeding.nodes import NodesSeeder
from kvgate.seeding.storage import StorageNode
from kvgate.seeding.sweep import sweep
from kvgate.target.model import Part
from kvgate.verdict import Held
from kvgate.wire.exchange import Request

VALUES = dict.fromkeys(("hget2", "zscore2"), ((b"7", 1), (b"7", 1))) | {"sismember2": ((b"", 1), (b"", 1))}
TABLE_OF = {"hget2": "kvgate_hash", "zscore2": "kvgate_zset", "sismember2": "kvgate_set"}


@contextmanager
def cluster(interface: str, **arguments: Any) -> Iterator[tuple[Embedded, NodesSeeder]]:
    with Embedded.start(interfaces=["get2"], **arguments) as embedded:
        part = Part(interface, embedded.ha_url, "", "doc", "nodes", {"nodes": list(embedded.node_urls)})
        seeder = NodesSeeder(part, clients(part))
        seeder.prepare()
        yield embedded, seeder


def state(interface: str, name: str, first: tuple[bytes, int] | None, second: tuple[bytes, int] | None) -> Case:
    key = f"{TABLE_OF[interface]}|{name}"
    both = (("master1", first), ("master2", second))
    return case(
        *((place, key, *held) for place, held in both if held),
        absent=[(place, key) for place, held in both if not held],
        interface=interface,
    )


class CountsOnly(Node):
    """Knows nothing of `ver=`, as old nodes do."""

    def respond(self, request: ServerRequest) -> Answer:
        parts = [part for part in request.query.split("&") if not part.startswith(("ver=", "is_dup="))]
        path = request.target.partition("?")[0]
        return super().respond(_with_target(request, f"{path}?{'&'.join(parts)}"))


def _with_target(request: ServerRequest, target: str) -> ServerRequest:
    return ServerRequest(request.method, target, request.version, request.headers, request.body)


STATES = [
    ("hget2", (b"value", 5), (b"value", 2)),
    ("hget2", (b"x", 3), (b"y", 3)),
    ("zscore2", (b"60", 1), (b"60", 2)),
    ("zscore2", (b"1", 4), (b"2", 3)),
    ("zscore2", (b"-9223372036854775808", 12), (b"0", 1)),
    ("sismember2", (b"", 12), (b"", 3)),
    ("sismember2", (b"", 2), None),
    ("zscore2", None, (b"7", 2)),
    ("hget2", None, None),
]


@pytest.mark.parametrize("make_node", [Node, CountsOnly])
@pytest.mark.parametrize(("interface", "first", "second"), STATES)
def test_a_state_is_there_at_its_versions(
    interface: str, first: tuple[bytes, int] | None, second: tuple[bytes, int] | None, make_node: type[Node]
) -> None:
    with cluster(interface, make_node=make_node) as (_, seeder):
        placed = state(interface, f"{MARK}a%20b", first, second)
        wanted = {
            (place, placed.keys[0][1]): Held(*held) if held else Held(None)
            for place, held in (("master1", first), ("master2", second))
        }
        for _ in range(2):  # the second time what is there already is in the way
            assert seeder.put(placed).held == wanted
        assert seeder.read(placed).held == wanted


@pytest.mark.parametrize("interface", TABLE_OF)
def test_keys_stand_on_the_masters_of_what_is_hashed(interface: str) -> None:
    names = [f"{MARK}n{number}%00tail%41" for number in range(12)]
    with cluster(interface, nodes=6, table=TABLES[6]) as (embedded, seeder):
        for name in names:
            seeder.put(state(interface, name, *VALUES[interface]))
        found: dict[bytes, set[int]] = {}
        for number, node in enumerate(embedded.nodes):
            for key in embedded.call(node.stored):
                found.setdefault(key, set()).add(number)
    for name in names:
        hashed = {"hget2": name, "zscore2": TABLE_OF["zscore2"], "sismember2": name.partition("%00")[0]}
        bucket = bucket_of(hashed[interface])
        item = next(item for item in TABLES[6] if item.start <= bucket < item.end)
        stored = f"{TABLE_OF[interface]}|{name}".replace("%00", "\0").replace("%41", "A").encode()
        assert found[stored] == {item.master1, item.master2}
    assert len(found) == len(names)


@pytest.mark.parametrize(
    ("interface", "read", "write", "remove"),
    [
        (
            "hget2",
            Request("GET", "/p/hustdb/hget?tb=kvgate_hash&key=a%20%25"),
            ("POST", "/p/hustdb/hset?tb=kvgate_hash&key=a%20%25&ver=3&is_dup=true", b"7"),
            ("GET", "/p/hustdb/hdel?tb=kvgate_hash&key=a%20%25", b""),
        ),
        (
            "zscore2",
            Request("GET", "/p/hustdb/zscore?tb=kvgate_zset&key=a%20%25"),
            ("POST", "/p/hustdb/zadd?tb=kvgate_zset&score=7&ver=3&is_dup=true", b"a %"),
            ("POST", "/p/hustdb/zrem?tb=kvgate_zset", b"a %"),
        ),
        (
            "sismember2",
            Request(
                "GET", "/p/hustdb/sismember?tb=kvgate_set", (("Content-Type", "application/octet-stream"),), b"a %"
            ),
            ("POST", "/p/hustdb/sadd?tb=kvgate_set&ver=3&is_dup=true", b"a %"),
            ("POST", "/p/hustdb/srem?tb=kvgate_set", b"a %"),
        ),
    ],
)
def test_the_requests_are_those_of_the_interface(
    interface: str, read: Request, write: tuple[str, str, bytes], remove: tuple[str, str, bytes]
) -> None:
    storage = load_interface(interface).storage
    assert storage is not None
    node = StorageNode.at("http://node:8085/p", "node", storage)
    key = f"{TABLE_OF[interface]}|a+%25".replace("+", "%20")
    assert node.get(key) == read
    written, removed = node.put(key, b"7", 3), node.delete(key)
    assert (written.method, written.target, written.body) == write
    assert (removed.method, removed.target, removed.body) == remove


@pytest.mark.parametrize("interface", TABLE_OF)
def test_a_journal_takes_everything_away_again(tmp_path: Path, interface: str) -> None:
    names = [f"{MARK}{odd}" for odd in ("plain", "%00%FF", "%0A%0D", "%22%20", "%E4%BD%A0")]
    with cluster(interface) as (embedded, seeder):
        journal = Journal(tmp_path, Mark(MARK))
        for name in names:
            placed = state(interface, name, *VALUES[interface])
            journal.note(seeder.plan(placed))
            seeder.put(placed)
        # Noted and never written: of a table that no node has.
        journal.note(seeder.plan(case(("master1", f"kvgate_never|{MARK}x", b"7"), interface=interface)))
        journal.close()
        strangers = ("set", "strangers", b"somebody-elses", b"")
        embedded.call(lambda: [node.tables.write(*strangers) for node in embedded.nodes])
        part = Part(interface, embedded.ha_url, "", "doc", "nodes", {"nodes": list(embedded.node_urls)})
        files = read_journals(tmp_path)
        assert [row.key for row in files[0].written] == [
            *(f"{TABLE_OF[interface]}|{name}" for name in names for _ in range(2)),
            f"kvgate_never|{MARK}x",
        ]
        result = sweep(files, clients(part))
        assert result.left == ()
        assert result.removed == 11
        assert [embedded.call(node.stored) for node in embedded.nodes] == [(b"strangers|somebody-elses",)] * 2


def test_interfaces_that_share_their_nodes_are_swept_together(tmp_path: Path) -> None:
    """Each interface has clients of its own: a connection of one cannot carry what another has written."""
    with Embedded.start(interfaces=["get2"]) as embedded:
        nodes = {"nodes": list(embedded.node_urls)}
        parts = [Part(interface, embedded.ha_url, "", "doc", "nodes", nodes) for interface in TABLE_OF]
        journal = Journal(tmp_path, Mark(MARK))
        for part in parts:
            seeder = NodesSeeder(part, clients(part))
            seeder.prepare()
            for number in range(3):
                placed = state(part.interface, f"{MARK}{number}", *VALUES[part.interface])
                journal.note(seeder.plan(placed))
                seeder.put(placed)
        journal.close()
        result = sweep(read_journals(tmp_path), clients(*parts), concurrency=2)
        assert (result.left, result.removed) == ((), 18)
        assert [embedded.call(node.stored) for node in embedded.nodes] == [(), ()]


def test_a_request_whose_body_does_not_carry_the_mark_is_not_sent(tmp_path: Path) -> None:
    with cluster("sismember2") as (embedded, seeder):
        journal = Journal(tmp_path, Mark(MARK))
        (written,) = seeder.plan(case(("master1", f"kvgate_set|{MARK}x", b""), interface="sismember2"))
        text = "somebody-elses"
        stolen = Request("POST", written.remove.target, written.remove.headers, text.encode())
        journal.note([type(written)(**{**_fields(written), "remove": stolen})])
        journal.close()
        embedded.call(lambda: [node.tables.write("set", "kvgate_set", text.encode(), b"") for node in embedded.nodes])
        part = Part("sismember2", embedded.ha_url, "", "doc", "nodes", {"nodes": list(embedded.node_urls)})
        result = sweep(read_journals(tmp_path), clients(part))
        assert "does not carry the run's mark" in result.left[0]
        assert all(embedded.call(node.stored) for node in embedded.nodes)


def _fields(written: Any) -> dict[str, Any]:
    return {name: getattr(written, name) for name in type(written).__slots__}


class Grudging(CountsOnly):
    """Never moves the version of a key that is there."""

    def respond(self, request: ServerRequest) -> Answer:
        if request.path == "/hustdb/zadd" and self.tables.read("zset", "kvgate_zset", request.body):
            return Response(200, "OK", (("Version", "1"),), b"")
        return super().respond(request)


def test_a_version_that_does_not_move_is_told_and_not_waited_for() -> None:
    with cluster("zscore2", make_node=Grudging) as (embedded, seeder):
        with pytest.raises(NotInPlace):
            seeder.put(state("zscore2", f"{MARK}stuck", (b"7", 1), (b"7", 2)))
        assert max(node.served for node in embedded.nodes) < 1000
