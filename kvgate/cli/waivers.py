"""`kvgate waivers propose`: a waivers file that covers what fails in a report."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kvgate.cli.options import Parser
from kvgate.errors import InputError
from kvgate.schema import nearest, problems
from kvgate.waiver.propose import propose

_ACTIONS = ("propose",)
_SCHEMA = "kvgate/report.schema.json"


def waivers(arguments: Sequence[str]) -> int:
    """Runs an action on waivers; the only one is `propose`."""
    action = arguments[0] if arguments else ""
    if action in ("-h", "--help"):
        return _propose(["--help"])
    if action not in _ACTIONS:
        what = f"unknown action '{action}'{nearest(action, _ACTIONS)}" if action else "an action is missing"
        raise InputError(f"waivers: {what}: `kvgate waivers propose` is what there is")
    return _propose(arguments[1:])


def _propose(arguments: Sequence[str]) -> int:
    parser = Parser(
        "waivers propose",
        "Print a waivers file with one waiver for each check of a report that failed or warned. Such a file is refused "
        "until each waiver has a reason, an owner, an issue and a last day.",
    )
    parser.add_argument("report", type=Path, metavar="REPORT", help="the report.json of a run")
    parser.add_argument("--reason", default="")
    parser.add_argument("--owner", default="")
    parser.add_argument("--issue", default="")
    parser.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day on which the waivers count")
    given = parser.read(arguments)
    expires = _day(given.expires) if given.expires is not None else None
    text = propose(_report(given.report), reason=given.reason, owner=given.owner, issue=given.issue, expires=expires)
    print(text, end="")
    return 0


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--expires={text}: expected a day, such as 2027-01-31") from None


def _report(path: Path) -> Mapping[str, Any]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot read this report: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: not JSON: expected the report.json of a run") from None
    for problem in problems(_SCHEMA, report):
        key = ".".join(str(part) for part in problem.path) or "(top level)"
        raise InputError(f"{path}: {key}: {problem.message}: expected the report.json of a run")
    checked: Mapping[str, Any] = report
    return checked
