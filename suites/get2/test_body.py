"""The body: the common value, or master1's and then master2's (L29, L46, L64, L69, L83)."""

from __future__ import annotations

from kvgate.verdict import Evidence, FaultElsewhere, Scope, requires

from .each import asked, each
from .facts import body_of, is_value, masters_of, outcome, values_differ, values_match


@requires("get2.body.match", when=each(values_match), scope=Scope.EACH)
def test_the_body_of_a_200_is_the_value(evidence: Evidence) -> None:
    """The body of a 200 is the common value, once, byte for byte."""
    evidence = asked(evidence, values_match)
    answer = evidence.answer()
    if outcome(answer) != 200:
        raise FaultElsewhere("the status says that the values differ")
    answer.expect_uncoded()
    is_value(body_of(answer), masters_of(evidence).value1, "the value", answer.response.body_length)


@requires("get2.body.conflict", when=each(values_differ), scope=Scope.EACH)
def test_the_body_of_a_409_is_master1s_value_then_master2s(evidence: Evidence) -> None:
    """The body of a 409 is master1's bytes followed by master2's, with nothing before, between or after."""
    evidence = asked(evidence, values_differ)
    answer = evidence.answer()
    if outcome(answer) != 409:
        raise FaultElsewhere("the status says that the values match")
    answer.expect_uncoded()
    masters = masters_of(evidence)
    is_value(
        body_of(answer),
        masters.value1 + masters.value2,
        "master1's value followed by master2's",
        answer.response.body_length,
    )
