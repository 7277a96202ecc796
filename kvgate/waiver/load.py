"""Reads a waivers file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kvgate.waiver.model import Waiver


def load_waivers(path: Path, *, interfaces: Sequence[str] | None = None) -> tuple[Waiver, ...]:
    """Skeleton."""
    raise NotImplementedError
