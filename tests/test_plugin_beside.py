"""What workers tell of their own controls, and what the controller makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from gate_parts import gate_process, get2
from prober_parts import PLAN, SINGLE, Made
from run_parts import exchange

from kvgate.case import Mark, place
from kvgate.level import Level
from kvgate.plugin.beside import ControlsOfWorkers
from kvgate.plugin.items import plain
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Ha
from kvgate.reference.message import Request, Response
from kvgate.reference.reading import Reading
from kvgate.report.codec import case_to_json
from kvgate.report.model import CaseRecord, CheckRecord
from kvgate.seeding.journal import read_journals
from kvgate.verdict.model import Finding, Verdict

PASSED, WARNED, FAILED = (
    Finding("get2", "get2.body.match", "control", Level.MUST, verdict, exchange="as-control-1")
    for verdict in (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
)
CASE = CaseRecord("get2", "control", "", "", (exchange("as-control-1"),))


def told(finding: Finding) -> dict[str, object]:
    return {"findings": [plain(finding)], "meaning": "What it means.", "test": "t", "case": case_to_json(CASE)}


def test_a_control_whose_case_is_another_processes_is_asked_about_on_its_own_keys_only(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.prober.start(SINGLE[1:2], beside=["control"])
    evidence = made.prober.evidence("control")
    assert made.prober.finish(5)
    assert evidence.trouble is None
    assert [each.label for each in evidence.exchanges] == ["first", "again", "as-control-1"]
    assert len({written.key for written in read_journals(tmp_path)[0].written}) == 1 + 2, "a control, and a witness"


def test_another_control_that_did_not_answer_is_the_other_processes_to_ask_about(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.seeder.writes = False
    made.prober.start(SINGLE[1:2], beside=["control"])
    assert made.prober.evidence("control").trouble == "another process asks about this control"


@pytest.mark.parametrize(
    ("found", "heard", "left"),
    [
        (PASSED, FAILED, Verdict.FAIL),
        (PASSED, WARNED, Verdict.WARN),
        (WARNED, FAILED, Verdict.FAIL),
        (FAILED, WARNED, Verdict.FAIL),
    ],
)
def test_what_a_worker_tells_stands_where_it_is_graver(found: Finding, heard: Finding, left: Verdict) -> None:
    controls = ControlsOfWorkers()
    controls.hear("gw1", [told(heard)])
    kept = CheckRecord(found, "t", "What it means.")
    [added] = controls.added_to([kept])
    assert added.finding.verdict is left
    shown = controls.shown_with({("get2", "control"): CASE})["get2", "control"].exchanges
    if left is found.verdict:
        assert added == kept
        assert shown == CASE.exchanges
    else:
        assert added.finding.exchange == "gw1-as-control-1"
        assert [each.label for each in shown] == ["as-control-1", "gw1-as-control-1"]
    assert controls.added_to([added]) == [added]


def test_of_a_control_that_nobody_judged_a_workers_word_stands() -> None:
    controls = ControlsOfWorkers()
    controls.hear("gw0", [])
    controls.hear("gw1", [told(FAILED)])
    [added] = controls.added_to([])
    assert (added.finding.verdict, added.meaning, added.test_id) == (Verdict.FAIL, "What it means.", "t")


@pytest.mark.parametrize("worker", ["gw0", "gw1"])
def test_what_any_workers_control_is_answered_is_judged(worker: str, tmp_path: Path) -> None:
    class Cold(Ha):
        """Cuts the first answer about the control of one worker."""

        def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
            answer = super().answer(request, first, second)
            if request.target != target or target in asked:
                return answer
            asked.append(target)
            return replace(answer, body=answer.body[:-1])

    mark, asked = Mark.fresh(), list[str]()
    target = place(replace(PLAN.cases["control"], name=f"control of {worker}"), mark, {}).asks[0].target
    with Embedded.start(interfaces=("get2",), make_ha=Cold) as embedded:
        options = (*get2(embedded), f"--kv-mark={mark.text}", "--kv-case=control", "--kv-case=page-*")
        ran = gate_process(tmp_path, "suites/get2", *options, "-n", "2")
    assert asked == [target]
    assert ran.status == 1, ran.out
    [named] = {row["exchange"] for row in ran.report["checks"] if row["verdict"] == "fail"}
    assert named.removeprefix(f"{worker}-") == "as-control-1"
    assert [row["label"] for row in ran.report["exchanges"] if row["case"] == "control"].count(named) == 1
    assert f"control: {named}: the body is not the value" in ran.out
