"""What the processes of one run have in common, and the folder in which workers leave their cases."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvgate.case import Mark
from kvgate.journals import journal_folder
from kvgate.report.codec import case_from_json, case_to_json
from kvgate.report.model import CaseRecord
from kvgate.target.model import Target


@dataclass(frozen=True, slots=True)
class Shared:
    """What the processes of one run have in common; goes to the workers as JSON.

    `spool` is the folder where workers leave their cases for the controller; empty where there are none.
    """

    mark: str
    spool: str
    journals: str
    ends_at: float | None
    embedded: Mapping[str, Any] | None
    explore_seed: int = 0


def share_of_controller(target: Target, embedded: Mapping[str, Any] | None, *, workers: bool) -> Shared:
    """What a run's processes share: a fresh mark unless one is fixed, and folders for evidence and journals."""
    mark = Mark(target.mark) if target.mark else Mark.fresh()
    return Shared(
        mark=mark.text,
        spool=tempfile.mkdtemp(prefix="kvgate-") if workers else "",
        journals=str(journal_folder(target.report_dir, mark.text)),
        ends_at=time.time() + target.time_limit if target.time_limit else None,
        embedded=embedded,
        explore_seed=secrets.randbelow(2**32) if target.explore_seed is None else target.explore_seed,
    )


def write_spool(shared: Shared, record: CaseRecord) -> None:
    """Leaves a case for the controller: it is there whole, or not at all."""
    path = Path(shared.spool) / f"{record.interface}-{record.name}.json"
    unfinished = path.with_suffix(".part")
    unfinished.write_text(case_to_json(record), encoding="utf-8")
    unfinished.replace(path)


def read_spool(shared: Shared) -> dict[tuple[str, str], CaseRecord]:
    """The cases that workers have left for the controller."""
    if not shared.spool:
        return {}
    paths = sorted(Path(shared.spool).glob("*.json"))
    records = (case_from_json(path.read_text(encoding="utf-8")) for path in paths)
    return {(record.interface, record.name): record for record in records}
