"""A key that one master or both lack (L11; rulings E4, E8)."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Breach, Evidence, requires

from .facts import a_master_lacks_the_key, has_status, is_answered, labels_due


def _some_key_is_missing(case: Case) -> bool:
    return a_master_lacks_the_key(case) or bool(labels_due(case, 404))


def _labels(case: Case) -> tuple[str, ...]:
    return ("first",) if a_master_lacks_the_key(case) else labels_due(case, 404)


@requires("get2.missing.no-success", when=_some_key_is_missing)
def test_a_key_that_a_master_lacks_is_no_success(evidence: Evidence, case: Case) -> None:
    """A key that one master or both lack gets an answer, and this is never 200."""
    want = "anything but 200"
    for label in _labels(case):
        exchange = evidence.exchange(label)
        if exchange.response is not None and exchange.response.status == 200:
            raise Breach("status 200, though a master lacks the key", want=want, got="200")
        is_answered(exchange, want)


@requires("get2.missing.status", when=_some_key_is_missing)
def test_a_key_that_a_master_lacks_is_not_found(evidence: Evidence, case: Case) -> None:
    """A key that one master or both lack is answered with 404."""
    for label in _labels(case):
        has_status(evidence.exchange(label), 404, case)
