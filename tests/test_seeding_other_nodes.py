"""Seeding get2 on nodes that count, refuse or keep otherwise than a real one, or that answer nothing of use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from nodes_parts import KEYS, STATES, cluster, seeder_of
from scripted import ScriptedServer, answers
from seeding_parts import Asked, case, get2_part, masters, reply, serves

from kvgate.reference.buckets import Range
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import Answer, basic_credential
from kvgate.reference.hustdb import Node, Written
from kvgate.reference.message import Request as ServerRequest
from kvgate.seeding.model import NotInPlace
from kvgate.verdict.evidence import Held
from kvgate.wire.client import Credentials, Limits


def test_two_spellings_of_one_key_are_held_alike_where_every_put_counts() -> None:
    with cluster(table=[Range(0, 1024, 0, 1)], make_node=From1000) as (_, seeder):
        rows = [(place, key, b"v", 2) for key in ("kvtestA", "kvtest%41") for place in ("master1", "master2")]
        assert seeder.put(case(*rows)) == seeder.read(case(*rows))


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
        (lambda _: reply(404), "answered 404 (POST /hustdb/put)"),
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
