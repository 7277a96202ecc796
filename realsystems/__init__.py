"""Real systems that the gate is run against: fetched, started on loopback, judged, stopped."""

from __future__ import annotations
