"""Faults that read a value, and go by what it means."""

from __future__ import annotations

import zlib

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_MATCH = "get2.status.match"
_CONFLICT = "get2.status.conflict"


@FAULTS.fault("compares-what-is-packed", _CONFLICT, "two packings of one content by gzip")
class _Packed(Ha):
    """Unpacks what is packed before it compares."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first == second or _unpacked(first) == _unpacked(second) != b""


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value, zlib.MAX_WBITS | 32)
    except zlib.error:
        return b""


@FAULTS.fault("compares-words-of-truth", _CONFLICT, "the values yes and true")
class _WordsOfTruth(Ha):
    """Takes words of one truth for the same."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        words = (b"yes", b"true", b"on", b"1")
        return first == second or {first.lower(), second.lower()} <= set(words)


@FAULTS.fault("compares-lines", _CONFLICT, "values that end a line with CR and with LF")
class _Lines(Ha):
    """Compares lines, whichever way they end."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.splitlines() == second.splitlines()


class _Alike(Ha):
    """Takes some bytes for others."""

    taken = (b"", b"")

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.replace(*self.taken) == second.replace(*self.taken)


@FAULTS.fault("compares-tabs-as-blanks", _CONFLICT, "values with a tab and a blank in one place")
class _TabsAsBlanks(_Alike):
    """Takes a tab for a blank."""

    taken = (b"\t", b" ")


@FAULTS.fault("compares-unescaped", _CONFLICT, "values with two backslashes and with one")
class _Unescaped(_Alike):
    """Takes the backslash before a backslash off before it compares."""

    taken = (b"\\\\", b"\\")


@FAULTS.fault("compares-nul-in-two-bytes", _CONFLICT, "values with C0 80 and with a NUL in one place")
class _NulInTwoBytes(_Alike):
    """Takes C0 80 for a NUL, as a reader of modified UTF-8 does."""

    taken = (b"\xc0\x80", b"\0")


@FAULTS.fault("compares-boxed-numbers", _MATCH, "a value that is a number from 128 on, the same on both masters")
class _Boxed(Ha):
    """Reads numbers into objects and compares those: only small ones are shared."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first == second and not (first.isdigit() and (len(first) > 18 or int(first) > 127))


@FAULTS.fault("nil-is-missing", _MATCH, "the value (nil)")
class _NilIsMissing(Ha):
    """Takes what a client of another store prints for nothing as nothing."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return super().answer(request, *(None if held and held.value == b"(nil)" else held for held in (first, second)))


@FAULTS.fault("compares-lengths-of-a-byte", _CONFLICT, "a value that begins another, which has 256 bytes more")
class _LengthsOfAByte(Ha):
    """Compares the last eight bits of two lengths, and then as many bytes as the shorter value has."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        shorter = min(len(first), len(second))
        return (len(first) - len(second)) % 256 == 0 and first[:shorter] == second[:shorter]
