"""A real Apache Geode as the target of the gate: `with running("1.14.4") as server: server.url, server.regions`."""

from __future__ import annotations

from realsystems.geode.server import Server, running

__all__ = ["Server", "running"]
