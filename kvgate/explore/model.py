"""What came of exploring one interface, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvgate.verdict import Check, Evidence, Finding


@dataclass(frozen=True, slots=True)
class Exploration:
    """What is wanted: so many generated cases of each interface, out of this seed."""

    count: int
    seed: int

    @property
    def again(self) -> str:
        """The options that repeat it."""
        return f"--kv-explore={self.count} --kv-explore-seed={self.seed}"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A generated case that is shown: its evidence, and the case as it can be pasted into fixtures/."""

    evidence: Evidence
    toml: str


@dataclass(frozen=True)
class Explored:
    """What exploring an interface came to.

    `findings` has one or more for each check: where it failed, the smallest case first and then the one that was shrunk
    to it; else one finding for all its cases. `exhibits` are the cases that failed, by name. `line` tells it all in one
    line, with the options that repeat it.
    """

    findings: Mapping[Check, tuple[Finding, ...]]
    exhibits: Mapping[str, Exhibit] = field(default_factory=dict)
    line: str = ""
