"""Where runs keep their journals: each in a folder of its own, beside its reports."""

from __future__ import annotations

import secrets
from pathlib import Path

PREFIX = "journal-"


def journal_folder(reports: Path, mark: str) -> Path:
    """A folder for the journals of one run; two runs under one mark must not share it."""
    return reports.resolve() / f"{PREFIX}{mark}-{secrets.token_hex(2)}"


def journal_folders(reports: Path) -> tuple[Path, ...]:
    """The folders that runs into this report folder have left, in the order of names."""
    return tuple(sorted(path for path in reports.glob(f"{PREFIX}*") if path.is_dir()))
