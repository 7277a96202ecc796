"""Each feature of a value, a key and a version has a case in each of the four outcomes.

An implementer has code of its own for each outcome, so that what is handled rightly in one can be wrong in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from get2_answers import MARK
from get2_features import OF_KEYS, OF_PAIRS, OF_VALUES, VERSIONS

from kvgate.case import Case, Holding, load_cases, place
from kvgate.level import Level

Outcome = tuple[int, str]
OUTCOMES: tuple[Outcome, ...] = ((200, "same"), (200, "pair"), (409, "same"), (409, "pair"))
CASES = load_cases("get2")


def held(case: Case) -> tuple[Holding, Holding]:
    first, second = case.held("master1"), case.held("master2")
    assert first is not None
    assert second is not None
    return first, second


def of_outcome(outcome: Outcome) -> list[Case]:
    """The cases in which one question gets this outcome, judged by every requirement, whatever was there before."""
    return [
        case
        for case in CASES.values()
        if (case.expect.get("status"), case.expect.get("versions")) == outcome
        and case.level is Level.MUST
        and not (case.only or case.former)
        and len(case.asks) == 1
    ]


BY_OUTCOME = {outcome: of_outcome(outcome) for outcome in OUTCOMES}
outcomes = pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: f"{outcome[0]}-{outcome[1]}")


def lacking(names: dict[str, bool]) -> list[str]:
    return [name for name, there in names.items() if not there]


@outcomes
@pytest.mark.parametrize("master", [0, 1], ids=["master1", "master2"])
def test_every_feature_of_values_is_in_every_outcome(outcome: Outcome, master: int) -> None:
    values = {held(case)[master].value for case in BY_OUTCOME[outcome]}
    assert lacking({name: any(map(has, values)) for name, has in OF_VALUES.items()}) == []


@outcomes
def test_every_feature_of_keys_is_in_every_outcome(outcome: Outcome) -> None:
    keys = [place(case, MARK, {}).key for case in BY_OUTCOME[outcome]]
    assert lacking({name: any(map(has, keys)) for name, has in OF_KEYS.items()}) == []


@outcomes
def test_every_turning_point_of_versions_is_in_every_outcome(outcome: Outcome) -> None:
    pairs = {(one.version, two.version) for one, two in map(held, BY_OUTCOME[outcome])}
    for versions in zip(*pairs, strict=True):
        assert set(VERSIONS) - set(versions) == set()
    if outcome[1] == "pair":
        numbers = [(one, two) for one, two in pairs if one and two]
        assert lacking({name: any(has(*pair) for pair in numbers) for name, has in OF_PAIRS.items()}) == []


@pytest.mark.parametrize("has", [*OF_VALUES.values()], ids=[*OF_VALUES])
def test_no_feature_of_values_is_one_of_all_values(has) -> None:  # type: ignore[no-untyped-def]
    """A feature that a plain value has demands nothing."""
    plain = b"of no kind"
    assert has is OF_VALUES["has 10 to 99 bytes"] or not has(plain)


# Connections


def outcomes_in_a_row(case: Case) -> Iterator[tuple[str, str]]:
    last: dict[str, str] = {}
    for ask in case.asks:
        if ask.connection is None:
            continue
        first, second = (case.held(where, ask.fields["key"]) for where in ("master1", "master2"))
        if first is None or second is None or ask.target == "/get2":
            outcome = "404"
        else:
            outcome = f"{'values' * (first.value != second.value)} {'versions' * (first.version != second.version)}"
        if ask.connection in last:
            yield last[ask.connection], outcome
        last[ask.connection] = outcome


def test_every_outcome_follows_every_other_on_a_connection() -> None:
    seen = {pair for case in CASES.values() if "statuses" in case.expect for pair in outcomes_in_a_row(case)}
    kinds = ("404", " ", "values ", " versions", "values versions")
    assert set(product(kinds, repeat=2)) - seen == set()
