"""Text that is safe to show: one line, no control codes, no characters that turn or hide others.

`kvgate.wire.text.visible` makes bytes of a server visible where a finding is written; this module is the last gate
before a report, for text that came from anywhere. It leaves a backslash alone, so that what is safe stays as it is.
"""

from __future__ import annotations

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def shown(text: str, limit: int | None = None) -> str:
    r"""The text on one line, with `\n`, `\xNN` and `\uNNNN` for what does not show as itself.

    Beyond `limit` characters the rest is cut and `... (N characters)` gives the true number.
    """
    kept = text if limit is None else text[:limit]
    line = kept if kept.isprintable() else "".join(map(escaped, kept))
    return line if len(kept) == len(text) else f"{line}... ({len(text)} characters)"


def escaped(character: str) -> str:
    """The character itself when it is printable, else an escape that names it."""
    # isprintable() is False for controls, formats (bidi overrides, zero width), surrogates, private use, unassigned
    # code points, line ends and every space but the ASCII one.
    if character.isprintable():
        return character
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
