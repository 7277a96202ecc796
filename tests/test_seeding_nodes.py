"""Seeding get2: what stands on which node afterwards, on nodes that count as real ones do and on others."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from nodes_parts import KEYS, STATES, cluster, seeder_of, situation
from scripted import ScriptedServer
from seeding_parts import MARK, case, get2_part, masters, reply, serves

from kvgate.case import Case
from kvgate.errors import InputError
from kvgate.reference.buckets import Range, bucket_of
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node
from kvgate.reference.reading import Reading
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import NotInPlace
from kvgate.seeding.nodes import NodesSeeder
from kvgate.verdict.evidence import Held
from kvgate.wire.client import Client, Limits, Tls
from kvgate.wire.exchange import Request

REVERSED = (Range(0, 512, 0, 1), Range(512, 1024, 1, 0))
FOUR = (Range(0, 256, 0, 1), Range(256, 512, 2, 3), Range(512, 768, 1, 0), Range(768, 1024, 3, 2))


def on(servers: Embedded, table: Sequence[Range], key: str) -> tuple[Node, Node]:
    bucket = bucket_of(key)
    item = next(item for item in table if item.start <= bucket < item.end)
    return servers.nodes[item.master1], servers.nodes[item.master2]


@pytest.fixture(scope="module")
def reversed_pair() -> Iterator[tuple[Embedded, NodesSeeder]]:
    with cluster(table=REVERSED) as both:
        yield both


@pytest.mark.parametrize(("first", "second"), STATES)
@pytest.mark.parametrize("half", [0, 1])
def test_state_stands_on_the_masters_of_the_key(
    reversed_pair: tuple[Embedded, NodesSeeder],
    request: pytest.FixtureRequest,
    first: tuple[bytes, int] | None,
    second: tuple[bytes, int] | None,
    half: int,
) -> None:
    servers, seeder = reversed_pair
    stem = f"{MARK}{request.node.callspec.id.replace('-', '')}"
    key = next(f"{stem}{n}" for n in range(9999) if bucket_of(f"{stem}{n}") // 512 == half)
    found = seeder.put(masters(key, first, second))
    assert found.held == {("master1", key): situation(first), ("master2", key): situation(second)}
    nodes = on(servers, REVERSED, key)
    assert nodes[0] is servers.nodes[half]
    wanted = [Reading(*state) if state else None for state in (first, second)]
    assert servers.call(lambda: [node.read(key.encode()) for node in nodes]) == wanted


def test_the_ha_sees_what_was_seeded() -> None:
    with cluster(nodes=4, table=FOUR) as (servers, seeder):
        ha = Client(servers.ha_url)
        for key in KEYS:
            seeder.put(masters(key, (b"one", 1), (b"other", 2)))
            answer = ha.ask(Request("GET", f"/get2?key={key}")).response
            assert answer is not None
            assert (answer.status, answer.body, answer.all("Version1"), answer.all("Version2")) == (
                409,
                b"oneother",
                (b"1",),
                (b"2",),
            )


def test_four_nodes_and_only_the_masters_are_written() -> None:
    with cluster(nodes=4, table=FOUR) as (servers, seeder):
        for key in KEYS:
            seeder.put(masters(key, (b"one", 1), (b"two", 1)))
        expected: dict[Node, set[bytes]] = {node: set() for node in servers.nodes}
        for key in KEYS:
            for node in on(servers, FOUR, key):
                expected[node].add(key.encode())
        assert {node: set(node.stored()) for node in servers.nodes} == expected
        assert all(expected.values())


@pytest.mark.parametrize(
    ("spelled", "stored"),
    [
        ("a+b", b"a+b"),
        ("a%2Bb", b"a+b"),
        ("a%20b", b"a b"),
        ("a%26key%3Db", b"a&key=b"),
        ("a%2fb", b"a/b"),
        ("a%00b", b"a\0b"),
        ("a%25b", b"a%b"),
        ("%e6%97%a5", "日".encode()),
        ("a;b?c", b"a;b?c"),
        ("%41%2e%7E", b"A.~"),
    ],
)
def test_key_is_stored_under_what_its_spelling_stands_for(
    reversed_pair: tuple[Embedded, NodesSeeder], spelled: str, stored: bytes
) -> None:
    servers, seeder = reversed_pair
    key = f"{MARK}{spelled}"
    seeder.put(masters(key, (b"1", 1), (b"2", 1)))
    first, second = on(servers, REVERSED, key)
    name = MARK.encode() + stored
    assert servers.call(lambda: (first.read(name), second.read(name))) == (Reading(b"1", 1), Reading(b"2", 1))
    # Other cases of this test store the same key under another spelling.
    for node in (first, second):
        servers.call(lambda node=node: node.remove(name))  # type: ignore[misc]  # bound now, not later


def test_decoys_stand_on_the_masters_of_their_own_spelling() -> None:
    with cluster(nodes=4, table=FOUR) as (servers, seeder):
        own, decoy = KEYS[0], next(key for key in KEYS if bucket_of(key) // 256 != bucket_of(KEYS[0]) // 256)
        both = case(
            ("master1", own, b"1", 1),
            ("master2", own, b"2", 1),
            ("master1", decoy, b"3", 5),
            ("master2", decoy, b"4", 4),
        )
        seeder.put(both)
        first, second = on(servers, FOUR, decoy)
        assert first.read(decoy.encode()) == Reading(b"3", 5)
        assert second.read(decoy.encode()) == Reading(b"4", 4)


def test_two_spellings_of_one_key_with_one_state_are_written_once() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)]) as (servers, seeder):
        rows = [(place, key, b"v", 2) for key in ("kvtestA", "kvtest%41") for place in ("master1", "master2")]
        found = seeder.put(case(*rows))
        assert set(found.held.values()) == {Held(b"v", 2)}
        assert servers.nodes[0].read(b"kvtestA") == Reading(b"v", 2)


def test_two_spellings_of_one_key_with_two_states_are_refused_before_anything_is_written() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)]) as (servers, seeder):
        both = case(("master1", "kvtestA", b"1", 1), ("master1", "kvtest%41", b"2", 1))
        with pytest.raises(NotInPlace, match="kvtestA and kvtest%41 spell one key"):
            seeder.put(both)
        assert servers.nodes[0].stored() == ()


def test_a_mebibyte_arrives_whole() -> None:
    with cluster() as (_, seeder):
        value = bytes(range(256)) * 4096
        found = seeder.put(masters(KEYS[0], (value, 3), (value[:-1] + b"!", 3)))
        assert found.held["master2", KEYS[0]] == Held(value[:-1] + b"!", 3)


@pytest.mark.parametrize("before", [1, 2, 5, 40])
def test_what_stood_there_under_the_same_mark_gives_way(before: int) -> None:
    with cluster() as (servers, seeder):
        for node in servers.nodes:
            node.put(KEYS[0].encode(), b"old", version=before, duplicate=True)
        found = seeder.put(masters(KEYS[0], (b"new", 2), (b"new", 3)))
        assert found.held == {("master1", KEYS[0]): Held(b"new", 2), ("master2", KEYS[0]): Held(b"new", 3)}


def test_a_key_that_must_be_absent_is_cleared() -> None:
    with cluster() as (servers, seeder):
        for node in servers.nodes:
            node.put(KEYS[0].encode(), b"old")
        found = seeder.put(masters(KEYS[0], None, (b"new", 1)))
        assert found.held["master1", KEYS[0]] == Held(None)


# Plan, reading again, removing


def test_plan_names_every_write_and_how_to_undo_it() -> None:
    with cluster() as (servers, seeder):
        state = masters("kvtest%2Fa", (b"v", 1), (b"v", 2))
        plan = seeder.plan(state)
        assert [(item.interface, item.place, item.key, item.credentials) for item in plan] == [
            ("get2", "master1", "kvtest%2Fa", "nodes"),
            ("get2", "master2", "kvtest%2Fa", "nodes"),
        ]
        assert {item.origin for item in plan} == set(servers.node_urls)
        seeder.put(state)
        answers = [seeder.remove(item) for item in plan]
        assert all(map(seeder.taken, answers))
        assert [node.stored() for node in servers.nodes] == [(), ()]
        # Once more: what is not there is gone too.
        assert seeder.taken(seeder.remove(plan[0]))


def test_plan_of_a_case_without_masters_is_empty() -> None:
    with ScriptedServer(serves(lambda _: reply(200, b'{"table":[{"item":{"key":[0,1],"val":["a:1","b:1"]}}]}'))) as ha:
        seeder = seeder_of(get2_part(ha.origin, ["http://a:1", "http://b:1"]))
    assert bucket_of(KEYS[0]) > 0
    assert seeder.plan(masters(KEYS[0], (b"v", 1), (b"v", 1))) == ()


def test_reading_again_tells_what_is_there_now() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)]) as (servers, seeder):
        state = masters(KEYS[0], (b"v", 1), (b"v", 1))
        before = seeder.put(state)
        assert seeder.read(state) == before
        servers.call(lambda: servers.nodes[1].put(KEYS[0].encode(), b"changed"))
        assert seeder.read(state).held == {
            ("master1", KEYS[0]): Held(b"v", 1),
            ("master2", KEYS[0]): Held(b"changed", 2),
        }


def test_cases_are_seeded_at_the_same_time() -> None:
    with cluster(nodes=4, table=FOUR) as (servers, seeder):
        states = [masters(key, (key.encode(), 1 + n % 5), (b"other", 3)) for n, key in enumerate(KEYS)]
        trouble: list[BaseException] = []

        def put(share: list[Case]) -> None:
            try:
                for state in share:
                    seeder.put(state)
            except BaseException as error:  # handed to the test's own thread
                trouble.append(error)

        threads = [threading.Thread(target=put, args=(states[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert trouble == []
        for n, key in enumerate(KEYS):
            first, _ = on(servers, FOUR, key)
            assert first.read(key.encode()) == Reading(key.encode(), 1 + n % 5)


def test_unknown_way_of_seeding_is_told() -> None:
    with pytest.raises(InputError, match="did you mean 'nodes'"):
        make_seeder(get2_part("http://h:1", seeding="node"), tls=Tls(), limits=Limits())
