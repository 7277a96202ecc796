"""Which node is master1: the table of the HA, and the nodes that the operator gave."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedServer
from seeding_parts import clients, get2_part, reply, serves

from kvgate.errors import InputError, KvgateError, SurroundingsError
from kvgate.seeding.masters import Masters
from kvgate.seeding.model import NotInPlace
from kvgate.seeding.table import Table, UnusableTableError, bucket_of, normal_address, read_table
from kvgate.target.model import Part
from kvgate.wire.client import Credentials

RECORDINGS = Path(__file__).parent / "recordings"
N1, N2, N3 = "http://n1:8085", "http://n2:8085", "http://n3:8085"


def table_text(*ranges: tuple[int, int, str, str]) -> bytes:
    items = [{"item": {"key": [start, end], "val": [one, two]}} for start, end, one, two in ranges]
    return json.dumps({"table": items}).encode()


REVERSED_HALF = table_text((0, 512, "n1:8085", "n2:8085"), (512, 1024, "n2:8085", "n1:8085"))


@contextmanager
def ha(body: bytes, status: int = 200, **headers: str) -> Iterator[str]:
    with ScriptedServer(serves(lambda _: reply(status, body, **headers))) as server:
        yield server.origin


def prepared(part: Part) -> Masters:
    found = Masters(part, clients(part))
    found.prepare()
    return found


def recorded() -> list[Any]:
    index = json.loads((RECORDINGS / "hustdb-ha" / "index.json").read_text())
    return [
        pytest.param(entry["key"], entry["bucket"], id=entry["name"])
        for entry in index
        if entry.get("key") and entry.get("bucket") is not None
    ]


@pytest.mark.parametrize(("key", "bucket"), recorded())
def test_bucket_is_the_one_recorded_from_a_real_cluster(key: str, bucket: int) -> None:
    assert bucket_of(key) == bucket


def test_bucket_is_taken_from_the_spelling() -> None:
    # 97*31**2+65*31+98 and the hash of the five bytes a, %, 4, 1, b, worked out by hand.
    assert bucket_of("aAb") == (97 * 961 + 65 * 31 + 98) % 1024
    assert bucket_of("a%41b") == (97 * 31**4 + 37 * 31**3 + 52 * 31**2 + 49 * 31 + 98) % 1024
    assert bucket_of("aAb") != bucket_of("a%41b")


def test_bucket_of_a_long_key_wraps_at_64_bits() -> None:
    hashed = 0
    for _ in range(100):
        hashed = (hashed * 31 + ord("z")) % 2**64
    assert bucket_of("z" * 100) == hashed % 1024


def test_recorded_table_is_read() -> None:
    body = (RECORDINGS / "hustdb-ha-siblings" / "get_table.response").read_bytes().partition(b"\r\n\r\n")[2]
    table = read_table(body)
    assert table.addresses == ("127.0.0.1:19185", "127.0.0.1:19186")
    assert [(item.start, item.end, item.master1) for item in table.ranges] == [
        (0, 512, "127.0.0.1:19185"),
        (512, 1024, "127.0.0.1:19186"),
    ]


@functools.cache
def key_of_each_bucket() -> dict[int, str]:
    """For each bucket a key that falls into it, found by trying."""
    found: dict[int, str] = {}
    for number in itertools.count():
        found.setdefault(bucket_of(f"kvtest{number}"), f"kvtest{number}")
        if len(found) == 1024:
            break
    return found


def keys_by_bucket(*wanted: int) -> list[str]:
    return [key_of_each_bucket()[bucket] for bucket in wanted]


def test_ranges_may_be_uneven_and_out_of_order() -> None:
    table = read_table(table_text((7, 1024, "c:1", "a:1"), (0, 1, "a:1", "b:1"), (1, 7, "b:1", "c:1")))
    expected = [("a:1", "b:1"), ("b:1", "c:1"), ("b:1", "c:1"), ("c:1", "a:1"), ("c:1", "a:1")]
    assert [table.masters(key) for key in keys_by_bucket(0, 1, 6, 7, 1023)] == expected


def test_gap_has_no_masters() -> None:
    table = read_table(table_text((0, 10, "a:1", "b:1"), (20, 1024, "b:1", "a:1")))
    assert [table.masters(key) is None for key in keys_by_bucket(9, 10, 19, 20)] == [False, True, True, False]


def test_64_nodes_are_read() -> None:
    body = table_text(*((16 * n, 16 * n + 16, f"n{n}:1", f"n{(n + 1) % 64}:1") for n in range(64)))
    assert len(read_table(body).addresses) == 64


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"<html>gateway</html>", "not JSON: <html>"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "missing: table"),
        (b"[]", "expected object"),
        (b'{"table": []}', "table"),
        (b'{"table": [{"item": {"key": [0, 1024]}}]}', "table.0.item: missing: val"),
        (b'{"table": [{"item": {"key": [0, 1024], "val": ["a:1"]}}]}', "table.0.item.val"),
        (b'{"table": [{"item": {"key": [0, 2048], "val": ["a:1", "b:1"]}}]}', "table.0.item.key.1"),
        (b'{"table": [{"item": {"key": [0, 1e2], "val": ["a:1", "b:1"]}}]}', "table.0.item.key.1: not a bucket: 1e2"),
        (b'{"table": [{"item": {"key": [0, 1' + b"0" * 5000 + b'], "val": ["a:1", "b:1"]}}]}', "not a bucket: 1000"),
        (b'{"table": [], "table": []}', "'table' twice"),
        (table_text((5, 5, "a:1", "b:1")), "[5, 5) holds no bucket"),
        (table_text((9, 5, "a:1", "b:1")), "[9, 5) holds no bucket"),
        (table_text((0, 600, "a:1", "b:1"), (500, 1024, "b:1", "a:1")), "[0, 600) and [500, 1024) overlap"),
        (table_text((0, 1024, "a", "b:1")), "'a' is not host:port"),
        (table_text((0, 1024, "http://a:1", "b:1")), "is not host:port"),
        (table_text((0, 1024, "a:1", "A:1")), "both masters are a:1"),
        (table_text((0, 1024, "localhost:1", "127.0.0.1:1")), "both masters are localhost:1"),
        (table_text(*((n, n + 1, f"n{n}:1", f"m{n}:1") for n in range(33))), "66 nodes"),
        (b" " * (2**20 + 1), "more than"),
    ],
)
def test_unusable_table_is_told_in_one_line(body: bytes, words: str) -> None:
    with pytest.raises(UnusableTableError) as raised:
        read_table(body)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_table_that_was_kept_in_part_is_told_by_its_size() -> None:
    with pytest.raises(UnusableTableError, match="more than 1048576 bytes"):
        read_table(b'{"table":[', 60_000_000)


@pytest.mark.parametrize(
    "number",
    ["1795849774.36", "0.5", "-1e400", "1" + "0" * 12, "9" * 5000, "-" + "9" * 5000 + ".5", "1e999999999999", "NaN"],
)
def test_a_number_is_judged_only_where_it_is_a_bucket(number: str) -> None:
    """A table may say when it was made, or how often it was changed."""
    bare = table_text((0, 1024, "a:1", "b:1"))
    said = bare.replace(b'{"table"', b'{"generated": ' + number.encode() + b', "table"', 1)
    inside = bare.replace(b'{"key"', b'{"epoch": [' + number.encode() + b'], "key"', 1)
    assert bare not in {said, inside}
    assert read_table(said) == read_table(inside) == read_table(bare)
    for place, sound in enumerate((b"[0, ", b", 1024]")):
        wrong = bare.replace(sound, sound.replace(sound.strip(b"[], "), number.encode()))
        with pytest.raises(UnusableTableError, match=rf"^table\.0\.item\.key\.{place}: ") as raised:
            read_table(wrong)
        assert len(str(raised.value)) < 200
    with pytest.raises(UnusableTableError, match=r"^table\.0\.item\.val\.0: "):
        read_table(bare.replace(b'"a:1"', number.encode()))


def test_addresses_compare_without_case_and_on_this_host() -> None:
    assert normal_address("LocalHost:08085") == normal_address("127.0.0.1:8085") == normal_address("[::1]:8085")
    assert normal_address("n1:8085") != normal_address("n1:8086")


# The nodes behind the table


def test_table_decides_the_order_of_masters() -> None:
    low, high = keys_by_bucket(511, 512)
    with ha(REVERSED_HALF) as url:
        found = prepared(get2_part(url, [N1, N2]))
    assert [node.url for node in found.of(low)] == [N1, N2]
    assert [node.url for node in found.of(high)] == [N2, N1]


def test_order_of_nodes_does_not_matter_with_a_table() -> None:
    (low,) = keys_by_bucket(0)
    with ha(REVERSED_HALF) as url:
        assert [node.url for node in prepared(get2_part(url, [N2, N1])).of(low)] == [N1, N2]


def test_localhost_is_the_loopback_address() -> None:
    body = table_text((0, 1024, "127.0.0.1:8085", "127.0.0.1:8086"))
    with ha(body) as url:
        found = prepared(get2_part(url, ["http://localhost:8086", "http://localhost:8085/base"]))
    assert [node.url for node in found.of("kvtest")] == ["http://localhost:8085/base", "http://localhost:8086"]


def test_map_leads_from_addresses_to_reachable_nodes() -> None:
    body = table_text((0, 1024, "10.0.0.1:8085", "10.0.0.2:8085"))
    reach = {"10.0.0.1:8085": "http://localhost:1", "10.0.0.2:8085": "https://gate/n2"}
    with ha(body) as url:
        found = prepared(get2_part(url, map=reach))
    assert [node.url for node in found.of("kvtest")] == ["http://localhost:1", "https://gate:443/n2"]


def test_map_wins_over_an_address_that_is_equal() -> None:
    with ha(REVERSED_HALF) as url:
        found = prepared(get2_part(url, [N1, N2], map={"n1:8085": "http://gate:1"}))
    assert [node.url for node in found.of(keys_by_bucket(0)[0])] == ["http://gate:1", N2]


def test_without_nodes_those_of_the_table_are_reached_where_it_names_them() -> None:
    with ha(REVERSED_HALF) as url:
        found = prepared(get2_part(url))
        mapped = prepared(get2_part(url, map={"n1:8085": "http://gate:1"}))
    assert [node.url for node in found.of(keys_by_bucket(1000)[0])] == [N2, N1]
    assert [node.url for node in mapped.of(keys_by_bucket(0)[0])] == ["http://gate:1", N2]


def test_masters_as_given_do_not_ask_the_ha() -> None:
    with ScriptedServer(serves(lambda _: reply(200, REVERSED_HALF))) as server:
        found = prepared(get2_part(server.origin, [N2, N1], masters="given"))
        assert server.requests == []
    assert [node.url for node in found.of(keys_by_bucket(0)[0])] == [N2, N1]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_without_a_table_two_nodes_are_taken_in_order(status: int) -> None:
    with ha(b"no such thing", status) as url:
        assert [node.url for node in prepared(get2_part(url, [N1, N2])).of("kvtest")] == [N1, N2]


def test_a_master_that_is_not_given_costs_its_cases_only() -> None:
    body = table_text((0, 512, "n1:8085", "n2:8085"), (512, 1024, "n2:8085", "n3:8085"))
    low, high = keys_by_bucket(0, 1000)
    with ha(body) as url:
        found = prepared(get2_part(url, [N1, N2]))
    assert [node.url for node in found.of(low)] == [N1, N2]
    with pytest.raises(NotInPlace, match=r"master2 of its key is n3:8085 .* none of nodes is at that address"):
        found.of(high)


BEFORE = [(0, 512, "n1:8085", "n2:8085"), (512, 1024, "n2:8085", "n1:8085")]


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (table_text(*BEFORE), None),
        (table_text((0, 100, "n1:8085", "n2:8085"), (100, 512, "N1:8085", "n2:8085")), None),
        (table_text((0, 1024, "n2:8085", "n1:8085")), "n1:8085 and n2:8085, and are n2:8085 and n1:8085 now"),
        (table_text((0, 512, "n1:8085", "n3:8085")), "n1:8085 and n2:8085, and are n1:8085 and n3:8085 now"),
        (table_text((512, 1024, "n1:8085", "n2:8085")), "n1:8085 and n2:8085, and are none now"),
        (b"no table", None),
        (None, None),
    ],
    ids=["same", "cut-otherwise", "other-order", "other-node", "a-gap", "unusable", "refused"],
)
def test_a_table_that_changed_is_found_out_key_by_key(then: bytes | None, told: str | None) -> None:
    low = keys_by_bucket(0)[0]
    bodies = [reply(200, table_text(*BEFORE)), reply(503) if then is None else reply(200, then)]
    with ScriptedServer(serves(lambda _: bodies.pop(0))) as server:
        found = prepared(get2_part(server.origin, [N1, N2]))
        assert found.moved(low) is None
        found.look_again()
        assert bodies == []
    change = f"the HA's table changed during the run: the masters of key {low} were {told}"
    assert found.moved(low) == (None if told is None else change)
    assert [node.url for node in found.of(low)] == [N1, N2]


def test_masters_as_given_do_not_move() -> None:
    with ha(b"", 404) as url:
        found = prepared(get2_part(url, [N1, N2]))
    found.look_again()
    assert found.moved("kvtest") is None


def test_key_in_a_gap_is_not_in_place() -> None:
    with ha(table_text((0, 512, "n1:8085", "n2:8085"))) as url:
        found = prepared(get2_part(url, [N1, N2]))
    with pytest.raises(NotInPlace, match="no masters for its bucket, 700"):
        found.of(keys_by_bucket(700)[0])


@pytest.mark.parametrize(
    ("status", "body", "settings", "error", "words"),
    [
        (200, REVERSED_HALF, {"nodes": [N1, N3]}, InputError, ["n2:8085", 'map = { "n2:8085" = "http://n3:8085" }']),
        (200, REVERSED_HALF, {"nodes": ["http://a:1", "http://b:1"]}, InputError, ["n1:8085", "map"]),
        (404, b"", {}, InputError, ["no table", "0 nodes", "give two"]),
        (200, b"", {"masters": "given"}, InputError, ['masters = "given"', "0 nodes"]),
        (200, table_text((0, 1024, "a:99999", "b:1")), {}, InputError, ["a:99999 in the HA's table: the port"]),
        (200, REVERSED_HALF, {"map": {"n1:8086": N1}}, InputError, ["map names n1:8086", "did you mean 'n1:8085'"]),
        (200, REVERSED_HALF, {"map": {"n1:8085": N1, "n2:8085": N1}}, InputError, ["both mapped to http://n1:8085"]),
        (404, b"", {"nodes": [N1, N2, N3]}, InputError, ["no table", "3 nodes", "give two"]),
        (404, b"", {"nodes": [N1]}, InputError, ["1 nodes", "give two"]),
        (404, b"", {"nodes": [N1, N1]}, InputError, ["twice"]),
        (200, b"", {"nodes": [N1, N2, N3], "masters": "given"}, InputError, ['masters = "given"', "give two"]),
        (404, b"", {"nodes": [N1, N2], "masters": "table"}, SurroundingsError, ["answered 404", "/get_table"]),
        (200, b"hello", {"nodes": [N1, N2]}, SurroundingsError, ["not JSON: hello", 'masters = "given"']),
        (302, b"", {"nodes": [N1, N2]}, SurroundingsError, ["answered 302"]),
        (401, b"", {"nodes": [N1, N2]}, SurroundingsError, ["asks for credentials: give auth"]),
        (502, b"bad gateway", {"nodes": [N1, N2]}, SurroundingsError, ["answered 502 (bad gateway)"]),
    ],
)
def test_what_prepare_refuses(
    status: int, body: bytes, settings: dict[str, Any], error: type[KvgateError], words: list[str]
) -> None:
    with ha(body, status) as url, pytest.raises(error) as raised:
        prepared(get2_part(url, **settings))
    assert [word for word in words if word not in str(raised.value)] == []
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("status", [401, 403])
def test_an_ha_that_lacks_credentials_is_advised_of_nothing_else(status: int) -> None:
    with ha(b"", status) as url, pytest.raises(SurroundingsError, match=r"give .*auth(, or correct what it gives)?$"):
        prepared(get2_part(url, [N1, N2]))


def test_an_unreachable_ha_is_the_surroundings() -> None:
    with ha(b"") as url:
        pass
    with pytest.raises(SurroundingsError, match="/get_table: connection refused") as raised:
        prepared(get2_part(url, [N1, N2]))
    assert "given" not in str(raised.value), "another way to the masters does not bring an HA up"


def test_the_ha_gets_its_credentials_for_the_table() -> None:
    secret = Credentials("Authorization", "Basic aGE6aGE=")
    with ScriptedServer(serves(lambda _: reply(200, REVERSED_HALF))) as server:
        prepared(get2_part(server.origin, [N1, N2], credentials={"interface": secret}))
        assert b"Authorization: Basic aGE6aGE=" in server.requests[0]


def test_table_without_ranges_has_no_masters() -> None:
    assert Table(()).masters("kvtest") is None
