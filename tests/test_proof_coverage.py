"""The coverage of the specifications' pages, and the totals that the README quotes of the proof."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kvgate.errors import InputError
from kvgate.places import ROOT
from kvgate.requirement import load_requirements
from proof.__main__ import PAGE
from proof.coverage import PAGES, cited, coverage_section, gaps, load_page, paged
from proof.hostile import load_behaviours


@pytest.mark.parametrize(
    ("text", "lines"),
    [("69", (69,)), ("43-44, 50-51", (43, 44, 50, 51)), ("49/61, 52/137", (49, 52, 61, 137)), ("-", ()), ("", ())],
)
def test_a_citation_names_lines(text: str, lines: tuple[int, ...]) -> None:
    assert cited(text) == lines


def test_both_pages_are_covered_to_the_last_line() -> None:
    assert paged() == ("geode", "get2")
    for interface in paged():
        page = load_page(interface)
        assert list(gaps(page)) == []
        assert [line for passage in page.passages for line in passage.lines] == list(range(1, page.last_line + 1))
        assert {each for names in page.demands.values() for each in names} == set(load_requirements(interface))
        assert coverage_section(interface).bad == ()


def written(folder: Path, old: str, new: str) -> Path:
    """get2's page with one change in its text."""
    text = (PAGES / "get2.toml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "get2.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('lines = "90-93"', 'lines = "90-92"', "get2: line 93 stands in 0 passages, not in one"),
        ('lines = "34"', 'lines = "33-34"', "get2: line 33 stands in 2 passages, not in one"),
        ("last_line = 93", "last_line = 92", "get2: there is no line 93"),
        (
            'says = "what Version means"',
            'says = "what Version means"\nsilent = "because"',
            "get2: lines 33 (what Version means) are cited by get2.version.same, and are said to demand nothing",
        ),
        (
            'silent = "a name"\n',
            "",
            "get2: lines 1-2 (title): no requirement cites them, and no reason is given",
        ),
        (
            'demanded_at = "21, 27"',
            'demanded_at = "20"',
            "get2: lines 19-20 (first outcome: values and versions match) are said to be demanded at line 20, "
            "and no requirement cites that",
        ),
    ],
)
def test_a_gap_is_found(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert wanted in list(gaps(load_page("get2", written(tmp_path, old, new))))


def test_a_passage_is_either_silent_or_demanded_elsewhere(tmp_path: Path) -> None:
    both = written(tmp_path, 'silent = "a name"', 'silent = "a name"\ndemanded_at = "5"')
    with pytest.raises(InputError, match=r"get2\.toml:\d+: passage"):
        load_page("get2", both)


def test_what_is_demanded_elsewhere_is_shown_with_its_requirements() -> None:
    rows = {row[0]: row for row in coverage_section("get2").tables[0].rows}
    assert rows["69"][2:] == ("get2.offset.present, get2.offset.cut, get2.body.conflict", "E5")
    assert rows["71-72"][2].startswith("get2.status.conflict, get2.version.pair")
    assert rows["90-93"][2] == "nothing: navigation"


def totals(title: str, what: str) -> int:
    """The sum of one figure over the lines of docs/proof.md that begin like this."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"- **{title}")]
    assert lines, title
    return sum(int(found) for line in lines for found in re.findall(rf"(\d+) {what}\b", line))


def test_the_readme_quotes_the_totals_of_the_proof() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for title, what, sentence in (
        ("Faults of", "killed", "{} deliberate faults, each caught by the requirement that it breaks"),
        ("Freedoms of", "granted", "{} freedoms of conforming servers, none of them flagged"),
        ("Hostile", "runs", "{} runs against hostile servers, each ended as it should"),
        ("The page of", "lines", "{} lines of the two pages, each accounted for"),
    ):
        assert sentence.format(totals(title, what)) in text
    assert totals("Faults of", "faults") == totals("Faults of", "killed")
    assert totals("Freedoms of", "freedoms") == totals("Freedoms of", "granted")
    assert totals("Hostile", "runs") == totals("Hostile", "survived it") == len(load_behaviours())
    assert totals("The page of", "left out") == 0
