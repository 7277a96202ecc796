"""A real HustDB HA, as it was recorded, judged by the checks of get2: it conforms, but for what ruling E7 says."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from get2_answers import findings

from kvgate.case import Ask, Case, Holding
from kvgate.level import Level
from kvgate.verdict import Evidence, Finding, Held, Situation, Verdict
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.reader import read_response

RECORDINGS = Path(__file__).parent / "recordings"
OBSERVED = {"head", "post", "empty-key", "get2-master1-down", "get2-master2-down"}
NO_VERDICT = {"get2-auth-missing", "get2-auth-wrong"}
BY_E7 = {"get2-nul-same-length", "get2-nul-same-length-versions-differ", "get2-nul-first"}


def _entries() -> dict[str, tuple[Path, dict[str, Any]]]:
    found = {}
    for folder in ("hustdb-ha", "hustdb-ha-siblings"):
        for entry in json.loads((RECORDINGS / folder / "index.json").read_text(encoding="utf-8")):
            request = (RECORDINGS / folder / f"{entry['name']}.request").read_bytes()
            if request.split(b" ")[1].partition(b"?")[0] == b"/get2":
                found[entry["name"]] = (RECORDINGS / folder, entry)
    return found


ENTRIES = _entries()


def _expect(entry: dict[str, Any], query: str, held: dict[str, Holding]) -> dict[str, Any]:
    if not query.startswith("key=") or query == "key=":
        return {"no_key": True}
    if "master1" not in entry:
        return {"missing": "both"}
    if len(held) < 2:
        lacking = [where for where in ("master1", "master2") if where not in held]
        return {"missing": "both" if len(lacking) == 2 else lacking[0]}
    first, second = held["master1"], held["master2"]
    versions = "same" if first.version == second.version else "pair"
    if first.value == second.value:
        return {"status": 200, "versions": versions}
    return {"status": 409, "versions": versions, "offset": len(first.value)}


def recorded(name: str) -> Evidence:
    folder, entry = ENTRIES[name]
    method, target, _ = (folder / f"{name}.request").read_bytes().split(b"\r\n")[0].decode("ascii").split(" ")
    raw = (folder / f"{name}.response").read_bytes()
    query = target.partition("?")[2]
    key = query.removeprefix("key=") or "none"
    held = {
        where: Holding(where, key, base64.b64decode(entry[where]["value_base64"]), entry[where]["version"])
        for where in ("master1", "master2")
        if entry.get(where)
    }
    ask = Ask("first", method, target, fields={"key": key})
    case = Case(
        interface="get2", name=name, why=entry["note"], level=Level.INFO if name in OBSERVED else Level.MUST,
        rulings=(), key=key, holdings=tuple(held.values()), absent=(), asks=(ask,),
        expect=_expect(entry, query, held), tags=frozenset(), only=(), source=f"{name}.request",
    )  # fmt: skip
    response, fault = read_response(raw, method)
    made = tuple(
        Exchange(label, "http://ha:8082", Request(method, target), response, fault, raw, len(raw), 0.0, 0.0, label)
        for label in ("first", "again")
    )
    state = Situation({(where, key): Held(holding.value, holding.version) for where, holding in held.items()})
    return Evidence(case, made, before=state, after=state)


def verdicts(found: dict[str, Finding]) -> dict[str, Verdict]:
    return {id_: finding.verdict for id_, finding in found.items() if id_ != "get2.safe.read-only"}


def test_the_recordings_of_get2_are_all_there() -> None:
    assert len(ENTRIES) == 31
    assert set(ENTRIES) >= OBSERVED | NO_VERDICT | BY_E7


@pytest.mark.parametrize("name", sorted(set(ENTRIES) - OBSERVED - NO_VERDICT - BY_E7))
def test_a_recorded_answer_conforms(name: str) -> None:
    found = findings(recorded(name))
    assert set(verdicts(found).values()) <= {Verdict.PASS, Verdict.NOT_APPLICABLE}, found
    status = [id_ for id_, verdict in verdicts(found).items() if verdict is Verdict.PASS]
    judged = {"get2.status.match", "get2.status.conflict", "get2.missing.status", "get2.request.key-required"}
    assert judged & set(status)


@pytest.mark.parametrize("name", sorted(BY_E7))
def test_values_that_part_behind_a_nul_are_the_one_deviation(name: str) -> None:
    found = verdicts(findings(recorded(name)))
    assert [id_ for id_, verdict in found.items() if verdict is Verdict.FAIL] == ["get2.status.conflict"]
    assert Verdict.WARN not in found.values()


@pytest.mark.parametrize("name", sorted(NO_VERDICT))
def test_an_answer_of_the_access_control_is_no_verdict(name: str) -> None:
    assert set(verdicts(findings(recorded(name))).values()) == {Verdict.NO_VERDICT}


@pytest.mark.parametrize("name", sorted(OBSERVED))
def test_what_is_not_on_the_page_is_observed(name: str) -> None:
    found = verdicts(findings(recorded(name)))
    assert Verdict.OBSERVED in found.values()
    assert set(found.values()) <= {Verdict.OBSERVED, Verdict.NOT_APPLICABLE}


def test_master1_is_told_by_the_table_and_not_by_the_node() -> None:
    given = recorded("reversed-masters")
    response = given.exchange().response
    assert response is not None
    assert response.body == given.held("master1").value + given.held("master2").value  # type: ignore[operator]
