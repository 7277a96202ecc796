"""Faults that take a key which a master lacks for a pattern of keys."""

from __future__ import annotations

import re

from kvgate.reference.deviation import Deviations
from kvgate.reference.hustdb import Ha, Node
from kvgate.reference.reading import Asked

FAULTS = Deviations("get2")
_MISSING = "get2.missing.no-success"


class _Pattern(Ha):
    """Looks for the first key that matches a key which is not there."""

    sign, regex = b"", b""

    def read_master(self, master: int, key: bytes) -> Asked:
        node = self.nodes[master]
        if self.sign not in key or not isinstance(node, Node) or key in node.stored():
            return super().read_master(master, key)
        wanted = re.compile(self.regex.join(map(re.escape, key.split(self.sign))), re.DOTALL)
        return super().read_master(master, next((held for held in node.stored() if wanted.fullmatch(held)), key))


@FAULTS.fault("pattern-of-a-dot", _MISSING, "a key with a dot that is not there, one with another byte that is")
class _Dot(_Pattern):
    """Takes a dot for any byte."""

    sign, regex = b".", b"."


@FAULTS.fault("pattern-of-an-underscore", _MISSING, "a key with an underscore that is not there, one like it that is")
class _Underscore(_Pattern):
    """Takes an underscore for any byte, as LIKE does."""

    sign, regex = b"_", b"."


@FAULTS.fault("pattern-of-a-percent-sign", _MISSING, "a key with a percent sign that is not there, one it covers is")
class _Percent(_Pattern):
    """Takes a percent sign for any bytes, as LIKE does."""

    sign, regex = b"%", b".+"


@FAULTS.fault("pattern-of-an-asterisk", _MISSING, "a key with an asterisk that is not there, one that it covers is")
class _Asterisk(_Pattern):
    """Takes an asterisk for any bytes."""

    sign, regex = b"*", b".+"
