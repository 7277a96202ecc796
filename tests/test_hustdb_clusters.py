"""Clusters as in production, through the real gate: no false alarm, and no verdict where a node cannot be reached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from gate_parts import Ran, gate_process, servers

from kvgate.case import Mark, load_cases, place
from kvgate.reference.buckets import Range, bucket_of
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import Answer, Request, basic_credential
from kvgate.reference.hustdb import Ha

# Uneven ranges, one of a single bucket, masters in both orders, every node master1 somewhere and master2 elsewhere.
TABLES: dict[int, tuple[Range, ...]] = {
    2: (Range(0, 311, 0, 1), Range(311, 312, 1, 0), Range(312, 700, 0, 1), Range(700, 1024, 1, 0)),
    4: (
        Range(0, 90, 3, 0), Range(90, 402, 0, 1), Range(402, 403, 2, 1), Range(403, 650, 1, 2), Range(650, 877, 2, 3),
        Range(877, 1024, 1, 0),
    ),
    6: (
        Range(0, 33, 5, 4), Range(33, 250, 0, 1), Range(250, 251, 4, 5), Range(251, 400, 2, 3), Range(400, 555, 1, 0),
        Range(555, 640, 3, 2), Range(640, 801, 4, 0), Range(801, 960, 5, 2), Range(960, 1024, 2, 5),
    ),
}  # fmt: skip
FEW = ("control", "page-*", "order-*", "plain-*", "missing-*", "offset-of-*", "connection-of-*", "version-*")
SECRET = "not-to-be-seen"  # a password of this test
NODES_AUTH = 'nodes_auth = { basic = { user = "hust", password = "env:CLUSTER_PASSWORD" } }'


def cases(*names: str) -> list[str]:
    return [f"--kv-case={name}" for name in names]


def judged(folder: Path, text: str, *arguments: str) -> Ran:
    """The gate with a target file of this text."""
    folder.mkdir(exist_ok=True)
    target = folder / "target.toml"
    target.write_text(text, encoding="utf-8")
    more = [f"--kv-target={target}", *arguments]
    return gate_process(folder / "reports", "suites/get2", *more, env={"CLUSTER_PASSWORD": SECRET}, timeout=120)


def roles(embedded: Embedded, table: Sequence[Range]) -> dict[int, set[str]]:
    """For each node, as which master it holds keys. Every key has to stand on its two masters and nowhere else."""
    found: dict[int, set[str]] = {number: set() for number in range(len(embedded.nodes))}
    for number, node in enumerate(embedded.nodes):
        for key in (key.decode("latin-1") for key in embedded.call(node.stored)):
            if key.isalnum():  # the others are spelled otherwise in the URL
                item = next(item for item in table if item.start <= bucket_of(key) < item.end)
                assert number in (item.master1, item.master2), key
                found[number].add("master1" if number == item.master1 else "master2")
    return found


@pytest.mark.parametrize("nodes", TABLES)
def test_a_cluster_gives_no_false_alarm(tmp_path: Path, nodes: int) -> None:
    with servers(nodes=nodes, table=TABLES[nodes], interfaces=["get2"]) as embedded:
        text = f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {json.dumps(list(embedded.node_urls))}\n'
        ran = judged(tmp_path, text, "--kv-keep", *cases(*FEW))
        held = roles(embedded, TABLES[nodes])
    assert ran.status == 0, ran.out
    assert set(ran.verdicts.values()) <= {"pass", "not-applicable"}
    assert len(ran.verdicts) > 500
    assert set().union(*held.values()) == {"master1", "master2"}
    assert sum(both == {"master1", "master2"} for both in held.values()) >= 2, held


def test_cases_of_many_kinds_on_six_nodes_found_by_the_table_alone(tmp_path: Path) -> None:
    with servers(nodes=6, table=TABLES[6], interfaces=["get2"]) as embedded:
        ran = judged(tmp_path, f'[get2]\nurl = "{embedded.ha_url}"\n', "-n", "2", *cases("control", "*[dhk]"))
        left = [node for node in embedded.nodes if embedded.call(node.stored)]
    assert ran.status == 0, ran.out
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())
    assert not left


@pytest.mark.parametrize("nodes", [4, 6])
def test_addresses_of_another_network_need_a_map_and_nodes_a_password(tmp_path: Path, nodes: int) -> None:
    addresses = [f"10.0.7.{number}:8085" for number in range(1, nodes + 1)]
    credential = basic_credential("hust", SECRET)
    with servers(
        nodes=nodes, table=TABLES[nodes], table_addresses=addresses, node_credential=credential, interfaces=["get2"]
    ) as embedded:
        ways = ", ".join(f'"{a}" = "{url}"' for a, url in zip(addresses, embedded.node_urls, strict=True))
        text = f'[get2]\nurl = "{embedded.ha_url}"\nmap = {{ {ways} }}\n'
        ran = judged(tmp_path, f"{text}{NODES_AUTH}\n", *cases(*FEW))
        closed = judged(tmp_path / "closed", text, *cases("control", "page-*"))
    assert ran.status == 0, ran.out
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())
    assert SECRET not in ran.out
    # The HA lets everybody in, so it is the nodes that keep a state from being put there.
    assert closed.status == 6, closed.out
    assert set(closed.verdicts.values()) == {"no-verdict"}
    assert "nodes_auth" in closed.out


def test_nodes_and_addresses_that_do_not_meet_are_one_clear_line(tmp_path: Path) -> None:
    addresses = [f"10.0.7.{number}:8085" for number in range(1, 5)]
    with servers(nodes=4, table=TABLES[4], table_addresses=addresses, interfaces=["get2"]) as embedded:
        text = f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {json.dumps(list(embedded.node_urls))}\n'
        ran = judged(tmp_path, text, *cases("control"))
    assert ran.status in (4, 6), ran.out
    assert "10.0.7." in ran.out
    assert "map = {" in ran.out


def _mark(lost: int, table: Sequence[Range]) -> str:
    """A mark under which the control's first key cannot be put, and some page-* case can."""

    def is_lost(name: str, own: str, mark: str) -> bool:
        key = Mark(mark).fill(load_cases("get2")[name].key, own)
        item = next(item for item in table if item.start <= bucket_of(key) < item.end)
        return lost in (item.master1, item.master2)

    pages = ("page-versions-differ", "page-values-differ", "page-both-differ")
    for number in range(1000):
        mark = f"kvtest{number}"
        states = [is_lost(name, name, mark) for name in pages]
        # The control's first key stands on the lost node: it has to find another.
        if is_lost("control", "control of main", mark) and any(states) and not all(states):
            return mark
    raise AssertionError("no mark will do")


@pytest.mark.parametrize("stopped", [False, True], ids=["not-named", "down"])
def test_a_node_of_the_table_that_cannot_be_reached_is_no_verdict(tmp_path: Path, stopped: bool) -> None:
    lost, table = 3, TABLES[4]
    mark = _mark(lost, table)
    with servers(nodes=4, table=table, interfaces=["get2"]) as embedded:
        url = embedded.node_urls[lost]
        named = [node for node in embedded.node_urls if stopped or node != url]
        if stopped:
            embedded.remove(embedded.nodes[lost])
        text = f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {json.dumps(named)}\n'
        ran = judged(tmp_path, text, f"--kv-mark={mark}", *cases("page-*"))
    assert ran.status == 6, ran.out
    by_case: dict[str, set[str]] = {}
    for (_, case), verdict in ran.verdicts.items():
        by_case.setdefault(case, set()).add(verdict)
    for name, verdicts in by_case.items():
        key = place(load_cases("get2")[name], Mark(mark), {}).key
        item = next(item for item in table if item.start <= bucket_of(key) < item.end)
        unreachable = lost in (item.master1, item.master2)
        assert verdicts == ({"no-verdict"} if unreachable else {"pass"}), (name, ran.out)
    assert url.removeprefix("http://") in ran.out
    reasons = [line for line in ran.out.splitlines() if line.startswith("reason: ")]
    if not stopped:
        assert any("by the HA's table, and none of nodes is at that address" in line for line in reasons)
        assert len(reasons) <= 2, reasons


class KeepsToNoTable(Ha):
    """Tells one table and takes the masters the other way round."""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        first, second = super().choose_masters(sent)
        return second, first


class Rebalanced(Ha):
    """Takes another table into use after so many questions: in the upper half the masters change places."""

    left = 120

    def get2(self, request: Request) -> Answer:
        self.left -= 1
        if self.left == 0:
            turned = (Range(r.start, r.end, r.master2, r.master1) if r.start >= 403 else r for r in self.table)
            self.table = tuple(turned)
        return super().get2(request)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_table_that_changes_during_the_run_is_no_verdict_where_masters_changed(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    with servers(nodes=4, table=TABLES[4], make_ha=Rebalanced, interfaces=["get2"]) as embedded:
        ran = judged(tmp_path, f'[get2]\nurl = "{embedded.ha_url}"\n', *cases(*FEW), *workers)
        left = [node for node in embedded.nodes if embedded.call(node.stored)]
    assert ran.status == 6, ran.out
    assert not {"fail", "warn"} & set(ran.verdicts.values())
    assert {"pass", "no-verdict"} <= set(ran.verdicts.values())
    assert "the HA's table changed during the run" in ran.out
    assert not left


def test_an_ha_that_does_not_keep_to_its_table_is_found_out(tmp_path: Path) -> None:
    with servers(nodes=4, table=TABLES[4], make_ha=KeepsToNoTable, interfaces=["get2"]) as embedded:
        ran = judged(tmp_path, f'[get2]\nurl = "{embedded.ha_url}"\n', *cases("page-*"))
    assert ran.status == 1, ran.out
    failed = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert {"get2.version.pair", "get2.body.conflict"} <= failed
