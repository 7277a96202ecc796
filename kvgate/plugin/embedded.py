"""Starts the embedded reference for a run that names no server."""

from __future__ import annotations

from typing import Any

from kvgate.reference.embedded import Embedded


def start_embedded() -> tuple[Embedded, dict[str, dict[str, Any]]]:
    """The running reference, and for each interface the target keys under which it is reached."""
    embedded = Embedded.start()
    started: dict[str, dict[str, Any]] = {
        "get2": {"url": embedded.ha_url, "nodes": list(embedded.node_urls)},
        "geode": {"url": embedded.geode_url, "regions": dict(embedded.regions)},
    }
    return embedded, started
