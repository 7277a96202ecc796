"""`kvgate sweep`: removes what a run has left on a server."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from kvgate.bounded import is_folder
from kvgate.cli.options import Parser, add_target_options, target_of
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.report.scrub import Scrubber
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import read_journals
from kvgate.seeding.sweep import sweep


def sweeping(arguments: Sequence[str]) -> int:
    """Removes every key that the journals in a folder name; exit status 6 while any is left."""
    parser = Parser(
        "sweep",
        "Remove what a run has left on a server. The journals say where; the target says which credentials and TLS "
        "files to use, and is not needed where there are none.",
    )
    parser.add_argument(
        "journals", type=Path, metavar="FOLDER", help="the journal folder, as the run's summary named it"
    )
    add_target_options(parser)
    given = parser.read(arguments)
    folder: Path = given.journals
    if not is_folder(folder):
        raise InputError(f"{folder}: no such folder of journals")
    journals = read_journals(folder)
    if not journals:
        raise InputError(f"{folder}: no journal in it")
    target = target_of(given)
    clients = Clients(target.parts, tls=target.tls, limits=target.limits, concurrency=target.concurrency)
    try:
        result = sweep(journals, clients, concurrency=target.concurrency)
    finally:
        clients.close()
    print(f"{result.removed} keys removed, {len(result.left)} left")
    scrubber = Scrubber(target.secrets)
    for line in result.brief:
        print(f"kvgate: {scrubber.text(line)}", file=sys.stderr)
    if result.left:
        return int(Exit.NO_VERDICT)
    # Whatever else stands there is not ours to remove.
    with contextlib.suppress(OSError):
        folder.rmdir()
    return 0
