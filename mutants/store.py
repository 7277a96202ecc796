"""What earlier runs found, so that one that was ended goes on where it was: JSON in a folder that git ignores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutants.making import Mutant
from mutants.outcome import KILLED, Fate, Outcome

Name = tuple[str, str, str]


def digest_of(paths: Iterable[Path], root: Path) -> str:
    """The digest of these files together, with their names below `root`."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Digests:
    """What an outcome may depend on: `code` is all but the files of tests, `tests` is each of these by its name."""

    code: str
    tests: Mapping[str, str]


class Store:
    """The outcomes of one file of results. What is known no more says only which test to try first.

    What a test has killed it kills as long as that test and the code are as they were; what survived may be noticed by
    any change of the code, and by the tests of a file that changed. A mutant that survived `most` tests may be noticed
    by others.
    """

    def __init__(self, path: Path, digests: Digests, most: int = 0) -> None:
        self._path, self._digests, self._most = path, digests, most
        self._rows: dict[Name, dict[str, Any]] = {}
        if path.is_file():
            rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
            self._rows = {(row["file"], row["function"], row["what"]): row for row in rows}

    @property
    def killers(self) -> Mapping[Name, str]:
        """The test that killed each mutant, of those that one did."""
        return {name: row["by"] for name, row in self._rows.items() if row["by"]}

    def known(self, mutant: Mutant) -> Outcome | None:
        """What came of a mutant while what it depends on was as it is."""
        row = self._rows.get(mutant.name)
        if row is None or not self._is_of_use(row) or row["depends"] != self._depends(row["by"]):
            return None
        return Outcome(mutant, Fate(row["fate"]), row["by"], row["tests"])

    def changed(self, mutant: Mutant) -> frozenset[str] | None:
        """The files of tests that changed since the others let a mutant pass; None where all have yet to be run."""
        row = self._rows.get(mutant.name)
        if row is None or not self._is_of_use(row) or Fate(row["fate"]) is not Fate.SURVIVED:
            return None
        code, tests = row["depends"]
        if code != self._digests.code:
            return None
        now = self._digests.tests
        return frozenset(name for name in now if now[name] != tests.get(name))

    def add(self, outcome: Outcome) -> None:
        """Keeps an outcome, at once on the disk."""
        file, function, what = outcome.mutant.name
        by = outcome.by if outcome.fate in KILLED else ""
        row: dict[str, Any] = {"depends": self._depends(by), "file": file, "function": function, "what": what}
        row |= {"fate": str(outcome.fate), "by": by, "tests": outcome.tests, "most": self._most}
        self._rows[outcome.mutant.name] = row
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file_of_rows:
            file_of_rows.write(json.dumps(row) + "\n")

    def _is_of_use(self, row: Mapping[str, Any]) -> bool:
        if len(row.get("depends", ())) != 2:  # kept by an older version
            return False
        fate = Fate(row["fate"])
        return fate is not Fate.UNDECIDED and (fate in KILLED or row["most"] in (0, self._most))

    def _depends(self, by: str) -> list[Any]:
        """What an outcome depends on: the code, and the file of the test that came to it, or else every such file."""
        tests = self._digests.tests
        return [self._digests.code, tests.get(by.partition("::")[0], "") if by else dict(tests)]
