"""Changes what judges, one small change at a time, and says which changes the project's own tests do not notice.

Exit status 0 when every mutant is killed or explained, 1 when not, 2 when interrupted, 3 when the tests fail without
any change, 4 for a wrong option or file.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.places import ROOT
from kvgate.tomlfile import read_toml
from mutants.explained import complaints, load_explanations
from mutants.making import Mutant, Source
from mutants.outcome import Outcome
from mutants.page import markdown, score
from mutants.session import MutantSession
from mutants.store import Digests, Store, digest_of

_HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "mutants.md"
RESULTS = ROOT / ".mutants" / "results.jsonl"
_EVERY = 50
_PYTEST = ("-q", "-s", "--assert=plain", "--tb=native", "-p", "no:cacheprovider", "-p", "no:faulthandler")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit status."""
    given = _parser().parse_args(argv)
    try:
        scope = read_toml(_HERE / "scope.toml", what="scope")
        explanations = load_explanations(_HERE / "explained.toml")
        files = _files(scope["files"], given.file)
    except InputError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE
    sources = {file: Source(ROOT, file) for file in files}
    mutants = [mutant for source in sources.values() for mutant in source.mutants()]
    store = Store(RESULTS, _digests(scope["tests"]), given.most)
    known = {mutant.name: store.known(mutant) for mutant in mutants}
    outcomes = {name: outcome for name, outcome in known.items() if outcome is not None}
    left = [mutant for mutant in mutants if mutant.name not in outcomes]
    print(f"{len(mutants):,} mutants of {len(files)} files, {len(outcomes):,} known from before", flush=True)
    try:
        trouble = _run(left, sources, scope["tests"], given, store, outcomes)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    if trouble:
        print(trouble, file=sys.stderr)
        return Exit.INTERNAL_ERROR
    found = [outcomes[mutant.name] for mutant in mutants]
    bad = list(complaints(found, explanations, files))
    for line in bad:
        print(line)
    print(f"{score(found)}; {len(bad)} to look at")
    if not bad and not given.file:
        PAGE.write_text(markdown(found, explanations), encoding="utf-8")
    return 1 if bad else 0


def _run(
    left: Sequence[Mutant],
    sources: dict[str, Source],
    tests: Sequence[str],
    given: argparse.Namespace,
    store: Store,
    outcomes: dict[tuple[str, str, str], Outcome],
) -> str:
    """Runs what is left; why it could not, or nothing."""
    if not left:
        return ""
    began, ended = time.monotonic(), 0

    def done(outcome: Outcome) -> None:
        nonlocal ended
        ended += 1
        store.add(outcome)
        outcomes[outcome.mutant.name] = outcome
        if ended % _EVERY == 0:
            print(f"{ended:,} of {len(left):,}, {time.monotonic() - began:.0f} s", flush=True)

    changed = {mutant.name: store.changed(mutant) for mutant in left}
    session = MutantSession(
        sources,
        left,
        processes=given.processes,
        first=store.killers,
        only={name: files for name, files in changed.items() if files is not None},
        most=given.most,
        done=done,
    )
    status = pytest.main(
        [*_PYTEST, f"--rootdir={ROOT}", *(str(ROOT / test) for test in tests)],
        plugins=[session],
    )
    if session.interrupted:
        raise KeyboardInterrupt
    if session.trouble or int(status) != 0:
        return session.trouble or f"the tests cannot be collected (pytest ends with {int(status)})"
    return ""


def _digests(tests: Sequence[str]) -> Digests:
    """Of every file that may make a difference to what comes of a mutant."""
    of_tests = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "tests").glob("test_*.py")}
    folders = ("kvgate", "suites", "schemas", "fixtures", "tests")
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    code = [path for path in found if path not in of_tests.values() and "__pycache__" not in path.parts]
    return Digests(
        digest_of(code, ROOT), {name: digest_of([of_tests[name]], ROOT) for name in tests if name in of_tests}
    )


def _files(patterns: Sequence[str], only: Sequence[str] | None) -> tuple[str, ...]:
    """The files of the scope, those named on the command line where some are. Raises InputError."""
    files = sorted({path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern)})
    chosen = [file for file in files if not only or any(fnmatchcase(file, pattern) for pattern in only)]
    for pattern in only or ():
        if not any(fnmatchcase(file, pattern) for file in files):
            raise InputError(f"--file={pattern}: no file of mutants/scope.toml is of this name")
    return tuple(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__, allow_abbrev=False)
    parser.add_argument("--file", action="append", metavar="GLOB", help="mutants of this file only (repeatable)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="mutants at a time (default 2)")
    parser.add_argument("--most", type=int, default=0, metavar="N", help="tests for one mutant (default: all)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
