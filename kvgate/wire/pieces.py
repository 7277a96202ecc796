"""Cuts the head of a request where networks may: nothing says that it arrives at once."""

from __future__ import annotations

from itertools import pairwise

PAUSE = 0.004  # seconds between two pieces: enough for the server to read the one before alone


def pieces_of(head: bytes) -> tuple[bytes, ...]:
    """The head in five pieces: cut inside the target, inside a line end, inside a header's name and before the last LF.

    Where the target has an escape the cut goes through it.
    """
    line_end = head.index(b"\r\n")
    escape = head.find(b"%", 0, line_end)
    target = escape + 1 if escape > 0 else line_end // 2
    cuts = (0, target, line_end + 1, line_end + 4, len(head) - 1, len(head))
    return tuple(head[start:end] for start, end in pairwise(cuts))
