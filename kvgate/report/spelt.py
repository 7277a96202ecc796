"""The spellings a text may come back in from a server, as regular expressions.

A server is free to mix them (some escape a slash, others leave it alone), so each character may be spelled in any way
there is. All that repeats is bounded: no text takes longer than in proportion to its length.
"""

from __future__ import annotations

import functools
import html.entities
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

# Backslashes that one may have become: JSON within JSON, made visible, and once more.
_DEEPEST = 16
_LETTERS = {"\t": "t", "\n": "n", "\r": "r", "\b": "b", "\f": "f"}
# An escape that a cut went through.
_BROKEN = r"(?:%[0-9A-Fa-f]{0,8}|\\{1,16}(?:[xuU][0-9A-Fa-f{]{0,8})?|&[#\w]{0,9})?\Z"

# A pattern of this many characters takes a twentieth of a second to make.
_HEAD = 128

# What spellings begin with (one character), and patterns of what follows it.
_Spellings = tuple[tuple[str, tuple[str, ...]], ...]


class Spelt:
    """A text of two characters or more, in whatever spelling it comes."""

    def __init__(self, text: str) -> None:
        # Of backslashes in a row one runs into the other.
        runs = re.findall(r"\\+|[^\\]", text)
        characters = [_spellings(run[0], len(run), last=False) for run in runs[:-1]]
        characters.append(_spellings(runs[-1][0], len(runs[-1]), last=True))
        self._head, self._rest = tuple(characters[:_HEAD]), characters[_HEAD:]

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in a text it begins and ends; of a long one as much as is there."""
        found = self._whole.search(text)
        while found is not None:
            end = self._end(text, found.end())
            yield found.start(), end
            found = self._whole.search(text, end)

    def beginning(self, text: str, least: int) -> int | None:
        """Where in a text that was cut its beginning stands, of this many characters or more, up to the end."""
        found = _beginning(self._head, least).search(text)
        return found.start() if found is not None else None

    @functools.cached_property
    def _whole(self) -> re.Pattern[str]:
        first, *others = self._head
        return re.compile(_first(first) + "".join(map(_next, others)))

    def _end(self, text: str, at: int) -> int:
        """Where the rest of a long one ends that goes on there: a pattern of all of it would take seconds to make."""
        ends = {at}
        for spellings in self._rest:
            ends = {found.end() for end in ends for one in _each(spellings) if (found := one.match(text, end))}
            if not ends:
                return at
            at = max(ends)
        return at


@functools.lru_cache(maxsize=32)
def _beginning(head: tuple[_Spellings, ...], least: int) -> re.Pattern[str]:
    first, *others = head
    due = map(_next, others[: least - 1])
    may = (f"(?:{_next(spellings)}|{_BROKEN})" for spellings in others[least - 1 :])
    return re.compile("".join([_first(first), *due, *may, r"\Z"]))


def _first(spellings: _Spellings) -> str:
    """A set of characters before everything else is what `re` finds quickly."""
    starts = "".join(re.escape(start) for start, _ in spellings)
    return f"[{starts}](?:{'|'.join(f'(?<={re.escape(start)}){_any(rests)}' for start, rests in spellings)})"


def _next(spellings: _Spellings) -> str:
    return f"(?:{'|'.join(re.escape(start) + _any(rests) for start, rests in spellings)})"


def _any(patterns: Sequence[str]) -> str:
    return patterns[0] if len(patterns) == 1 else f"(?:{'|'.join(patterns)})"


@functools.lru_cache(maxsize=1024)
def _each(spellings: _Spellings) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(re.escape(start) + rest) for start, rests in spellings for rest in rests)


@functools.lru_cache(maxsize=1024)
def _spellings(character: str, times: int, *, last: bool) -> _Spellings:
    """All spellings of a character that stands there so many times; more than once only of a backslash.

    `last` where no other follows.
    """
    raw = character.encode("utf-8", "surrogateescape")
    found = {start: [""] if start == character else [] for start in (character, "%", "\\", "&")}
    if character == "\\":
        found["\\"] = [many := rf"\\{{{times - 1},{_DEEPEST * times - 1}}}"]
        if not last:
            # What follows may begin with one; to try each of them for it would take long.
            found["\\"] = [rf"{many}(?!\\)", rf"{many}(?=\\[uUx])"]
    if character == " ":
        found["+"] = [""]
    if character > "\x7f":
        # Bytes that nobody has decoded are shown as the characters of the same numbers.
        narrow = raw.decode("latin-1")
        found.setdefault(narrow[0], []).append(re.escape(narrow[1:]))
    for start, rest in (("%", _percent(character, raw)), ("\\", _backslash(character, raw)), ("&", _entity(character))):
        found[start].append(rest + f"(?:{re.escape(start)}{rest}){{{times - 1}}}" * (times > 1))
    return tuple((start, tuple(rests)) for start, rests in found.items())


def _percent(character: str, raw: bytes) -> str:
    """What follows a percent sign: the bytes of UTF-8, or the one of ISO-8859-1."""
    again = "(?:25){0,3}"  # the percent sign encoded in its turn
    utf8 = f"%{again}".join(_hex(f"{byte:02x}") for byte in raw)
    return again + (f"(?:{utf8}|{_hex(f'{ord(character):02x}')})" if "\x7f" < character <= "\xff" else utf8)


def _backslash(character: str, raw: bytes) -> str:
    """What follows a backslash: more of them, then the character itself, where that is escaped, or its number."""
    code = ord(character)
    forms = [rf"u\{{0{{0,6}}{_hex(f'{code:x}')}\}}", f"U{_hex(f'{code:08x}')}"]
    if not character.isalnum() and character != "\\":
        forms += [re.escape(character), f"&{_entity(character)}"]
    if character in _LETTERS:
        forms.append(_LETTERS[character])
    if code <= 0xFF:
        forms.append("x" + _hex(f"{code:02x}"))
    if code > 0x7F:
        forms.append(rf"\\{{1,{_DEEPEST}}}".join("x" + _hex(f"{byte:02x}") for byte in raw))
    pair = character.encode("utf-16-be", "surrogatepass").hex()
    forms.append(rf"\\{{1,{_DEEPEST}}}".join("u" + _hex(pair[at : at + 4]) for at in range(0, len(pair), 4)))
    return rf"\\{{0,{_DEEPEST - 1}}}(?:{'|'.join(forms)})"


def _entity(character: str) -> str:
    """What follows an ampersand in HTML and XML."""
    code = ord(character)
    forms = [*_names().get(character, ()), f"#0{{0,6}}{code}", f"#[xX]0{{0,6}}{_hex(f'{code:x}')}"]
    return f"(?:amp;){{0,3}}(?:{'|'.join(forms)});"  # the ampersand encoded in its turn


@functools.cache
def _names() -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, character in html.entities.html5.items():
        if name.endswith(";"):
            found[character].append(name[:-1])
    return found


def _hex(digits: str) -> str:
    """Hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)
