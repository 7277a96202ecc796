"""How one release of Apache Geode answers, as the facts of its profile say (schemas/geode/facts.schema.json).

All releases decode the path first and part it at commas then, so that %2C parts keys too (E35), and trim blanks off
each key (E38). What they differ in are facts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, unquote_plus, unquote_to_bytes

from kvgate.case import Case
from kvgate.reference.javahash import hash_map_order
from kvgate.strictjson import Value

from .question import Question, decoded

Facts = Mapping[str, Any]
_PARAMETER = "ignoreMissingKey"


def keys_read(spelled: Sequence[str], release: Facts) -> tuple[str, ...]:
    """The keys that the release reads in a list, in its order. There may be fewer (E33), or more (E35)."""
    text = unquote_to_bytes(",".join(spelled)).decode(release["charset"]["path"], "replace")
    return tuple(key.strip() for key in _cut(text, release).split(","))


def keys_answered(question: Question, release: Facts) -> tuple[str, ...]:
    """The keys that the elements of a 200 stand for, in their order (E21, E30)."""
    keys = keys_read(question.spelled, release)
    if release["repeated"]["answered"] == "once":
        keys = tuple(dict.fromkeys(keys))
    return hash_map_order(keys) if release["order"]["is"] == "hash" else keys


def values_held(question: Question, release: Facts) -> Mapping[str, Value]:
    """What the region holds after the case was seeded: a release that cuts the keys of a GET cuts a PUT's (E33)."""
    return {_cut(key, release): value for key, value in question.stored.items()}


def reads_otherwise(spelled: Sequence[str], release: Facts) -> bool:
    """Whether the release reads other keys in a list than the page does."""
    return keys_read(spelled, release) != tuple(map(decoded, spelled))


def is_refused(spelled: Sequence[str], release: Facts) -> bool:
    """Whether the release refuses a path that holds these keys (E35)."""
    refused = release.get("refused")
    return refused is not None and any(part in key.upper() for part in refused["in-path"] for key in spelled)


def own_status(case: Case, release: Facts) -> int | None:
    """The status that the profile writes down for a case; None when it has none for it."""
    tables = release.get("statuses", {}).values()
    return next((int(table[case.name]) for table in tables if case.name in table), None)


def statuses(case: Case, question: Question, release: Facts) -> tuple[int, ...]:
    """The statuses with which the release may answer."""
    if is_refused(question.spelled, release):
        return (int(release["refused"]["status"]),)
    own = own_status(case, release)
    if own is not None:
        return (own,)
    if not reads_otherwise(question.spelled, release) or question.outcome in ("bad-parameter", "no-region"):
        return question.statuses
    keys, held = keys_read(question.spelled, release), values_held(question, release)
    if all(key in held for key in keys):
        return (200,)
    if len(keys) == 1:
        return (404,)
    return (200,) if (_parameter(question) or "").lower() == "true" else (400,)


def error_text(question: Question, status: int, release: Facts) -> bytes:
    """The body of an error of this status, as the release puts it together: nothing in it is escaped (E40)."""
    errors, keys = release["errors"], keys_read(question.spelled, release)
    value = _parameter(question)
    if value is not None and value.lower() not in ("true", "false"):
        text = errors["parameter"].replace("{value}", value)
    elif question.outcome == "no-region":
        text = errors["region"]
    elif status == 404:
        text = errors["one-missing"].replace("{keys}", keys[0])
    else:
        held = values_held(question, release)
        text = errors["missing"].replace("{keys}", ",".join(key for key in keys if key not in held))
    region = unquote_to_bytes(question.region).decode(release["charset"]["path"], "replace")
    # It is decoded a second time, as a form is.
    return str(text.replace("{region}", region.replace("+", " "))).encode("utf-8")


def document_due(question: Question, release: Facts) -> Value:
    """The body of a 200: for one key its bare value, else the array of their values."""
    held, keys = values_held(question, release), keys_answered(question, release)
    return held.get(keys[0]) if len(keys_read(question.spelled, release)) == 1 else _array(question, held, keys)


def location_named(value: bytes, question: Question, release: Facts) -> str:
    """What Content-Location names after the region, decoded; the whole value when it does not name the region."""
    text = value.decode("utf-8", "replace")
    return _formed(unquote(text.rpartition(f"/{question.region}/")[2]), release)


def location_due(question: Question, release: Facts) -> str:
    """What Content-Location has to name after the region, decoded."""
    return _formed(",".join(keys_answered(question, release)), release)


def _array(question: Question, held: Mapping[str, Value], keys: Sequence[str]) -> Value:
    return {question.region: [held.get(key) for key in keys]}


def _formed(text: str, release: Facts) -> str:
    form = release["charset"].get("location-form")
    return unicodedata.normalize(form, text) if form else text


def _cut(keys: str, release: Facts) -> str:
    return keys.rpartition(release["cut"]["at"])[0] if "cut" in release and release["cut"]["at"] in keys else keys


def _parameter(question: Question) -> str | None:
    """The value of the parameter as the release reads it, several joined by commas (E36); None when it is absent."""
    parts = [part.partition("=") for part in question.target.partition("?")[2].split("&") if part]
    values = [unquote_plus(value) for name, _, value in parts if unquote_plus(name) == _PARAMETER]
    return ",".join(values) if values else None
