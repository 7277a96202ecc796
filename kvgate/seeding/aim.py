"""Chooses the end of a key so that a misreading of the table of masters shows: it would find other masters.

A key with a run's mark falls into any bucket, so that one bucket read wrongly is met by chance. What a case aims at is
met in each run, on every table that can show it.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from kvgate.case import Ask, Case, Holding
from kvgate.seeding.table import BUCKETS, Table, bucket_of, hash_of

_LETTERS = string.ascii_lowercase + string.digits
_LENGTH = 13  # letters of an end: enough to turn every bit of a hash of 64
_STRIDE = 0x9E37_79B9_7F4A_7C15  # from one end to the next, so that even the first few differ in all letters
_MOST = 8192  # ends tried; a table that needs more has nothing to show


def aimed(case: Case, table: Table | None) -> Case:
    """The case with an end for its key that shows what it aims at; as it is without an aim, a table, or such an end."""
    if case.aim is None or table is None:
        return case
    shows = _AIMS[case.aim]
    end = next((end for end in map(_end, range(_MOST)) if shows(table, case.key + end)), None)
    return case if end is None else _ended(case, case.key + end)


def _end(number: int) -> str:
    left, letters = number * _STRIDE, ""
    for _ in range(_LENGTH):
        left, letter = divmod(left, len(_LETTERS))
        letters += _LETTERS[letter]
    return letters


def _ended(case: Case, key: str) -> Case:
    def held(holding: Holding) -> Holding:
        return replace(holding, key=key) if holding.key == case.key else holding

    def asked(ask: Ask) -> Ask:
        if ask.fields.get("key") != case.key:
            return ask
        return replace(ask, target=ask.target.replace(case.key, key), fields={**ask.fields, "key": key})

    return replace(
        case,
        key=key,
        holdings=tuple(map(held, case.holdings)),
        former=tuple(tuple(map(held, state)) for state in case.former),
        absent=tuple((place, key if other == case.key else other) for place, other in case.absent),
        asks=tuple(map(asked, case.asks)),
        hung_up=tuple(map(asked, case.hung_up)),
    )


# What a case may aim at: whether a key shows it.


def _of_bucket(wrong: Callable[[str], int | None]) -> Callable[[Table, str], bool]:
    """Whether a key has other masters in the bucket that a wrong reading takes for its own (None: no such reading)."""

    def shows(table: Table, key: str) -> bool:
        bucket, right = wrong(key), table.masters(key)
        return bucket is not None and right is not None and table.masters_of_bucket(bucket) != right

    return shows


def _signed(hashed: int, bits: int) -> int | None:
    """The bucket that the absolute value of a signed hash gives, where it is below zero."""
    cut = hashed % 2**bits
    return (2**bits - cut) % BUCKETS if cut >= 2 ** (bits - 1) else None


def _escapes_lowered(key: str) -> str:
    return _with_escapes(key, str.lower)


def _escapes_raised(key: str) -> str:
    return _with_escapes(key, str.upper)


def _with_escapes(key: str, change: Callable[[str], str]) -> str:
    parts = key.split("%")
    return "%".join([parts[0], *(change(part[:2]) + part[2:] for part in parts[1:])])


def _in_narrowest_range(table: Table, key: str) -> bool:
    narrowest = min(table.ranges, key=lambda item: item.end - item.start)
    return len(table.ranges) > 1 and narrowest.start <= bucket_of(key) < narrowest.end


_AIMS: Mapping[str, Callable[[Table, str], bool]] = {
    "first-bucket": lambda _, key: bucket_of(key) == 0,
    "last-bucket": lambda _, key: bucket_of(key) == BUCKETS - 1,
    "first-of-range": _of_bucket(lambda key: max(bucket_of(key) - 1, 0)),
    "last-of-range": _of_bucket(lambda key: min(bucket_of(key) + 1, BUCKETS - 1)),
    "narrowest-range": _in_narrowest_range,
    "lower-case": _of_bucket(lambda key: bucket_of(key.lower())),
    "upper-case": _of_bucket(lambda key: bucket_of(key.upper())),
    "decoded": _of_bucket(lambda key: bucket_of(unquote_to_bytes(key).decode("latin-1"))),
    "escapes-lowered": _of_bucket(lambda key: bucket_of(_escapes_lowered(key))),
    "escapes-raised": _of_bucket(lambda key: bucket_of(_escapes_raised(key))),
    "signed-32": _of_bucket(lambda key: _signed(hash_of(key), 32)),
    "signed-64": _of_bucket(lambda key: _signed(hash_of(key), 64)),
}
AIMS = tuple(_AIMS)
