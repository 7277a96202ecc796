"""The waivers that a report would need, as they are proposed."""

from __future__ import annotations

import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from test_waiver import KNOWN, TODAY, finding, written

from kvgate.case.mark import Mark
from kvgate.errors import InputError
from kvgate.verdict.model import Finding, Verdict
from kvgate.waiver import apply_waivers, propose
from kvgate.waiver.load import read_waivers


def report(*checks: Finding) -> dict[str, Any]:
    rows = [
        {
            "interface": check.interface,
            "requirement": check.requirement,
            "case": check.case,
            "level": check.level.value,
            "verdict": check.verdict.value,
            "message": check.message,
            "want": check.want,
            "got": check.got,
        }
        for check in checks
    ]
    return json.loads(json.dumps({"run": {"mark": "kvmark"}, "checks": rows}))  # type: ignore[no-any-return]


def test_a_proposal_covers_what_fails_today_and_nothing_else(tmp_path: Path) -> None:
    breaches = [
        finding(),
        finding("nul-same-length", Verdict.WARN, message='a "quoted" \\x00 \x7f text', got="é\t"),
        finding("control", Verdict.PASS),
    ]
    text = propose(report(*breaches), reason="r", owner="o", issue="i", expires=datetime.date(2026, 12, 31))
    waivers = read_waivers(written(tmp_path, text), KNOWN)
    applied = apply_waivers(breaches, waivers, TODAY)
    assert [f.verdict for f in applied.findings] == [Verdict.WAIVED, Verdict.WAIVED, Verdict.PASS]
    assert applied.problems == ()
    assert "get2.status.conflict" in text
    assert "2 checks" in text


def test_a_proposal_is_refused_until_somebody_answers_for_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"waiver, item 1, owner: expected who answers for it"):
        read_waivers(written(tmp_path, propose(report(finding()), reason="r", issue="i", expires=TODAY)), KNOWN)


def test_a_proposal_leaves_the_marks_of_the_run_out() -> None:
    mark = Mark("kvmark")
    key = f"{mark.words('nul-first')} and {mark.digits('nul-first')}"
    text = propose(report(finding(message="the value of", got=f"{key} is another one altogether")))
    assert tomllib.loads(text)["waiver"][0]["observed"] == "is another one altogether"


def test_generated_cases_that_fail_alike_are_proposed_once_for_all() -> None:
    breaches = [finding("explored-1-2"), finding("explored-1-3"), finding(), finding(message="another", got="")]
    text = propose(report(*breaches))
    rows = [(row["case"], row["observed"]) for row in tomllib.loads(text)["waiver"]]
    line = "status 200 instead of 409; got 200"
    assert rows == [("explored-*", line), ("nul-first", line), ("nul-first", "another")]
    assert "4 checks." in text


def test_one_check_is_counted_as_one_and_letters_stay_as_they_are() -> None:
    text = propose(report(finding(message="caf\u00e9")))
    assert "from a report: 1 check." in text
    assert "caf\u00e9" in text
