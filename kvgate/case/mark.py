"""The mark that makes every key of a run its own, so that nothing of anybody else's is touched."""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from kvgate.errors import InputError

_SHAPE = re.compile(r"[a-z][a-z0-9]{2,15}")
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_CASE = 6  # letters and digits, or digits, that a case has of its own


@dataclass(frozen=True, slots=True)
class Mark:
    """A run's mark: `text` of lower-case letters and digits, beginning with a letter.

    In the keys of a case `{m}` stands for the mark with the case's own six characters, `{n}` for twelve digits of
    the run and the case (no leading zero), where a key has to stay a number.
    """

    text: str

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(self.text):
            raise InputError(
                f"mark '{self.text}': expected 3 to 16 lower-case letters and digits, a letter first (like kv7f3a)"
            )

    @classmethod
    def fresh(cls) -> Mark:
        """A mark no other run has."""
        return cls("kv" + "".join(secrets.choice(_ALPHABET) for _ in range(6)))

    def words(self, case: str) -> str:
        """What `{m}` becomes in the case of this name."""
        return f"{self.text}{_digest(case)}"

    def name_in(self, text: str) -> str | None:
        """What is in a text of the keys of some case of this mark: the first `{m}`, or else `{n}`; None without any."""
        digits = re.search(_digits(self.text), text)
        return next(_words(self.text, text), digits and digits.group())

    def own(self, case: str, words: Set[str]) -> OwnWord:
        """What tells the keys of one case from those of the others; `words` are those of all cases of the run."""
        return OwnWord(self.text, self.words(case), words)

    def digits(self, case: str) -> str:
        """What `{n}` becomes in the case of this name."""
        return f"{_run_digits(self.text)}{_case_digits(case):0{_CASE}d}"

    def fill(self, template: str, case: str) -> str:
        """A key's template with its marks put in."""
        if "{" not in template:
            return template
        return template.replace("{m}", self.words(case)).replace("{n}", self.digits(case))


@dataclass(frozen=True, slots=True)
class OwnWord:
    """The word in which the keys of one case begin, and the `words` of all cases of its run; `mark` begins each."""

    mark: str
    word: str
    words: Set[str] = field(repr=False)

    def other_in(self, text: str) -> str | None:
        """The first word in a text that the keys of another case begin with; None where there is none."""
        words = _words(self.mark, text)
        return next((word for word in words if word != self.word and word in self.words), None)


def _words(mark: str, text: str) -> Iterator[str]:
    """Whatever in a text is a mark with the letters and digits of a case behind it."""
    found = re.finditer(rf"(?={re.escape(mark)}([0-9a-z]{{{_CASE}}}))", text)
    return (mark + match.group(1) for match in found)


def _digits(mark: str) -> str:
    """The pattern of the digits of some case of a mark."""
    return rf"{_run_digits(mark)}[0-9]{{{_CASE}}}"


# A number of bytes, or the place of one: not a status, and not the port of an address.
_SIZE = re.compile(r"(?<![\w:.])(?:[0-9]{4,}(?![\w.])|[0-9]+(?= (?:of [0-9]+ )?bytes?\b)|(?<=\bbyte )[0-9]+)")


def keyless(text: str, mark: str) -> str:
    """The text with `(key)` for each key, or list of keys, of the run of this mark.

    So what went wrong with a hundred cases for one cause reads the same a hundred times. Keys hold no blanks: what
    stands around the mark up to the next one is the key's, but for what opens and closes a word, and for an address.
    """
    own = re.compile(rf"{re.escape(mark)}|{_digits(mark)}")
    return re.sub(r"\S+", lambda word: _without_key(word.group(), own.search(word.group())), text)


_OPENING = re.compile(r"""[(\[{<"']*""")
_ADDRESS = re.compile(rf"{_OPENING.pattern}(?:[a-z]+:/)?/")
_CLOSING = re.compile(r"""[)\]}>"':;,.]*\Z""")


def _without_key(word: str, own: re.Match[str] | None) -> str:
    """A word with `(key)` in the place of its key, where `own` is the first in it that stands only in keys."""
    if own is None:
        return word
    opening, closing = _OPENING.match(word), _CLOSING.search(word)
    begin = opening.end() if opening else 0
    if _ADDRESS.match(word):
        begin = max(word.rfind(sign, 0, own.start()) for sign in "/=") + 1
    return f"{word[:begin]}(key){closing.group() if closing else ''}"


def causes_of(messages: Iterable[str], mark: str) -> dict[str, str]:
    """The cause that each message gives: messages that differ in keys of this run, or in sizes, give one, without them.

    Without a mark each message is its own.
    """
    alike: dict[str, list[str]] = {}
    for message in dict.fromkeys(messages):
        cause = _SIZE.sub("(number)", keyless(message, mark)) if mark else message
        alike.setdefault(cause, []).append(message)
    return {message: text if len(those) > 1 else message for text, those in alike.items() for message in those}


# A case fills many templates one after the other.
@functools.lru_cache(maxsize=16)
def _run_digits(mark: str) -> int:
    return 100_000 + int(_hash("run " + mark), 16) % 900_000


@functools.lru_cache(maxsize=16)
def _case_digits(case: str) -> int:
    return int(_hash("digits " + case), 16) % 1_000_000


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@functools.lru_cache(maxsize=16)
def _digest(text: str) -> str:
    """Six letters and digits."""
    number, out = int(_hash(text), 16) % 36**_CASE, ""
    for _ in range(_CASE):
        number, rest = divmod(number, 36)
        out = _ALPHABET[rest] + out
    return out
