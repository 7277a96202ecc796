"""The journal, and the sweep that takes away what it names."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from scripted import ScriptedServer, answers
from seeding_parts import MARK, Asked, case, clients, geode_part, get2_part, masters, read_asked, reply, serves

from kvgate.case import Mark
from kvgate.errors import InputError
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.http import Answer
from kvgate.reference.hustdb import Node
from kvgate.reference.message import Request as ServerRequest
from kvgate.reference.message import Response
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import Journal, JournalFile, read_journal, read_journals
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import Written
from kvgate.seeding.sweep import MANY, PASSES, SweepResult, sweep
from kvgate.target.model import Part
from kvgate.wire.client import Credentials, Limits, Tls
from kvgate.wire.exchange import Request


def written(key: str, origin: str = "http://127.0.0.1:1", *, odd: bool = False) -> Written:
    return Written(
        interface="geode",
        place="data",
        key=key,
        origin=origin,
        remove=Request("DELETE", f"/geode/v1/orders/{key}", (("Accept", "*/*"),)),
        look=Request("GET", f"/geode/v1/orders/{key}"),
        credentials="interface",
        odd=odd,
    )


def journal_of(folder: Path, *items: Written, mark: str = MARK) -> JournalFile:
    journal = Journal(folder, Mark(mark))
    journal.note(items)
    journal.close()
    return read_journal(journal.path)


def swept(
    file: JournalFile, *parts: Part, limits: Limits | None = None, concurrency: int = 8, time_limit: float = 30
) -> SweepResult:
    ways = clients(*parts, limits=limits) if limits else clients(*parts)
    return sweep([file], ways, concurrency=concurrency, time_limit=time_limit)


def removes(asked: Asked) -> bytes:
    """A server that takes every key away."""
    return reply(404 if asked.method == "GET" else 200)


# Journal


def test_what_is_noted_is_read_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "folder", Mark(MARK))
    first, second = written("kvtest%2F1", odd=True), written("kvtest2")
    journal.note([first])
    journal.note([second, first])
    (file,) = read_journals(tmp_path / "new" / "folder")
    assert (file.path, file.mark, file.unreadable) == (journal.path, Mark(MARK), ())
    assert file.written == (first, second, first)
    journal.close()
    journal.close()


def test_it_is_on_the_disk_before_note_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            seen.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fsync", watched)
    journal = Journal(tmp_path, Mark(MARK))
    for key in ("kvtest1", "kvtest2"):
        journal.note([written(key), written(key)])
        assert seen[-1] == journal.path.stat().st_size
    assert len(seen) == 2


def test_nothing_noted_leaves_no_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Mark(MARK))
    journal.note([])
    journal.close()
    assert list(tmp_path.iterdir()) == []
    assert read_journals(tmp_path / "nowhere") == ()


def test_threads_note_at_the_same_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Mark(MARK))

    def note(thread: int) -> None:
        for n in range(20):
            journal.note([written(f"kvtest-{thread}-{n}"), written(f"kvtest-{thread}-{n}b")])

    threads = [threading.Thread(target=note, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    file = read_journal(journal.path)
    assert file.unreadable == ()
    assert len(set(file.written)) == len(file.written) == 8 * 20 * 2


def test_each_process_has_a_file_of_its_own(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kvgate.case import Mark; from kvgate.seeding.journal import *\n"
        "from kvgate.seeding.model import Written; from kvgate.wire.exchange import Request\n"
        "r = Request('GET', '/kvtest')\n"
        "w = Written('get2', 'master1', 'kvtest' + sys.argv[2], 'http://h:1', r, r, 'nodes')\n"
        "Journal(Path(sys.argv[1]), Mark('kvtest')).note([w])"
    )
    root = str(Path(__file__).parent.parent)
    for name in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), name], check=True, cwd=root, timeout=60
        )  # our own code
    files = read_journals(tmp_path)
    assert sorted(item.key for file in files for item in file.written) == ["kvtest1", "kvtest2"]
    assert len(files) == 2


@pytest.mark.parametrize("lost", [1, 2, 30])
def test_a_torn_last_line_is_no_loss(tmp_path: Path, lost: int) -> None:
    file = journal_of(tmp_path, written("kvtest1"), written("kvtest2"))
    file.path.write_bytes(file.path.read_bytes()[:-lost])
    again = read_journal(file.path)
    assert (again.written, again.unreadable, again.mark) == ((written("kvtest1"),), (), Mark(MARK))


def test_a_torn_first_line_is_an_empty_journal(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    path.write_text('{"journal":1,"ma')
    assert read_journal(path) == JournalFile(path, None, ())


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"journal":2,"mark":"kvtest"}',
        '{"journal":1,"mark":"Bad Mark"}',
        "[" * 100_000,
        '{"interface":"get2","place":"master1","key":"k","origin":"http://u:p@h:1","credentials":"nodes","odd":false,'
        '"remove":"GET /x","look":"GET /x"}',
        '{"interface":"get2","place":"master1","key":"k","origin":"http://h:1","credentials":"nodes","odd":false,'
        '"remove":"POST /x","look":"GET /x"}',
    ],
)
def test_a_line_that_is_none_of_ours_is_told_and_the_rest_is_read(tmp_path: Path, line: str) -> None:
    file = journal_of(tmp_path, written("kvtest1"))
    with file.path.open("a") as out:
        out.write(line + "\n")
    again = read_journal(file.path)
    assert again.written == (written("kvtest1"),)
    assert len(again.unreadable) == 1
    assert again.unreadable[0].startswith(f"{file.path}:3: ")
    assert "\n" not in again.unreadable[0]


def test_a_journal_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write the journal"):
        Journal(tmp_path / "file" / "folder", Mark(MARK)).note([written("kvtest1")])
    with pytest.raises(InputError, match="cannot read this journal"):
        read_journal(tmp_path / "missing.journal")


def test_no_secret_and_no_value_stands_in_a_journal(tmp_path: Path) -> None:
    secret = Credentials("Authorization", "Basic c2VjcmV0")
    part = get2_part("http://h:1", ["http://a:1", "http://b:1"], masters="given", credentials={"nodes": secret})
    seeder = make_seeder(part, tls=Tls(), limits=Limits())
    seeder.prepare()
    file = journal_of(tmp_path, *seeder.plan(masters("kvtest1", (b"a-value", 1), (b"a-value", 1))))
    text = file.path.read_text()
    assert len(file.written) == 2
    assert "c2VjcmV0" not in text
    assert "a-value" not in text
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


# Sweep


def test_everything_written_is_taken_away_from_both_systems(tmp_path: Path) -> None:
    with Embedded.start(nodes=4) as servers:
        kv = get2_part(servers.ha_url, servers.node_urls)
        geode = geode_part(servers.geode_url.removesuffix("/geode/v1"))
        journal = Journal(tmp_path, Mark(MARK))
        for part in (kv, geode):
            seeder = make_seeder(part, tls=Tls(), limits=Limits(), concurrency=4)
            seeder.prepare()
            for n in range(30):
                if part is kv:
                    state = masters(f"kvtest%2F{n * n * 7919}", (b"a", 2), (b"b", 1))
                else:
                    rows = [("data", f"kvtest{n}.{m}", b'{"n":1}') for m in range(3)]
                    state = case(*rows, ("second", f"kvtest%20{n}", b'{"n":1}'), interface="geode")
                journal.note(seeder.plan(state))
                seeder.put(state)
        journal.close()
        assert sum(len(node.stored()) for node in servers.nodes) == 60
        # Never written, though noted: a run may have been killed in between.
        journal.note([written("kvtestnever", geode.origin)])
        stranger = Node.put(servers.nodes[0], b"somebody-elses", b"value")
        assert stranger.status == 200
        result = sweep(read_journals(tmp_path), clients(kv, geode), concurrency=4)
        assert result == SweepResult(60 + 120 + 1, ())
        assert [node.stored() for node in servers.nodes] == [(b"somebody-elses",), (), (), ()]
    assert list(tmp_path.iterdir()) == []


class KeepsSome(Node):
    """Refuses to remove keys that end in "2"."""

    def answer_del(self, request: ServerRequest) -> Response:
        key = self.key_of(request)
        return self.reply(500) if key.endswith(b"2") else super().answer_del(request)


def test_what_cannot_be_removed_is_named_and_its_journal_kept(tmp_path: Path) -> None:
    with Embedded.start(interfaces=["get2"], make_node=KeepsSome) as servers:
        part = get2_part(servers.ha_url, servers.node_urls)
        seeder = make_seeder(part, tls=Tls(), limits=Limits())
        seeder.prepare()
        for name in ("kvtest1", "kvtest2"):
            state = masters(name, (b"v", 1), (b"v", 1))
            kept = journal_of(tmp_path, *seeder.plan(state))
            seeder.put(state)
        result = sweep(read_journals(tmp_path), clients(part))
        assert result.removed == 2
        assert len(result.left) == 2
        assert all("key kvtest2" in line and "answered 500" in line for line in result.left)
        assert {line.partition(" on ")[2].partition(": rem")[0] for line in result.left} == set(servers.node_urls)
        assert result.kept == (kept.path,)
        assert list(tmp_path.iterdir()) == [kept.path]


def test_a_removal_is_tried_again(tmp_path: Path) -> None:
    refusals = [503, 503]
    with ScriptedServer(serves(lambda asked: reply(refusals.pop()) if refusals else removes(asked))) as server:
        file = journal_of(tmp_path, written("kvtest1", server.origin))
        assert swept(file) == SweepResult(1, ())
        assert len(server.requests) == 4


def test_a_removal_that_takes_effect_late_is_waited_for(tmp_path: Path) -> None:
    seen = [200, 200]
    with ScriptedServer(
        serves(lambda asked: reply(seen.pop()) if asked.method == "GET" and seen else removes(asked))
    ) as server:
        assert swept(journal_of(tmp_path, written("kvtest1", server.origin))) == SweepResult(1, ())


def test_a_removal_that_is_only_said_is_found_out_and_the_journal_kept(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda _: reply(200, b"{}"))) as server:
        file = journal_of(tmp_path, written("kvtest1", server.origin))
        result = swept(file)
    assert result.removed == 0
    assert result.left == (
        f"key kvtest1 in data on {server.origin}: its removal was answered 200, and it is still there",
    )
    assert result.kept == (file.path,)
    assert file.path.exists()


class OnlySaysSo(Node):
    """Answers a removal with 200 and keeps the key."""

    def remove(self, key: bytes) -> bool:  # noqa: ARG002  # the signature of a node
        return True


@pytest.mark.parametrize(("keys", "tries"), [(MANY, PASSES), (MANY + 1, 1)])
def test_of_many_keys_none_of_which_goes_away_each_is_tried_once(tmp_path: Path, keys: int, tries: int) -> None:
    asked: list[str] = []

    def answer(request: Asked) -> bytes:
        asked.append(request.method)
        return reply(503)

    with ScriptedServer(serves(answer)) as server:
        result = swept(journal_of(tmp_path, *(written(f"kvtest{number}", server.origin) for number in range(keys))))
    assert len(result.left) == keys
    assert asked.count("DELETE") == keys * tries


def test_a_node_that_keeps_what_it_says_is_removed(tmp_path: Path) -> None:
    with Embedded.start(interfaces=["get2"], make_node=OnlySaysSo) as servers:
        part = get2_part(servers.ha_url, servers.node_urls)
        seeder = make_seeder(part, tls=Tls(), limits=Limits())
        seeder.prepare()
        state = masters("kvtest1", (b"v", 1), (b"v", 1))
        kept = journal_of(tmp_path, *seeder.plan(state))
        seeder.put(state)
        result = sweep([kept], clients(part))
    assert len(result.left) == 2
    assert all(line.endswith("and it is still there") for line in result.left)
    assert result.kept == (kept.path,)


def test_a_key_without_the_mark_is_never_touched(tmp_path: Path) -> None:
    with ScriptedServer(serves(removes)) as server:
        foreign = written("1", server.origin)
        disguised = Written(
            "geode",
            "data",
            "kvtest1",
            server.origin,
            Request("DELETE", "/geode/v1/orders/1"),
            foreign.look,
            "interface",
        )
        file = journal_of(tmp_path, foreign, disguised, written("kvtest1", server.origin))
        result = swept(file)
        assert {read_asked(raw).target for raw in server.requests} == {"/geode/v1/orders/kvtest1"}
    assert result.removed == 1
    assert len(result.left) == 2
    assert all("does not carry the run's mark" in line for line in result.left)
    assert file.path.exists()


def test_a_journal_without_its_first_line_sweeps_nothing(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda _: reply(200))) as server:
        file = journal_of(tmp_path, written("kvtest1", server.origin))
        file.path.write_text("".join(file.path.read_text().splitlines(keepends=True)[1:]))
        assert swept(read_journal(file.path)).removed == 0
        assert server.requests == []


def test_digits_of_the_run_are_its_mark_too(tmp_path: Path) -> None:
    number = Mark(MARK).digits("some-case")
    with ScriptedServer(serves(removes)) as server:
        assert swept(journal_of(tmp_path, written(number, server.origin))) == SweepResult(1, ())


def test_a_key_noted_twice_is_removed_once(tmp_path: Path) -> None:
    with ScriptedServer(serves(removes)) as server:
        one = written("kvtest1", server.origin)
        files = [journal_of(tmp_path, one, one), journal_of(tmp_path, one)]
        assert sweep(files, clients()) == SweepResult(1, ())
        assert [read_asked(raw).method for raw in server.requests] == ["DELETE", "GET"]
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_gone_is_given_up(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda _: b"")) as server:
        file = journal_of(tmp_path, *(written(f"kvtest{n}", server.origin) for n in range(300)))
        result = swept(file, concurrency=4)
        # Four lanes may each have one more request under way when the third goes unanswered.
        assert len(server.requests) <= 3 + 3
    assert result.removed == 0
    assert len(result.left) == 300
    assert sum("does not answer any more" in line for line in result.left) >= 290
    assert result.kept == (file.path,)


def test_one_server_that_is_gone_does_not_keep_another_from_being_swept(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda _: b"")) as dead, ScriptedServer(serves(removes)) as alive:
        origins = (dead.origin, alive.origin)
        file = journal_of(tmp_path, *(written(f"kvtest{n}", origins[n % 2]) for n in range(40)))
        assert swept(file).removed == 20


def test_a_silent_server_and_a_time_limit_end_the_sweep(tmp_path: Path) -> None:
    with ScriptedServer(answers(linger=True)) as server:
        file = journal_of(tmp_path, *(written(f"kvtest{n}", server.origin) for n in range(10)))
        limits = Limits(connect=1, read=0.1, total=0.2)
        assert len(swept(file, limits=limits, concurrency=2).left) == 10
        assert len(server.requests) <= 3 + 1
        result = swept(file, limits=limits, time_limit=0)
        assert {line.rpartition(": ")[2] for line in result.left} == {"no time was left to remove it"}
    assert file.path.exists()


def test_a_removal_that_drips_ends_with_the_sweep(tmp_path: Path) -> None:
    done: list[socket.socket] = []

    def drips(sock: socket.socket, server: ScriptedServer) -> None:
        server.read_request(sock)
        server.drip(sock, iter([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100, b"Content-Length: 0\r\n\r\n"]), 0.02)
        done.append(sock)

    with ScriptedServer(drips) as server:
        file = journal_of(tmp_path, *(written(f"kvtest{n}", server.origin) for n in range(4)))
        result = swept(file, time_limit=0.2, concurrency=4)
        assert not done
    assert {line.rpartition(": ")[2] for line in result.left} == {"no time was left to remove it"}
    assert file.path.exists()


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


def test_secrets_go_to_the_targets_own_servers_only(tmp_path: Path) -> None:
    secret = Credentials("Authorization", "Basic c2VjcmV0")
    with ScriptedServer(serves(removes)) as own, ScriptedServer(serves(removes)) as stranger:
        part = geode_part(own.origin, credentials=secret)
        file = journal_of(tmp_path, written("kvtest1", own.origin), written("kvtest1", stranger.origin))
        assert swept(file, part).removed == 2
        assert read_asked(own.requests[0]).headers["authorization"] == "Basic c2VjcmV0"
        assert "authorization" not in read_asked(stranger.requests[0]).headers


def test_missing_credentials_are_told(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda _: reply(401))) as server:
        result = swept(journal_of(tmp_path, written("kvtest1", server.origin)))
    assert result.left[0].endswith("removing it: asks for credentials: give auth, or correct what it gives")


@pytest.mark.parametrize(("old", "new"), [("127.0.0.1:", "127.0.0.1:9"), ('*/*"', '*/*\\n"')])
def test_a_line_changed_by_hand_costs_its_key_only(tmp_path: Path, old: str, new: str) -> None:
    with ScriptedServer(serves(removes)) as server:
        file = journal_of(tmp_path, written("kvtest1", server.origin), written("kvtest2", server.origin))
        head, first, second = file.path.read_text().splitlines()
        file.path.write_text("\n".join([head, first.replace(old, new), second, ""]))
        result = swept(read_journal(file.path))
    assert result.removed == 1
    assert len(result.left) == 1
    assert result.kept == (file.path,)


def test_unreadable_lines_keep_the_journal(tmp_path: Path) -> None:
    with ScriptedServer(serves(removes)) as server:
        file = journal_of(tmp_path, written("kvtest1", server.origin))
        with file.path.open("a") as out:
            out.write("rubbish\n")
        result = swept(read_journal(file.path))
    line = f"{file.path}:3: not a line of JSON"
    assert result == SweepResult(1, (line,), (file.path,), (line,))


def test_journal_lines_are_json(tmp_path: Path) -> None:
    file = journal_of(tmp_path, written("kvtest1"))
    assert [sorted(json.loads(line)) for line in file.path.read_text().splitlines()] == [
        ["journal", "mark"],
        ["credentials", "interface", "key", "look", "odd", "origin", "place", "remove"],
    ]


def test_concurrency_of_clients_has_to_be_positive() -> None:
    with pytest.raises(InputError, match="concurrency 0"):
        Clients([], tls=Tls(), limits=Limits(), concurrency=0)
