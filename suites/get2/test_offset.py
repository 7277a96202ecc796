"""`Val-Offset`, the cut point of the two values in the body of a 409 (L62, L69, L81, L89)."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, Evidence, FaultElsewhere, Scope, requires

from .each import asked, each
from .facts import are_numbers, conforms, has_number, labels_due, outcome, values_differ


def _a_200_is_due(case: Case) -> bool:
    return bool(labels_due(case, 200))


def _a_409_is_due(case: Case) -> bool:
    return bool(labels_due(case, 409))


@requires("get2.offset.present", when=_a_409_is_due, scope=Scope.ANSWER)
def test_a_409_carries_one_offset_in_digits(case: Case, answer: Answer) -> None:
    """A 409 carries one `Val-Offset`, in decimal digits."""
    if outcome(answer) != 409:
        raise FaultElsewhere("there is nothing to cut in a 200")
    conforms("get2.offset.present", answer, case)


@requires("get2.offset.absent", when=_a_200_is_due, scope=Scope.ANSWER)
def test_a_200_carries_no_offset(case: Case, answer: Answer) -> None:
    """A 200 carries no `Val-Offset`: its body is one value."""
    if outcome(answer) != 200:
        raise FaultElsewhere("a 409 has a cut point")
    conforms("get2.offset.absent", answer, case)


@requires("get2.offset.cut", when=each(values_differ), scope=Scope.EACH)
def test_the_offset_is_the_length_of_master1s_value_in_bytes(evidence: Evidence) -> None:
    """`Val-Offset` is the number of bytes of master1's value, so that cutting the body there gives both values."""
    evidence = asked(evidence, values_differ)
    answer = evidence.answer()
    if outcome(answer) != 409:
        raise FaultElsewhere("there is nothing to cut in a 200")
    if not answer.has("Val-Offset"):
        raise FaultElsewhere("no Val-Offset is sent")
    has_number(answer, "Val-Offset", evidence.case.expect["offset"], "the number of bytes of master1's value")
    are_numbers(answer, "Val-Offset")
