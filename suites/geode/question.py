"""What a case asks and what is to come of it, in the words of the page: region, keys, outcome.

An outcome is what the page says happens: `found` (every key is there), `ignored` (some are missing and the parameter
says true), `missing` (some are missing and it does not), `bad-parameter`, `no-region`. A question of the outcome
`unjudged` is there for what it leaves behind for the next: its answer is another page's matter.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from kvgate.case import Ask, Case
from kvgate.strictjson import Value, read
from kvgate.verdict import Evidence
from kvgate.verdict.check import AppliesTo

VALUES = ("found", "ignored")  # the outcomes whose answer is an array of values
UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Question:
    """One request of a case, keys decoded. `missing` are the requested keys that the region does not hold.

    `stored` is what the region holds for the case by decoded key, `elsewhere` the values of all other holdings.
    """

    label: str
    method: str
    target: str
    region: str
    keys: tuple[str, ...]
    spelled: tuple[str, ...]
    outcome: str
    statuses: tuple[int, ...]
    missing: frozenset[str]
    stored: Mapping[str, Value]
    elsewhere: tuple[Value, ...]

    @property
    def distinct(self) -> tuple[str, ...]:
        """The requested keys, each once, in the order of the request."""
        return tuple(dict.fromkeys(self.keys))

    def want(self, key: str) -> Value:
        """What has to stand for a key in the array: its value, or null when it is missing."""
        return None if key in self.missing else self.stored[key]

    @property
    def unrequested(self) -> tuple[Value, ...]:
        """The values the case stores that are not to be seen in this answer: of other keys and of other regions."""
        asked = [self.want(key) for key in self.distinct]
        others = [*(value for key, value in self.stored.items() if key not in self.keys), *self.elsewhere]
        return tuple(value for value in others if value not in asked)


def facts(case: Case, label: str) -> Mapping[str, Any]:
    """The written-out expectation of one request: the case's, or its own where the case has one for each label."""
    return case.expect if "outcome" in case.expect else case.expect[label]


def outcomes(case: Case) -> frozenset[str]:
    """Every outcome that the judged requests of a case have."""
    return frozenset(facts(case, ask.label)["outcome"] for ask in case.asks) - {UNJUDGED}


def expecting(*wanted: str) -> AppliesTo:
    """Cases with a request of one of these outcomes, but for those that ask without a body."""
    return lambda case: bool(outcomes(case) & set(wanted))


def tagged(*subjects: str) -> AppliesTo:
    """Cases that are there for one of these subjects."""
    return lambda case: bool(case.tags & set(subjects))


def questions(evidence: Evidence, *wanted: str) -> tuple[Question, ...]:
    """The requests of a case that are judged, in order; those of the outcomes `wanted` where any is given."""
    asked = _asked(Same(evidence.case), tuple(evidence.places.items()))
    return tuple(each for each in asked if (each.outcome in wanted if wanted else each.outcome != UNJUDGED))


def unjudged(evidence: Evidence) -> tuple[str, ...]:
    """The labels of the requests that are there for what they leave behind, in order."""
    return tuple(ask.label for ask in evidence.case.asks if facts(evidence.case, ask.label)["outcome"] == UNJUDGED)


class Same:
    """A thing as a key: the same only as itself, since what it holds is long to compare."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.thing is other.thing


@functools.lru_cache(maxsize=256)  # every check of a case asks for its questions
def _asked(case: Same, places: tuple[tuple[str, str], ...]) -> tuple[Question, ...]:
    return tuple(_question(case.thing, dict(places), ask) for ask in case.thing.asks)


def _question(case: Case, places: Mapping[str, str], ask: Ask) -> Question:
    region = ask.fields["region"]
    expected = facts(case, ask.label)
    role = next((role for role, name in places.items() if name == region), region)
    status = expected.get("status", [])
    stored = {decoded(held.key): _value(held.value) for held in case.holdings if held.place == role}
    return Question(
        label=ask.label,
        method=ask.method,
        target=ask.target,
        region=region,
        keys=tuple(decoded(key) for key in ask.fields["keys"]),
        spelled=tuple(ask.fields["keys"]),
        outcome=expected["outcome"],
        statuses=tuple(status) if isinstance(status, list) else (status,),
        missing=frozenset(key for key in map(decoded, ask.fields["keys"]) if key not in stored),
        stored=stored,
        elsewhere=tuple(_value(held.value) for held in case.holdings if held.place != role),
    )


@functools.lru_cache(maxsize=4096)
def decoded(key: str) -> str:
    """A key as the region knows it: %XX read as the bytes of UTF-8, a plus left alone."""
    return unquote(key, encoding="utf-8", errors="surrogateescape")


@functools.lru_cache(maxsize=4096)
def _value(text: bytes) -> Value:
    return read(text)
