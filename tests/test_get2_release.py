"""What a profile's facts say of a key that is not there is held against every answer that finds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from get2_answers import Change, Reply, being, evidence, fault, having, placed, right, saying, without

from kvgate.interface import load_profile
from kvgate.requirement import load_profile_requirements
from kvgate.verdict import Finding, Verdict, judge, load_profile_checks
from kvgate.wire.exchange import FaultKind

(CHECK,) = load_profile_checks("get2")
FACTS = {"not-found": {"status": 404, "version": "0", "body": "gone"}}
REQUIREMENT = load_profile_requirements("get2")[CHECK.requirement]


def as_the_release(reply: Reply) -> Reply:
    return reply if reply.status != 404 else reply.saying(b"gone")


def judged(name: str, changes: Mapping[str, Change]) -> Finding:
    case = placed(name)
    made = {ask.label: changes.get(ask.label, as_the_release) for ask in case.asks}
    seen = replace(evidence(case, made), facts=FACTS)
    return judge(CHECK, REQUIREMENT, load_profile("get2"), seen, strict=False)


@pytest.mark.parametrize(
    ("case", "applies"),
    [
        ("missing-both", True), ("missing-master1", True), ("no-key-and-no-query", True), ("control", False),
        ("page-values-differ", False), ("connection-of-all-outcomes", True),
    ],
)  # fmt: skip
def test_it_is_for_cases_in_which_something_is_not_there(case: str, applies: bool) -> None:
    assert CHECK.applies(placed(case), FACTS) is applies
    assert not CHECK.applies(placed(case), {"other": 1})
    assert not CHECK.applies(placed(case), None)


def test_several_are_asked_and_none_is_missing() -> None:
    assert not CHECK.applies(replace(placed("control"), expect={"statuses": {"k": 200}}), FACTS)


@pytest.mark.parametrize(
    "case", ["missing-both", "missing-master1", "no-key-and-no-query", "connection-of-all-outcomes"]
)
def test_the_answer_of_the_release_meets_it(case: str) -> None:
    assert judged(case, {}).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda r: r.being(400).saying(b"gone"), ("status 400 instead of 404", "404", "400")),
        (lambda r: r.saying(b"gone").having("Version", "1"),
         ("Version: 0 expected with a 404, Version: 1 sent", "Version: 0", "Version: 1")),
        (lambda r: r.saying(b"gone").having("Version", "0", "0"),
         ("Version: 0 expected with a 404, Version: 0; Version: 0 sent", "Version: 0", "Version: 0; Version: 0")),
        (lambda r: r.saying(b"gone").without("Version"),
         ("Version: 0 expected with a 404, no Version sent", "Version: 0", "no Version")),
        (saying(b"here"),
         ("the body is not that of a key that is not there: 4 bytes, different from byte 1 on",
          "gone (4 bytes)", "here (4 bytes)")),
        (fault(FaultKind.RESET), ("no answer: by hand", "status 404", "reset")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("case", ["missing-both", "no-key-and-no-query"])
def test_another_answer_does_not(case: str, change: Change, told: tuple[str, str, str]) -> None:
    found = judged(case, {"first": change})
    assert (found.verdict, found.message, found.want, found.got) == (Verdict.FAIL, *told)


def test_of_several_those_that_find_nothing_are_judged() -> None:
    for label in ("alone-none", "shared-3-none"):
        assert judged("connection-of-all-outcomes", {label: saying(b"here")}).verdict is Verdict.FAIL
    for change in (being(500), having("Version", "7"), without("Version"), saying(b"here")):
        assert judged("connection-of-all-outcomes", {"alone-same": change}).verdict is Verdict.PASS


def test_the_right_answer_of_the_page_is_not_that_of_every_release() -> None:
    case = placed("missing-both")
    assert right(case, case.asks[0]).body == b""
    assert judged("missing-both", {"first": lambda reply: reply}).verdict is Verdict.FAIL
