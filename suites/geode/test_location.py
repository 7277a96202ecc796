"""Content-Location, which says what the elements of the array stand for (page, lines 61 and 137)."""

from __future__ import annotations

from kvgate.verdict import Breach, Evidence, NotApplicable, requires
from kvgate.verdict.answer import shown_all
from kvgate.wire.text import visible

from .location import HEADER, orders
from .question import VALUES, expecting
from .reading import successes
from .schemas import expect_headers


@requires("geode.location.sent", when=expecting(*VALUES))
def test_content_location_is_sent(evidence: Evidence) -> None:
    """A 200 carries Content-Location."""
    for question, answer in successes(evidence):
        if not answer.has(HEADER):
            want = f".../{visible(question.region)}/" + ",".join(question.spelled)
            raise Breach("Content-Location is not sent", want=visible(want), got="none")
        expect_headers(answer, question, "geode.location.sent")


@requires("geode.location.names-keys", when=expecting(*VALUES))
def test_content_location_names_region_and_keys(evidence: Evidence) -> None:
    """The path of Content-Location ends with the region and the requested keys, in some order, encoded or not."""
    any_sent = False
    for question, answer in successes(evidence):
        if not answer.has(HEADER):
            continue
        any_sent = True
        if not orders(answer, question):
            want = f".../{question.region}/" + ",".join(question.spelled) + " in some order"
            got = shown_all(HEADER, answer.values(HEADER))
            raise Breach("Content-Location does not name the keys", want=visible(want), got=got)
        expect_headers(answer, question, "geode.location.names-keys")
    if not any_sent:
        raise NotApplicable("Content-Location is not sent")
