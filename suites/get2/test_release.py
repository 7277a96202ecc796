"""That a release answers as its profile says, where the page leaves it open: judged in such profiles only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvgate.case import Case
from kvgate.verdict import Breach, Evidence, requires
from kvgate.verdict.answer import shown_all

from .facts import a_master_lacks_the_key, body_of, has_status, is_value, labels_due, no_key_is_sent


def _nothing_is_found(facts: Mapping[str, Any], case: Case) -> bool:
    return "not-found" in facts and bool(_labels(case))


def _labels(case: Case) -> tuple[str, ...]:
    one = a_master_lacks_the_key(case) or no_key_is_sent(case)
    return ("first",) if one else labels_due(case, 404)


@requires("get2.release.not-found", given=_nothing_is_found)
def test_nothing_found_is_answered_as_by_the_release(evidence: Evidence, case: Case) -> None:
    """What has no key, or one that a master lacks, gets the release's answer: status, `Version` and body."""
    due = evidence.facts["not-found"]
    for label in _labels(case):
        has_status(evidence.exchange(label), due["status"], case)
        answer = evidence.answer(label)
        if answer.values("Version") != (due["version"].encode(),):
            got = shown_all("Version", answer.values("Version")) or "no Version"
            want = f"Version: {due['version']}"
            raise Breach(f"{want} expected with a {answer.status}, {got} sent", want=want, got=got)
        is_value(body_of(answer), due["body"].encode(), "that of a key that is not there", answer.response.body_length)
