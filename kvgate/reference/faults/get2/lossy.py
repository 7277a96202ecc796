"""Faults of an HA that remembers answers under less than the key: of two keys, one is answered as the other was."""

from __future__ import annotations

import zlib
from typing import Any
from urllib.parse import unquote_to_bytes

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_OWN = "get2.request.own-value"


class _Remembering(Ha):
    """Keeps the answer to a key that is there under what `short` makes of the key."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._kept: dict[object, Response] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        _, asked, key = request.target.partition("key=")
        if not asked or answer.status not in (200, 409):
            return answer
        return self._kept.setdefault(self.short(unquote_to_bytes(key)), answer)

    def short(self, key: bytes) -> object:
        raise NotImplementedError


@FAULTS.fault("remembers-without-case", _OWN, "a key asked for after one that differs in capitals only")
class _WithoutCase(_Remembering):
    """Keeps answers by the key in small letters."""

    def short(self, key: bytes) -> object:
        return key.lower()


@FAULTS.fault("remembers-trimmed", _OWN, "a key asked for after the same one without a blank at its end")
class _Trimmed(_Remembering):
    """Keeps answers by the key without blanks at its ends."""

    def short(self, key: bytes) -> object:
        return key.strip()


@FAULTS.fault("remembers-by-hash", _OWN, "a key asked for after one of the same 32-bit hash by 31")
class _ByHash(_Remembering):
    """Keeps answers by a hash of the key, and never looks at the key itself."""

    def short(self, key: bytes) -> object:
        found = 0
        for byte in key:
            found = (31 * found + byte) & 0xFFFFFFFF
        return found


@FAULTS.fault("remembers-by-crc-32", _OWN, "a key asked for after one of the same CRC-32")
class _ByCrc32(_Remembering):
    """Keeps answers by the CRC-32 of the key, and never looks at the key itself."""

    def short(self, key: bytes) -> object:
        return zlib.crc32(key)
