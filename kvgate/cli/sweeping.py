"""`kvgate sweep`: removes what a run has left on a server."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from kvgate.bounded import is_file, is_folder
from kvgate.cli.options import Parser, add_target_options, target_of
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.journals import PREFIX, journal_folders
from kvgate.report.scrub import Scrubber
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import SUFFIX, JournalFile, read_journal, read_journals
from kvgate.seeding.sweep import sweep


def sweeping(arguments: Sequence[str]) -> int:
    """Removes every key that the journals in a folder name, or one journal; exit status 6 while any is left."""
    parser = Parser(
        "sweep",
        "Remove what a run has left on a server. The journals say where; the target says which credentials and TLS "
        "files to use, and is not needed where there are none.",
    )
    parser.add_argument(
        "journals", type=Path, metavar="PATH", help="the report folder of a run, a journal folder in it, or one journal"
    )
    add_target_options(parser)
    given = parser.read(arguments)
    journals = _journals(given.journals)
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
    for folder in {journal.path.parent for journal in journals}:
        # Whatever else stands there is not ours to remove, nor is the folder of the reports.
        if folder.name.startswith(PREFIX):
            with contextlib.suppress(OSError):
                folder.rmdir()
    return 0


def _journals(path: Path) -> tuple[JournalFile, ...]:
    if is_file(path):
        if path.suffix != SUFFIX:
            raise InputError(f"{path}: expected a journal (*{SUFFIX}) or a folder with journals")
        return (read_journal(path),)
    if not is_folder(path):
        raise InputError(f"{path}: no such folder of journals, nor a journal")
    folders = (path, *journal_folders(path))
    journals = tuple(journal for folder in folders for journal in read_journals(folder))
    if not journals:
        raise InputError(f"{path}: no journal in it, nor in a folder {PREFIX}* there")
    return journals
