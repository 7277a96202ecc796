"""The errors kvgate raises on purpose, each naming whose fault it is.

The operator's (InputError), the surroundings' (SurroundingsError), or our own (anything else, which is a bug).
What the server under test does wrong is never an exception: it is evidence.
"""

from __future__ import annotations


class KvgateError(Exception):
    """Base of every error that is shown to a person as one line, without a traceback."""


class InputError(KvgateError):
    """Something the operator gave is wrong: an option, a target file, a fixture, a waiver (exit status 4)."""


class SurroundingsError(KvgateError):
    """Something between kvgate and the interface failed, so there is no verdict (exit status 6)."""
