"""Writes the waivers file that a report would need."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any


def propose(
    report: Mapping[str, Any],
    *,
    reason: str = "",
    owner: str = "",
    issue: str = "",
    expires: datetime.date | None = None,
) -> str:
    """Skeleton."""
    raise NotImplementedError
