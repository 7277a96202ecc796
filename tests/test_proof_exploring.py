"""The chapter of the proof on exploring: what it calls right, and what it complains of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvgate.reference.deviation import Deviation
from kvgate.verdict import judge
from kvgate.verdict.recheck import BREACHES
from proof import exploring
from proof.exploring import Explored, exploring_section
from proof.rare import GEODE, GET2
from proof.running import plan_of, probing, start

RARE = GET2[0]


def result(*, by_case: bool = False, found: bool = True, wrong: str = "", plain: bool = False) -> Explored:
    return Explored("get2", None if plain else RARE, by_case=by_case, found=found, wrong=wrong)


@pytest.mark.parametrize(
    ("each", "complaint"),
    [
        (result(), ""),
        (result(plain=True, found=False), ""),
        (result(plain=True), "a generated case failed on a conforming server"),
        (result(found=False), "no generated case of 400 finds it"),
        (result(by_case=True), "a case of fixtures/ finds it"),
        (result(wrong="exit status 3"), "exit status 3"),
    ],
)
def test_what_is_complained_of(each: Explored, complaint: str) -> None:
    assert complaint in each.complaint
    assert bool(each.complaint) == bool(complaint)
    assert bool(exploring_section([each]).bad) == bool(complaint)


@pytest.mark.parametrize("fault", [*GET2, *GEODE], ids=lambda fault: fault.name)
def test_no_case_of_fixtures_finds_a_rare_fault(fault: Deviation) -> None:
    plan = plan_of(fault.interface)
    judged = [
        (check, case.name)
        for check in plan.checks
        if check.requirement == fault.breaks
        for case in plan.cases_of(check)
    ]
    with start(fault) as embedded, probing(fault, embedded, mark="kvrare", concurrency=8) as prober:
        prober.start([name for _, name in judged])
        findings = [
            judge(check, plan.requirements[check.requirement], plan.profile, prober.evidence(name), strict=False)
            for check, name in judged
        ]
    assert len(findings) > 20
    assert not [finding.case for finding in findings if finding.verdict in BREACHES]


def test_rare_faults_are_named_and_sentences() -> None:
    rare = [*GET2, *GEODE]
    assert len({fault.name for fault in rare}) == len(rare)
    assert all(fault.breaks and fault.says.endswith(".") and fault.shows for fault in rare)


def test_a_report_is_read(tmp_path: Path) -> None:
    checks = [{"case": "explored-7-3", "verdict": "fail"}, {"case": "page", "verdict": "pass"}]
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"checks": checks}), encoding="utf-8")
    read = exploring._read("get2", RARE, 1, path)  # the one place that knows the report
    assert (read.found, read.by_case, read.wrong) == (True, False, "")
    assert exploring._read("get2", RARE, 6, path).wrong == "exit status 6"
    assert exploring._read("get2", RARE, 1, tmp_path / "none.json").wrong == "exit status 1"
