"""JSON read strictly: what is found, where, and what compares equal."""
# ruff: noqa: E501  # one text a line is what a reader runs an eye over

from __future__ import annotations

import sys
import traceback

import pytest

from kvgate.strictjson import (
    MAX_DEPTH,
    MAX_NUMBER,
    NotJson,
    Number,
    TooMuch,
    Unpredictable,
    apart,
    difference,
    equal,
    hashable,
    read,
    shown,
    strings,
    strings_of,
)

WRONG = {
    "empty": (b"", "empty", 0),
    "white space": (b" \n", "nothing but white space", 0),
    "byte-order mark": (b"\xef\xbb\xbf{}", "byte-order mark", 0),
    "UTF-16": ("\ufeff{}".encode("utf-16-le"), "not UTF-8", 0),
    "not UTF-8": (b'{"a":"\xe9"}', "not UTF-8", 6),
    "raw surrogate": (b'"\xed\xa0\x80"', "lone surrogate", 1),
    "escaped high surrogate": (rb'["\ud83d"]', "lone surrogate", 2),
    "escaped low surrogate": (rb'"a\ude00"', "lone surrogate", 2),
    "surrogates in wrong order": (rb'"\ude00\ud83d"', "lone surrogate", 1),
    "surrogate then letter": (rb'"\ud83dx"', "lone surrogate", 1),
    "surrogate in a name": (rb'{"\ud83d":1}', "lone surrogate", 2),
    "surrogate after an escaped backslash": (rb'"\\\ud83d"', "lone surrogate", 3),
    "member twice": (b'{"a":1,"b":2,"a":1}', 'repeated member: "a"', 13),
    "member twice, inside": (b'{"a":1,"x":[{"a":1,"a":2}]}', 'repeated member: "a"', 19),
    "member twice, once escaped": (rb'{"a":1,"\u0061":2}', 'repeated member: "a"', 7),
    "member twice, not the first": (b'{"b":2,"a":1,"a":1}', 'repeated member: "a"', 13),
    "too deep, after much that is closed": (b"[" + b"[]," * 300 + b"[" * 200 + b"]" * 201, "deeper", 1100),
    "not UTF-8, nearly a surrogate": (b'["\xedA"]', "not UTF-8", 2),
    "not UTF-8, beyond a surrogate": (b'["\xeeA"]', "not UTF-8", 2),
    "not UTF-8 at the end": (b'["\xee', "not UTF-8", 2),
    "raw surrogate, further on": (b'["\xed\xa0\x80"]', "lone surrogate", 2),
    "raw surrogate, cut off": (b'["\xed\xa0', "lone surrogate", 2),
    "member twice, after another object": (b'{"a":{"x":1},"x":2,"a":3}', 'repeated member: "a"', 19),
    "member twice, after texts alike": (b'{"l":["x","x"],"a":1,"a":2}', 'repeated member: "a"', 21),
    "a letter": (b"X", "expecting value", 0),
    "letters after many brackets": (b"[" + b"[]," * 300 + b"X" * 300, "expecting value", 901),
    "not UTF-8, after many brackets": (b"[" + b"[]," * 300 + b"\xff" * 300, "not UTF-8", 901),
    "one byte too many": (b'"' + b"a" * (8 * 1024 * 1024 - 1) + b'"', "8388609 bytes", 8 * 1024 * 1024),
    "one value too many": (b"[" + b"null," * 200_001 + b"null]", "more than 200000 values", 0),
    "NaN": (b'{"a":NaN}', "NaN", 5),
    "NaN after a text of it": (b'["NaN",NaN]', "NaN", 7),
    "Infinity": (b"[Infinity]", "Infinity", 1),
    "-Infinity": (b"[-Infinity]", "-Infinity", 1),
    "comma after the last element": (b"[1,]", "", 3),
    "comma after the last member": (b'{"a":1,}', "", None),
    "comma first": (b"[,1]", "", 1),
    "text after": (b"{} x", "extra data", 3),
    "two texts": (b"{}{}", "extra data", 2),
    "NUL after": (b"{}\0", "extra data", 2),
    "cut off": (b'{"a":[1,2', "", None),
    "cut off in a text": (b'{"a":"b', "unterminated", 5),
    "line end in a text": (b'"a\nb"', "control character", 2),
    "NUL in a text": (b'"a\0b"', "control character", 2),
    "single quotes": (b"{'a':1}", "", 1),
    "name without quotes": (b"{a:1}", "", 1),
    "comment": (b"[1/*x*/]", "", 2),
    "leading zero": (b"01", "extra data", 1),
    "plus sign": (b"+1", "expecting value", 0),
    "fraction without digits": (b"1.", "extra data", 1),
    "number without whole part": (b".5", "expecting value", 0),
    "hexadecimal": (b"0x1", "extra data", 1),
    "full-width digit": ("１".encode(), "expecting value", 0),
    "capital True": (b"True", "expecting value", 0),
    "bad escape": (rb'"\x41"', "escape", None),
    "short \\u": (rb'"\u12"', "escape", None),
    "form feed between": (b"[1,\x0c2]", "expecting value", 3),
    "no-break space between": (b"[1,\xc2\xa02]", "expecting value", 3),
    "markup": (b"<html></html>", "expecting value", 0),
    "too deep": (b"[" * 100_000, "deeper", MAX_DEPTH),
    "too deep, objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deeper", MAX_DEPTH * 5),
    "too deep, after much": (b'["' + b"]" * 2000 + b'",' + b"[" * 600 + b"]" * 601, "deeper", 2004 + MAX_DEPTH - 1),
    "a million digits": (b'{"n":' + b"1" * 1_000_000 + b"}", "1000000 characters", 5),
    "too many bytes": (b'"' + b"a" * 9_000_000 + b'"', "bytes", None),
    "too many values": (b"[" + b"1," * 300_000 + b"1]", "values", None),
    "an exponent of a million digits": (b"[1e" + b"1" * 1_000_000 + b"]", "characters", 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_strict_json_is_found(name: str) -> None:
    data, message, offset = WRONG[name]
    with pytest.raises(NotJson) as found:
        read(data)
    assert message in found.value.message
    assert offset is None or found.value.offset == offset
    assert "\n" not in str(found.value)
    assert str(found.value) == f"{found.value.message} (at byte {found.value.offset})"


UNPREDICTABLE = {
    "a member twice": (b'{"a":1,"a":1}', 'a repeated member: "a"', 7),
    "a member twice, further in": (b'[{"a":1},{"b":{"c":[],"c":2}}]', 'a repeated member: "c"', 22),
    "a lone surrogate": (rb'["\ud83d"]', "a lone surrogate: \\ud83d", 2),
    "both": (rb'{"a":"\ude00","a":1}', 'a repeated member: "a"', 14),
}


@pytest.mark.parametrize("name", UNPREDICTABLE)
def test_what_is_json_but_unpredictable_is_told_from_what_is_none(name: str) -> None:
    data, message, offset = UNPREDICTABLE[name]
    with pytest.raises(Unpredictable) as found:
        read(data)
    assert (found.value.message, found.value.offset) == (message, offset)
    for broken in (data[:-1], data + b"]", data + b"NaN", b"[" + data + b",NaN]", b"[" + data + b",]", data + b"\xff"):
        with pytest.raises(NotJson) as other:
            read(broken)
        assert not isinstance(other.value, Unpredictable)


def test_the_strings_of_what_is_unpredictable_are_all_given() -> None:
    data = rb'{"a":"\u0062","a":[-1.5e3,"\"2",true],"\ud83d":{"c":0}}'
    assert list(strings_of(data)) == ["a", "b", "a", "-1.5e3", '"2', "\ud83d", "c", "0"]


@pytest.mark.parametrize(
    "data",
    [
        b"null", b"  \t\r\n{}\n", b'"\\ud83d\\ude00"', b'"\\\\ud800"', b'"\xf0\x9f\x98\x80"', b'{"a":{"a":1},"b":{"a":1}}', b"-0", b"1E400",
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, b"1" * MAX_NUMBER, b'"' + b"[" * 5000 + b'"', b'"' + b"9" * 5000 + b'"', b"[" + b"[]," * 5000 + b"[]]",
        b'"' + b"a" * (8 * 1024 * 1024 - 2) + b'"', b"[" + b"null," * 200_000 + b'",,"]',
        b'{"\\"[":"' + b'\\"[' * 600 + b'"}',
    ],
)  # fmt: skip
def test_what_is_strict_json_is_read(data: bytes) -> None:
    read(data)


def test_offsets_count_bytes_and_not_characters() -> None:
    with pytest.raises(NotJson) as found:
        read('{"é😀":1} x'.encode())
    assert found.value.offset == 13


SAME = [
    ("350", "350.0"),
    ("350", "3.5e2"),
    ("350", "0.35E+3"),
    ("0", "-0"),
    ("0", "0.000e99"),
    ("1e999999999999", "10e999999999998"),
    ("15.50", "15.5"),
    ("1e-3", "0.001"),
]
OTHER = [
    ("15.5", "15"),
    ("9007199254740993", "9007199254740992"),
    ("1", "-1"),
    ("1e400", "1e401"),
    ("0.1", "0.10000000000000001"),
    ("10", "1"),
    ("1e999999999999", "1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_numbers_of_one_value_are_equal(one: str, other: str) -> None:
    assert equal(read(one.encode()), read(other.encode()))
    assert hash(Number.read(one)) == hash(Number.read(other))
    assert difference(read(one.encode()), read(other.encode())) is None


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_numbers_of_two_values_are_not(one: str, other: str) -> None:
    assert not equal(read(one.encode()), read(other.encode()))
    assert difference(read(one.encode()), read(other.encode())) == f"at $: want {one}, got {other}"


@pytest.mark.parametrize("text", ["01", "", "+1", ".5", "1.", "0x1", "1e", " 1", "1" * (MAX_NUMBER + 1)])
def test_what_is_no_number_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        Number.read(text)


DIFFERENT = [
    (
        '{"items":[{"p":1},{"unitPrice":15.5}]}',
        '{"items":[{"p":1},{"unitPrice":15}]}',
        "at $.items[1].unitPrice: want 15.5, got 15",
    ),
    ('{"a":1}', "{}", "at $.a: want 1, got nothing"),
    ("{}", '{"a b":null}', 'at $["a b"]: want nothing, got null'),
    ("[1,2,3]", "[1,2]", "at $: want 3 elements, got 2 elements"),
    ('{"a":null}', '{"a":[]}', "at $.a: want null, got []"),
    ('{"a":true}', '{"a":1}', "at $.a: want true, got 1"),
    ('{"a":"1"}', '{"a":1}', 'at $.a: want "1", got 1'),
    ('{"a":1}', "[]", 'at $: want {"a": 1}, got []'),
    ("[]", "{}", "at $: want [], got {}"),
    ('"e\u0301"', '"\u00e9"', 'at $: want "e\\u0301", got "\\u00e9"'),
    ('{"@type":"x"}', '{"@type":"y"}', 'at $.@type: want "x", got "y"'),
]


@pytest.mark.parametrize(("want", "got", "told"), DIFFERENT)
def test_the_first_difference_is_told_in_one_line(want: str, got: str, told: str) -> None:
    assert difference(read(want.encode()), read(got.encode())) == told
    assert not equal(read(want.encode()), read(got.encode()))


LONG = "a" * 500
APART = [
    ("[1]", "[2]", ("[1]", "[2]")),
    (f'["{LONG}",1]', f'["{LONG}",2]', ("at $[1]: 1", "at $[1]: 2")),
    (f'{{"a":"{LONG}","b":1}}', f'{{"a":"{LONG}"}}', ("at $.b: 1", "at $.b: nothing")),
    (f'["{LONG}",1]', f'["{LONG}"]', ("at $: 2 elements", "at $: 1 element")),
    (f'"{LONG}b"', f'"{LONG}c"', (f'at $: ...{"a" * 40}b"', f'at $: ...{"a" * 40}c"')),
    (f'"{LONG}"', f'"{LONG[:255]}"', (f"at $: ...{'a' * 120}...", f'at $: ...{"a" * 40}"')),
    (f"1{'0' * 200}1", f"1{'0' * 200}2", (f"at $: ...{'0' * 40}1", f"at $: ...{'0' * 40}2")),
    (f"[1{'1' * 200}]", f"[1{'1' * 210}]", (f"at $[0]: ...{'1' * 40}", f"at $[0]: ...{'1' * 50}")),
    (f'["{LONG}"]', f'["{LONG}"]', (f'["{LONG[:118]}...', f'["{LONG[:118]}...')),
]


@pytest.mark.parametrize(("want", "got", "texts"), APART)
def test_two_values_are_shown_where_they_differ(want: str, got: str, texts: tuple[str, str]) -> None:
    assert apart(read(want.encode()), read(got.encode())) == texts


def test_a_difference_far_into_a_text_is_shown() -> None:
    told = difference(LONG + "b", LONG + "c")
    assert told == f'at $: want ...{"a" * 40}b", got ...{"a" * 40}c"'


def test_members_have_no_order_and_elements_have() -> None:
    assert equal(read(b'{"a":1,"b":[1,2]}'), read(b'{"b":[1,2.0],"a":1}'))
    assert not equal(read(b"[1,2]"), read(b"[2,1]"))
    assert hashable(read(b"[true]")) != hashable(read(b"[1]"))
    assert hashable(read(b"{}")) != hashable(read(b"[]"))


def test_what_is_hashed_is_equal_where_the_values_are_and_nowhere_else() -> None:
    texts = ["{}", "[]", "null", "true", "1", '"1"', '"a"', '{"a":1}', '{"a":2}', '{"b":1}', "[1]", "[2]", "[1,2]",
             "[2,1]", '["a",1]', '[["a",1]]', '{"a":{}}', '{"a":[]}', "[{}]", "[[]]"]  # fmt: skip
    assert len({hashable(read(text.encode())) for text in texts}) == len(texts)
    assert hashable(read(b'{"a":1,"b":[2]}')) == hashable(read(b'{"b":[2.0],"a":1}'))
    for text in texts:
        assert difference(read(text.encode()), read(text.encode())) is None


def test_values_are_shown_in_one_line_of_ascii() -> None:
    value = read('{"a":[1.50,"é\\n",null,true,{}],"b":[]}'.encode())
    assert shown(value) == '{"a": [1.50, "\\u00e9\\n", null, true, {}], "b": []}'
    assert shown(value, 10) == '{"a": [1.5...'
    assert list(strings(value)) == ["a", "1.50", "é\n", "b"]


def test_what_is_shown_is_cut_after_120_characters() -> None:
    assert shown("a" * 118) == '"' + "a" * 118 + '"'
    assert shown("a" * 119) == '"' + "a" * 119 + "..."


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", Number(False, "", 0)),
        ("-0.00e7", Number(False, "", 0)),
        ("1500e3", Number(False, "15", 5)),
        ("-0.0150", Number(True, "15", -3)),
        ("10.01e-1", Number(False, "1001", -3)),
    ],
)
def test_a_number_has_one_form(text: str, number: Number) -> None:
    assert Number.read(text) == number
    assert Number.read(text).text == text


@pytest.mark.parametrize(
    ("number", "may_be_short"),
    [
        (b"0." + b"0" * 5000, True),
        (b"1" + b"0" * 5000, True),
        (b"1" * 4000 + b"0", True),
        (b"1" * 4001, False),
        (b"0e" + b"1" * 4001, True),
        (b"0E" + b"1" * 4001, True),
        (b"1e" + b"1" * 4001, False),
        (b"-0.0e-" + b"1" * 4001, True),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_number_may_be_long_by_its_zeros_alone(number: bytes, may_be_short: bool) -> None:
    with pytest.raises(TooMuch) as found:
        read(number)
    assert found.value.may_be_short is may_be_short


def test_two_numbers_with_something_between_are_no_long_one() -> None:
    digits = b"1" * (MAX_NUMBER - 100)
    for between in (b",", b":", b" ", b"X", b"x"):
        with pytest.raises(NotJson) as found:
            read(digits + between + digits)
        assert not isinstance(found.value, TooMuch), between


def test_what_is_too_deep_for_the_interpreter_is_no_json() -> None:
    frames = len(traceback.extract_stack())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(frames + 100)
    try:
        with pytest.raises(TooMuch, match="nested too deep to be read \\(at byte 0\\)"):
            read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    finally:
        sys.setrecursionlimit(limit)


def test_the_deepest_document_can_be_compared() -> None:
    deep = b'{"a":' * (MAX_DEPTH - 1) + b"[1]" + b"}" * (MAX_DEPTH - 1)
    assert equal(read(deep), read(deep))
    assert (difference(read(deep), read(deep.replace(b"1", b"2"))) or "").endswith("[0]: want 1, got 2")
