"""Where the control stands while some places are down: elsewhere, as long as a few tries find a place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from run_parts import FakeSeeder
from seeding_parts import masters

from kvgate.case import Case, Mark
from kvgate.run.slots import Slots
from kvgate.run.standing import MOST_TRIES, Standing, homes_of
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import NotInPlace
from kvgate.verdict.evidence import Situation

# Each pair of masters as the tables of clusters have them: rings, and nodes that go together.
RING = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]
PAIRS = [("a", "b"), ("c", "d"), ("e", "f"), ("b", "a"), ("d", "c"), ("f", "e")]


class Cluster(FakeSeeder):
    """A seeder whose keys stand on the pairs of a table in turn. `tells` says that a failure names its node."""

    def __init__(self, pairs: list[tuple[str, str]], down: str, *, tells: bool = True, writes: bool = True) -> None:
        super().__init__()
        self._pairs, self._down, self._tells, self.writes = pairs, down, tells, writes
        self.tries: list[str] = []

    def where(self, place: str, key: str) -> str:
        return self._pair(key)[place == "master2"]

    def put(self, case: Case) -> Situation | None:
        pair = self._pair(case.key)
        self.tries.append("".join(pair))
        for node in pair:
            if node in self._down:
                raise NotInPlace(f"{node} of {''.join(pair)} is down", node if self._tells else None)
        return super().put(case)

    def _pair(self, key: str) -> tuple[str, str]:
        turn = int(key.removeprefix("kvtest"))
        if turn == 99:
            raise NotInPlace("no masters")
        return self._pairs[turn % len(self._pairs)]


def control(name: str, turn: int) -> Case:
    """The control at a turn; its key says which."""
    return replace(masters(f"kvtest{turn}", (b"v", 1), (b"v", 1)), name=f"{name} {turn}")


def standing(folder: Path, cluster: Cluster) -> Standing:
    seeder: Any = cluster
    return Standing(seeder, Journal(folder, Mark("kvtest")), Slots(1), control)


def test_the_first_key_does_where_all_is_well(tmp_path: Path) -> None:
    cluster = Cluster(RING, "")
    assert standing(tmp_path, cluster).put("control").name == "control 0"
    assert cluster.tries == ["ab"]
    assert cluster.noted == ["control 0"]


@pytest.mark.parametrize(
    ("pairs", "down", "tries"),
    [
        (RING, "a", ["ab", "bc"]),
        (RING, "b", ["ab", "cd"]),
        (PAIRS, "b", ["ab", "cd"]),
        (PAIRS, "ad", ["ab", "cd", "ef"]),
    ],
)
def test_a_node_that_is_down_is_avoided(
    tmp_path: Path, pairs: list[tuple[str, str]], down: str, tries: list[str]
) -> None:
    cluster = Cluster(pairs, down)
    put = standing(tmp_path, cluster).put("control")
    assert cluster.tries == tries
    assert put.name in cluster.put_there
    assert cluster.noted == [f"control {pairs.index((pair[0], pair[1]))}" for pair in tries]


def test_where_no_node_is_named_all_of_the_pair_is_avoided(tmp_path: Path) -> None:
    cluster = Cluster(RING, "a", tells=False)
    standing(tmp_path, cluster).put("control")
    assert cluster.tries == ["ab", "cd"]


def test_the_next_control_remembers(tmp_path: Path) -> None:
    cluster = Cluster(PAIRS, "a")
    both = standing(tmp_path, cluster)
    both.put("control")
    both.put("second")
    assert cluster.tries == ["ab", "cd", "ab", "cd"]


def test_a_few_tries_and_the_first_reason(tmp_path: Path) -> None:
    cluster = Cluster([(one, two) for one in "abcdef" for two in "abcdef" if one != two], "abcdef")
    with pytest.raises(NotInPlace, match="a of ab is down"):
        standing(tmp_path, cluster).put("control")
    assert len(cluster.tries) == MOST_TRIES


def test_two_nodes_are_tried_once_in_whichever_order(tmp_path: Path) -> None:
    cluster = Cluster([("a", "b"), ("b", "a")], "b")
    with pytest.raises(NotInPlace, match="b of ab is down"):
        standing(tmp_path, cluster).put("control")
    assert cluster.tries == ["ab"]


def test_state_that_is_there_already_is_looked_for_once(tmp_path: Path) -> None:
    cluster = Cluster(PAIRS, "a", writes=False)
    with pytest.raises(NotInPlace, match="a of ab is down"):
        standing(tmp_path, cluster).put("control")
    assert cluster.tries == ["ab"]


def test_homes_of_a_case_that_has_no_place_are_none() -> None:
    seeder: Any = Cluster(PAIRS, "")
    assert homes_of(control("control", 3), seeder) == {"a", "b"}
    assert homes_of(control("control", 99), seeder) == frozenset()
