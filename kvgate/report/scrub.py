"""Takes the operator's secrets out of a run, should a server have echoed them.

kvgate shows no credentials of its own accord; a server that answers with the headers it was sent would put them into
the raw exchange all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from kvgate.report.model import Run

PLACEHOLDER = "[secret]"
# A secret of one or two characters would blot out half of every report, and protects nothing.
_SHORTEST = 4


def scrubbed(run: Run, secrets: Iterable[str]) -> Run:
    """The run with every occurrence of a secret replaced by `[secret]`, in all texts and bytes it holds.

    Lengths that were measured stay as they were measured. Secrets shorter than 4 characters are left alone.
    """
    words = sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True)
    if not words:
        return run
    found: Run = _Scrubber(words).value(run)
    return found


class _Scrubber:
    def __init__(self, words: list[str]) -> None:
        self._texts = words
        self._bytes = [word.encode("utf-8", "surrogateescape") for word in words]

    def value(self, value: Any) -> Any:
        """The same value without the secrets; what holds none is given back as it is."""
        if isinstance(value, (str, bytes)):
            # An enumeration's text is a word of ours, and has to stay a member.
            return value if isinstance(value, Enum) else self._text(value)
        if isinstance(value, (tuple, list)):
            return type(value)(self.value(item) for item in value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value)
        return value

    def _text(self, value: str | bytes) -> str | bytes:
        if isinstance(value, bytes):
            for secret in self._bytes:
                value = value.replace(secret, PLACEHOLDER.encode("ascii"))
        else:
            for word in self._texts:
                value = value.replace(word, PLACEHOLDER)
        return value

    def _dataclass(self, value: Any) -> Any:
        changed = {}
        for field in dataclasses.fields(value):
            old = getattr(value, field.name)
            new = self.value(old)
            if new != old:
                changed[field.name] = new
        return dataclasses.replace(value, **changed) if changed else value
