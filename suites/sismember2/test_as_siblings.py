"""What /sismember2 owes as /get2 does: how versions are told, the usual headers, missing keys, safe reading."""

from __future__ import annotations

from kvgate.verdict import restated

from ..get2 import test_headers, test_missing, test_release, test_request, test_safe, test_version

_SAME = (test_request, test_version, test_headers, test_missing, test_safe, test_release)

globals().update(restated(__name__, "sismember2", *_SAME, without=("request.key-decoded", "request.own-value")))
