"""Each feature of a value, a key and a version has a case in each of the four outcomes.

An implementer has code of its own for each outcome, so that what is handled rightly in one can be wrong in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from get2_answers import MARK
from get2_features import KINDS_OF_VALUES, OF_KEYS, OF_PAIRS, OF_VALUES, VERSIONS

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


@pytest.mark.parametrize("outcome", [each for each in OUTCOMES if each[1] == "pair"], ids=["200", "409"])
@pytest.mark.parametrize("ahead", [0, 1], ids=["master1-ahead", "master2-ahead"])
@pytest.mark.parametrize("master", [0, 1], ids=["master1", "master2"])
def test_every_kind_of_values_is_there_whichever_master_is_ahead(outcome: Outcome, ahead: int, master: int) -> None:
    values = set()
    for both in map(held, BY_OUTCOME[outcome]):
        versions = [holding.version or 0 for holding in both]
        if versions[ahead] > versions[1 - ahead]:
            values.add(both[master].value)
    found = {kind: any(OF_VALUES[name](v) for name in names for v in values) for kind, names in KINDS_OF_VALUES.items()}
    assert lacking(found) == []


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


# Requests


@outcomes
@pytest.mark.parametrize("name", ["Accept", "Connection", "Cookie", "If-Modified-Since", "If-None-Match"])
def test_every_header_of_a_request_is_sent_in_every_outcome(outcome: Outcome, name: str) -> None:
    assert [case for case in BY_OUTCOME[outcome] if name in dict(case.asks[0].headers)]


# Comparisons


def test_what_differs_in_a_manner_of_its_own_differs_in_equal_versions_and_in_others() -> None:
    """But for what follows a NUL in values of one length: there a real HA takes two values for one (E7)."""
    told: dict[str, set[frozenset[bytes]]] = {}
    for kind in ("same", "pair"):
        pairs = (held(case) for case in BY_OUTCOME[409, kind] if "E7" not in case.rulings)
        told[kind] = {frozenset((one.value, two.value)) for one, two in pairs}
    for case in CASES.values():
        if "/comparison" in case.source and "E7" not in case.rulings and "table" not in case.tags:
            values = frozenset(holding.value for holding in held(case))
            assert values in told["same"] & told["pair"], case.name
    tables = [case for case in CASES.values() if "/comparison" in case.source and "table" in case.tags]
    for case in (case for case in tables if not case.name.endswith("-apart")):
        twin = CASES[f"{case.name}-apart"]
        assert [ask.fields["key"] for ask in case.asks] == [ask.fields["key"] for ask in twin.asks]
        assert {holding.version for holding in case.holdings} == {1} < {holding.version for holding in twin.holdings}


def test_what_is_whole_only_when_two_values_meet_does_so_in_equal_versions_and_in_others() -> None:
    cut = {name: case for name, case in CASES.items() if "/cuts.toml" in case.source and name.endswith("-cut")}
    assert len(cut) >= 5
    for name, case in cut.items():
        other = held(CASES[f"{name}-apart"])
        assert [holding.value for holding in held(case)] == [holding.value for holding in other]
        assert case.expect["versions"] == "same"
        assert other[0].version != other[1].version


# Keys that a master lacks

MISSING = [case for case in CASES.values() if "missing" in case.expect and case.level is Level.MUST]


def test_what_one_master_alone_holds_the_other_alone_holds_too() -> None:
    lone = {
        (where, holding.value, holding.version, case.asks[0].headers)
        for case in MISSING
        for where in ("master1", "master2")
        if (holding := case.held(where)) and len(case.holdings) == 1 and not case.former
    }
    turned = {("master2" if where == "master1" else "master1", *rest) for where, *rest in lone}
    assert turned - lone == set()


@pytest.mark.parametrize("name", ["Accept", "Cookie", "If-Modified-Since", "If-None-Match"])
def test_every_header_of_a_request_is_sent_for_every_missing_key(name: str) -> None:
    sent = {case.expect["missing"] for case in MISSING if name in dict(case.asks[0].headers)}
    assert sent == {"master1", "master2", "both"}


# What was there before

State = tuple[Holding | None, Holding | None]
FORMER = [case for case in CASES.values() if case.former]


def states(case: Case) -> tuple[State, State]:
    """What the masters held of the case's key, and what they hold."""
    was = {holding.place: holding for holding in case.former[-1] if holding.key == case.key}
    return (was.get("master1"), was.get("master2")), (case.held("master1"), case.held("master2"))


def change_of(was: Holding | None, now: Holding | None) -> str:
    if was is None or now is None:
        return "nothing" if was is now else "came" if was is None else "went"
    parts = {"value": was.value != now.value, "version": was.version != now.version}
    return " and ".join(name for name, differs in parts.items() if differs) or "nothing"


def kind_of(state: State) -> str:
    first, second = state
    if first is None or second is None:
        return "404"
    return f"{'values' * (first.value != second.value)} {'versions' * (first.version != second.version)}"


@pytest.mark.parametrize("change", ["value", "version", "value and version", "came", "went"])
def test_each_change_is_on_either_master_alone_and_on_both(change: str) -> None:
    changes = {tuple(map(change_of, *states(case))) for case in FORMER}
    wanted = {(change, "nothing"), ("nothing", change), (change, change)}
    assert wanted - changes == set()


def test_each_change_of_one_master_has_its_mirror_image() -> None:
    seen = {(kind_of(was), kind_of(now), tuple(map(change_of, was, now))) for was, now in map(states, FORMER)}
    alone = {each for each in seen if "nothing" in each[2]}
    assert {(was, now, changes[::-1]) for was, now, changes in alone} == alone


def test_each_outcome_follows_its_neighbours_when_one_master_changes() -> None:
    seen = {(kind_of(was), kind_of(now)) for was, now in map(states, FORMER)}
    kinds = (" ", " versions", "values ", "values versions")
    neighbours = {(one, two) for one, two in product(kinds, repeat=2) if len(set(one.split()) ^ set(two.split())) == 1}
    assert neighbours - seen == set()
    assert {("404", " "), (" ", "404"), ("404", "values versions"), ("values versions", "404")} <= seen
    assert {(kind, kind) for kind in (" ", "values versions")} <= seen


def test_a_value_that_changes_changes_in_length_both_ways_and_not_and_when_it_is_large() -> None:
    lengths = {
        (len(was.value), len(now.value))
        for case in FORMER
        for was, now in zip(*states(case), strict=True)
        if was is not None and now is not None and was.value != now.value and case.expect.get("status") == 200
    }
    assert {(one > two) - (one < two) for one, two in lengths} == {-1, 0, 1}
    assert any(one == two > 65536 for one, two in lengths)
