"""What the surroundings answered to one question leaves without a verdict whatever is asked of that answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from geode_answers import Change, evidence, exchange, findings, placed

from kvgate.verdict import Evidence, Finding, Verdict
from kvgate.wire.exchange import Fault, FaultKind

UNAVAILABLE: Change = lambda reply: replace(reply.saying(b""), status=503)  # noqa: E731


@pytest.mark.parametrize(
    ("clause", "name", "label"),
    [
        ("body.aligned", "equal-values", "first"),
        ("body.aligned", "kinds-of-clients-found", "content-type"),
        ("body.missing-null", "equal-values-and-missing", "first"),
        ("body.missing-null", "kinds-of-clients-ignored", "content-type"),
        ("body.one-per-key", "equal-values", "first"),
        ("body.one-per-key", "kinds-of-clients-found", "content-type"),
        ("body.region-member", "equal-values", "first"),
        ("body.region-member", "kinds-of-clients-found", "content-type"),
        ("body.strict-json", "equal-values", "first"),
        ("body.strict-json", "kinds-of-clients-found", "content-type"),
        ("body.value-intact", "equal-values", "first"),
        ("body.value-intact", "kinds-of-clients-found", "content-type"),
        ("date.valid", "equal-values", "first"),
        ("date.valid", "kinds-of-clients-found", "content-type"),
        ("error.form", "duplicate-missing", "first"),
        ("error.form", "kinds-of-clients-missing", "content-type"),
        ("error.json", "duplicate-missing", "first"),
        ("error.json", "kinds-of-clients-missing", "content-type"),
        ("error.json-parameter", "last-request-bad-parameter", "first"),
        ("error.json-parameter", "kinds-of-clients-bad-parameter", "content-type"),
        ("error.names-missing", "duplicate-missing", "first"),
        ("error.names-missing", "kinds-of-clients-missing", "content-type"),
        ("key.decoded", "false-of-encoded", "first"),
        ("key.decoded", "kinds-of-keys-in-a-long-list", "found"),
        ("key.whole", "utf8-upper-and-lower-case", "first"),
        ("key.whole", "dot-ends-the-list", "one"),
        ("length.true", "equal-values", "first"),
        ("length.true", "kinds-of-clients-found", "content-type"),
        ("location.names-keys", "equal-values", "first"),
        ("location.names-keys", "kinds-of-clients-found", "content-type"),
        ("location.sent", "equal-values", "first"),
        ("location.sent", "kinds-of-clients-found", "content-type"),
        ("parameter.values", "missing-first-ignored", "first"),
        ("parameter.values", "one-connection-parameter", "alone-ignored"),
        ("request.served", "three-reversed", "first"),
        ("request.served", "kinds-of-clients-found", "content-type"),
        ("safe.isolated", "former-on-one-connection-replaced", "first"),
        ("safe.isolated", "alike-joined", "one"),
        ("safe.read-only", "empty-region-stays-empty", "before"),
        ("safe.repeatable", "equal-values", "first"),
        ("status.bad-parameter", "last-request-bad-parameter", "first"),
        ("status.bad-parameter", "kinds-of-clients-bad-parameter", "content-type"),
        ("status.found", "equal-values", "first"),
        ("status.found", "kinds-of-clients-found", "content-type"),
        ("status.ignored", "equal-values-and-missing", "first"),
        ("status.ignored", "kinds-of-clients-ignored", "content-type"),
        ("status.missing", "duplicate-missing", "first"),
        ("status.missing", "kinds-of-clients-missing", "content-type"),
        ("status.no-region", "last-request-no-region", "first"),
        ("status.no-region", "kinds-of-clients-no-region", "content-type"),
        ("type.json", "equal-values", "first"),
        ("type.json", "kinds-of-clients-found", "content-type"),
        ("type.other-errors", "last-request-bad-parameter", "first"),
        ("type.other-errors", "kinds-of-clients-bad-parameter", "content-type"),
    ],
)
def test_a_check_has_no_verdict_where_one_answer_has_none(clause: str, name: str, label: str) -> None:
    found = {one.requirement: one.verdict for one in findings(evidence(placed(name), UNAVAILABLE, only=label))}
    assert found[f"geode.{clause}"] is Verdict.NO_VERDICT
    assert not {Verdict.FAIL, Verdict.WARN} & set(found.values())


def test_a_question_that_is_not_judged_may_have_no_answer() -> None:
    case = placed("one-connection-after-other-kinds")
    right = evidence(case)
    head = next(ask for ask in case.asks if ask.label == "head-before-found")
    silent = exchange(head, head.label, Fault(FaultKind.RESET, "reset"))
    exchanges = tuple(silent if one.label == head.label else one for one in right.exchanges)
    found = {one.requirement: one.verdict for one in findings(replace(right, exchanges=exchanges))}
    assert found["geode.safe.isolated"] is Verdict.PASS


@pytest.mark.parametrize("name", ["empty-region-stays-empty", "dot-in-middle", "missing-all"])
def test_a_key_that_nobody_wrote_is_of_reading(name: str) -> None:
    """Whether the case asks before and after, or one question twice."""
    seen = replace(evidence(placed(name)), strays=(("orders", b"kvtest0x"),))
    found = {one.requirement: one for one in findings(seen) if one.verdict is Verdict.FAIL}
    assert set(found) == {"geode.safe.read-only"}
    assert found["geode.safe.read-only"].got == "kvtest0x"


def test_one_question_shows_that_it_changed_nothing_by_its_second_answer_only() -> None:
    right = evidence(placed("dot-in-middle"))

    def found(seen: Evidence) -> Finding:
        return next(one for one in findings(seen) if one.requirement == "geode.safe.read-only")

    assert found(right).verdict is Verdict.PASS
    once = replace(right, exchanges=tuple(one for one in right.exchanges if one.label != "again"), unasked="no time")
    assert (found(once).verdict, found(once).message) == (Verdict.NO_VERDICT, "no time")
    silent = Fault(FaultKind.RESET, "reset")
    lost = tuple(
        exchange(right.case.asks[0], "again", silent) if one.label == "again" else one for one in right.exchanges
    )
    gone_later = replace(lost[-1], label="late")
    late = found(replace(right, exchanges=(*right.exchanges, gone_later)))
    assert (late.verdict, late.message) == (
        Verdict.NOT_APPLICABLE,
        "asked at the end of the run, there is no answer",
    )
    unlike = found(replace(right, exchanges=lost))
    assert (unlike.verdict, unlike.message) == (Verdict.NOT_APPLICABLE, "asked again, there is no answer")
