"""Being written."""

from __future__ import annotations

from kvgate.report.model import Run


def render_html(run: Run) -> str:
    """Being written."""
    return run.tested + "\n"
