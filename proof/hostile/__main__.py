"""Runs the gate against hostile servers and says what came of each.

Exit status 0 when it came out of all of them as it should, 1 when not, 2 when interrupted, 4 for a wrong option, 6 when
it cannot be run at all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from kvgate.errors import InputError, SurroundingsError
from kvgate.exits import Exit
from kvgate.schema import nearest
from proof.hostile.behaviour import Behaviour, load_behaviours
from proof.hostile.result import HostileResult
from proof.hostile.running import AT_ONCE, run_all


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m proof.hostile", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", metavar="NAME", help="NAME, NAME/INTERFACE or a glob; repeatable")
    parser.add_argument("--fast", action="store_true", help="those that the project's own tests run")
    parser.add_argument("-v", "--verbose", action="store_true", help="what the terminal said of each")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N", help=f"runs at once (default {AT_ONCE})")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave terminal, target and reports of each here")
    given = parser.parse_args(argv)
    try:
        chosen = _chosen(given.only, fast=given.fast)
    except InputError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE
    began = time.monotonic()
    try:
        results = run_all(
            chosen, at_once=given.at_once, keep=given.keep, done=lambda result: _tell(result, verbose=given.verbose)
        )
    except SurroundingsError as error:
        print(error, file=sys.stderr)
        return Exit.NO_VERDICT
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    bad = [result for result in results if not result.good]
    peak, slowest = max(result.memory for result in results), max(result.seconds for result in results)
    print(
        f"{len(results)} runs of the gate in {time.monotonic() - began:.0f} s: {len(results) - len(bad)} as expected, "
        f"{len(bad)} not; at most {peak:.0f} MB and {slowest:.1f} s"
    )
    return 1 if bad else 0


def _chosen(only: Sequence[str] | None, *, fast: bool) -> list[Behaviour]:
    all_of_them = load_behaviours()
    for pattern in only or ():
        if not any(_is_meant(behaviour, pattern) for behaviour in all_of_them):
            hint = nearest(pattern, [behaviour.name for behaviour in all_of_them])
            raise InputError(f"--only={pattern}: no behaviour of this name{hint}")
    return [
        behaviour
        for behaviour in all_of_them
        if (not only or any(_is_meant(behaviour, pattern) for pattern in only)) and (behaviour.fast or not fast)
    ]


def _is_meant(behaviour: Behaviour, pattern: str) -> bool:
    return fnmatchcase(behaviour.name, pattern) or fnmatchcase(behaviour.full_name, pattern)


def _tell(result: HostileResult, *, verbose: bool) -> None:
    word = "as expected" if result.good else "WRONG"
    print(f"{word}: {result.name}: exit {result.exit}, {result.seconds:.1f} s, {result.memory:.0f} MB", flush=True)
    for line in result.wrong:
        print(f"    {line}", flush=True)
    if verbose:
        for line in result.causes:
            print(f"    | {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
