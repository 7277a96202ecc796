"""Puts the reports in a folder, each whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from kvgate.errors import InputError
from kvgate.report.html import html_pieces
from kvgate.report.jsonreport import json_pieces
from kvgate.report.junit import junit_pieces
from kvgate.report.model import Run
from kvgate.report.summary import render_summary

# A report comes in pieces, of which a text may be the only one.
RENDERERS: dict[str, Callable[[Run], Iterable[str]]] = {
    "report.json": json_pieces,
    "junit.xml": junit_pieces,
    "report.html": html_pieces,
    "summary.md": lambda run: [render_summary(run)],
}
NAMES = tuple(RENDERERS)


def check_folder(folder: Path) -> None:
    """Finds out whether reports can be written to `folder`, and changes nothing.

    Raises InputError when it is no folder, cannot be made or cannot be written to.
    """
    try:
        _expect_usable(folder)
    except OSError as error:
        raise _unusable(folder, error) from None


def _expect_usable(folder: Path) -> None:
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise InputError(f"report folder {folder}: {existing} is a file; name a folder with --kv-report-dir=")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise InputError(
            f"report folder {folder}: no permission to write to {existing}; name another with --kv-report-dir="
        )
    for name in NAMES:
        if (folder / name).is_dir():
            raise InputError(f"report folder {folder}: {name} is a folder there; remove it or name another folder")


def prepare_folder(folder: Path) -> None:
    """Makes the folder, tries to write to it, and removes the reports of an earlier run.

    A run that crashes must not leave the report of yesterday's green one behind. To be called before any request.
    Raises InputError when the folder cannot be used.
    """
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_aside(folder / NAMES[0], ()).unlink()
        for name in NAMES:
            (folder / name).unlink(missing_ok=True)
            for left_over in folder.glob(f".{name}.*.part"):
                left_over.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from None


def write_reports(run: Run, folder: Path) -> tuple[Path, ...]:
    """Writes the four reports and gives their paths.

    They are written beside their place, one after the other, and moved into it when all are on the disk: whoever looks
    sees each file whole or not at all. Raises InputError when the folder cannot be written to.
    """
    aside: dict[Path, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, render in RENDERERS.items():
            aside[folder / name] = _write_aside(folder / name, render(run))
        for path, part in aside.items():
            part.replace(path)
        _to_disk(folder)
    except OSError as error:
        raise _unusable(folder, error) from None
    finally:
        for part in aside.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return tuple(aside)


def _write_aside(path: Path, pieces: Iterable[str]) -> Path:
    """Writes to a new file beside `path`, down to the disk, with the permissions that the umask gives."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("xb") as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return part


def _to_disk(folder: Path) -> None:
    """Makes the renames last; a file system that cannot do so is no reason to lose the reports."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unusable(folder: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(f"report folder {folder}: cannot write there: {reason}; name another with --kv-report-dir=")
