"""What get2 says of every answer is judged on every answer of a case: the first, asked again, beside others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from get2_answers import Change, Reply, breached, evidence, fault, findings, having, placed, saying

from kvgate.case import Case, load_cases
from kvgate.level import Level
from kvgate.verdict import Verdict
from kvgate.wire.exchange import FaultKind

ISOLATED, TRUE = "get2.safe.isolated", "get2.length.true"
COMPANY = [case.name for case in load_cases("get2").values() if "statuses" in case.expect and len(case.asks) < 30]
BESIDE = ["no-key-after-a-key", "key-after-one-that-begins-alike"]
ALONE = ["control", "page-versions-differ", "page-values-differ", "missing-both", "no-key-and-no-query"]
_TOLD = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN}
# Asked for what they leave behind: nothing is expected of them here, and other cases ask the same.
PREPARING = ["with-key", "before", "alone-nothing"]
FLOW = "connection-of-all-outcomes"  # pair, same, none, ahead, split, same


def two_lengths(reply: Reply) -> Reply:
    return reply.having("Content-Length", str(len(reply.body)))


# What is wrong with an answer, and the requirement that says so: of an error, and of one of the page's outcomes.
ANY: dict[str, tuple[Change, str]] = {
    "a line end behind the body": (lambda r: replace(r, after=b"\r\n"), TRUE),
    "a length too short": (lambda r: r.saying(r.body + b"rest") if r.length is None else replace(
        r.saying(r.body + b"rest"), length=str(len(r.body))), TRUE),
    "a length too long": (lambda r: replace(r, length=str(len(r.body) + 3)), TRUE),
    "no number for a length": (lambda r: replace(r, length="x"), TRUE),
}  # fmt: skip
OUTCOME: dict[str, tuple[Change, str]] = {
    "two lengths": (two_lengths, TRUE),
    "chunked": (lambda r: replace(r, chunks=(2,)), "get2.length.sent"),
    "no date": (having("Date", "yesterday"), "get2.date.valid"),
    "another type": (having("Content-Type", "text/html"), "get2.type.text"),
    "both forms of a version": (lambda r: r.having("Version", "1").having("Version1", "1"), "get2.version.exclusive"),
    "no number for a version": (having("Version", "v1"), "get2.version.decimal"),
    "a zero before a version": (having("Version", "01"), "get2.version.canonical"),
}  # fmt: skip


def labels_of(case: Case) -> list[str]:
    return [ask.label for ask in case.asks] + ["again"] * (len(case.asks) == 1)


def changed_at(case: Case, label: str, change: Change) -> dict[str, Change]:
    return {"first": lambda r: r, label: change} if label == "again" else {"again": lambda r: r, label: change}


def is_an_outcome(case: Case, label: str) -> bool:
    seen = evidence(case).answer if label != "again" else evidence(case).looking_at("again").answer
    return seen(label).status in (200, 409)


@pytest.mark.parametrize("wrong", [*ANY, *OUTCOME])
@pytest.mark.parametrize("name", [*COMPANY, *BESIDE, *ALONE])
def test_a_wrong_form_of_any_one_answer_is_told(name: str, wrong: str) -> None:
    case = placed(name)
    change, meant = {**ANY, **OUTCOME}[wrong]
    judged = 0
    for label in labels_of(case):
        if wrong in OUTCOME and not is_an_outcome(case, label):
            continue
        found = breached(evidence(case, changed_at(case, label, change)))
        assert meant in found, (label, found)
        if len(case.asks) > 1:
            assert found[meant].startswith(f"{label}: "), found
        elif label == "again":
            assert found[meant].startswith("asked again: "), found
        judged += 1
    assert judged or wrong in OUTCOME


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.EMPTY, FaultKind.TIMEOUT, FaultKind.GARBAGE])
@pytest.mark.parametrize("name", [case.name for case in load_cases("get2").values() if len(case.asks) < 30])
def test_no_question_goes_unanswered_unnoticed(name: str, kind: FaultKind) -> None:
    """A case whose answer never came is failed by a MUST, whichever of its answers that is."""
    case = placed(name)
    if case.level is not Level.MUST or case.asks[0].method != "GET":
        return
    for label in set(labels_of(case)) - set(PREPARING):
        found = findings(evidence(case, changed_at(case, label, fault(kind))))
        assert _TOLD[case.level] in {finding.verdict for finding in found.values()}, (label, found)


@pytest.mark.parametrize("name", [*COMPANY, *BESIDE, *ALONE, "missing-master1", "no-key-but-xkey"])
def test_no_answer_breaks_off_unnoticed(name: str) -> None:
    case = placed(name)
    for label in set(labels_of(case)) - set(PREPARING):
        cut: Change = lambda r: replace(r, chunks=(2,), body=r.body or b"not found").raw()[:-6]  # noqa: E731
        found = findings(evidence(case, changed_at(case, label, cut)))
        assert _TOLD[case.level] in {finding.verdict for finding in found.values()}, (label, found)


# How it is said


def test_which_answer_is_meant_is_said() -> None:
    line_end: Change = lambda r: replace(r, after=b"\r\n")  # noqa: E731  # one change
    said = {
        label: breached(evidence(placed(FLOW), {label: line_end}))[TRUE] for label in ("alone-same", "shared-2-same")
    }
    assert said == {
        "alone-same": "alone-same: the body goes on after 14 bytes: \\r\\n",
        "shared-2-same": "shared-2-same: the body goes on after 14 bytes: \\r\\n",
    }
    again = breached(evidence(placed("control"), {"first": lambda r: r, "again": line_end}))
    assert again == {TRUE: "asked again: the body goes on after 13 bytes: \\r\\n"}
    assert breached(evidence(placed("control"), {"first": line_end})) == {
        TRUE: "the body goes on after 13 bytes: \\r\\n"
    }


def test_what_is_expected_of_the_first_answer_is_expected_of_the_second() -> None:
    found = breached(evidence(placed("page-values-differ"), {"first": lambda r: r, "again": having("Val-Offset", "1")}))
    assert found == {
        "get2.safe.repeatable": "asked again: another val-offset",
        "get2.offset.cut": "asked again: Val-Offset is not the number of bytes of master1's value",
    }
    # The first answer says nothing, and is not held against the second.
    late = evidence(placed("page-values-differ"), {"first": fault(FaultKind.RESET), "again": saying(b"x")})
    assert breached(late)["get2.body.conflict"].startswith("asked again: the body is not master1's")


# safe.isolated


@pytest.mark.parametrize("label", ["alone-pair", "shared-1-pair", "shared-2-same", "shared-3-none", "shared-6-same"])
def test_bytes_behind_an_answer_are_not_its_own(label: str) -> None:
    rest: Change = lambda r: replace(r, after=b"conflict oneand two")  # noqa: E731  # one change
    found = breached(evidence(placed(FLOW), {label: rest}))
    assert found[ISOLATED] == f"{label}: bytes follow the answer: conflict oneand two"


def test_the_farewell_of_a_server_that_closes_a_connection_is_no_answer() -> None:
    farewell: Change = lambda r: replace(r, after=b"HTTP/1.1 408 Request Timeout\r\n\r\n")  # noqa: E731
    case = placed(FLOW)
    assert breached(evidence(case, dict.fromkeys(labels_of(case), farewell))) == {}
