"""Exploring with a stand-in for the server: what is counted, what is shown, what is shrunk, and when it ends."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from run_parts import exchange, failed

from kvgate.case import Case, Mark, load_cases, place
from kvgate.case.generated import is_generated
from kvgate.explore.explorer import Explorer, Judging, unexplored
from kvgate.explore.model import Exploration, Explored
from kvgate.level import Level
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.run.stop import Stop
from kvgate.verdict import Check, Evidence, Finding, Verdict, judge
from kvgate.wire.exchange import Exchange, FaultKind
from kvgate.wire.headers import Header

MARK = Mark("kvtest")
ANSWERS = Callable[[Case, int], Evidence]
CONFLICT, SERVED = "get2.status.conflict", "get2.request.served"


def right(case: Case) -> list[Exchange]:
    """What a conforming HA answers, twice."""
    expect, target = case.expect, case.asks[0].target
    if "status" not in expect:
        return [exchange(label, status=404, target=target) for label in ("first", "again")]
    first, second = (holding for holding in case.holdings if holding.key == case.key)
    same = expect["status"] == 200
    body = first.value + (b"" if same else second.value)
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    if expect["versions"] == "same":
        headers.append(("Version", str(first.version)))
    else:
        headers += [("Version1", str(first.version)), ("Version2", str(second.version))]
    if not same:
        headers.append(("Val-Offset", str(len(first.value))))
    answers = (exchange(label, status=expect["status"], target=target, body=body) for label in ("first", "again"))
    sent = tuple(Header(name.encode(), value.encode()) for name, value in headers)
    return [replace(each, response=replace(each.response, headers=sent)) for each in answers if each.response]


class Gatherer:
    """Answers rightly but for what `twist` makes of it; knows whom it was asked about, and what it is to let go."""

    def __init__(self, twist: Callable[[Evidence, int], Evidence] = lambda evidence, _: evidence) -> None:
        self.twist, self.asked, self.held = twist, list[Case](), dict[str, Evidence]()
        self.most = 0

    def gather(self, cases: Sequence[Case]) -> list[Evidence]:
        seen = []
        for case in cases:
            placed = place(case, MARK, {})
            self.asked.append(placed)
            evidence = self.twist(Evidence(placed, tuple(right(placed))), len(self.asked))
            self.held[placed.name] = evidence
            seen.append(evidence)
        self.most = max(self.most, len(self.held))
        return seen

    def let_go(self, evidence: Evidence) -> None:
        del self.held[evidence.case.name]


def plan(**selection: Any) -> Plan:
    return make_plan("get2", "doc", Selection(**selection, explored=True))


def explored(
    gatherer: Gatherer,
    count: int = 60,
    *,
    seed: int = 3,
    stop: Stop | None = None,
    waived: Callable[[Finding], bool] = lambda _: False,
    strict: bool = False,
    shrinking: float = 60.0,
    **selection: Any,
) -> Explored:
    made = plan(**selection)

    def judged(check: Check, evidence: Evidence) -> Finding:
        return judge(check, made.requirements[check.requirement], made.profile, evidence, strict=strict)

    wanted = Exploration(count, seed)
    ticks = itertools.count()
    explorer = Explorer(
        made,
        wanted,
        gatherer,
        Judging(judged, waived),
        stop or Stop(),
        shrinking=shrinking,
        clock=lambda: next(ticks) / 100,
    )
    return explorer.run()


def of(found: Explored, requirement: str) -> tuple[Finding, ...]:
    return next(findings for check, findings in found.findings.items() if check.requirement == requirement)


def with_status(evidence: Evidence, status: int) -> Evidence:
    changed = (
        replace(each, response=replace(each.response, status=status)) for each in evidence.exchanges if each.response
    )
    return replace(evidence, exchanges=tuple(changed))


def large_conflicts_are_200(evidence: Evidence, _number: int) -> Evidence:
    case = evidence.case
    large = case.expect.get("status") == 409 and min(len(holding.value) for holding in case.holdings) >= 20
    return with_status(evidence, 200) if large else evidence


def test_a_conforming_server_passes_and_nothing_is_kept() -> None:
    gatherer = Gatherer()
    found = explored(gatherer)
    verdicts = {finding.verdict for findings in found.findings.values() for finding in findings}
    assert verdicts == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert all(len(findings) == 1 for findings in found.findings.values())
    assert of(found, CONFLICT)[0].case == "explored-3"
    assert of(found, CONFLICT)[0].message.startswith("on ")
    assert len(gatherer.asked) == 60
    assert gatherer.held == {}
    assert gatherer.most <= 24
    assert found.line == (
        "explored 60 generated cases of get2, seed 3: none failed; repeat with --kv-explore=60 --kv-explore-seed=3"
    )


def test_every_case_has_keys_of_its_own() -> None:
    gatherer = Gatherer(large_conflicts_are_200)
    explored(gatherer)
    assert len({case.name for case in gatherer.asked}) == len(gatherer.asked)
    assert len({key for case in gatherer.asked for key in {key for _, key in case.keys}}) >= len(gatherer.asked)
    assert all(is_generated(case.name) for case in gatherer.asked)
    assert not {case.name for case in gatherer.asked} & set(load_cases("get2"))


def test_a_breach_is_shown_smallest_first_and_the_one_it_came_from_after_it() -> None:
    gatherer = Gatherer(large_conflicts_are_200)
    found = explored(gatherer)
    smallest, original = of(found, CONFLICT)
    assert (smallest.verdict, original.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert smallest.case == f"{original.case}-smallest"
    shown = found.exhibits[smallest.case].evidence.case
    assert all(len(holding.value) >= 20 for holding in shown.holdings)
    assert len(found.exhibits[smallest.case].toml) < 350
    assert shown.key == MARK.words(smallest.case)
    assert set(gatherer.held) == set(found.exhibits)
    assert "of them failed or warned" in found.line
    assert original.case in found.exhibits


def test_what_fails_together_is_shrunk_to_one_case_where_it_can_be() -> None:
    found = explored(Gatherer(lambda evidence, _: with_status(evidence, 500)))
    served = of(found, SERVED)
    assert len(served) == 2
    assert {of(found, name)[0].case for name in ("get2.status.match", SERVED)} == {served[0].case}


def test_no_verdict_is_no_breach_and_is_not_shrunk() -> None:
    """Seeding failed for some: that is told, once, and nothing more is asked."""

    def trouble(evidence: Evidence, number: int) -> Evidence:
        return replace(evidence, exchanges=(), trouble="not in place: a node is down") if number % 10 == 0 else evidence

    gatherer = Gatherer(trouble)
    found = explored(gatherer)
    assert len(gatherer.asked) == 60
    findings = [finding for each in found.findings.values() for finding in each]
    assert {finding.verdict for finding in findings} == {Verdict.NO_VERDICT, Verdict.PASS, Verdict.NOT_APPLICABLE}
    served = of(found, SERVED)
    assert [finding.verdict for finding in served] == [Verdict.NO_VERDICT]
    assert served[0].level is Level.MUST
    assert served[0].message.endswith("generated cases have no verdict: not in place: a node is down")
    assert found.exhibits == {}


def test_a_breach_beside_missing_verdicts_is_told_with_them() -> None:
    def both(evidence: Evidence, number: int) -> Evidence:
        if number == 5:
            return replace(evidence, exchanges=(), trouble="gone")
        return large_conflicts_are_200(evidence, number)

    verdicts = [finding.verdict for finding in of(explored(Gatherer(both)), CONFLICT)]
    assert verdicts[:2] == [Verdict.FAIL, Verdict.FAIL]


def test_while_shrinking_a_missing_verdict_is_not_taken_for_a_breach() -> None:
    def later_gone(evidence: Evidence, number: int) -> Evidence:
        if number > 60:
            return replace(evidence, exchanges=(), trouble="gone")
        return large_conflicts_are_200(evidence, number)

    findings = of(explored(Gatherer(later_gone)), CONFLICT)
    assert [finding.verdict for finding in findings] == [Verdict.FAIL]
    assert not findings[0].case.endswith("smallest")


def test_what_ran_into_the_time_limit_is_not_shrunk() -> None:
    def hangs(evidence: Evidence, number: int) -> Evidence:
        if number != 7:
            return evidence
        return replace(evidence, exchanges=(failed("first", FaultKind.TIMEOUT),))

    gatherer = Gatherer(hangs)
    found = explored(gatherer)
    assert len(gatherer.asked) == 60
    served = [f for each in found.findings.values() for f in each if f.verdict is Verdict.FAIL]
    assert {finding.case for finding in served} == {gatherer.asked[6].name}


def test_what_fails_once_only_is_shown_as_it_failed() -> None:
    """A server that errs by the number of requests: no smaller case fails, and the original is not hidden."""

    def once(evidence: Evidence, number: int) -> Evidence:
        return with_status(evidence, 500) if number == 9 else evidence

    found = explored(Gatherer(once))
    findings = of(found, SERVED)
    assert [finding.verdict for finding in findings] == [Verdict.FAIL]
    assert findings[0].case in found.exhibits


def test_the_smallest_has_to_fail_again_as_it_is_shown() -> None:
    def not_when_shown(evidence: Evidence, number: int) -> Evidence:
        return evidence if evidence.case.name.endswith("smallest") else large_conflicts_are_200(evidence, number)

    findings = of(explored(Gatherer(not_when_shown)), CONFLICT)
    assert [finding.case.endswith("smallest") for finding in findings] == [False]


def test_shrinking_ends_when_its_time_is_up() -> None:
    gatherer = Gatherer(large_conflicts_are_200)
    findings = of(explored(gatherer, shrinking=0.0), CONFLICT)
    assert len(gatherer.asked) == 60
    assert [finding.verdict for finding in findings] == [Verdict.FAIL]


def test_a_failure_is_shown_before_a_warning() -> None:
    def twist(evidence: Evidence, number: int) -> Evidence:
        return with_status(evidence, 410) if "missing" in evidence.case.expect else evidence

    found = explored(Gatherer(twist))
    assert {finding.verdict for finding in of(found, "get2.missing.status")} == {Verdict.WARN}
    strict = explored(Gatherer(twist), strict=True)
    assert {finding.verdict for finding in of(strict, "get2.missing.status")} == {Verdict.FAIL}


def test_a_waived_breach_does_not_hide_another() -> None:
    """One kind of breach is waived: the other is found and shrunk, the first is shown as it was, for its waiver."""

    def two_faults(evidence: Evidence, number: int) -> Evidence:
        if evidence.case.expect.get("status") == 409 and evidence.case.expect["versions"] == "same":
            return with_status(evidence, 500)
        return large_conflicts_are_200(evidence, number)

    found = explored(Gatherer(two_faults), waived=lambda finding: "500" in finding.message)
    messages = [finding.message for finding in of(found, CONFLICT)]
    assert ["500" in message for message in messages] == [False, False, True]


def test_when_the_run_ends_what_was_not_asked_has_no_verdict() -> None:
    stop = Stop()

    def ends(evidence: Evidence, number: int) -> Evidence:
        if number == 30:
            stop.now("the time limit of the run (1 s) passed")
        return evidence

    found = explored(Gatherer(ends), stop=stop)
    assert {finding.verdict for each in found.findings.values() for finding in each} == {Verdict.NO_VERDICT}
    assert of(found, SERVED)[0].message.endswith("the time limit of the run (1 s) passed")
    assert found.line.startswith("explored 48 of 60 generated cases of get2, seed 3:")


@pytest.mark.parametrize(("pattern", "asked"), [("explored-3-17", 1), ("explored-3-1?", 10), ("page-*", 0)])
def test_cases_can_be_selected_by_name(pattern: str, asked: int) -> None:
    gatherer = Gatherer()
    found = explored(gatherer, cases=(pattern,))
    assert len(gatherer.asked) == asked
    assert found.line.startswith(f"explored {asked} generated cases")


def test_a_case_is_the_same_whatever_else_is_asked() -> None:
    one, all_of_them = Gatherer(), Gatherer()
    explored(one, cases=("explored-3-17",))
    explored(all_of_them)
    assert one.asked[0] in all_of_them.asked


def test_requirements_can_be_selected() -> None:
    found = explored(Gatherer(large_conflicts_are_200), requirements=("get2.status.*",), level=Level.MUST)
    assert {check.requirement for check in found.findings} == {"get2.status.match", CONFLICT}


def test_an_interface_that_cannot_be_asked_has_no_verdicts() -> None:
    made = plan()
    found = unexplored(made, Exploration(20, 1), "the table cannot be had")
    assert len(found.findings) == len(made.checks)
    for findings in found.findings.values():
        assert [finding.verdict for finding in findings] == [Verdict.NO_VERDICT]
        assert findings[0].message == "20 generated cases have no verdict: the table cannot be had"
