"""Keys that came into being while questions were asked, and that nobody wrote, are told and taken away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, geode, get2, servers
from nodes_parts import cluster
from observe_parts import part_of
from prober_parts import MARK, SINGLE, Made
from run_parts import ORIGIN, FakeSeeder, exchange, failed

from kvgate.case import Case
from kvgate.errors import SurroundingsError
from kvgate.exits import Exit
from kvgate.reference.deviation import load_faults
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.http import Answer, Response
from kvgate.reference.hustdb import Node
from kvgate.reference.message import Request
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import Lister, Written
from kvgate.wire.exchange import Exchange, FaultKind
from kvgate.wire.exchange import Request as Asked
from kvgate.wire.settings import Limits, Tls
from proof.running import start

NAMES = SINGLE[:3]
WORDS = [MARK.words(name).encode() for name in NAMES]
GET = Asked("GET", "/")
FOREIGN = b"somebody-elses"


class Listing(FakeSeeder):
    """Lists what it is told to, one listing after the other; None where it cannot."""

    unwritten = frozenset[str]()

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


def strays_of(
    tmp_path: Path, seeder: FakeSeeder, names: Sequence[str] = NAMES
) -> dict[str, tuple[tuple[str, bytes], ...]]:
    made = Made(tmp_path, seeder=seeder)
    made.prober.start(names)
    return {name: found for name in names if (found := made.prober.evidence(name).strays)}


def test_a_key_in_the_name_of_a_case_that_nobody_wrote_is_its_own(tmp_path: Path) -> None:
    key = WORDS[1] + b".read"
    seeder = Listing(there(FOREIGN), there(FOREIGN, b"another", key, b"backup:" + WORDS[2], MARK.text.encode()))
    assert isinstance(seeder, Lister)
    assert strays_of(tmp_path, seeder) == {
        NAMES[1]: ((ORIGIN, key),),
        NAMES[2]: ((ORIGIN, b"backup:" + WORDS[2]),),
    }


def test_a_key_in_capitals_is_in_the_name_of_a_case_too(tmp_path: Path) -> None:
    key = b"READ." + WORDS[0].upper()
    assert strays_of(tmp_path, Listing(there(FOREIGN), there(FOREIGN, key))) == {NAMES[0]: ((ORIGIN, key),)}


def test_a_key_with_the_digits_of_a_case_is_in_its_name_where_its_keys_have_them(tmp_path: Path) -> None:
    name = next(case for case in SINGLE if MARK.digits(case) in made_of(tmp_path, case).key)
    key, other = f"read:{MARK.digits(name)}0".encode(), MARK.digits(NAMES[0]).encode()
    beside = MARK.words(name).encode() + b".read"
    seeder = Listing(there(FOREIGN), there(FOREIGN, key, other, beside, b"179606000123"))
    assert strays_of(tmp_path, seeder, [*NAMES, name]) == {name: ((ORIGIN, beside), (ORIGIN, key))}


def made_of(tmp_path: Path, name: str) -> Case:
    return Made(tmp_path).prober.evidence(name).case


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


@pytest.mark.parametrize("copies", [True, False])
def test_what_a_case_has_written_is_no_stray_elsewhere_where_places_keep_copies(copies: bool, tmp_path: Path) -> None:
    """Nodes may keep copies for one another, which come when they come; then what nobody asks for has one, too."""

    class ThirdNode(Listing):
        unwritten = frozenset({"http://third"})

    (_, key), *_ = Made(tmp_path).prober.evidence(NAMES[0]).case.keys
    witness, copy = MARK.words("witness of main").encode(), there(key.encode(), where="http://third")
    standing = there(witness) | (there(witness, where="http://fourth") if copies else frozenset())
    expected = {} if copies else {NAMES[0]: tuple(copy)}
    assert strays_of(tmp_path, ThirdNode(standing, standing | copy)) == expected
    odd = there(WORDS[0] + b".read", where="http://third")
    assert strays_of(tmp_path, ThirdNode(standing, standing | odd)) == {NAMES[0]: tuple(odd)}


def test_a_place_that_nobody_writes_to_is_told_on_without_a_witness(tmp_path: Path) -> None:
    class Regions(Listing):
        unwritten = frozenset({"http://empty"})

    witness, key = MARK.words("witness of main").encode(), WORDS[0] + b".read"
    empty = there(key, where="http://empty")
    assert strays_of(tmp_path, Regions(there(witness), there(witness) | empty)) == {NAMES[0]: tuple(empty)}
    of_its_own = there(witness + b".copy", where="http://empty")
    assert strays_of(tmp_path, Regions(there(witness), there(witness) | empty | of_its_own)) == {}
    other = there(key, where="http://second")
    assert strays_of(tmp_path, Regions(there(witness), there(witness) | other)) == {}


def test_what_cannot_be_taken_away_without_others_is_said(tmp_path: Path) -> None:
    class Careful(Listing):
        def stray(self, where: str, key: bytes) -> tuple[Written, ...]:
            return () if b"." in key else (Written("get2", "master1", key.decode(), where, GET, GET, "nodes"),)

    left, gone = WORDS[0] + b".read", b"read:" + WORDS[0]
    seeder = Careful(there(), there(left, gone), there(left, gone))
    made = Made(tmp_path, seeder=seeder)
    made.prober.start(NAMES)
    assert made.prober.evidence(NAMES[0]).strays == ((ORIGIN, left), (ORIGIN, gone))
    said = made.prober.note_strays()
    assert said.startswith(f"left behind: 1 key that nobody wrote ({left.decode()} in {ORIGIN}): ")


@pytest.mark.parametrize("key", [b"a,b", b"last.read:kv", b";kv", b"a/b", b"a\\b", b"a%2Cb", b"read:kv"])
def test_of_the_keys_of_a_region_that_nobody_wrote_those_that_are_cut_in_a_path_stay(key: bytes) -> None:
    """E33, E35: a server may take the removal of one for that of another, or of all."""
    with servers(interfaces=["geode"]) as embedded:
        seeder = make_seeder(part_of(embedded, "geode"), tls=Tls(), limits=Limits())
        assert isinstance(seeder, Lister)
        found = seeder.stray(f"{embedded.geode_url}/orders", key)
        assert [written.key for written in found] == (["read%3Akv"] if key == b"read:kv" else [])


def test_of_a_region_of_very_many_keys_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvgate.seeding.rest.MOST_LISTED", 2)
    with servers(interfaces=["geode"]) as embedded:
        assert embedded.geode is not None
        seeder = make_seeder(part_of(embedded, "geode"), tls=Tls(), limits=Limits())
        assert isinstance(seeder, Lister)
        embedded.geode.regions["orders"].update({"a": "{}", "b": "{}"})
        assert seeder.listed() == there(b"a", b"b", where=f"{embedded.geode_url}/orders")
        embedded.geode.regions["orders"]["c"] = "{}"
        assert seeder.listed() is None


def test_a_server_that_is_busy_with_a_listing_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have one thread, which goes on listing when nobody waits for it any more."""
    monkeypatch.setattr("kvgate.run.strays.LISTING", 0.0)
    events: list[str] = []

    class Noting(Listing):
        def listed(self) -> frozenset[tuple[str, bytes]] | None:
            events.append("listed")
            return super().listed()

    def answer(target: str, label: str, number: int) -> Exchange:
        events.append(label)
        busy = events.count("listed") == 1 and "first" not in events[events.index("listed") : -1]
        return failed(label, FaultKind.TIMEOUT) if busy else exchange(label, target=target)

    made = Made(tmp_path, seeder=Noting(None), answer=answer)
    made.prober.start(NAMES)
    for name in NAMES:
        found = made.prober.evidence(name)
        assert [each.fault for each in found.exchanges] == [None] * len(found.exchanges)
        assert len(found.exchanges) >= 2


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
        embedded.geode.regions["empty"]["a:b \u20ac"] = "{}"
        where = f"{embedded.geode_url}/empty"
        assert seeder.unwritten == {where}
        assert seeder.listed() == frozenset({(where, "a:b \u20ac".encode())})
        (written,) = seeder.stray(where, "a:b \u20ac".encode())
        assert (written.place, written.key, written.odd) == ("empty", "a%3Ab%20%E2%82%AC", False)
        assert seeder.taken(seeder.remove(written))
        assert seeder.listed() == frozenset()
        assert seeder.stray("http://another/empty", b"a") == ()


class _Indexes(Geode):
    """Makes a key of its own a while after each PUT of a key that it is of; nothing by reading."""

    def put(self, request: Request, name: str, sent: str) -> Answer:
        answer = super().put(request, name, sent)
        region = self.region(name)
        made = {f"9{key.replace('.', '-')}": "{}" for key in self.split_keys(sent) if self.is_of(key)}
        if region is not None and made:
            asyncio.get_running_loop().call_later(0.4, region.update, made)
        return answer

    def is_of(self, key: str) -> bool:
        raise NotImplementedError


class _OfNumbers(_Indexes):
    def is_of(self, key: str) -> bool:
        return key.isdecimal()


class _OfDots(_Indexes):
    def is_of(self, key: str) -> bool:
        return "." in key


@pytest.mark.parametrize("make", [_OfNumbers, _OfDots])
def test_a_region_that_makes_keys_of_some_kinds_by_itself_is_not_accused(make: type[Geode], tmp_path: Path) -> None:
    with Embedded.start(interfaces=["geode"], make_geode=make) as embedded:
        ran = gate(
            tmp_path, "suites/geode", *geode(embedded), "--kv-case=dot-in-*", "--kv-case=*zero*", "--kv-case=text-*"
        )
    assert ran.status == Exit.CONFORMING, ran.out


@pytest.mark.parametrize(
    ("name", "cases", "region"),
    [
        ("reading-leaves-keys-of-its-own", "reading-*", "orders"),
        ("reading-leaves-keys-in-empty-region", "reading-*", "empty"),
        ("reading-leaves-keys-of-numbers", "leading-zero*", "orders"),
        ("reading-leaves-parts-of-keys", "dot-in-*", "orders"),
    ],
)
def test_a_read_that_writes_keys_of_its_own_into_a_region_is_not_green(
    name: str, cases: str, region: str, tmp_path: Path
) -> None:
    with start(load_faults("geode")[name]) as embedded:
        assert embedded.geode is not None
        ran = gate(tmp_path, "suites/geode", *geode(embedded), f"--kv-case={cases}")
        left = {name: list(held) for name, held in embedded.geode.regions.items()}
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert failing == {"geode.safe.read-only"}
    assert "a key came into being that nobody wrote" in ran.out
    assert left[region] == []


def test_a_note_of_what_was_refused_in_another_region_is_not_green_and_is_cleaned_up(tmp_path: Path) -> None:
    class Notes(Geode):
        def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
            self.regions["items"][f"refused-{missing[0]}"] = "{}"
            return super().missing(name, keys, missing)

    with Embedded.start(interfaces=["geode"], make_geode=Notes) as embedded:
        ran = gate(tmp_path, "suites/geode", *geode(embedded), "--kv-case=reading-*", "--kv-case=an-error-*")
        left = embedded.geode.regions["items"] if embedded.geode else {"none": ""}
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert (failing, dict(left)) == ({"geode.safe.read-only"}, {})


def test_what_is_missed_and_comes_to_be_there_in_capitals_is_not_green_and_is_cleaned_up(tmp_path: Path) -> None:
    class Creating(Geode):
        def missing(self, name: str, keys: Sequence[str], missing: Sequence[str]) -> Response:
            self.regions[name].update((key.upper(), "null") for key in missing)
            return super().missing(name, keys, missing)

    with Embedded.start(interfaces=["geode"], make_geode=Creating) as embedded:
        ran = gate(
            tmp_path, "suites/geode", *geode(embedded), "--kv-case=control", "--kv-case=reading-creates-nothing*"
        )
        left = [region for region in embedded.geode.regions.values() if region] if embedded.geode else ["none"]
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert (failing, left) == ({"geode.safe.read-only"}, [])
