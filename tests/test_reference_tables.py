"""The reference's tables: what docs/siblings.md tells of nodes and HA, and of Geode's parameter `keys`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kvgate.reference.buckets import Range, bucket_of
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node
from kvgate.wire.client import Client
from kvgate.wire.exchange import Request, Response

HALVES = (Range(0, 512, 0, 1), Range(512, 1024, 1, 0))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Embedded]:
    with Embedded.start(table=HALVES) as embedded:
        yield embedded


def ask(origin: str, method: str, target: str, body: bytes = b"") -> Response:
    response = Client(origin).ask(Request(method, target, (), body)).response
    assert response is not None
    return response


def told(response: Response) -> tuple[int, bytes, bytes]:
    """Status, version and body."""
    return response.status, b",".join(response.all("Version")), response.body


# A node

KINDS = [
    ("hset?tb={t}&key=k", "hget?tb={t}&key=k", "hdel?tb={t}&key=k", b"v", b"", b"v"),
    ("zadd?tb={t}&score=60", "zscore?tb={t}&key=k", "zrem?tb={t}", b"k", b"", b"60"),
    ("sadd?tb={t}", "sismember?tb={t}", "srem?tb={t}", b"k", b"k", b""),
]


@pytest.mark.parametrize(("write", "read", "remove", "body", "read_body", "value"), KINDS)
def test_a_node_keeps_a_key_of_a_table(
    cluster: Embedded, write: str, read: str, remove: str, body: bytes, read_body: bytes, value: bytes
) -> None:
    node, table = cluster.node_urls[0], f"own_{write[:4]}"
    write, read, remove = (f"/hustdb/{act.format(t=table)}" for act in (write, read, remove))
    removing = ("GET", remove, b"") if "hdel" in remove else ("POST", remove, b"k")
    assert ask(node, "GET", read, read_body).status == 412, "no table before the first write"
    assert told(ask(node, "POST", write, body)) == (200, b"1", b"")
    assert told(ask(node, "GET", read, read_body)) == (200, b"1", value)
    again = ask(node, "POST", f"{write}&ver=12&is_dup=true", body)
    assert (told(again), again.all("VerError")) == ((200, b"12", b""), (b"false",))
    lower = ask(node, "POST", f"{write}&ver=5&is_dup=true", body)
    assert (told(lower), lower.all("VerError")) == ((200, b"12", b""), (b"true",))
    assert ask(node, "POST", f"{write}&ver=3", body).status == 401
    assert f"{table}|k".encode() in cluster.call(cluster.nodes[0].stored)
    assert [ask(node, *removing).status for _ in range(2)] == [200, 404]
    assert told(ask(node, "GET", read, read_body)) == (404, b"0", b""), "the table stays"
    assert told(ask(node, "POST", write, body)) == (200, b"1", b""), "a version starts again"


def test_what_moves_the_version_of_each_kind(cluster: Embedded) -> None:
    node = cluster.node_urls[0]
    same = [ask(node, "POST", "/hustdb/zadd?tb=moves_z&score=60", b"k") for _ in range(3)]
    assert [told(one)[1] for one in same] == [b"1"] * 3
    assert told(ask(node, "POST", "/hustdb/zadd?tb=moves_z&score=61", b"k"))[1] == b"2"
    assert [told(ask(node, "POST", "/hustdb/sadd?tb=moves_s", b"k"))[1] for _ in range(3)] == [b"1", b"2", b"3"]
    assert [told(ask(node, "POST", "/hustdb/hset?tb=moves_h&key=k", b"v"))[1] for _ in range(2)] == [b"1", b"2"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("1.5", b"1"), ("060", b"60"), ("-5", b"-5"), ("0", b"0"), ("9223372036854775807", b"9223372036854775807"),
     ("9223372036854775808", None), ("six", None), ("", None)],
)  # fmt: skip
def test_a_score_is_a_64_bit_integer(cluster: Embedded, given: str, kept: bytes | None) -> None:
    node, key = cluster.node_urls[0], f"score{given}".encode()
    written = ask(node, "POST", f"/hustdb/zadd?tb=scores&score={given}", key)
    assert written.status == (404 if kept is None else 200)
    if kept is not None:
        assert ask(node, "GET", f"/hustdb/zscore?tb=scores&key=score{given}").body == kept


def test_a_table_has_one_kind_and_a_name_of_letters(cluster: Embedded) -> None:
    node = cluster.node_urls[0]
    assert ask(node, "POST", "/hustdb/zadd?tb=one_kind&score=1", b"k").status == 200
    assert ask(node, "POST", "/hustdb/sadd?tb=one_kind", b"k").status == 412
    assert ask(node, "GET", "/hustdb/hget?tb=one_kind&key=k").status == 412
    assert ask(node, "POST", "/hustdb/sadd?tb=bad-name", b"k").status == 404
    assert ask(node, "POST", "/hustdb/hset?tb=one_hash&key=k").status == 404, "an empty value is refused"


def test_a_body_is_not_decoded_by_a_node(cluster: Embedded) -> None:
    node = cluster.node_urls[0]
    ask(node, "POST", "/hustdb/zadd?tb=decoding&score=1", b"a%41b")
    assert ask(node, "GET", "/hustdb/zscore?tb=decoding&key=aAb").status == 404
    assert ask(node, "GET", "/hustdb/zscore?tb=decoding&key=a%2541b").body == b"1"


# The HA


def put(cluster: Embedded, kind: str, table: str, key: bytes, *values: tuple[bytes, int], hashed: str) -> None:
    """Stores a value and version on master1, and another on master2, of a text that is hashed."""
    first = bucket_of(hashed) // 512
    nodes: tuple[Node, ...] = (cluster.nodes[first], cluster.nodes[1 - first])

    def write() -> None:
        for node, (value, version) in zip(nodes, values, strict=False):
            node.tables.write(kind, table, key, value, version, duplicate=True)

    cluster.call(write)


def answer(cluster: Embedded, method: str, target: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    response = ask(cluster.ha_url, method, target, body)
    names = ("Version", "Version1", "Version2", "Val-Offset")
    sent = {name: response.all(name)[0].decode() for name in names if response.all(name)}
    return response.status, sent, response.body


@pytest.mark.parametrize("half", [0, 1])
def test_the_ha_takes_the_masters_of_each_interface(cluster: Embedded, half: int) -> None:
    key = next(f"key{number}" for number in range(9999) if bucket_of(f"key{number}") // 512 == half)
    table = next(f"table{number}" for number in range(9999) if bucket_of(f"table{number}") // 512 == half)
    put(cluster, "hash", "own_hash", key.encode(), (b"first", 1), (b"other!", 2), hashed=key)
    put(cluster, "zset", table, b"k", (b"60", 1), (b"100", 1), hashed=table)
    put(cluster, "set", "own_set", f"{key}\0tail".encode(), (b"", 1), (b"", 2), hashed=key)
    pair = {"Version1": "1", "Version2": "2"}
    assert answer(cluster, "GET", f"/hget2?tb=own_hash&key={key}") == (
        409,
        {**pair, "Val-Offset": "5"},
        b"firstother!",
    )
    assert answer(cluster, "GET", f"/zscore2?tb={table}&key=k") == (409, {"Version": "1", "Val-Offset": "2"}, b"60100")
    assert answer(cluster, "POST", f"/zscore2?tb={table}&key=none", b"%6B")[2] == b"60100", (
        "a body wins, and is decoded"
    )
    assert answer(cluster, "POST", "/sismember2?tb=own_set", f"{key}\0tail".encode()) == (409, pair, b"")


def test_the_ha_finds_nothing_without_table_or_key(cluster: Embedded) -> None:
    put(cluster, "hash", "here", b"k", (b"v", 1), (b"v", 1), hashed="k")
    put(cluster, "set", "there", b"k", (b"", 1), (b"", 1), hashed="k")
    assert answer(cluster, "GET", "/hget2?tb=here&key=k") == (200, {"Version": "1"}, b"v")
    assert answer(cluster, "POST", "/sismember2?tb=there", b"k") == (200, {"Version": "1"}, b"")
    nothing = (404, {"Version": "0"}, b"")
    for target in ("/hget2", "/hget2?tb=here", "/hget2?key=k", "/hget2?tb=none&key=k", "/hget2?tb=%68ere&key=k",
                   "/hget2?tb=there&key=k", "/zscore2?tb=here&key=k"):  # fmt: skip
        assert answer(cluster, "GET", target) == nothing, target
    assert answer(cluster, "POST", "/sismember2?tb=there&key=k") == nothing
    assert answer(cluster, "POST", "/sismember2?tb=there", b"%6B") == nothing, "nothing is decoded"


def test_a_node_that_is_down_holds_nothing() -> None:
    with Embedded.start(table=HALVES, interfaces=["get2"]) as embedded:
        put(embedded, "hash", "here", b"k", (b"v", 1), (b"v", 1), hashed="k")
        assert answer(embedded, "GET", "/hget2?tb=here&key=k")[0] == 200
        embedded.remove(embedded.nodes[1])
        assert answer(embedded, "GET", "/hget2?tb=here&key=k") == (404, {"Version": "0"}, b"")


# Geode


@pytest.mark.parametrize("behaviour", ["doc", "1.14.4"])
def test_keys_in_the_query_are_answered_as_in_the_path(behaviour: str) -> None:
    held = {"orders": {"a": '{"id":1}', "b c": '{"id":2}'}}
    with Embedded.start(interfaces=["geode"], geode_behaviour=behaviour, regions=held) as embedded:
        origin = embedded.geode_url.removesuffix("/geode/v1")

        def get(target: str) -> Response:
            return ask(origin, "GET", f"/geode/v1{target}")

        both = get("/orders?keys=b%20c,a")
        assert json.loads(both.body) == {"orders": [{"id": 2}, {"id": 1}]}
        assert both.all("Content-Location") == (f"{embedded.geode_url}/orders?keys=b+c,a".encode(),)
        assert json.loads(get("/orders?ignoreMissingKey=true&keys=a,x").body) == {"orders": [{"id": 1}, None]}
        assert json.loads(get("/orders?keys=a").body) == {"id": 1}
        assert [
            get(f"/orders{query}").status for query in ("?keys=a,x", "?keys=x", "?keys=a,b+c&ignoreMissingKey=1")
        ] == [
            400,
            404,
            400,
        ]
        assert get("/none?keys=a,b").status == 404
        assert len(json.loads(get("/orders?keys=").body)["orders"]) == 2, "no key is no parameter"


def test_before_1_13_the_whole_region_comes_back() -> None:
    with Embedded.start(
        interfaces=["geode"], geode_behaviour="1.12.1", regions={"orders": {"a": "{}", "b": "{}"}}
    ) as one:
        response = ask(one.geode_url.removesuffix("/geode/v1"), "GET", "/geode/v1/orders?keys=a,x")
    assert (response.status, json.loads(response.body)) == (200, {"orders": [{}, {}]})
