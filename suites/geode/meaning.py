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

    `named` are the keys that an error names as missing; none where what it says is not told by them.
    """

    status: int
    media_type: str
    values: Values | None
    by_key: Mapping[str, Value] | None
    named: frozenset[str]
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
        media_type=b", ".join(answer.values("Content-Type")).decode("latin-1").split(";")[0].strip().lower(),
        values=found,
        by_key=_by_key(found) if found is not None else None,
        named=_named(question, answer),
        body=document,
    )


def contrast(one: Meaning, other: Meaning) -> tuple[str, str, str] | None:
    """What two answers to one question differ in, as (message, the one, the other); None when they say the same."""
    if one.status != other.status:
        return "the status differs", f"status {one.status}", f"status {other.status}"
    if one.media_type != other.media_type and not _may_lack_a_type(one, other):
        return "Content-Type differs", one.media_type or "none", other.media_type or "none"
    if one.status != 200:
        same = one.named == other.named
        return None if same else ("other keys are named", _keys(one.named), _keys(other.named))
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
    if answer.status == 200 or question.outcome in ("bad-parameter", "no-region"):
        return frozenset()
    words = list(spellings(question).values())
    with_address = ErrorText(answer, question).named(words)
    # Where only the address names the missing keys, and all are, that is a way to name them.
    return with_address if with_address == question.missing else ErrorText(answer, question, address=False).named(words)


def _may_lack_a_type(one: Meaning, other: Meaning) -> bool:
    """Whether one of two 404s is without a body: it needs none, and then no type."""
    return one.status == 404 and b"" in (one.body, other.body)


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
