"""Values that two masters may hold: each by itself, and how the second of a pair differs from the first."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from kvgate.explore.draws import Draws

LARGEST = 65_600  # bytes; more would cost a run too much
# Sizes at which buffers, blocks and the numbers that count them end.
_BLOCKS = (8, 16, 64, 100, 128, 255, 256, 512, 1000, 1024, 1448, 1460, 2048, 4096, 8192, 16384, 32768, 65536)
_WORDS = (
    b"value", b"0", b"1", b"-1", b"00", b"1.0", b"1e3", b"0x10", b"null", b"true", b"false", b"NaN", b"None",
    b"undefined", b"{}", b"[]", b'{"a":1}', b"a,b", b"a=b&c=d", b"<b>&amp;</b>", b"%00%20+", b"\\n\\x00", b"$1 ${x}",
    b"%s %d {0}", b"HTTP/1.1 200 OK\r\n\r\n", b"Val-Offset: 1\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n",
    b"\xef\xbb\xbfbom", b"\xff\xfeutf16", "Zürich".encode(), "Zürich".encode("latin-1"), "日本語".encode(),
    "😀".encode(), "e\u0301".encode(), "\u2028".encode(), "İı ſK".encode(), b"ab\0cd", b"\0", b"\0\0", b"\xc3",
    b"\xe2\x82", b"\xc0\x80", b"\xed\xa0\x80", b"\xff",
)  # fmt: skip
# Pairs that are the same to somebody: other line ends, normal forms, case, numbers, JSON.
_ALIKE = (
    (b"a\r\nb", b"a\nb"), (b"a\n", b"a\r\n"), (b"a\rb", b"a\nb"), ("é".encode(), "e\u0301".encode()),
    ("Å".encode(), "\u212b".encode()), ("ß".encode(), b"ss"), ("İ".encode(), b"i"), (b"7", b"07"), (b"7", b"7.0"),
    (b"1e1", b"10"), (b"+1", b"1"), (b"0", b"-0"), (b"0x10", b"16"), (b"9007199254740993", b"9007199254740992"),
    (b'{"a":1}', b'{ "a": 1 }'), (b"[1,2]", b"[1, 2]"), (b"true", b"TRUE"), (b"null", b"NULL"), (b"a  b", b"a b"),
    (b"a\tb", b"a b"), (b"\xef\xbb\xbfa", b"a"), (b"a\0", b"a"), (b"\0a", b"a"), (b"caf\xe9", "café".encode()),
    (b"\xff", b"\xfe"), (b"\x80", b"\x81"), ("Ａ".encode(), b"A"), (b"Aa", b"BB"), (b"AaAa", b"BBBB"), (b"YQ==", b"YQ"),
)  # fmt: skip
_BYTES = b"ab01 .,:;=-_/\\\"'<>&%+?#\0\r\n\t\x0b\x1f\x7f\x80\xa0\xc3\xe9\xff"
_BLANKS = (b" ", b"\t", b"\n", b"\r\n", b"\0", b"\xc2\xa0")


def value_of(draws: Draws) -> bytes:
    """One value, never empty (E6)."""
    kind = draws.number(0, 9)
    if kind < 3:
        return draws.pick(_WORDS)
    if kind < 5:
        return bytes(_byte(draws) for _ in draws.times(1, 24, 80))
    if kind == 5:
        return draws.pick(_BLANKS) * draws.number(0, 2) + draws.pick(_WORDS) + draws.pick(_BLANKS) * draws.number(1, 2)
    return _of_size(draws, _size(draws))


def value_pair(draws: Draws) -> tuple[bytes, bytes]:
    """Two values: the same in a third of all cases, else such that somebody may take them for the same."""
    first = value_of(draws)
    if not draws.chance(66):
        return first, first
    if draws.chance(20):
        pair = draws.pick(_ALIKE)
        return pair if draws.chance(50) else pair[::-1]
    change = _at_one_byte if draws.chance(35) else draws.pick(tuple(_CHANGES.values()))
    second = change(first, draws) or first + b"a"
    return (second, first) if draws.chance(40) else (first, second)


def _byte(draws: Draws) -> int:
    return draws.number(0, 255) if draws.chance(30) else draws.pick(_BYTES)


def _size(draws: Draws) -> int:
    """A size around a block's or around a few of them; now and then any."""
    if draws.chance(15):
        return draws.number(1, LARGEST)
    if draws.chance(10):
        return 65536 + draws.pick((0, 1, -1))
    block = draws.pick(_BLOCKS)
    most = max(1, min(LARGEST // block, 24))
    return max(1, block * (draws.number(1, most) if draws.chance(25) else 1) + draws.pick((0, 1, -1)))


def _of_size(draws: Draws, size: int) -> bytes:
    unit = draws.pick((b"k", b"\0", b"\xff", b" ", b"0123456789", b"ab", b"\r\n", "日".encode(), b"0123456789abcdef"))
    return (unit * (size // len(unit) + 1))[:size]


# How the second value of a pair comes from the first. None where nothing of the kind can be done to it.


def _at_one_byte(value: bytes, draws: Draws) -> bytes:
    """The value with one byte changed: near an end, or where a block of it ends."""
    last = len(value) - 1
    where = draws.number(0, 9)
    at = {0: 0, 1: last, 2: last // 2, 3: max(0, last - 1), 4: draws.number(0, last)}.get(where)
    if at is None:
        block = draws.pick(tuple(block for block in _BLOCKS if block <= last) or (1,))
        at = block * draws.number(1, max(1, last // block)) + draws.pick((-1, 0, 1))
    at = max(0, min(last, at))
    byte = value[at]
    changed = draws.pick((byte ^ 1, byte ^ 0x20, byte ^ 0x80, (byte + 1) % 256, 0, 0x20, 0xFF, byte ^ 0x40))
    return value[:at] + bytes([changed if changed != byte else byte ^ 2]) + value[at + 1 :]


def _longer(value: bytes, draws: Draws) -> bytes:
    return value + draws.pick((b"a", b"\0", b" ", b"\n", b"\r\n", value, b"k" * 256, b"\xff", b"k" * 4096))[:4096]


def _longer_in_front(value: bytes, draws: Draws) -> bytes:
    return draws.pick((b" ", b"\0", b"0", b"+", b"\n", b"\xef\xbb\xbf", b"a")) + value


def _shorter(value: bytes, draws: Draws) -> bytes:
    return value[: draws.pick((-1, -2, len(value) // 2, 1))]


def _two_bytes_swapped(value: bytes, draws: Draws) -> bytes | None:
    """The same bytes in another order, so that sums and counts of them agree."""
    if len(value) < 2:
        return None
    at = draws.number(0, len(value) - 2)
    other = draws.number(at + 1, len(value) - 1)
    swapped = bytearray(value)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    return bytes(swapped) if swapped != value else None


def _two_bytes_balanced(value: bytes, draws: Draws) -> bytes | None:
    """One byte more by what the next is less: the sum stays as it was; where it is by 1 and 31, the hash of Java."""
    if len(value) < 2:
        return None
    at = draws.number(0, len(value) - 2)
    up, down = draws.pick(((1, 31), (1, 1), (-1, -31), (-1, -1)))
    pair = value[at] + up, value[at + 1] - down
    return value[:at] + bytes(pair) + value[at + 2 :] if all(0 <= byte < 256 for byte in pair) else None


def _in_other_case(value: bytes, draws: Draws) -> bytes | None:
    swapped = value.swapcase() if draws.chance(70) else value[:-1] + value[-1:].swapcase()
    return swapped if swapped != value else None


def _stripped(value: bytes, draws: Draws) -> bytes | None:
    stripped = draws.pick((bytes.strip, bytes.rstrip, bytes.lstrip))(value)
    return stripped if stripped and stripped != value else None


def _in_other_form(value: bytes, draws: Draws) -> bytes | None:
    """The same text to a reader: other line ends, another normal form, another character set."""
    change = draws.pick((_with_other_line_ends, _normalised, _transcoded, _lossy))
    changed = change(value)
    return changed if changed and changed != value else None


def _with_other_line_ends(value: bytes) -> bytes:
    return value.replace(b"\r\n", b"\n") if b"\r\n" in value else value.replace(b"\n", b"\r\n") + b"\n"


def _normalised(value: bytes) -> bytes:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return b""
    return next((t for form in ("NFD", "NFC", "NFKC") if (t := unicodedata.normalize(form, text)) != text), "").encode()


def _transcoded(value: bytes) -> bytes:
    return value.decode("latin-1").encode("utf-8")


def _lossy(value: bytes) -> bytes:
    as_utf8 = value.decode("utf-8", "replace").encode("utf-8")
    return as_utf8 if as_utf8 != value else value.decode("ascii", "replace").encode("utf-8")


def _after_nul(value: bytes, draws: Draws) -> bytes:
    """A value that goes on otherwise behind a NUL."""
    at = draws.number(0, min(len(value), 64))
    return value[:at] + b"\0" + bytes(_byte(draws) for _ in draws.times(1, 3))


def _as_number(value: bytes, draws: Draws) -> bytes:
    """The same number to a reader, written otherwise."""
    return draws.pick((b"0" + value, value + b".0", b"+" + value, value + b" ", value + b"e0"))


def _another(value: bytes, draws: Draws) -> bytes | None:
    other = value_of(draws)
    return other if other != value else None


_CHANGES: Mapping[str, Callable[[bytes, Draws], bytes | None]] = MappingProxyType(
    {
        change.__name__: change
        for change in (
            _at_one_byte,
            _another,
            _longer,
            _shorter,
            _longer_in_front,
            _two_bytes_swapped,
            _two_bytes_balanced,
            _in_other_case,
            _stripped,
            _in_other_form,
            _after_nul,
            _as_number,
        )
    }
)
