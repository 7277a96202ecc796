"""Faults in whether two values are the same, and in the status that says so."""

from __future__ import annotations

import hashlib
import unicodedata
import zlib

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_MATCH = "get2.status.match"
_CONFLICT = "get2.status.conflict"
_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))


@FAULTS.fault("compares-lengths-only", _CONFLICT, "two different values of one length")
class _Lengths(Ha):
    """Takes values of equal length for equal."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second)


@FAULTS.fault("compares-shorter-length", _CONFLICT, "one value is a prefix of the other, either way")
class _Shorter(Ha):
    """Compares as many bytes as the shorter value has, so a value equals its own beginning."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        length = min(len(first), len(second))
        return first[:length] == second[:length]


@FAULTS.fault("compares-first-length", _CONFLICT, "master1's value is a prefix of master2's")
class _FirstLength(Ha):
    """Compares as many bytes as master1's value has."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return second[: len(first)] == first


@FAULTS.fault("compares-second-length", _CONFLICT, "master2's value is a prefix of master1's")
class _SecondLength(Ha):
    """Compares as many bytes as master2's value has."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first[: len(second)] == second


@FAULTS.fault("compares-to-first-nul", _CONFLICT, "values of one length that differ after a NUL byte")
class _FirstNul(Ha):
    """Compares values of one length as C strings: what follows the first NUL does not count."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first.partition(b"\0")[0] == second.partition(b"\0")[0]


@FAULTS.fault("compares-as-c-strings", _CONFLICT, "values that are the same up to a NUL, of any length")
class _CStrings(Ha):
    """Compares up to the first NUL and forgets the lengths."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.partition(b"\0")[0] == second.partition(b"\0")[0]


@FAULTS.fault("compares-first-256-bytes", _CONFLICT, "values of one length that differ after byte 256")
class _Block256(Ha):
    """Compares no more than the first 256 bytes of values of one length."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first[:256] == second[:256]


@FAULTS.fault("compares-first-block", _CONFLICT, "values of one length that differ after byte 4096")
class _Block4096(Ha):
    """Compares the first block of 4096 bytes of values of one length."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first[:4096] == second[:4096]


@FAULTS.fault("compares-first-64k", _CONFLICT, "large values of one length that differ after byte 65,536")
class _Block65536(Ha):
    """Compares the first 65,536 bytes of values of one length."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first[:65536] == second[:65536]


@FAULTS.fault("compares-whole-blocks-only", _CONFLICT, "values that differ after the last whole block of 8")
class _WholeBlocks(Ha):
    """Compares eight bytes at a time and forgets the rest at the end of longer values."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        whole = len(first) // 8 * 8 or len(first)
        return len(first) == len(second) and first[:whole] == second[:whole]


@FAULTS.fault("compares-all-but-last-byte", _CONFLICT, "values that differ in their last byte only")
class _LastByte(Ha):
    """Leaves out the last byte of values longer than one."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and (first[:-1] or first) == (second[:-1] or second)


@FAULTS.fault("compares-without-first-byte", _CONFLICT, "values that differ in their first byte only")
class _FirstByte(Ha):
    """Begins to compare at the second byte."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first[1:] == second[1:]


@FAULTS.fault("compares-ends-only", _CONFLICT, "values of one length that differ in the middle")
class _Ends(Ha):
    """Compares the length, the first 16 and the last 16 bytes."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first[:16] == second[:16] and first[-16:] == second[-16:]


class _Large(Ha):
    """Compares values of more than 128 KiB and of one length as `alike` says."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        if len(first) <= 131_072 or len(first) != len(second):
            return first == second
        return self.alike(first, second)

    def alike(self, first: bytes, second: bytes) -> bool:
        raise NotImplementedError


@FAULTS.fault("compares-ends-of-large-only", _CONFLICT, "large values of one length that differ in the middle")
class _EndsOfLarge(_Large):
    """Compares the length, the first 64 KiB and the last 4 KiB of values of more than 128 KiB."""

    def alike(self, first: bytes, second: bytes) -> bool:
        return first[:65_536] == second[:65_536] and first[-4096:] == second[-4096:]


@FAULTS.fault("compares-samples-of-large", _CONFLICT, "large values of one length that differ between two samples")
class _Samples(_Large):
    """Compares the length and every sixteenth byte of values of more than 128 KiB."""

    def alike(self, first: bytes, second: bytes) -> bool:
        return first[::16] == second[::16]


@FAULTS.fault("compares-without-case", _CONFLICT, "values that differ in case only")
class _Case(Ha):
    """Takes upper and lower case for the same."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.lower() == second.lower()


@FAULTS.fault("compares-trimmed", _CONFLICT, "values that differ in white space at the ends")
class _Trimmed(Ha):
    """Trims white space at both ends before it compares."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.strip() == second.strip()


@FAULTS.fault("compares-without-trailing-nul", _CONFLICT, "values that differ in NUL bytes at the end")
class _Padding(Ha):
    """Takes trailing NUL bytes for padding."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.rstrip(b"\0") == second.rstrip(b"\0")


@FAULTS.fault("compares-line-ends-alike", _CONFLICT, "values that differ in CR LF against LF")
class _LineEnds(Ha):
    """Takes CR LF and LF for the same."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.replace(b"\r\n", b"\n") == second.replace(b"\r\n", b"\n")


@FAULTS.fault("compares-as-text", _CONFLICT, "values that differ in bytes that are not UTF-8")
class _Text(Ha):
    """Decodes values as UTF-8 first, so that all invalid bytes are the same replacement character."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.decode("utf-8", "replace") == second.decode("utf-8", "replace")


@FAULTS.fault("compares-seven-bits", _CONFLICT, "values that differ in the highest bit of a byte")
class _SevenBits(Ha):
    """Ignores the highest bit of every byte."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.translate(_SEVEN_BITS) == second.translate(_SEVEN_BITS)


@FAULTS.fault("compares-byte-sums", _CONFLICT, "values of the same bytes in another order")
class _Sums(Ha):
    """Compares a sum of the bytes instead of the bytes."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and sum(first) == sum(second)


@FAULTS.fault("compares-8-bit-checksums", _CONFLICT, "about one in 256 pairs of different values")
class _Checksums(Ha):
    """Compares one byte of a checksum, and takes values of different length as different."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and zlib.crc32(first) & 0xFF == zlib.crc32(second) & 0xFF


@FAULTS.fault("compares-normalised-text", _CONFLICT, "values that spell one text in composed and decomposed UTF-8")
class _Normalised(Ha):
    """Compares text after Unicode normalisation."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        try:
            return unicodedata.normalize("NFC", first.decode()) == unicodedata.normalize("NFC", second.decode())
        except UnicodeDecodeError:
            return first == second


@FAULTS.fault("compares-numbers-by-value", _CONFLICT, "values that are digits with and without leading zeros")
class _Numbers(Ha):
    """Compares values that are digits as numbers."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        if first.isdigit() and second.isdigit():
            return first.lstrip(b"0") == second.lstrip(b"0")
        return first == second


@FAULTS.fault("trusts-equal-versions", _CONFLICT, "different values with the same version")
class _TrustsVersions(Ha):
    """Compares values only where versions differ."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return self._versions_agree or first == second

    _versions_agree = False

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        self._versions_agree = bool(first and second and first.version == second.version)
        return super().answer(request, first, second)


@FAULTS.fault("conflict-is-300", _CONFLICT, "any two different values")
class _MultipleChoices(Altered):
    """Answers 300 instead of 409 when master2's value is the longer one."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 and len(second.value) > len(first.value):
            return Response(300, "Multiple Choices", response.headers, response.body)
        return response


@FAULTS.fault("conflict-is-412", _CONFLICT, "different values whose versions differ too")
class _Precondition(Altered):
    """Answers 412 where value and version both differ."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 and first.version != second.version:
            return Response(412, "Precondition Failed", response.headers, response.body)
        return response


@FAULTS.fault("conflict-from-older-master", _CONFLICT, "different values where master1 is ahead")
class _NewestWins(Altered):
    """Takes the newer value for the right one and answers 200 with it when master1 is ahead."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 and first.version > second.version:
            return Response(200, "OK", response.headers, first.value)
        return response


@FAULTS.fault("conflict-when-versions-differ", _MATCH, "equal values with different versions")
class _VersionsToo(Altered):
    """Answers 409 when only the versions differ."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if first.version != second.version:
            return Response(409, "Conflict", response.headers, response.body)
        return response


@FAULTS.fault("conflict-when-master1-ahead", _MATCH, "equal values, master1's version the greater")
class _OneDirection(Altered):
    """Computes a negative difference of versions and takes it for a difference of values."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 and first.version > second.version:
            return Response(409, "Conflict", response.headers, response.body)
        return response


@FAULTS.fault("binary-never-matches", _MATCH, "equal values that are not UTF-8")
class _TextOnly(Ha):
    """Compares text, and takes values that are no UTF-8 for different."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        try:
            return first.decode() == second.decode()
        except UnicodeDecodeError:
            return False


@FAULTS.fault("large-never-matches", _MATCH, "equal values of more than 64 KiB")
class _LargeDiffers(Ha):
    """Compares in a buffer of 65,536 bytes and takes larger values for different."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first == second and len(first) <= 65536


@FAULTS.fault("one-byte-is-missing", _MATCH, "equal values of one byte")
class _OneByte(Altered):
    """Is off by one about what is empty: one byte counts as no value."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return self.plain(404) if len(first.value) == len(second.value) == 1 else response


@FAULTS.fault("leading-nul-is-missing", _MATCH, "equal values that begin with a NUL")
class _LeadingNul(Altered):
    """Measures with strlen whether there is a value at all."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return self.plain(404) if first.value == second.value and first.value[:1] == b"\0" else response


@FAULTS.fault("megabyte-is-500", _MATCH, "equal values of 1 MiB")
class _Megabyte(Altered):
    """Runs out of memory on values of a mebibyte and answers 500."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return self.plain(500) if first.value == second.value and len(first.value) >= 2**20 else response


@FAULTS.fault("match-is-203", _MATCH, "equal values with different versions")
class _NonAuthoritative(Altered):
    """Answers 203 for a value whose versions differ."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 and first.version != second.version:
            return Response(203, "Non-Authoritative Information", response.headers, response.body)
        return response


@FAULTS.fault("compares-modulo-255", _CONFLICT, "values that differ in 0xFF and 0x00")
class _Modulo255(Ha):
    """Compares lengths and sums of bytes modulo 255, by which 0xFF is 0x00."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return first.replace(b"\xff", b"\0") == second.replace(b"\xff", b"\0")


@FAULTS.fault("compares-fnv-1a", _CONFLICT, "values with the same FNV-1a hash of 32 bits")
class _Fnv1a(Ha):
    """Compares lengths and FNV-1a hashes of 32 bits."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and (first == second or _fnv_1a(first) == _fnv_1a(second))


def _fnv_1a(value: bytes) -> int:
    found = 0x811C9DC5
    for byte in value:
        found = (found ^ byte) * 0x01000193 & 0xFFFFFFFF
    return found


@FAULTS.fault("compares-first-of-sha-256", _CONFLICT, "values whose SHA-256 begins alike")
class _FirstOfSha256(Ha):
    """Compares the first eight hexadecimal digits of SHA-256."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return hashlib.sha256(first).digest()[:4] == hashlib.sha256(second).digest()[:4]
