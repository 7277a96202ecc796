"""Tests of keys whose end is chosen for what a misreading of the table of masters would find."""

from __future__ import annotations

import pytest

from kvgate.case import Case, Mark, load_cases, place
from kvgate.seeding.aim import AIMS, aimed
from kvgate.seeding.table import BUCKETS, Range, Table, bucket_of

HALVES = Table((Range(0, 512, "a:1", "b:1"), Range(512, 1024, "b:1", "a:1")))
UNEVEN = Table((Range(0, 300, "a:1", "b:1"), Range(300, 301, "c:1", "d:1"), Range(301, 1024, "d:1", "a:1")))
WHOLE = Table((Range(0, 1024, "a:1", "b:1"),))
CASES = [case for case in load_cases("get2").values() if case.aim]


def placed(case: Case) -> Case:
    return place(case, Mark("kvaim"), {})


def of_aim(aim: str) -> Case:
    return placed(next(case for case in CASES if case.aim == aim))


def test_each_aim_has_a_case() -> None:
    assert sorted(case.aim or "" for case in CASES) == sorted(AIMS)


@pytest.mark.parametrize("table", [HALVES, UNEVEN])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_key_is_another_everywhere_in_the_case(case: Case, table: Table) -> None:
    before = placed(case)
    after = aimed(before, table)
    assert after.key.startswith(before.key)
    assert len(after.key) == len(before.key) + 13
    assert {holding.key for holding in after.holdings} == {after.key}
    assert after.asks[0].target == f"/get2?key={after.key}"
    assert after.asks[0].fields["key"] == after.key


def test_ends_of_the_table_and_of_ranges_are_met() -> None:
    for table in (HALVES, UNEVEN):
        edges = {item.start for item in table.ranges[1:]}
        assert bucket_of(aimed(of_aim("first-bucket"), table).key) == 0
        assert bucket_of(aimed(of_aim("last-bucket"), table).key) == BUCKETS - 1
        assert bucket_of(aimed(of_aim("first-of-range"), table).key) in edges
        assert bucket_of(aimed(of_aim("last-of-range"), table).key) + 1 in edges
    assert bucket_of(aimed(of_aim("narrowest-range"), UNEVEN).key) == 300


def test_the_spelling_counts() -> None:
    lower, decoded = aimed(of_aim("lower-case"), HALVES).key, aimed(of_aim("decoded"), HALVES).key
    assert HALVES.masters(lower) != HALVES.masters(lower.lower())
    assert HALVES.masters(decoded) != HALVES.masters(decoded.replace("%2F", "/"))


def test_where_nothing_can_show_the_case_stays_as_it_is() -> None:
    for case in map(placed, CASES):
        assert aimed(case, None) is case
        if case.aim not in ("first-bucket", "last-bucket"):
            assert aimed(case, WHOLE) is case
    plain = placed(load_cases("get2")["missing-both"])
    assert aimed(plain, HALVES) is plain
