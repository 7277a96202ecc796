"""Takes away all that the journals say was written, and says what is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from kvgate.case import Mark
from kvgate.errors import InputError
from kvgate.seeding.clients import Clients
from kvgate.seeding.gone import AWAY, NOT_ALONE, REMOVED, in_list, is_html, is_of_another_path, not_found, status_of
from kvgate.seeding.journal import JournalFile, shorten
from kvgate.seeding.model import Written
from kvgate.seeding.reason import CREDENTIALS_KEYS, failure
from kvgate.verdict.evidence import SHORT_ENOUGH
from kvgate.wire.client import Connection
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.text import visible

TIME_LIMIT = 60.0  # seconds for all removals together
PASSES = 3
PAUSE = 0.2  # seconds between two passes
MANY = 20  # keys; of fewer, all may have met the same passing trouble
SHOWN = 3
UNANSWERED = 3  # so many requests without an answer, and the server counts as gone
_REFUSED = frozenset({400, 500})
_TOO_LONG = 414
_NO_TIME = "no time was left to remove it"
_TOO_MANY = 429
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds before each other try, where a server that is asked too much says none
_LONGEST_WAIT = 15.0  # of a server that asks for more nothing is to be had now
_DIGITS = 6
_Identity = tuple[str, Request]
# The way to a server: several interfaces may have one server, and each has its own client there.
_Way = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SweepResult:
    """How many keys are gone, one line for each that is not, and the journals kept for a later sweep.

    `brief` is `left` fit for a person: of keys that stay on one server for one reason, SHOWN and how many more.
    """

    removed: int
    left: tuple[str, ...]
    kept: tuple[Path, ...] = ()
    brief: tuple[str, ...] = ()


def carries(mark: Mark, written: Written) -> bool:
    """Whether a key, and the request that removes it, show the run's mark: as a word or as the digits of the run.

    In capitals, too: a read may have left it so.
    """
    key, named = written.key.lower(), (written.remove.target + written.remove.body.decode("latin-1")).lower()
    return any(sign in key and sign in named for sign in (mark.text, mark.digits("")[:6]))


def sweep(
    journals: Iterable[JournalFile], clients: Clients, *, concurrency: int = 8, time_limit: float = TIME_LIMIT
) -> SweepResult:
    """Removes every key that the journals name, `concurrency` at a time, and takes what is gone out of the journals.

    A key that does not carry its journal's mark is never touched. A key that cannot be removed is tried again up to
    PASSES times, unless of MANY none could be; after UNANSWERED requests without an answer a server is left alone. All
    of it ends after `time_limit` seconds, requests under way included.
    """
    files = tuple(journals)
    work = _Work(clients, time.monotonic() + time_limit)
    left: dict[Path, list[_Left]] = {}
    pending: dict[_Identity, Written] = {}
    owners: dict[_Identity, list[Path]] = {}
    for file in files:
        left[file.path] = [_Left(line) for line in file.unreadable]
        for written in file.written:
            if file.mark is None or not carries(file.mark, written):
                left[file.path].append(_left(written, "it does not carry the run's mark, so it was not touched"))
                continue
            pending[_identity(written)] = written
            owners.setdefault(_identity(written), []).append(file.path)
    total = len(pending)
    reasons = _remove_all(work, pending, concurrency)
    for identity, reason in reasons.items():
        for path in owners[identity]:
            left[path].append(_left(pending[identity], reason))
    kept = tuple(path for path, lines in left.items() if lines)
    for file in files:
        if file.path in kept:
            # A later sweep begins with what is left.
            shorten(
                file, [each for each in file.written if _identity(each) in reasons or _identity(each) not in pending]
            )
        else:
            file.path.unlink(missing_ok=True)
    distinct = tuple(dict.fromkeys(each for path in left for each in left[path]))
    return SweepResult(total - len(reasons), tuple(each.line for each in distinct), kept, tuple(_brief(distinct)))


@dataclass(frozen=True, slots=True)
class _Left:
    """A key that is left, or a line of a journal that is no key: the line about it; and where, and why, without it."""

    line: str
    where: str = ""
    why: str = ""


def _left(written: Written, why: str) -> _Left:
    return _Left(f"{_named(written)}: {why}", visible(written.origin, 80), why)


def _brief(left: Sequence[_Left]) -> Iterator[str]:
    alike: dict[tuple[str, str], list[str]] = {}
    for each in left:
        if each.why:
            alike.setdefault((each.where, each.why), []).append(each.line)
        else:
            yield each.line
    for (where, why), lines in alike.items():
        yield from lines[:SHOWN]
        if len(lines) > SHOWN:
            yield f"and {len(lines) - SHOWN} more on {where}: {why}"


def _identity(written: Written) -> _Identity:
    return written.origin, written.remove


def _named(written: Written) -> str:
    return f"key {visible(written.key, 80)} in {visible(written.place, 40)} on {visible(written.origin, 80)}"


def _remove_all(work: _Work, pending: dict[_Identity, Written], concurrency: int) -> dict[_Identity, str]:
    """What is left, with the reason of the last pass."""
    reasons: dict[_Identity, str] = dict.fromkeys(pending, "")
    for turn in range(PASSES):
        todo = [pending[identity] for identity in reasons]
        if not todo:
            break
        if turn:
            # What a whole pass could not do for one of many, another will not do.
            if len(todo) == len(pending) > MANY or not any(work.may_go_on(written) for written in todo):
                break
            time.sleep(PAUSE)
        lanes = [todo[lane :: max(1, concurrency)] for lane in range(min(concurrency, len(todo)))]
        with ThreadPoolExecutor(max(1, len(lanes)), thread_name_prefix="kvgate-sweep") as pool:
            outcomes = [outcome for lane in pool.map(work.lane, lanes) for outcome in lane]
        reasons = {identity: reason for identity, reason in outcomes if reason is not None}
    return reasons


def _failure(exchange: Exchange, written: Written) -> str:
    return failure(exchange, CREDENTIALS_KEYS.get(written.credentials, "auth"))


@dataclass(slots=True)
class _Work:
    """What the lanes of a sweep share: the clients, the end of time, who has stopped answering, and who removes."""

    clients: Clients
    deadline: float
    unanswered: dict[str, int] = field(default_factory=dict)
    overasked: dict[str, int] = field(default_factory=dict)
    removing: set[_Way] = field(default_factory=set)  # these have answered a removal with success
    lock: threading.Lock = field(default_factory=threading.Lock)

    def lane(self, todo: Sequence[Written]) -> list[tuple[_Identity, str | None]]:
        """Removes one key after the other, over kept-alive connections; None where the key is gone."""
        connections: dict[_Way, Connection] = {}
        try:
            return [(_identity(written), self._try_to_remove(written, connections)) for written in todo]
        finally:
            for connection in connections.values():
                connection.close()

    def may_go_on(self, written: Written) -> bool:
        """Whether another request to the key's server makes sense."""
        return self._obstacle(written) is None

    def _obstacle(self, written: Written) -> str | None:
        if time.monotonic() >= self.deadline:
            return _NO_TIME
        with self.lock:
            if self.unanswered.get(written.origin, 0) >= UNANSWERED:
                return "the server does not answer any more"
            if self.overasked.get(written.origin, 0) >= UNANSWERED:
                return f"the server goes on answering {_TOO_MANY}: too many requests"
        return None

    def _try_to_remove(self, written: Written, connections: dict[_Way, Connection]) -> str | None:
        try:
            reason = self._remove(written, connections)
        except InputError as error:  # the journal was changed by hand, or the TLS files are not there
            return f"removing it: {error}"
        # A request that the end cut short says nothing about the server.
        return _NO_TIME if reason is not None and time.monotonic() >= self.deadline else reason

    def _remove(self, written: Written, connections: dict[_Way, Connection]) -> str | None:
        obstacle = self._obstacle(written)
        if obstacle is not None:
            return obstacle
        way = written.interface, written.credentials, written.origin
        connection = self._connection(way, connections)
        exchange = self._ask(written, written.remove, connection)
        removal = status_of(exchange)
        if removal in REMOVED:
            self.removing.add(way)
        known = way in self.removing
        refused = _is_refused(written, removal)
        if removal not in REMOVED and not not_found(exchange, known=known) and not refused:
            unheard = " in HTML, which need not be the API's word" if is_html(exchange) and removal == 404 else ""
            return f"removing it: {_failure(exchange, written)}{unheard}"
        return self._looked_for(written, connection, removal, known=known)

    def _looked_for(self, written: Written, connection: Connection, removal: int | None, *, known: bool) -> str | None:
        """Why a key is taken to be there still after its removal was answered so; None where it is gone."""
        # A server may answer 200 and keep the key; one that has no such path at all answers 404: the key is asked for.
        exchange = self._ask(written, written.look, connection)
        seen, refused = status_of(exchange), _is_refused(written, removal)
        answered = f"its removal was answered {removal}"
        if seen in NOT_ALONE and written.look_among is not None:
            there = in_list(self._ask(written, written.look_among, connection))
            if there is not None:
                return f"{answered}, and it is still there" if there else None
        if removal in REMOVED and (seen in AWAY or is_of_another_path(exchange)):
            return None
        if not_found(exchange, known=known) or (removal == 404 and seen == 400) or (refused and seen == removal):
            return None
        # Reading it says neither that it is there nor that it is not: that leaves what the removal said.
        if seen in NOT_ALONE and not refused:
            return None
        if seen == 200:
            return f"{answered}, and it is still there"
        return f"{answered}; reading it: {_failure(exchange, written)}"

    def _connection(self, way: _Way, connections: dict[_Way, Connection]) -> Connection:
        if way not in connections:
            # A server that answers nothing any more is given up sooner.
            connections[way] = self.clients.connection(*way, persists=False)
        return connections[way]

    def _ask(self, written: Written, request: Request, connection: Connection) -> Exchange:
        exchange = self._asked(written, request, connection)
        for wait in _WAITS:
            if status_of(exchange) != _TOO_MANY or not self._paused(exchange, wait):
                break
            exchange = self._asked(written, request, connection)
        with self.lock:
            over = self.overasked.get(written.origin, 0)
            self.overasked[written.origin] = over + 1 if status_of(exchange) == _TOO_MANY else 0
        return exchange

    def _asked(self, written: Written, request: Request, connection: Connection) -> Exchange:
        exchange = self.clients.ask(
            written.interface, written.credentials, written.origin, request, connection, until=self.deadline
        )
        with self.lock:
            self.unanswered[written.origin] = (
                0 if exchange.response is not None else self.unanswered.get(written.origin, 0) + 1
            )
        return exchange

    def _paused(self, exchange: Exchange, wait: float) -> bool:
        """Whether the server was given the time it asks for, or `wait` seconds: as long as there is that much."""
        said = () if exchange.response is None else exchange.response.all("Retry-After")
        # However many digits it has.
        pause = float(said[0][:_DIGITS]) if len(said) == 1 and said[0].isdigit() else wait
        if pause > _LONGEST_WAIT or time.monotonic() + pause >= self.deadline:
            return False
        return self.clients.pause(pause)


def _is_refused(written: Written, removal: int | None) -> bool:
    """Whether the answer to a removal is one that the write got, too."""
    if removal == _TOO_LONG:
        # Of a short address it says nothing: whoever answers so to everything has not removed anything.
        return written.odd and len(written.remove.target) > SHORT_ENOUGH
    return written.odd and removal in _REFUSED
