"""Faults about names of parameters that are not `key`."""

from __future__ import annotations

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


@FAULTS.fault("key-by-its-member", _REQUIRED, "a parameter key.name")
class _Member(Ha):
    """Reads parameters into objects, and takes the first member of one called key."""

    def key_as_sent(self, request: Request) -> str:
        given = (value for name, value in request.parameters if name.startswith("key."))
        return super().key_as_sent(request) or next(given, "")
