"""The versions: one `Version` when they match, `Version1` and `Version2` when they don't (L27-51, L61-88)."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, Evidence, FaultElsewhere, Scope, requires

from .each import asked, each
from .facts import (
    VERSION_HEADERS,
    an_outcome_is_due,
    are_numbers,
    conforms,
    has_number,
    masters_of,
    outcome,
    versions_differ,
    versions_match,
)


def _a_version_is_sent(answer: Answer) -> None:
    outcome(answer)
    if not any(answer.has(name) for name in VERSION_HEADERS):
        raise FaultElsewhere("no version is sent")


@requires("get2.version.same", when=each(versions_match), scope=Scope.EACH)
def test_version_is_the_common_version(evidence: Evidence) -> None:
    """`Version` is sent, and is the version that both masters hold, when the versions match."""
    evidence = asked(evidence, versions_match)
    answer = evidence.answer()
    conforms("get2.version.same", answer, evidence.case)
    has_number(answer, "Version", masters_of(evidence).version1, "the common version")
    are_numbers(answer, "Version")


@requires("get2.version.pair", when=each(versions_differ), scope=Scope.EACH)
def test_version1_is_master1s_and_version2_is_master2s(evidence: Evidence) -> None:
    """`Version1` is sent and is master1's version, `Version2` is sent and is master2's, when the versions differ."""
    evidence = asked(evidence, versions_differ)
    answer = evidence.answer()
    conforms("get2.version.pair", answer, evidence.case)
    masters = masters_of(evidence)
    has_number(answer, "Version1", masters.version1, "master1's version")
    has_number(answer, "Version2", masters.version2, "master2's version")
    are_numbers(answer, "Version1", "Version2")


@requires("get2.version.exclusive", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_one_form_of_version_at_a_time(case: Case, answer: Answer) -> None:
    """`Version` never comes with `Version1` or `Version2`, these two come together only, and none comes twice."""
    conforms("get2.version.exclusive", answer, case)


@requires("get2.version.decimal", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_versions_are_decimal_digits(case: Case, answer: Answer) -> None:
    """A version is written with the digits 0 to 9 and nothing else."""
    _a_version_is_sent(answer)
    conforms("get2.version.decimal", answer, case)


@requires("get2.version.canonical", when=an_outcome_is_due, scope=Scope.ANSWER)
def test_versions_have_no_leading_zeros(case: Case, answer: Answer) -> None:
    """A version is written without leading zeros."""
    _a_version_is_sent(answer)
    conforms("get2.version.canonical", answer, case)
