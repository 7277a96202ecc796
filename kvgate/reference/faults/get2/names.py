"""Faults about names of parameters that are not `key`."""

from __future__ import annotations

import re
from urllib.parse import unquote

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request
from kvgate.reference.hustdb import Ha

FAULTS = Deviations("get2")
_REQUIRED = "get2.request.key-required"


@FAULTS.fault("key-by-its-first-letter", _REQUIRED, "a parameter k")
class _FirstLetter(Ha):
    """Takes k for a short form of key."""

    def key_as_sent(self, request: Request) -> str:
        return super().key_as_sent(request) or next((value for name, value in request.parameters if name == "k"), "")


@FAULTS.fault("key-in-an-array", _REQUIRED, "a parameter key[]")
class _Array(Ha):
    """Reads parameters into arrays, and takes the first element of one called key."""

    def key_as_sent(self, request: Request) -> str:
        given = (value for name, value in request.parameters if re.fullmatch(r"key\[[0-9]*\]", unquote(name)))
        return super().key_as_sent(request) or next(given, "")
