"""What /hget2 owes as /get2 does: its four outcomes, missing keys, and that reading is safe."""

from __future__ import annotations

from kvgate.verdict import restated

from ..get2 import (
    test_body,
    test_headers,
    test_missing,
    test_offset,
    test_release,
    test_request,
    test_safe,
    test_status,
    test_version,
)

globals().update(
    restated(
        __name__,
        "hget2",
        *(test_request, test_status, test_version, test_offset, test_body, test_headers, test_missing, test_safe),
        test_release,
    )
)
