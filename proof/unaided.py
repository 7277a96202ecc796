"""How many of the declared faults exploring finds by itself, without any case of fixtures/.

`python -m proof.unaided` asks every fault the same generated cases, until its requirement fails, and writes what came
of it into docs/explore.md. Exit status 0.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from kvgate.case import Case
from kvgate.explore.explorer import BATCH
from kvgate.explore.hook import is_explorable, load_maker
from kvgate.explore.row import case_from, name_of, named
from kvgate.explore.search import Search
from kvgate.interface import load_interface
from kvgate.places import ROOT, interface_names
from kvgate.reference.deviation import Deviation, load_faults
from kvgate.verdict import judge
from kvgate.verdict.recheck import BREACHES
from proof.outcome import Mark
from proof.running import plan_of, probing, start

PAGE = ROOT / "docs" / "explore.md"
BEGIN, END = "<!-- measured: python -m proof.unaided -->\n", "<!-- end of what was measured -->\n"
COUNT, SEED, MARK = 300, 1, "kvproof"
_HEAD = f"""\
{COUNT} generated cases of seed {SEED}, and no case of `fixtures/`, against every fault of [the proof](proof.md):

| interface | faults | found by their requirement | found by others only | not found |
|---|---:|---:|---:|---:|"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measures every interface that can be explored; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m proof.unaided", description=__doc__, allow_abbrev=False)
    parser.add_argument("--interface", choices=interface_names(), help="measure this one only")
    given = parser.parse_args(argv)
    names = [name for name in interface_names() if is_explorable(name) and given.interface in (None, name)]
    measured = {name: _measured(name) for name in names}
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    before, _, tail = rest.partition(END)
    kept = {line.split("`")[1]: line for line in before.splitlines() if line.startswith("| `")}
    lines = [line for _, line in sorted((kept | measured).items())]
    PAGE.write_text("\n".join([head + BEGIN + _HEAD, *lines, "", END]) + tail, encoding="utf-8")
    print("\n".join(measured.values()))
    return 0


def _measured(interface: str) -> str:
    """The row of an interface."""
    cases = _cases(interface)
    marks: Counter[Mark] = Counter()
    for fault in load_faults(interface).values():
        mark = found(fault, cases)
        marks[mark] += 1
        if mark is not Mark.KILLED:
            print(f"{interface}: {fault.name}: {mark} ({fault.breaks}; shows on {fault.shows})", flush=True)
    cells = (marks.total(), marks[Mark.KILLED], marks[Mark.BY_OTHERS], marks[Mark.SURVIVED])
    return f"| `{interface}` | " + " | ".join(map(str, cells)) + " |"


def _cases(interface: str) -> list[Case]:
    maker = load_maker(interface)
    search = Search(lambda draws: maker(draws, {}), SEED)
    try:
        rows = [named(search.row(at), name_of(SEED, at), f"generated case {at}") for at in range(1, COUNT + 1)]
    finally:
        search.close()
    return [case_from(row, load_interface(interface)) for row in rows]


def found(fault: Deviation, cases: Sequence[Case]) -> Mark:
    """Whether the cases find a fault: by the requirement that it breaks, by others only, or not."""
    plan = plan_of(fault.interface)
    failing: set[str] = set()
    with start(fault) as embedded, probing(fault, embedded, mark=MARK, concurrency=8) as prober:
        for at in range(0, len(cases), BATCH):
            for evidence in prober.gather(cases[at : at + BATCH]):
                for check in plan.checks_of(evidence.case):
                    requirement = plan.requirements[check.requirement]
                    finding = judge(check, requirement, plan.profile, evidence, strict=False)
                    if finding.verdict in BREACHES:
                        failing.add(finding.requirement)
                prober.let_go(evidence)
            if fault.breaks in failing:
                return Mark.KILLED
    return Mark.BY_OTHERS if failing else Mark.SURVIVED


if __name__ == "__main__":
    sys.exit(main())
