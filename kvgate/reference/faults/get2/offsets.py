"""Faults in Val-Offset: when it is there, and where it cuts."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from itertools import takewhile

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, edited, mapped
from kvgate.reference.http import Pair, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_PRESENT = "get2.offset.present"
_ABSENT = "get2.offset.absent"
_CUT = "get2.offset.cut"
_NAME = "Val-Offset"


class _Cut(Ha):
    """An HA that cuts elsewhere, where it says."""

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        return () if same_value else ((_NAME, str(self.cut(first.value, second.value))),)

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first)


# There or not


@FAULTS.fault("no-offset-with-pair", _PRESENT, "value and version differ")
class _NotWithPair(Altered):
    """Leaves Val-Offset out when the versions differ too."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return response if first.version == second.version else edited(response, without=(_NAME,))


@FAULTS.fault("no-offset-for-prefix", _PRESENT, "master1's value is the beginning of master2's")
class _NotForPrefix(Altered):
    """Leaves Val-Offset out when master1's value is the beginning of master2's."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return edited(response, without=(_NAME,)) if second.value.startswith(first.value) else response


@FAULTS.fault("offset-twice", _PRESENT, "different values")
class _Twice(Altered):
    """Sends Val-Offset once for each master."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return edited(response, plus=((_NAME, str(len(first.value))),)) if response.status == 409 else response


@FAULTS.fault("offset-under-other-name", _PRESENT, "different values")
class _OtherName(Ha):
    """Calls the offset Value-Offset."""

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        return () if same_value else (("Value-Offset", str(len(first.value))),)


@FAULTS.fault("offset-with-unit", _PRESENT, "different values")
class _Unit(_Cut):
    """Writes the unit after the number."""

    def cut(self, first: bytes, second: bytes) -> object:
        return f"{len(first)} bytes"


@FAULTS.fault("offset-in-hex", _PRESENT, "a length whose hexadecimal form has a letter or another value")
class _Hex(_Cut):
    """Writes the offset as 0x and hexadecimal digits."""

    def cut(self, first: bytes, second: bytes) -> object:
        return hex(len(first))


@FAULTS.fault("offset-list", _PRESENT, "different values with equal versions")
class _List(Altered):
    """Writes both lengths, separated by a comma, when the versions are the same."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if first.version != second.version:
            return response
        return mapped(response, _NAME, lambda value: f"{value}, {len(second.value)}")


@FAULTS.fault("no-offset-beyond-64k", _PRESENT, "master1's value has 65,536 bytes or more")
class _NotBeyond(Altered):
    """Leaves out an offset that 16 bits can't hold."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return edited(response, without=(_NAME,)) if len(first.value) > 65535 else response


@FAULTS.fault("offset-0-with-match", _ABSENT, "equal values with equal versions")
class _ZeroWithMatch(Ha):
    """Sends Val-Offset: 0 when value and version match."""

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        if same_value:
            return ((_NAME, "0"),) if first.version == second.version else ()
        return super().offset_headers(first, second, same_value=same_value)


@FAULTS.fault("offset-when-versions-differ", _ABSENT, "equal values with different versions")
class _WhenVersionsDiffer(Ha):
    """Sends Val-Offset whenever the versions differ."""

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        if same_value and first.version == second.version:
            return ()
        return ((_NAME, str(len(first.value))),)


@FAULTS.fault("offset-for-large-match", _ABSENT, "equal values of more than 64 KiB")
class _ForLarge(Altered):
    """Sends Val-Offset with large values, which go through another buffer."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 and len(first.value) > 65536:
            return edited(response, plus=((_NAME, str(len(first.value))),))
        return response


# Where it cuts


@FAULTS.fault("offset-in-characters", _CUT, "master1's value has characters of several bytes")
class _Characters(_Cut):
    """Counts characters instead of bytes."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first.decode("utf-8", "replace"))


@FAULTS.fault("offset-in-utf16", _CUT, "master1's value has characters beyond ASCII")
class _Utf16(_Cut):
    """Counts UTF-16 code units instead of bytes."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first.decode("utf-8", "replace").encode("utf-16-le")) // 2


@FAULTS.fault("offset-is-half", _CUT, "values of different length")
class _Half(_Cut):
    """Cuts the body in the middle."""

    def cut(self, first: bytes, second: bytes) -> object:
        return (len(first) + len(second)) // 2


@FAULTS.fault("offset-of-second", _CUT, "values of different length")
class _Second(_Cut):
    """Tells the length of master2's value."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(second)


@FAULTS.fault("offset-of-shorter", _CUT, "master1's value is the longer")
class _Shorter(_Cut):
    """Tells the length of the shorter value."""

    def cut(self, first: bytes, second: bytes) -> object:
        return min(len(first), len(second))


@FAULTS.fault("offset-of-longer", _CUT, "master1's value is the shorter")
class _Longer(_Cut):
    """Tells the length of the longer value."""

    def cut(self, first: bytes, second: bytes) -> object:
        return max(len(first), len(second))


@FAULTS.fault("offset-of-difference", _CUT, "values that begin differently, or alike for a while")
class _Difference(_Cut):
    """Tells at which byte the values begin to differ."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))))


@FAULTS.fault("offset-from-1", _CUT, "any different values")
class _FromOne(_Cut):
    """Counts from 1: tells where master2's value begins."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first) + 1


@FAULTS.fault("offset-of-last-byte", _CUT, "any different values")
class _LastByte(_Cut):
    """Tells where master1's value has its last byte."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first) - 1


@FAULTS.fault("offset-16-bit", _CUT, "master1's value has 65,536 bytes or more")
class _Short(_Cut):
    """Keeps 16 bits of the offset."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first) & 0xFFFF


@FAULTS.fault("offset-capped-at-64k", _CUT, "master1's value has more than 65,536 bytes")
class _Capped(_Cut):
    """Never tells more than the size of its buffer."""

    def cut(self, first: bytes, second: bytes) -> object:
        return min(len(first), 65536)


@FAULTS.fault("offset-to-first-nul", _CUT, "master1's value holds a NUL")
class _Nul(_Cut):
    """Measures master1's value as a C string."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first.partition(b"\0")[0])


@FAULTS.fault("offset-of-trimmed", _CUT, "master1's value ends in white space")
class _Trimmed(_Cut):
    """Measures master1's value without white space at its end."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first.rstrip())


@FAULTS.fault("offset-counts-line-end-once", _CUT, "master1's value holds CR LF")
class _LineEnds(_Cut):
    """Counts CR LF as one."""

    def cut(self, first: bytes, second: bytes) -> object:
        return len(first.replace(b"\r\n", b"\n"))


@FAULTS.fault("offset-of-newest", _CUT, "values of different length, master2 ahead")
class _Newest(Ha):
    """Tells the length of the newer value."""

    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        newest = second if second.version > first.version else first
        return () if same_value else ((_NAME, str(len(newest.value))),)


@FAULTS.fault("offset-always-13", _CUT, "master1's value has not 13 bytes")
class _Thirteen(_Cut):
    """Copies the number from the page."""

    def cut(self, first: bytes, second: bytes) -> object:
        return 13
