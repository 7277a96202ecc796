"""Faults that only rare data shows: no case of fixtures/ is such data, and exploring finds each by its requirement."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from kvgate.case import Ask, Case, load_cases
from kvgate.explore.hook import load_maker
from kvgate.explore.row import case_from, name_of, named
from kvgate.explore.search import Search
from kvgate.interface import load_interface
from kvgate.reference.deviation import Deviation
from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading
from kvgate.run.plan import Selection, make_plan
from kvgate.strictjson import Value, read, strings
from kvgate.verdict import Finding, Verdict, judge
from proof.running import probing, start

SEED, COUNT = 11, 1000
SEGMENTS = (1448, 1460)  # bytes that go into one packet


# What the rare data are


def values(case: Case) -> tuple[bytes, bytes] | None:
    """The two values of the key asked for, where both masters hold it."""
    first, second = case.held("master1"), case.held("master2")
    return (first.value, second.value) if first and second and "status" in case.expect else None


def versions(case: Case) -> tuple[int, int]:
    first, second = case.held("master1"), case.held("master2")
    return (first.version or 0, second.version or 0) if first and second else (0, 0)


def alike_but_for_high_bits_late(one: bytes, two: bytes) -> bool:
    return one != two and len(one) == len(two) > 300 and bytes(b & 0x7F for b in one) == bytes(b & 0x7F for b in two)


def java_hash(value: bytes) -> int:
    return functools.reduce(lambda hashed, byte: (hashed * 31 + byte) & 0xFFFFFFFF, value, 0)


def hash_alike(one: bytes, two: bytes) -> bool:
    return one != two and 8 < len(one) == len(two) <= 64 and java_hash(one) == java_hash(two)


def fills_segments(value: bytes) -> bool:
    return any(not len(value) % size for size in SEGMENTS)


def documents(case: Case) -> list[Value]:
    """The documents that the case asks for."""
    asked = {key for ask in case.asks for key in ask.fields["keys"]}
    return [read(holding.value) for holding in case.holdings if holding.key in asked]


def walk(value: Value) -> list[Value]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(each for child in children for each in walk(child))]


def depth(value: Value) -> int:
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(depth, children), default=0)


def held(case: Case, ask: Ask) -> list[bytes | None]:
    """What the region holds for each key that is asked for."""
    region = ask.fields["region"]
    stored = {holding.key: holding.value for holding in case.holdings if holding.place == region}
    return [stored.get(key) for key in ask.fields["keys"]]


def begins_unevenly(found: Sequence[object | None]) -> bool:
    """Whether the first key is there, the second is not, and just one of the last two is; of no multiple of ten."""
    return (
        len(found) % 10 > 0 and found[0] is not None and found[1] is None and (found[-1] is None) != (found[-2] is None)
    )


# The faulty servers


class LateHighBits(Ha):
    def same_value(self, first: bytes, second: bytes) -> bool:
        return first == second or alike_but_for_high_bits_late(first, second)


class Hashes(Ha):
    def same_value(self, first: bytes, second: bytes) -> bool:
        return first == second or hash_alike(first, second)


class SumOfVersions(Ha):
    def same_version(self, first: int, second: int) -> bool:
        return first == second or first + second == 78


class CutAtSegments(Ha):
    def build_body(self, first: Reading, second: Reading, *, same_value: bool) -> bytes:
        body = super().build_body(first, second, same_value=same_value)
        return body[:-1] if same_value and fills_segments(body) else body


class OffsetOfSegments(Ha):
    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        response = super().answer(request, first, second)
        if first is None or second is None or first.value == second.value or not fills_segments(first.value):
            return response
        return edited(response, without=["Val-Offset"], plus=[("Val-Offset", str(len(first.value) - 1))])


class Fifty(Geode):
    def values_of(self, region: Any, keys: Sequence[str]) -> Sequence[str | None]:
        found = list(super().values_of(region, keys))
        return [*found[:-2], found[-1], found[-2]] if 40 < len(found) < 65 and begins_unevenly(found) else found


class Digits(Geode):
    def render_value(self, text: str | None) -> str:
        return super().render_value(text).replace("1_000", "1000")


class Deep(Geode):
    """Loses what is deeper than 72 and fits into the second of its stacks."""

    def render_value(self, text: str | None) -> str:
        return "{}" if text is not None and 72 < depth(read(text.encode())) < 128 else super().render_value(text)


class LongS(Geode):
    def render_value(self, text: str | None) -> str:
        return super().render_value(text).replace("\u017fK", "sK")


@dataclass(frozen=True)
class Rare:
    """A fault, the requirement that it breaks, and which cases show it."""

    make: type[Any]
    breaks: str
    shows: Callable[[Case], bool]

    @property
    def interface(self) -> str:
        return self.breaks.partition(".")[0]


def _pair(shows: Callable[[bytes, bytes], bool]) -> Callable[[Case], bool]:
    return lambda case: (held := values(case)) is not None and shows(*held)


RARE = (
    Rare(LateHighBits, "get2.status.conflict", _pair(alike_but_for_high_bits_late)),
    Rare(Hashes, "get2.status.conflict", _pair(hash_alike)),
    Rare(SumOfVersions, "get2.version.pair", lambda case: sum(versions(case)) == 78 and len(set(versions(case))) == 2),
    Rare(CutAtSegments, "get2.body.match", _pair(lambda one, two: one == two and fills_segments(one))),
    Rare(
        OffsetOfSegments,
        "get2.offset.cut",
        _pair(lambda one, two: one != two and fills_segments(one)),
    ),
    Rare(
        Fifty,
        "geode.body.aligned",
        lambda case: any(40 < len(ask.fields["keys"]) < 65 and begins_unevenly(held(case, ask)) for ask in case.asks),
    ),
    Rare(
        Digits,
        "geode.body.value-intact",
        lambda case: any("1_000" in text for document in documents(case) for text in strings(document)),
    ),
    Rare(Deep, "geode.body.value-intact", lambda case: any(72 < depth(document) < 128 for document in documents(case))),
    Rare(
        LongS,
        "geode.body.value-intact",
        lambda case: any("\u017fK" in text for document in documents(case) for text in strings(document)),
    ),
)
NAMES = [rare.make.__name__ for rare in RARE]


@functools.cache
def generated(interface: str) -> tuple[Case, ...]:
    maker = load_maker(interface)
    search = Search(lambda draws: maker(draws, {}), SEED)
    rows = [named(search.row(number), name_of(SEED, number), "generated for a test") for number in range(1, COUNT + 1)]
    search.close()
    return tuple(case_from(row, load_interface(interface)) for row in rows)


def findings(rare: Rare, cases: Sequence[Case]) -> list[Finding]:
    """What the cases come to on the faulty server."""
    plan = make_plan(rare.interface, "doc", Selection())
    deviation = Deviation(rare.make.__name__, "", rare.interface, rare.breaks, "", rare.make)
    with start(deviation) as embedded, probing(deviation, embedded, mark="kvrare", concurrency=8) as prober:
        return [
            judge(check, plan.requirements[check.requirement], plan.profile, evidence, strict=False)
            for evidence in prober.gather(cases)
            for check in plan.checks_of(evidence.case)
        ]


@pytest.mark.parametrize("rare", RARE, ids=NAMES)
def test_no_case_of_the_fixtures_shows_it(rare: Rare) -> None:
    assert [case.name for case in load_cases(rare.interface).values() if rare.shows(case)] == []


@pytest.mark.parametrize("rare", RARE, ids=NAMES)
def test_exploring_shows_it_and_its_requirement_fails(rare: Rare) -> None:
    showing = [case for case in generated(rare.interface) if rare.shows(case)]
    assert showing
    failing = {finding.requirement for finding in findings(rare, showing) if finding.verdict is Verdict.FAIL}
    assert rare.breaks in failing


@pytest.mark.parametrize("rare", RARE, ids=NAMES)
def test_what_does_not_show_it_passes(rare: Rare) -> None:
    others = [case for case in generated(rare.interface) if not rare.shows(case)][:20]
    assert {finding.verdict for finding in findings(rare, others)}.isdisjoint({Verdict.FAIL, Verdict.WARN})
