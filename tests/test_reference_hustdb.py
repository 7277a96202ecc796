"""The HustDB reference: nodes, table, get2, and the recorded answers of a real HA."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from raw_http import Answer, RawClient, ask, parse_answer, request

from kvgate.errors import InputError
from kvgate.reference.buckets import Range, bucket_of, check_table, even_table
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import basic_credential
from kvgate.reference.hustdb import Ha, Node

RECORDINGS = Path(__file__).parent / "recordings"

# Entries of the siblings' recordings that a conforming server answers otherwise (E7: equal up to a NUL is not equal).
DEVIATIONS = {"get2-nul-same-length", "get2-nul-same-length-versions-differ", "get2-nul-first"}
CREDENTIAL = basic_credential("huststore", "huststore")


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    with Embedded.start(interfaces=("get2",)) as embedded:
        yield embedded


@pytest.fixture
def node(embedded: Embedded) -> Iterator[str]:
    server = Node()
    yield embedded.add(server)
    embedded.remove(server)


def put(url: str, query: str, value: bytes) -> Answer:
    return ask(url, "POST", f"/hustdb/put?{query}", value)


# Nodes


def test_put_counts_versions_up_and_delete_starts_again(node: str) -> None:
    assert [put(node, "key=k", value).header("Version") for value in (b"a", b"b", b"c")] == ["1", "2", "3"]
    held = ask(node, "GET", "/hustdb/get?key=k")
    assert (held.status, held.header("Version"), held.body) == (200, "3", b"c")
    assert ask(node, "GET", "/hustdb/del?key=k").status == 200
    gone = ask(node, "GET", "/hustdb/get?key=k")
    assert (gone.status, gone.header("Version"), gone.body) == (404, "0", b"")
    assert ask(node, "GET", "/hustdb/del?key=k").status == 404
    assert put(node, "key=k", b"d").header("Version") == "1"


def test_put_with_a_version(node: str) -> None:
    put(node, "key=k", b"a")
    right = put(node, "key=k&ver=1", b"b")
    assert (right.status, right.header("Version"), right.header("VerError")) == (200, "2", None)
    wrong = put(node, "key=k&ver=1", b"c")
    assert (wrong.status, wrong.header("VerError")) == (401, "true")
    higher = put(node, "key=k&ver=40&is_dup=true", b"d")
    assert (higher.status, higher.header("Version"), higher.header("VerError")) == (200, "40", "false")
    for version in (40, 39):
        lower = put(node, f"key=k&ver={version}&is_dup=true", b"e")
        assert (lower.status, lower.header("Version"), lower.header("VerError")) == (200, "40", "true")
    assert ask(node, "GET", "/hustdb/get?key=k").body == b"d"


def test_a_new_key_may_start_at_any_version(node: str) -> None:
    assert put(node, "key=new&ver=63&is_dup=true", b"a").header("Version") == "63"
    assert put(node, "key=other&ver=1", b"a").status == 401


@pytest.mark.parametrize("query", ["key=k", "key=", "", "key"])
def test_empty_value_or_key_is_refused(node: str, query: str) -> None:
    value = b"" if query == "key=k" else b"a"
    assert put(node, query, value).status == 404


def test_a_version_that_is_no_number_is_refused(node: str) -> None:
    assert put(node, "key=k&ver=x", b"a").status == 400
    assert ask(node, "GET", "/hustdb/get?key=k").status == 404


def test_put_by_get_stores_val_as_it_stands(node: str) -> None:
    assert ask(node, "GET", "/hustdb/put?key=k&val=a%20b+c").status == 200
    assert ask(node, "GET", "/hustdb/get?key=k").body == b"a%20b+c"


def test_key_is_percent_decoded_plus_is_literal_case_counts(node: str) -> None:
    put(node, "key=a%20b%2Bc%00%FF%26", b"v")
    assert ask(node, "GET", "/hustdb/get?key=%61%20b+c%00%ff%26").body == b"v"
    for other in ("a+b%2Bc%00%FF%26", "A%20b%2Bc%00%FF%26", "a%20b%2Bc"):
        assert ask(node, "GET", f"/hustdb/get?key={other}").status == 404


def test_values_are_kept_byte_for_byte(node: str) -> None:
    for value in (bytes(range(256)) * 4096, b"\x00", b" \r\n "):
        put(node, "key=bytes", value)
        assert ask(node, "GET", "/hustdb/get?key=bytes").body == value


def test_ttl(node: str) -> None:
    put(node, "key=short&ttl=1", b"a")
    assert ask(node, "GET", "/hustdb/get?key=short").status == 200
    deadline = time.monotonic() + 5
    while ask(node, "GET", "/hustdb/get?key=short").status == 200:
        assert time.monotonic() < deadline, "the key outlives its ttl"
        time.sleep(0.1)
    assert put(node, "key=short", b"a").header("Version") == "1"


# Buckets


@pytest.mark.parametrize(("key", "bucket"), [("rec-a1", 589), ("rec-b1", 620), ("g2-100", 463)])
def test_bucket_as_recorded(key: str, bucket: int) -> None:
    assert bucket_of(key) == bucket


def test_bucket_is_of_the_key_as_it_stands_in_the_url() -> None:
    assert bucket_of("a%41b") != bucket_of("aAb")


@pytest.mark.parametrize("nodes", [2, 3, 4, 64])
@pytest.mark.parametrize("swapped", [False, True])
def test_even_table_covers_all_buckets_and_every_node_is_first_somewhere(nodes: int, swapped: bool) -> None:
    table = even_table(nodes, swapped=swapped)
    assert check_table(table, nodes) == table
    assert {item.master1 for item in table} == set(range(nodes))


@pytest.mark.parametrize(
    "table",
    [
        [],
        [Range(0, 1023, 0, 1)],
        [Range(1, 1024, 0, 1)],
        [Range(0, 512, 0, 1), Range(511, 1024, 1, 0)],
        [Range(0, 1024, 0, 0)],
        [Range(0, 1024, 0, 2)],
    ],
)
def test_wrong_tables_are_refused(table: list[Range]) -> None:
    with pytest.raises(InputError, match="bucket table"):
        Ha([Node(), Node()], table=table)


@pytest.mark.parametrize("nodes", [0, 1, 65])
def test_wrong_number_of_nodes_is_refused(nodes: int) -> None:
    with pytest.raises(InputError, match="2 to 64 nodes"):
        Embedded.start(interfaces=("get2",), nodes=nodes)


# The HA


@pytest.mark.parametrize("ask_nodes", [False, True], ids=["in process", "over HTTP"])
@pytest.mark.parametrize("swapped", [False, True])
def test_masters_are_those_the_published_table_names(ask_nodes: bool, swapped: bool) -> None:
    with Embedded.start(
        interfaces=("get2",),
        nodes=4,
        table=even_table(4, swapped=swapped),
        ask_nodes=ask_nodes,
        node_credential=CREDENTIAL,
    ) as embedded:
        table = json.loads(ask(embedded.ha_url, "GET", "/get_table").body)["table"]
        orders = set()
        for key in ("a", "k-0", "a%2Fb", "zz9", "caf%C3%A9", "1", "b!", "x-77"):
            item = next(
                entry["item"] for entry in table if entry["item"]["key"][0] <= bucket_of(key) < entry["item"]["key"][1]
            )
            orders.add(tuple(item["val"]))
            for value, address in zip((b"first", b"2nd"), item["val"], strict=True):
                stored = ask(
                    f"http://{address}", "POST", f"/hustdb/put?key={key}", value, headers=(": ".join(CREDENTIAL),)
                )
                assert stored.status == 200
            answer = ask(embedded.ha_url, "GET", f"/get2?key={key}")
            assert (answer.status, answer.header("Val-Offset"), answer.body) == (409, "5", b"first2nd")
        assert len(orders) > 2


def test_table_may_name_other_addresses() -> None:
    with Embedded.start(interfaces=("get2",), table_addresses=("node-a:8085", "node-b:8085")) as embedded:
        table = json.loads(ask(embedded.ha_url, "GET", "/get_table").body)["table"]
        assert table[0]["item"]["val"] == ["node-a:8085", "node-b:8085"]
        assert table[1]["item"] == {"key": [512, 1024], "val": ["node-b:8085", "node-a:8085"]}


def test_put_through_the_ha_leaves_both_masters_alike(embedded: Embedded) -> None:
    put(embedded.node_urls[1], "key=through&ver=9&is_dup=true", b"old")
    for version in ("10", "11"):
        assert ask(embedded.ha_url, "POST", "/put?key=through", b"v").header("Version") == version
        answer = ask(embedded.ha_url, "GET", "/get2?key=through")
        assert (answer.status, answer.header("Version"), answer.body) == (200, version, b"v")


def test_reading_changes_nothing(embedded: Embedded) -> None:
    for url in embedded.node_urls:
        put(url, "key=still", b"v")
    assert [ask(embedded.ha_url, "GET", "/get2?key=still").header("Version") for _ in range(3)] == ["1"] * 3
    assert ask(embedded.ha_url, "GET", "/get2?key=never").status == 404
    assert not any(b"never" in node.stored() for node in embedded.nodes)


@pytest.mark.parametrize("ask_nodes", [False, True], ids=["in process", "over HTTP"])
def test_a_stopped_node_is_a_missing_key(ask_nodes: bool) -> None:
    with Embedded.start(interfaces=("get2",), ask_nodes=ask_nodes) as embedded:
        for url in embedded.node_urls:
            put(url, "key=k", b"v")
        assert ask(embedded.ha_url, "GET", "/get2?key=k").status == 200
        embedded.remove(embedded.nodes[1])
        answer = ask(embedded.ha_url, "GET", "/get2?key=k")
        assert (answer.status, answer.header("Version"), answer.body) == (404, "0", b"")


# What a real HA answered

JUDGED = ("Version", "Version1", "Version2", "Val-Offset", "Content-Type", "Content-Length", "WWW-Authenticate")


def recorded(folder: str, prefix: str = "") -> list[Any]:
    entries = json.loads((RECORDINGS / folder / "index.json").read_text())
    return [
        pytest.param(folder, entry, id=f"{folder}/{entry['name']}")
        for entry in entries
        if entry["name"].startswith(prefix) and entry["name"] not in DEVIATIONS
    ]


def key_asked(sent: bytes) -> str:
    query = sent.split(b" ")[1].decode("ascii").partition("?")[2]
    return query.removeprefix("key=") if query.startswith("key=") else ""


@pytest.mark.parametrize(("folder", "entry"), recorded("hustdb-ha") + recorded("hustdb-ha-siblings", "get2-"))
@pytest.mark.parametrize("ask_nodes", [False, True], ids=["in process", "over HTTP"])
def test_recorded_answer(folder: str, entry: dict[str, Any], ask_nodes: bool) -> None:
    """The same state, the same request: the same status, judged headers and body as the real HA gave."""
    sent = (RECORDINGS / folder / f"{entry['name']}.request").read_bytes()
    found = parse_answer(
        (RECORDINGS / folder / f"{entry['name']}.response").read_bytes(), to_head=sent.startswith(b"HEAD")
    )
    assert found is not None
    real = found[0]
    credential = CREDENTIAL if "-auth-" in entry["name"] else None
    with Embedded.start(interfaces=("get2",), ask_nodes=ask_nodes, ha_credential=credential) as embedded:
        assert embedded.ha is not None
        if key := key_asked(sent):
            assert entry.get("bucket", bucket_of(key)) == bucket_of(key)
            for master, index in zip(("master1", "master2"), embedded.ha.choose_masters(key), strict=True):
                if state := entry.get(master):
                    value = base64.b64decode(state["value_base64"])
                    embedded.nodes[index].put(key.encode(), value, version=state["version"], duplicate=True)
        with RawClient(embedded.ha_url) as client:
            ours = client.ask(sent)
            if real.header("Connection") == "close":
                assert client.rest() == b""
    # The text of a 401 is the web server's own.
    judged = JUDGED if real.status != 401 else ("Content-Type", "WWW-Authenticate")
    assert ours.status == real.status
    assert {name: ours.all(name) for name in judged} == {name: real.all(name) for name in judged}
    assert (ours.header("Connection") == "close") == (real.header("Connection") == "close")
    assert real.status == 401 or ours.body == real.body


@pytest.mark.parametrize("name", sorted(DEVIATIONS))
def test_the_reference_does_not_share_the_real_deviation(embedded: Embedded, name: str) -> None:
    entries = json.loads((RECORDINGS / "hustdb-ha-siblings" / "index.json").read_text())
    entry = next(entry for entry in entries if entry["name"] == name)
    assert embedded.ha is not None
    values = []
    for master, index in zip(("master1", "master2"), embedded.ha.choose_masters(entry["key"]), strict=True):
        values.append(base64.b64decode(entry[master]["value_base64"]))
        put(embedded.node_urls[index], f"key={entry['key']}", values[-1])
    answer = ask(embedded.ha_url, "GET", f"/get2?key={entry['key']}")
    assert (answer.status, answer.body) == (409, values[0] + values[1])


def test_recorded_table_is_the_default_one() -> None:
    found = parse_answer((RECORDINGS / "hustdb-ha-siblings" / "get_table.response").read_bytes())
    assert found is not None
    with (
        Embedded.start(interfaces=("get2",), table_addresses=("127.0.0.1:19185", "127.0.0.1:19186")) as embedded,
        RawClient(embedded.ha_url) as client,
    ):
        answer = client.ask(request("GET", "/get_table"))
    assert json.loads(answer.body) == json.loads(found[0].body)
    assert answer.header("Content-Type") == found[0].header("Content-Type")
