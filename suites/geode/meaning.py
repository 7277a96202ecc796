"""What an answer says, apart from how it says it: so that two answers to one question can be compared.

A server may write the array in another order with another Content-Location, word an error otherwise, write 350 as
350.0: that is the same answer. Another value, another status, other keys named as missing are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from kvgate.strictjson import NotJson, Value, equal, shown
from kvgate.verdict import Answer, NotApplicable, Unjudged
from kvgate.wire.text import visible

from .naming import ErrorText, spellings
from .question import Question
from .reading import Values, read_values, strict


@dataclass(frozen=True, slots=True)
class Meaning:
    """One answer by its meaning. `by_key` is None where it is not known which element belongs to which key.

    `media_type` is None where it has to be of no one type. `named` are the keys that an error names as missing, none
    where what it says is not told by them; `missing` are those of the question.
    """

    status: int
    media_type: str | None
    values: Values | None
    by_key: Mapping[str, Value] | None
    named: frozenset[str]
    missing: frozenset[str]
    body: Value | bytes


def meaning_of(question: Question, answer: Answer) -> Meaning:
    """The meaning of one answer. Raises NotApplicable when it did not arrive whole, Unjudged when not all was kept."""
    body = answer.body
    if answer.response.body_length > len(body):
        raise Unjudged(f"the body is beyond what is read: {answer.response.body_length} bytes")
    try:
        document: Value | bytes = strict(answer)
    except NotJson:
        document = body
    found = _values(question, answer)
    return Meaning(
        status=answer.status,
        media_type=_media_type(question, answer),
        values=found,
        by_key=_by_key(found) if found is not None else None,
        named=_named(question, answer),
        missing=question.missing,
        body=document,
    )


def contrast(one: Meaning, other: Meaning) -> tuple[str, str, str] | None:
    """What two answers to one question differ in, as (message, the one, the other); None when they say the same."""
    if one.status != other.status:
        return "the status differs", f"status {one.status}", f"status {other.status}"
    if one.media_type != other.media_type:
        return "Content-Type differs", one.media_type or "none", other.media_type or "none"
    if one.status != 200:
        return None if _same_named(one, other) else ("other keys are named", _keys(one.named), _keys(other.named))
    if one.values is None or other.values is None:
        same = one.values is other.values and _same_body(one.body, other.body)
        return None if same else ("the body differs", _body(one.body), _body(other.body))
    if one.by_key is not None and other.by_key is not None:
        return _contrast_by_key(one.by_key, other.by_key)
    if _counted(one.values) != _counted(other.values):
        return "the values differ", shown(list(one.values.elements)), shown(list(other.values.elements))
    return None


def _named(question: Question, answer: Answer) -> frozenset[str]:
    """The keys that an error for missing keys names: with the address, which it may repeat, or without it (E25).

    What the other errors say is the server's own matter.
    """
    if answer.status == 200 or _is_told_otherwise(question):
        return frozenset()
    words = list(spellings(question).values())
    with_address = ErrorText(answer, question).named(words)
    # Where only the address names the missing keys, and all are, that is a way to name them.
    return with_address if with_address == question.missing else ErrorText(answer, question, address=False).named(words)


def _same_named(one: Meaning, other: Meaning) -> bool:
    """Whether two errors name the same keys, or each some that are missing.

    That all are named is asked of each error by itself, as a SHOULD: one that stops at the first key that it misses
    may meet another first the next time.
    """
    return one.named == other.named or all(each.named and each.named <= each.missing for each in (one, other))


def _media_type(question: Question, answer: Answer) -> str | None:
    """The type of an answer that must be of one: a 200, and a 400 for missing keys."""
    if answer.status != 200 and (answer.status != 400 or _is_told_otherwise(question)):
        return None
    return b", ".join(answer.values("Content-Type")).decode("latin-1").split(";")[0].strip().lower()


def _is_told_otherwise(question: Question) -> bool:
    """Whether the error for a question is one that need not be of a certain type or name certain keys."""
    return question.outcome in ("bad-parameter", "no-region")


def _contrast_by_key(one: Mapping[str, Value], other: Mapping[str, Value]) -> tuple[str, str, str] | None:
    # Both have every key that was asked for: what is settled is counted.
    for key, value in one.items():
        if not equal(value, other[key]):
            return f"the value of {visible(key, 60)} differs", shown(value), shown(other[key])
    return None


def _values(question: Question, answer: Answer) -> Values | None:
    if answer.status != 200:
        return None
    try:
        return read_values(question, answer)
    except NotApplicable:
        return None


def _by_key(found: Values) -> Mapping[str, Value] | None:
    if not found.settled:
        return None
    return {element.key: element.got for element in found.paired()}


def _counted(found: Values) -> Counter[Hashable]:
    # Asked for twice, a key may be answered once the one time and twice the other (E30).
    once = len(found.question.keys) != len(found.question.distinct)
    return Counter(set(found.given())) if once else found.given()


def _same_body(one: Value | bytes, other: Value | bytes) -> bool:
    if isinstance(one, bytes) or isinstance(other, bytes):
        return one == other
    return equal(one, other)


def _body(body: Value | bytes) -> str:
    return visible(body) if isinstance(body, bytes) else shown(body)


def _keys(named: frozenset[str]) -> str:
    return ", ".join(visible(key, 60) for key in sorted(named)[:5]) or "none"
