"""Faults of an HA that remembers what the masters held, and of one that reads the table of masters wrongly."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from kvgate.reference.buckets import BUCKETS, Range, bucket_of
from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Asked, Reading

FAULTS = Deviations("get2")
_OWN = "get2.request.own-value"
_PAIR = "get2.version.pair"


# What was


@FAULTS.fault("remembers-answers", _OWN, "a key whose values are others than when it was asked for before")
class _Answers(Ha):
    """Keeps each answer by its URL, and does not hear of writes on the nodes."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._kept: dict[str, Response] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        answer = super().answer(request, first, second)
        return self._kept.setdefault(request.target, answer) if answer.status in (200, 409) else answer


@FAULTS.fault("remembers-what-is-hot", _OWN, "a key that was asked for five times, whose values are others now")
class _Hot(_Answers):
    """Keeps an answer from the fifth time that it is asked for, as a cache that keeps only what is worth it."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._asked: Counter[str] = Counter()

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        self._asked[request.target] += 1
        hot = self._asked[request.target] >= 5
        return super().answer(request, first, second) if hot else Ha.answer(self, request, first, second)


@FAULTS.fault("remembers-for-a-second", _OWN, "a key whose values were others less than a second ago", unsteady=True)
class _Briefly(Ha):
    """Keeps each answer for a second, as the cache of a server in front may."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._kept: dict[str, tuple[float, Response]] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        until, kept = self._kept.get(request.target, (0.0, None))
        if kept is not None and time.monotonic() < until:
            return kept
        answer = super().answer(request, first, second)
        self._kept[request.target] = (time.monotonic() + 1, answer)
        return answer


@FAULTS.fault("remembers-misses", "get2.status.match", "a key that was asked for before it was there")
class _Misses(Ha):
    """Keeps for half a minute that a key is missing."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._missed: dict[str, float] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if self._missed.get(request.target, 0) > time.monotonic():
            return self.missing(request)
        if first is None or second is None:
            self._missed[request.target] = time.monotonic() + 30
        return super().answer(request, first, second)


@FAULTS.fault("remembers-values", "get2.missing.no-success", "a key that a master held when it was asked for before")
class _Values(Ha):
    """Keeps what a master held where it does not any more."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._held: dict[tuple[int, bytes], Reading] = {}

    def read_master(self, master: int, key: bytes) -> Asked:
        reading = super().read_master(master, key)
        if isinstance(reading, Reading):
            self._held[master, key] = reading
        return self._held.get((master, key)) if reading is None else reading


class _OfOneMaster(Ha):
    """Remembers by key what master1 and master2 held when asked before."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._before: dict[str, tuple[Reading | None, Reading | None]] = {}

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        before = self._before.get(request.target, (first, second))
        self._before[request.target] = (first, second)
        return super().answer(request, *self.taken(before, (first, second)))

    def taken(
        self, before: tuple[Reading | None, Reading | None], now: tuple[Reading | None, Reading | None]
    ) -> tuple[Reading | None, Reading | None]:
        raise NotImplementedError


@FAULTS.fault("remembers-first-version", _PAIR, "a value that master1 holds in a newer version than when asked before")
class _FirstVersion(_OfOneMaster):
    """Keeps the version of master1 with its value."""

    def taken(
        self, before: tuple[Reading | None, Reading | None], now: tuple[Reading | None, Reading | None]
    ) -> tuple[Reading | None, Reading | None]:
        (was, _), (first, second) = before, now
        return (was if was and first and was.value == first.value else first), second


@FAULTS.fault(
    "remembers-lost-value-of-master1", "get2.missing.no-success", "a key that master1 lost since it was asked"
)
class _FirstLost(_OfOneMaster):
    """Keeps what master1 held where it does not any more and master2 does."""

    def taken(
        self, before: tuple[Reading | None, Reading | None], now: tuple[Reading | None, Reading | None]
    ) -> tuple[Reading | None, Reading | None]:
        first, second = now
        return (first or before[0] if second else first), second


@FAULTS.fault("watches-master2", "get2.status.conflict", "a value that changed on master1 since it was asked for")
class _WatchesSecond(_OfOneMaster):
    """Reads master1 again where master2 holds another value or version than before."""

    def taken(
        self, before: tuple[Reading | None, Reading | None], now: tuple[Reading | None, Reading | None]
    ) -> tuple[Reading | None, Reading | None]:
        return (before[0] if before[1] == now[1] else now[0]), now[1]


@FAULTS.fault("watches-versions", "get2.status.conflict", "a value that one master replaced in the version of before")
class _WatchesVersions(_OfOneMaster):
    """Takes the values of before where neither version is another."""

    def taken(
        self, before: tuple[Reading | None, Reading | None], now: tuple[Reading | None, Reading | None]
    ) -> tuple[Reading | None, Reading | None]:
        alike = all(was and held and was.version == held.version for was, held in zip(before, now, strict=True))
        return before if alike else now


# The table of masters


class _Misread(Ha):
    """Looks for the masters of a key in another bucket."""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        item = self.item(self.bucket(sent))
        return item.master1, item.master2

    def bucket(self, sent: str) -> int:
        return bucket_of(sent)

    def item(self, bucket: int) -> Range:
        return next(item for item in self.table if item.start <= bucket < item.end)


@FAULTS.fault("range-end-included", _PAIR, "the first bucket of a range")
class _EndIncluded(_Misread):
    """Takes the end of a range for its last bucket."""

    def item(self, bucket: int) -> Range:
        return next(item for item in self.table if item.start <= bucket <= item.end)


@FAULTS.fault("range-start-left-out", _PAIR, "the first bucket of a range, and bucket 0")
class _StartLeftOut(_Misread):
    """Takes the start of a range for the bucket before its first."""

    def item(self, bucket: int) -> Range:
        return next((item for item in self.table if item.start < bucket <= item.end), self.table[0])


@FAULTS.fault("last-bucket-lost", "get2.status.conflict", "a key of bucket 1023")
class _LastLost(Ha):
    """Counts buckets from one, and has no masters for the last."""

    def get2(self, request: Request) -> Answer:
        sent = self.key_as_sent(request)
        return self.missing(request) if sent and bucket_of(sent) == BUCKETS - 1 else super().get2(request)


@FAULTS.fault("hash-of-lower-case", _PAIR, "a key with a capital whose small letter has other masters")
class _Lowered(_Misread):
    """Hashes the key in lower case."""

    def bucket(self, sent: str) -> int:
        return bucket_of(sent.lower())


@FAULTS.fault(
    "hash-with-a-sign", _PAIR, "a key whose hash is negative at 32 bits, and has other masters without its sign"
)
class _Signed(_Misread):
    """Hashes in 32 bits with a sign, and takes the sign off."""

    def bucket(self, sent: str) -> int:
        hashed = 0
        for byte in sent.encode("latin-1"):
            hashed = (hashed * 31 + byte) & 0xFFFF_FFFF
        return (2**32 - hashed if hashed >= 2**31 else hashed) % BUCKETS


@FAULTS.fault("hash-of-what-follows", "get2.body.conflict", "a parameter behind the key that turns its masters round")
class _Followed(Ha):
    """Chooses the masters by all that stands behind `key=`, the next parameters too."""

    def get2(self, request: Request) -> Answer:
        self._sent = request.query.partition("key=")[2]
        return super().get2(request)

    def choose_masters(self, sent: str) -> tuple[int, int]:
        return super().choose_masters(self._sent if self._sent.startswith(sent) else sent)
