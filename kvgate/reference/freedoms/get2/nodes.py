"""Freedoms of the nodes behind an HA: what they keep besides what is stored."""

from __future__ import annotations

from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.hustdb import Node
from kvgate.reference.hustdb_tables import Written
from kvgate.reference.reading import Reading

FREEDOMS = Deviations("get2")


@FREEDOMS.freedom("nodes-keep-an-index", "every key that is stored", replaces="node")
class _KeepsAnIndex(Node):
    """Has nodes that keep an entry of their own for each key, and list it with the others."""

    def put(self, key: bytes, value: bytes, **named: Any) -> Written:
        written = super().put(key, value, **named)
        super().put(b"index:" + key, b"here")
        return written


@FREEDOMS.freedom("nodes-log-readings", "every key that is read", replaces="node", over_http=True)
class _LogsReadings(Node):
    """Has nodes that write down, under keys of their own, what was read."""

    def read(self, key: bytes) -> Reading | None:
        found = super().read(key)
        if found is not None and not key.startswith(b"read:"):
            super().put(b"read:" + key, b"once")
        return found
