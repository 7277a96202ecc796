"""The case that shows a fault which a few evenly spread ones do not: noted by one proof, asked first by the next."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from proof.outcome import Outcome

NOTED = Path(__file__).with_name("shown.json")


@functools.cache
def load_shown() -> Mapping[str, Mapping[str, str]]:
    """The noted cases, by interface and fault; read once for a process."""
    noted: dict[str, dict[str, str]] = json.loads(NOTED.read_text(encoding="utf-8"))
    return noted


def shown_text(outcomes: Sequence[Outcome]) -> str:
    """The file that notes these outcomes: faults that are gone, and cases that show nothing any more, are not in it."""
    interfaces = sorted({outcome.interface for outcome in outcomes})
    noted = {
        interface: {each.name: each.shown for each in outcomes if each.interface == interface and each.shown}
        for interface in interfaces
    }
    return json.dumps(noted, indent=2, sort_keys=True) + "\n"
