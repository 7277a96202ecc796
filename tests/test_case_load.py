"""Tests of how cases are read from fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.case.load import read_cases
from kvgate.errors import InputError
from kvgate.interface import load_interface

_CASE = """
[[case]]
name = "asked-often"
why = "a question that is asked several times in a row"
ask = [
  { label = "alone", keys = ["{m}a", "{m}b"] },
  { ASK connection = "one", keys = ["{m}a", "{m}b"] },
]
[case.expect]
alone = { outcome = "missing", status = 400, missing = ["{m}b"] }
found = { outcome = "missing", status = 400, missing = ["{m}b"] }
"""


def _read(folder: Path, ask: str) -> tuple[list[str], dict[str, object]]:
    path = folder / "cases.toml"
    path.write_text(_CASE.replace("ASK", ask), encoding="utf-8")
    (case,) = read_cases(path, load_interface("geode"))
    return [ask.label for ask in case.asks], dict(case.expect)


def test_a_question_asked_several_times_has_a_label_and_an_expectation_for_each(tmp_path: Path) -> None:
    labels, expect = _read(tmp_path, 'label = "found", times = 3,')
    assert labels == ["alone", "found-1", "found-2", "found-3"]
    assert list(expect) == ["alone", "found-1", "found-2", "found-3"]
    assert expect["found-3"] == {"outcome": "missing", "status": 400, "missing": ["{m}b"]}


@pytest.mark.parametrize("ask", ['label = "found", times = 1,', 'label = "found", times = 101,', "times = 3,"])
def test_too_few_too_many_and_nameless_are_refused(tmp_path: Path, ask: str) -> None:
    with pytest.raises(InputError, match=r"cases\.toml"):
        _read(tmp_path, ask)
