"""Faults of a server that reads a number where there are bytes."""

from __future__ import annotations

import re

from kvgate.reference.deviation import Deviations
from kvgate.reference.hustdb import Ha

FAULTS = Deviations("get2")
_ZERO = re.compile(rb"0+[eE][0-9]+")


@FAULTS.fault("compares-zeros-with-exponents", "get2.status.conflict", "values such as 0e123 and 0e456")
class _Zeros(Ha):
    """Compares loosely: zeros with exponents are one number."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first == second or bool(_ZERO.fullmatch(first) and _ZERO.fullmatch(second))


@FAULTS.fault("key-of-a-number-without-fraction", "get2.request.own-value", "a key of digits that ends in .0 or .00")
class _Fraction(Ha):
    """Reads a key that is a number, and drops a fraction of zeros."""

    def decode_key(self, sent: str) -> bytes:
        return re.sub(rb"\A([0-9]+)\.0+\Z", rb"\1", super().decode_key(sent))
