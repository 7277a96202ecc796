"""What a run that observed says at its end: what the data held, and what could not be tested by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kvgate.plugin.gate import Gate
from kvgate.run.plan import Plan
from kvgate.verdict.model import Finding, Verdict

_UNTESTED = frozenset({Verdict.NOT_APPLICABLE, Verdict.NO_VERDICT})


def unobserved(gate: Gate) -> tuple[str, ...]:
    """Why the data of an interface could not be judged at all, one line for each."""
    return tuple(
        f"nothing of {name} could be observed: {observation.trouble}"
        for name, observation in gate.observations.items()
        if observation.trouble is not None
    )


def observed_lines(gate: Gate, findings: Sequence[Finding]) -> Iterator[str]:
    """What was observed of each interface; which requirements it could not test; that nothing was written."""
    for name, observation in gate.observations.items():
        yield from observation.lines()
        if observation.trouble is None:
            untested = list(_untested(gate.plans[name], findings))
            if untested:
                yield f"{name}: not tested, for want of data: {', '.join(untested)}"
    if gate.observations:
        yield "nothing was written: what was there was judged"


def _untested(plan: Plan, findings: Iterable[Finding]) -> Iterator[str]:
    tested = {finding.requirement for finding in findings if finding.verdict not in _UNTESTED}
    return (requirement for requirement in plan.requirements if requirement not in tested and plan.selects(requirement))
