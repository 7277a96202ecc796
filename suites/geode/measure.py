"""Answers beyond what is read: where they are beyond what was stored too they are wrong, whatever they say."""

from __future__ import annotations

from kvgate.strictjson import MAX_COMMAS, MAX_DEPTH, Bound, NotJson, TooMuch, Value, shown, strings
from kvgate.verdict import Answer, Breach, Unjudged
from kvgate.wire.exchange import FaultKind
from kvgate.wire.text import visible

from .question import VALUES, Question
from .reading import strict

_BLANKS = b" \t\r\n"
_WIDEST = 12  # bytes that one character may take: two escapes of six
_SLACK = 4096  # bytes: the region's name, and what stands between values
_WRAPPED = 1  # an object around the array of the values


def expect_within_measure(question: Question, answer: Answer) -> None:
    """Raises Breach when an answer holds more than is read and more than was stored, Unjudged when only the first."""
    try:
        strict(answer)
    except TooMuch as beyond:
        stored = [question.want(key) for key in question.keys]
        if _surpasses(beyond, stored, answer.body):
            near = around(answer.body, beyond.offset)
            raise Breach(f"more came back than was stored: {beyond}", want=shown(stored), got=near) from None
        raise Unjudged(f"the body is beyond what is read: {beyond}") from None
    except NotJson:
        return


def expect_within_limit(question: Question, answer: Answer) -> None:
    """Raises Unjudged when an answer ended with the size limit of the run, and had not held more than was stored.

    White space holds nothing, and what the body of an error says, and how long it is, is the server's own matter.
    """
    fault = answer.exchange.fault
    if fault is None or fault.kind is not FaultKind.TOO_LARGE:
        return
    stored = [question.want(key) for key in question.keys]
    if question.outcome not in VALUES or not _outweighs(answer.response.body, stored):
        raise Unjudged(f"the answer is beyond what is read: {fault.message} (limits.max_bytes)")


def _surpasses(beyond: TooMuch, stored: list[Value], body: bytes) -> bool:
    if beyond.bound is Bound.DEPTH:
        return _depth(stored) + _WRAPPED <= MAX_DEPTH
    if beyond.bound is Bound.VALUES:
        return _commas(stored) <= MAX_COMMAS
    if beyond.bound is Bound.NUMBER:
        # Zeros may be all that makes it long; what is read of the stored has no such number without them.
        return not beyond.may_be_short
    return _outweighs(body, stored)


def _outweighs(body: bytes, stored: list[Value]) -> bool:
    characters = _WIDEST * (_count(stored) + sum(map(len, strings(stored))))
    return len(body.translate(None, _BLANKS)) > characters + _SLACK


def _depth(value: Value) -> int:
    inner = _inner(value)
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def _count(value: Value) -> int:
    return 1 + sum(map(_count, _inner(value) or ()))


def _commas(value: Value) -> int:
    inner = _inner(value)
    return len(inner) - 1 + sum(map(_commas, inner)) if inner else 0


def _inner(value: Value) -> list[Value] | None:
    """What a value consists of; None when it is neither object nor array."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else None


def around(body: bytes, offset: int) -> str:
    """What stands near an offset of a body, with `...` at an end where it goes on."""
    start, end = max(offset - 20, 0), offset + 40
    return f"{'...' if start else ''}{visible(body[start:end])}{'...' if end < len(body) else ''}"
