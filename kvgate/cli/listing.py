"""`kvgate list`: what would be checked, without a request."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from kvgate.cli.options import Parser
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.interface import default_names
from kvgate.level import Level
from kvgate.places import interface_names
from kvgate.run.plan import Plan, Selection, check_selection, make_plan, unmatched
from kvgate.schema import nearest
from kvgate.target.profiles import DEFAULT, assign_profiles
from kvgate.verdict.judge import effective_level


def listing(arguments: Sequence[str]) -> int:
    """Prints requirements with their cases; exit status 5 where the selection leaves nothing."""
    known = interface_names()
    parser = Parser("list", "What would be checked, without a request.")
    parser.add_argument(
        "interface", nargs="*", help=f"one or more of {', '.join(known)} (default: {', '.join(default_names())})"
    )
    parser.add_argument("--profile", metavar="NAME[,NAME]", help="as of `kvgate run` (default: doc)")
    parser.add_argument("--level", default="info", choices=("must", "should", "info"), help="this level and above")
    parser.add_argument("--requirement", action="append", default=[], metavar="GLOB", help="may be repeated")
    parser.add_argument("--case", action="append", default=[], metavar="GLOB", help="may be repeated")
    parser.add_argument("--cases", action="store_true", help="the cases too, each with its reason")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    given = parser.read(arguments)
    unknown = [name for name in given.interface if name not in known]
    if unknown:
        raise InputError(f"unknown interface '{unknown[0]}'{nearest(unknown[0], known)}")
    selection = Selection(Level(given.level.upper()), tuple(given.requirement), tuple(given.case))
    chosen = [name for name in known if name in (given.interface or default_names())]
    profiles = dict.fromkeys(chosen, DEFAULT)
    if given.profile is not None:
        profiles.update(assign_profiles(given.profile, chosen, known, "--profile"))
    plans = [make_plan(name, profiles[name], selection) for name in chosen]
    check_selection(plans)
    if given.json:
        print(json.dumps([_as_json(plan) for plan in plans], indent=2))
    else:
        for plan in plans:
            _print(plan, with_cases=given.cases)
    checks = sum(len(plan.cases_of(check)) for plan in plans for check in plan.checks)
    if checks == 0:
        lines = unmatched(plans) or ("the selection leaves no check",)
        print(f"kvgate: {'; '.join(lines)}", file=sys.stderr)
        return int(Exit.NOTHING_TESTED)
    if not given.json:
        print(f"{checks} checks")
    return 0


def _print(plan: Plan, *, with_cases: bool) -> None:
    print(f"{plan.interface.name}: {plan.interface.title} (profile {plan.profile.name})")
    for check in plan.checks:
        cases = plan.cases_of(check)
        if not cases:
            continue
        requirement = plan.requirements[check.requirement]
        lines = f"L{requirement.lines}"
        print(f"  {requirement.level:6} {requirement.id:32} {len(cases):4} cases  {requirement.statement} [{lines}]")
        if with_cases:
            for case in cases:
                print(f"           {effective_level(requirement, case, plan.profile):6} {case.name}: {case.why}")


def _as_json(plan: Plan) -> dict[str, object]:
    return {
        "interface": plan.interface.name,
        "title": plan.interface.title,
        "profile": plan.profile.name,
        "requirements": [
            {
                "id": requirement.id,
                "level": str(requirement.level),
                "lines": requirement.lines,
                "statement": requirement.statement,
                "rulings": list(requirement.rulings),
                "cases": [
                    {"name": case.name, "level": str(effective_level(requirement, case, plan.profile)), "why": case.why}
                    for check in plan.checks
                    if check.requirement == requirement.id
                    for case in plan.cases_of(check)
                ],
            }
            for requirement in plan.requirements.values()
        ],
    }
