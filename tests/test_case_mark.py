"""What the keys of a run are marked with, and what tells those of one case."""

from __future__ import annotations

from kvgate.case import Mark

MARK = Mark("kvtest")


def test_the_keys_of_a_case_begin_with_its_own_word() -> None:
    own = MARK.own("control")
    assert own.word == MARK.words("control") == MARK.fill("{m}", "control")
    assert own.word.startswith("kvtest")
    assert len(own.word) == len("kvtest") + 6


def test_a_word_of_another_case_is_found_wherever_it_stands() -> None:
    own, other = MARK.own("control"), MARK.words("missing-all")
    for text in (other, f"no {other}a there", f"{own.word}{other}", f"/{own.word}a,{other}b", f"x{other}"):
        assert own.other_in(text) == other
    for text in ("", "kvtest", own.word, f"{own.word}-and-{own.word}b", other[:-1], other.upper(), other[1:]):
        assert own.other_in(text) is None


def test_a_short_mark_may_stand_in_any_text() -> None:
    for text, found in (("kvtes", None), ("kvtest", "kvtestzzzzzz")):
        assert Mark(text).own("control").other_in(f"{text}zzzzzz") == found
