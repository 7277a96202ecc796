"""Which breaches are asked again: few enough that a server which fails everything does not cost the run many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvgate.case.mark import keyless
from kvgate.verdict.model import Finding
from kvgate.verdict.recheck import BREACHES

MOST_CASES = 20  # that are asked again, each time


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked again: `cases` as (interface, case), and by `findings` (their indexes) all breaches on these.

    Of the other breaches, `alike` fail as one that is asked again does, and `beyond` are on cases beyond the bound.
    """

    cases: tuple[tuple[str, str], ...] = ()
    findings: tuple[int, ...] = ()
    alike: int = 0
    beyond: int = 0


def choose(findings: Sequence[Finding], mark: str, most: int = MOST_CASES) -> Choice:
    """One case for each requirement and behaviour, the first of each, at most `most` cases.

    `mark` is the run's: behaviours that differ in its keys only are one.
    """
    breaches = [(index, finding) for index, finding in enumerate(findings) if finding.verdict in BREACHES]
    cases: dict[tuple[str, str], None] = {}
    shown: set[tuple[str, str, str]] = set()
    for _, finding in breaches:
        case = (finding.interface, finding.case)
        if case in cases or (_behaviour(finding, mark) not in shown and len(cases) < most):
            cases[case] = None
            shown.add(_behaviour(finding, mark))
    # A case that was chosen for a later finding is asked again for its earlier ones too.
    chosen = [(index, finding) for index, finding in breaches if (finding.interface, finding.case) in cases]
    shown |= {_behaviour(finding, mark) for _, finding in chosen}
    others = [finding for _, finding in breaches if (finding.interface, finding.case) not in cases]
    alike = sum(_behaviour(finding, mark) in shown for finding in others)
    return Choice(tuple(cases), tuple(index for index, _ in chosen), alike, len(others) - alike)


def _behaviour(finding: Finding, mark: str) -> tuple[str, str, str]:
    return finding.requirement, keyless(finding.message, mark), keyless(finding.got, mark)
