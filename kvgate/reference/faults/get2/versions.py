"""Faults in the versions: which are told, under which names, and how they are written."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, edited, mapped
from kvgate.reference.http import Pair, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_SAME = "get2.version.same"
_PAIR = "get2.version.pair"
_EXCLUSIVE = "get2.version.exclusive"
_DECIMAL = "get2.version.decimal"
_CANONICAL = "get2.version.canonical"

Headers = tuple[Pair, ...]


def _pair(first: object, second: object) -> Headers:
    return ("Version1", str(first)), ("Version2", str(second))


# The same versions


@FAULTS.fault("same-versions-as-pair", _SAME, "equal versions")
class _AlwaysPair(Ha):
    """Always sends Version1 and Version2, also where they are the same."""

    def version_headers(self, first: int, second: int) -> Headers:
        return _pair(first, second)


@FAULTS.fault("same-versions-as-pair-in-conflict", _SAME, "different values with equal versions")
class _PairInConflict(Altered):
    """Sends the pair with every 409."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200:
            return response
        return edited(response, without=("Version", "Version1", "Version2"), plus=_pair(first.version, second.version))


@FAULTS.fault("no-version-in-conflict", _SAME, "different values with equal versions")
class _NoneInConflict(Altered):
    """Sends no Version with a 409."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return response if response.status == 200 else edited(response, without=("Version",))


@FAULTS.fault("version-always-1", _SAME, "equal versions above 1")
class _Always1(Ha):
    """Says Version 1 where versions are the same, whatever they are."""

    def version_headers(self, first: int, second: int) -> Headers:
        return (("Version", "1"),) if first == second else _pair(first, second)


@FAULTS.fault("version-one-digit", _SAME, "equal versions of two digits")
class _OneDigit(Ha):
    """Writes one character for Version."""

    def version_headers(self, first: int, second: int) -> Headers:
        return (("Version", str(first)[:1]),) if first == second else _pair(first, second)


@FAULTS.fault("version-counts-from-0", _SAME, "any equal versions")
class _FromZero(Ha):
    """Tells how often a value was changed, one less than its version."""

    def version_headers(self, first: int, second: int) -> Headers:
        return (("Version", str(first - 1)),) if first == second else _pair(first, second)


@FAULTS.fault("version-modulo-32", _SAME, "equal versions from 32 up")
class _Modulo32(Ha):
    """Keeps five bits of a version."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(first & 31, second & 31) if first == second else _pair(first, second)


@FAULTS.fault("version-by-first-digit", _PAIR, "versions whose first digits are the same, such as 1 and 12")
class _FirstDigit(Ha):
    """Compares the versions' first digits, and sends one Version where they agree."""

    def same_version(self, first: int, second: int) -> bool:
        return str(first)[0] == str(second)[0]


# The pair


@FAULTS.fault("pair-swapped", _PAIR, "any two different versions")
class _Swapped(Ha):
    """Sends Version1 and Version2 the wrong way round."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(second, first)


@FAULTS.fault("pair-ascending", _PAIR, "master1's version the greater")
class _Ascending(Ha):
    """Sends the smaller version as Version1."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(min(first, second), max(first, second))


@FAULTS.fault("pair-newest-first", _PAIR, "master1's version the smaller")
class _NewestFirst(Ha):
    """Sends the greater version as Version1."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(max(first, second), min(first, second))


@FAULTS.fault("pair-sorted-as-text", _PAIR, "versions such as 9 and 10, in this order")
class _SortedAsText(Ha):
    """Sorts the two versions as text."""

    def version_headers(self, first: int, second: int) -> Headers:
        if first < second and str(first) > str(second):
            return super().version_headers(second, first)
        return super().version_headers(first, second)


@FAULTS.fault("pair-by-node", _PAIR, "a key whose master1 is not the first node")
class _ByNode(Ha):
    """Reads the first node as master1 whatever the table says."""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        one, two = sorted(super().choose_masters(sent))
        return one, two


@FAULTS.fault("masters-by-decoded-key", _PAIR, "a key whose encoded and decoded spellings lie in different halves")
class _ByDecodedKey(Ha):
    """Looks up the masters by the key after percent-decoding."""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        return super().choose_masters(self.decode_key(sent).decode("latin-1"))


@FAULTS.fault("masters-by-signed-bytes", _PAIR, "long keys, whose hash goes beyond 31 bits")
class _NarrowHash(Ha):
    """Computes the bucket of a key in 32 bits with sign, and takes its absolute value."""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        hashed = 0
        for byte in sent.encode("latin-1"):
            hashed = (hashed * 31 + byte) & 0xFFFF_FFFF
        bucket = abs(hashed - 2**32 if hashed >= 2**31 else hashed) % 1024
        item = next(item for item in self.table if item.start <= bucket < item.end)
        return item.master1, item.master2


@FAULTS.fault("pair-swapped-in-conflict", _PAIR, "different values with different versions")
class _SwappedInConflict(Altered):
    """Swaps the pair in a 409 only."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 or first.version == second.version:
            return response
        return edited(response, without=("Version1", "Version2"), plus=_pair(second.version, first.version))


@FAULTS.fault("pair-says-one-twice", _PAIR, "any two different versions")
class _OneTwice(Ha):
    """Sends master1's version under both names."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(first, second) if first == second else _pair(first, first)


@FAULTS.fault("pair-second-as-difference", _PAIR, "any two different versions but v and 2v")
class _Difference(Ha):
    """Sends as Version2 how far master2 is from master1."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(first, second) if first == second else _pair(first, abs(second - first))


@FAULTS.fault("pair-as-greater-version", _PAIR, "any two different versions")
class _Greater(Ha):
    """Sends one Version, the greater, where a value is the same and the versions differ."""

    def version_headers(self, first: int, second: int) -> Headers:
        return (("Version", str(max(first, second))),)


@FAULTS.fault("pair-within-one-is-same", _PAIR, "versions one apart")
class _OneApart(Ha):
    """Takes a put that is under way for done: versions one apart count as the same."""

    def same_version(self, first: int, second: int) -> bool:
        return abs(first - second) <= 1


@FAULTS.fault("pair-capped-at-9", _PAIR, "different versions, one of two digits")
class _Capped(Ha):
    """Never sends more than 9 in the pair."""

    def version_headers(self, first: int, second: int) -> Headers:
        return super().version_headers(first, second) if first == second else _pair(min(first, 9), min(second, 9))


# Never mixed


@FAULTS.fault("pair-and-version", _EXCLUSIVE, "any two different versions")
class _PairAndVersion(Ha):
    """Adds a Version, the greater of the two, to the pair."""

    def version_headers(self, first: int, second: int) -> Headers:
        if first == second:
            return super().version_headers(first, second)
        return ("Version", str(max(first, second))), *_pair(first, second)


@FAULTS.fault("version-and-pair", _EXCLUSIVE, "equal versions")
class _VersionAndPair(Ha):
    """Adds the pair to a Version."""

    def version_headers(self, first: int, second: int) -> Headers:
        return (("Version", str(first)), *_pair(first, second)) if first == second else _pair(first, second)


@FAULTS.fault("version-twice", _EXCLUSIVE, "different values with equal versions")
class _Twice(Altered):
    """Sends the Version of each master, so two of them, with a 409."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 or first.version != second.version:
            return response
        return edited(response, plus=(("version", str(second.version)),))


@FAULTS.fault("version1-alone", _EXCLUSIVE, "different versions, master1's the greater")
class _Alone(Altered):
    """Leaves Version2 out when master2 is behind."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return edited(response, without=("Version2",)) if first.version > second.version else response


@FAULTS.fault("version2-twice", _EXCLUSIVE, "equal values with different versions")
class _PairTwice(Altered):
    """Sends the line of Version2 twice."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 or first.version == second.version:
            return response
        return edited(response, plus=(("Version2", str(second.version)),))


@FAULTS.fault("version1-with-version", _EXCLUSIVE, "equal values with equal versions")
class _OneOfThePair(Altered):
    """Sends Version and, left over from the node it asked first, Version1."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 or first.version != second.version:
            return response
        return edited(response, plus=(("Version1", str(first.version)),))


# How they are written


@FAULTS.fault("version-in-hex", _DECIMAL, "versions of which a hexadecimal digit is a letter, such as 10")
class _Hex(Ha):
    """Writes versions in hexadecimal."""

    def version_headers(self, first: int, second: int) -> Headers:
        return tuple((name, f"{int(value):x}") for name, value in super().version_headers(first, second))


@FAULTS.fault("version-with-plus", _DECIMAL, "the pair")
class _Plus(Ha):
    """Writes the pair with a sign."""

    def version_headers(self, first: int, second: int) -> Headers:
        if first == second:
            return super().version_headers(first, second)
        return _pair(f"{first:+d}", f"{second:+d}")


@FAULTS.fault("version-as-float", _DECIMAL, "any version")
class _Float(Ha):
    """Writes versions with a decimal point."""

    def version_headers(self, first: int, second: int) -> Headers:
        return tuple((name, f"{value}.0") for name, value in super().version_headers(first, second))


@FAULTS.fault("version-quoted", _DECIMAL, "different values")
class _Quoted(Altered):
    """Quotes Version in a 409, as if it were an ETag."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return mapped(response, "Version", '"{}"'.format) if response.status == 409 else response


@FAULTS.fault("version-with-role", _DECIMAL, "the pair")
class _Role(Ha):
    """Says after a version which master it is of."""

    def version_headers(self, first: int, second: int) -> Headers:
        if first == second:
            return super().version_headers(first, second)
        return _pair(f"{first} (master1)", f"{second} (master2)")


@FAULTS.fault("version-in-superscript-digits", _DECIMAL, "versions of two digits")
class _Superscript(Ha):
    """Writes a 2 in a version of two digits as U+00B2, which some languages call a digit."""

    def version_headers(self, first: int, second: int) -> Headers:
        named = super().version_headers(first, second)
        return tuple((name, value.replace("2", "\xb2") if len(value) > 1 else value) for name, value in named)


@FAULTS.fault("version-padded", _CANONICAL, "versions of one digit")
class _Padded(Ha):
    """Writes a version with at least two digits."""

    def version_headers(self, first: int, second: int) -> Headers:
        return tuple((name, value.zfill(2)) for name, value in super().version_headers(first, second))


@FAULTS.fault("version2-padded", _CANONICAL, "Version2 shorter than Version1")
class _PaddedToWidth(Ha):
    """Pads Version2 with zeros to the width of Version1."""

    def version_headers(self, first: int, second: int) -> Headers:
        return (
            super().version_headers(first, second) if first == second else _pair(first, f"{second:0{len(str(first))}}")
        )


@FAULTS.fault("pair-remembered-by-its-text", _PAIR, "versions 1 and 11 after 11 and 1")
class _PairByText(Ha):
    """Keeps the two headers of versions by their text, written without anything between."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._kept: dict[str, Headers] = {}

    def version_headers(self, first: int, second: int) -> Headers:
        headers = super().version_headers(first, second)
        return headers if first == second else self._kept.setdefault(f"{first}{second}", headers)
