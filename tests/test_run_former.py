"""Former states: what was answered before is asked about at once, and whoever follows the lines gets the same state."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, geode
from run_parts import FakeClient, FakeSeeder, exchange
from seeding_parts import LIMITS

from kvgate.case import Case, Mark, place
from kvgate.exits import Exit
from kvgate.interface import load_interface
from kvgate.reference.connection import Answer
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.message import Request
from kvgate.run.plan import Selection, make_plan
from kvgate.run.prober import Prober
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.seeding.journal import Journal
from kvgate.seeding.make import make_seeder
from kvgate.seeding.spelling import decoded
from kvgate.target.model import Part
from kvgate.verdict.evidence import Situation
from kvgate.wire.client import Client, Tls
from kvgate.wire.exchange import Exchange
from kvgate.wire.origin import split_url

PLANS = {name: make_plan(name, "doc", Selection()) for name in ("get2", "geode")}
FORMER = [(name, case.name) for name, plan in PLANS.items() for case in plan.cases.values() if case.former]
OTHERS = [name for name, case in PLANS["get2"].cases.items() if len(case.asks) == 1 and not case.former][:6]
MARK = Mark("kvtest")


class Made:
    """A prober with stand-ins, and all that reached them, in order: (step or label, case or target)."""

    def __init__(self, folder: Path, *, slots: int = 1) -> None:
        self.events: list[tuple[str, str]] = []
        self.stop = Stop()
        self.seeder: Any = FakeSeeder(lambda step, case: self.events.append((step, case)))
        client: Any = FakeClient(self.answer)
        part = Part("get2", "http://127.0.0.1:9", "", "doc", "nodes", {})
        journal = Journal(folder, MARK)
        self.prober = Prober(
            part, PLANS["get2"], self.seeder, client, journal, MARK, slots=Slots(slots), stop=self.stop
        )

    def answer(self, target: str, label: str, _number: int) -> Exchange:
        self.events.append((label, target))
        return exchange(label, target=target)

    def of(self, name: str) -> list[str]:
        """What happened to a case, in order."""
        case = place(PLANS["get2"].cases[name], MARK, {})
        return [what for what, whose in self.events if whose in (name, case.asks[0].target)]


@pytest.mark.parametrize("slots", [1, 4])
def test_a_state_that_took_the_place_of_another_is_asked_about_before_anything_else(tmp_path: Path, slots: int) -> None:
    """A cache that keeps an answer for a second has the former one still, however many cases there are."""
    made = Made(tmp_path, slots=slots)
    former = "former-removed"
    made.prober.start([*OTHERS[:3], former, *OTHERS[3:]])
    evidence = made.prober.evidence(former)
    assert made.prober.finish(5)
    assert made.of(former) == ["put", "first", "put", "first", "again", "read"]
    own = place(PLANS["get2"].cases[former], MARK, {}).asks[0].target
    others = {place(PLANS["get2"].cases[name], MARK, {}).asks[0].target for name in OTHERS}
    asked = [whose for what, whose in made.events if what in ("first", "again") and whose in {own, *others}]
    assert asked[:2] == [own, own], "before the questions of the others"
    assert set(asked[2:8]) == others
    assert own not in asked[2:8], "asked again when the others were asked once"
    assert [each.label for each in evidence.exchanges] == ["first", "again"]


def test_with_one_slot_the_question_follows_the_state_before_the_next_case_is_put_in_place(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.prober.start(["former-removed", *OTHERS])
    made.prober.evidence("former-removed")
    assert made.prober.finish(5)
    own = [index for index, (what, _) in enumerate(made.events) if what in ("put", "first")]
    names = [made.events[index] for index in own if "control" not in made.events[index][1]]
    target = place(PLANS["get2"].cases["former-removed"], MARK, {}).asks[0].target
    at = names.index(("put", "former-removed"))
    assert names[at : at + 5] == [
        ("put", "former-removed"),
        ("first", target),
        ("put", "former-removed"),
        ("first", target),
        ("put", OTHERS[0]),
    ]


def test_a_state_that_was_loaded_beforehand_has_no_past(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.seeder.writes = False
    made.prober.start(["former-removed", *OTHERS[:2]])
    evidence = made.prober.evidence("former-removed")
    assert made.prober.finish(5)
    assert made.of("former-removed") == ["put", "first", "again", "read"]
    assert len(made.prober.recipe(evidence.case)) == 1


# What is put there line by line


@contextmanager
def probing(interface: str, folder: Path, make_geode: Any = Geode) -> Iterator[tuple[Embedded, Part, Prober, Any]]:
    with Embedded.start(interfaces=[interface], make_geode=make_geode) as embedded:
        settings: dict[str, Any] = {"regions": dict(embedded.regions)}
        if interface == "get2":
            settings = {"nodes": list(embedded.node_urls)}
        url = embedded.ha_url if interface == "get2" else embedded.geode_url
        part = Part(interface, *split_url(url, interface), "doc", load_interface(interface).seeding[0], settings)
        stop, seeder = Stop(), make_seeder(part, tls=Tls(), limits=LIMITS)
        client, journal = Client(part.origin, limits=LIMITS), Journal(folder, MARK)
        prober = Prober(part, PLANS[interface], seeder, client, journal, MARK, slots=Slots(4), stop=stop)
        prober.evidence(load_interface(interface).control[0])
        yield embedded, part, prober, seeder
        assert prober.finish(10)
        journal.close()


def held(embedded: Embedded, part: Part, seeder: Any, case: Case) -> dict[tuple[str, str], tuple[bytes, int | None]]:
    """What the places of the reference hold under the keys of a case."""
    if case.interface == "get2":
        situation = seeder.read(case)
        assert isinstance(situation, Situation)
        return {at: (found.value, found.version) for at, found in situation.held.items() if found.value is not None}
    assert embedded.geode is not None
    there: dict[tuple[str, str], tuple[bytes, int | None]] = {}
    for role, key in {*case.keys, *((holding.place, holding.key) for state in case.former for holding in state)}:
        region = embedded.geode.regions[part.places[role]]
        text = decoded(key).decode()
        if text in region:
            there[role, key] = (region[text].encode(), None)
    return there


def follow(recipe: tuple[tuple[str, Any], ...]) -> None:
    """Sends the requests of a recipe, one after the other."""
    for origin, request in recipe:
        answer = Client(origin, limits=LIMITS).ask(request)
        assert answer.fault is None, answer.fault


@pytest.mark.parametrize("interface", PLANS)
def test_whoever_follows_the_recipe_gets_the_state_that_is_judged(interface: str, tmp_path: Path) -> None:
    names = [name for owner, name in FORMER if owner == interface]
    assert len(names) >= 9
    with probing(interface, tmp_path) as (embedded, part, prober, seeder):
        for turn in range(2):
            # Whether the nodes set versions is known only once one was asked to: the second time on each of them.
            for name in names:
                case = place(PLANS[interface].cases[name], Mark(f"kvby{turn}"), part.places)
                follow(prober.recipe(case))
                wanted = {(each.place, each.key): (each.value, each.version) for each in case.holdings}
                assert held(embedded, part, seeder, case) == wanted, name
                prober.evidence(name, turn)


def test_a_recipe_writes_and_takes_away_what_differs_and_nothing_else(tmp_path: Path) -> None:
    wanted = {
        "former-removed": ["PUT a,b", "GET b,a", "DELETE a"],
        "former-missing": ["PUT b", "GET b,a", "PUT a"],
        "former-values-replaced": ["PUT a,b", "GET b,a", "PUT a,b"],
        "former-second-of-three-replaced": ["PUT a,b,c", "GET a,b,c", "PUT b"],
        "former-all-removed": ["PUT a,b,c", "GET a,b", "DELETE a", "DELETE b"],
        "former-removed-and-stored-again": ["PUT a,b", "GET a,b", "DELETE a", "GET a,b", "PUT a"],
        "former-another-key-missing": ["PUT a,b", "GET a,b,c", "DELETE b", "PUT c"],
    }
    found: dict[str, list[str]] = {}
    with probing("geode", tmp_path) as (_, part, prober, _seeder):
        for name in wanted:
            steps = prober.recipe(place(PLANS["geode"].cases[name], MARK, part.places))
            keys = [request.target.rpartition("/")[2].replace(MARK.words(name), "") for _, request in steps]
            found[name] = [f"{request.method} {key}" for (_, request), key in zip(steps, keys, strict=True)]
    assert found == wanted


def test_what_is_sent_is_what_the_recipe_says(tmp_path: Path) -> None:
    """Each former state is put, asked for and left; what both states have is not written again."""
    sent: list[tuple[str, str, bytes]] = []

    class Noting(Geode):
        def respond(self, request: Request) -> Answer:
            sent.append((request.method, request.target, request.body))
            return super().respond(request)

    names = [name for owner, name in FORMER if owner == "geode"]
    with probing("geode", tmp_path, make_geode=Noting) as (_, part, prober, _seeder):
        for name in names:
            sent.clear()
            case = prober.evidence(name).case
            recipe = [(each.method, each.target, each.body) for _, each in prober.recipe(case)]
            judged = ("GET", part.prefix + case.asks[0].target, b"")
            assert sent[: len(recipe) + 1] == [*recipe, judged], name
            assert {method for method, _, _ in sent[len(recipe) :]} == {"GET"}, name


@pytest.mark.parametrize(
    ("name", "connections"), [("former-on-one-connection-replaced", 1), ("former-first-of-three-replaced", 2)]
)
def test_a_question_with_a_connection_is_asked_of_each_state_on_the_same(
    name: str, connections: int, tmp_path: Path
) -> None:
    asked: list[tuple[str, int]] = []

    class Noting(Geode):
        def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
            asked.append((request.target, request.connection))
            return super().get(request, name, keys_as_sent)

    with probing("geode", tmp_path, make_geode=Noting) as (_, part, prober, _seeder):
        target = part.prefix + prober.evidence(name).case.asks[0].target
    former, judged, again = (connection for what, connection in asked if what == target)
    assert len({former, judged}) == connections
    assert again not in (former, judged), "asked again on a connection of its own"


def test_nodes_are_written_whole() -> None:
    """They count versions on from what was there, and what was put is read back: all of it."""
    former = [PLANS["get2"].cases[name] for owner, name in FORMER if owner == "get2"]
    for case in former:
        assert all(each.version is not None for held in (*case.former, case.holdings) for each in held), case.name


# Writes that take a moment


def test_writes_that_reach_the_readers_a_moment_later_accuse_nobody(tmp_path: Path) -> None:
    """One server takes the write, another answers: what is not read back is given time to get there."""
    late = threading.Event()

    class Late(Geode):
        def put(self, request: Request, name: str, keys_as_sent: str) -> Answer:
            def arrive() -> None:
                late.set()
                super(Late, self).put(request, name, keys_as_sent)

            asyncio.get_running_loop().call_later(0.02, arrive)
            return self.json_reply(200)

    with Embedded.start(interfaces=["geode"], make_geode=Late) as embedded:
        ran = gate(tmp_path, *geode(embedded), "--kv-case=control*", "--kv-case=former-values-*")
    assert late.is_set()
    assert ran.status == Exit.CONFORMING, ran.out
