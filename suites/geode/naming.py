"""Finds out which keys an error body names, each as a whole token (page, line 208; rulings E25)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from kvgate.strictjson import NotJson, Unpredictable, strings, strings_of
from kvgate.verdict import Answer

from .question import Question
from .reading import strict

# Where the region may begin: behind a slash, that may be encoded, or where neither letter nor digit adjoins.
_BEGINNING = r"(?:(?<=%2[Ff])|(?<![^\W_]))"
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_GONE = "\0"  # stands where something was found, and adjoins like a bracket


class ErrorText:
    """The texts of an error body: every string and number of its JSON, decoded; the body itself when it is not JSON.

    With `address=False` without the address that was asked for: an error object may repeat it, and it names every key.
    """

    def __init__(self, answer: Answer, question: Question, *, address: bool = True) -> None:
        try:
            texts = list(strings(strict(answer)))
        except Unpredictable:
            texts = list(strings_of(answer.body))
        except NotJson:
            texts = [answer.body.decode("utf-8", "replace")]
        self._texts = texts if address else [_without_path(text, question) for text in texts]

    def __str__(self) -> str:
        return "\n".join(self._texts)

    def names(self, *spellings: str) -> bool:
        """Whether one of the spellings occurs with neither letter nor digit adjoining."""
        return any(list(_tokens(text, word)) for text in self._texts for word in spellings if word)

    def named(self, keys: Iterable[tuple[str, ...]]) -> frozenset[str]:
        """Those of the keys (each with its spellings, its own first) that are named, the longest looked for first.

        What one key took up is no name of another: in `(a.b)` only `a.b` is named, not `a`.
        """
        found: set[str] = set()
        texts = list(self._texts)
        words = [(word, spellings[0]) for spellings in keys for word in spellings if word]
        # Of two keys that can be written alike it is the one that is so, not the one that is encoded so.
        for word, key in sorted(words, key=lambda pair: (-len(pair[0]), pair[0] != pair[1])):
            for index, text in enumerate(texts):
                starts = list(_tokens(text, word))
                if starts:
                    found.add(key)
                    texts[index] = _blotted(text, starts, len(word))
        return frozenset(found)


def spellings(question: Question) -> dict[str, tuple[str, ...]]:
    """Each requested key with the ways to write it: as it is, and as it stood in the URL.

    It may have stood there in two ways (E30), and hexadecimal digits are the same in capitals and small (RFC 3986 2.1).
    """
    found: dict[str, dict[str, None]] = {}
    for key, url in zip(question.keys, question.spelled, strict=True):
        ways = found.setdefault(key, {key: None})
        ways |= dict.fromkeys((url, _in_case(str.upper, url), _in_case(str.lower, url)))
    return {key: tuple(ways) for key, ways in found.items()}


def _in_case(case: Callable[[str], str], encoded: str) -> str:
    """A spelling with the digits of its escapes in capitals, or in small letters."""
    return _ESCAPE.sub(lambda escape: case(escape[0]), encoded)


def _without_path(text: str, question: Question) -> str:
    """The text without the address that was asked for, whole or from the region on, however it is encoded."""
    asked = f"{question.region}/{','.join(question.keys)}"
    pieces, done = [], 0
    for start in re.finditer(rf"{_BEGINNING}(?={re.escape(asked[0])}|%)", text):
        end = _end_of(asked, text, start.end()) if start.start() >= done else None
        if end is not None:
            pieces += [text[done : start.start()], _GONE]
            done = end
    return "".join([*pieces, text[done:]])


def _end_of(asked: str, text: str, start: int) -> int | None:
    """Where a path ends that stands in a text from `start` on, as it is or encoded; None when another stands there."""
    at = start
    for character in asked:
        encoded = "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
        # Encoded first: of `%25` the first character alone would do for a percent sign.
        if text[at : at + len(encoded)].upper() == encoded:
            at += len(encoded)
        elif text.startswith(character, at) or (character == " " and text.startswith("+", at)):
            at += 1
        else:
            return None
    return at


def _blotted(text: str, starts: Iterable[int], length: int) -> str:
    """The text with what stands at `starts` gone, its length kept."""
    pieces, done = [], 0
    for start in starts:
        pieces += [text[done:start], _GONE * length]
        done = start + length
    return "".join([*pieces, text[done:]])


def _tokens(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not before.isalnum() and not after.isalnum():
            yield start
            start = text.find(word, end)
        else:
            start = text.find(word, start + 1)
