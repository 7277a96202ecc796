"""What values, keys and versions can have about them that a server may treat otherwise than the rest.

A feature of values counts where nothing else about the value hides it: what is said of text is said of UTF-8 without
NUL, and of no long value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes

_SHORT = 1000


def is_utf8(value: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(holds: Callable[[bytes], object]) -> Callable[[bytes], bool]:
    """The feature, of a value that is text and no long one."""
    return lambda value: len(value) < _SHORT and bool(holds(value)) and is_utf8(value) and b"\0" not in value


def _has(pattern: bytes) -> Callable[[bytes], bool]:
    return _text(re.compile(pattern, re.DOTALL).search)


def _nul(pattern: bytes) -> Callable[[bytes], bool]:
    found = re.compile(pattern, re.DOTALL).search
    return lambda value: len(value) < _SHORT and bool(found(value)) and is_utf8(value)


def _is_latin(value: bytes) -> bool:
    return is_utf8(value) and 127 < max(map(ord, value.decode())) < 256


def _long(least: int, most: int) -> Callable[[bytes], bool]:
    return lambda value: least <= len(value) <= most


OF_VALUES: Mapping[str, Callable[[bytes], bool]] = {
    "begins with a space": _has(rb"\A .*\S"),
    "ends in a space": _has(rb"\S.* \Z"),
    "begins with a tab": _has(rb"\A\t.*\S"),
    "ends in a tab": _has(rb"\S.*\t\Z"),
    "begins with a line end": _has(rb"\A[\r\n].*\S"),
    "ends in a line feed": _has(rb"\S\n\Z"),
    "ends in CR LF": _has(rb"\S.*\r\n\Z"),
    "is white space alone": _has(rb"\A\s+\Z"),
    "has spaces in a row inside": _has(rb"\S  +\S"),
    "has CR LF inside": _has(rb"\S\r\n\S"),
    "has a lone line feed inside": _has(rb"[^\s]\n[^\s]"),
    "has a lone carriage return inside": _has(rb"[^\s]\r[^\s]"),
    "has an empty line first, like the end of a head": _has(rb"\A\r\n\r\n\S"),
    "begins with a NUL": _nul(rb"\A\0[^\0]"),
    "ends in a NUL": _nul(rb"[^\0]\0\Z"),
    "has a NUL inside": _nul(rb"[^\0]\0[^\0]"),
    "has control bytes": _has(rb"[\x01-\x08\x0e-\x1f]"),
    "begins with a byte-order mark": _has(rb"\A\xef\xbb\xbf[^\xef]"),
    "has UTF-8 of two bytes": _has(rb"[\xc2-\xdf][\x80-\xbf]"),
    "has UTF-8 of three bytes": _has(rb"[\xe0-\xee][\x80-\xbf]{2}"),
    "has UTF-8 of four bytes": _has(rb"[\xf0-\xf4][\x80-\xbf]{3}"),
    "has a letter and its accent apart": _has(rb"[a-z]\xcc[\x80-\x8f]"),
    "is no UTF-8": lambda value: not is_utf8(value),
    "is text in ISO-8859-1": lambda value: re.fullmatch(rb"[ -~]*[\xc0-\xff]", value) is not None,
    "has every byte there is": lambda value: len(set(value)) == 256,
    "is digits": _has(rb"\A[1-9][0-9]*\Z"),
    "is digits with a zero first": _has(rb"\A0[0-9]+\Z"),
    "is a zero": _has(rb"\A0\Z"),
    "is a word that stands for nothing": _has(rb"\A(null|None|nil|undefined|false)\Z"),
    "has capitals": _has(rb"[A-Z]"),
    "has markup": _has(rb"<.*>"),
    "has an entity": _has(rb"&[a-z]+;"),
    "has quotation marks": _has(rb"\".*\""),
    "is in quotation marks": _has(rb"\A\".*\"\Z"),
    "is in apostrophes": _has(rb"\A'.*'\Z"),
    "has a no-break space": _has(rb"\xc2\xa0"),
    "is UTF-8 of what ISO-8859-1 has too": _text(_is_latin),
    "has a line of a dot": _has(rb"\n\.\r?\n"),
    "has a backslash": _has(rb"\\[a-z0-9]"),
    "has %XX": _has(rb"%[0-7][0-9A-F]"),
    "has a plus": _has(rb"\S\+\w"),
    "has signs of a template": _has(rb"\$\{|\{\d\}|%s"),
    "is JSON": _has(rb"\A(\{.*\}|\[.*\])\Z"),
    "looks like a header": _has(rb"Version\d?: ?\d"),
    "looks like a chunk": _has(rb"\A[0-9a-f]\r\n"),
    "is compressed": lambda value: value[:2] in (b"\x1f\x8b", b"x\x9c"),
    "has 1 byte": _long(1, 1),
    "has 2 to 9 bytes": _long(2, 9),
    "has 10 to 99 bytes": _long(10, 99),
    "has 100 to 255 bytes": _long(100, 255),
    "has 256 to 999 bytes": _long(256, 999),
    "has 1000 to 9999 bytes": _long(1000, 9999),
    "has 10000 bytes or more": _long(10000, 1 << 25),
    "has 65536 bytes or more, of no round number": lambda value: len(value) > 65536 and len(value) % 4096 > 0,
    "fills pages of 4096 bytes": lambda value: len(value) % 4096 == 0 and len(value) < 65536,
}  # fmt: skip

# Kinds of them, of which each direction of versions has one: the newer value may be taken by code of its own.
KINDS_OF_VALUES: Mapping[str, tuple[str, ...]] = {
    "white space first": ("begins with a space", "begins with a tab", "begins with a line end"),
    "white space last": ("ends in a space", "ends in a tab", "ends in a line feed", "ends in CR LF"),
    "a NUL": ("begins with a NUL", "ends in a NUL", "has a NUL inside"),
    "beyond ASCII": ("has UTF-8 of two bytes", "has UTF-8 of three bytes", "has a letter and its accent apart"),
    "no UTF-8": ("is no UTF-8",),
    "signs": ("has markup", "has %XX", "has a backslash", "has signs of a template"),
    "digits": ("is digits", "is digits with a zero first", "is a zero"),
    "one byte": ("has 1 byte",),
    "large": ("has 10000 bytes or more",),
}


def _key(pattern: str) -> Callable[[str], bool]:
    found = re.compile(pattern).search
    return lambda key: found(key) is not None


def _decoded(holds: Callable[[bytes], bool]) -> Callable[[str], bool]:
    return lambda key: holds(unquote_to_bytes(key))


# Of keys as they stand in the URL.
OF_KEYS: Mapping[str, Callable[[str], bool]] = {
    "is plain": _key(r"\A[a-z0-9]+\Z"),
    "has more than 32 bytes": _decoded(_long(33, 64)),
    "has more than 64 bytes": _decoded(_long(65, 255)),
    "has more than 255 bytes": _decoded(_long(256, 1024)),
    "is long in the URL only": lambda key: len(key) > 64 and len(unquote_to_bytes(key)) <= 64,
    "has capitals": _key(r"\A(?!.*%).*[A-Z]"),
    "is digits with a zero first": _key(r"\A0[0-9]+\Z"),
    "has a dot": _key(r"\w\.\w"),
    "has signs that need no escape": _key(r"\A(?!.*%).*[!~*'(]"),
    "has a letter in %XX": _key(r"%[46][1-9A-Fa-f]"),
    "has hexadecimal digits in small letters": _key(r"%(?:[a-f].|.[a-f])"),
    "begins with a space": _key(r"\A%20"),
    "has a space inside": _key(r"\w%20\w"),
    "ends in a space": _key(r"%20\Z"),
    **{f"has {sign} in %XX": _key(rf"%{ord(sign):02X}") for sign in "/&=+#;\"\\"},
    "has a percent sign that escapes nothing": _key(r"%25[0-9A-F]{2}"),
    "has UTF-8 of two bytes": _key(r"%C3%[89AB]"),
    "has UTF-8 of three bytes": _key(r"%E6%"),
    "has UTF-8 of four bytes": _key(r"%F0%9F"),
    "has a letter and its accent apart": _key(r"e%CC%8"),
    "is no UTF-8": _decoded(lambda key: not is_utf8(key)),
    "has control bytes": _key(r"%0[1-8]|%1[0-9A-F]"),
    "has a line end": _key(r"%0A"),
}  # fmt: skip

# Where the digits, the bits or the signs of a version change (E12: no real node stores more than 63).
VERSIONS = (1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 15, 16, 17, 20, 31, 32, 33, 48, 62, 63)


def _in_one_bit(bit: int) -> Callable[[int, int], bool]:
    return lambda one, two: one ^ two == bit


# Of Version1 and Version2.
OF_PAIRS: Mapping[str, Callable[[int, int], bool]] = {
    "master1 one ahead": lambda one, two: one == two + 1,
    "master2 one ahead": lambda one, two: two == one + 1,
    "master1 ahead, one digit against two": lambda one, two: one > 9 > two,
    "master2 ahead, one digit against two": lambda one, two: two > 9 > one,
    "master1 ahead, two digits each": lambda one, two: one > two > 9,
    "master2 ahead, two digits each": lambda one, two: two > one > 9,
    "one is the beginning of the other": lambda one, two: f"{max(one, two)}"[:1] == f"{min(one, two)}",
    "one is the end of the other": lambda one, two: f"{max(one, two)}"[1:] == f"{min(one, two)}",
    "the same digits in another order": lambda one, two: f"{one}" == f"{two}"[::-1],
    "the same tens": lambda one, two: one // 10 == two // 10 > 0,
    **{f"{bit} apart, in one bit": _in_one_bit(bit) for bit in (1, 2, 4, 8, 16, 32)},
    "as far apart as can be": lambda one, two: abs(one - two) == 62,
}
