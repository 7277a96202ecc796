"""What the runs of a job that was ended have come to, so that the next one goes on where it was: JSON lines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flakes.came import Came


class Kept:
    """The runs of one kind, in a file of their own: by number the lines that say what differs, none for the same.

    `of` names what they are runs of, the code and the options: what was kept of anything else is forgotten. What a run
    that went wrong came to is kept as well: it is not run again until somebody asks for that.
    """

    def __init__(self, path: Path, of: Sequence[str]) -> None:
        self._path = path
        self.first: Came | None = None
        self.ended: dict[int, tuple[str, ...]] = {}
        head, *rows = [*_rows(path)] or [None]
        if head != {"of": [*of]}:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"of": [*of]}), encoding="utf-8")
            return
        for row in rows:
            self.ended[row["run"]] = tuple(row["lines"])
            if "verdicts" in row:
                verdicts, said = ({tuple(name): text for name, text in row[part]} for part in ("verdicts", "said"))
                self.first = Came(verdicts, said)
        if self.first is None:
            # Nobody knows any more what those that were the same were the same as.
            self.ended = {number: lines for number, lines in self.ended.items() if lines}

    def add(self, number: int, lines: Sequence[str], came: Came | None = None) -> None:
        """Keeps a run, at once on the disk; `came` is given for the first, with which all others are compared."""
        row: dict[str, Any] = {"run": number, "lines": [*lines]}
        if came is not None:
            row |= {"verdicts": [*came.verdicts.items()], "said": [*came.said.items()]}
        with self._path.open("a", encoding="utf-8") as file:
            # Behind a row that was written half it is one of its own.
            file.write("\n" + json.dumps(row))


def _rows(path: Path) -> Iterator[Any]:
    """The rows of a file; what was written half is none."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        with contextlib.suppress(ValueError):
            yield json.loads(line)
