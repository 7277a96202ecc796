"""Real nodes take some keys for one: a state that another key of its case has spoilt is no state to judge by."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, get2, servers
from seeding_parts import case, clients, get2_part

from kvgate.case import Mark, load_cases, place
from kvgate.reference.buckets import Range
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node
from kvgate.reference.message import Request
from kvgate.seeding.model import NotInPlace
from kvgate.seeding.nodes import NodesSeeder
from kvgate.verdict.evidence import Held
from kvgate.wire.exchange import Response
from kvgate.wire.reader import read_response

RECORDED = Path(__file__).parent / "recordings" / "hustdb-node"
WHOLE, CUT = "kvtest%3Fone", "kvtest%3Fother"
CASES = ("--kv-case=control", "--kv-case=key-question-mark", "--kv-case=key-all-reserved", "--kv-case=key-utf8-*")


class DropsWhatFollowsAQuestionMark(Node):
    """As recorded of a real node: a key ends at the first question mark that was percent-encoded."""

    def key_of(self, request: Request) -> bytes:
        before, mark, _ = super().key_of(request).partition(b"?")
        return before + mark


@contextmanager
def seeder(kind: type[Node] = DropsWhatFollowsAQuestionMark) -> Iterator[tuple[Embedded, NodesSeeder]]:
    with Embedded.start(interfaces=["get2"], table=[Range(0, 1024, 0, 1)], make_node=kind) as embedded:
        part = get2_part(embedded.ha_url, embedded.node_urls)
        made = NodesSeeder(part, clients(part))
        made.prepare()
        yield embedded, made


def exchange(name: str) -> tuple[str, Response]:
    """The request target and the answer of one recorded exchange."""
    target = (RECORDED / f"{name}.request").read_bytes().split(b" ")[1].decode("ascii")
    response, fault = read_response((RECORDED / f"{name}.response").read_bytes(), "GET")
    assert response is not None, fault
    return target, response


def test_a_real_node_was_recorded_to_do_so() -> None:
    stored = {name: exchange(name) for name in ("question-mark-put", "question-mark-get", "question-mark-other")}
    assert stored["question-mark-put"][0].endswith("key=recq%3Fone")
    assert stored["question-mark-other"][0].endswith("key=recq%3Fother")
    assert stored["question-mark-get"][1].body == stored["question-mark-other"][1].body == b"put under recq%3Fone"
    listed = json.loads(exchange("question-mark-listed")[1].body)
    assert [base64.b64decode(element["key"]) for element in listed] == [b"recq?"]


@pytest.mark.parametrize("order", [(WHOLE, CUT), (CUT, WHOLE)])
def test_a_key_that_another_one_overwrote_is_not_in_place(order: tuple[str, str]) -> None:
    rows = [(where, key, f"of {key}".encode(), 1) for key in order for where in ("master1", "master2")]
    with seeder() as (_, made), pytest.raises(NotInPlace) as raised:
        made.put(case(*rows))
    first, last = order
    assert f"under key {first}, the case needs" in str(raised.value)
    assert f"that was put under key {last}: the node takes the two for one key" in str(raised.value)


def test_a_key_that_the_removal_of_another_took_away_is_not_in_place() -> None:
    rows = [(where, WHOLE, b"value", 1) for where in ("master1", "master2")]
    gone = case(*rows, absent=[("master1", CUT), ("master2", CUT)])
    with seeder() as (_, made), pytest.raises(NotInPlace, match="holds nothing under key kvtest%3Fone"):
        made.put(gone)


def test_what_is_told_of_the_masters_is_read_after_the_last_write() -> None:
    """The same value under both keys: only the version tells that the second write moved the first key on."""
    rows: list[Any] = [(where, key, b"value") for key in (WHOLE, CUT) for where in ("master1", "master2")]
    with seeder() as (_, made):
        found = made.put(case(*rows))
        assert found == made.read(case(*rows))
    assert found.held["master1", WHOLE] == Held(b"value", 2)


def test_keys_that_are_told_apart_are_in_place() -> None:
    rows = [(where, key, f"of {key}".encode(), 1) for key in (WHOLE, CUT) for where in ("master1", "master2")]
    with seeder(Node) as (_, made):
        assert made.put(case(*rows)).held["master2", CUT] == Held(b"of " + CUT.encode(), 1)


def test_no_case_has_two_states_for_what_a_real_node_takes_for_one_key() -> None:
    states: dict[tuple[str, str, str], tuple[bytes, int | None]] = {}
    for given in load_cases("get2").values():
        for holding in place(given, Mark("kvtest"), {}).holdings:
            before, mark, _ = holding.key.partition("%3F")
            state = (holding.value, holding.version)
            assert states.setdefault((given.name, holding.place, before + mark), state) == state, holding.key


def test_the_gate_accuses_no_ha_of_what_its_nodes_do(tmp_path: Path) -> None:
    with servers(make_node=DropsWhatFollowsAQuestionMark, ask_nodes=True, interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, "suites/get2", *get2(embedded), *CASES)
    assert ran.status == 0, ran.out
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())
