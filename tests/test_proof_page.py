"""What of the proof's page has to be as a run of today has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.exits import Exit
from proof.__main__ import PAGE, main
from proof.page import settled

FAULTS = {"Faults of get2"}
TEXT = """
- **Faults of get2**: 2 faults, 2 killed
- **Hostile behaviours**: 1 runs

## Faults of get2

| requirement | level | faults meant for it | killed | others it fails on too |
| --- | --- | --- | --- | --- |
| `a` | MUST | 2 | 2 | 7 |

| fault | what it does | where it shows | fate | fails with it |
| --- | --- | --- | --- | --- |
| `x` | Does. | here | killed | get2.b |

## Hostile behaviours

| behaviour | exit |
| --- | --- |
| `h` | 6 |
"""


def test_what_fails_besides_and_other_chapters_do_not_count() -> None:
    other = TEXT.replace("| 7 |", "| 9 |").replace("get2.b", "get2.c").replace("`h` | 6", "`h` | 1")
    assert settled(other, FAULTS) == settled(TEXT, FAULTS)
    assert len(settled(TEXT, FAULTS)) == 8


@pytest.mark.parametrize(
    ("old", "new"), [("| killed | get2", "| survived | get2"), ("2 killed", "1 killed"), ("`x`", "`y`")]
)
def test_everything_else_does(old: str, new: str) -> None:
    assert old in TEXT
    assert settled(TEXT.replace(old, new), FAULTS) != settled(TEXT, FAULTS)


def test_what_a_freedom_warns_counts_where_it_is_asked_all_cases() -> None:
    text = "## Freedoms\n| freedom | fate | warns |\n| --- | --- | --- |\n| `x` | granted | get2.b |\n"
    less, flagged = text.replace("get2.b", "–"), text.replace("granted", "flagged")
    assert settled(less, {"Freedoms"}) != settled(text, {"Freedoms"})
    assert settled(less, {"Freedoms"}, sampled=True) == settled(text, {"Freedoms"}, sampled=True)
    assert settled(flagged, {"Freedoms"}, sampled=True) != settled(text, {"Freedoms"}, sampled=True)


def test_chapters_that_are_run_count() -> None:
    both = FAULTS | {"Hostile behaviours"}
    assert settled(TEXT.replace("`h` | 6", "`h` | 1"), both) != settled(TEXT, both)
    assert len(settled(PAGE.read_text(encoding="utf-8"), FAULTS)) > 200


@pytest.mark.parametrize("option", ["--quick", "--unexplored"])
def test_what_leaves_chapters_out_writes_no_page(
    option: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([option, f"--report-dir={tmp_path}"]) == Exit.USAGE
    assert capsys.readouterr().err == f"{option} leaves chapters out, so it writes no page: give --check too\n"
