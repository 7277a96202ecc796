"""Writes the waivers file that a report would need: mark what fails today, merge, burn down."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any

from kvgate.case.generated import ANY, is_generated
from kvgate.case.mark import Mark
from kvgate.level import Level
from kvgate.verdict.model import Finding, Verdict
from kvgate.waiver.model import shown_line

_HEAD = """\
# Proposed from a report: {count}. Fill in what is empty, shorten `observed` to what will be the same
# in every run, and remove each waiver when its deviation is repaired.
"""


def propose(
    report: Mapping[str, Any],
    *,
    reason: str = "",
    owner: str = "",
    issue: str = "",
    expires: datetime.date | None = None,
) -> str:
    """The text of a waivers file with one waiver for each check of a report.json that failed or warned.

    What is not given stays empty, and such a file is refused until somebody has filled it in.
    """
    checks = [check for check in report["checks"] if check["verdict"] in (Verdict.FAIL, Verdict.WARN)]
    mark = Mark(str(report["run"]["mark"]))
    blocks = [_HEAD.format(count="1 check" if len(checks) == 1 else f"{len(checks)} checks")]
    written: set[tuple[str, str, str]] = set()
    for check in checks:
        # The next run generates other cases, out of another seed.
        case = ANY if is_generated(check["case"]) else check["case"]
        same = (check["requirement"], case, _observed(check, mark))
        if same in written:
            continue
        written.add(same)
        rows = {
            "requirement": check["requirement"],
            "case": case,
            "observed": _observed(check, mark),
            "reason": reason,
            "owner": owner,
            "issue": issue,
        }
        lines = [f"{key} = {_quoted(str(value))}" for key, value in rows.items()]
        lines.append(f"expires = {expires.isoformat() if expires else _quoted('')}")
        blocks.append("\n".join([f"[[waiver]]  # {check['level']}", *lines, ""]))
    return "\n".join(blocks)


def _observed(check: Mapping[str, Any], mark: Mark) -> str:
    """The longest part of the finding's line that holds nothing of this run alone (its marks)."""
    line = shown_line(
        Finding(
            check["interface"],
            check["requirement"],
            check["case"],
            Level(check["level"]),
            Verdict(check["verdict"]),
            check["message"],
            check["want"],
            check["got"],
        )
    )
    return max(_parts(line, (mark.words(check["case"]), mark.digits(check["case"]), mark.text)), key=len).strip()


def _parts(line: str, separators: tuple[str, ...]) -> Iterator[str]:
    if not separators:
        yield line
        return
    for part in line.split(separators[0]):
        yield from _parts(part, separators[1:])


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but that DEL is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
