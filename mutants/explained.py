"""The survivors that somebody has looked at: explained.toml says of each why no test could notice it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvgate.tomlfile import read_toml
from mutants.outcome import Outcome

SCHEMA = "kvgate/mutants.schema.json"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One survivor's `reason`; file, function and `mutation` name it as `python -m mutants` prints it."""

    file: str
    function: str
    mutation: str
    reason: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What it has in common with the mutant."""
        return self.file, self.function, self.mutation


def load_explanations(path: Path) -> tuple[Explanation, ...]:
    """Every explanation of a file. Raises InputError for a faulty one."""
    return tuple(Explanation(**row) for row in read_toml(path, SCHEMA, what="explanations").get("survivor", []))


def complaints(
    outcomes: Collection[Outcome], explanations: Collection[Explanation], files: Collection[str]
) -> Iterator[str]:
    """A line for each survivor without a reason, and for each reason that is of no survivor of these files."""
    explained = {explanation.name for explanation in explanations}
    survived = {outcome.mutant.name: outcome for outcome in outcomes if not outcome.killed}
    for name, outcome in survived.items():
        if name not in explained:
            file, function, mutation = name
            where = f"{file}:{outcome.mutant.line} {function}".rstrip()
            yield f"{outcome.fate}: {where}: {mutation}"
    for explanation in explanations:
        if explanation.file in files and explanation.name not in survived:
            yield f"explained, but no survivor: {explanation.file} {explanation.function}: {explanation.mutation}"
