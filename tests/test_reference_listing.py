"""The listing of a node's keys: pages of a file, tables beside keys, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from raw_http import Answer, ask

from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node

KEYS = [f"k{number}".encode() for number in range(40)] + [b"with \x00 and \xff"]


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with Embedded.start(interfaces=("get2",)) as embedded:
        server = Node()
        for number, key in enumerate(KEYS):
            server.put(key, b"value", version=number + 1, duplicate=True)
        server.tables.write("hash", "table", b"field", b"in a table")
        server.tables.write("set", "members", b"one", b"")
        yield embedded.add(server)


def listed(node: str, query: str) -> tuple[Answer, list[dict[str, object]]]:
    answer = ask(node, "GET", f"/hustdb/keys?{query}")
    return answer, json.loads(answer.body)


def key_of(item: dict[str, object]) -> bytes:
    return base64.b64decode(str(item["key"]))


def test_every_key_is_in_one_file_and_once(node: str) -> None:
    files = int(ask(node, "GET", "/hustdb/file_count").body)
    found = [item for file in range(files) for item in listed(node, f"file={file}&offset=0&size=1000")[1]]
    plain = {key_of(item): item["ver"] for item in found if "tb" not in item}
    assert plain == {key: number + 1 for number, key in enumerate(KEYS)}
    assert {(item["tb"], item["ty"], key_of(item)) for item in found if "tb" in item} == {
        ("table", "H", b"field"),
        ("members", "S", b"one"),
    }
    assert len(found) == len(KEYS) + 2
    assert files == 2


def test_pages_make_the_whole(node: str) -> None:
    whole, items = listed(node, "file=0&offset=0&size=1000")
    pages = [listed(node, f"file=0&offset={at}&size=7")[1] for at in range(0, 70, 7)]
    assert [item for page in pages for item in page] == items
    assert pages[-1] == []
    assert (whole.header("Keys"), whole.header("TotalCount")) == (str(len(items)), "0")


def test_buckets_part_the_listing_and_values_come_when_asked_for(node: str) -> None:
    _, items = listed(node, "file=1&offset=0&size=1000")
    _, low = listed(node, "file=1&offset=0&size=1000&start=0&end=512")
    _, high = listed(node, "file=1&offset=0&size=1000&start=512&end=1024")
    assert sorted(map(key_of, [*low, *high])) == sorted(map(key_of, items))
    assert low
    assert high
    _, valued = listed(node, "file=1&offset=0&size=1&noval=false")
    assert base64.b64decode(str(valued[0]["val"])) in (b"value", b"in a table")
    assert all("val" not in item for item in items)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("offset=0&size=1", 404),
        ("file=0&size=1", 404),
        ("file=0&offset=0", 404),
        ("file=2&offset=0&size=1", 400),
        ("file=0&offset=0&size=1001", 400),
        ("file=0&offset=x&size=1", 400),
        ("file=0&offset=1000001&size=1", 400),
        ("file=0&offset=0&size=1&start=5&end=5", 400),
        ("file=0&offset=0&size=1&end=1025", 400),
        ("file=0&offset=0&size=1&async=true", 500),
    ],
)
def test_what_is_no_page_is_refused(node: str, query: str, status: int) -> None:
    assert ask(node, "GET", f"/hustdb/keys?{query}").status == status
