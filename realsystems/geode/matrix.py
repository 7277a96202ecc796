"""Makes docs/geode.md of the reports on real releases: `python -m realsystems.geode.matrix [--run] [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kvgate.errors import InputError
from kvgate.exits import Exit
from realsystems.geode import runner
from realsystems.geode.deviations import Report, expect_all_decided, load_decisions, read_report
from realsystems.geode.page import markdown
from realsystems.geode.releases import Releases, load_releases
from realsystems.geode.several import AT_ONCE

PAGE = runner.ROOT / "docs" / "geode.md"
# The same each time, so that the page is: the order in which a release up to 1.12 answers depends on it.
MARK = "kvgeode"


def main(arguments: Sequence[str] | None = None) -> int:
    """The whole of `python -m realsystems.geode.matrix`; returns an exit status of kvgate.exits."""
    options = _parser().parse_args(arguments)
    releases = load_releases()
    if options.run:
        status = _run(releases, options.reports, options.jobs)
        if status not in (Exit.CONFORMING, Exit.NOT_CONFORMING):
            print("the page is not made: not every release could be judged", file=sys.stderr)
            return status
    try:
        text = page(releases, options.reports)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return Exit.USAGE
    if not options.check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.relative_to(runner.ROOT)} is out of date: run `python -m realsystems.geode.matrix` and commit it")
        return Exit.NOT_CONFORMING
    return Exit.CONFORMING


def page(releases: Releases, reports: Path) -> str:
    """The text of docs/geode.md. Raises InputError for a report that is missing and for a deviation not decided."""
    decisions = load_decisions()
    as_page = [_report(reports, release, "doc") for release in releases.by_number]
    own = {release: _report(reports, release, "own") for release in releases.by_number}
    crossed = [_report(reports, release, profile) for release in releases.matrix for profile in _profiles(releases)]
    expect_all_decided(as_page, decisions)
    return markdown(as_page, own, crossed, decisions)


def _run(releases: Releases, reports: Path, jobs: int) -> int:
    """Judges every release in all profiles that the page tells of."""
    common = ["--reports", str(reports), "--jobs", str(jobs)]
    each = ["--profile", "doc", "--profile", "own"]
    others = [part for profile in _profiles(releases) for part in ("--profile", profile)]
    extra = ["--", f"--kv-mark={MARK}"]
    first = runner.main(["--all", *each, *common, *extra])
    return runner.worst([first, runner.main(["--matrix", *others, *common, *extra])])


def _profiles(releases: Releases) -> tuple[str, ...]:
    return tuple(f"geode-{release}" for release in releases.matrix)


def _report(reports: Path, release: str, profile: str) -> Report:
    path = reports / runner.report_folder("geode", release, profile) / "report.json"
    return read_report(path, release, f"geode-{release}" if profile == "own" else profile, MARK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m realsystems.geode.matrix",
        description="Make docs/geode.md of the reports on every release of releases.toml.",
        allow_abbrev=False,
    )
    parser.add_argument("--run", action="store_true", help="judge the releases first; some ten minutes")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/geode.md is out of date")
    parser.add_argument("--jobs", type=int, choices=range(1, AT_ONCE + 1), default=AT_ONCE, help="releases at a time")
    parser.add_argument(
        "--reports", type=Path, default=Path("reports"), help="where the reports are (default: reports)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
