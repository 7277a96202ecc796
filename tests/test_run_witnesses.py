"""A key that is gone is the interface's doing, unless a key that nobody asked for is gone from the same place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prober_parts import SINGLE, Made
from run_parts import FakeSeeder
from seeding_parts import masters

from kvgate.case import Case
from kvgate.run.slots import Slots
from kvgate.run.standing import homes_of
from kvgate.run.witnesses import MOST, Witnesses
from kvgate.seeding.model import NotInPlace
from kvgate.verdict.evidence import Held, Situation

RING = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]
ONE = [("a", "b"), ("b", "a")]
ASKED = masters("key7", (b"v", 1), (b"v", 1))
C_AND_D = masters("key2", (b"v", 1), (b"v", 1))


class Places(FakeSeeder):
    """Keys that stand on the pairs of a table in turn; those at the places `empty` are gone since."""

    def __init__(self, pairs: list[tuple[str, str]], empty: str = "", *, readable: bool = True) -> None:
        super().__init__()
        self._pairs, self._readable = pairs, readable
        self.empty, self.silent, self.reads = empty, False, 0

    def where(self, place: str, key: str) -> str:
        return self._pairs[int(key.removeprefix("key")) % len(self._pairs)][place == "master2"]

    def read(self, case: Case) -> Situation | None:
        self.reads += 1
        if self.silent:
            raise NotInPlace("no answer")
        return self.held(case, self.empty) if self._readable else None

    def held(self, case: Case, empty: str = "") -> Situation:
        """What the places hold when these are empty."""
        gone = Held(None)
        return Situation(
            {
                (h.place, h.key): gone if self.where(h.place, h.key) in empty else Held(h.value, h.version)
                for h in case.holdings
            }
        )


def standing(places: Places, down: str = "") -> tuple[Witnesses, list[Case]]:
    """Witnesses, and the cases that were to be in place; the places that are `down` take none."""
    put: list[Case] = []
    seeder: Any = places

    def keep(case: Case) -> tuple[Situation | None, str | None]:
        put.append(case)
        return (None, "it is down") if set(down) & homes_of(case, seeder) else (places.held(case), None)

    witnesses = Witnesses(seeder, Slots(1), keep)
    witnesses.stand(ASKED, lambda turn: masters(f"key{turn}", (b"w", 1), (b"w", 1)), ("master1", "master2"))
    return witnesses, put


@pytest.mark.parametrize(
    ("pairs", "keys"),
    [
        (ONE, ["key0"]),
        (RING, ["key0", "key1", "key2"]),
        ([("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("i", "j")], ["key0", "key1", "key2", "key3"]),
    ],
)
def test_each_witness_stands_where_none_stood(pairs: list[tuple[str, str]], keys: list[str]) -> None:
    _, put = standing(Places(pairs))
    assert [case.key for case in put] == keys
    assert len(put) <= MOST


def test_a_place_that_takes_no_witness_is_tried_once() -> None:
    places = Places(RING)
    witnesses, put = standing(places, down="b")
    assert [case.key for case in put] == ["key0", "key2"], "b of the first; what is left are c and d"
    places.empty = "c"
    witnesses.look()
    assert witnesses.forgotten(places.held(C_AND_D), places.held(C_AND_D, "c")) is not None


def test_a_place_that_gives_no_witness_back_is_read_once() -> None:
    places = Places(RING)
    witnesses, put = standing(places)
    places.reads, places.silent = 0, True
    witnesses.look()
    assert len(put) == 3
    assert places.reads == 2, "key1 shares b with key0, which was not read"


def test_where_places_cannot_be_read_one_stands_unread() -> None:
    witnesses, put = standing(Places(RING, readable=False))
    assert [case.key for case in put] == ["key0"]
    assert witnesses.cases == (witnesses.unread,) == tuple(put)
    assert standing(Places(RING, readable=False), down="a")[0].cases == ()


def test_one_that_is_not_read_stands_in_every_place_that_the_target_has() -> None:
    class Regions(Places):
        def where(self, place: str, key: str) -> str:
            if place == "third":
                raise NotInPlace("the target names no third")
            return super().where(place, key)

    seeder: Any = Regions(ONE, readable=False)
    witnesses = Witnesses(seeder, Slots(1), lambda _: (None, None))
    alone = replace(ASKED, holdings=ASKED.holdings[:1])
    witnesses.stand(alone, lambda _: alone, ("third", "master2", "master1"))
    assert witnesses.unread is not None
    assert [holding.place for holding in witnesses.unread.holdings] == ["master1", "master2"]


def test_beside_one_that_is_not_read_stand_those_of_kinds_that_are_taken() -> None:
    seeder: Any = Places(ONE, readable=False)
    refused = "dotted"
    witnesses = Witnesses(seeder, Slots(1), lambda case: (None, "refused" if case.key == refused else None))
    kinds = [replace(ASKED, key=key, holdings=(replace(ASKED.holdings[0], key=key),)) for key in ("7", refused)]
    witnesses.stand(ASKED, lambda _: ASKED, ("master1",), kinds)
    assert witnesses.unread is not None
    assert [case.key for case in witnesses.cases] == [ASKED.key, "7"]


def test_where_places_give_no_answer_there_is_no_witness() -> None:
    places = Places(RING)
    places.silent = True
    witnesses, put = standing(places)
    assert (put, witnesses.cases, witnesses.unread) == ([], (), None)


@pytest.mark.parametrize(
    ("empty", "before", "after", "said"),
    [
        ("", "", "a", False),  # gone, and the witness is there
        ("a", "", "a", True),
        ("b", "", "b", True),
        ("a", "", "", False),  # not gone
        ("a", "a", "a", False),  # never there
        ("a", "", "b", False),  # gone from another place
        ("ab", "", "b", True),
    ],
)
def test_only_what_a_forgetful_place_has_lost_is_not_judged(empty: str, before: str, after: str, said: bool) -> None:
    places = Places(ONE)
    witnesses, _ = standing(places)
    places.empty = empty
    witnesses.look()
    reason = witnesses.forgotten(places.held(ASKED, before), places.held(ASKED, after))
    assert (reason is not None) is said
    if reason is not None:
        assert reason == f"{after} does not keep what it holds: a key that nobody asked for is gone"


def test_a_place_that_has_forgotten_once_is_not_trusted_again() -> None:
    places = Places(ONE, "a")
    witnesses, _ = standing(places)
    witnesses.look()
    places.silent = True
    witnesses.look()
    assert witnesses.forgotten(places.held(ASKED), places.held(ASKED, "a")) is not None
    assert witnesses.forgotten(places.held(ASKED), None) is None
    assert witnesses.forgotten(None, places.held(ASKED, "a")) is None


class Restarted(FakeSeeder):
    """Forgets, once all questions are asked, every key or those that were asked for."""

    def __init__(self, *, every: bool) -> None:
        super().__init__()
        self._every = every

    def read(self, case: Case) -> Situation | None:
        situation = super().read(case)
        if situation is None or not self.looked_again or not (self._every or "witness" not in case.name):
            return situation
        return replace(situation, held=dict.fromkeys(situation.held, Held(None)))


@pytest.mark.parametrize("every", [True, False])
def test_a_run_on_places_that_forget_has_no_verdict_on_what_is_gone(tmp_path: Path, every: bool) -> None:
    made = Made(tmp_path, seeder=Restarted(every=every))
    evidence = made.prober.evidence(SINGLE[0])
    assert made.prober.finish(5)
    assert evidence.after is not None
    assert ("does not keep what it holds" in (evidence.trouble or "")) is every
