"""The Geode catalogue, its checks and its cases belong together, and none can be lost unnoticed."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache

import pytest
from geode_answers import PLACES, evidence, findings, placed, text

from kvgate.case import load_cases
from kvgate.interface import load_interface
from kvgate.places import SCHEMAS
from kvgate.requirement import load_requirements, load_rulings
from kvgate.schema import requirements_named
from kvgate.strictjson import read
from kvgate.verdict import load_checks
from kvgate.wire.client import Limits

MUST = [
    "geode.request.served", "geode.key.whole", "geode.key.decoded", "geode.status.found", "geode.status.ignored",
    "geode.status.missing", "geode.status.bad-parameter", "geode.status.no-region", "geode.parameter.values",
    "geode.body.region-member", "geode.body.one-per-key", "geode.body.aligned", "geode.body.missing-null",
    "geode.body.value-intact", "geode.body.strict-json", "geode.location.names-keys", "geode.type.json",
    "geode.error.json", "geode.length.true", "geode.safe.repeatable", "geode.safe.read-only", "geode.safe.isolated",
]  # fmt: skip
SHOULD = [
    "geode.location.sent", "geode.type.other-errors", "geode.error.json-parameter", "geode.error.names-missing",
    "geode.date.valid",
]  # fmt: skip
INFO = ["geode.error.form"]
CASES = load_cases("geode")


def test_the_catalogue_has_the_requirements_and_no_others() -> None:
    levels = {
        level: [r.id for r in load_requirements("geode").values() if r.level == level]
        for level in ("MUST", "SHOULD", "INFO")
    }
    assert {level: sorted(ids) for level, ids in levels.items()} == {
        "MUST": sorted(MUST),
        "SHOULD": sorted(SHOULD),
        "INFO": INFO,
    }
    if_sent = [r.id for r in load_requirements("geode").values() if r.if_sent]
    assert if_sent == ["geode.location.names-keys", "geode.length.true", "geode.date.valid"]


def test_the_rulings_are_all_there_and_each_one_named_exists() -> None:
    rulings = load_rulings("geode")
    assert list(rulings) == [f"E{number}" for number in range(20, 40)]
    named = {ruling for r in load_requirements("geode").values() for ruling in r.rulings}
    assert named | {ruling for case in CASES.values() for ruling in case.rulings} <= set(rulings)


def test_each_requirement_has_one_check_with_a_meaning() -> None:
    checks = load_checks("geode")
    assert Counter(check.requirement for check in checks) == Counter([*MUST, *SHOULD, *INFO])
    assert all(check.meaning.endswith(".") and check.name.startswith("test_") for check in checks)


@cache
def passed() -> Counter[tuple[str, str]]:
    """How many cases pass each requirement at which level, answered as the page does."""
    found = [finding for name in CASES for finding in findings(evidence(placed(name)))]
    return Counter((finding.requirement, finding.level) for finding in found if finding.verdict == "pass")


@pytest.mark.parametrize("requirement", [*MUST, *SHOULD])
def test_each_requirement_is_judged_by_cases_at_its_own_level(requirement: str) -> None:
    assert passed()[requirement, load_requirements("geode")[requirement].level] >= 2


def test_there_are_ninety_cases_and_more_that_are_judged() -> None:
    assert sum(case.level != "INFO" for case in CASES.values()) >= 90


def test_the_control_cases_are_plain_and_found() -> None:
    assert load_interface("geode").control == ("control", "control-second")
    for name in load_interface("geode").control:
        assert CASES[name].expect == {"outcome": "found", "status": 200}
        assert len(CASES[name].holdings) == 2


@pytest.mark.parametrize("name", CASES)
def test_what_is_expected_fits_what_is_stored(name: str) -> None:
    case = placed(name)
    assert case.asks
    for ask in case.asks:
        facts = case.expect if "outcome" in case.expect else case.expect[ask.label]
        if facts["outcome"] == "unjudged":
            same = [other for other in case.asks if other.target == ask.target and other.method == "GET"]
            assert ask.connection or same, "what is not judged is there for the next on its connection, or address"
            continue
        role = next((role for role, actual in PLACES.items() if actual == ask.fields["region"]), "absent")
        stored = {text(held.key) for held in case.holdings if held.place == role}
        missing = [key for key in dict.fromkeys(ask.fields["keys"]) if text(key) not in stored]
        if facts["outcome"] == "no-region" or role == "absent":
            assert role == "absent"
            continue
        assert facts.get("missing", []) == missing
        assert (facts["outcome"] == "found") <= (not missing)
        assert facts["outcome"] != "ignored" or "true" in ask.target.lower().replace("%74", "t")
        assert len(ask.fields["keys"]) >= 2, "one key alone is another page's matter (E31)"
        assert len(ask.target) < 8000 - len("/geode/v1")
    if "outcome" not in case.expect:
        assert list(case.expect) == [ask.label for ask in case.asks]


@pytest.mark.parametrize("name", CASES)
def test_what_is_stored_can_be_stored(name: str) -> None:
    case = placed(name)
    places = Counter((held.place, text(held.key)) for held in case.holdings)
    assert max(places.values(), default=1) == 1, "one key of one region twice"
    for held in case.holdings:
        assert held.place in ("data", "second"), "nothing is put in the empty region"
        assert isinstance(read(held.value), dict)
        assert not _array_after_object(json.loads(held.value)), "real releases refuse it"
        if case.level != "INFO":
            assert not any(code in held.key for code in ("%2F", "%25", "%3B", "%5C", "%2C", ";"))
        lowered = {"geode.key.whole", "geode.key.decoded"} if any(ord(c) > 127 for c in text(held.key)) else set()
        assert not lowered or case.level == "SHOULD", "UTF-8 keys are judged as SHOULD (E34)"


def _array_after_object(node: object) -> bool:
    if isinstance(node, dict):
        return any(_array_after_object(member) for member in node.values())
    if not isinstance(node, list):
        return False
    first = next((index for index, element in enumerate(node) if isinstance(element, dict)), len(node))
    return any(isinstance(element, list) for element in node[first:]) or any(map(_array_after_object, node))


def test_integers_beyond_64_bits_are_judged_as_should_only() -> None:
    for case in CASES.values():
        for held in case.holdings:
            numbers = [int(n) for n in _integers(held.value)]
            assert case.level == "SHOULD" or all(-(2**63) <= n < 2**63 for n in numbers), case.name


def _integers(document: bytes) -> list[str]:
    found: list[str] = []
    json.loads(document, parse_int=lambda digits: found.append(digits) or 0)  # type: ignore[func-returns-value]
    return found


@pytest.mark.parametrize("path", sorted((SCHEMAS / "geode").glob("*.json")), ids=lambda path: path.stem)
def test_schemas_name_requirements_that_exist(path: object) -> None:
    assert requirements_named(f"geode/{path.name}") <= set(load_requirements("geode"))  # type: ignore[attr-defined]


def test_cases_of_several_questions_are_those_that_ask_for_safety_for_every_length_or_outcome_or_for_a_table() -> None:
    for case in CASES.values():
        assert len(case.asks) == 1 or case.tags & {"read-only", "isolated", "lengths", "outcomes", "table"}, case.name
        if "read-only" in case.tags:
            targets = Counter(ask.target for ask in case.asks)
            assert max(targets.values()) > 1, f"{case.name}: nothing is asked before and after"


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_kept_whole_though_each_character_be_escaped(name: str) -> None:
    case = placed(name)
    for ask in case.asks:
        asked = {text(key) for key in ask.fields["keys"]}
        stored = [held.value.decode("utf-8") for held in case.holdings if text(held.key) in asked]
        units = sum(len(value.encode("utf-16-le")) // 2 for value in stored)
        assert 6 * units < Limits().keep_bytes
