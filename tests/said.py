"""What every check says of every wrong answer, as it is written down in tests/said/: the words that waivers know again.

`python tests/said.py` writes it anew, after a change of words that is meant.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

import geode_answers
import get2_answers
import sibling_answers
from geode_changes import Wrong
from geode_wrong_bodies import WRONG_BODIES
from geode_wrong_others import WRONG_OTHERS
from test_get2_wrong_answers import WRONG
from test_siblings_wrong import WRONG as WRONG_OF_SIBLINGS

from kvgate.verdict import Finding, Verdict

FOLDER = Path(__file__).parent / "said"
Said = dict[str, list[str]]


def get2() -> dict[str, Callable[[], Said]]:
    def saying(case: str, change: get2_answers.Change) -> Said:
        seen = get2_answers.evidence(get2_answers.placed(case), {"first": change})
        return _said(get2_answers.findings(seen).values())

    return {name: partial(saying, case, change) for name, (case, change, _, _) in WRONG.items()}


def geode() -> dict[str, Callable[[], Said]]:
    def saying(wrong: Wrong) -> Said:
        seen = geode_answers.evidence(geode_answers.placed(wrong.case), wrong.change, only=wrong.only)
        return _said(geode_answers.findings(seen))

    return {wrong.name: partial(saying, wrong) for wrong in (*WRONG_OTHERS, *WRONG_BODIES)}


def sibling(interface: str) -> dict[str, Callable[[], Said]]:
    """Several wrong answers may be of one clause: they are told apart by their number."""

    def saying(wrong: sibling_answers.Wrong) -> Said:
        case = sibling_answers.placed(interface, wrong.case)
        return _said(sibling_answers.findings(sibling_answers.evidence(case, wrong.change, wrong.label)).values())

    own = [wrong for wrong in WRONG_OF_SIBLINGS if wrong.interface == interface]
    numbers = [sum(other.clause == wrong.clause for other in own[: at + 1]) for at, wrong in enumerate(own)]
    return {f"{wrong.clause} {number}": partial(saying, wrong) for wrong, number in zip(own, numbers, strict=True)}


SUITES: dict[str, Callable[[], dict[str, Callable[[], Said]]]] = {
    "get2": get2,
    "geode": geode,
    **{name: partial(sibling, name) for name in sibling_answers.SIBLINGS},
}


@cache
def written_down(suite: str) -> dict[str, Said]:
    """What the file of a suite says."""
    found: dict[str, Said] = json.loads((FOLDER / f"{suite}.json").read_text(encoding="utf-8"))
    return found


def _said(findings: Iterable[Finding]) -> Said:
    """By requirement, what is not simply met: verdict, message, want and got."""
    return {
        finding.requirement: [str(finding.verdict), finding.message, finding.want, finding.got]
        for finding in findings
        if finding.verdict is not Verdict.PASS and finding.message
    }


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for suite, said in SUITES.items():
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(what())}" for name, what in said().items())
        (FOLDER / f"{suite}.json").write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
