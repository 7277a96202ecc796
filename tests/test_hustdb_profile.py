"""Profile hustdb-1.7: what the real HA was recorded to do where the page leaves it open, and nothing excused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from gate_parts import gate, get2, servers
from get2_answers import Change, being, evidence, placed, saying, without
from sibling_answers import breached, findings
from test_get2_recordings import BY_E7, ENTRIES, NO_VERDICT, OBSERVED, recorded

from kvgate.level import Level
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.verdict import Evidence, Verdict

PROFILE = "hustdb-1.7"
NOT_FOUND = "get2.release.not-found"
DOWN = {"get2-master1-down", "get2-master2-down"}


def judged(name: str) -> Evidence:
    """A recording; a master that was down held what the index does not know, and is judged here like a missing key."""
    given = recorded(name)
    return replace(given, case=replace(given.case, level=Level.MUST)) if name in DOWN else given


@pytest.mark.parametrize("name", sorted((set(ENTRIES) - NO_VERDICT - BY_E7 - OBSERVED) | DOWN))
def test_what_was_recorded_is_in_order(name: str) -> None:
    found = findings(judged(name), PROFILE)
    assert {f.verdict for id_, f in found.items() if not id_.endswith(".read-only")} <= {
        Verdict.PASS,
        Verdict.NOT_APPLICABLE,
    }, found


def test_the_recordings_show_what_the_profile_demands() -> None:
    shown = {name for name in ENTRIES if NOT_FOUND in findings(judged(name), PROFILE)}
    assert shown >= {"no-key-parameter", "empty-key", "missing-both", "missing-master1", "missing-master2", *DOWN}


@pytest.mark.parametrize("name", sorted(BY_E7))
def test_no_profile_excuses_values_that_part_behind_a_nul(name: str) -> None:
    failed = [id_ for id_, f in findings(recorded(name), PROFILE).items() if f.verdict is Verdict.FAIL]
    assert failed == ["get2.status.conflict"]


WRONG: list[tuple[str, Change, str]] = [
    ("no-key-and-no-query", being(400), NOT_FOUND),
    ("no-key-but-keys", without("Version"), NOT_FOUND),
    ("missing-both", lambda r: r.having("Version", "1"), NOT_FOUND),
    ("missing-both", lambda r: r.having("Version", "0", "0"), NOT_FOUND),
    ("missing-master1", without("Version"), NOT_FOUND),
    ("missing-master2", saying(b"not found"), NOT_FOUND),
    ("missing-master2", being(410), NOT_FOUND),
    ("observed-empty-key", being(400), NOT_FOUND),
    ("observed-plus-in-key", saying(b"decoy: plus read as space"), "get2.request.own-value"),
    ("observed-plus-in-key", being(404), "get2.status.match"),
]


@pytest.mark.parametrize(("case", "change", "clause"), WRONG)
def test_another_answer_fails_in_this_profile_and_not_in_doc(case: str, change: Change, clause: str) -> None:
    given = evidence(placed(case), {"first": change})
    assert not breached(evidence(placed(case)), PROFILE)
    assert findings(given, PROFILE)[clause].verdict is Verdict.FAIL
    in_doc = findings(given, "doc").get(clause)
    assert in_doc is None or in_doc.verdict in (Verdict.OBSERVED, Verdict.NOT_APPLICABLE)


class Plain404(Ha):
    """Says no more than the page does of a key that is not there."""

    def missing(self, request: Request) -> Response:  # noqa: ARG002  # as in the reference
        return Response(404, "Not Found", self.common_headers(), b"no such key\n")


class PlusIsSpace(Ha):
    """Reads a plus in a key as a space, as a form has it."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent.replace("+", "%20"))


@pytest.mark.parametrize(
    ("kind", "requirement"), [(Ha, None), (Plain404, NOT_FOUND), (PlusIsSpace, "get2.request.own-value")]
)
def test_the_gate_takes_the_profile(tmp_path: Path, kind: type[Ha], requirement: str | None) -> None:
    cases = [f"--kv-case={name}" for name in ("control", "missing-*", "no-key-*", "observed-*")]
    with servers(make_ha=kind) as embedded:
        doc = gate(tmp_path / "doc", "suites/get2", *get2(embedded), *cases)
        ran = gate(tmp_path / "release", "suites/get2", *get2(embedded), *cases, f"--kv-profile={PROFILE}")
    assert doc.status == 0, doc.out
    assert ran.status == (0 if requirement is None else 1), ran.out
    failed = {check for (check, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert requirement in failed if requirement else not failed
