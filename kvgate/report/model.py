"""What a finished (or interrupted) run hands to the reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kvgate.exits import Exit
from kvgate.requirement import Requirement, Ruling
from kvgate.verdict.model import Finding
from kvgate.verdict.recheck import Recheck
from kvgate.wire.exchange import Exchange, Request


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One check on one case. `test_id` is pytest's node id, `meaning` the requirement as a person would say it.

    `waiver` is the waiver's reason where one covers the finding. `seconds` is the time judging took.
    `recheck` says how often it failed, where it was asked again.
    """

    finding: Finding
    test_id: str
    meaning: str
    seconds: float = 0.0
    waiver: str | None = None
    recheck: Recheck | None = None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case as it went: the exchanges, what the places held (rendered), the requests that put the state there.

    `held` has one line a place and key, safe to show. `seed` are (origin, request). `credentials` maps the origins
    that need the operator's credentials to the name of the header that carries them (shown as a placeholder). `toml` is
    a generated case as it can be pasted into fixtures/.
    """

    interface: str
    name: str
    why: str
    source: str
    exchanges: tuple[Exchange, ...]
    seed: tuple[tuple[str, Request], ...] = ()
    held: tuple[str, ...] = ()
    trouble: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    toml: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Everything the reports show.

    `target` is the target as JSON with secrets out. `tested` is the first line of every summary (what was tested).
    `reasons` are one line per cause why the exit status is what it is. `notes` are lines a person should read
    (left-over keys, how many of all checks were made). `complete` is False when the run ended early.
    """

    version: str
    mark: str
    began: float
    seconds: float
    tested: str
    target: Mapping[str, Any]
    embedded: bool
    exit: Exit
    complete: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    rulings: tuple[Ruling, ...]
    checks: tuple[CheckRecord, ...]
    cases: Mapping[tuple[str, str], CaseRecord] = field(default_factory=dict)
