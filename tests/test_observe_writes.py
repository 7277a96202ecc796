"""Observing sends not one write: shown against servers that refuse and count whatever is no read."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from gate_parts import Watch, gate, gate_process, geode, get2, plain, servers
from observe_parts import fill

from kvgate.exits import Exit
from kvgate.observe.readers import make_reader, reads_of_interface, reads_of_nodes
from kvgate.reference.message import Request, Response
from kvgate.seeding.clients import Clients
from kvgate.target.model import Part
from kvgate.wire.client import Limits, NotPermittedError, Tls
from kvgate.wire.exchange import Request as Sent

READS = {"/get2", "/get_table", "/hustdb/get", "/hustdb/keys", "/hustdb/file_count"}


class Refusing:
    """Answers 403 to all that could write, and counts it."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def __call__(self, request: Request, _number: int) -> Response | None:
        reads = request.path in READS or request.path.startswith("/geode/v1/")
        if request.method == "GET" and reads and not request.body and "async" not in request.target:
            return None
        self.refused.append(f"{request.method} {request.target}")
        return plain(403)


def test_not_one_write_reaches_a_server(tmp_path: Path) -> None:
    refusing = Refusing()
    watches = [Watch(refusing) for _ in range(3)]
    with servers(ha=watches[0], node=watches[1], geode=watches[2]) as embedded:
        fill(embedded)
        before = embedded.call(lambda: [node.records() for node in embedded.nodes])
        ran = gate(tmp_path, *get2(embedded), *geode(embedded), "--kv-observe=sample")
        after = embedded.call(lambda: [node.records() for node in embedded.nodes])
    assert ran.status == Exit.CONFORMING, ran.out
    assert refusing.refused == []
    assert all(len(watch.seen) > 20 for watch in watches)
    assert after == before
    # No journal either: there is nothing that a sweep could remove.
    assert ran.names == ["junit.xml", "report.html", "report.json", "summary.md"]
    assert "note: nothing was written: what was there was judged" in ran.out


def test_workers_judge_what_the_controller_found_and_send_nothing(tmp_path: Path) -> None:
    refusing = Refusing()
    watches = [Watch(refusing) for _ in range(3)]

    few = ("--kv-observe=sample", "--kv-requirement=*.status.*")
    with servers(ha=watches[0], node=watches[1], geode=watches[2]) as embedded:
        fill(embedded)
        options = [*get2(embedded), *geode(embedded), *few, "--kv-observe-seed=1"]
        alone = gate(tmp_path / "alone", *options)
        asked = [len(watch.seen) for watch in watches]
        shared = gate_process(tmp_path / "shared", *options, "-n", "2", timeout=300)
    assert alone.status == shared.status == Exit.CONFORMING, shared.out
    assert shared.verdicts == alone.verdicts
    assert len(alone.verdicts) > 30
    assert [len(watch.seen) for watch in watches] == [2 * count for count in asked]
    assert refusing.refused == []
    assert shared.report["run"]["notes"] == alone.report["run"]["notes"]


def test_the_clients_refuse_what_writes() -> None:
    """HustDB's nodes write by GET: the method alone is no guard."""
    part = Part("get2", "http://127.0.0.1:9", "/base", "doc", "nodes", {})
    nodes, interface = reads_of_nodes(part), reads_of_interface(part)
    for target in (
        "/hustdb/put?key=a&val=b",
        "/hustdb/del?key=a",
        "/hustdb/export?file=0",
        "/x?/hustdb/get",
        "/set_table",
    ):
        assert not nodes(Sent("GET", target)), target
    for target in ("/hustdb/get?key=a", "/node/hustdb/get?key=a", "/base/get_table", "/hustdb/keys?file=0"):
        assert nodes(Sent("GET", target)), target
        assert not nodes(Sent("POST", target)), target
        assert not nodes(Sent("GET", target, body=b"x")), target
    assert interface(Sent("GET", "/base/get2?key=a"))
    for target in ("/base/put?key=a&val=b", "/base/del?key=a", "/get2?key=a", "/base/get2/../put?key=a"):
        assert not interface(Sent("GET", target)), target
    geode_part = Part("geode", "http://127.0.0.1:9", "/geode/v1", "doc", "rest", {"regions": {"data": "orders"}})
    assert reads_of_interface(geode_part)(Sent("GET", "/geode/v1/orders/a,b"))
    for method in ("PUT", "POST", "DELETE", "PATCH", "get"):
        assert not reads_of_interface(geode_part)(Sent(method, "/geode/v1/orders/a,b"))


@pytest.mark.parametrize(("interface", "origin"), [("get2", "nodes"), ("geode", "interface")])
def test_a_write_by_the_readers_clients_is_a_bug_and_not_sent(
    interface: str, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Clients] = []
    monkeypatch.setattr(
        "kvgate.observe.readers.NodesReader.__init__", lambda _self, _part, clients: made.append(clients)
    )
    monkeypatch.setattr(
        "kvgate.observe.readers.RegionsReader.__init__", lambda _self, _part, clients: made.append(clients)
    )
    watch = Watch()
    with servers(node=watch, geode=watch) as embedded:
        url = embedded.node_urls[0] if interface == "get2" else embedded.geode_url.removesuffix("/geode/v1")
        part = Part(interface, url, "", "doc", "", {})
        make_reader(part, tls=Tls(), limits=Limits(), cancel=threading.Event(), concurrency=2)
        for request in (Sent("PUT", "/geode/v1/orders/a", body=b"{}"), Sent("POST", "/hustdb/put?key=a", body=b"v")):
            with pytest.raises(NotPermittedError):
                made[0].ask(interface, origin, url, request)
        made[0].close()
    assert watch.seen == []
