"""Every statement of schemas/geode/ is judged by the check of the requirement that it names, and by no other."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from geode_answers import evidence, findings, placed

from kvgate.places import SCHEMAS
from kvgate.schema import Problem
from kvgate.verdict import Verdict
from suites.geode import schemas, test_error

CASES = ("true-one-missing", "default-one-missing", "bad-yes", "no-region")  # an outcome each, and its schemas

ACCUSING = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.OBSERVED})


def statements(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "requirement" in node:
            yield node["requirement"]
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from statements(child)


STATED = {
    requirement: path.name
    for path in sorted((SCHEMAS / "geode").glob("*.schema.json"))
    for requirement in statements(json.loads(path.read_text(encoding="utf-8")))
    if path.name != "cases.schema.json"
}


@pytest.mark.parametrize("requirement", sorted(STATED))
def test_what_a_schema_finds_is_a_breach_of_the_requirement_it_names(
    requirement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finding_one(_: str, __: object, about: str) -> tuple[Problem, ...]:
        return (Problem(("there", 0), "it is not so", about),) if about == requirement else ()

    monkeypatch.setattr(schemas, "violations", finding_one)
    monkeypatch.setattr(test_error, "violations", finding_one)
    found = [finding for case in CASES for finding in findings(evidence(placed(case)))]
    assert {one.requirement for one in found if one.verdict in ACCUSING and one.message} == {requirement}


def test_every_statement_is_of_a_requirement_that_is_judged() -> None:
    assert len(STATED) >= 10
