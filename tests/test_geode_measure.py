"""An answer beyond what is read is wrong where what was stored is not beyond it: tried at the edges of each bound."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_geode_meaning import answer, asked

from kvgate import strictjson
from kvgate.strictjson import MAX_DEPTH, TooMuch, Value, read
from kvgate.verdict import Answer, Breach, Unjudged
from suites.geode import measure

DEEPER = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
MORE = "[" + "1," * 30 + "1]"
CHARACTER = 12  # bytes that one character of a text may take in an answer, and what stands around a value
SLACK = 4096


def judged(sent: Answer, *stored: Value) -> type[Exception] | None:
    """Which of the two is raised for an answer to a question for keys that hold these values."""
    keys = [f"k{number}" for number in range(len(stored))]
    question = replace(asked(*keys), missing=frozenset(), stored=dict(zip(keys, stored, strict=True)))
    try:
        measure.expect_within_measure(question, sent)
    except (Breach, Unjudged) as reason:
        return type(reason)
    return None


def is_read(*stored: str) -> bool:
    """Whether the right answer is within the bounds, as the reader has them."""
    try:
        read(f'{{"orders":[{",".join(stored)}]}}'.encode())
    except TooMuch:
        return False
    return True


def nested(depth: int, *brackets: str) -> str:
    """So many brackets, of these kinds in turn, around a number."""
    used = [brackets[at % len(brackets)] for at in range(depth)]
    opening, closing = {"[": "[", "{": '{"a":'}, {"[": "]", "{": "}"}
    return "".join(opening[one] for one in used) + "1" + "".join(closing[one] for one in reversed(used))


@pytest.mark.parametrize("brackets", ["[", "{", "[{"])
@pytest.mark.parametrize("others", [[], ["1"], ["[[]]"]], ids=["alone", "after-a-number", "after-arrays"])
def test_deeper_than_is_read_is_wrong_where_the_right_answer_could_be_read(brackets: str, others: list[str]) -> None:
    for depth, could_be_read in ((MAX_DEPTH - 2, True), (MAX_DEPTH - 1, False), (MAX_DEPTH, False)):
        stored = [*others, nested(depth, *brackets)]
        assert is_read(*stored) is could_be_read
        found = judged(answer(DEEPER), *(read(one.encode()) for one in stored))
        assert found is (Breach if could_be_read else Unjudged)


def test_an_empty_array_is_as_deep_as_one_that_holds_a_number() -> None:
    for depth, verdict in ((MAX_DEPTH - 2, Breach), (MAX_DEPTH - 1, Unjudged)):
        assert judged(answer(DEEPER), read(b"[" * depth + b"]" * depth)) is verdict


@pytest.fixture
def few_values(monkeypatch: pytest.MonkeyPatch) -> int:
    """A bound of few commas, so that its edge is met without reading as many values as it lets through."""
    monkeypatch.setattr(strictjson, "MAX_COMMAS", 20)
    monkeypatch.setattr(measure, "MAX_COMMAS", 20)
    return 20


@pytest.mark.parametrize(
    ("before", "between", "after"),
    [("[", "1", "]"), ('{"a":[', "1", "]}"), ("[", "[]", "]"), ("[", '{"a":1}', "]"), ("[[1,2],{},[", "1", "]]")],
)
def test_more_values_than_are_read_are_wrong_where_the_right_answer_could_be_read(
    before: str, between: str, after: str, few_values: int
) -> None:
    seen = []
    for count in range(few_values + 2):
        stored = before + ",".join([between] * count) + after
        if is_read(stored):
            could_be_read = is_read(stored, "1")
            seen.append(could_be_read)
            found = judged(answer(MORE), read(stored.encode()), read(b"1"))
            assert found is (Breach if could_be_read else Unjudged), count
    assert seen[-2:] == [True, False]


def test_a_key_asked_for_twice_may_be_answered_twice(few_values: int) -> None:
    held = read(b"[" + b"1," * (few_values - 5) + b"1]")
    question = replace(asked("a", "a"), missing=frozenset(), stored={"a": held})
    with pytest.raises(Unjudged):
        measure.expect_within_measure(question, answer(MORE))
    assert judged(answer(MORE), held) is Breach


def of_bytes(count: int, *, blanks: str = "") -> Answer:
    """An answer of which so many bytes were kept that are no blanks, and one was not."""
    sent = answer("XyZ1"[: count % 4] + "XyZ1" * (count // 4) + blanks)
    return Answer(sent.exchange, replace(sent.response, body_length=sent.response.body_length + 1))


@pytest.mark.parametrize(
    ("stored", "characters"),
    [
        ([], 0),
        (["1"], 1 + 1),
        (["null", "true"], 2),
        (['"abc"'], 1 + 3),
        (['{"name":"abc"}'], 2 + 7),
        (['[1,"abc",{}]', "-1.5e7"], 4 + 4 + 1 + 6),
        (['"' + "\U0001f600" * 1000 + '"'], 1 + 1000),
    ],
)
def test_more_bytes_than_what_was_stored_can_take_are_wrong(stored: list[str], characters: int) -> None:
    held = [read(one.encode()) for one in stored]
    most = CHARACTER * (1 + characters) + SLACK  # the array is a value too
    assert judged(of_bytes(most), *held) is Unjudged
    assert judged(of_bytes(most, blanks=" \t\r\n" * 5000), *held) is Unjudged
    assert judged(of_bytes(most + 1), *held) is Breach


def test_what_can_be_read_and_what_is_no_json_is_for_others_to_judge() -> None:
    assert judged(answer('{"orders":[1]}'), read(b"2")) is None
    assert judged(answer("[1"), read(b"2")) is None


def test_a_long_number_is_wrong_but_where_its_zeros_make_it_long() -> None:
    assert judged(answer("7" * 5000), read(b"1")) is Breach
    assert judged(answer("1." + "0" * 5000), read(b"1")) is Unjudged


def test_where_it_begins_to_be_too_much_is_shown() -> None:
    for body, got in (
        ("1" + "0" * 9 + "7" * 5000, "1" + "0" * 9 + "7" * 30 + "..."),
        ('{"orders":["' + "y" * 30 + '",' + "7" * 5000 + "]}", "..." + "y" * 18 + '",' + "7" * 40 + "..."),
    ):
        with pytest.raises(Breach) as breach:
            measure.expect_within_measure(asked("a", "b"), answer(body))
        assert breach.value.got == got
        assert breach.value.want == '[{"n": 1}, {"n": 2}]'
