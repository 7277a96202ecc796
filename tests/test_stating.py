"""What is worked out for a state nobody wrote down is what the fixtures say, written out, of theirs."""

from __future__ import annotations

import pytest

from kvgate.case import Case, load_cases
from kvgate.verdict import Held
from suites.geode import stating as geode
from suites.geode.question import facts
from suites.get2 import stating as get2


def held(case: Case, place: str) -> Held:
    holding = case.held(place)
    return Held(None) if holding is None else Held(holding.value, holding.version)


def test_get2_states_are_stated_as_the_fixtures_do() -> None:
    compared = 0
    for case in load_cases("get2").values():
        if not {"status", "missing"} & set(case.expect):
            continue
        assert get2.expected(held(case, "master1"), held(case, "master2")) == case.expect, case.name
        compared += 1
    assert compared > 200


def test_geode_states_are_stated_as_the_fixtures_do() -> None:
    compared = 0
    for case in load_cases("geode").values():
        for ask in case.asks:
            want = facts(case, ask.label)
            if want["outcome"] not in ("found", "ignored", "missing") or "%" in "".join(ask.fields["keys"]):
                continue
            if ask.fields["query"] not in ("", "?ignoreMissingKey=true", "?ignoreMissingKey=false"):
                continue
            if ask.fields["region"] == "absent" or "" in ask.fields["keys"]:
                continue
            stored = {holding.key for holding in case.holdings if holding.place == ask.fields["region"]}
            assert geode.expected(ask.fields["keys"], stored, ask.fields["query"]) == want, (case.name, ask.label)
            compared += 1
    assert compared > 200


def test_an_unknown_version_or_query_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        get2.expected(Held(b"a", None), Held(b"a", 1))
    with pytest.raises(ValueError, match="does not settle"):
        geode.expected(["a"], [], "?ignoreMissingKey=TRUE")
