"""Files that somebody names: what is named may be no path at all, or a device that never ends."""

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


def named_path(given: str, where: str) -> Path:
    """The path that somebody wrote, its `~` or `~user` resolved. Raises InputError, which begins with `where`."""
    if "\0" in given:
        raise InputError(f"{where}: not a path: it holds the character NUL")
    try:
        return Path(given).expanduser()
    except RuntimeError:
        user = given.partition("/")[0]
        raise InputError(f"{where}: {given}: the home folder of {user} is not known: write the path in full") from None


def is_file(path: Path) -> bool:
    """Whether a file is to be found there; a path that no file system takes leads to none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder is to be found there, as `is_file` has it."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
