"""What came of one mutant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mutants.making import Mutant


class Fate(StrEnum):
    """Of a mutant: the first three are killed, the next three are not."""

    KILLED = "killed"
    CRASHED = "killed by a crash"
    ENDLESS = "killed, since it did not end"
    SURVIVED = "survived"
    UNREACHED = "no test comes by"
    UNDECIDED = "no verdict"


KILLED = frozenset({Fate.KILLED, Fate.CRASHED, Fate.ENDLESS})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mutant's fate; `by` is the test that killed it, `tests` how many were chosen to."""

    mutant: Mutant
    fate: Fate
    by: str = ""
    tests: int = 0

    @property
    def killed(self) -> bool:
        """Whether the tests noticed."""
        return self.fate in KILLED
