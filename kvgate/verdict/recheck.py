"""What came of a breach when it was asked again: counts beside the verdict, never a verdict of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kvgate.verdict.model import Finding, Verdict

BREACHES = frozenset({Verdict.FAIL, Verdict.WARN})
_MET = frozenset({Verdict.PASS, Verdict.OBSERVED})


@dataclass(frozen=True, slots=True)
class Recheck:
    """How often a breach was met, the first time included: `failed` of `judged` times.

    `unjudged` more times there was no verdict. `fresh` says that each time had keys of its own.
    """

    failed: int = 1
    judged: int = 1
    unjudged: int = 0
    fresh: bool = True

    @property
    def steady(self) -> bool:
        """Whether it failed whenever there was a verdict."""
        return self.failed == self.judged

    def then(self, again: Finding) -> Recheck:
        """The counts with one more finding of the same check on the same case."""
        if again.verdict in BREACHES:
            return replace(self, failed=self.failed + 1, judged=self.judged + 1)
        if again.verdict in _MET:
            return replace(self, judged=self.judged + 1)
        return replace(self, unjudged=self.unjudged + 1)
