"""The questions of the Geode cases, each with what it asks of, how it is answered and what came before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from geode_answers import PLACES, placed, text

from kvgate.case import Ask, Case, load_cases
from kvgate.level import Level

# How a question is answered, with what parameter.
SUCCESSES = ("found", "found true", "found false", "ignored")
MISSING = ("missing", "missing false")
REFUSED = ("bad-parameter", "no-region")
WAYS = (*SUCCESSES, *MISSING, *REFUSED)
PLACES_IN_LIST = ("first", "between", "last")


@dataclass(frozen=True)
class Asked:
    """One question of a case. `values` are the stored documents that its answer shows, or that are there beside."""

    case: Case
    ask: Ask
    outcome: str
    missing: tuple[str, ...]
    values: tuple[bytes, ...]
    before: tuple[Asked, ...] = field(default=(), repr=False)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.ask.fields["keys"])

    @property
    def way(self) -> str:
        """The outcome, and the parameter where it has a choice."""
        parameter = {"?ignoreMissingKey=true": " true", "?ignoreMissingKey=false": " false"}.get(self.query, "")
        return f"{self.outcome}{parameter}" if self.outcome in ("found", "missing") else self.outcome

    @property
    def query(self) -> str:
        return str(self.ask.fields.get("query", ""))

    @property
    def region(self) -> str:
        return next((role for role, name in PLACES.items() if name == self.ask.fields["region"]), "absent")

    @property
    def size(self) -> int:
        """About how many bytes of values its answer has."""
        return sum(map(len, self.values)) if self.outcome in ("found", "ignored") else 0


def _questions_of(case: Case) -> Iterator[Asked]:
    earlier: dict[str, list[Asked]] = {}
    for ask in case.asks:
        facts = case.expect if "outcome" in case.expect else case.expect[ask.label]
        role = next((role for role, name in PLACES.items() if name == ask.fields["region"]), "absent")
        held = {text(one.key): one.value for one in case.holdings if one.place == role}
        values = tuple(held[text(key)] for key in ask.fields["keys"] if text(key) in held)
        before = earlier.setdefault(ask.connection, []) if ask.connection is not None else []
        asked = Asked(case, ask, facts["outcome"], tuple(facts.get("missing", ())), values, tuple(before))
        before.append(asked)
        yield asked


@cache
def questions() -> tuple[Asked, ...]:
    """Every question that is judged, on all requirements."""
    cases = map(placed, load_cases("geode"))
    judged = (case for case in cases if case.level is not Level.INFO and not case.only)
    return tuple(asked for case in judged for asked in _questions_of(case) if asked.outcome != "unjudged")


def at(keys: Sequence[str], place: str) -> tuple[str, ...]:
    """The keys in a place of a list of at least three."""
    if len(keys) < 3:
        return ()
    return {"first": (keys[0],), "between": tuple(keys[1:-1]), "last": (keys[-1],)}[place]
