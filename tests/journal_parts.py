"""What the tests of the journal and of the sweep share: what a run notes, and servers that remove."""

from __future__ import annotations

from pathlib import Path

from seeding_parts import MARK, Asked, clients, reply

from kvgate.case import Mark
from kvgate.seeding.journal import Journal, JournalFile, read_journal
from kvgate.seeding.model import Written
from kvgate.seeding.sweep import SweepResult, sweep
from kvgate.target.model import Part
from kvgate.wire.client import Limits
from kvgate.wire.exchange import Request


def written(key: str, origin: str = "http://127.0.0.1:1", *, odd: bool = False) -> Written:
    return Written(
        interface="geode",
        place="data",
        key=key,
        origin=origin,
        remove=Request("DELETE", f"/geode/v1/orders/{key}", (("Accept", "*/*"),)),
        look=Request("GET", f"/geode/v1/orders/{key}"),
        credentials="interface",
        odd=odd,
    )


def journal_of(folder: Path, *items: Written, mark: str = MARK) -> JournalFile:
    journal = Journal(folder, Mark(mark))
    journal.note(items)
    journal.close()
    return read_journal(journal.path)


def swept(
    file: JournalFile, *parts: Part, limits: Limits | None = None, concurrency: int = 8, time_limit: float = 30
) -> SweepResult:
    ways = clients(*parts, limits=limits) if limits else clients(*parts)
    return sweep([file], ways, concurrency=concurrency, time_limit=time_limit)


def removes(asked: Asked) -> bytes:
    """A server that takes every key away."""
    return reply(404 if asked.method == "GET" else 200)
