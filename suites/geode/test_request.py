"""What the server takes a request to be: which keys, which parameter (page, lines 19, 41-49)."""

from __future__ import annotations

import unicodedata

from kvgate.strictjson import equal, hashable, shown
from kvgate.verdict import Answer, Breach, Doubts, Evidence, requires
from kvgate.verdict.answer import shown_all
from kvgate.wire.text import visible

from .location import HEADER, named
from .question import VALUES, Question, questions, tagged
from .reading import Values, document_of, read_values
from .test_status import wanted


@requires("geode.key.whole", when=tagged("whole"))
def test_a_key_is_taken_whole(evidence: Evidence) -> None:
    """Case, leading zeros, dots and inner blanks belong to a key, and it is cut at no length."""
    expect_keys_read(evidence, "whole")


@requires("geode.key.decoded", when=tagged("decoded"))
def test_a_key_is_percent_decoded(evidence: Evidence) -> None:
    """%XX in a key stands for the character it encodes, and a plus for itself."""
    expect_keys_read(evidence, "percent-decoded")


@requires("geode.parameter.values", when=tagged("parameter"))
def test_true_and_false_are_understood(evidence: Evidence) -> None:
    """ignoreMissingKey is understood as true and as false, and its absence as false."""
    doubts = Doubts()
    for question in questions(evidence):
        with doubts.kept():
            answer = evidence.answer(question.label)
            if answer.status not in question.statuses:
                parameter = question.target.partition("?")[2] or "no parameter"
                raise Breach(f"{parameter} is not understood", want=wanted(question), got=f"status {answer.status}")
    doubts.settle()


def expect_keys_read(evidence: Evidence, how: str) -> None:
    """Raises Breach when an answer shows that other keys were looked up than those asked for."""
    doubts = Doubts()
    for question in questions(evidence):
        with doubts.kept():
            answer = evidence.answer(question.label)
            if answer.status not in question.statuses:
                got = f"status {answer.status}"
                raise Breach(f"a key was not taken {how}", want=wanted(question), got=got)
            if question.outcome in VALUES and question.method != "HEAD":
                _expect_keys_named(question, answer, how)
                _expect_no_single_value(question, answer, how)
                _expect_own_values(read_values(question, answer), how)
    doubts.settle()


def _expect_keys_named(question: Question, answer: Answer, how: str) -> None:
    """Raises Breach when Content-Location tells of a key that is stored but was not asked for, or of fewer than all."""
    keys = named(answer, question)
    stored = {unicodedata.normalize("NFC", key) for key in question.stored}
    asked = {unicodedata.normalize("NFC", key) for key in question.keys}
    merged = question.outcome == "found" and len(keys) > 0 and set(keys) < asked
    if merged or (set(keys) - asked) & stored:
        got = shown_all(HEADER, answer.values(HEADER))
        raise Breach(f"a key was not taken {how}: other keys were looked up", want=_asked(question), got=got)


def _expect_no_single_value(question: Question, answer: Answer, how: str) -> None:
    """Raises Breach when the body is one stored value by itself: the list was read as one key."""
    document = document_of(answer)
    if any(equal(document, value) for value in question.stored.values()):
        message = f"a key was not taken {how}: the list was read as a single key"
        raise Breach(message, want=_asked(question), got=shown(document))


def _expect_own_values(found: Values, how: str) -> None:
    """Raises Breach when what a key holds is not there, and in its stead null or what another key holds.

    A value that is altered, or an element left out, says nothing of how the keys were read.
    """
    question = found.question
    for other in question.unrequested:
        if any(equal(element, other) for element in found.elements):
            message = f"a key was not taken {how}: the value of another came back"
            raise Breach(message, want=_asked(question), got=shown(other))
    lost, surplus = found.wanted() - found.given(), found.given() - found.wanted()
    known = {hashable(None), *(hashable(value) for value in question.stored.values())}
    if lost and known & set(surplus):
        key = next(key for key in question.distinct if hashable(question.want(key)) in lost)
        got = next(element for element in found.elements if hashable(element) in known & set(surplus))
        want = f"{visible(key, 60)}: {shown(question.want(key))}"
        raise Breach(f"a key was not taken {how}", want=want, got=shown(got))


def _asked(question: Question) -> str:
    return f"values of {', '.join(visible(key, 60) for key in question.distinct[:5])}"
