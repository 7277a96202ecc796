"""Runs the main job many times at once, and the proof a few times, and says where two runs come to different verdicts.

A job that is ended goes on where it was the next time, as long as the code and the options are what they were.

Exit status 0 when all runs agree, 1 when not, 2 when interrupted, 4 for a wrong option, 6 when a worker process of the
proof was killed.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from flakes import gate, proving
from flakes.came import Came
from flakes.comparison import Comparison
from flakes.kept import Kept
from kvgate.errors import InputError, SurroundingsError
from kvgate.exits import Exit
from kvgate.places import ROOT
from mutants.store import digest_of
from proof.__main__ import MARK

_KEPT = ROOT / ".flakes"
_CODE = ("kvgate", "suites", "schemas", "fixtures", "proof")
_MAIN_JOB, _PROOF = "main-job", "proof"
_EVERY = 10  # runs between two lines that say how far it is


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit status."""
    try:
        given = _parser().parse_args(argv)
        differing = _main_job(given) if given.runs else 0
        differing += _proofs(given) if given.proofs else 0
        # Not before all of it is done: whoever ends the proofs would have to do the runs of the main job again.
        for kind, count in ((_MAIN_JOB, given.runs), (_PROOF, given.proofs)):
            if count:
                _place(given, kind).unlink(missing_ok=True)
    except (InputError, SurroundingsError) as error:
        print(error, file=sys.stderr)
        return Exit.USAGE if isinstance(error, InputError) else Exit.NO_VERDICT
    except KeyboardInterrupt:
        print("interrupted: the next job of the same code and options goes on here", file=sys.stderr)
        return Exit.INTERRUPTED
    return 1 if differing else 0


def _main_job(given: argparse.Namespace) -> int:
    """How many runs differ from the first."""
    began = time.monotonic()
    kept = _kept(_MAIN_JOB, given, f"{given.at_once} at once", *given.options)
    compared = Comparison(given.runs, _say, kept)

    def done(number: int, came: Came) -> None:
        compared.add(number, came)
        if compared.ended % _EVERY == 0 and compared.ended < given.runs:
            _say(f"{compared.ended} of {given.runs} runs, {time.monotonic() - began:.0f} s")

    with tempfile.TemporaryDirectory(prefix="kvgate-flakes-") as folder:
        gate.run_all(compared.left, given.at_once, Path(folder), given.options, given.limit, done)
    _sum_up(f"{given.runs} runs of the main job, {given.at_once} at once", began, compared)
    return compared.differing


def _proofs(given: argparse.Namespace) -> int:
    """How many proofs differ from the first."""
    began = time.monotonic()
    kept = _kept(_PROOF, given, f"{given.processes} processes")
    compared = Comparison(given.proofs, _say, kept)
    for number in compared.left:
        compared.add(number, proving.run(proving.tasks_of(MARK), given.processes))
        _say(f"{number} of {given.proofs} proofs, {time.monotonic() - began:.0f} s")
    _sum_up(f"{given.proofs} runs of the proof, {given.processes} processes", began, compared)
    return compared.differing


def _kept(kind: str, given: argparse.Namespace, *how: str) -> Kept:
    """What was kept of a job that was ended, of the same code and the same options."""
    files = (path for folder in _CODE for path in (ROOT / folder).rglob("*") if path.is_file())
    code = [path for path in files if "__pycache__" not in path.parts]
    path = _place(given, kind)
    if given.anew:
        path.unlink(missing_ok=True)
    return Kept(path, (digest_of(code, ROOT), *how))


def _place(given: argparse.Namespace, kind: str) -> Path:
    """Where the runs of one kind are kept."""
    return Path(given.kept) / f"{kind}.jsonl"


def _sum_up(what: str, began: float, compared: Comparison) -> None:
    seconds = time.monotonic() - began
    agree = f"{compared.differing} differ" if compared.differing else "all the same"
    before = f" ({compared.before} of them before)" if compared.before else ""
    _say(f"{what}{before}, in {seconds:.0f} s: {compared.verdicts:,} verdicts each, {agree}")


def _say(line: str) -> None:
    print(line, flush=True)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see `{self.prog} --help`)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m flakes", description=__doc__, allow_abbrev=False)
    parser.add_argument("--runs", type=_count, default=200, metavar="N", help="runs of the main job (default 200)")
    parser.add_argument("--at-once", type=_positive, default=8, metavar="N", help="of them at a time (default 8)")
    parser.add_argument("--limit", type=_positive, default=900, metavar="SECONDS", help="for one run (default 900)")
    parser.add_argument("--proofs", type=_count, default=5, metavar="N", help="runs of the proof (default 5)")
    parser.add_argument("--processes", type=_positive, default=3, metavar="N", help="of the proof (default 3)")
    parser.add_argument(
        "--kept", type=Path, default=_KEPT, metavar="DIR", help="for what a job that is ended came to (default .flakes)"
    )
    parser.add_argument("--anew", action="store_true", help="not to go on where a job that was ended was")
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="pytest's and kvgate's, for each run")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    # As Ctrl-C: the processes it has started would otherwise go on without it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
