"""Starts the embedded reference for a run that names no server."""

from __future__ import annotations

from typing import Any

from kvgate.interface import load_interface
from kvgate.places import interface_names
from kvgate.reference.embedded import Embedded


def start_embedded() -> tuple[Embedded, dict[str, dict[str, Any]]]:
    """The running reference, and for each interface the target keys under which it is reached."""
    embedded = Embedded.start()
    reached: dict[str, dict[str, Any]] = {
        "hustdb": {"url": embedded.ha_url, "nodes": list(embedded.node_urls)},
        "geode": {"url": embedded.geode_url, "regions": dict(embedded.regions)},
    }
    return embedded, {name: reached[load_interface(name).reference] for name in interface_names()}
