"""What came of observing one interface, and how it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from kvgate.case import Case
from kvgate.interface import Profile
from kvgate.verdict.evidence import Evidence

_KEYS_NAMED = 3


@dataclass(frozen=True)
class Observation:
    """The cases of one interface with their evidence, all of it gathered.

    `held` counts the keys by what is there, zeros too; `page_cases` are those of its kinds that the page tells apart,
    if it does. `left_out` has the reason for each key that is not judged, by key. `notes` are lines a person should
    read, `trouble` says why nothing could be observed. `profile` is the one to judge by.
    """

    interface: str
    cases: Mapping[str, Case] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    page_cases: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    trouble: str | None = None
    profile: Profile | None = None

    def lines(self) -> tuple[str, ...]:
        """What was observed, for the summaries."""
        found = [f"{count} {kind}" for kind, count in self.held.items() if count]
        none = [kind for kind, count in self.held.items() if not count]
        lines = []
        if found:
            lines.append(f"{self.interface}: {self._observed()}: {'; '.join(found)}")
            if none:
                lines.append(f"{self.interface}: the data held no key with: {'; '.join(none)}")
        reasons = Counter(self.left_out.values())
        for reason, count in reasons.most_common():
            keys = [key for key, why in self.left_out.items() if why == reason]
            named = ", ".join(keys[:_KEYS_NAMED]) + (", ..." if count > _KEYS_NAMED else "")
            lines.append(f"{self.interface}: left out, {count} of the keys: {reason} ({named})")
        return (*lines, *(f"{self.interface}: {note}" for note in self.notes))

    def _observed(self) -> str:
        keys = sum(self.held.values())
        said = "1 key observed" if keys == 1 else f"{keys} keys observed"
        held = sum(self.held[kind] > 0 for kind in self.page_cases)
        return f"{said} ({held} of the page's {len(self.page_cases)} cases)" if self.page_cases else said
