"""Cases of geode that nobody wrote down: lists of keys, what the regions hold of them, and how they are asked for.

All of it is what a conforming server has to answer rightly; what the rulings leave open (a single key, an empty one,
blanks at its ends, %2F %25 %3B %5C %2C, a parameter twice or in capitals) is never among it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kvgate.explore.draws import Draws

from .exploring_documents import Document, document, plain_document
from .question import decoded
from .release import is_refused, reads_otherwise
from .stating import IGNORING, expected

MOST_KEYS = 60
_LONGEST_LIST = 4000  # characters of address; servers take 8 KB
_LENGTHS = (16, 31, 32, 33, 63, 64, 100, 127, 128, 200, 255)
_LETTERS = "abcxyzABCXYZ019"
_RAW = _LETTERS + ".-_~!$&'()*+=:@"
_ENCODED = ' "<>&+#?{}|^`[]' + "aA1.-_~!$'()*=:@"
_WORDS = (
    "null",
    "true",
    "keys",
    "a.b",
    "a.b.c",
    ".json",
    "..",
    "undefined",
    "a%20b",
    "a%20%20b",
    "a+b",
    "e3",
    ".0",
    "00",
)
_NUMBERS = ("{n}", "0{n}", "00{n}", "{n}0", "{n}.0", "-{n}", "1{n}", "{n}e3", "+{n}", "0x{n}")
_BAD = (
    "yes", "no", "1", "0", "", "on", "off", "t", "f", "tru", "truee", "fals", "falsee", "untrue", "%20true", "true%20",
    "true,false", "null", "%3Cb%3E", "maybe", "2", "-1", "true.", "true1", "nottrue", "none", "t%72ue%20",
)  # fmt: skip
_QUOTED = ("%22true%22", "true%0A", "true%00", "%5C", "tr%22ue")
_ASSIGNED = ("Ll", "Lu", "Lo", "Lm", "Nd", "So", "Sm", "Po")


def case(draws: Draws, facts: Mapping[str, Any]) -> dict[str, Any]:
    """One row as in fixtures/geode, but for its name and reason."""
    theme = draws.number(0, 9)
    odd_keys, rich = theme in (5, 6, 9), theme in (1, 2, 3, 4, 9)
    keys = _keys(draws, facts, odd=odd_keys)
    region = draws.pick(("data", "data", "data", "data", "second", "empty", "absent"))
    holds = region in ("data", "second")
    stored, level = _stored(draws, keys, rich=rich) if holds else ({}, "MUST")
    row: dict[str, Any] = {"ask": {"keys": list(keys)}}
    if region != "data":
        row["ask"]["region"] = region
    query = draws.pick(("", "", IGNORING, IGNORING, IGNORING, "?ignoreMissingKey=false", "bad"))
    if region == "absent" and query == "bad":
        query = ""
    if query == "bad":
        bad = _BAD if "errors" in facts else (*_BAD, *_QUOTED)
        query = f"?ignoreMissingKey={draws.pick(bad)}"
        row["expect"] = {"outcome": "bad-parameter", "status": 400}
    elif region == "absent":
        row["expect"] = {"outcome": "no-region", "status": 404}
    else:
        row["expect"] = expected(keys, stored, query)
    if query:
        row["ask"]["query"] = query
    if row["expect"]["outcome"] == "missing":
        _name_plainly(row, keys, stored, facts)
    row |= _placed(draws, keys, stored, region)
    beside = len(row.get("stored", {}).get(region, {})) > len(stored)
    tags = _tags(keys, query, row["expect"]["outcome"], whole=odd_keys or beside)
    if not all(key.isascii() for key in map(decoded, keys)):
        # Where such a key is read otherwise, that says nothing of the parameter, nor of what is served.
        tags = ["decoded"]
        row |= {"level": "SHOULD", "rulings": ["E34"]}
    elif level != "MUST":
        row |= {"level": level, "rulings": ["E37"]}
    return row | ({"tags": tags} if tags else {})


# Keys


def _keys(draws: Draws, facts: Mapping[str, Any], *, odd: bool) -> tuple[str, ...]:
    """The keys as spelled in the URL, two at least, some of them twice; each is another to every reader of keys."""
    count = draws.number(2, 4)
    if draws.chance(25):
        count = draws.number(2, MOST_KEYS)
    beyond_ascii = odd and draws.chance(20)
    found: list[str] = []
    known: set[str] = set()
    for number in range(count):
        key = _key(draws, odd=odd, beyond_ascii=beyond_ascii, number=number)
        if _same(key) in known or _is_read_otherwise([key, "{m}z"], facts) or sum(map(len, found)) > _LONGEST_LIST:
            key = f"{{m}}{number:02d}"
        if _same(key) not in known:
            known.add(_same(key))
            found.append(key)
    if len(found) < 2:
        found.append("{m}zz")
    if draws.chance(20):
        found.insert(draws.number(0, len(found)), draws.pick(found))
    found.sort(key=lambda _: draws.number(0, 999) if odd else 0)
    return tuple(found)


def _key(draws: Draws, *, odd: bool, beyond_ascii: bool, number: int) -> str:
    if not odd:
        return f"{{m}}{draws.pick('abcdefghijklmnopqrstuvwxyz')}{number:02d}"
    kind = draws.number(0, 9)
    if kind < 2:
        return "{m}" + draws.pick(_WORDS)
    if kind == 2:
        return draws.pick(_NUMBERS)
    if kind == 3:
        return "{m}" + draws.pick("xk0") * draws.pick(_LENGTHS) + draws.pick("ab")
    before = "".join(_token(draws, beyond_ascii=beyond_ascii) for _ in draws.times(0, 2, 30))
    after = "".join(_token(draws, beyond_ascii=beyond_ascii) for _ in draws.times(1, 6))
    key = f"{before}{{m}}{after}"
    # Blanks at the ends of a key are trimmed by some (E38).
    return key if decoded(key).strip() == decoded(key) else f"{{m}}{after}a" if not before else f"a{key}a"


def _token(draws: Draws, *, beyond_ascii: bool) -> str:
    kind = draws.number(0, 9 if beyond_ascii else 8)
    if kind < 5:
        return draws.pick(_RAW)
    if kind < 9:
        code = f"{ord(draws.pick(_ENCODED)):02X}"
        return f"%{code.lower() if draws.chance(20) else code}"
    character = draws.pick(
        ("é", "日", "😀", "ß", "İ", chr(draws.number(0xA1, 0xD7FF)), chr(draws.number(0x10000, 0x2FFFF)))
    )
    return quote(character if unicodedata.category(character) in _ASSIGNED else "é", safe="")


def _same(key: str) -> str:
    """What two keys have in common that not every server can tell apart in what it writes."""
    return unicodedata.normalize("NFC", decoded(key))


def _is_read_otherwise(keys: Sequence[str], facts: Mapping[str, Any]) -> bool:
    """Whether a release reads other keys than the page does (E33 to E35), which its profile judges by own cases."""
    if "charset" not in facts:
        return False
    return any(reads_otherwise(order, facts) or is_refused(order, facts) for order in (keys, keys[::-1]))


# What is stored


def _stored(draws: Draws, keys: Sequence[str], *, rich: bool) -> tuple[dict[str, Document], str]:
    """The documents of those keys that are there, and the level at which they have to come back."""
    distinct = tuple(dict.fromkeys(keys))
    share = draws.pick((0, 0, 0, 10, 50, 90, 100))
    stored: dict[str, Document] = {}
    level = "MUST"
    for number, key in enumerate(distinct):
        if share and draws.chance(share):
            continue
        if rich and number < 3:
            stored[key], own = document(draws)
            level = "SHOULD" if own == "SHOULD" else level
        else:
            stored[key] = plain_document(draws, number)
    return stored, level


def _placed(draws: Draws, keys: Sequence[str], stored: Mapping[str, Document], region: str) -> dict[str, Any]:
    """The table `stored` of the row: the keys asked for, and what a wrong reading would find beside them."""
    places: dict[str, dict[str, Document]] = {"data": {}, "second": {}}
    if region in places:
        places[region].update(stored)
        if draws.chance(25):
            for neighbour in _neighbours(draws, keys):
                places[region][neighbour] = '{"neighbour":"not asked for"}'
    if draws.chance(15):
        other = "second" if region == "data" else "data"
        places[other] |= {key: f'{{"elsewhere":{number}}}' for number, key in enumerate(dict.fromkeys(keys[:4]))}
    held = {place: documents for place, documents in places.items() if documents}
    return {"stored": held} if held else {}


def _neighbours(draws: Draws, keys: Sequence[str]) -> list[str]:
    known = {_same(key) for key in keys}
    found = []
    for key in keys[:3]:
        before, mark, after = key.partition("{m}" if "{m}" in key else "{n}")
        readings = (
            before + mark,
            mark + after,
            f"{key}0",
            f"0{key}",
            before + mark + after.swapcase(),
            f"{before}{mark}a",
        )
        for reading in readings:
            usable = "%" not in reading and _same(reading) not in known
            if usable and draws.chance(40):
                known.add(_same(reading))
                found.append(reading)
    return found


def _name_plainly(row: dict[str, Any], keys: Sequence[str], stored: Collection[str], facts: Mapping[str, Any]) -> None:
    """Where an error has to name the missing keys, asks so that no name of one can be read out of another's.

    Nor, where a release puts its errors together without escaping, is there anything to be escaped in them (E40).
    """
    missing = [decoded(key) for key in dict.fromkeys(keys) if key not in stored]
    found = [decoded(key) for key in stored]
    ambiguous = any(one in other for one in missing for other in found)
    unescaped = "errors" in facts and any('"' in key or "\\" in key for key in missing)
    if ambiguous or unescaped or any(one != other and one in other for one in missing for other in missing):
        row["ask"]["query"] = IGNORING
        row["expect"] = expected(keys, stored, IGNORING)


# What the case is there for


def _tags(keys: Sequence[str], query: str, outcome: str, *, whole: bool) -> list[str]:
    tags = []
    if any("%" in key for key in keys):
        tags.append("decoded")
    if whole:
        tags.append("whole")
    if query in (IGNORING, "?ignoreMissingKey=false"):
        tags.append("parameter")
    if outcome == "found":
        tags.append("served")
    return tags
