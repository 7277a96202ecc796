"""Faults in the body."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import base64
import gzip
import html
import json
from dataclasses import replace

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, edited
from kvgate.reference.http import Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_MATCH = "get2.body.match"
_CONFLICT = "get2.body.conflict"


class _Told(Ha):
    """An HA that tells another body, where it says."""

    def build_body(self, first: Reading, second: Reading, *, same_value: bool) -> bytes:
        return self.match(first.value) if same_value else self.conflict(first.value, second.value)

    def match(self, value: bytes) -> bytes:
        return value

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + second


# 200


@FAULTS.fault("match-twice-when-versions-differ", _MATCH, "equal values with different versions")
class _BothCopies(Altered):
    """Sends both masters' copies of one value when the versions differ."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 and first.version != second.version:
            return replace(response, body=first.value + second.value)
        return response


@FAULTS.fault("match-with-line-end", _MATCH, "any equal values")
class _LineEnd(_Told):
    """Ends the body with a line feed."""

    def match(self, value: bytes) -> bytes:
        return value + b"\n"


@FAULTS.fault("match-to-first-nul", _MATCH, "equal values that hold a NUL")
class _ToNul(_Told):
    """Sends what comes before the first NUL."""

    def match(self, value: bytes) -> bytes:
        return value.partition(b"\0")[0]


@FAULTS.fault("match-trimmed", _MATCH, "equal values with white space at an end")
class _Trimmed(_Told):
    """Trims white space at the ends of a value."""

    def match(self, value: bytes) -> bytes:
        return value.strip()


@FAULTS.fault("match-trimmed-left", _MATCH, "equal values that begin with a space")
class _TrimmedLeft(_Told):
    """Loses spaces before a value, as if it were a header's."""

    def match(self, value: bytes) -> bytes:
        return value.lstrip(b" ")


@FAULTS.fault("match-line-ends-changed", _MATCH, "equal values that hold CR LF")
class _Unix(_Told):
    """Turns CR LF into LF."""

    def match(self, value: bytes) -> bytes:
        return value.replace(b"\r\n", b"\n")


@FAULTS.fault("match-cut-at-64k", _MATCH, "equal values of more than 65,536 bytes")
class _Cut(_Told):
    """Sends no more than the first 65,536 bytes."""

    def match(self, value: bytes) -> bytes:
        return value[:65536]


@FAULTS.fault("match-loses-block-end", _MATCH, "equal values of a multiple of 4096 bytes")
class _BlockEnd(_Told):
    """Loses the last byte of a value that fills its blocks."""

    def match(self, value: bytes) -> bytes:
        return value[:-1] if value and len(value) % 4096 == 0 else value


@FAULTS.fault("match-as-json", _MATCH, "any equal values")
class _Json(_Told):
    """Sends the value as a JSON string."""

    def match(self, value: bytes) -> bytes:
        return json.dumps(value.decode("latin-1")).encode()


@FAULTS.fault("match-as-base64", _MATCH, "equal values that are not UTF-8")
class _Base64(_Told):
    """Sends values that are not UTF-8 in base64."""

    def match(self, value: bytes) -> bytes:
        try:
            value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value)
        return value


@FAULTS.fault("match-transcoded", _MATCH, "equal values with bytes above 127")
class _Transcoded(_Told):
    """Takes a value for ISO-8859-1 and sends it as UTF-8."""

    def match(self, value: bytes) -> bytes:
        return value.decode("latin-1").encode()


@FAULTS.fault("match-repaired-utf8", _MATCH, "equal values that are not UTF-8")
class _Repaired(_Told):
    """Replaces bytes that are not UTF-8 by U+FFFD."""

    def match(self, value: bytes) -> bytes:
        return value.decode("utf-8", "replace").encode()


@FAULTS.fault("match-without-byte-order-mark", _MATCH, "equal values that begin with a UTF-8 byte-order mark")
class _Mark(_Told):
    """Takes a byte-order mark off a value."""

    def match(self, value: bytes) -> bytes:
        return value.removeprefix(b"\xef\xbb\xbf")


@FAULTS.fault("match-escaped-for-html", _MATCH, "equal values that hold & < or >")
class _Html(_Told):
    """Escapes markup as for a web page."""

    def match(self, value: bytes) -> bytes:
        return html.escape(value.decode("latin-1")).encode("latin-1")


@FAULTS.fault("match-percent-decoded", _MATCH, "equal values in which %XX stands")
class _PercentDecoded(_Told):
    """Percent-decodes the value as it does the key."""

    def match(self, value: bytes) -> bytes:
        return self.decode_key(value.decode("latin-1"))


@FAULTS.fault("match-empty-when-versions-differ", _MATCH, "equal values with different versions")
class _Empty(Altered):
    """Sends no body when only the versions differ."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return replace(response, body=b"") if response.status == 200 and first.version != second.version else response


@FAULTS.fault("match-compressed", _MATCH, "equal values of more than 1 KiB")
class _Compressed(Altered):
    """Compresses large values unasked, and says so."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status != 200 or len(first.value) <= 1024:
            return response
        return edited(
            replace(response, body=gzip.compress(response.body, mtime=0)), plus=(("Content-Encoding", "gzip"),)
        )


@FAULTS.fault("match-said-to-be-compressed", _MATCH, "equal values of more than 1 KiB")
class _SaidToBeCompressed(Altered):
    """Says that it compresses large values, and leaves them as they are."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        large = response.status == 200 and len(first.value) > 1024
        return edited(response, plus=(("Content-Encoding", "gzip"),)) if large else response


# 409


@FAULTS.fault("conflict-with-line-end-between", _CONFLICT, "any different values")
class _Separated(_Told):
    """Puts a line feed between the two values."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + b"\n" + second


@FAULTS.fault("conflict-with-nul-between", _CONFLICT, "different values, the first of them without a NUL at its end")
class _Terminated(_Told):
    """Copies master1's value with the NUL that ends it."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first if first.endswith(b"\0") and not second else first + b"\0" + second


@FAULTS.fault("conflict-second-first", _CONFLICT, "any different values")
class _SecondFirst(_Told):
    """Sends master2's value first."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return second + first


@FAULTS.fault("conflict-newest-first", _CONFLICT, "different values, master2 ahead")
class _NewestFirst(Altered):
    """Sends the newer value first."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 and second.version > first.version:
            return replace(response, body=second.value + first.value)
        return response


@FAULTS.fault("conflict-longer-first", _CONFLICT, "different values, master2's the longer")
class _LongerFirst(_Told):
    """Sends the longer value first."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return second + first if len(second) > len(first) else first + second


@FAULTS.fault("conflict-first-only", _CONFLICT, "any different values")
class _FirstOnly(_Told):
    """Sends master1's value only."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first


@FAULTS.fault("conflict-common-beginning-once", _CONFLICT, "different values of which one begins with the other")
class _Once(_Told):
    """Sends the beginning that both have in common once."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + second.removeprefix(first)


@FAULTS.fault("conflict-second-cut", _CONFLICT, "master2's value is the longer")
class _SecondCut(_Told):
    """Sends of master2's value as many bytes as master1's has."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + second[: len(first)]


@FAULTS.fault("conflict-second-padded", _CONFLICT, "master2's value is the shorter")
class _SecondPadded(_Told):
    """Fills master2's value with NUL bytes to the length of master1's."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + second.ljust(len(first), b"\0")


@FAULTS.fault("conflict-second-to-nul", _CONFLICT, "master2's value holds a NUL")
class _SecondToNul(_Told):
    """Appends master2's value as a C string."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + second.partition(b"\0")[0]


@FAULTS.fault("conflict-with-line-end-after", _CONFLICT, "any different values")
class _LineEndAfter(_Told):
    """Ends the body with CR LF."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first + second + b"\r\n"


@FAULTS.fault("conflict-cut-at-64k", _CONFLICT, "different values of more than 65,536 bytes together")
class _CutTogether(_Told):
    """Has room for 65,536 bytes of both values together."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return (first + second)[:65536]


@FAULTS.fault("conflict-trimmed", _CONFLICT, "master1's value ends in white space")
class _TrimmedBetween(_Told):
    """Trims white space where the two values meet."""

    def conflict(self, first: bytes, second: bytes) -> bytes:
        return first.rstrip() + second.lstrip()
