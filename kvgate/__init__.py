"""kvgate: a conformance gate for key-value read APIs over HTTP."""

from __future__ import annotations

__version__ = "0.1.0"
