"""Runs the gate against real Apache Geode releases: `python -m realsystems.geode [--release R] [-- pytest's own]`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import signal
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import FrameType

from kvgate.errors import InputError, SurroundingsError
from kvgate.exits import Exit
from realsystems.geode.fetch import fetched
from realsystems.geode.guarded import Guarded
from realsystems.geode.leftover import left_behind
from realsystems.geode.releases import Job, Release, Releases, load_releases
from realsystems.geode.server import Server, running
from realsystems.geode.several import AT_ONCE, all_judged, expect_programs

ROOT = Path(__file__).resolve().parents[2]
# The multi-key GET, and its siblings (docs/siblings.md).
SUITES = ("geode", "geodekey", "geodequery")
USER_VARIABLE, PASSWORD_VARIABLE = "GEODE_USER", "GEODE_PASSWORD"
# Which status a run over several releases ends with: the first of these that one of them ended with.
_WEIGHT = (
    Exit.INTERRUPTED,
    Exit.INTERNAL_ERROR,
    Exit.USAGE,
    Exit.NOT_CONFORMING,
    Exit.NO_VERDICT,
    Exit.NOTHING_TESTED,
    Exit.CONFORMING,
)
_GATE_GRACE = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """The whole of `python -m realsystems.geode`; returns an exit status of kvgate.exits."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    own, extra = (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    options = _parser().parse_args(own)
    try:
        with _interrupts():
            return _run(options, extra)
    except KeyboardInterrupt:
        print("interrupted; the server is stopped", file=sys.stderr)
        return Exit.INTERRUPTED
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return Exit.USAGE


def gate_command(
    server: Server,
    reports: Path,
    extra: Sequence[str],
    target: Path | None = None,
    suite: str = "geode",
    profile: str = "doc",
) -> list[str]:
    """The gate's command line; with a target file (auth, TLS) the target stands there."""
    plain = [f"--{suite}-url={server.url}", f"--{suite}-regions={','.join(server.regions)}"]
    given = [f"--kv-target={target}"] if target else plain
    common = [f"--kv-profile={profile}", f"--kv-report-dir={reports}"]
    return [sys.executable, "-m", "pytest", f"suites/{suite}", *given, *common, *extra]


def own_command(template: str, server: Server, reports: Path, extra: Sequence[str]) -> list[str]:
    """The operator's command, split as a shell would, with {url}, {regions} and {reports} filled in."""
    values = {"{url}": server.url, "{regions}": ",".join(server.regions), "{reports}": str(reports)}
    command = shlex.split(template)
    for name, value in values.items():
        command = [part.replace(name, value) for part in command]
    return [*command, *extra]


def target_file(server: Server, suite: str = "geode") -> str:
    """A target file for a server with Basic auth or TLS; credentials by the names of environment variables."""
    lines = [f'[tls]\nca = "{server.certificate}"\n'] if server.certificate else []
    lines.append(f'[{suite}]\nurl = "{server.url}"\n')
    lines.append(f"regions = {json.dumps(server.regions)}\n")
    if server.user:
        lines.append(f'auth.basic = {{ user = "env:{USER_VARIABLE}", password = "env:{PASSWORD_VARIABLE}" }}\n')
    return "".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m realsystems.geode",
        description="Fetch a real Apache Geode, start it on loopback, run the gate against it, stop it.",
        epilog="What stands after -- goes to pytest (or to the command of --command).",
        allow_abbrev=False,
    )
    parser.add_argument("--release", action="append", metavar="R", help="a release of releases.toml; may be repeated")
    parser.add_argument("--matrix", action="store_true", help="the releases of releases.toml that stand for all")
    parser.add_argument("--all", action="store_true", help="every release of releases.toml")
    parser.add_argument("--ci", action="store_true", help="what releases.toml names for continuous integration")
    parser.add_argument("--jobs", type=int, choices=range(1, AT_ONCE + 1), default=AT_ONCE, help="releases at a time")
    parser.add_argument(
        "--profile",
        action="append",
        metavar="P",
        help="read the page as this profile (default: doc); `own` is that of the release; may be repeated",
    )
    parser.add_argument("--list", action="store_true", help="print the releases and end")
    parser.add_argument("--fetch-only", action="store_true", help="put the releases into the cache and end")
    parser.add_argument("--auth", action="store_true", help="the server asks for Basic credentials")
    parser.add_argument("--tls", action="store_true", help="the server speaks HTTPS, with a certificate of its own")
    parser.add_argument("--suite", choices=SUITES, default=SUITES[0], help="what is judged (default: geode)")
    parser.add_argument(
        "--reports",
        type=Path,
        default=Path("reports"),
        help="reports go to DIR/SUITE-RELEASE, those of profiles beside it",
    )
    parser.add_argument(
        "-c", "--command", help="run this instead of the gate; {url}, {regions}, {reports} are filled in"
    )
    return parser


def _run(options: argparse.Namespace, extra: Sequence[str]) -> int:
    releases = load_releases()
    if options.list:
        print("\n".join(releases.by_number))
        return Exit.CONFORMING
    jobs = _jobs(releases, options)
    chosen = [releases.named(job.release) for job in jobs]
    try:
        if len(jobs) == 1:
            return _judged(chosen[0], jobs[0], options, extra)
        expect_programs(chosen, jobs, starts=not options.fetch_only)
    except SurroundingsError as error:
        print(f"no verdict: {error}", file=sys.stderr)
        return Exit.NO_VERDICT
    return worst(all_judged(jobs, options, extra))


def worst(statuses: Collection[int]) -> int:
    """The status of a run over several releases: the weightiest of kvgate's, unless one is not of kvgate's."""
    foreign = [status for status in statuses if status not in _WEIGHT]
    return foreign[0] if foreign else next(status for status in _WEIGHT if status in statuses)


def report_folder(suite: str, release: str, profile: str) -> str:
    """The name of the folder for the reports of a release in a profile."""
    return f"{suite}-{release}" + {"doc": "", "own": "-own"}.get(profile, f"-as-{profile}")


def _jobs(releases: Releases, options: argparse.Namespace) -> tuple[Job, ...]:
    ways = [name for name in ("release", "matrix", "all", "ci") if getattr(options, name)]
    if len(ways) > 1:
        raise InputError(f"--{ways[0]} and --{ways[1]} exclude each other: give one of them")
    if options.ci:
        if options.profile or options.auth or options.tls:
            raise InputError(
                "--ci takes profile, Basic auth and TLS from releases.toml: leave out the options for them"
            )
        return releases.ci
    numbers = releases.by_number if options.all else releases.matrix if options.matrix else options.release
    profiles = tuple(dict.fromkeys(options.profile or ["doc"]))
    chosen = (releases.named(number).number for number in dict.fromkeys(numbers or [releases.default]))
    return tuple(Job(number, profiles, options.auth, options.tls) for number in chosen)


def _judged(release: Release, job: Job, options: argparse.Namespace, extra: Sequence[str]) -> int:
    if options.fetch_only:
        fetched(release)
        return Exit.CONFORMING
    with running(release, auth=job.auth, tls=job.tls) as server:
        print(f"Apache Geode {release.number} answers at {server.url}", file=sys.stderr)
        asked = (*extra, *(f"--kv-case={glob}" for glob in job.cases))
        statuses = {profile: _judged_as(profile, server, options, asked) for profile in job.profiles}
    if len(statuses) > 1:
        for profile, status in statuses.items():
            print(f"Apache Geode {release.number} in profile {profile}: exit status {status}", file=sys.stderr)
    return worst(statuses.values())


def _judged_as(profile: str, server: Server, options: argparse.Namespace, extra: Sequence[str]) -> int:
    reports = options.reports.absolute() / report_folder(options.suite, server.release, profile)
    target = None
    if (server.user or server.certificate) and not options.command:
        target = server.folder / "target.toml"
        target.write_text(target_file(server, options.suite), encoding="utf-8")
    if options.command:
        command = own_command(options.command, server, reports, extra)
    else:
        name = f"geode-{server.release}" if profile == "own" else profile
        command = gate_command(server, reports, extra, target, options.suite, name)
    # SIGINT first: it lets pytest finish its clean-up while the server still answers.
    with Guarded(command, cwd=ROOT, env=_environment(server), first="INT", grace=_GATE_GRACE) as gate:
        status = gate.wait()
    if status in (Exit.INTERRUPTED, Exit.INTERNAL_ERROR, Exit.USAGE) or "--kv-keep" in extra:
        return status
    return _with_leftovers(server, status)


def _with_leftovers(server: Server, status: int) -> int:
    """The gate's status, or what it becomes when a key is left behind, or when that cannot be seen."""
    try:
        left = left_behind(server)
    except SurroundingsError as error:
        print(f"no verdict: Apache Geode {server.release}: {error}", file=sys.stderr)
        return status or Exit.NO_VERDICT
    for region, keys in left.items():
        print(f"left behind in region {region} of Apache Geode {server.release}: {keys}", file=sys.stderr)
    return Exit.NOT_CONFORMING if left else status


def _environment(server: Server) -> dict[str, str]:
    own = {USER_VARIABLE: server.user, PASSWORD_VARIABLE: server.user} if server.user else {}
    # A target of the operator's own must not become the target of this run.
    return {name: value for name, value in os.environ.items() if name != "KVGATE_TARGET"} | own


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP what Ctrl-C is, and the first of them the only one: what follows it is bounded."""
    all_of_them = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # What whoever started us had switched off (nohup, a shell's background job) stays off.
    numbers = [number for number in all_of_them if signal.getsignal(number) is not signal.SIG_IGN]

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
