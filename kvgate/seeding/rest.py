"""Seeding Geode over the API under test: PUT, POST and DELETE of /{region}/{key}.

Sources: requirements.md, "Putting data there", E33 to E36 and E38. The state cannot be read back but through the judged
GET, so a PUT that answered 200 counts as done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from urllib.parse import quote_from_bytes

from kvgate.case import Case, Holding
from kvgate.errors import SurroundingsError
from kvgate.seeding.clients import Clients
from kvgate.seeding.gone import REMOVED, status_of
from kvgate.seeding.listing import LISTING, list_region
from kvgate.seeding.model import NotInPlace, NotTaken, Written
from kvgate.seeding.reason import failure
from kvgate.seeding.spelling import canonical, decoded
from kvgate.target.model import Part
from kvgate.verdict.evidence import SHORT_ENOUGH, Situation
from kvgate.wire.client import Connection
from kvgate.wire.exchange import Exchange, FaultKind, Request

CREDENTIALS = "interface"
LONGEST_TARGET = 6000  # bytes; a URL above 8 KB gets 414
MOST_LISTED = 20_000  # keys of a region: of more, looking for those that nobody wrote costs a run too much
NEVER_WRITTEN = frozenset({"empty", "absent"})
# E34: without this Content-Type a release up to 1.15 reads the path of a DELETE in another character set than a PUT's.
_HEADERS = (("Accept", "*/*"), ("Content-Type", "application/json"))
# Keys that no server was seen to read differently in a list than alone (E33, E35, E38).
_PLAIN_KEY = re.compile(rb"[A-Za-z0-9_-]+")
# Flat objects of short numbers and plain words: nothing that taking an array apart could change.
_PLAIN_MEMBER = rb'"[A-Za-z0-9_-]*":("[A-Za-z0-9 _-]*"|-?[1-9][0-9]{0,14}|0|true|false)'
_PLAIN_VALUE = re.compile(rb"\{(" + _PLAIN_MEMBER + rb"(," + _PLAIN_MEMBER + rb")*)?\}")
_ODD = frozenset(b",/;\\%")
_TOO_LONG = 414
_CUT_AT = frozenset(b",;./\\%")
_PUT_UNKNOWN = frozenset({404, 405, 501})
_NEVER_THERE = "-never-there"  # behind a key of the run it makes one that no case has


class RestSeeder:
    """Puts the state of Geode cases into the target's regions. Thread-safe."""

    writes = True

    def __init__(self, part: Part, clients: Clients) -> None:
        self._part = part
        self._clients = clients

    def prepare(self) -> None:
        """Nothing: a region that does not exist is found out by the first write, and said with it."""

    def aimed(self, case: Case) -> Case:
        """The case as it is: where a key is kept is the region's own business."""
        return case

    def plan(self, case: Case) -> tuple[Written, ...]:
        """Every key that seeding this case will write."""
        try:
            return tuple(self._line(self._region(each.place), each.place, each.key) for each in case.holdings)
        except NotInPlace:
            return ()

    def put(self, case: Case) -> None:
        """Writes the case's values; there is nothing to read them back with. Raises NotInPlace."""
        # Every region is looked up before the first write.
        batches = tuple(self._batches(case.holdings))
        with self._clients.connection(self._part.interface, CREDENTIALS, self._part.origin) as connection:
            for batch in batches:
                if len(batch) > 1 and _done(self._ask(self._put(batch), connection)):
                    continue
                for holding in batch:
                    self._put_alone(holding, connection)

    def read(self, case: Case) -> Situation | None:  # noqa: ARG002  # no case can be read
        """None: what is stored can be read through the interface under test only."""
        return None

    def confirm(self, case: Case) -> Situation | None:
        """None, as `read`."""
        return self.read(case)

    def where(self, place: str, key: str) -> str:  # noqa: ARG002  # a region holds all its keys
        """The base URL of a region. Raises NotInPlace."""
        return self._part.origin + self._region(place)

    def look_again(self) -> None:
        """Nothing: a region is where it is."""

    def moved(self, case: Case) -> str | None:  # noqa: ARG002  # no key ever moves
        """None."""
        return None

    def remove(self, written: Written) -> Exchange:
        """Takes one key away."""
        return self._clients.ask(written.interface, written.credentials, written.origin, written.remove)

    def taken(self, exchange: Exchange) -> bool:
        """Whether the answer to the removal of a key that was put there means that it is not there any more."""
        # A 404 for a key that stood there says that it was looked for elsewhere: where it stood it may stand still.
        return status_of(exchange) in REMOVED

    def recipe(self, case: Case) -> tuple[tuple[str, Request], ...]:
        """The PUTs of the case's state. Raises NotInPlace."""
        return tuple((self._part.origin, self._put(batch)) for batch in self._batches(case.holdings))

    def listed(self) -> frozenset[tuple[str, bytes]] | None:
        """The keys of every region there is to be; None where one lists none, not all, too many, or takes too long."""
        found: set[tuple[str, bytes]] = set()
        until = time.monotonic() + LISTING
        ask = partial(self._clients.ask, self._part.interface, CREDENTIALS, self._part.origin, until=until)
        for path in self._listed_paths().values():
            where = self._part.origin + path
            try:
                region = list_region(ask, where, path)
            except SurroundingsError:
                return None
            if not region.whole or len(region.keys) > MOST_LISTED:
                return None
            found.update((where, key.encode("utf-8", "surrogatepass")) for key in region.keys)
        return frozenset(found)

    @property
    def unwritten(self) -> frozenset[str]:
        """The region that stays empty."""
        paths = self._listed_paths()
        return frozenset(self._part.origin + paths[place] for place in NEVER_WRITTEN & paths.keys())

    def stray(self, where: str, key: bytes) -> tuple[Written, ...]:
        """A key that was found in the region of this base URL; nothing for one that is cut in a path (E33, E35)."""
        if not _CUT_AT.isdisjoint(key):
            return ()
        for place, path in self._listed_paths().items():
            if self._part.origin + path == where:
                return (self._line(path, place, quote_from_bytes(key, safe="")),)
        return ()

    def close(self) -> None:
        """Closes what was opened. Idempotent."""
        self._clients.close()

    # Requests

    def _listed_paths(self) -> dict[str, str]:
        """The paths of the regions that there are to be, by their places."""
        named = self._part.places.items()
        return {place: f"{self._part.prefix}/{canonical(region)}" for place, region in named if place != "absent"}

    def _line(self, path: str, place: str, key: str) -> Written:
        """A key of the region at `path`."""
        target, odd = f"{path}/{canonical(key)}", _is_odd(key)
        return Written(
            interface=self._part.interface,
            place=place,
            key=key,
            origin=self._part.origin,
            remove=Request("DELETE", target, _HEADERS),
            look=Request("GET", target, _HEADERS),
            credentials=CREDENTIALS,
            odd=odd,
            look_among=None if odd else self._among(path, key),
        )

    def _region(self, place: str) -> str:
        if place in NEVER_WRITTEN:
            raise NotInPlace(f"the case stores a key in the region that is to be {place}")
        if place not in self._part.places:
            raise NotInPlace(
                f"the target names no region for '{place}': name one with --{self._part.interface}-regions"
            )
        return f"{self._part.prefix}/{canonical(self._part.places[place])}"

    def _put(self, batch: Sequence[Holding]) -> Request:
        keys = ",".join(canonical(holding.key) for holding in batch)
        values = [holding.value for holding in batch]
        body = values[0] if len(values) == 1 else b"[" + b",".join(values) + b"]"
        return Request("PUT", f"{self._region(batch[0].place)}/{keys}", _HEADERS, body)

    def _post(self, holding: Holding) -> Request:
        return Request("POST", f"{self._region(holding.place)}?key={canonical(holding.key)}", _HEADERS, holding.value)

    def _on_key(self, method: str, holding: Holding) -> Request:
        return Request(method, f"{self._region(holding.place)}/{canonical(holding.key)}", _HEADERS)

    def _among(self, path: str, key: str) -> Request | None:
        """The key in a list, as the interface under test owes it; a single key is another page (E31)."""
        spelled = canonical(key)
        target = f"{path}/{spelled},{spelled}{_NEVER_THERE}?ignoreMissingKey=true"
        return Request("GET", target, _HEADERS) if len(target) <= LONGEST_TARGET else None

    def _batches(self, holdings: Sequence[Holding]) -> Iterator[tuple[Holding, ...]]:
        """The holdings of one PUT each: plain keys with plain values of one region together, all others alone."""
        for (place, plain), group in groupby(holdings, key=lambda holding: (holding.place, _is_plain(holding))):
            room = LONGEST_TARGET - len(self._region(place))
            batch: list[Holding] = []
            for holding in group:
                length = sum(len(canonical(other.key)) + 1 for other in (*batch, holding))
                twice = any(other.key == holding.key for other in batch)
                if batch and (not plain or twice or length > room):
                    yield tuple(batch)
                    batch = []
                batch.append(holding)
            yield tuple(batch)

    # Writing

    def _put_alone(self, holding: Holding, connection: Connection) -> None:
        exchange = self._ask(self._put([holding]), connection)
        if _done(exchange):
            return
        # An odd key is not posted: what only a query can name, no DELETE removes again.
        if status_of(exchange) in _PUT_UNKNOWN and not _is_odd(holding.key):
            posted = self._ask(self._post(holding), connection)
            if status_of(posted) == 409:
                # There already, from a run under the same mark.
                self._ask(self._on_key("DELETE", holding), connection)
                posted = self._ask(self._post(holding), connection)
            if _done(posted):
                return
        length = len(exchange.request.target)
        if status_of(exchange) == _TOO_LONG and length > SHORT_ENOUGH:
            raise NotTaken(f"the server takes no address of {length} bytes to put the state in place (status 414)")
        raise NotInPlace(self._why(holding, exchange))

    def _why(self, holding: Holding, exchange: Exchange) -> str:
        region = self._part.places[holding.place]
        reason = f"PUT of key {holding.key} in region '{region}': {failure(exchange, 'auth')}"
        if status_of(exchange) == 404:
            option = f"--{self._part.interface}-regions"
            reason += f": does region '{region}' exist on the target? Name regions that do with {option}"
        return reason

    def _ask(self, request: Request, connection: Connection) -> Exchange:
        exchange = self._clients.ask(self._part.interface, CREDENTIALS, self._part.origin, request, connection)
        if status_of(exchange) in {None, 401, 403}:
            raise NotInPlace(f"{request.method} {request.target[:120]}: {failure(exchange, 'auth')}")
        if exchange.fault is not None and exchange.fault.kind is FaultKind.TIMEOUT:
            # Done, perhaps; but a run would wait as long for each of thousands of others.
            raise NotInPlace(f"{request.method} {request.target[:120]}: {exchange.fault.message}")
        return exchange


def _done(exchange: Exchange) -> bool:
    return status_of(exchange) in {200, 201, 204}


def _is_odd(key: str) -> bool:
    return not _ODD.isdisjoint(decoded(key))


def _is_plain(holding: Holding) -> bool:
    return bool(_PLAIN_KEY.fullmatch(decoded(holding.key)) and _PLAIN_VALUE.fullmatch(holding.value))
