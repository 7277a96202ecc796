"""What earlier runs found, so that one that was ended goes on where it was: JSON in a folder that git ignores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mutants.making import Mutant
from mutants.outcome import KILLED, Fate, Outcome

Name = tuple[str, str, str]


def digest_of(paths: Iterable[Path]) -> str:
    """The digest of these files together, with their names."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Store:
    """The outcomes of one file of results. What was found under another `digest` says only which test to try first.

    A mutant that survived `most` tests may be noticed by others.
    """

    def __init__(self, path: Path, digest: str, most: int = 0) -> None:
        self._path, self._digest, self._most = path, digest, most
        self._rows: dict[Name, dict[str, Any]] = {}
        if path.is_file():
            rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
            self._rows = {(row["file"], row["function"], row["what"]): row for row in rows}

    @property
    def killers(self) -> Mapping[Name, str]:
        """The test that killed each mutant, of those that one did."""
        return {name: row["by"] for name, row in self._rows.items() if row["by"]}

    def known(self, mutant: Mutant) -> Outcome | None:
        """What came of a mutant while the code and the tests were as they are."""
        row = self._rows.get(mutant.name)
        if row is None or row["digest"] != self._digest or Fate(row["fate"]) is Fate.UNDECIDED:
            return None
        if Fate(row["fate"]) not in KILLED and row.get("most", 0) not in (0, self._most):
            return None
        return Outcome(mutant, Fate(row["fate"]), row["by"], row["tests"])

    def add(self, outcome: Outcome) -> None:
        """Keeps an outcome, at once on the disk."""
        file, function, what = outcome.mutant.name
        row: dict[str, Any] = {"digest": self._digest, "file": file, "function": function, "what": what}
        row |= {"fate": str(outcome.fate), "by": outcome.by if outcome.fate in KILLED else "", "tests": outcome.tests}
        row |= {"most": self._most}
        self._rows[outcome.mutant.name] = row
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file_of_rows:
            file_of_rows.write(json.dumps(row) + "\n")
