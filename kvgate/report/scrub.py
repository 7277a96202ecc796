"""Takes the operator's secrets out of all that is shown, should a server have echoed them.

kvgate shows no credentials of its own accord; a server that answers with the headers it was sent would put them into
findings and the raw exchange all the same. It may write them in its own way: percent-encoded, escaped, in Base64.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from kvgate.report.model import Run
from kvgate.report.spelt import Spelt
from kvgate.wire.headers import Headers
from kvgate.wire.text import visible

PLACEHOLDER = "[secret]"
# A secret of one or two characters would blot out half of every report, and protects nothing.
_SHORTEST = 4
# What a secret's Base64 is found by has to be long enough to be of nothing else.
_SHORTEST_CODED = 8
# Where a text was cut (`kvgate.wire.text.visible`, and windows of an answer), so that a secret may stand there in part.
_CUT = re.compile(r"\.{3,}")
# Names that are ours: a password that is one of these words must not make one thing into another.
_OURS = frozenset({"interface", "requirement", "case", "name", "test_id", "source", "origin", "version", "mark", "why"})
_CATALOGUE = frozenset({"requirements", "rulings"})


class _Secret:
    """One secret, in whatever spelling it comes."""

    def __init__(self, secret: str) -> None:
        self._signs = (secret, "%", "\\", "&", *(["+"] if " " in secret else []))
        self._secret, self._is_ascii = secret, secret.isascii()
        self._spelt = Spelt(secret)

    def out_of(self, text: str) -> str:
        """The text without the secret."""
        # Most texts hold no sign of an escape, and a plain search takes a tenth of the time.
        if (self._is_ascii or text.isascii()) and not any(sign in text for sign in self._signs):
            return text
        pieces: list[str] = []
        at = 0
        for begin, end in self._spelt.places(text):
            pieces += [text[at:begin], PLACEHOLDER]
            at = end
        return "".join([*pieces, text[at:]]) if pieces else text

    def out_of_end(self, text: str) -> str:
        """The text without the beginning of the secret that stands at its end, where it was cut."""
        at = self._spelt.beginning(text, _SHORTEST)
        return text if at is None else text[:at] + PLACEHOLDER

    def out_of_start(self, text: str) -> str:
        """The text without the end of the secret that stands at its beginning, as far as it is spelled in one way."""
        for form in self._forms:
            for begin in range(1, len(form) - _SHORTEST + 1):
                if text.startswith(form[begin:]):
                    return PLACEHOLDER + text[len(form) - begin :]
        return text

    @functools.cached_property
    def _forms(self) -> tuple[str, ...]:
        plain = (self._secret, json.dumps(self._secret)[1:-1])
        seen = (visible(form.encode("utf-8", "surrogateescape"), 6 * len(form)) for form in plain)
        coded = (urllib.parse.quote(self._secret.encode("utf-8", "surrogateescape"), safe) for safe in ("/", ""))
        return tuple(dict.fromkeys((*plain, *seen, *coded)))


class Scrubber:
    """Replaces every occurrence of the secrets by `[secret]`; secrets shorter than 4 characters are left alone."""

    def __init__(self, secrets: Iterable[str]) -> None:
        given = [secret for secret in secrets if len(secret) >= _SHORTEST]
        # A server may well take the space at an end of one away.
        given += [bare for secret in given if len(bare := secret.strip(" ")) >= _SHORTEST]
        self._secrets = [_Secret(secret) for secret in sorted(set(given), key=lambda secret: (-len(secret), secret))]
        coded = {word for secret in given for word in _in_base64(secret)}
        self._coded = sorted(coded, key=lambda word: (-len(word), word))

    def text(self, text: str) -> str:
        """The text without the secrets, nor the beginning of one where it was cut."""
        text = self._whole(text)
        if not self._secrets or "..." not in text:
            return text
        pieces: list[str] = []
        end = 0
        for cut in _CUT.finditer(text):
            pieces += [self._without_beginning(self._without_end(text[end : cut.start()], end)), cut.group()]
            end = cut.end()
        return "".join([*pieces, self._without_end(text[end:], end)])

    def bytes(self, data: bytes) -> bytes:
        """The bytes without the secrets."""
        # Where bytes are not text, each is as good as the character of its number.
        text = data.decode("latin-1")
        clean = self._whole(text)
        return data if clean is text else clean.encode("latin-1")

    def value(self, value: Any) -> Any:
        """The same value without the secrets; what holds none is given back as it is."""
        # An enumeration's text is a word of ours, and has to stay a member.
        if not self._secrets or isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.bytes(value)
        if isinstance(value, Headers):
            found = self.bytes(value.text) != value.text
            return Headers(self.value(header) for header in value) if found else value
        if isinstance(value, (tuple, list)):
            return type(value)(self.value(item) for item in value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value)
        return value

    def _whole(self, text: str) -> str:
        for secret in self._secrets:
            text = secret.out_of(text)
        for word in self._coded:
            text = text.replace(word, PLACEHOLDER)
        return text

    def _without_end(self, text: str, cut: int) -> str:
        """The text without the end of a secret that stands at its beginning, if there was a `cut` before."""
        for secret in self._secrets if cut else ():
            text = secret.out_of_start(text)
        return text

    def _without_beginning(self, text: str) -> str:
        """The text without the beginning of a secret that stands at its end."""
        for secret in self._secrets:
            text = secret.out_of_end(text)
        for word in self._coded:
            for length in range(len(word) - 1, _SHORTEST_CODED - 1, -1):
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


def _in_base64(secret: str) -> Iterator[str]:
    """What a secret looks like in the Base64 of a text that holds it."""
    raw = secret.encode("utf-8", "surrogateescape")
    for before in range(3):
        # Within a longer text three bytes begin at one of three places; what other bytes have a part in is left out.
        coded = base64.b64encode(bytes(before) + raw).decode("ascii")
        core = coded[(0, 2, 3)[before] : (len(raw) + before) * 8 // 6]
        if len(core) >= _SHORTEST_CODED:
            yield core
            yield core.translate(str.maketrans("+/", "-_"))
