"""What no schema can say of a case is found when it is loaded, and told with the file, the case and the key."""
# ruff: noqa: E501  # one fault a line is what a reader runs an eye over

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.case.load import read_cases
from kvgate.errors import InputError
from kvgate.interface import load_interface

GET2 = """[[case]]
name = "one"
why = "a case like many others"
master1 = { text = "abc", version = 1 }
master2 = { base64 = "YWJj", version = 1 }
ask = { headers = { X = "a" } }
expect = { status = 200, versions = "same" }
"""
MANY = """[[case]]
name = "one"
why = "a case of several questions"
stored.master1."{m}a" = { text = "abc", version = 1 }
stored.master2."{m}a" = { text = "abc", version = 1 }
ask = [{ label = "a", key = "{m}a", times = 2 }, { label = "b", key = "{m}b" }]
expect = { statuses = { "{m}a" = 200, "{m}b" = 404 } }
"""
GEODE = """[[case]]
name = "one"
why = "a case of several questions"
ask = [{ label = "a", keys = ["{m}a", "{m}b"], times = 2 }, { label = "b", keys = ["{m}a"], query = "?x" }]
stored.data."{m}a" = '{"id":1}'
former.data."{m}a" = '{"id":0}'
[case.expect]
a = { outcome = "missing", status = 400, missing = ["{m}b"] }
b = { outcome = "found", status = 200 }
"""
TEXTS = {
    "get2": GET2,
    "many": MANY.replace(', "{m}b" = 404', ', "{m}b" = 404').replace(
        'label = "b", key = "{m}a"', 'label = "b", key = "{m}b"'
    ),
    "geode": GEODE,
}


def told(tmp_path: Path, which: str, right: str, wrong: str) -> str:
    """What is said of a case with something wrong in it, after the path of its file."""
    interface = load_interface("geode" if which == "geode" else "get2")
    path = tmp_path / "zz.toml"
    path.write_text(TEXTS[which], encoding="utf-8")
    assert len(read_cases(path, interface)) == 1
    assert TEXTS[which].count(right) == 1
    path.write_text(TEXTS[which].replace(right, wrong), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_cases(path, interface)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"YWJj"', '"YWI"', "5: case, item 1 (one), master2.base64: expected base64, padded with = to groups of four letters, got \"YWI\""),
        ('"YWJj"', '"a"', '5: case, item 1 (one), master2.base64: expected base64, padded with = to groups of four letters, got "a"'),
        ('"YWJj"', '"YWJj\\n"', '5: case, item 1 (one), master2.base64: expected base64, padded with = to groups of four letters, got "YWJj\\n"'),
        ('{ X = "a" }', '{ "A b" = "a" }', "6: case, item 1 (one), ask: not a header name: 'A b'"),
        ('{ X = "a" }', '{ X = "a\\r\\nB: c" }', "6: case, item 1 (one), ask: header X: its value has a control code, or white space at an end"),
        ('{ X = "a" }', '{ X = " a" }', "6: case, item 1 (one), ask: header X: its value has a control code, or white space at an end"),
        ('{ X = "a" }', '{ Content-Length = "5" }', "6: case, item 1 (one), ask: header Content-Length contradicts the body of the request, which goes out as it is"),
        ('headers = { X = "a" }', "judged = false", "6: case, item 1 (one), ask: no question of the case is judged: leave judged out of the one that the case is there for"),
        ('{ X = "a" }', '{ Host = "a", host = "b" }', "6: case, item 1 (one), ask: header Host may be given once"),
        ('headers = { X = "a" }', 'target = "/get2?key={key} x"', "6: case, item 1 (one), ask: not a request target (printable ASCII, percent-encoded): '/get2?key={m} x'"),
        ('headers = { X = "a" }', 'target = "/get2?key={key}\\u00e9"', "6: case, item 1 (one), ask: not a request target (printable ASCII, percent-encoded): '/get2?key={m}\u00e9'"),
        ("ask = ", 'only = ["get2.status.conflct"]\nask = ', "6: case, item 1 (one), only, item 1: unknown requirement 'get2.status.conflct' (did you mean 'get2.status.conflict'?)"),
        ("ask = ", 'only = ["get2.zzzz.qqqq"]\nask = ', "6: case, item 1 (one), only, item 1: unknown requirement 'get2.zzzz.qqqq'; `kvgate list` shows what there is"),
        ("ask = ", 'rulings = ["E1", "E999"]\nask = ', "6: case, item 1 (one), rulings, item 2: unknown ruling 'E999': suites/get2/requirements.toml has what there is"),
        ("ask = ", "former_times = 2\nask = ", "6: case, item 1 (one), former_times: how often former states are asked for, and there is none: add former"),
        ("ask = ", 'level = "SHOULD"\nask = ', "6: case, item 1 (one), level: SHOULD needs a ruling that says so (rulings = [...]), or '; no ruling: ' and the reason in why"),
        ("ask = ", 'hung_up = [{ by = "close" }, { by = "reset", key = "{m}", headers = {} }]\nask = ', "6: case, item 1 (one), hung_up, item 2, headers: unknown key 'headers' (known: by, key, times)"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_case_of_one_question(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    assert told(tmp_path, "get2", right, wrong) == said


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('label = "b"', 'label = "a-2"', "6: case, item 1 (one), ask, item 2, label: another question is called 'a-2' already: give each its own"),
        ('label = "b", key', 'label = "b", target = "/get2?k ey={key}", key', "6: case, item 1 (one), ask, item 2: not a request target (printable ASCII, percent-encoded): '/get2?k ey={m}b'"),
        ('"{m}b" = 404', '"{m}c" = 404', "7: case, item 1 (one), expect.statuses.{m}c: no question is about this key"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_case_of_several_questions(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    assert told(tmp_path, "many", right, wrong) == said


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"?x"', '"?x y"', "4: case, item 1 (one), ask, item 2: not a request target (printable ASCII, percent-encoded): '/data/{m}a?x y'"),
        ('"?x"', '"?\u00e9"', "4: case, item 1 (one), ask, item 2: not a request target (printable ASCII, percent-encoded): '/data/{m}a?\u00e9'"),
        ('{"id":1}', '{"id":1', "5: case, item 1 (one), stored.data.{m}a: expected a JSON object: "),
        ('{"id":1}', '{"id":NaN}', "5: case, item 1 (one), stored.data.{m}a: expected a JSON object: "),
        ('{"id":1}', '{"id":1,"id":2}', "5: case, item 1 (one), stored.data.{m}a: expected a JSON object: "),
        ("'{\"id\":1}'", "{ text = '[', then = ']' }", "5: case, item 1 (one), stored.data.{m}a: expected a JSON object: this is another kind of value"),
        ('{"id":0}', "{id:0}", "6: case, item 1 (one), former.data.{m}a: expected a JSON object: "),
        ('missing = ["{m}b"]', 'missing = ["{m}b", "{m}c"]', "8: case, item 1 (one), expect.a.missing: {m}c is not asked for"),
        ("b = { outcome", "bb = { outcome", "9: case, item 1 (one), expect.bb: no question has this label (did you mean 'b'?)"),
        ('label = "b"', 'label = "c", times = 2', "9: case, item 1 (one), expect.b: no question has this label"),
        ("b = { outcome", "c-1 = { outcome", "9: case, item 1 (one), expect.c-1: no question has this label"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_case_of_json(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    assert told(tmp_path, "geode", right, wrong).startswith(said)


def test_a_former_state_in_a_list_is_told_by_its_number(tmp_path: Path) -> None:
    right = """former.data."{m}a" = '{"id":0}'"""
    wrong = """former = [{ data = { "{m}a" = '{}' } }, { data = { "{m}a" = '{"id":01}' } }]"""
    assert told(tmp_path, "geode", right, wrong).startswith(
        "6: case, item 1 (one), former, item 2, data.{m}a: expected"
    )


def test_a_question_of_which_nothing_is_said(tmp_path: Path) -> None:
    right, wrong = '{ label = "b", keys', '{ label = "d", keys = ["{m}a"] }, { label = "b", keys'
    assert told(tmp_path, "geode", right, wrong) == "7: case, item 1 (one), expect: nothing is said of the question 'd'"
