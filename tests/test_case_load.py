"""Tests of how cases are read from fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.case import Case, Mark, load_cases, place
from kvgate.case.complaints import LOWERED, REASON
from kvgate.case.load import read_cases
from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.level import Level
from kvgate.places import FIXTURES, ROOT
from kvgate.requirement import load_rulings
from kvgate.wire.exchange import HangUp

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


def test_who_hangs_up_asks_beside_the_questions_of_a_case() -> None:
    case = load_cases("geode")["hung-up-values"]
    placed = place(case, Mark("kvtest"), {"data": "orders"})
    assert [ask.label for ask in case.asks] == list(case.expect)
    assert len(placed.hung_up) == 16
    assert {ask.hangs_up for ask in placed.hung_up} == {HangUp.RESET}
    assert {ask.target.rpartition("/")[0] for ask in placed.hung_up} == {"/orders"}
    assert not any("{" in ask.target for ask in placed.hung_up)


def test_a_question_may_go_without_what_every_request_has(tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(_CASE.replace("ASK", 'label = "found", without = ["Accept", "User-Agent"],'), encoding="utf-8")
    (case,) = read_cases(path, load_interface("geode"))
    assert [ask.without for ask in case.asks] == [(), ("Accept", "User-Agent")]
    path.write_text(_CASE.replace("ASK", 'label = "found", without = ["Host"],'), encoding="utf-8")
    with pytest.raises(InputError, match=r"cases\.toml"):
        read_cases(path, load_interface("geode"))


@pytest.mark.parametrize("row", ['{ keys = ["{m}a"] }', '{ keys = ["{m}a"], by = "leaving" }', '{ by = "close" }'])
def test_how_a_client_hangs_up_is_said(tmp_path: Path, row: str) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(_CASE.replace("ASK", 'label = "found",').replace("ask = [", f"hung_up = [{row}]\nask = [", 1))
    with pytest.raises(InputError, match=r"cases\.toml"):
        read_cases(path, load_interface("geode"))


def test_large_values_that_are_the_same_are_there_once() -> None:
    for interface in ("get2", "geode"):
        held = [
            each.value for case in load_cases(interface).values() for each in (*case.holdings, *sum(case.former, ()))
        ]
        large = [value for value in held if len(value) >= 1024]
        assert len({id(value) for value in large}) == len(set(large)) < len(large)


def _unreasoned(case: Case, owner: str) -> bool:
    """Whether a case that is judged more mildly than its requirements names neither a ruling that says so nor why.

    `owner` is the interface whose fixture it stands in, since others borrow it with its rulings.
    """
    if case.level is Level.MUST:
        return False
    rulings = load_rulings(owner)
    lowers = any(LOWERED[case.level] in rulings[name].decision.lower() for name in case.rulings)
    _, _, reason = case.why.partition(REASON)
    return lowers == bool(reason)


@pytest.mark.parametrize("interface", sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir()))
def test_a_lowered_case_names_the_ruling_that_lowers_it_or_says_why_there_is_none(interface: str) -> None:
    cases = load_cases(interface)
    assert any(case.level is not Level.MUST for case in cases.values())
    assert [case.source for case in cases.values() if _unreasoned(case, case.source.partition("/")[0])] == []


@pytest.mark.parametrize(
    ("row", "unreasoned"),
    [
        ('level = "MUST"', False),
        ('level = "INFO"', True),
        ('level = "INFO"\nrulings = ["E36"]', False),
        # E34 lowers to SHOULD and no further, E33 does not lower.
        ('level = "INFO"\nrulings = ["E34"]', True),
        ('level = "SHOULD"\nrulings = ["E33"]', True),
        ('level = "SHOULD"\nrulings = ["E33", "E34"]', False),
    ],
)
def test_a_ruling_lowers_as_far_as_it_says(tmp_path: Path, row: str, unreasoned: bool) -> None:
    path = tmp_path / "cases.toml"
    text = _CASE.replace("ASK", 'label = "found",')
    path.write_text(text.replace("[[case]]\n", f"[[case]]\n{row}\n"), encoding="utf-8")
    if unreasoned:
        with pytest.raises(InputError, match=r"item 1 \(asked-often\), level: (SHOULD|INFO) needs a ruling"):
            read_cases(path, load_interface("geode"))
    else:
        (case,) = read_cases(path, load_interface("geode"))
        assert not _unreasoned(case, "geode")


@pytest.mark.parametrize(("interface", "number"), [("get2", 0), ("geode", 1)])
def test_the_cases_that_the_documentation_shows_are_cases(interface: str, number: int, tmp_path: Path) -> None:
    lines = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8").splitlines()
    shown = "\n".join(line[4:] for line in lines if line.startswith("    ") and not line.startswith("    pytest "))
    path = tmp_path / "shown.toml"
    path.write_text("[[case]]" + shown.split("[[case]]")[number + 1], encoding="utf-8")
    (case,) = read_cases(path, load_interface(interface))
    assert case.holdings
