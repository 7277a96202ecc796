"""The exit statuses of a run, and what each one claims."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of `pytest` with the gate loaded and of `kvgate run`."""

    CONFORMING = 0
    NOT_CONFORMING = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_TESTED = 5
    NO_VERDICT = 6
