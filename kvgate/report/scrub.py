"""Takes the operator's secrets out of all that is shown, should a server have echoed them.

kvgate shows no credentials of its own accord; a server that answers with the headers it was sent would put them into
findings and the raw exchange all the same. It may write them in its own way: percent-encoded, escaped, in Base64.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from kvgate.report.model import Run
from kvgate.wire.headers import Headers

PLACEHOLDER = "[secret]"
# A secret of one or two characters would blot out half of every report, and protects nothing.
_SHORTEST = 4
# What a secret's Base64 is found by has to be long enough to be of nothing else.
_SHORTEST_CODED = 8
# Where a text was cut (`kvgate.wire.text.visible`), so that a secret may end half way.
_CUT = re.compile(r"\.\.\. \(\d")
# Names that are ours: a password that is one of these words must not make one thing into another.
_OURS = frozenset({"interface", "requirement", "case", "name", "test_id", "source", "origin", "version", "mark", "why"})
_CATALOGUE = frozenset({"requirements", "rulings"})


class Scrubber:
    """Replaces every occurrence of the secrets by `[secret]`; secrets shorter than 4 characters are left alone."""

    def __init__(self, secrets: Iterable[str]) -> None:
        words = {spelt for secret in secrets if len(secret) >= _SHORTEST for spelt in _spellings(secret)}
        self._texts = sorted(words, key=len, reverse=True)
        self._bytes = [word.encode("utf-8", "surrogateescape") for word in self._texts]

    def text(self, text: str) -> str:
        """The text without the secrets, nor the beginning of one where it was cut."""
        for word in self._texts:
            text = text.replace(word, PLACEHOLDER)
        pieces: list[str] = []
        end = 0
        for cut in _CUT.finditer(text) if self._texts else ():
            pieces += [self._without_beginning(text[end : cut.start()]), cut.group()]
            end = cut.end()
        return "".join([*pieces, text[end:]])

    def value(self, value: Any) -> Any:
        """The same value without the secrets; what holds none is given back as it is."""
        # An enumeration's text is a word of ours, and has to stay a member.
        if not self._texts or isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            for secret in self._bytes:
                value = value.replace(secret, PLACEHOLDER.encode("ascii"))
            return value
        if isinstance(value, Headers):
            found = any(secret in value.text for secret in self._bytes)
            return Headers(self.value(header) for header in value) if found else value
        if isinstance(value, (tuple, list)):
            return type(value)(self.value(item) for item in value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value)
        return value

    def _without_beginning(self, text: str) -> str:
        """The text without the beginning of a secret that stands at its end."""
        for word in self._texts:
            for length in range(len(word) - 1, _SHORTEST - 1, -1):
                if text.endswith(word[:length]):
                    return text[:-length] + PLACEHOLDER
        return text

    def _dataclass(self, value: Any) -> Any:
        changed = {}
        for field in dataclasses.fields(value):
            old = getattr(value, field.name)
            if field.name in _CATALOGUE or (field.name in _OURS and isinstance(old, str)):
                continue
            new = self.value(old)
            if new != old:
                changed[field.name] = new
        return dataclasses.replace(value, **changed) if changed else value


def scrubbed(run: Run, secrets: Iterable[str]) -> Run:
    """The run without the secrets, in all texts and bytes it holds but the names that are ours.

    Lengths that were measured stay as they were measured.
    """
    found: Run = Scrubber(secrets).value(run)
    return found


def _spellings(secret: str) -> Iterator[str]:
    """A secret as a server may write it."""
    yield secret
    # What is made visible shows a space at either end as \x20.
    if len(secret.strip(" ")) >= _SHORTEST:
        yield secret.strip(" ")
    yield urllib.parse.quote(secret, safe="")
    yield urllib.parse.quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield html.escape(secret)
    raw = secret.encode("utf-8", "surrogateescape")
    for before in range(3):
        # Within a longer text three bytes begin at one of three places; what other bytes have a part in is left out.
        coded = base64.b64encode(bytes(before) + raw).decode("ascii")
        core = coded[(0, 2, 3)[before] : (len(raw) + before) * 8 // 6]
        if len(core) >= _SHORTEST_CODED:
            yield core
            yield core.translate(str.maketrans("+/", "-_"))
