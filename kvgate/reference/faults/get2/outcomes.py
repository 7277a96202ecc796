"""Faults in what is done for one of the four outcomes alone; the other three are served as they should be."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import html
import zlib
from collections.abc import Callable
from dataclasses import replace

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, edited, mapped
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_MATCH = "get2.body.match"
_CONFLICT = "get2.body.conflict"
_MARK = b"\xef\xbb\xbf"


# Equal values, different versions


class _Merged(Altered):
    """Makes the body of return value 2 by other code."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status != 200 or first.version == second.version:
            return response
        return replace(response, body=self.merged(first.value))

    def merged(self, value: bytes) -> bytes:
        raise NotImplementedError


@FAULTS.fault("pair-match-trimmed", _MATCH, "equal values with white space at an end, different versions")
class _Trimmed(_Merged):
    """Trims a value where only the versions differ."""

    def merged(self, value: bytes) -> bytes:
        return value.strip() or value


@FAULTS.fault("pair-match-without-nul", _MATCH, "equal values with a NUL at an end, different versions")
class _NulStripped(_Merged):
    """Strips NUL bytes off a value where only the versions differ."""

    def merged(self, value: bytes) -> bytes:
        return value.strip(b"\0")


@FAULTS.fault("pair-match-repaired-utf8", _MATCH, "equal values that are not UTF-8, different versions")
class _Repaired(_Merged):
    """Reads a value as text where only the versions differ, with U+FFFD for what is none."""

    def merged(self, value: bytes) -> bytes:
        return value.decode("utf-8", "replace").encode()


@FAULTS.fault("pair-match-as-ascii", _MATCH, "equal values in UTF-8, different versions")
class _Ascii(_Merged):
    """Leaves out characters beyond ASCII where only the versions differ and the value is UTF-8."""

    def merged(self, value: bytes) -> bytes:
        try:
            return value.decode().encode("ascii", "ignore") or value
        except UnicodeDecodeError:
            return value


@FAULTS.fault("pair-match-as-number", _MATCH, "equal values of digits with a zero first, different versions")
class _Number(_Merged):
    """Keeps no zeros before a number where only the versions differ."""

    def merged(self, value: bytes) -> bytes:
        return b"%d" % int(value) if value.isdigit() and len(value) < 100 else value


@FAULTS.fault(
    "pair-not-modified", "get2.status.match", "equal values with different versions, a request with conditions"
)
class _NotModified(Ha):
    """Answers 304 to a condition, unread, where only the versions differ."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        conditions = request.header("If-None-Match") and answer.status == 200
        return self.plain(304) if conditions and first and second and first.version != second.version else answer


@FAULTS.fault("pair-match-as-text-when-ahead", _MATCH, "equal values beyond ASCII, master1's version the greater")
class _TextAhead(Altered):
    """Takes the value of the newer master1 for ISO-8859-1 and sends it as UTF-8."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        ahead = response.status == 200 and first.version > second.version
        return replace(response, body=first.value.decode("latin-1").encode()) if ahead else response


# Different versions


class _SpelledAgain(Ha):
    """Does something else with a key where the versions differ."""

    suspect: Callable[[str], object]

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        other = first and second and first.version != second.version and type(self).suspect(self.key_as_sent(request))
        return self.otherwise(request, first, second) if other else super().answer(request, first, second)

    def otherwise(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request)


@FAULTS.fault("pair-key-not-decoded", "get2.status.match", "a key with %XX, equal values with different versions")
class _NotDecoded(_SpelledAgain):
    """Reads the newer value once more, by the key as it stands in the URL."""

    suspect = staticmethod(lambda sent: "%" in sent)


@FAULTS.fault("pair-swapped-for-long-keys", "get2.version.pair", "different versions of a key of more than 64 bytes")
class _LongSwapped(_SpelledAgain):
    """Has the versions of a long key the other way round."""

    suspect = staticmethod(lambda sent: len(sent) > 64)

    def otherwise(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super(_SpelledAgain, self).answer(request, first, second)
        other = {"Version1": "Version2", "Version2": "Version1"}
        return replace(answer, headers=tuple((other.get(name, name), value) for name, value in answer.headers))


class _ComparedApart(Ha):
    """Compares in another manner where the versions differ."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if first and second and first.version != second.version and self.alike(first.value, second.value):
            second = replace(second, value=first.value)
        return super().answer(request, first, second)

    def alike(self, first: bytes, second: bytes) -> bool:
        raise NotImplementedError


@FAULTS.fault("compares-crc-when-versions-differ", "get2.status.conflict", "values of one CRC-32, different versions")
class _Crc(_ComparedApart):
    """Compares checksums of the values where the versions differ."""

    def alike(self, first: bytes, second: bytes) -> bool:
        return zlib.crc32(first) == zlib.crc32(second)


@FAULTS.fault("compares-blocks-when-versions-differ", "get2.status.conflict", "blocks in another order, other versions")
class _Blocks(_ComparedApart):
    """Compares the sets of blocks of 8 bytes where the versions differ."""

    def alike(self, first: bytes, second: bytes) -> bool:
        one, two = ({value[at : at + 8] for at in range(0, len(value), 8)} for value in (first, second))
        return len(first) == len(second) and one == two


# Different values


@FAULTS.fault("conflict-second-without-mark", _CONFLICT, "different values, master2's begins with a byte-order mark")
class _SecondMark(Altered):
    """Drops the byte-order mark that would come to stand inside the body."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        body = first.value + (second.value.removeprefix(_MARK) or second.value)
        return replace(response, body=body) if response.status == 409 else response


@FAULTS.fault(
    "conflict-trimmed-when-ahead", _CONFLICT, "master1's value ends in white space, its version is the greater"
)
class _TrimmedAhead(Altered):
    """Trims master1's value where it is the newer one."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        ahead = response.status == 409 and first.version > second.version
        return replace(response, body=first.value.rstrip() + second.value) if ahead else response


@FAULTS.fault("conflict-version-modulo-32", "get2.version.same", "different values with equal versions from 32 up")
class _Modulo32(Altered):
    """Keeps the version of a conflict in five bits."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status != 409:
            return response
        return mapped(response, "Version", lambda sent: str(int(sent) % 32))


@FAULTS.fault("conflict-as-a-page", _CONFLICT, "different values with equal versions, a browser that asks")
class _Page(Ha):
    """Renders a conflict of one version as a page for who takes HTML."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        wanted = "text/html" in (request.header("Accept") or "") and answer.status == 409
        if not wanted or not first or not second or first.version != second.version:
            return answer
        page = f"<h1>Conflict</h1><p>{html.escape(answer.body.decode('latin-1'))}</p>".encode()
        return edited(
            replace(answer, body=page), without=("Content-Type",), plus=(("Content-Type", "text/html; charset=utf-8"),)
        )


@FAULTS.fault("missing-as-a-page", "get2.missing.no-success", "a key that one master lacks, a browser that asks")
class _MissingPage(Ha):
    """Answers who takes HTML with a page that says what was not found, under 200."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        lost = (first is None) != (second is None) and "text/html" in (request.header("Accept") or "")
        return self.plain(200, "not found\n") if lost else super().answer(request, first, second)


@FAULTS.fault(
    "missing-master1-is-empty", "get2.missing.no-success", "a key that master1 lacks, and master2 has as a space"
)
class _EmptyFirst(Ha):
    """Takes what master1 lacks for an empty value, and compares it without white space."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        lost = first is None and second is not None and not second.value.strip()
        return super().answer(request, second if lost else first, second)
