"""Meets the findings of a run with the waivers."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from kvgate.verdict.model import Finding
from kvgate.waiver.model import Applied, Waiver


def apply_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], today: datetime.date, *, complete: bool = True
) -> Applied:
    """Skeleton. `complete` is False when checks were selected or the run ended early."""
    raise NotImplementedError
