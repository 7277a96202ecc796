"""Faults that read a value block by block, or by what some format takes for an end or a comment."""

from __future__ import annotations

import re
from dataclasses import replace

from kvgate.reference.deviation import Deviations
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_MATCH = "get2.body.match"
_CONFLICT = "get2.body.conflict"


class _Rewritten(Ha):
    """An HA that hands each value on through some code."""

    def through(self, value: bytes) -> bytes:
        raise NotImplementedError

    def build_body(self, first: Reading, second: Reading, *, same_value: bool) -> bytes:
        through = (replace(reading, value=self.through(reading.value)) for reading in (first, second))
        return super().build_body(*through, same_value=same_value)


@FAULTS.fault("block-line-end-split-lost", _MATCH, "CR and LF on both sides of a boundary of 4,096 bytes")
class _LineEnds(_Rewritten):
    """Loses the CR before a boundary of 4,096 bytes when an LF follows it."""

    def through(self, value: bytes) -> bytes:
        blocks = [value[at : at + 4096] for at in range(0, len(value), 4096)]
        following = [*(block[:1] for block in blocks[1:]), b""]
        return b"".join(
            block.removesuffix(b"\r") if after == b"\n" else block
            for block, after in zip(blocks, following, strict=True)
        )


@FAULTS.fault("block-character-split-replaced", _CONFLICT, "a character on both sides of a boundary of 8,192 bytes")
class _Characters(_Rewritten):
    """Decodes a text by blocks of 8,192 bytes, and replaces what is left of a character at their ends."""

    def through(self, value: bytes) -> bytes:
        try:
            value.decode()
        except UnicodeDecodeError:
            return value
        blocks = (value[at : at + 8192] for at in range(0, len(value), 8192))
        return b"".join(block.decode("utf-8", "replace").encode() for block in blocks)


@FAULTS.fault("block-of-nuls-shortened", _CONFLICT, "more than 65,535 NULs in a row")
class _Nuls(_Rewritten):
    """Writes a run of NULs as its length, in sixteen bits."""

    def through(self, value: bytes) -> bytes:
        return re.sub(rb"\0{65536,}", bytes(65535), value)


@FAULTS.fault("cut-at-a-line-of-end", _MATCH, "a line END between CR LF")
class _End(_Rewritten):
    """Takes a line END for the end of an answer of a node."""

    def through(self, value: bytes) -> bytes:
        return value.partition(b"\r\nEND\r\n")[0]


@FAULTS.fault("lines-of-comments-lost", _CONFLICT, "a line that begins with a number sign")
class _Comments(_Rewritten):
    """Passes over lines that begin with a number sign."""

    def through(self, value: bytes) -> bytes:
        return re.sub(rb"(?m)^#[^\n]*\n", b"", value)


@FAULTS.fault("block-of-16384-less-its-last", "get2.request.own-value", "equal values of 16,384 bytes")
class _LastOfBlock(Ha):
    """Loses the last byte of a value that fills a buffer of 16 KiB: the place of a NUL at its end."""

    def build_body(self, first: Reading, second: Reading, *, same_value: bool) -> bytes:
        body = super().build_body(first, second, same_value=same_value)
        return body[:-1] if same_value and len(body) == 16384 else body


@FAULTS.fault("compared-by-samples", "get2.status.conflict", "one byte of 150,001, between beginning, middle and end")
class _Samples(Ha):
    """Compares three samples of 16 KiB of values that are longer than 128 KiB: beginning, middle and end."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        if len(first) != len(second) or len(first) <= 131_072:
            return first == second
        middle = len(first) // 2
        samples = (slice(0, 16384), slice(middle, middle + 16384), slice(-16384, None))
        return all(first[sample] == second[sample] for sample in samples)
