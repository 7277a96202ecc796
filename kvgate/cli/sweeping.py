"""`kvgate sweep`: removes what a run has left on a server."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from kvgate.cli.options import add_target_options, parsed, target_of
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import read_journals
from kvgate.seeding.sweep import sweep


def sweeping(arguments: Sequence[str]) -> int:
    """Removes every key that the journals in a folder name; exit status 6 while any is left."""
    parser = argparse.ArgumentParser("kvgate sweep", description="Remove what a run has left on a server.")
    parser.add_argument("journals", type=Path, metavar="FOLDER", help="the journal folder, as the run's summary named it")
    add_target_options(parser)
    given = parsed(parser, arguments)
    if not given.journals.is_dir():
        raise InputError(f"{given.journals}: no such folder of journals")
    journals = read_journals(given.journals)
    if not journals:
        raise InputError(f"{given.journals}: no journal in it")
    target = target_of(given)
    clients = Clients(target.parts, tls=target.tls, limits=target.limits)
    try:
        result = sweep(journals, clients, concurrency=target.concurrency)
    finally:
        clients.close()
    print(f"{result.removed} keys removed, {len(result.left)} left")
    for line in result.left:
        print(f"kvgate: {line}", file=sys.stderr)
    if result.left:
        return int(Exit.NO_VERDICT)
    shutil.rmtree(given.journals, ignore_errors=True)
    return 0
