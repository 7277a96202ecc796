"""Keys that came into being while questions were asked, and that nobody wrote, are told and taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, geode, get2, servers
from nodes_parts import cluster
from observe_parts import part_of
from prober_parts import MARK, SINGLE, Made
from run_parts import ORIGIN, FakeSeeder

from kvgate.errors import SurroundingsError
from kvgate.exits import Exit
from kvgate.reference.deviation import load_faults
from kvgate.reference.hustdb import Node
from kvgate.reference.message import Request
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import Lister, Written
from kvgate.wire.settings import Limits, Tls
from proof.running import start

NAMES = SINGLE[:3]
WORDS = [MARK.words(name).encode() for name in NAMES]
FOREIGN = b"somebody-elses"


class Listing(FakeSeeder):
    """Lists what it is told to, one listing after the other; None where it cannot."""

    one_server = False

    def __init__(self, *listings: frozenset[tuple[str, bytes]] | None) -> None:
        super().__init__()
        self.listings = list(listings)
        self.strays: list[bytes] = []

    def listed(self) -> frozenset[tuple[str, bytes]] | None:
        found = self.listings.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def stray(self, _where: str, key: bytes) -> tuple[Written, ...]:
        self.strays.append(key)
        return ()


def there(*keys: bytes, where: str = ORIGIN) -> frozenset[tuple[str, bytes]]:
    return frozenset((where, key) for key in keys)


def strays_of(tmp_path: Path, seeder: FakeSeeder) -> dict[str, tuple[tuple[str, bytes], ...]]:
    made = Made(tmp_path, seeder=seeder)
    made.prober.start(NAMES)
    return {name: found for name in NAMES if (found := made.prober.evidence(name).strays)}


def test_a_key_in_the_name_of_a_case_that_nobody_wrote_is_its_own(tmp_path: Path) -> None:
    key = WORDS[1] + b".read"
    seeder = Listing(there(FOREIGN), there(FOREIGN, b"another", key, b"backup:" + WORDS[2], MARK.text.encode()))
    assert isinstance(seeder, Lister)
    assert strays_of(tmp_path, seeder) == {
        NAMES[1]: ((ORIGIN, key),),
        NAMES[2]: ((ORIGIN, b"backup:" + WORDS[2]),),
    }


def test_what_was_there_before_and_what_a_case_has_are_no_strays(tmp_path: Path) -> None:
    made = Made(tmp_path)
    keys = {key.encode() for name in NAMES for _, key in made.prober.evidence(name).case.keys}
    seeder = Listing(there(WORDS[0] + b".odd"), there(WORDS[0] + b".odd", *keys))
    assert strays_of(tmp_path, seeder) == {}


def test_a_place_where_no_witness_stands_is_not_told_on(tmp_path: Path) -> None:
    key = WORDS[0] + b".read"
    assert strays_of(tmp_path, Listing(there(), there(key, where="http://another"))) == {}


@pytest.mark.parametrize("there_before", [True, False])
def test_a_node_that_makes_keys_by_itself_is_not_held_against_the_interface(there_before: bool, tmp_path: Path) -> None:
    """Witnesses are stored first: what a node makes of its own may be there before the first listing."""
    witness = MARK.words("witness of main").encode()
    before = there(witness, witness + b".index") if there_before else there(witness)
    after = there(WORDS[0] + b".index", witness + b".index", witness)
    assert strays_of(tmp_path, Listing(before, after)) == {}
    assert strays_of(tmp_path, Listing(there(witness), there(witness, WORDS[0] + b".index"))) != {}


def test_what_later_questions_have_left_is_taken_away_too(tmp_path: Path) -> None:
    late, other = WORDS[2] + b".read", MARK.text.encode()
    # A short mark may stand in keys of others: those are left alone, whatever follows it.
    others = (FOREIGN, other, b"x" + other + b".read", other + b"zzzzzz")
    seeder = Listing(there(), there(WORDS[0] + b".read"), there(WORDS[0] + b".read", late, *others))
    made = Made(tmp_path, seeder=seeder)
    made.prober.start(NAMES)
    assert made.prober.evidence(NAMES[0]).strays
    made.prober.note_strays()
    assert set(seeder.strays) == {WORDS[0] + b".read", late}


def test_where_there_was_none_nothing_is_listed_in_the_end(tmp_path: Path) -> None:
    seeder = Listing(there(), there())
    made = Made(tmp_path, seeder=seeder)
    made.prober.start(NAMES)
    assert made.prober.evidence(NAMES[0]).strays == ()
    made.prober.note_strays()
    assert not seeder.listings


@pytest.mark.parametrize("first", [None, SurroundingsError("no listing")])
def test_where_places_list_nothing_nothing_is_said(first: Any, tmp_path: Path) -> None:
    seeder = Listing(first)
    assert strays_of(tmp_path, seeder) == {}
    assert not seeder.listings


def test_a_listing_that_fails_afterwards_says_nothing(tmp_path: Path) -> None:
    assert strays_of(tmp_path, Listing(there(), None)) == {}


def test_it_is_looked_for_each_time_that_cases_are_asked(tmp_path: Path) -> None:
    key = MARK.words(f"{NAMES[0]} again 1").encode() + b".read"
    made = Made(tmp_path, seeder=Listing(there(), there(), there(), there(key)))
    made.prober.start(NAMES)
    assert made.prober.evidence(NAMES[0]).strays == ()
    made.prober.start(NAMES, turn=1)
    assert made.prober.evidence(NAMES[0], 1).strays == ((ORIGIN, key),)


def test_what_a_case_has_written_is_no_stray_elsewhere(tmp_path: Path) -> None:
    """Nodes may keep copies for one another, which come when they come."""
    made = Made(tmp_path)
    (_, key), *_ = made.prober.evidence(NAMES[0]).case.keys
    others = there(key.encode(), b"copy:" + key.encode(), where="http://another")
    standing = there(MARK.words("witness of main").encode(), where="http://another")
    seeder = Listing(standing, standing | others)
    assert strays_of(tmp_path, seeder) == {}


def test_the_regions_of_one_server_count_as_one_place(tmp_path: Path) -> None:
    class Regions(Listing):
        one_server = True

    witness, key = MARK.words("witness of main").encode(), WORDS[0] + b".read"
    empty = there(key, where="http://another")
    assert strays_of(tmp_path, Regions(there(witness), there(witness) | empty)) == {NAMES[0]: tuple(empty)}
    copied = there(witness + b".copy", where="http://another")
    assert strays_of(tmp_path, Regions(there(witness), there(witness) | empty | copied)) == {}


def test_nodes_list_all_that_they_hold() -> None:
    with cluster() as (servers, seeder):
        first = servers.nodes[0]
        first.put(b"\xff key", b"v")
        assert seeder.listed() == frozenset({(servers.node_urls[0], b"\xff key")})
        (written,) = seeder.stray(servers.node_urls[0], b"\xff key")
        assert (written.key, written.origin) == ("%FF%20key", servers.node_urls[0])
        assert seeder.taken(seeder.remove(written))
        assert seeder.listed() == frozenset()


def test_nodes_that_list_nothing_are_not_held_against_anybody() -> None:
    class Silent(Node):
        def respond(self, request: Request) -> Any:
            return self.plain(404) if request.path.startswith("/hustdb/keys") else super().respond(request)

    with cluster(make_node=Silent) as (_, seeder):
        assert seeder.listed() is None


def test_nodes_that_list_slowly_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster() as (_, seeder):
        monkeypatch.setattr("kvgate.seeding.nodes.LISTING", 0.0)
        assert seeder.listed() is None


def test_a_read_that_writes_under_a_key_of_its_own_is_not_green_and_is_cleaned_up(tmp_path: Path) -> None:
    with start(load_faults("get2")["read-notes-the-time"]) as embedded:
        ran = gate(tmp_path, "suites/get2", *get2(embedded), "--kv-case=page-*", "--kv-requirement=get2.safe.read-only")
        left = [key for node in embedded.nodes for key in node.stored()]
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    assert "a key came into being that nobody wrote" in ran.out
    assert {verdict for (_, case), verdict in ran.verdicts.items() if case != "control"} == {"fail"}
    assert left == []


def test_regions_list_all_that_they_hold() -> None:
    with servers(interfaces=["geode"]) as embedded:
        assert embedded.geode is not None
        seeder = make_seeder(part_of(embedded, "geode"), tls=Tls(), limits=Limits())
        assert isinstance(seeder, Lister)
        embedded.geode.regions["empty"]["a,b \u20ac"] = "{}"
        where = f"{embedded.geode_url}/empty"
        assert seeder.listed() == frozenset({(where, "a,b \u20ac".encode())})
        (written,) = seeder.stray(where, "a,b \u20ac".encode())
        assert (written.place, written.key, written.odd) == ("empty", "a%2Cb%20%E2%82%AC", True)
        assert seeder.taken(seeder.remove(written))
        assert seeder.listed() == frozenset()
        assert seeder.stray("http://another/empty", b"a") == ()


@pytest.mark.parametrize(
    ("name", "region"), [("reading-leaves-keys-of-its-own", "orders"), ("reading-leaves-keys-in-empty-region", "empty")]
)
def test_a_read_that_writes_keys_of_its_own_into_a_region_is_not_green(name: str, region: str, tmp_path: Path) -> None:
    with start(load_faults("geode")[name]) as embedded:
        assert embedded.geode is not None
        ran = gate(tmp_path, "suites/geode", *geode(embedded), "--kv-case=reading-*")
        left = {name: list(held) for name, held in embedded.geode.regions.items()}
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert failing == {"geode.safe.read-only"}
    assert "a key came into being that nobody wrote" in ran.out
    assert left[region] == []
