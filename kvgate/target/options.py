"""What was given on the command line, before it meets the target file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TARGET_VARIABLE = "KVGATE_TARGET"
PREFIX = "--kv-"


@dataclass(frozen=True, slots=True)
class Options:
    """The options as they were typed; None means not given, and then the target file decides.

    Numbers may be texts: `load_target` reads them, and its errors name the option. `interface` holds the options
    of the interfaces, by (interface, option name): ("get2", "url") is `--get2-url`. `suites` are those that are named
    one by one.
    """

    target: str | None = None
    profile: str | None = None
    strict: bool | None = None
    report_dir: str | None = None
    time_limit: str | float | None = None
    level: str | None = None
    requirement: tuple[str, ...] | None = None
    case: tuple[str, ...] | None = None
    keep: bool | None = None
    waivers: str | None = None
    mark: str | None = None
    concurrency: str | int | None = None
    recheck: str | int | None = None
    observe: str | None = None
    observe_key: tuple[str, ...] | None = None
    observe_count: str | int | None = None
    observe_seed: str | int | None = None
    explore: str | int | None = None
    explore_seed: str | int | None = None
    interface: Mapping[tuple[str, str], str] = field(default_factory=dict)
    suites: tuple[str, ...] = ()
