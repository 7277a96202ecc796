"""The header lines of an answer, kept as the bytes they are.

A server may send thousands of lines with each answer, and answers are kept until the end of a run: an object for each
line would take many times what was sent.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

_SHORT = 1024  # bytes of header lines that are worth remembering with what was found in them


@dataclass(frozen=True, slots=True)
class Header:
    """One header line as sent: `name` and `value` with only the outer white space of the value removed."""

    name: bytes
    value: bytes


class Headers(Sequence[Header]):
    """Header lines in order; a Header is made when it is looked at. Equal to a tuple of the same headers."""

    __slots__ = ("_count", "_odd", "text")

    def __init__(self, headers: Iterable[Header] = ()) -> None:
        given = tuple(headers)
        self._count = len(given)
        self.text = b"".join(b"\n%b:%b" % (header.name, header.value) for header in given)
        # Nothing that was read off the wire is among them: there a line ends at \n, and a name at the first colon.
        odd = any(b":" in header.name or b"\n" in header.name or b"\n" in header.value for header in given)
        self._odd = given if odd else None

    @classmethod
    def of(cls, headers: Iterable[Header]) -> Headers:
        """The headers as they are when they are kept so already."""
        return headers if isinstance(headers, Headers) else cls(headers)

    def all(self, name: bytes) -> tuple[bytes, ...]:
        """Every value sent under a name, which is given in lower case."""
        if self._odd is not None:
            return tuple(header.value for header in self._odd if header.name.lower() == name)
        # Many checks of an answer ask for the same few names, one after the other.
        return _values(self.text, name) if len(self.text) <= _SHORT else _values.__wrapped__(self.text, name)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Header]:
        if self._odd is not None:
            yield from self._odd
            return
        for line in self.text.split(b"\n")[1:]:
            name, _, value = line.partition(b":")
            yield Header(name, value)

    @overload
    def __getitem__(self, at: int) -> Header: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Header, ...]: ...
    def __getitem__(self, at: int | slice) -> Header | tuple[Header, ...]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers) and self._odd is None and other._odd is None:
            return self.text == other.text
        return tuple(self) == tuple(other) if isinstance(other, Headers | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Headers({tuple(self)!r})"


@functools.lru_cache(maxsize=4096)
def _values(text: bytes, name: bytes) -> tuple[bytes, ...]:
    """Every value that stands under a name, in lower case, in lines as `Headers` keeps them."""
    lowered, wanted = text.lower(), b"\n%b:" % name
    found: list[bytes] = []
    at = lowered.find(wanted)
    while at >= 0:
        start = at + len(wanted)
        # The next line begins where this value ends.
        at = lowered.find(b"\n", start)
        found.append(text[start:] if at < 0 else text[start:at])
        at = lowered.find(wanted, at) if at >= 0 else -1
    return tuple(found)
