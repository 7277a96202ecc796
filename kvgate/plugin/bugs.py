"""Bugs of kvgate's own that a run came upon: each told once, with how many checks it cost."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

_MOST_SHOWN = 10


@dataclass(slots=True)
class _Bug:
    """`detail` is what a person needs to look into it, several lines; `tests` counts the checks that it cost."""

    detail: str
    test: str = ""
    tests: int = 0


class Bugs:
    """What went wrong in kvgate itself, by the line that says it."""

    def __init__(self) -> None:
        self._bugs: dict[str, _Bug] = {}

    def note(self, line: str, detail: str = "", *, test: str = "") -> None:
        """Remembers a bug, in one line; `test` is the check that it cost. The same line again is the same bug."""
        bug = self._bugs.setdefault(line, _Bug(detail, test))
        bug.tests += bool(test)

    def lines(self) -> tuple[str, ...]:
        """A line for each of the first ten, and one that counts the others."""
        lines = [_told(line, bug) for line, bug in self._bugs.items()]
        more = (f"and {len(lines) - _MOST_SHOWN} more",) if len(lines) > _MOST_SHOWN else ()
        return (*lines[:_MOST_SHOWN], *more)

    def detail(self) -> str | None:
        """What there is to look into the first of them, several lines."""
        return next((bug.detail for bug in self._bugs.values() if bug.detail), None)


def described(bug: BaseException) -> tuple[str, str]:
    """An exception in one line, with the place that raised it, and its whole traceback."""
    said = traceback.format_exception_only(bug)[-1].strip().splitlines()[0]
    frames = traceback.extract_tb(bug.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{said}{place}", "".join(traceback.format_exception(bug))


def _told(line: str, bug: _Bug) -> str:
    if not bug.tests:
        return line
    others = {1: "", 2: " and one other check"}.get(bug.tests, f" and {bug.tests - 1} other checks")
    return f"{line}, in {bug.test}{others}"
