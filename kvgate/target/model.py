"""The target of a run, as frozen values. Secrets are held by `Credentials`, whose repr hides them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvgate.level import Level
from kvgate.wire.client import Credentials, Limits, Tls


@dataclass(frozen=True, slots=True)
class Part:
    """One specification's part of the target.

    `origin` is scheme://host:port of the interface, `prefix` the path before the request target ("" or "/geode/v1").
    `settings` are the interface's own keys as far as they were given, checked: for get2 `nodes` (base URLs in order),
    `masters` ("table"/"given"; not there: the table when the HA answers with one, else the order given), `map` (address
    in the table -> base URL); for geode `regions` (role -> name, `absent` always among them).
    `credentials` by whom they are for ("interface", "nodes"). In an embedded target `origin` and `settings` are empty
    until the servers are started.
    """

    interface: str
    origin: str
    prefix: str
    profile: str
    seeding: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, Credentials] = field(default_factory=dict)

    @property
    def places(self) -> Mapping[str, str]:
        """Roles of places to the target's own names (regions); empty where the interface names none."""
        regions = self.settings.get("regions", {})
        return dict(regions)

    @property
    def url(self) -> str:
        """The base URL, without credentials."""
        return self.origin + self.prefix


@dataclass(frozen=True, slots=True)
class Observing:
    """What a run observes: `keys` as they stand in a URL, and, with `sample`, `count` more of those there are.

    `seed` decides which; None for a fresh one.
    """

    keys: tuple[str, ...]
    sample: bool
    count: int
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Everything a run needs to know about who is asked and how.

    `embedded` says that no server of the operator's is tested. `mark` is a fixed mark or None for a fresh one.
    `concurrency` is the total number of requests under way, also under xdist. `time_limit` is in seconds, for the run.
    What failed is asked again `recheck` times. `explore` generated cases of each interface are asked besides, out of
    `explore_seed`, or of a seed of the run's own where that is None.
    `observe` says that nothing is written: what is there already is judged.
    """

    parts: tuple[Part, ...]
    embedded: bool
    tls: Tls
    limits: Limits
    concurrency: int = 8
    recheck: int = 0
    explore: int = 0
    explore_seed: int | None = None
    mark: str | None = None
    strict: bool = False
    keep: bool = False
    level: Level = Level.INFO
    requirements: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    time_limit: float | None = None
    report_dir: Path = Path("reports")
    waivers: Path | None = None
    source: Path | None = None
    observe: Observing | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that gives a secret of the operator's away."""
        given = (credentials for part in self.parts for credentials in part.credentials.values())
        return tuple(secret for credentials in given for secret in credentials.secrets)
