"""What /zscore2 owes as /get2 and /hget2 do, a score being a value: four outcomes, missing keys, safe reading."""

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
from ..hget2 import test_table

_SAME = (
    test_table,
    test_status,
    test_version,
    test_offset,
    test_body,
    test_headers,
    test_missing,
    test_safe,
    test_release,
)

globals().update(restated(__name__, "zscore2", test_request, *_SAME, without=("request.served",)))
