"""Builds the target of a run from options, environment and target file; an option wins over the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kvgate.bounded import is_file, named_path
from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.level import Level
from kvgate.places import interface_names
from kvgate.schema import nearest
from kvgate.target.credentials import read_credentials
from kvgate.target.model import Part, Target
from kvgate.target.observing import read_observing
from kvgate.target.options import PREFIX, TARGET_VARIABLE, Options
from kvgate.target.profiles import DEFAULT, assign_profiles, check_profile
from kvgate.target.settings import is_auth, own_settings
from kvgate.target.siblings import embedded_names
from kvgate.target.sources import EMPTY, Sources, Table, check, with_options
from kvgate.tomlfile import read_toml
from kvgate.wire.client import Credentials, Limits, Tls
from kvgate.wire.origin import split_url
from kvgate.wire.settings import ssl_context

_AS_GIVEN = ("concurrency", "recheck", "explore", "explore_seed", "mark", "strict", "keep")
_COMMON_TABLES = ("run", "tls", "limits")
# All that a table may say of an interface nobody gave a URL for.
_WITHOUT_URL = ("profile",)


def load_target(options: Options, env: Mapping[str, str]) -> Target:
    """The target that options, environment and target file describe (keys: docs/target.md).

    Without a URL for any interface the result is `embedded`, and its parts have no origin: `embedded_target` fills
    them in; siblings are among them only where they are named. With one, the interfaces that have a URL are its parts.
    Raises InputError, one line: where (option, or file, line and key), what was expected.
    """
    file = _target_file(options, env)
    data = read_toml(file, what="target file") if file else {}
    if file and not data:
        raise InputError(f"{file}: nothing stands in this target file: name a target, or leave the option out")
    names = interface_names()
    sources = Sources(file, file.read_text(encoding="utf-8") if file else "")
    _check_tables(data, sources, names)
    check(data, sources, names)
    merged, typed = with_options(data, options)
    sources = replace(sources, options=typed)
    _split_lists(merged, typed)
    check(merged, sources, names)
    tested = [name for name in names if "url" in merged.get(name, {})]
    _check_untested(merged, sources, [name for name in names if name not in tested])
    run = merged.get("run", {})
    unstarted = [] if tested else embedded_names(options.suites)
    profiles = _profiles(merged, sources, [*tested, *unstarted], names)
    parts = tuple(_part(name, merged[name], profiles[name], sources, env, run.get("mark")) for name in tested)
    observe = read_observing(run, sources, options)
    if observe is not None and not tested:
        raise InputError(f"{PREFIX}observe: there is no URL: the embedded reference holds nothing to observe")
    if file and not tested:
        _expect_no_table(file, [name for name in names if name in data])
    _check_explorable(parts, run.get("explore", 0), sources, observed=observe is not None)
    tls = _tls(merged.get("tls", {}), sources)
    if any("https://" in str(urls) for part in parts for urls in (part.origin, part.settings)):
        # What stands in the way of TLS is told now, and not by the first request.
        ssl_context(tls)
    return Target(
        observe=observe,
        parts=parts or tuple(_unstarted(name, profiles[name]) for name in unstarted),
        embedded=not tested,
        tls=tls,
        limits=Limits(**merged.get("limits", {})),
        source=file,
        # What failed is asked again on fresh keys, which an observing run does not write.
        **{**_run(run, sources), **({} if observe is None else {"recheck": 0})},
    )


def embedded_target(target: Target, started: Mapping[str, Mapping[str, Any]]) -> Target:
    """An embedded target with the addresses of the servers that were started for it.

    `started` has, for each interface, the keys of its table in a target file, and may come from JSON:
    {"get2": {"url": ..., "nodes": [...]}, "geode": {"url": ..., "regions": [...]}}.
    """
    sources = Sources(label="embedded reference")
    check(started, sources, list(started))
    parts = (
        _part(part.interface, started[part.interface], part.profile, sources, {}, target.mark) for part in target.parts
    )
    return replace(target, parts=tuple(parts))


def _target_file(options: Options, env: Mapping[str, str]) -> Path | None:
    for what, given in ((f"{PREFIX}target", options.target), (TARGET_VARIABLE, env.get(TARGET_VARIABLE))):
        if given is not None:
            if not given.strip():
                raise InputError(f"{what} {EMPTY}")
            return named_path(given, what)
    return None


def _expect_no_table(file: Path, named: Sequence[str]) -> None:
    """Raises InputError for tables of interfaces where no URL is given: the reference would be green in their place."""
    if named:
        urls = " or ".join(f"--{name}-url" for name in named)
        raise InputError(
            f"{file}: [{named[0]}] and no URL in this target file: add url to it or give {urls}; without the tables of"
            " interfaces the embedded reference is tested"
        )


def _check_tables(data: Mapping[str, Any], sources: Sources, names: tuple[str, ...]) -> None:
    known = [*_COMMON_TABLES, *names]
    for name, value in data.items():
        if name not in known:
            what = "table" if isinstance(value, Mapping) else "key"
            raise InputError(f"{sources.where(name)}: unknown {what} '{name}'{nearest(name, known)}")


def _split_lists(merged: Mapping[str, Any], typed: Mapping[tuple[str, str], str]) -> None:
    for table, key in typed:
        for option in load_interface(table).options if table not in _COMMON_TABLES else ():
            if option.many and option.name.replace("-", "_") == key:
                merged[table][key] = [text.strip() for text in merged[table][key].split(",")]


def _check_untested(merged: Mapping[str, Any], sources: Sources, untested: list[str]) -> None:
    for name in untested:
        for key in merged.get(name, {}):
            if key not in _WITHOUT_URL:
                raise InputError(
                    f"{sources.where(name, key)}: given without a URL: add url to [{name}] or give --{name}-url"
                )


def _profiles(
    merged: Mapping[str, Any], sources: Sources, tested: list[str], names: tuple[str, ...]
) -> Mapping[str, str]:
    """The profile of each interface: --kv-profile, else its own table's, else [run]'s, else `doc`."""
    profiles = dict.fromkeys(tested, DEFAULT)
    own = {
        name: check_profile(name, merged[name]["profile"], sources.where(name, "profile"))
        for name in names
        if "profile" in merged.get(name, {})
    }
    given = merged.get("run", {}).get("profile")
    general = assign_profiles(given, tested, names, sources.where("run", "profile")) if given else {}
    is_option = ("run", "profile") in sources.options
    profiles.update(own)
    profiles.update({name: profile for name, profile in general.items() if is_option or name not in own})
    return profiles


def _part(
    name: str,
    table: Table | Mapping[str, Any],
    profile: str,
    sources: Sources,
    env: Mapping[str, str],
    mark: str | None,
) -> Part:
    def where(*path: str | int) -> str:
        return sources.where(name, *path)

    seeding = table.get("seeding", load_interface(name).seeding[0])
    if seeding == "preloaded" and mark is None:
        raise InputError(
            f'{where("seeding")}: "preloaded" needs the mark under which the state was loaded: '
            f"add mark to [run] or give {PREFIX}mark"
        )
    origin, prefix = split_url(table["url"], where("url"))
    settings = own_settings(name, table, where)
    return Part(name, origin, prefix, profile, seeding, settings, _credentials(table, where, sources, env))


def _credentials(
    table: Mapping[str, Any], where: Any, sources: Sources, env: Mapping[str, str]
) -> Mapping[str, Credentials]:
    folder = sources.file.parent if sources.file else Path()
    return {
        "interface" if key == "auth" else key.removesuffix("_auth"): read_credentials(
            value, lambda *path, key=key: where(key, *path), folder, env
        )
        for key, value in table.items()
        if is_auth(key)
    }


def _check_explorable(parts: Sequence[Part], count: int, sources: Sources, *, observed: bool) -> None:
    if count and observed:
        raise InputError(
            f"{sources.where('run', 'explore')}: generated cases have to be written, and a run that observes writes "
            "nothing: leave one of the two out"
        )
    for part in parts:
        if count and part.seeding == "preloaded":
            raise InputError(
                f"{sources.where('run', 'explore')}: generated cases have to be written, and the state of "
                f'{part.interface} is preloaded: leave explore out, or let kvgate write (seeding = "'
                f'{load_interface(part.interface).seeding[0]}" in [{part.interface}])'
            )


def _unstarted(name: str, profile: str) -> Part:
    return Part(name, "", "", profile, load_interface(name).seeding[0], {})


def _tls(table: Mapping[str, Any], sources: Sources) -> Tls:
    files = {key: sources.path("tls", key, table[key]) for key in ("ca", "cert", "key") if key in table}
    for key, path in files.items():
        if not is_file(path):
            raise InputError(f"{sources.where('tls', key)}: no such file: {path}")
    if "key" in files and "cert" not in files:
        raise InputError(f"{sources.where('tls', 'key')}: a key without a certificate: add cert to [tls]")
    insecure = "verify" in table
    if insecure and "ca" in files:
        raise InputError(f'{sources.where("tls", "verify")}: "none" makes ca meaningless: leave one of them out')
    ca, cert, key_file = (str(files[key]) if key in files else None for key in ("ca", "cert", "key"))
    tls = Tls(ca, cert, key_file, insecure)
    for name, part in (("ca", Tls(ca_file=ca)), ("cert", tls)):
        if name in files:
            try:
                ssl_context(part)
            except InputError as error:
                raise InputError(f"{sources.where('tls', name)}: {error}") from None
    return tls


def _run(run: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
    """The fields of Target that the table [run] decides; what is not given keeps its default."""
    given = {key: run[key] for key in _AS_GIVEN if key in run}
    if "level" in run:
        given["level"] = Level(run["level"].upper())
    if "time_limit" in run:
        given["time_limit"] = float(run["time_limit"])
    for key, name in (("requirement", "requirements"), ("case", "cases")):
        if key in run:
            given[name] = (run[key],) if isinstance(run[key], str) else tuple(run[key])
    for key in ("report_dir", "waivers"):
        if key in run:
            given[key] = sources.path("run", key, run[key])
    return given
