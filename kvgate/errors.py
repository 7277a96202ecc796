"""The errors kvgate raises on purpose, each naming whose fault it is.

The operator's (InputError), the surroundings' (SurroundingsError), or our own (anything else, which is a bug).
What the server under test does wrong is never an exception: it is evidence.
"""

from __future__ import annotations


class KvgateError(Exception):
    """Base of every error that is shown to a person as one line, without a traceback."""

    def __str__(self) -> str:
        r"""The message on one line; what does not show as itself (a key may hold anything) as `\xNN` or `\uNNNN`."""
        text = super().__str__()
        return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


class InputError(KvgateError):
    """Something the operator gave is wrong: an option, a target file, a fixture, a waiver (exit status 4)."""


class SurroundingsError(KvgateError):
    """Something between kvgate and the interface failed, so there is no verdict (exit status 6)."""
