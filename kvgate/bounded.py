"""Files that somebody names: read up to a size, since what is named may be a device that never ends."""

from __future__ import annotations

from pathlib import Path

from kvgate.errors import InputError

LARGEST = 16 * 2**20  # bytes


def read_bounded(path: Path, *, what: str = "file", most: int = LARGEST) -> bytes:
    """The bytes of a file. Raises OSError, and InputError for one of more than `most`."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(f"{path}: this {what} has more than {most} bytes: is it the one that was meant?")
    return data
