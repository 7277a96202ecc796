"""What a way of seeding can do, and the journal line it leaves before each write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kvgate.case import Case
from kvgate.verdict.evidence import Situation
from kvgate.wire.exchange import Exchange, Request


class NotInPlace(Exception):
    """The state of a case could not be put, or was not found, in place: that case has no verdict, for this reason.

    `where` is the base URL of the one place whose doing it is, as from `Seeder.where`; None where that is not known.
    """

    def __init__(self, reason: str, where: str | None = None) -> None:
        super().__init__(reason)
        self.where = where


class NotToBeJudged(NotInPlace):
    """What was found under a key is nothing that the page speaks of, or more than is kept: the key is left out."""


class NotTaken(NotInPlace):
    """The server takes no address as long as the one that names the key: there is no such state to ask it about."""


@dataclass(frozen=True, slots=True)
class Written:
    """A key about to be written: all that is needed to take it away again, without any other file.

    `key` is spelled as in the case, `origin` is scheme://host:port, `remove` the request that removes it. `look` is a
    request that is answered 404 (or 400) once the key is gone. `credentials` names whose credentials these need, as in
    `Part.credentials` ("interface", "nodes"; never the secret itself). `odd` marks a key that some servers refuse in
    any path (E35), or whose write was seen refused: where they refuse its removal and `look` alike, they refused the
    write too. `look_among`, if there, asks for the key in a list, beside one that is never there: for a server that
    reads no key alone.
    """

    interface: str
    place: str
    key: str
    origin: str
    remove: Request
    look: Request
    credentials: str
    odd: bool = False
    look_among: Request | None = None


class Seeder(Protocol):
    """One way of putting a state in place. Thread-safe: cases are seeded at the same time."""

    @property
    def writes(self) -> bool:
        """Whether this way writes at all."""

    def prepare(self) -> None:
        """Finds out what is needed once (a table of masters). Raises SurroundingsError or InputError."""

    def aimed(self, case: Case) -> Case:
        """The case with its key's end chosen for what it aims at, where that can be done; else the case as it is."""

    def plan(self, case: Case) -> tuple[Written, ...]:
        """Every key that seeding this case will write, for the journal."""

    def put(self, case: Case) -> Situation | None:
        """Puts the case's state in place and reads it back; None where it cannot be read. Raises NotInPlace."""

    def read(self, case: Case) -> Situation | None:
        """What the places hold now for the case's keys; None where that cannot be read. Raises NotInPlace."""

    def where(self, place: str, key: str) -> str:
        """The base URL that a place's key stands behind (a master's, a region's). Raises NotInPlace."""

    def look_again(self) -> None:
        """Learns anew where keys stand, after the last question. What cannot be learnt any more counts as unchanged."""

    def moved(self, case: Case) -> str | None:
        """How keys of the case stand elsewhere since `look_again`, in one line; None when they do not."""

    def remove(self, written: Written) -> Exchange:
        """Takes one key away; what came back is the caller's to judge (`taken` says whether it is away)."""

    def taken(self, exchange: Exchange) -> bool:
        """Whether an answer to `remove` means that a key which was put there is not there any more."""

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """The writes that put the case's state in place, as (origin, request), for curl lines and `fixtures export`."""

    def close(self) -> None:
        """Closes connections. Idempotent."""


@runtime_checkable
class Lister(Protocol):
    """A way of seeding that can list all that its places hold, whoever put it there."""

    @property
    def unwritten(self) -> frozenset[str]:
        """The base URLs of places to which nothing is ever written."""

    def listed(self) -> frozenset[tuple[str, bytes]] | None:
        """The base URL of a place, as from `Seeder.where`, and a key, decoded; None where a place does not list all."""

    def stray(self, where: str, key: bytes) -> tuple[Written, ...]:
        """What takes away a key that was found there and nobody planned; nothing where others might go with it."""
