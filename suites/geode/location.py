"""Reads the keys out of Content-Location, with or without percent-encoding (page, lines 61 and 137)."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import unquote, unquote_plus, urljoin, urlsplit

from kvgate.verdict import Answer

from .question import Question

HEADER = "Content-Location"
# Before the keys, which may be written with blanks in them, an address has none, and no second address in a list.
_IS_LIST = re.compile(r"\s|,[A-Za-z][A-Za-z0-9+.-]*://")
_PLACES = 4  # a key may hold a slash and the region's name, but no honest location has it often
_SHORT = 4096  # bytes of a header that is worth remembering with what was read from it


def orders(answer: Answer, question: Question) -> tuple[tuple[str, ...], ...]:
    """Every reading of Content-Location that names the requested keys, each once or as often as asked (E30).

    There is one reading but for keys that look percent-encoded themselves; none when the header names other keys, or
    another region, or is sent not once. The keys are spelled as in the question.
    """
    values = answer.values(HEADER)
    if len(values) != 1:
        return ()
    # A thousand long ones would fill the memory; that they name too many keys is found out soon enough each time.
    read = _orders if len(values[0]) <= _SHORT else _orders.__wrapped__
    return read(values[0], question.target, question.region, question.keys)


@functools.lru_cache(maxsize=1024)  # most checks of an answer want to know
def _orders(value: bytes, target: str, region: str, asked: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    # By its own name first: two of the keys may differ in nothing but normalisation.
    known = {_normal(key): key for key in asked} | {key: key for key in asked}
    allowed = (Counter(set(asked)), Counter(asked))
    counts = frozenset(counter.total() for counter in allowed)
    readings = _lists(_text(value), target, region, counts)
    found = (tuple(known.get(key, known.get(_normal(key), key)) for key in keys) for keys in readings)
    return tuple(dict.fromkeys(named for named in found if Counter(named) in allowed))


def named(answer: Answer, question: Question) -> tuple[str, ...]:
    """The keys that Content-Location names, whichever they are, decoded; none when it does not name the region."""
    values = answer.values(HEADER)
    lists = _lists(_text(values[0]), question.target, question.region) if len(values) == 1 else iter(())
    return tuple(_normal(key) for key in next(lists, []))


def _normal(key: str) -> str:
    return unicodedata.normalize("NFC", key)


def _text(value: bytes) -> str:
    """The header as text: UTF-8 where it is that, else ISO-8859-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("iso-8859-1")


def _lists(text: str, target: str, region: str, counts: Collection[int] = ()) -> Iterator[list[str]]:
    """The lists of keys that can be read from a location: what follows the region, to the end or to ? or #.

    Where the keys were asked for by the parameter `keys`, they are read from that. With `counts` only those of so many
    keys: what names tens of thousands is not taken apart for nothing.
    """
    if target.partition("?")[2].startswith("keys="):
        yield from (keys for keys in _parameter(text, region) if not counts or len(keys) in counts)
        return
    paths = [end for path in _paths(text, target) for end in (path, path.split("?")[0].split("#")[0])]
    for path in dict.fromkeys(paths):
        for rest in _after_region(path, region):
            whole = unquote(rest)
            if not counts or whole.count(",") + 1 in counts:
                yield whole.split(",")
            if not counts or rest.count(",") + 1 in counts:
                yield [unquote(key) for key in rest.split(",")]
                yield rest.split(",")


def _parameter(text: str, region: str) -> Iterator[list[str]]:
    path, _, query = text.partition("?")
    if region in (path.rpartition("/")[2], unquote(path.rpartition("/")[2])) or not path:
        for listed in (part.partition("=")[2] for part in query.split("&") if part.startswith("keys=")):
            for read in (unquote_plus, unquote):  # a space is sent as a plus, or as %20
                yield read(listed).split(",")
                yield [read(key) for key in listed.split(",")]
            yield listed.split(",")


def _paths(text: str, target: str) -> Iterator[str]:
    yield text
    try:
        # A relative reference is relative to what was asked for.
        joined = urljoin(target, text)
    except ValueError:
        return
    if len(text) > _SHORT:
        # The library remembers what it has taken apart: of long texts, tens of megabytes.
        urlsplit.cache_clear()  # type: ignore[attr-defined]  # a function that remembers, which its types do not say
    yield joined


def _after_region(path: str, region: str) -> Iterator[str]:
    """What stands after `/region/`, for the last places where that occurs, the very last first.

    Nothing where what stands before it shows that the header is no one address but several.
    """
    segments, places = path.split("/"), _PLACES
    for index in range(len(segments) - 2, 0, -1):
        if region in (segments[index], unquote(segments[index])):
            if _IS_LIST.search("/".join(segments[:index])):
                return
            yield "/".join(segments[index + 1 :])
            places -= 1
            if not places:
                return
