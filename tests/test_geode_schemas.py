"""Every statement of schemas/geode/ is judged by the check of the requirement that it names, and by no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from geode_answers import evidence, findings, placed
from test_geode_meaning import answer, asked

from kvgate.places import SCHEMAS
from kvgate.schema import Problem
from kvgate.strictjson import Value, read
from kvgate.verdict import Breach, Verdict
from suites.geode import schemas, test_error
from suites.geode.reading import read_values

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


def asked_of(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], None]) -> tuple[str, object, str]:
    """The schema, the instance and the requirement that a question of a schema comes to; and how a breach is told."""
    seen: list[tuple[str, object, str]] = []

    def finding_one(name: str, instance: object, about: str) -> tuple[Problem, ...]:
        seen.append((name, instance, about))
        return (Problem(("there", 0), "it is not so", about),)

    monkeypatch.setattr(schemas, "violations", finding_one)
    with pytest.raises(Breach) as breach:
        ask()
    said = {"h": "the headers at there[0]: it is not so", "b": "the body at there[0]: it is not so"}
    part = seen[0][0].removeprefix("geode/")[0]
    assert breach.value.message == said.get(part, "the array at there[0]: it is not so")
    return seen[0]


@pytest.mark.parametrize(
    ("outcome", "status", "name"),
    [
        ("found", 200, "headers-200"), ("ignored", 200, "headers-200"), ("missing", 400, "headers-400-missing-keys"),
        ("bad-parameter", 400, "headers-400-parameter"), ("no-region", 404, "headers-404"),
        ("bad-parameter", 404, "headers-404"), ("no-region", 400, "headers-404"),
    ],
)  # fmt: skip
def test_headers_are_held_against_the_schema_of_their_outcome(
    outcome: str, status: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, question = answer("{}", None, status=status), replace(asked("a"), outcome=outcome)
    found = asked_of(monkeypatch, lambda: schemas.expect_headers(sent, question, "r"))
    assert found == (f"geode/{name}.schema.json", {"content-length": ["2"], "content-type": ["application/json"]}, "r")


def test_a_body_is_held_against_its_schema_by_the_name_of_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read(b'{"orders":[],"{region}":null,"x":true}')
    found = asked_of(monkeypatch, lambda: schemas.expect_values(document, "orders", "r"))
    wanted: Value = {"{region}": [], "not the region: {region}": None, "x": True}
    assert found == ("geode/body-200.schema.json", wanted, "r")
    for other in (b"[1]", b'"orders"', b"null"):
        assert schemas.normalised(read(other), "orders") == read(other)


def test_elements_are_held_against_their_schema_where_they_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for keys, elements in (("a,x", [{"found": read(b'{"n":1}')}, {"missing": None}]), (None, [])):
        found = read_values(
            asked("a", "x"), answer('{"orders":[{"n":1},null]}' if keys else '{"orders":[null,3]}', keys)
        )
        told = asked_of(monkeypatch, lambda found=found: schemas.expect_elements(found, "r"))  # type: ignore[misc]  # bound at once
        assert told == ("geode/elements-200.schema.json", elements, "r")


def test_every_statement_is_of_a_requirement_that_is_judged() -> None:
    assert len(STATED) >= 10
