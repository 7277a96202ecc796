"""The two ways to ask: GET with the key in the query, POST with the key as body."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, Evidence, requires

from ..get2.facts import both_hold_the_key, is_no_decoy
from ..get2.test_request import is_served


def _by_get(case: Case) -> bool:
    return both_hold_the_key(case) and case.asks[0].method == "GET"


def _by_post(case: Case) -> bool:
    return both_hold_the_key(case) and case.asks[0].method == "POST"


def _two_keys_are_named(case: Case) -> bool:
    return "body-wins" in case.tags


@requires("zscore2.request.served", when=_by_get)
def test_get_with_a_key_is_served(evidence: Evidence) -> None:
    """GET /zscore2?tb=T&key=K is answered by the interface, with 200 or 409, when both masters hold the key."""
    is_served(evidence)


@requires("zscore2.request.post", when=_by_post)
def test_post_with_the_key_as_body_is_served(evidence: Evidence) -> None:
    """POST /zscore2?tb=T with the key as its body is answered as the GET is."""
    is_served(evidence)


@requires("zscore2.request.body-wins", when=_two_keys_are_named)
def test_the_key_in_the_body_counts(case: Case, answer: Answer) -> None:
    """Where a body and the parameter `key` name two keys, the body counts."""
    is_no_decoy(case, answer, "the key of the query was read")
