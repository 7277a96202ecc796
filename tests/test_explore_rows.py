"""Generated rows: the same for the same seed, right as fixtures, within what the rulings allow, and shrunk."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from kvgate.case import load_cases
from kvgate.case.complaints import complaints
from kvgate.case.value import value_of
from kvgate.explore.draws import Draws
from kvgate.explore.hook import is_explorable, load_maker
from kvgate.explore.row import Row, as_toml, case_from, name_of, named, text_of
from kvgate.explore.search import Search
from kvgate.explore.spell import spelled, spelled_text
from kvgate.interface import load_interface, load_profile
from kvgate.places import ROOT, interface_names
from kvgate.schema import problems
from kvgate.strictjson import read
from suites.geode.question import decoded
from suites.geode.release import is_refused, reads_otherwise

EXPLORABLE = [name for name in interface_names() if is_explorable(name)]
SEEDS = (1, 7)
MANY = 250
ODD_BYTES = [
    b"a",
    b"\0",
    b"\xff\xfe",
    b"k" * 4097,
    b"ab" * 100 + b"c",
    b"\0" * 30 + "é".encode() * 40,
    b"a\r\nb",
    b"'\"",
]
ODD_TEXTS = [
    "x" * 65537,
    '{"a":"' + "日" * 300 + '"}',
    "é" * 100,
    "0123456789" * 9 + "\u2028",
    "'",
    '"',
    "😀" * 7 + "a",
]


@functools.cache
def rows(interface: str, seed: int, count: int = MANY) -> tuple[Row, ...]:
    maker = load_maker(interface)
    search = Search(lambda draws: maker(draws, {}), seed)
    try:
        return tuple(search.row(number) for number in range(1, count + 1))
    finally:
        search.close()


def whole(row: Row, number: int = 1) -> dict[str, Any]:
    return named(row, name_of(1, number), "generated for a test")


@pytest.mark.parametrize("interface", EXPLORABLE)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_is_a_case_that_can_be_pasted_into_fixtures(interface: str, seed: int) -> None:
    for number, row in enumerate(rows(interface, seed), 1):
        text = as_toml(whole(row, number))
        data = tomllib.loads(text)
        assert data == {"case": [whole(row, number)]}, text
        assert not list(problems(f"{interface}/cases.schema.json", data)), text
        assert text.isascii()
        case = case_from(whole(row, number), load_interface(interface))
        assert not list(complaints(whole(row, number), case, load_interface(interface))), text
        assert case.name not in load_cases(interface)


@pytest.mark.parametrize("interface", EXPLORABLE)
def test_rows_differ_from_one_another_and_from_seed_to_seed(interface: str) -> None:
    one, two = (set(map(text_of, rows(interface, seed))) for seed in SEEDS)
    assert len(one) > 0.9 * MANY
    assert len(one & two) < 0.1 * MANY


@pytest.mark.parametrize("interface", EXPLORABLE)
def test_a_row_depends_on_seed_and_number_alone(interface: str, tmp_path: Path) -> None:
    """In a process that has loaded next to nothing, made by itself, it is the same."""
    script = f"""
import json
from kvgate.explore.hook import load_maker
from kvgate.explore.search import Search
maker = load_maker({interface!r})
search = Search(lambda draws: maker(draws, {{}}), 7)
print(json.dumps([search.row(number) for number in (200, 17, 3)]))
search.close()
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "3"}
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.strip() == json.dumps([rows(interface, 7)[number - 1] for number in (200, 17, 3)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("interface", EXPLORABLE)
def test_keys_carry_the_mark(interface: str) -> None:
    for number, row in enumerate(rows(interface, 1), 1):
        case = case_from(whole(row, number), load_interface(interface))
        keys = [key for _, key in case.keys] + [key for ask in case.asks for key in ask.fields.get("keys", [case.key])]
        assert keys
        assert all(key.count("{m}") + key.count("{n}") == 1 for key in keys), keys


def test_get2_stays_within_the_rulings() -> None:
    statuses = set()
    for row in rows("get2", 1):
        if "no_key" in row["expect"]:
            assert "key=" not in row["ask"]["target"].replace("xkey", "").replace("_key", "")
            continue
        key = row.get("key", "{m}")
        assert b"\0" not in unquote_to_bytes(key)
        assert not set("+;?&=# /") & set(key)
        held = [row[where] for where in ("master1", "master2") if where in row]
        assert all(1 <= one["version"] <= 63 for one in held)
        assert all(0 < len(value_of(one)) <= 70_000 for one in held)
        statuses.add((row["expect"].get("status"), row["expect"].get("versions"), row["expect"].get("missing")))
        decoded = [unquote_to_bytes(other) for other in (key, *row.get("stored", {}).get("master1", {}))]
        assert len(set(decoded)) == len(decoded), decoded
    assert statuses == {
        *((status, versions, None) for status in (200, 409) for versions in ("same", "pair")),
        *((None, None, lacking) for lacking in ("both", "master1", "master2")),
    }


def json_of(held: Any) -> Any:
    """A stored document, read strictly."""
    return read(value_of(held))


def arrays(value: Any) -> Iterator[list[Any]]:
    """Every array of a document, at every depth."""
    if isinstance(value, list):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from arrays(child)


def test_geode_stays_within_the_rulings() -> None:
    seen: set[tuple[str, str]] = set()
    lengths = set()
    for row in rows("geode", 1):
        keys = row["ask"]["keys"]
        lengths.add(len(keys))
        assert len(keys) >= 2
        for key in map(decoded, keys):
            assert key == key.strip()
            assert not set("/\\;,%") & set(key)
        assert all(key.isascii() for key in map(decoded, keys)) or row["level"] == "SHOULD"
        for documents in row.get("stored", {}).values():
            for document in map(json_of, documents.values()):
                assert isinstance(document, dict)
                for array in arrays(document):
                    first = next((at for at, each in enumerate(array) if isinstance(each, dict)), len(array))
                    assert not any(isinstance(each, list) for each in array[first:])
        query = row["ask"].get("query", "").partition("=")[2]
        assert query.lower() not in ("true", "false") or query == query.lower()
        seen.add((row["expect"]["outcome"], row["ask"].get("region", "data")))
    assert {outcome for outcome, _ in seen} == {"found", "ignored", "missing", "bad-parameter", "no-region"}
    assert {region for _, region in seen} == {"data", "second", "empty", "absent"}
    assert len(lengths) > 25


def test_geode_in_a_release_has_no_key_that_it_reads_otherwise() -> None:
    for name in ("geode-1.12.1", "geode-1.14.4"):
        facts = load_profile("geode", name).facts or {}
        maker = load_maker("geode")
        search = Search(lambda draws, maker=maker, facts=facts: maker(draws, facts), 1)  # type: ignore[misc]  # defaults
        for number in range(1, 100):
            keys = search.row(number)["ask"]["keys"]
            assert not reads_otherwise(keys, facts)
            assert not is_refused(keys, facts)
        search.close()


def test_what_is_stored_is_what_is_spelled() -> None:
    for value in [*ODD_BYTES, *(text.encode() for text in ODD_TEXTS)]:
        assert value_of(spelled(value)) == value
        assert len(json.dumps(spelled(value))) < 700
    for text in ODD_TEXTS:
        assert value_of(spelled_text(text)) == text.encode()


def _row(draws: Draws) -> dict[str, Any]:
    return {"size": draws.number(0, 100_000), "words": [draws.pick("abc") for _ in draws.times(0, 40, 90)]}


@pytest.fixture
def search() -> Any:
    search = Search(_row, 5)
    yield search
    search.close()


def test_the_smallest_row_is_found(search: Search) -> None:
    def fails(row: Row) -> bool:
        asked.append(row)
        return row["size"] >= 24_577 and "c" in row["words"]

    asked: list[Row] = []
    number = next(number for number in range(1, 200) if fails(search.row(number)))
    assert search.smallest(number, fails) == {"size": 24_577, "words": ["c"]}
    assert len(asked) < 1000


def test_it_begins_with_the_row_of_that_number(search: Search) -> None:
    for number in range(1, 20):
        row, asked = search.row(number), list[Row]()

        def fails(other: Row, row: Row = row, asked: list[Row] = asked) -> bool:
            asked.append(other)
            return other == row

        assert search.smallest(number, fails, ended=lambda asked=asked: len(asked) == 2) == row  # type: ignore[misc]  # a default
        assert asked[1] == row


def test_nothing_smaller_is_made_up(search: Search) -> None:
    assert search.smallest(3, lambda _: False) is None


def test_a_search_that_ends_half_way_has_the_smallest_so_far(search: Search) -> None:
    asked: list[Row] = []

    def fails(row: Row) -> bool:
        asked.append(row)
        return row["size"] >= 500 and len(row["words"]) >= 2

    number = next(number for number in range(1, 200) if fails(search.row(number)))
    asked.clear()
    found = search.smallest(number, fails, ended=lambda: len(asked) >= 10)
    assert found is not None
    assert len(asked) == 10
    assert fails(found)
    assert len(text_of(found)) < len(text_of(search.row(number)))


def test_draws_are_within_their_bounds() -> None:
    def lowest(low: int, _high: int) -> int:
        return low

    def highest(_low: int, high: int) -> int:
        return high

    def told(draws: Draws) -> Sequence[object]:
        return draws.number(3, 9), draws.chance(1), draws.pick("ab"), list(draws.times(1, 3, 1))

    assert told(Draws(lowest)) == (3, False, "a", [0])
    assert told(Draws(highest)) == (9, True, "b", [0, 1, 2])
    assert Draws(lowest).number(4, 4) == 4
