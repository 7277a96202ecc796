"""The names of observed cases: the keys themselves, spelled for a URL, so that a waiver can name them by a glob."""

from __future__ import annotations

import hashlib

ONE, SEVERAL = "key:", "keys:"
_LONGEST = 80


def name_of(key: str) -> str:
    """The name of the case of one key."""
    return ONE + _cut(key)


def name_of_group(*parts: str) -> str:
    """The name of a case of several keys."""
    return SEVERAL + _cut(":".join(parts))


def is_observed(case: str) -> bool:
    """Whether a case's name, or a glob for some, is one of data that was there already."""
    return case.startswith((ONE, SEVERAL))


def _cut(text: str) -> str:
    """The text, or its beginning with a sum of the whole, where it is too long for a name."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"
