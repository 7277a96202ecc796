"""What a server does in the background, once a case was read back, is seen at the end of the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gate_parts import gate, geode, get2, servers
from prober_parts import SINGLE, Made
from run_parts import exchange, failed

from kvgate.case import Mark
from kvgate.exits import Exit
from kvgate.reference.connection import Answer
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.hustdb import Ha, Node
from kvgate.reference.message import Request, Response
from kvgate.reference.reading import Reading
from kvgate.run.late import MOST, Late
from kvgate.wire.exchange import Exchange, FaultKind

MAIN = "main"
PAGE = ("--kv-case=control", "--kv-case=page-*")


class Repairs(Ha):
    """Remembers each key whose values differ, and makes master2 hold what master1 does when it gets round to it."""

    differing: dict[bytes, bytes]

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if first is not None and second is not None and first.value != second.value:
            self.differing[self.key_of(request)] = first.value
        return super().answer(request, first, second)

    def key_of(self, request: Request) -> bytes:
        return request.target.partition("key=")[2].encode()


class Creates(Geode):
    """Remembers each missing key that was to be ignored, and creates it when it gets round to it."""

    asked: list[tuple[str, str]]

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        region = self.region(name)
        if region is not None and "true" in request.target:
            self.asked += [(name, key) for key in self.missing_keys(region, self.keys_asked(keys_as_sent))]
        return super().get(request, name, keys_as_sent)


Saying = Callable[[str], Exchange]


def status(code: int | None) -> Saying:
    """An answer of this status under a label; None for a reset."""
    return lambda label: failed(label, FaultKind.RESET) if code is None else exchange(label, status=code)


def answering(tmp_path: Path, late: Callable[[str, int], Exchange | None]) -> tuple[Made, list[str]]:
    """A prober of a server that, once the list has anything, says what `late` gives for a label and a number from 1."""
    over: list[str] = []

    def answer(target: str, label: str, number: int) -> Exchange:
        if over:
            over.append(label)
            said = late(label, len(over) - 1)
            if said is not None:
                return said
        return exchange(label, target=target)

    return Made(tmp_path, answer=answer), over


def at_the_end(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Has something done when all has been asked and read back."""
    look = Late.look

    def then_look(late: Late, *arguments: Any) -> None:
        act()
        look(late, *arguments)

    monkeypatch.setattr(Late, "look", then_look)


def test_a_repair_that_a_read_sets_off_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Repairs.differing = {}
    with servers(interfaces=["get2"], make_ha=Repairs) as embedded:

        def repair() -> None:
            for key, value in Repairs.differing.items():
                for node in embedded.nodes:
                    if node.read(key) is not None:
                        node.put(key, value)

        at_the_end(monkeypatch, repair)
        ran = gate(tmp_path, "suites/get2", *get2(embedded), *PAGE)
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert failing == {"get2.safe.read-only", "get2.safe.repeatable"}
    assert "asked at the end of the run: another status" in ran.out
    assert "changed what it holds for the key asked for" in ran.out
    labels = {row["label"] for row in ran.report["exchanges"] if row["case"].startswith("page-values-differ")}
    assert {"first", "again", "late"} <= labels


def test_a_key_that_comes_into_being_later_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Creates.asked = []
    with Embedded.start(interfaces=["geode"], make_geode=Creates) as embedded:

        def create() -> None:
            assert embedded.geode is not None
            for region, key in Creates.asked:
                embedded.geode.regions[region][key] = "{}"

        at_the_end(monkeypatch, create)
        ran = gate(tmp_path, "suites/geode", *geode(embedded), *PAGE, "--kv-case=missing-*")
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert failing == {"geode.safe.repeatable"}
    assert "asked at the end of the run, " in ran.out


@pytest.mark.parametrize("witness", ["gone", "there"])
def test_a_region_that_does_not_keep_what_it_holds_is_not_held_against_the_interface(
    witness: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody asked for is gone too, where entries expire; where it is there, what is gone was taken away."""
    with Embedded.start(interfaces=["geode"]) as embedded:

        def expire() -> None:
            assert embedded.geode is not None
            orders = embedded.geode.regions["orders"]
            word = Mark("kvexpire").words(f"witness of {MAIN}")
            for key in [key for key in orders if not key.startswith(word) or witness == "gone"]:
                if not any(key.startswith(kept) for kept in controls):
                    del orders[key]

        controls = [Mark("kvexpire").words(f"control of {MAIN}")]
        at_the_end(monkeypatch, expire)
        ran = gate(tmp_path, "suites/geode", *geode(embedded), *PAGE, "--kv-mark=kvexpire")
    failing = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    if witness == "there":
        assert (ran.status, failing) == (Exit.NOT_CONFORMING, {"geode.safe.repeatable"}), ran.out
    else:
        assert (ran.status, failing) == (Exit.CONFORMING, set()), ran.out


class Drifts(Node):
    """Counts versions up by itself, of all that it holds."""

    def answer_get(self, request: Request) -> Response:
        for key in self.stored():
            held = self.read(key)
            if held is not None:
                self.put(key, held.value)
        return super().answer_get(request)


def test_a_node_that_changes_what_it_holds_by_itself_is_not_held_against_the_interface(tmp_path: Path) -> None:
    with servers(interfaces=["get2"], make_node=Drifts) as embedded:
        ran = gate(tmp_path, "suites/get2", *get2(embedded), *PAGE)
    assert ran.status == Exit.NO_VERDICT, ran.out
    assert "fail" not in set(ran.verdicts.values())
    assert "does not keep what it holds: a key that nobody asked for is another now" in ran.out


def test_some_cases_are_asked_late_once_each(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.prober.start(SINGLE)
    for name in SINGLE:
        assert made.prober.evidence(name).late is None
    seen = [made.prober.late(name) for name in SINGLE]
    late = [evidence.case.name for evidence in seen if evidence.late is not None]
    assert MOST / 2 < len(late) <= MOST
    assert len({name.partition("-")[0] for name in late}) > 5, "from all over the fixtures"
    asked = list(made.client.asked)
    assert [made.prober.late(name) for name in SINGLE] == seen
    assert made.client.asked == asked


@pytest.mark.parametrize("gone", [status(None), status(503), status(404)])
def test_a_server_that_is_gone_at_the_end_is_not_asked_any_more(tmp_path: Path, gone: Saying) -> None:
    made, over = answering(tmp_path, lambda label, _: gone(label))
    some = SINGLE[:4]
    made.prober.start(["control", *some])
    before = [made.prober.evidence(name) for name in ("control", *some)]
    over.append("from now on")
    assert [made.prober.late(name) for name in ("control", *some)] == before
    assert "late" not in {label for _, label in made.client.asked}


@pytest.mark.parametrize("busy", [429, 503])
def test_surroundings_that_answer_at_the_end_are_not_asked_any_more(tmp_path: Path, busy: int) -> None:
    made, over = answering(tmp_path, lambda label, _: status(busy)(label) if label == "late" else None)
    some = SINGLE[:4]
    made.prober.start(some)
    before = [made.prober.evidence(name) for name in some]
    over.append("from now on")
    assert [made.prober.late(name) for name in some] == before
    assert [label for _, label in made.client.asked].count("late") == 1


def test_a_question_that_is_not_answered_at_the_end_is_judged_while_the_control_is(tmp_path: Path) -> None:
    made, over = answering(tmp_path, lambda label, _: status(None)(label) if label == "late" else None)
    some = SINGLE[:4]
    made.prober.start(some)
    assert made.prober.ready(5)
    over.append("from now on")
    seen = [made.prober.late(name) for name in some]
    assert [evidence.exchange("late").fault for evidence in seen] == [failed("late", FaultKind.RESET).fault] * 4


@pytest.mark.parametrize("wrong", [status(None), status(404), status(500)])
def test_a_control_that_is_wrong_after_a_silence_and_right_again_is_judged(tmp_path: Path, wrong: Saying) -> None:
    made, over = answering(tmp_path, lambda label, number: wrong(label) if number == 1 else None)
    made.prober.start(["control", *SINGLE[:4]])
    assert made.prober.ready(5)
    over.append("from now on")
    assert made.prober.late(SINGLE[0]).late == "late", "the others are asked all the same"
    evidence = made.prober.late("control")
    shown = evidence.exchange("late")
    assert (shown.response, shown.fault) == (wrong("late").response, wrong("late").fault)
    assert made.prober.late("control") == evidence, "once"


def test_a_control_behind_busy_surroundings_is_not_judged(tmp_path: Path) -> None:
    made, over = answering(tmp_path, lambda label, number: status(503)(label) if number == 1 else None)
    made.prober.start(["control"])
    assert made.prober.ready(5)
    over.append("from now on")
    assert made.prober.late("control").late is None
