"""Reads a 200 as the page describes it: which element of the array belongs to which key."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from kvgate.strictjson import Bound, NotJson, TooMuch, Value, equal, hashable, read
from kvgate.verdict import Answer, Doubts, Evidence, FaultElsewhere, NotApplicable

from .location import orders
from .question import VALUES, Question, Same, questions

_SHORT = 4096  # bytes of a body


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the array beside the key it stands for. `want` is None where the key is missing."""

    key: str
    missing: bool
    want: Value
    got: Value

    @property
    def right(self) -> bool:
        """Whether the element is what the key holds."""
        return equal(self.want, self.got)


@dataclass(frozen=True, slots=True)
class Values:
    """The array of values of one answer.

    `order` are the keys that its elements stand for: those of Content-Location where that can be used (`located`),
    else those of the request. `counted` says that there is one element for each key, so that they can be paired.
    """

    question: Question
    answer: Answer
    elements: tuple[Value, ...]
    order: tuple[str, ...]
    located: bool

    @property
    def counted(self) -> bool:
        """Whether there are as many elements as keys."""
        return len(self.elements) == len(self.order)

    def paired(self) -> tuple[Element, ...]:
        """Each element beside the key in its place; empty when they cannot be counted off."""
        if not self.counted:
            return ()
        return tuple(
            Element(key, key in self.question.missing, self.question.want(key), got)
            for key, got in zip(self.order, self.elements, strict=True)
        )

    @property
    def settled(self) -> bool:
        """Whether it is known which key an element stands for: by Content-Location, or because all fit as asked."""
        return self.counted and (self.located or all(element.right for element in self.paired()))

    def wanted(self) -> Counter[Hashable]:
        """What the array has to hold, in whatever order."""
        return Counter(hashable(self.question.want(key)) for key in self.order)

    def given(self) -> Counter[Hashable]:
        """What the array holds."""
        return Counter(hashable(element) for element in self.elements)


def values(evidence: Evidence) -> Iterator[Values]:
    """The array of every answer of a case that has to carry one.

    Raises NotApplicable when no answer has an array to be judged: its status, its JSON or its member is then at fault.
    """
    reason = NotApplicable("no answer carries values")
    any_read = False
    for question, answer in successes(evidence):
        try:
            found = read_values(question, answer)
        except NotApplicable as not_read:
            reason = not_read
            continue
        any_read = True
        yield found
    if not any_read:
        raise reason


def successes(evidence: Evidence) -> Iterator[tuple[Question, Answer]]:
    """The questions of a case that have to be, and were, answered by a 200 with a body, with those answers."""
    return answered(evidence, 200, *VALUES)


def answered(evidence: Evidence, status: int, *outcomes: str) -> Iterator[tuple[Question, Answer]]:
    """The questions of these outcomes that were answered with `status`.

    Raises NotApplicable when none was, and Unjudged, after all others, when the surroundings kept one from it.
    """
    reason: NotApplicable | None = None
    any_answered = False
    doubts = Doubts()
    for question in questions(evidence, *outcomes):
        answer: Answer | None = None
        with doubts.kept():
            try:
                answer = evidence.answer(question.label)
            except NotApplicable as not_answered:
                reason = reason or not_answered
        if answer is None:
            continue
        if answer.status != status:
            reason = reason or FaultElsewhere(f"status {answer.status}, not {status}: the status is at fault")
        elif question.method == "HEAD":
            reason = reason or NotApplicable("an answer to HEAD has no body")
        else:
            any_answered = True
            yield question, answer
    doubts.settle()
    if not any_answered:
        raise reason or NotApplicable("nothing of the kind was asked")


def strict(answer: Answer) -> Value:
    """The JSON of a body, read strictly.

    Raises NotJson (TooMuch where it is not known), and NotApplicable when the body did not arrive whole.
    """
    whole, kept = answer.response.body_length, len(answer.body)
    if whole > kept:
        raise TooMuch(f"{whole} bytes, of which {kept} were kept", kept, Bound.BYTES)
    found = _read_short(answer.body) if kept <= _SHORT else _read(answer.body)
    if isinstance(found, NotJson):
        raise found
    return found


# The checks of one case read the same bodies one after the other; all the long ones would be too much to remember.
@functools.lru_cache(maxsize=2)
def _read(body: bytes) -> Value | NotJson:
    try:
        return read(body)
    except NotJson as problem:
        return problem


@functools.lru_cache(maxsize=256)
def _read_short(body: bytes) -> Value | NotJson:
    return _read.__wrapped__(body)


def document_of(answer: Answer) -> Value:
    """The JSON of a body. Raises NotApplicable when it is none."""
    try:
        return strict(answer)
    except TooMuch as beyond:
        raise FaultElsewhere(f"the body is beyond what is read: {beyond}") from None
    except NotJson as problem:
        raise FaultElsewhere(f"the body is not strict JSON: {problem}") from None


def read_values(question: Question, answer: Answer) -> Values:
    """The array of values in one 200. Raises NotApplicable when there is none under the region's name."""
    remembered = _read_values_of_short if len(answer.response.body) <= _SHORT else _read_values
    return remembered(Same(question), Same(answer.exchange), Same(answer.response))


@functools.lru_cache(maxsize=4)
def _read_values(asked: Same, exchange: Same, response: Same) -> Values:
    question: Question = asked.thing
    answer = Answer(exchange.thing, response.thing)
    document = document_of(answer)
    elements = document.get(question.region) if isinstance(document, dict) else None
    if not isinstance(elements, list):
        raise FaultElsewhere("there is no array under the region's name")
    named = orders(answer, question)
    candidates = [Values(question, answer, tuple(elements), order, located=True) for order in named]
    if not candidates:
        # Asked twice, a key may be answered once or as often as asked (E30).
        as_asked = question.keys if len(elements) == len(question.keys) else question.distinct
        return Values(question, answer, tuple(elements), as_asked, located=False)
    fits = (one for one in candidates if one.counted and all(element.right for element in one.paired()))
    return next(fits, candidates[0])


@functools.lru_cache(maxsize=256)
def _read_values_of_short(asked: Same, exchange: Same, response: Same) -> Values:
    return _read_values.__wrapped__(asked, exchange, response)
