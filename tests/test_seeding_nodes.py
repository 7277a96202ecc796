"""Seeding get2: what stands on which node afterwards, on nodes that count as real ones do and on others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from scripted import ScriptedServer, answers
from seeding_parts import MARK, Asked, case, clients, get2_part, masters, reply, serves

from kvgate.case import Case
from kvgate.errors import InputError
from kvgate.reference.buckets import Range, bucket_of
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import Answer, basic_credential
from kvgate.reference.hustdb import Node, Written
from kvgate.reference.message import Request as ServerRequest
from kvgate.reference.reading import Reading
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.seeding.nodes import NodesSeeder
from kvgate.target.model import Part
from kvgate.verdict.evidence import Held
from kvgate.wire.client import Client, Credentials, Limits, Tls
from kvgate.wire.exchange import Request

REVERSED = (Range(0, 512, 0, 1), Range(512, 1024, 1, 0))
FOUR = (Range(0, 256, 0, 1), Range(256, 512, 2, 3), Range(512, 768, 1, 0), Range(768, 1024, 3, 2))
KEYS = [f"{MARK}{n * n * 7919}" for n in range(40)]  # in all quarters of the buckets


@contextmanager
def cluster(**arguments: Any) -> Iterator[tuple[Embedded, NodesSeeder]]:
    with Embedded.start(interfaces=["get2"], **arguments) as servers:
        yield servers, seeder_of(get2_part(servers.ha_url, servers.node_urls))


def seeder_of(part: Part, limits: Limits | None = None) -> NodesSeeder:
    seeder = NodesSeeder(part, clients(part, limits=limits) if limits else clients(part))
    seeder.prepare()
    return seeder


def on(servers: Embedded, table: Sequence[Range], key: str) -> tuple[Node, Node]:
    bucket = bucket_of(key)
    item = next(item for item in table if item.start <= bucket < item.end)
    return servers.nodes[item.master1], servers.nodes[item.master2]


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


def test_two_spellings_of_one_key_are_held_alike_where_every_put_counts() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)], make_node=From1000) as (_, seeder):
        rows = [(place, key, b"v", 2) for key in ("kvtestA", "kvtest%41") for place in ("master1", "master2")]
        assert seeder.put(case(*rows)) == seeder.read(case(*rows))


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


# Nodes that count in their own way


class IgnoresVersion(Node):
    """Takes `ver=` for a parameter it does not know."""

    def put(self, key: bytes, value: bytes, **_: Any) -> Written:
        return super().put(key, value)


class RefusesVersion(Node):
    """Knows `ver=` as the current version only."""

    def put(self, key: bytes, value: bytes, *, version: int | None = None, **_: Any) -> Written:
        return super().put(key, value, version=version)


class From1000(Node):
    """Starts at 1000 and knows no `ver=`."""

    def put(self, key: bytes, value: bytes, **_: Any) -> Written:
        held = self.read(key)
        return super().put(key, value, version=held.version + 1 if held else 1000, duplicate=True)


class GoesOnAfterDeletion(Node):
    """Remembers where a removed key was, as if deleting were another version."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._last: dict[bytes, int] = {}

    def put(self, key: bytes, value: bytes, **_: Any) -> Written:
        self._last[key] = self._last.get(key, 4) + 1
        return super().put(key, value, version=self._last[key], duplicate=True)


class Clock(Node):
    """Gives every put of the node the next number: two nodes agree only if `ver=` is heeded."""

    count = 100

    def put(self, key: bytes, value: bytes, **arguments: Any) -> Written:
        if arguments.get("duplicate"):
            return super().put(key, value, **arguments)
        self.count += 1
        return super().put(key, value, version=self.count, duplicate=True)


class SilentAboutVersions(Node):
    """Says no version in the answer to a put."""

    def answer_put(self, request: Any) -> Any:
        answer = super().answer_put(request)
        return self.reply(answer.status)

    def put(self, key: bytes, value: bytes, **_: Any) -> Written:
        return super().put(key, value)


COUNTED = [state for state in STATES if state.values[0] and state.values[1]]


@pytest.mark.parametrize("kind", [IgnoresVersion, RefusesVersion, SilentAboutVersions])
@pytest.mark.parametrize(("first", "second"), COUNTED)
def test_versions_are_counted_up_where_they_cannot_be_set(
    kind: type[Node], first: tuple[bytes, int], second: tuple[bytes, int]
) -> None:
    with cluster(make_node=kind) as (_, seeder):
        found = seeder.put(masters(KEYS[0], first, second))
        assert found.held == {("master1", KEYS[0]): Held(*first), ("master2", KEYS[0]): Held(*second)}


@pytest.mark.parametrize("kind", [From1000, GoesOnAfterDeletion, Clock])
@pytest.mark.parametrize(("first", "second"), COUNTED)
def test_relation_of_versions_is_brought_about_where_nodes_count_otherwise(
    kind: type[Node], first: tuple[bytes, int], second: tuple[bytes, int]
) -> None:
    with cluster(make_node=kind) as (_, seeder):
        for key in KEYS[:3]:
            held = seeder.put(masters(key, first, second)).held
            one, two = held["master1", key], held["master2", key]
            assert (one.value, two.value) == (first[0], second[0])
            assert one.version is not None
            assert two.version is not None
            assert (one.version < two.version, one.version == two.version) == (
                first[1] < second[1],
                first[1] == second[1],
            )


class Counting(From1000):
    """Notes what it is asked."""

    asked: ClassVar[list[str]] = []

    def respond(self, request: ServerRequest) -> Answer:
        self.asked.append(f"{request.method} {request.target}")
        return super().respond(request)


def test_what_a_node_cannot_do_is_tried_once() -> None:
    Counting.asked.clear()
    with cluster(table=[Range(0, 1024, 0, 1)], make_node=Counting) as (_, seeder):
        first, second = (case(("master1", key, b"v", 5)) for key in ("kvtest1", "kvtest2"))
        seeder.put(first)
        learning = len(Counting.asked)
        seeder.put(second)
    # Once known, one put and one look at each of the two masters: the version is what the node makes it.
    assert learning > 3
    assert [line.partition("?")[0] for line in Counting.asked[learning:]] == [
        "POST /hustdb/put",
        "GET /hustdb/get",
        "GET /hustdb/get",
    ]


class CountingOnly(IgnoresVersion):
    """Notes what it is asked."""

    asked: ClassVar[list[str]] = []

    def respond(self, request: ServerRequest) -> Answer:
        self.asked.append(request.target)
        return super().respond(request)


def test_a_node_that_ignores_versions_is_asked_for_one_once() -> None:
    CountingOnly.asked.clear()
    with cluster(table=[Range(0, 1024, 0, 1)], make_node=CountingOnly) as (_, seeder):
        for key in ("kvtest1", "kvtest2", "kvtest3"):
            seeder.put(case(("master1", key, b"v", 5)))
    assert sum("ver=" in target for target in CountingOnly.asked) == 1


def test_nodes_that_start_far_apart_cannot_be_made_equal() -> None:
    made: list[Node] = []

    def make_node(**arguments: Any) -> Node:
        made.append(From1000(**arguments) if made else IgnoresVersion(**arguments))
        return made[-1]

    # Whichever of the two is master1, the lower one would need a thousand puts.
    unreachable = pytest.raises(NotInPlace, match="1000 cannot be reached")
    with cluster(make_node=make_node) as (_, seeder), unreachable:
        seeder.put(masters(KEYS[0], (b"v", 1), (b"v", 1)))


def test_recipe_is_what_the_nodes_understand() -> None:
    with cluster() as (_, seeder):
        state = masters(KEYS[0], (b"v", 5), (b"v", 1))
        counted = seeder.recipe(state)
        seeder.put(state)
        at_once = seeder.recipe(state)
    assert [request.method for _, request in counted] == ["GET", *["POST"] * 5, "GET", "POST"]
    assert [request.body for _, request in counted[1:6]] == [b"x", b"y", b"x", b"y", b"v"]
    assert [request.target.partition("&")[2] for _, request in at_once] == ["", "ver=5&is_dup=true", "", ""]


# Nodes that fail


class KeepsNothing(Node):
    """Says yes and stores nothing."""

    def put(self, key: bytes, value: bytes, **_: Any) -> Written:  # noqa: ARG002  # the signature of a node
        return Written(200, 1)


class CutsAtNul(Node):
    """Stores a value up to its first NUL."""

    def put(self, key: bytes, value: bytes, **arguments: Any) -> Written:
        return super().put(key, value.partition(b"\0")[0], **arguments)


class KeepsWhatIsDeleted(Node):
    """Says yes and removes nothing."""

    def remove(self, key: bytes) -> bool:  # noqa: ARG002  # the signature of a node
        return True


def test_a_node_that_stores_nothing_is_found_out() -> None:
    with cluster(make_node=KeepsNothing) as (servers, seeder), pytest.raises(NotInPlace) as raised:
        seeder.put(masters(KEYS[0], (b"value", 1), (b"value", 1)))
    assert f"holds nothing under key {KEYS[0]}, the case needs 5 bytes 'value'" in str(raised.value)
    assert any(url in str(raised.value) for url in servers.node_urls)


def test_a_node_that_changes_values_is_found_out() -> None:
    with (
        cluster(make_node=CutsAtNul) as (_, seeder),
        pytest.raises(NotInPlace, match=r"holds 1 bytes 'a' .* needs 3 bytes 'a\\x00b'"),
    ):
        seeder.put(masters(KEYS[0], (b"a\0b", 1), (b"a", 1)))


def test_a_key_that_cannot_be_cleared_is_told() -> None:
    with cluster(make_node=KeepsWhatIsDeleted) as (servers, seeder):
        for node in servers.nodes:
            node.put(KEYS[0].encode(), b"old")
        with pytest.raises(NotInPlace, match=r"holds 3 bytes 'old' .* needs nothing"):
            seeder.put(masters(KEYS[0], None, None))


def test_nodes_ask_for_credentials() -> None:
    user, password = basic_credential("node", "secret")
    with Embedded.start(interfaces=["get2"], node_credential=(user, password)) as servers:
        state = masters(KEYS[0], (b"v", 1), (b"v", 2))
        with pytest.raises(NotInPlace, match="asks for credentials: give nodes_auth"):
            seeder_of(get2_part(servers.ha_url, servers.node_urls)).put(state)
        for_the_ha = {"interface": Credentials(user, password)}
        with pytest.raises(NotInPlace, match="asks for credentials"):
            seeder_of(get2_part(servers.ha_url, servers.node_urls, credentials=for_the_ha)).put(state)
        for_the_nodes = {"nodes": Credentials(user, password)}
        held = seeder_of(get2_part(servers.ha_url, servers.node_urls, credentials=for_the_nodes)).put(state).held
        assert held["master2", KEYS[0]] == Held(b"v", 2)


def test_nodes_that_the_table_names_get_the_credentials_of_the_nodes() -> None:
    name, value = basic_credential("node", "secret")
    with Embedded.start(interfaces=["get2"], node_credential=(name, value)) as servers:
        part = get2_part(servers.ha_url, credentials={"nodes": Credentials(name, value)})
        assert seeder_of(part).put(masters(KEYS[0], (b"v", 1), None)).held["master1", KEYS[0]] == Held(b"v", 1)


def node_answers(first: bytes, rest: Callable[[Asked], bytes]) -> Callable[[Asked], bytes]:
    """Answers the first request in its own way."""
    left = [first]

    def answer(asked: Asked) -> bytes:
        return left.pop() if left else rest(asked)

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _: reply(500, b"disk full"), "answered 500 (disk full)"),
        (lambda _: reply(404), "answered 404"),
        (lambda _: reply(403, b"no"), "answered 403 (no): give credentials that may do this in nodes_auth"),
        (lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "putting key"),
        (lambda _: b"", "putting key"),
        (lambda _: reply(200, b"v", Version="many"), "no Version that is a number"),
        (lambda asked: reply(200, b"v" if "get" in asked.target else b"", Version="2"), "version 2 on master1 and 2"),
        (node_answers(reply(200, Version="1"), lambda _: b""), "reading key"),
    ],
    ids=["500", "404", "403", "truncated", "closed", "no-number", "always-the-same", "dies-in-the-middle"],
)
def test_trouble_with_a_node_is_told(answer: Callable[[Asked], bytes], words: str) -> None:
    with ScriptedServer(serves(answer)) as one, ScriptedServer(serves(answer)) as two:
        part = get2_part("http://127.0.0.1:1", [one.origin, two.origin], masters="given")
        with pytest.raises(NotInPlace) as raised:
            seeder_of(part).put(masters(KEYS[0], (b"v", 1), (b"v", 2)))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_node_that_is_gone_is_told() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)]) as (servers, seeder):
        servers.remove(servers.nodes[1])
        with pytest.raises(NotInPlace, match=servers.node_urls[1]):
            seeder.put(masters(KEYS[0], (b"v", 1), (b"v", 1)))


def test_a_silent_node_ends_with_its_time_limit() -> None:
    with ScriptedServer(answers(linger=True)) as server:
        part = get2_part("http://127.0.0.1:1", [server.origin, "http://127.0.0.1:2"], masters="given")
        with pytest.raises(NotInPlace, match=r"no answer within 0\.2 s"):
            seeder_of(part, Limits(connect=1, read=0.2, total=1)).put(masters(KEYS[0], (b"v", 1), (b"v", 1)))


def test_words_of_a_node_cannot_break_the_line() -> None:
    with ScriptedServer(serves(lambda _: reply(500, b"\x1b[31m\r\n" + b"e" * 5000))) as server:
        part = get2_part("http://127.0.0.1:1", [server.origin, "http://127.0.0.1:2"], masters="given")
        with pytest.raises(NotInPlace) as raised:
            seeder_of(part).put(masters(KEYS[0], (b"v", 1), (b"v", 1)))
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) < 400


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


def test_unknown_way_of_seeding_is_told() -> None:
    with pytest.raises(InputError, match="did you mean 'nodes'"):
        make_seeder(get2_part("http://h:1", seeding="node"), tls=Tls(), limits=Limits())
