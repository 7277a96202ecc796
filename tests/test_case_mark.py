"""What the keys of a run are marked with, and what tells those of one case."""

from __future__ import annotations

import pytest

from kvgate.case import Mark
from kvgate.case.mark import causes_of

MARK = Mark("kvtest")


def test_the_keys_of_a_case_begin_with_its_own_word() -> None:
    word = MARK.own("control", frozenset()).word
    assert word == MARK.words("control") == MARK.fill("{m}", "control")
    assert word.startswith("kvtest")
    assert len(word) == len("kvtest") + 6


def test_a_word_of_another_case_is_found_wherever_it_stands() -> None:
    other, third, stranger = map(MARK.words, ("missing-all", "missing-first", "of-no-run"))
    own = MARK.own("control", frozenset({MARK.words("control"), other, third}))
    for text in (
        other,
        f"no {other}a there",
        f"{own.word}{other}",
        f"/{own.word}a,{other}b",
        f"x{other}",
        f"kvt{other}",
    ):
        assert own.other_in(text) == other
    assert own.other_in(f"{stranger} {own.word} {third} {other}") == third
    # A key of its own that lost a sign begins with no case's word.
    lost = own.word[:8] + own.word[9:]
    for text in (
        "",
        "kvtest",
        own.word,
        f"{own.word}-and-{own.word}b",
        other[:-1],
        other.upper(),
        stranger,
        lost + "a",
    ):
        assert own.other_in(text) is None


@pytest.mark.parametrize(
    ("one", "other", "cause"),
    [
        (
            "nothing came for 1 s: 0 of 10 bytes of the body",
            "nothing came for 1 s: 13 of 23 bytes of the body",
            "nothing came for 1 s: (number) of (number) bytes of the body",
        ),
        ("ends after 1 byte", "ends after 12 bytes", None),
        ("a NUL at byte 7", "a NUL at byte 81", "a NUL at byte (number)"),
        ("12 bytes too many", "8 bytes too many", "(number) bytes too many"),
        ("beyond what is read: 5000017", "beyond what is read: 10485760", "beyond what is read: (number)"),
        ("no answer to kvtest000001a", "no answer to kvtest000002b", "no answer to (key)"),
        ("status 502", "status 503", None),
        ("http://127.0.0.1:8080 is down", "http://127.0.0.1:8081 is down", None),
        ("4 of 5 nodes are down", "3 of 5 nodes are down", None),
    ],
)
def test_messages_that_differ_in_keys_or_sizes_give_one_cause(one: str, other: str, cause: str | None) -> None:
    assert causes_of([one, other], "kvtest") == {one: cause or one, other: cause or other}
    assert causes_of([one, other], "") == {one: one, other: other}
    assert causes_of([one, one], "kvtest") == {one: one}
