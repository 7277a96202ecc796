"""What differs between runs that should have come to the same: pure but for `Comparison`, which remembers the first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Name = tuple[str, ...]
ABSENT = "(not there)"
SHOWN = 20  # differences of one run that are told one by one


@dataclass(frozen=True, slots=True)
class Came:
    """What one run came to: by the name of each thing that was judged, the verdict.

    `said` has a line for those verdicts that say more. `trouble` is why there is nothing to compare.
    """

    verdicts: Mapping[Name, str]
    said: Mapping[Name, str] = field(default_factory=dict)
    trouble: str = ""


def differences(first: Came, other: Came) -> Iterator[str]:
    """A line for each thing that the two runs do not agree on, in the order of the first."""
    if other.trouble:
        yield other.trouble
        return
    for name in dict.fromkeys([*first.verdicts, *other.verdicts]):
        one, two = first.verdicts.get(name, ABSENT), other.verdicts.get(name, ABSENT)
        if one != two:
            said = [f" ({text})" if (text := came.said.get(name)) else "" for came in (first, other)]
            yield f"{' on '.join(name)}: {one}{said[0]} in the first, {two}{said[1]} in this"


class Comparison:
    """Compares runs as they end with the first that came to verdicts. Thread-safe; `say` gets each line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._first: Came | None = None
        self.ended = self.differing = 0

    @property
    def verdicts(self) -> int:
        """How many verdicts the first run came to."""
        return 0 if self._first is None else len(self._first.verdicts)

    def add(self, number: int, came: Came) -> None:
        """Compares run `number`, and says what differs."""
        with self._lock:
            self.ended += 1
            if self._first is None and not came.trouble:
                self._first = came
                return
            lines = [came.trouble] if self._first is None else list(differences(self._first, came))
            self.differing += bool(lines)
            for line in lines[:SHOWN]:
                self._say(f"run {number}: {line}")
            if len(lines) > SHOWN:
                self._say(f"run {number}: and {len(lines) - SHOWN} more")
