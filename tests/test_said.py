"""What is said of a wrong answer changes only on purpose: waivers, and those who read reports, know it by its words."""

from __future__ import annotations

import pytest
from said import SUITES, written_down


@pytest.mark.parametrize(("suite", "name"), [(suite, name) for suite in SUITES for name in written_down(suite)])
def test_what_is_said_of_a_wrong_answer_is_what_is_written_down(suite: str, name: str) -> None:
    assert SUITES[suite]()[name]() == written_down(suite)[name], "run `python tests/said.py` if these words are meant"


@pytest.mark.parametrize("suite", SUITES)
def test_every_wrong_answer_is_written_down(suite: str) -> None:
    assert list(SUITES[suite]()) == list(written_down(suite))
