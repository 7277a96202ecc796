"""From evidence to verdict: pure, no network, no pytest.

A check is a function that says what one requirement demands of one case's evidence. It returns when the demand is met
and raises `Breach` when it is not, `NotApplicable` when its question has no meaning in this answer, `FaultElsewhere`
when that is by a breach of another requirement.
"""

from kvgate.verdict.answer import Answer
from kvgate.verdict.check import Check, Scope, load_checks, load_profile_checks, requires, restated
from kvgate.verdict.doubts import Doubts
from kvgate.verdict.evidence import Evidence, Held, Situation
from kvgate.verdict.judge import judge
from kvgate.verdict.model import Breach, FaultElsewhere, Finding, NotApplicable, Unjudged, Verdict

__all__ = [
    "Answer",
    "Breach",
    "Check",
    "Doubts",
    "Evidence",
    "FaultElsewhere",
    "Finding",
    "Held",
    "NotApplicable",
    "Scope",
    "Situation",
    "Unjudged",
    "Verdict",
    "judge",
    "load_checks",
    "load_profile_checks",
    "requires",
    "restated",
]
