"""Has the C library give back the memory of large answers as soon as nobody holds them any more."""

from __future__ import annotations

import contextlib
import ctypes

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
LARGE = 128 * 1024  # bytes


def give_back() -> bool:
    """Whether blocks from LARGE on are each mapped, and so unmapped, by themselves from now on.

    glibc begins so, but once a block of some megabytes was freed it takes such blocks from the heap. Small blocks that
    stay until the end of the run then keep what lies below them, tens of megabytes of answers that were long cut.
    Other C libraries know no such thing, and are left as they are.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        return bool(ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE))
    return False
