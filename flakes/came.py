"""What a run came to, and what differs between two that should have come to the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Name = tuple[str, ...]
ABSENT = "(not there)"


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
