"""When a key counts as gone: what servers say of removals, and what they show afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from journal_parts import journal_of, swept, written
from scripted import ScriptedServer
from seeding_parts import Asked, case, geode_part, reply, serves

from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.http import Answer
from kvgate.reference.message import Request as ServerRequest
from kvgate.seeding.make import make_seeder
from kvgate.seeding.sweep import SweepResult
from kvgate.wire.client import Limits, Tls
from kvgate.wire.exchange import Request


@pytest.mark.parametrize(
    ("removal", "look", "gone"),
    [
        (reply(200), reply(404), True),
        (reply(204), reply(400), True),
        (reply(200), reply(404, b"<html>", Content_Type="text/html"), True),
        (reply(200), reply(405), True),
        (reply(200), reply(501), True),
        (reply(200), reply(200, b"{}"), False),
        (reply(204), reply(200), False),
        # A server that cuts keys answers about another path than was asked for.
        (reply(200), reply(200, b"{}", Content_Location="http://h/geode/v1/orders"), True),
        (reply(200), reply(200, b"{}", Content_Location="http://h/geode/v1/orders/kvtest1"), False),
        (reply(200), reply(200, b"{}", Content_Location="http://h/elsewhere"), False),
        (reply(200), reply(503), False),
        (reply(200), reply(401), False),
        (reply(200), b"", False),
        (reply(404), reply(404), True),
        (reply(404), reply(400), True),
        (reply(404), reply(200, b"{}"), False),
        # Of one key alone such a server says nothing, and here a list is not known.
        (reply(404), reply(500), True),
        (reply(404), reply(405), True),
        (reply(200), reply(500), True),
        (reply(404), reply(503), False),
        (reply(404), b"", False),
        (reply(404, b"<html>", Content_Type="text/html"), reply(405), False),
        (reply(404, b"<html>", Content_Type="text/html"), reply(404, b"<html>", Content_Type="text/html"), False),
        (reply(404), reply(404, b"<html>", Content_Type="text/html"), False),
        (reply(500), reply(500), False),
        (reply(401), reply(404), False),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_when_a_key_counts_as_gone(tmp_path: Path, removal: bytes, look: bytes, gone: bool, odd: bool) -> None:
    def answer(asked: Asked) -> bytes:
        return removal if asked.method == "DELETE" else look

    with ScriptedServer(serves(answer)) as server:
        result = swept(journal_of(tmp_path, written("kvtest1", server.origin, odd=odd)))
    refused_alike = odd and removal == look == reply(500)
    assert (result.removed == 1) == (gone or refused_alike)


LISTS = [
    (b'{"orders":[null,null]}', True),
    (b'{"orders":[{"n":1},null]}', False),
    (b'{"orders":[null,{"n":1}]}', False),
    # What tells nothing leaves the word of the removal.
    (b'{"orders":[]}', True),
    (b"[null]", True),
    (b"no JSON", True),
    (b"", True),
]


@pytest.mark.parametrize(("listed", "gone"), LISTS)
@pytest.mark.parametrize("alone", [405, 500, 501])
@pytest.mark.parametrize("removal", [200, 404])
def test_a_key_that_is_not_read_alone_is_looked_for_in_a_list(
    tmp_path: Path, removal: int, alone: int, listed: bytes, gone: bool
) -> None:
    def answer(asked: Asked) -> bytes:
        if asked.method == "DELETE":
            return reply(removal)
        return reply(200, listed) if "," in asked.target else reply(alone)

    with ScriptedServer(serves(answer)) as server:
        among = Request("GET", "/geode/v1/orders/kvtest1,kvtest1-never-there?ignoreMissingKey=true")
        result = swept(journal_of(tmp_path, replace(written("kvtest1", server.origin), look_among=among)))
    assert result.removed == gone
    assert gone or result.left[0].endswith(f": its removal was answered {removal}, and it is still there")


@pytest.mark.parametrize("listed", [405, 500, 503, 400])
def test_where_no_list_is_read_either_the_removal_is_believed(tmp_path: Path, listed: int) -> None:
    def answer(asked: Asked) -> bytes:
        if asked.method == "DELETE":
            return reply(404)
        return reply(listed if "," in asked.target else 500)

    with ScriptedServer(serves(answer)) as server:
        item = replace(written("kvtest1", server.origin), look_among=Request("GET", "/geode/v1/orders/kvtest1,b"))
        assert swept(journal_of(tmp_path, item)) == SweepResult(1, ())


class _ListsOnly(Geode):
    """Reads no key alone; `removes` nothing unless it is told to."""

    removes = True

    def handle(self, request: ServerRequest) -> Answer:
        """A 405 for one key alone, and a 404 for a removal, carried out or not."""
        if request.method == "DELETE":
            if self.removes:
                super().handle(request)
            return self.plain(404)
        if request.method == "GET" and "," not in request.path:
            return self.plain(405)
        return super().handle(request)


@pytest.mark.parametrize("removes", [True, False])
def test_a_server_of_lists_only_is_believed_when_it_has_removed(tmp_path: Path, removes: bool) -> None:
    with Embedded.start(interfaces=["geode"], make_geode=_ListsOnly) as servers:
        assert isinstance(servers.geode, _ListsOnly)
        servers.geode.removes = removes
        part = geode_part(servers.geode_url.removesuffix("/geode/v1"))
        seeder = make_seeder(part, tls=Tls(), limits=Limits())
        state = case(("data", "kvtest1", b'{"n":1}'), ("data", "kvtest.b", b'{"n":2}'), interface="geode")
        file = journal_of(tmp_path, *seeder.plan(state))
        seeder.put(state)
        result = swept(file, part)
        seeder.close()
        assert sum(len(region) for region in servers.geode.regions.values()) == (0 if removes else 2)
    assert result.removed == (2 if removes else 0)
    assert all(line.endswith("its removal was answered 404, and it is still there") for line in result.left)


@pytest.mark.parametrize("status", [400, 500])
def test_a_key_that_the_server_refuses_in_any_path_was_never_stored(tmp_path: Path, status: int) -> None:
    with ScriptedServer(serves(lambda _: reply(status, b"<html>", Content_Type="text/html"))) as server:
        file = journal_of(tmp_path, written("kvtest%2F1", server.origin, odd=True))
        assert swept(file) == SweepResult(1, ())


_HTML = reply(404, b"<html>Not found", Content_Type="text/html; charset=utf-8")


def test_a_404_in_html_is_the_apis_own_word_where_it_removes_other_keys(tmp_path: Path) -> None:
    there = {"kvtest3", "kvtest7"}

    def answer(asked: Asked) -> bytes:
        key = asked.target.rpartition("/")[2]
        if key not in there:
            return _HTML
        there.discard(key)
        return reply(200)

    with ScriptedServer(serves(answer)) as server:
        keys = [written(f"kvtest{number}", server.origin) for number in range(9)]
        assert swept(journal_of(tmp_path, *keys), geode_part(server.origin)) == SweepResult(9, ())
    assert list(tmp_path.iterdir()) == []


def test_a_404_in_html_alone_is_said_to_be_one(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda _: _HTML)) as server:
        result = swept(journal_of(tmp_path, written("kvtest1", server.origin)), geode_part(server.origin))
    assert [line.partition(": ")[2] for line in result.left] == [
        "removing it: answered 404 (<html>Not found) in HTML, which need not be the API's word"
    ]
