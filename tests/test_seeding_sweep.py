"""The sweep: it takes away what journals name, and tells what it cannot take away."""

from __future__ import annotations

import socket
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from journal_parts import journal_of, removes, swept, written
from scripted import ScriptedServer, answers
from seeding_parts import MARK, Asked, case, clients, geode_part, get2_part, masters, read_asked, reply, serves

from kvgate.case import Mark
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node
from kvgate.reference.message import Request as ServerRequest
from kvgate.reference.message import Response
from kvgate.seeding.journal import Journal, read_journal, read_journals
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import Written
from kvgate.seeding.sweep import MANY, PASSES, SweepResult, sweep
from kvgate.wire.client import Credentials, Limits, Tls
from kvgate.wire.exchange import Request

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


def test_a_later_sweep_begins_with_what_is_left(tmp_path: Path) -> None:
    def answer(asked: Asked) -> bytes:
        return reply(500) if asked.target.endswith("2") else removes(asked)

    with ScriptedServer(serves(answer)) as server:
        part = geode_part(server.origin)
        file = journal_of(tmp_path, *(written(f"kvtest{number}", server.origin) for number in range(4)))
        assert swept(file, part).removed == 3
        (again,) = read_journals(tmp_path)
        assert (again.path, again.mark, [each.key for each in again.written]) == (file.path, file.mark, ["kvtest2"])
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    with ScriptedServer(serves(removes)) as server:
        moved = replace(again, written=tuple(replace(each, origin=server.origin) for each in again.written))
        assert swept(moved, geode_part(server.origin)) == SweepResult(1, ())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", [{"Retry_After": "0"}, {}])
def test_a_server_that_is_asked_too_much_is_given_time(tmp_path: Path, said: dict[str, Any]) -> None:
    asked_at: list[float] = []

    def answer(asked: Asked) -> bytes:
        asked_at.append(time.monotonic())
        return reply(429, **said) if len(asked_at) < 3 else removes(asked)

    with ScriptedServer(serves(answer)) as server:
        file = journal_of(tmp_path, written("kvtest1", server.origin))
        assert swept(file, geode_part(server.origin)) == SweepResult(1, ())
    assert len(asked_at) == 4
    assert (asked_at[2] - asked_at[0] >= 1.5) is not bool(said), "as it says, or half a second and then one"


@pytest.mark.parametrize("said", ["0", "3600", "99999999"])
def test_a_server_that_goes_on_saying_it_is_asked_too_much_is_left_alone(tmp_path: Path, said: str) -> None:
    with ScriptedServer(serves(lambda _: reply(429, Retry_After=said))) as server:
        keys = [written(f"kvtest{number}", server.origin) for number in range(30)]
        result = swept(journal_of(tmp_path, *keys), geode_part(server.origin), concurrency=2)
        assert len(server.requests) < 100
    assert (result.removed, len(result.left)) == (0, 30)
    assert result.left[-1].endswith("the server goes on answering 429: too many requests")
    assert "removing it: answered 429" in result.left[0]
