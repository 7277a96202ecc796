"""Everything a check may judge by: the case, what the places held, and the exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kvgate.case import Ask, Case, Holding, OwnWord
from kvgate.verdict.answer import Answer
from kvgate.verdict.model import LATE, ONE_BY_ONE, FaultElsewhere, NotApplicable, Unjudged
from kvgate.wire.exchange import Exchange

# Statuses that a proxy, an access control or an overloaded staging gives in the interface's stead.
SURROUNDINGS = frozenset({401, 403, 407, 429, 502, 503, 504})
# Bytes of an address that every server takes. RFC 9112 section 3 recommends to take far more, and demands nothing.
SHORT_ENOUGH = 2000
TELLING = 8  # bytes of a value that nobody writes into the page of an error by chance


@dataclass(frozen=True, slots=True)
class Held:
    """What a place was seen to hold under a key. `value` None: nothing there. `version` None: no version seen."""

    value: bytes | None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What the places were read to hold, by (place, key as spelled in the case)."""

    held: Mapping[tuple[str, str], Held]


@dataclass(frozen=True, slots=True)
class Decoy:
    """A question about another key that a case stores, and its answer."""

    ask: Ask
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Evidence:
    """One case of a run with all that was seen of it.

    `before` and `after` are what the places were read to hold before the first and after the last question; None where
    they cannot be read. `trouble` says why there is no verdict on the whole case, `unasked` why a question is missing,
    `after_trouble` why `after` is; `unreadable` that it is because a place would not tell any more.
    `one_by_one` says that questions which belong at the same time were asked one after the other.
    `left_out` says why a case means nothing here (data that was there already, an address that the server does not
    take), and `reads` are the exchanges that told what was there. `facts` are the profile's.
    `places` maps the roles of places to the target's names (region roles to regions).
    `own` tells the case's keys from those of the run's other cases; None where they are not of this run.
    `strays` are keys in the case's name that came into being while it was asked for, and that nobody wrote: the base
    URL of a place, and the key, decoded.
    `decoys` are the questions about other keys that the case stores, asked before its own.
    `looked_at` are the labels of the exchanges that a check has looked at, in its order; each check has its own.
    `of` is the label of the one exchange that is to be seen, whichever is asked for.
    """

    case: Case
    exchanges: tuple[Exchange, ...] = ()
    before: Situation | None = None
    after: Situation | None = None
    trouble: str | None = None
    after_trouble: str | None = None
    unreadable: bool = False
    unasked: str | None = None
    one_by_one: bool = False
    left_out: str | None = None
    reads: tuple[Exchange, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    own: OwnWord | None = None
    strays: tuple[tuple[str, bytes], ...] = ()
    decoys: tuple[Decoy, ...] = ()
    looked_at: list[str] = field(default_factory=list, compare=False, repr=False)
    of: str | None = None

    def looking_at(self, label: str) -> Evidence:
        """The same with nothing to be seen but the exchange of this label."""
        return replace(self, of=label)

    @property
    def more(self) -> tuple[str, ...]:
        """The labels of the exchanges by which a question of the case was sent once more."""
        asked = {ask.label for ask in self.case.asks}
        return tuple(exchange.label for exchange in self.exchanges if exchange.label not in asked)

    @property
    def late(self) -> str | None:
        """The label of the exchange by which the question of the case was sent at the end of the run; None without."""
        return next((exchange.label for exchange in self.exchanges if exchange.label == LATE), None)

    @property
    def all_exchanges(self) -> Iterator[Exchange]:
        """The exchanges, those about other keys last."""
        yield from self.exchanges
        yield from (decoy.exchange for decoy in self.decoys)

    def exchange(self, label: str = "first") -> Exchange:
        """The exchange of this label, whatever came of it.

        Raises Unjudged when the surroundings failed, NotApplicable when the server says that the address is too long.
        """
        if self.trouble:
            raise Unjudged(self.trouble)
        wanted = self.of or label
        self.looked_at.append(wanted)
        found = next((exchange for exchange in self.all_exchanges if exchange.label == wanted), None)
        if found is None:
            raise Unjudged(self.unasked or f"the question '{wanted}' was not asked")
        if found.fault is not None and found.fault.unreachable:
            raise Unjudged(found.fault.message)
        if found.response is not None and found.response.status in SURROUNDINGS:
            raise Unjudged(f"status {found.response.status}: the surroundings answered, not the interface")
        if self._is_too_long(found):
            length = len(found.request.target)
            raise NotApplicable(f"the server takes no address of {length} bytes (status 414)")
        if self.unreadable and found.response is not None and found.response.status == 404:
            # Rightly so if a place is down (E4), and then the state of the case was not there when it was asked.
            raise Unjudged(f"status 404, and what is there cannot be read any more: {self.after_trouble}")
        return found

    def _is_too_long(self, exchange: Exchange) -> bool:
        """Whether the server says so of an address that may be, each time, and nothing of what is stored with it."""
        target = exchange.request.target
        said = [each.response for each in self.all_exchanges if each.request.target == target]
        return len(target) > SHORT_ENOUGH and all(
            answer is not None and answer.status == 414 and not any(each.value in answer.body for each in self._told)
            for answer in said
        )

    @property
    def _told(self) -> Iterator[Holding]:
        """What the case stores that stands in no page by chance."""
        return (each for each in self.case.holdings if len(each.value) >= TELLING)

    def answer(self, label: str = "first") -> Answer:
        """The whole answer of this label. Raises NotApplicable when none arrived: the status requirement fails then."""
        exchange = self.exchange(label)
        if exchange.response is None:
            raise FaultElsewhere(f"no answer: {exchange.fault.message if exchange.fault else 'nothing came'}")
        return Answer(exchange, exchange.response)

    def expect_at_once(self) -> None:
        """Raises NotApplicable when what was to be asked at the same time was not: that shows nothing of company."""
        if self.one_by_one:
            raise NotApplicable(ONE_BY_ONE)

    def held(self, place: str, key: str | None = None) -> Held:
        """What the place holds under a key (the case's own by default): as read, else as the case put it there."""
        wanted = self.case.key if key is None else key
        if self.before is not None and (place, wanted) in self.before.held:
            return self.before.held[place, wanted]
        holding = self.case.held(place, wanted)
        return Held(None) if holding is None else Held(holding.value, holding.version)

    def ask(self, label: str = "first") -> Any:
        """The case's own question of this label, with its fields."""
        return next(ask for ask in self.case.asks if ask.label == label)
