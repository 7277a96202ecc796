"""What a GET of one key owes as the multi-key GET does: strict JSON, its usual headers, and that reading is safe."""

from __future__ import annotations

from kvgate.verdict import restated

from ..geode import test_body, test_headers, test_location, test_safe, test_status

globals().update(
    restated(
        __name__,
        "geodekey",
        *(test_body, test_headers, test_location, test_safe, test_status),
        only=(
            *("body.strict-json", "length.true", "date.valid", "location.sent", "location.names-keys"),
            *("safe.repeatable", "safe.read-only", "safe.isolated", "status.no-region"),
        ),
    )
)
