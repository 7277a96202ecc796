"""What there is no verdict on is kept until every answer was looked at, and then the one that tells most is raised."""

from __future__ import annotations

import pytest

from kvgate.verdict import Breach, Doubts, FaultElsewhere, NotApplicable, Unjudged

AT_ONCE, NOTHING = NotApplicable("nothing at once"), NotApplicable("nothing to compare")
CUT, LOST = FaultElsewhere("cut off"), FaultElsewhere("lost")
DOWN, BUSY = Unjudged("it is down"), Unjudged("it is busy")


@pytest.mark.parametrize(
    ("kept", "raised"),
    [
        ([AT_ONCE], AT_ONCE),
        ([AT_ONCE, NOTHING], AT_ONCE),
        ([AT_ONCE, CUT], CUT),
        ([CUT, AT_ONCE], CUT),
        ([CUT, LOST], CUT),
        ([AT_ONCE, CUT, LOST, NOTHING], CUT),
        ([DOWN], DOWN),
        ([DOWN, BUSY], DOWN),
        ([AT_ONCE, CUT, DOWN], DOWN),
        ([DOWN, CUT], DOWN),
    ],
)
def test_of_what_was_kept_the_first_that_tells_most_is_raised(kept: list[Exception], raised: Exception) -> None:
    doubts = Doubts()
    for doubt in kept:
        with doubts.kept():
            raise doubt
    with pytest.raises(type(raised)) as told:
        doubts.settle()
    assert told.value is raised


def test_where_nothing_was_in_doubt_nothing_is_raised() -> None:
    doubts = Doubts()
    with doubts.kept():
        pass
    doubts.settle()


def test_a_breach_is_kept_by_nobody() -> None:
    doubts, breach = Doubts(), Breach("another status", want="200", got="404")
    with pytest.raises(Breach) as told, doubts.kept():
        raise breach
    assert told.value is breach
    doubts.settle()
