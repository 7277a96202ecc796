"""The gate's command-line options: kvgate's own begin with `--kv-`, an interface's with its name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from kvgate.interface import default_names, load_interface
from kvgate.places import SUITES, interface_names
from kvgate.target.options import Options

# Name, help, and how pytest's parser takes it. The names are those of the [run] table of a target file.
_OPTIONS = (
    ("target", "target file (TOML); the environment variable KVGATE_TARGET does the same", "one"),
    ("profile", "read the specifications as these profiles, one for each (default: doc)", "one"),
    ("strict", "a breach of a SHOULD fails; a SHOULD or INFO without a verdict counts as one missing", "flag"),
    ("report-dir", "folder for report.json, junit.xml, report.html and summary.md (default: reports)", "one"),
    ("time-limit", "seconds the whole run may take; what is not judged by then has no verdict", "one"),
    ("level", "check only what is demanded at least this strongly: must, should or info", "one"),
    ("requirement", "check only this requirement, or with ! all but this: an id or a glob; may be repeated", "many"),
    ("case", "check only this case, or with ! all but this: a name or a glob; may be repeated", "many"),
    ("keep", "leave the seeded data where it is (the journal says what it is)", "flag"),
    ("waivers", "file of waivers (TOML)", "one"),
    ("mark", "use this mark in the keys instead of a fresh one (needed where the data is preloaded)", "one"),
    ("recheck", "ask again what failed, this many times on fresh keys; the verdict stays (default: 0)", "one"),
    ("explore", "ask so many generated cases of each interface besides those of fixtures/ (default: 0)", "one"),
    ("explore-seed", "generate the cases of this seed (a whole number; default: another each time)", "one"),
    ("concurrency", "requests under way at the same time, in all (default: 8)", "one"),
    ("observe", "write nothing, judge what is there: `sample`, or @FILE with one key a line", "one"),
    ("observe-key", "write nothing, judge what is there under this key; may be repeated", "many"),
    ("observe-count", "how many keys to sample, of each interface (default: 100)", "one"),
    ("observe-seed", "which keys to sample: the number that an earlier run has told", "one"),
)


def add_options(parser: pytest.Parser) -> None:
    """Adds every option of kvgate and of the interfaces there are."""
    group = parser.getgroup("kvgate", "kvgate: conformance of a key-value read API")
    for name, text, kind in _OPTIONS:
        dest = "kv_" + name.replace("-", "_")
        if kind == "flag":
            group.addoption(f"--kv-{name}", dest=dest, action="store_true", default=None, help=text)
        elif kind == "many":
            group.addoption(f"--kv-{name}", dest=dest, action="append", default=None, help=text)
        else:
            group.addoption(f"--kv-{name}", dest=dest, action="store", default=None, help=text)
    for interface in interface_names():
        for option in load_interface(interface).options:
            dest = f"kv_{interface}_{option.name}".replace("-", "_")
            group.addoption(f"--{interface}-{option.name}", dest=dest, action="store", default=None, help=option.help)


def option_names() -> dict[str, str]:
    """The names of the general options, without `--kv-`, with their help."""
    return {name: text for name, text, _ in _OPTIONS}


def named_suites(arguments: Iterable[str]) -> tuple[str, ...]:
    """The suites that are to be collected by their own paths, or of which a part is; beside a folder that holds all of
    them, those that are on by default too.
    """
    paths = [Path(argument.split("::", maxsplit=1)[0]).resolve() for argument in arguments]
    folders = {name: SUITES / name for name in interface_names()}
    named = [
        name for name, folder in folders.items() if any(path == folder or folder in path.parents for path in paths)
    ]
    if named and any(path == SUITES or path in SUITES.parents for path in paths):
        named += [name for name in default_names() if name not in named]
    return tuple(named)


def read_options(config: pytest.Config) -> Options:
    """The options as they were typed."""

    def given(name: str) -> str | None:
        value = config.getoption(f"kv_{name}")
        return None if value is None else str(value)

    def listed(name: str) -> tuple[str, ...] | None:
        values = config.getoption(f"kv_{name}")
        return None if values is None else tuple(str(value) for value in values)

    interface: dict[tuple[str, str], str] = {}
    for name in interface_names():
        for option in load_interface(name).options:
            value = config.getoption(f"kv_{name}_{option.name}".replace("-", "_"))
            if value is not None:
                interface[name, option.name] = str(value)
    return Options(
        target=given("target"),
        profile=given("profile"),
        strict=config.getoption("kv_strict"),
        report_dir=given("report_dir"),
        time_limit=given("time_limit"),
        level=given("level"),
        requirement=listed("requirement"),
        case=listed("case"),
        keep=config.getoption("kv_keep"),
        waivers=given("waivers"),
        mark=given("mark"),
        concurrency=given("concurrency"),
        recheck=given("recheck"),
        observe=given("observe"),
        observe_key=listed("observe_key"),
        observe_count=given("observe_count"),
        observe_seed=given("observe_seed"),
        explore=given("explore"),
        explore_seed=given("explore_seed"),
        interface=interface,
    )
