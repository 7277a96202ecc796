"""Seeding Geode over its own REST API: what goes over the wire, and what a region holds afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from scripted import ScriptedServer
from seeding_parts import LIMITS, MARK, Asked, case, clients, geode_part, read_asked, reply, serves

from kvgate.case import Case
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import basic_credential
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import NotInPlace, NotTaken
from kvgate.seeding.rest import RestSeeder
from kvgate.wire.client import Client, Credentials, Tls
from kvgate.wire.exchange import Request

FLAT = b'{"n":1,"text":"plain words","flag":true}'


def geode_case(*rows: tuple[str, str, bytes]) -> Case:
    return case(*rows, interface="geode")


@contextmanager
def geode(behaviour: str = "1.14.4", **arguments: Any) -> Iterator[tuple[Embedded, RestSeeder]]:
    with Embedded.start(interfaces=["geode"], geode_behaviour=behaviour, **arguments) as servers:
        part = geode_part(origin_of(servers))
        yield servers, RestSeeder(part, clients(part))


def origin_of(servers: Embedded) -> str:
    return servers.geode_url.removesuffix("/geode/v1")


def seeder_at(server: ScriptedServer, data: str = "orders") -> RestSeeder:
    part = geode_part(server.origin, data=data)
    return RestSeeder(part, clients(part))


def asked_of(server: ScriptedServer) -> list[Asked]:
    return [read_asked(raw) for raw in server.requests]


def got(servers: Embedded, region: str, key: str) -> tuple[int, bytes]:
    answer = Client(origin_of(servers)).ask(Request("GET", f"/geode/v1/{region}/{key}")).response
    assert answer is not None
    return answer.status, answer.body


@pytest.mark.parametrize("behaviour", ["doc", "1.12.1", "1.14.4"])
def test_values_are_found_under_their_keys(behaviour: str) -> None:
    with geode(behaviour) as (servers, seeder):
        assert (
            seeder.put(  # type: ignore[func-returns-value]  # None is what the protocol promises
                geode_case(
                    ("data", "kvtesta", FLAT),
                    ("data", "kvtestb", b'{"n":2}'),
                    ("second", "kvtesta", b'{"n":3}'),
                    ("data", "kvtest.a", b'{"n":4}'),
                    ("data", "kvtest%20b", b'{"n":5}'),
                    ("data", "kvtest%e6%97%a5", b'{"n":6}'),
                    ("data", "kvtest%22%3C%26%2B%23%3F%7B%7D", b'{"n":7}'),
                )
            )
            is None
        )
        assert json.loads(got(servers, "orders", "kvtesta")[1]) == json.loads(FLAT)
        assert json.loads(got(servers, "items", "kvtesta")[1]) == {"n": 3}
        for key, number in (
            ("kvtestb", 2),
            ("kvtest.a", 4),
            ("kvtest%20b", 5),
            ("kvtest%E6%97%A5", 6),
            ("kvtest%22%3c%26%2b%23%3f%7b%7d", 7),
        ):
            assert json.loads(got(servers, "orders", key)[1]) == {"n": number}
        assert got(servers, "items", "kvtestb")[0] == 404


def test_values_go_out_byte_for_byte() -> None:
    values = [
        b'{ "big" : 123456789012345678901234567890, "f": 20.0,\n "s": "\\u65e5 \xe6\x97\xa5" , "a":[1,{}] }',
        b'{"n":1}',
        b'{"n":2}',
    ]
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        rows = [("data", f"kvtest{n}", value) for n, value in enumerate(values)]
        seeder_at(server).put(geode_case(*rows))
        asked = asked_of(server)
    assert [(one.method, one.target) for one in asked] == [
        ("PUT", "/geode/v1/orders/kvtest0"),
        ("PUT", "/geode/v1/orders/kvtest1,kvtest2"),
    ]
    assert asked[0].body == values[0]
    assert asked[1].body == b"[" + values[1] + b"," + values[2] + b"]"


def test_every_request_says_json_and_takes_anything() -> None:
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder = seeder_at(server)
        state = geode_case(("data", "kvtest%e6%97%a5", b'{"n":1}'))
        (written,) = seeder.plan(state)
        seeder.put(state)
        seeder.remove(written)
        asked = asked_of(server)
    assert [(one.method, one.target) for one in asked] == [
        ("PUT", "/geode/v1/orders/kvtest%E6%97%A5"),
        ("DELETE", "/geode/v1/orders/kvtest%E6%97%A5"),
    ]
    assert [(one.headers["content-type"], one.headers["accept"]) for one in asked] == [("application/json", "*/*")] * 2


@pytest.mark.parametrize(
    "key", ["a.b", "a%2Cb", "a,b", "a%3Bb", "a;b", "a%2Fb", "a%5Cb", "a%25b", "%20a", "a%20", "%E6%97%A5", "a%2eb"]
)
def test_keys_that_a_list_could_change_are_put_alone(key: str) -> None:
    state = geode_case(
        ("data", "kvtest1", b'{"n":1}'), ("data", f"kvtest{key}", b'{"n":2}'), ("data", "kvtest3", b'{"n":3}')
    )
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder_at(server).put(state)
        asked = asked_of(server)
    assert [one.body for one in asked] == [b'{"n":1}', b'{"n":2}', b'{"n":3}']
    assert asked[1].target.count(",") == 0


@pytest.mark.parametrize(
    "value",
    [b'{"f":1.5}', b'{"e":1e3}', b'{"n":1234567890123456}', b'{"a":[1]}', b'{"o":{}}', b'{"s":"\\n"}', b'{"z":null}'],
)
def test_values_that_an_array_could_change_are_put_alone(value: bytes) -> None:
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder_at(server).put(geode_case(("data", "kvtest1", value), ("data", "kvtest2", value)))
        assert [one.body for one in asked_of(server)] == [value, value]


def test_long_lists_are_split_below_the_length_of_a_url() -> None:
    rows = [("data", f"kvtest{'k' * 100}{n}", b'{"n":1}') for n in range(200)]
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder_at(server).put(geode_case(*rows))
        asked = asked_of(server)
    assert 3 <= len(asked) <= 6
    assert max(len(one.target) for one in asked) < 8000
    assert sum(one.target.count(",") + 1 for one in asked) == 200


def test_regions_are_never_mixed_in_one_request() -> None:
    rows = [("data", "kvtest1", b'{"n":1}'), ("second", "kvtest2", b'{"n":2}'), ("data", "kvtest3", b'{"n":3}')]
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder_at(server, data="my-orders").put(geode_case(*rows))
        assert [one.target for one in asked_of(server)] == [
            "/geode/v1/my-orders/kvtest1",
            "/geode/v1/items/kvtest2",
            "/geode/v1/my-orders/kvtest3",
        ]


def test_a_server_that_takes_no_arrays_gets_one_at_a_time() -> None:
    with ScriptedServer(serves(lambda asked: reply(400 if asked.body.startswith(b"[") else 200))) as server:
        seeder_at(server).put(geode_case(("data", "kvtest1", b'{"n":1}'), ("data", "kvtest2", b'{"n":2}')))
        assert [one.body for one in asked_of(server)][1:] == [b'{"n":1}', b'{"n":2}']


@pytest.mark.parametrize("status", [404, 405, 501])
def test_post_where_put_is_unknown(status: int) -> None:
    with ScriptedServer(serves(lambda asked: reply(201 if asked.method == "POST" else status))) as server:
        seeder_at(server).put(geode_case(("data", "kvtest%20a", b'{"n":1}')))
        last = asked_of(server)[-1]
    assert (last.method, last.target, last.body) == ("POST", "/geode/v1/orders?key=kvtest%20a", b'{"n":1}')


def test_post_over_what_a_run_under_the_same_mark_left() -> None:
    there = [True]

    def answer(asked: Asked) -> bytes:
        if asked.method == "DELETE":
            there.clear()
            return reply(200)
        return reply(405 if asked.method == "PUT" else 409 if there else 201)

    with ScriptedServer(serves(answer)) as server:
        seeder_at(server).put(geode_case(("data", "kvtest1", b'{"n":1}')))
        assert [one.method for one in asked_of(server)] == ["PUT", "POST", "DELETE", "POST"]


@pytest.mark.parametrize("key", ["a%2Fb", "a%25b", "a%3Bb", "a%5Cb", "a%2Cb"])
def test_a_key_that_no_path_can_name_is_never_posted(key: str) -> None:
    with ScriptedServer(serves(lambda _: reply(404))) as server:
        with pytest.raises(NotInPlace):
            seeder_at(server).put(geode_case(("data", f"kvtest{key}", b'{"n":1}')))
        assert [one.method for one in asked_of(server)] == ["PUT"]


def test_what_stood_there_under_the_same_mark_is_overwritten() -> None:
    with geode() as (servers, seeder):
        seeder.put(geode_case(("data", "kvtest1", b'{"old":1}')))
        seeder.put(geode_case(("data", "kvtest1", b'{"new":1}')))
        assert json.loads(got(servers, "orders", "kvtest1")[1]) == {"new": 1}


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"<h2>boom</h2>", "PUT of key kvtest1 in region 'orders': answered 500 (<h2>boom</h2>)"),
        (400, b'{"cause":"no"}', 'answered 400 ({"cause":"no"})'),
        (404, b"", "does region 'orders' exist on the target? Name regions that do with --geode-regions"),
        (401, b"", "asks for credentials: give auth"),
        (403, b'{"cause":"not authorized"}', "give credentials that may do this in auth"),
        (302, b"", "answered 302"),
    ],
)
def test_refusals_are_told(status: int, body: bytes, words: str) -> None:
    with ScriptedServer(serves(lambda _: reply(status, body))) as server, pytest.raises(NotInPlace) as raised:
        seeder_at(server).put(geode_case(("data", "kvtest1", b'{"n":1}')))
    assert words in str(raised.value)


@pytest.mark.parametrize(("length", "meant"), [(1500, NotInPlace), (2500, NotTaken)])
def test_a_long_address_may_be_refused_where_the_server_says_so(length: int, meant: type[NotInPlace]) -> None:
    with ScriptedServer(serves(lambda _: reply(414))) as server, pytest.raises(NotInPlace) as told:
        seeder_at(server).put(geode_case(("data", "k" * length, b'{"n":1}')))
    assert type(told.value) is meant


def test_a_server_that_dies_in_the_middle_is_told() -> None:
    left = [reply(200)]
    with ScriptedServer(serves(lambda _: left.pop() if left else b"")) as server, pytest.raises(NotInPlace) as raised:
        seeder_at(server).put(geode_case(("data", "kvtest.1", b'{"n":1}'), ("data", "kvtest.2", b'{"n":1}')))
    assert "kvtest.2" in str(raised.value)


@pytest.mark.parametrize("place", ["empty", "absent", "third"])
def test_other_regions_are_never_written(place: str) -> None:
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder = seeder_at(server)
        state = geode_case(("data", "kvtest1", b'{"n":1}'), (place, "kvtest2", b'{"n":1}'))
        with pytest.raises(NotInPlace, match=place):
            seeder.put(state)
        assert seeder.plan(state) == ()
        assert server.requests == []


def test_credentials_go_to_the_server_of_the_target_only() -> None:
    user, password = basic_credential("data", "data")
    with Embedded.start(interfaces=["geode"], geode_credential=(user, password)) as servers:
        part = geode_part(origin_of(servers), credentials=Credentials(user, password))
        ways = clients(part)
        RestSeeder(part, ways).put(geode_case(("data", "kvtest1", b'{"n":1}')))
    with ScriptedServer(serves(lambda _: reply(200))) as stranger:
        ways.ask("geode", "interface", stranger.origin, Request("DELETE", "/geode/v1/orders/kvtest1"))
        assert "authorization" not in asked_of(stranger)[0].headers


def test_what_was_written_is_removed() -> None:
    with geode() as (servers, seeder):
        state = geode_case(*(("data", f"{MARK}{n}", b'{"n":1}') for n in range(5)), ("second", "kvtest.x", b'{"n":1}'))
        plan = seeder.plan(state)
        assert [(item.place, item.key, item.credentials) for item in plan][-1] == ("second", "kvtest.x", "interface")
        seeder.put(state)
        answers = [seeder.remove(item) for item in plan]
        assert all(map(seeder.taken, answers))
        assert servers.geode is not None
        assert [got(servers, "orders", f"{MARK}{n}")[0] for n in range(5)] == [404] * 5


@pytest.mark.parametrize(
    ("status", "taken"), [(200, True), (204, True), (202, False), (404, False), (412, False), (500, False)]
)
def test_a_key_that_stood_there_is_taken_away_by_success_only(status: int, taken: bool) -> None:
    with ScriptedServer(serves(lambda _: reply(status))) as server:
        seeder = seeder_at(server)
        (written,) = seeder.plan(geode_case(("data", "kvtest1", b'{"n":1}')))
        assert seeder.taken(seeder.remove(written)) is taken


def test_preloaded_geode_asks_nothing() -> None:
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        seeder = make_seeder(geode_part(server.origin, seeding="preloaded"), tls=Tls(), limits=LIMITS)
        state = geode_case(("data", "kvtest1", b'{"n":1}'))
        seeder.prepare()
        assert (seeder.put(state), seeder.read(state), seeder.plan(state), seeder.writes) == (None, None, (), False)
        assert server.requests == []
        assert [request.method for _, request in seeder.recipe(state)] == ["PUT"]
