"""The measuring of what exploring finds unaided: one fault that it finds, one that it cannot, and the page."""

from __future__ import annotations

import re

from kvgate.explore.row import case_from, name_of, named
from kvgate.interface import load_interface
from kvgate.reference.deviation import load_faults
from proof.outcome import Mark
from proof.unaided import BEGIN, COUNT, END, PAGE, SEED, found

ROW = {
    "master1": {"text": "a" * 300, "version": 1},
    "master2": {"text": "a" * 299 + "b", "version": 1},
    "expect": {"status": 409, "versions": "same", "offset": 300},
}


def test_a_fault_is_found_where_a_case_shows_it_and_not_where_none_does() -> None:
    interface, faults = load_interface("get2"), load_faults("get2")
    cases = [case_from(named(ROW, name_of(1, 1), "for a test"), interface)]
    assert found(faults["compares-first-256-bytes"], cases) is Mark.KILLED
    assert found(faults["no-key-is-200"], cases) is Mark.SURVIVED


def test_the_page_says_what_was_measured() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition(BEGIN)[2].partition(END)[0]
    assert f"{COUNT} generated cases of seed {SEED}" in table
    for _, *cells in re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", table, re.MULTILINE):
        faults, killed, others, lost = map(int, cells)
        assert faults == killed + others + lost
        # A third shows in several questions only, or beyond 64 KiB: a generated case asks one, of little.
        assert killed > 0.6 * faults
