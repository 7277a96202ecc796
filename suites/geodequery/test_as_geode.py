"""What ?keys= owes as the multi-key GET does: its outcomes, its array, its errors, and that reading is safe."""

from __future__ import annotations

from kvgate.verdict import Evidence, requires, restated

from ..geode import test_body, test_error, test_headers, test_location, test_request, test_safe, test_status
from ..geode.question import tagged
from ..geode.test_status import expect_status

_SAME = (test_request, test_status, test_body, test_error, test_headers, test_location, test_safe)


@requires("geodequery.request.served", when=tagged("control"))
def test_the_request_is_served(evidence: Evidence) -> None:
    """A GET of /geode/v1/{region}?keys={key1},{key2} for two keys that are there is answered by 200."""
    expect_status(evidence, "found")


globals().update(restated(__name__, "geodequery", *_SAME, without=("request.served",)))
