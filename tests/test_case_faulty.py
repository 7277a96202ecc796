"""A fixture with a fault is refused by one line: the file, the line, the key, and what is expected there."""
# ruff: noqa: E501  # one fault a line is what a reader runs an eye over

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.case.load import read_cases
from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.tomlfile import shown_path

CASE = """[[case]]
name = "one"
why = "a case like many others"
ask = { keys = ["{m}a"] }
stored = { data = { "{m}a" = '{"a":1}' } }
expect = { outcome = "found", status = 200 }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('outcome = "found"', 'outcome = "fund"', "6: case, item 1 (one), expect.outcome: expected one of found, ignored, missing, bad-parameter, no-region, unjudged, got \"fund\""),
        ("status = 200", "status = 200.0", "6: case, item 1 (one), expect.status: expected 200, 400, 404 or [400, 404], got 200.0"),
        ('outcome = "found"', 'outcom = "found"', "6: case, item 1 (one), expect.outcom: unknown key 'outcom' (did you mean 'outcome'?)"),
        ("status = 200", "status = 201", "6: case, item 1 (one), expect.status: expected 200, 400, 404 or [400, 404], got 201"),
        ("status = 200", "status = 400", "6: case, item 1 (one), expect.status: expected 200, got 400"),
        ("status = 200", 'status = 200, missing = ["{m}a"]', '6: case, item 1 (one), expect.missing: expected no missing keys, for all are found, got ["{m}a"]'),
        ('outcome = "found"', 'outcome = "ignored"', "6: case, item 1 (one), expect: missing: missing"),
        ('"found", status = 200', '"missing", status = 404, missing = ["{m}x"]', "6: case, item 1 (one), expect.status: expected 400, got 404"),
        ('"found", status = 200', '"bad-parameter", status = 404', "6: case, item 1 (one), expect.status: expected one of 400, [400, 404], got 404"),
        ('"found", status = 200', '"no-region", status = 400', "6: case, item 1 (one), expect.status: expected one of 404, [400, 404], got 400"),
        ('{ outcome = "found", status = 200 }', '{ one = { outcome = "found", status = 200 } }', '6: case, item 1 (one), expect: expected outcome and status, or those of two labels and more, got {"one": {"outcome": "found", "status": 200}}'),
        ('{ outcome = "found", status = 200 }', '{ one = { outcome = "found", status = 200 }, two = { outcome = "found", stat = 200 } }', "6: case, item 1 (one), expect.two.stat: unknown key 'stat' (did you mean 'status'?)"),
        ('{ keys = ["{m}a"] }', '"{m}a"', '4: case, item 1 (one), ask: expected object, got "{m}a"'),
        ('{ keys = ["{m}a"] }', '[{ label = "x", keys = ["{m}a"] }, { lable = "y", keys = ["{m}a"] }]', "4: case, item 1 (one), ask, item 2, lable: unknown key 'lable' (did you mean 'label'?)"),
        ('["{m}a"] }', '["{m} a"] }', '4: case, item 1 (one), ask.keys, item 1: expected a key as spelled in a URL, or nothing, got "{m} a"'),
        ('["{m}a"] }', "[1] }", "4: case, item 1 (one), ask.keys, item 1: expected a key as spelled in a URL, or nothing, got 1"),
        ('{ "{m}a"', '{ "a"', '5: case, item 1 (one), stored.data: expected a key as spelled in a URL, with {m} or {n} in it, got "a"'),
        ('{ "{m}a"', '{ "{m}/a"', '5: case, item 1 (one), stored.data: expected a key as spelled in a URL, with {m} or {n} in it, got "{m}/a"'),
        ("'{\"a\":1}'", "'[1]'", '5: case, item 1 (one), stored.data.{m}a: expected a JSON object, got "[1]"'),
        ("'{\"a\":1}'", "3", "5: case, item 1 (one), stored.data.{m}a: expected a JSON object, got 3"),
        ("'{\"a\":1}'", '{ txt = "{}" }', "5: case, item 1 (one), stored.data.{m}a.txt: unknown key 'txt' (did you mean 'text'?)"),
    ],
)  # fmt: skip
def test_a_fault_of_a_case_is_told_by_one_line(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    assert CASE.count(right) == 1
    path = tmp_path / "mine.toml"
    path.write_text(CASE, encoding="utf-8")
    assert len(read_cases(path, load_interface("geode"))) == 1
    path.write_text(CASE.replace(right, wrong), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_cases(path, load_interface("geode"))
    assert str(refused.value) == f"{path}:{told}"


def test_an_item_is_told_by_its_place_from_one_and_by_its_name() -> None:
    data = {"case": [{}, {"name": "two", "ask": [{"keys": ["a"]}]}, {"name": 3}]}
    assert shown_path(("case", 1, "ask", 0, "keys", 0), data) == "case, item 2 (two), ask, item 1, keys, item 1"
    assert shown_path(("case", 2, "name"), data) == "case, item 3, name"
    assert shown_path(("case", 9, "name"), data) == "case, item 10, name"
    assert shown_path(("case", 1)) == "case, item 2"
