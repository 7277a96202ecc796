"""The standard streams of a process that was started without them (`>&-`, `2>&-`, some services)."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def stand_in() -> None:
    """Has what is printed go nowhere where a stream is missing: reports and exit status are the verdict."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # Python has None in place of a stream that was closed, and whatever uses it would break.
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # it is to stay
