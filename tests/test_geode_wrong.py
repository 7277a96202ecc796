"""Wrong answers, each rejected by the check that is meant to reject it, and by no other than those it says.

The answers are conforming ones with one thing changed; there is no server.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from geode_answers import breached, evidence, findings, placed
from geode_changes import Wrong, fault, status
from geode_wrong_bodies import WRONG_BODIES
from geode_wrong_others import WRONG_OTHERS
from test_geode_catalogue import MUST, SHOULD

from kvgate.verdict import Verdict
from kvgate.wire.exchange import FaultKind

WRONG = [*WRONG_OTHERS, *WRONG_BODIES]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_answer_is_rejected_by_the_check_meant_for_it(wrong: Wrong) -> None:
    found = breached(findings(evidence(placed(wrong.case), wrong.change, only=wrong.only)))
    assert set(found) == wrong.accusers, {id_: (f.message, f.want, f.got) for id_, f in found.items()}
    for finding in found.values():
        assert finding.message
        assert "\n" not in finding.message + finding.want + finding.got


def test_each_must_and_should_has_wrong_answers_of_its_own() -> None:
    meant = {
        requirement: sum(f"geode.{wrong.meant}" == requirement for wrong in WRONG) for requirement in [*MUST, *SHOULD]
    }
    assert min(meant.values()) >= 2, meant
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 100


def test_a_should_warns_and_fails_only_when_strict() -> None:
    seen = evidence(placed("three-sorted"), lambda reply: replace(reply, location=""))
    for strict, verdict in ((False, Verdict.WARN), (True, Verdict.FAIL)):
        finding = breached(findings(seen, strict=strict))["geode.location.sent"]
        assert finding.verdict is verdict


def test_a_must_on_a_case_of_level_should_warns() -> None:
    found = breached(findings(evidence(placed("utf8-accents"), status(400))))
    assert {finding.verdict for finding in found.values()} == {Verdict.WARN}


def test_what_the_page_leaves_open_is_observed_whatever_comes() -> None:
    for name in ("upper-true", "repeated-true", "observed-encoded-slash", "observed-head", "observed-empty-key-last"):
        for change in (status(500), status(400), status(404), fault(FaultKind.RESET)):
            assert not breached(findings(evidence(placed(name), change)))


@pytest.mark.parametrize("code", [401, 403, 407, 429, 502, 503, 504])
def test_the_surroundings_are_no_verdict(code: int) -> None:
    found = findings(evidence(placed("three-sorted"), status(code)))
    assert {finding.verdict for finding in found} == {Verdict.NO_VERDICT}
