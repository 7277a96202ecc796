"""Cases of get2 that nobody wrote down: which keys, values and versions there may be, and what is stored beside them.

All of it is what a conforming server has to answer rightly; what the rulings leave open (an empty value, %00, an
unencoded plus, versions from 64 on) is never among it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from kvgate.explore.draws import Draws
from kvgate.explore.spell import spelled
from kvgate.verdict import Held

from .exploring_values import value_of, value_pair
from .stating import expected

_MASTERS = ("master1", "master2")
_HIGHEST = 63  # E12
_VERSIONS = (1, 2, 3, 7, 8, 9, 10, 11, 15, 16, 19, 20, 31, 32, 33, 47, 48, 62, 63)
_LETTERS = "abcxyzABCXYZ0189"
_PLAIN = _LETTERS + ".-_"
_MARKS = ("{m}", "{m}", "{m}", "{n}")
# Keys that readers of URLs, numbers and paths stumble over, after the mark.
_WORDS = ("/../", "%", "%41", "+", " ", "&key=", ";", "?", "#", "=", "\\", "/", ":", '"', "'", "\n", "\r\n", "\t", "e0")
_LENGTHS = (16, 31, 32, 63, 64, 120, 127, 128, 200, 255, 256, 300)
_OTHER_NAMES = ("Key", "KEY", "keys", "xkey", "ke", "k", "id", "name", "key2", "_key", "k-e-y", "value", "key.", "yek")


def case(draws: Draws, facts: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001  # all profiles have these cases
    """One row as in fixtures/get2, but for its name and reason."""
    if draws.chance(4):
        return _without_key(draws)
    row: dict[str, Any] = {}
    key = _key(draws)
    if key != "{m}":
        row["key"] = key
    if "%" in key:
        row["tags"] = ["key"]
    held = _held(draws)
    row |= {
        where: {**spelled(value), "version": version}
        for where, (value, version) in zip(_MASTERS, held, strict=True)
        if value is not None
    }
    lacking = [where for where, (value, _) in zip(_MASTERS, held, strict=True) if value is None]
    if lacking:
        row["absent"] = {where: [key] for where in lacking}
    decoys = _decoys(draws, key) if draws.chance(30) else []
    if decoys:
        stored = {other: {"text": f"decoy {number}", "version": 2} for number, other in enumerate(decoys, 1)}
        row["stored"] = {where: dict(stored) for where in _MASTERS}
    row["expect"] = expected(*(Held(value, version) for value, version in held))
    return row


def _without_key(draws: Draws) -> dict[str, Any]:
    """A request without the parameter, for a key that is there (E3)."""
    others = [f"{draws.pick(_OTHER_NAMES)}={{key}}" for _ in draws.times(0, 3, 70)]
    held = {"text": "not asked for", "version": 1}
    query = draws.pick(("?", "")) if not others else "?"
    return {
        "rulings": ["E3"],
        "master1": held,
        "master2": held,
        "ask": {"target": f"/get2{query}{'&'.join(others)}"},
        "expect": {"no_key": True},
    }


def _held(draws: Draws) -> tuple[tuple[bytes | None, int | None], tuple[bytes | None, int | None]]:
    """What the two masters hold: mostly both something."""
    if draws.chance(10):
        lacking = draws.pick(("both", "master1", "master2"))
        one = (value_of(draws), draws.number(1, 3)) if lacking != "both" else (None, None)
        return ((None, None), one) if lacking == "master1" else (one, (None, None))
    values, versions = value_pair(draws), _version_pair(draws)
    return (values[0], versions[0]), (values[1], versions[1])


def _version_pair(draws: Draws) -> tuple[int, int]:
    """Two versions: the same in a third of all cases, else any, or such that somebody may take them for the same."""
    first = draws.number(1, _HIGHEST) if draws.chance(30) else draws.pick(_VERSIONS)
    if not draws.chance(66):
        return first, first
    second = draws.pick((first + 1, first ^ (1 << draws.number(0, 5)), first + 10, first % 10 * 10 + first // 10))
    if not 1 <= second <= _HIGHEST or second == first or draws.chance(50):
        second = draws.number(1, _HIGHEST)
    return (second, first) if draws.chance(50) else (first, second)


def _key(draws: Draws) -> str:
    """A key as spelled in the URL. Nothing stands unencoded in it that a URL might take for its own."""
    if draws.chance(50):
        return draws.pick(_MARKS)
    before = "".join(_token(draws) for _ in draws.times(0, 3, 30))
    after = "".join(_token(draws) for _ in draws.times(1, 8))
    if draws.chance(15):
        after += draws.pick("ak0") * draws.pick(_LENGTHS) + draws.pick(("", "a", "b"))
    return before + draws.pick(_MARKS) + after


def _token(draws: Draws) -> str:
    """A character or a word of a key, encoded where it needs to be, and now and then where it does not."""
    kind = draws.number(0, 9)
    if kind < 5:
        return draws.pick(_PLAIN)
    if kind < 7:
        return "".join(_encoded(byte, upper=True) for byte in draws.pick(_WORDS).encode("ascii"))
    if kind == 7:
        upper = not draws.chance(50)
        return _encoded(draws.number(1, 255), upper=upper)
    if kind == 8:
        return _encoded(ord(draws.pick(_PLAIN)), upper=not draws.chance(50))
    if draws.chance(15):
        return draws.pick(("e%CC%81", "%C3%A9", "A%CC%8A", "%E2%84%AB"))
    character = chr(
        draws.pick((0xE9, 0x430, 0x65E5, 0x1F600, draws.number(0xA0, 0xD7FF), draws.number(0xE000, 0x10FFFF)))
    )
    return "".join(_encoded(byte, upper=True) for byte in character.encode("utf-8"))


def _encoded(byte: int, *, upper: bool) -> str:
    return f"%{byte:02X}" if upper else f"%{byte:02x}"


def _respelled(part: str) -> str:
    """Part of a key in another normal form, as it is where it has none."""
    try:
        text = unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError:
        return part
    composed = unicodedata.normalize("NFC", text)
    other = composed if composed != text else unicodedata.normalize("NFD", text)
    return quote(other, safe="") if other != text else part


def _decoys(draws: Draws, key: str) -> list[str]:
    """Keys that a wrong reading of this one would find, each another key than it and than the others."""
    mark = "{n}" if "{n}" in key else "{m}"
    before, after = key.split(mark)
    readings = [
        key + "a",
        before + mark,
        mark + after,
        key.replace("%", "%25"),
        before.swapcase() + mark + after.swapcase() if "%" not in key else key + "0",
        key[:-1] if after and "%" not in after[-3:] else key + ".",
        "0" + key,
        before + mark + after.replace("%20", "%2B"),
        _respelled(before) + mark + _respelled(after),
    ]
    known, chosen = {unquote_to_bytes(key)}, []
    for reading in readings:
        if unquote_to_bytes(reading) not in known and draws.chance(40):
            known.add(unquote_to_bytes(reading))
            chosen.append(reading)
    return chosen
