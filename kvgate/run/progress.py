"""One case on its way from the fixture to its evidence."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from kvgate.verdict.evidence import Evidence


@dataclass(slots=True)
class Progress:
    """One case on its way: the evidence so far, and the event that says it is whole.

    `asked` says that its first questions were asked when its state was put in place, `as_control` that its state is the
    control's.
    """

    evidence: Evidence
    whole: threading.Event
    asked: bool = False
    as_control: bool = False
    bug: Exception | None = None

    def note(self, **changes: object) -> None:
        """Adds to the evidence."""
        self.evidence = replace(self.evidence, **changes)  # type: ignore[arg-type]  # names and types of Evidence's own
