"""The proof: what counts as killed and granted, states put in memory, and the pages that are written."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kvgate.case import Case, Holding
from kvgate.case import Mark as RunMark
from kvgate.case import place as placed
from kvgate.errors import SurroundingsError
from kvgate.level import Level
from kvgate.reference.buckets import bucket_of
from kvgate.reference.deviation import Deviation, load_faults, load_freedoms
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import Pair, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading
from kvgate.requirement import load_requirements
from kvgate.seeding.make import make_seeder
from kvgate.seeding.model import NotInPlace
from kvgate.target.model import Part
from kvgate.verdict import Finding, Situation, Verdict
from kvgate.wire.client import Limits, Tls
from proof import running
from proof.__main__ import PAGE, main
from proof.outcome import Mark, Outcome
from proof.page import html, markdown
from proof.pool import Task, run_all
from proof.running import plan_of, run, steps
from proof.section import Section, Table, complaint, faults_section, freedoms_section
from proof.seeding import NodeMemory, RegionMemory
from proof.shown import load_shown, shown_text

CUT = "get2.offset.cut"


def finding(requirement: str, verdict: Verdict) -> Finding:
    return Finding("get2", requirement, "some-case", Level.MUST, verdict, "a message", "want", "got")


def outcome(breaks: str | None, *findings: Finding, warns: tuple[str, ...] = (), trouble: str = "") -> Outcome:
    return Outcome("get2", "some-server", breaks, warns, flagged=findings, trouble=trouble)


# What counts


@pytest.mark.parametrize(
    ("given", "mark"),
    [
        (outcome(CUT, finding(CUT, Verdict.FAIL)), Mark.KILLED),
        (outcome(CUT, finding(CUT, Verdict.WARN)), Mark.KILLED),
        (outcome(CUT, finding("get2.body.match", Verdict.FAIL)), Mark.BY_OTHERS),
        (outcome(CUT, finding(CUT, Verdict.NO_VERDICT)), Mark.SURVIVED),
        (outcome(CUT), Mark.SURVIVED),
        (outcome(CUT, finding(CUT, Verdict.FAIL), trouble="it raised"), Mark.BROKEN),
        (outcome(None), Mark.GRANTED),
        (outcome(None, finding(CUT, Verdict.WARN), warns=(CUT,)), Mark.GRANTED),
        (outcome(None, finding(CUT, Verdict.WARN)), Mark.FLAGGED),
        (outcome(None, finding(CUT, Verdict.FAIL), warns=(CUT,)), Mark.FLAGGED),
        (outcome(None, finding(CUT, Verdict.NO_VERDICT)), Mark.FLAGGED),
        (outcome(None, trouble="it raised"), Mark.BROKEN),
    ],
)
def test_what_a_run_comes_to(given: Outcome, mark: Mark) -> None:
    assert given.mark is mark
    assert given.good is (mark in {Mark.KILLED, Mark.GRANTED})
    assert bool(complaint(given)) is not given.good


# The declared deviations


def declared() -> Iterator[Deviation]:
    yield from load_faults("get2").values()
    yield from load_freedoms("get2").values()


def test_enough_is_declared_for_every_requirement() -> None:
    faults = load_faults("get2")
    for requirement in load_requirements("get2").values():
        if requirement.level is not Level.INFO:
            meant = [fault.name for fault in faults.values() if fault.breaks == requirement.id]
            assert len(meant) >= 2, f"{requirement.id}: {meant}"
    assert len(faults) >= 80
    assert len(load_freedoms("get2")) >= 30


def test_each_deviation_says_what_it_is() -> None:
    requirements = load_requirements("get2")
    for deviation in declared():
        assert deviation.says.endswith("."), deviation.name
        assert len(deviation.says.split()) > 3, deviation.name
        assert deviation.shows, deviation.name
        assert deviation.breaks is None or deviation.breaks in requirements, deviation.name
        for warned in deviation.warns:
            assert requirements[warned].level is Level.SHOULD, deviation.name


def test_no_two_deviations_say_the_same() -> None:
    sentences = [deviation.says for deviation in declared()]
    assert len(sentences) == len(set(sentences))


# States in memory


def case(**holdings: tuple[str, bytes, int]) -> Case:
    some = next(iter(plan_of("get2").cases.values()))
    held = tuple(Holding(where, key, value, version) for where, (key, value, version) in holdings.items())
    absent = tuple((where, "a%20key") for where in ("master1", "master2") if where not in holdings)
    return replace(some, key="a%20key", holdings=held, absent=absent)


def test_memory_and_storage_interface_put_the_same_state() -> None:
    seen: list[list[Situation | None]] = []
    names = list(plan_of("get2").cases)[::40]
    for over_http in (False, True):
        with Embedded.start(interfaces=("get2",)) as embedded:
            part = Part("get2", embedded.ha_url, "", "doc", "nodes", {"nodes": embedded.node_urls})
            http = make_seeder(part, tls=Tls(), limits=Limits())
            seeder = http if over_http else NodeMemory(embedded, part)
            seeder.prepare()
            cases = [placed(plan_of("get2").cases[name], RunMark("kvproof"), {}) for name in names]
            seen.append([seeder.put(each) for each in cases])
            assert seen[-1] == [seeder.read(each) for each in cases]
            http.close()
    assert seen[0] == seen[1]


def test_masters_are_those_of_the_table_whatever_the_server_does() -> None:
    class Confused(Ha):
        def choose_masters(self, sent: str) -> tuple[int, int]:
            one, two = super().choose_masters(sent)
            return two, one

    state = case(master1=("a%20key", b"one", 3), master2=("a%20key", b"two", 1))
    with Embedded.start(interfaces=("get2",), make_ha=Confused) as embedded:
        part = Part("get2", embedded.ha_url, "", "doc", "nodes", {})
        NodeMemory(embedded, part).put(state)
        upper = bucket_of("a%20key") >= 512
        held = embedded.nodes[1 if upper else 0].read(b"a key")
        assert held is not None
        assert (held.value, held.version) == (b"one", 3)


def test_what_was_there_before_is_taken_away() -> None:
    with Embedded.start(interfaces=("get2",)) as embedded:
        seeder = NodeMemory(embedded, Part("get2", embedded.ha_url, "", "doc", "nodes", {}))
        seeder.put(case(master1=("a%20key", b"one", 7), master2=("a%20key", b"two", 1)))
        situation = seeder.put(case(master1=("a%20key", b"one", 1)))
        assert situation.held["master1", "a%20key"].version == 1
        assert situation.held["master2", "a%20key"].value is None


def test_a_state_that_the_node_does_not_take_is_not_in_place() -> None:
    with Embedded.start(interfaces=("get2",)) as embedded:
        seeder = NodeMemory(embedded, Part("get2", embedded.ha_url, "", "doc", "nodes", {}))
        with pytest.raises(NotInPlace, match="master1 does not hold"):
            seeder.put(case(master1=("a%20key", b"", 1), master2=("a%20key", b"two", 1)))


def test_regions_hold_what_a_case_puts_there() -> None:
    with Embedded.start(interfaces=("geode",)) as embedded:
        part = Part("geode", embedded.geode_url, "", "doc", "rest", {"regions": dict(embedded.regions)})
        some = next(iter(plan_of("geode").cases.values()))
        state = replace(
            some, holdings=(Holding("second", "%C3%A9%20a", b'{"a":1.0}'),), absent=(("data", "gone"), ("absent", "x"))
        )
        geode = embedded.geode
        assert geode is not None
        geode.regions["orders"]["gone"] = "{}"
        seeder = RegionMemory(embedded, part)
        seeder.put(state)
        assert geode.regions["items"] == {"é a": '{"a":1.0}'}
        assert geode.regions["orders"] == {}
        with pytest.raises(NotInPlace, match="no region 'absent'"):
            seeder.put(replace(some, holdings=(Holding("absent", "x", b"{}"),)))


# Runs


class Thirteen(Ha):
    def offset_headers(self, *_: object, same_value: bool) -> tuple[tuple[str, str], ...]:
        return () if same_value else (("Val-Offset", "13"),)


class Raising(Ha):
    def get2(self, request: Request) -> Response:
        raise ZeroDivisionError(request.target)


def deviation(make: type[Ha], breaks: str | None) -> Deviation:
    return Deviation("some-server", "It is a server.", "get2", breaks, "always", make)


def test_a_fault_is_asked_its_own_requirement_first_and_all_in_the_end() -> None:
    plan = plan_of("get2")
    asked = [set(names) for names in steps(deviation(Ha, CUT))]
    own = {case.name for check in plan.checks if check.requirement == CUT for case in plan.cases_of(check)}
    assert asked[0] < asked[-2] == own < asked[-1]
    assert len(asked[0]) <= 12
    assert asked[-1] == {case.name for check in plan.checks for case in plan.cases_of(check)}
    assert steps(deviation(Ha, None)) == steps(deviation(Ha, CUT))[-1:]
    (whole,), (some,) = steps(deviation(Ha, None)), steps(deviation(Ha, None), sample=3)
    assert len(whole) // 3 <= len(some) <= len(whole) // 3 + 1
    assert some in [whole[at::3] for at in range(3)]
    assert steps(deviation(Ha, CUT), sample=3) == steps(deviation(Ha, CUT)), "a fault has to be caught all the same"
    assert steps(deviation(Ha, "get2.safe.isolated"))[0], "a requirement of few cases has a first step too"


class Rare(Ha):
    def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[Pair, ...]:
        if len(first.value) < 200_000:
            return super().offset_headers(first, second, same_value=same_value)
        return () if same_value else (("Val-Offset", "65536"),)


def test_a_fault_that_shows_rarely_is_killed_in_a_later_step() -> None:
    few = run(deviation(Rare, CUT), mark="kvproof", concurrency=8)
    whole = run(deviation(Rare, CUT), mark="kvproof", concurrency=8, whole=True)
    assert (few.mark, whole.mark) == (Mark.KILLED, Mark.KILLED)
    assert sum(few.counts.values()) < sum(whole.counts.values())


@pytest.mark.parametrize("stale", ["", "offset-13", "no-such-case"])
def test_the_case_that_shows_a_rare_fault_is_noted_and_asked_first(stale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = {"get2": {"some-server": stale}}
    monkeypatch.setattr(running, "load_shown", lambda: noted)
    found = run(deviation(Rare, CUT), mark="kvproof", concurrency=8)
    assert found.mark is Mark.KILLED
    assert {each.case for each in found.flagged if each.requirement == CUT} == {found.shown}
    noted["get2"]["some-server"] = found.shown
    assert steps(deviation(Rare, CUT))[0][-1] == found.shown
    # What a page says of it is the same whether the case was noted before.
    again = run(deviation(Rare, CUT), mark="kvproof", concurrency=8)
    assert replace(again, seconds=0.0) == replace(found, seconds=0.0)


def test_a_fault_that_any_few_cases_show_has_no_case_noted() -> None:
    assert run(deviation(Thirteen, CUT), mark="kvproof", concurrency=8).shown == ""


def test_what_is_noted_is_what_the_outcomes_say() -> None:
    text = shown_text([outcome(CUT), replace(outcome(CUT), name="b", shown="c"), replace(outcome(None), name="a")])
    assert json.loads(text) == {"get2": {"b": "c"}}


def test_each_noted_case_and_fault_is_there() -> None:
    for interface, noted in load_shown().items():
        faults, cases = load_faults(interface), plan_of(interface).cases
        for name, case in noted.items():
            assert name in faults, f"{name}: run `python -m proof`"
            assert case in cases, f"{case}: run `python -m proof`"


def test_a_fault_is_killed_by_the_requirement_it_breaks() -> None:
    found = run(deviation(Thirteen, CUT), mark="kvproof", concurrency=8)
    assert found.mark is Mark.KILLED
    assert found.failing == (CUT,)


def test_a_fault_meant_for_another_requirement_is_killed_by_others_only() -> None:
    found = run(deviation(Thirteen, "get2.date.valid"), mark="kvproof", concurrency=8)
    assert found.mark is Mark.BY_OTHERS
    assert complaint(found) == f"get2: some-server is not caught by get2.date.valid; failing are {CUT}"


def test_the_reference_itself_is_granted() -> None:
    found = run(deviation(Ha, None), mark="kvproof", concurrency=8)
    assert (found.mark, found.flagged) == (Mark.GRANTED, ())


def test_a_server_that_is_no_server_proves_nothing() -> None:
    found = run(deviation(Raising, CUT), mark="kvproof", concurrency=8)
    assert found.mark is Mark.BROKEN
    assert "itself raised" in found.trouble


def test_a_server_that_cannot_be_made_proves_nothing() -> None:
    def make(*_: object, **__: object) -> Ha:
        raise RuntimeError("no server")

    found = run(Deviation("n", "s.", "get2", CUT, "s", make), mark="kvproof", concurrency=8)
    assert (found.mark, found.trouble) == (Mark.BROKEN, "RuntimeError: no server")


def test_workers_give_outcomes_in_the_order_of_tasks() -> None:
    tasks = [
        Task("get2", "names-in-upper-case", fault=False, mark="kvproof", concurrency=8),
        Task("get2", "offset-always-13", fault=True, mark="kvproof", concurrency=8),
    ]
    told: list[str] = []
    found = run_all(tasks, 2, lambda each: told.append(each.name))
    assert [(each.name, each.mark) for each in found] == [
        ("names-in-upper-case", Mark.GRANTED),
        ("offset-always-13", Mark.KILLED),
    ]
    assert sorted(told) == sorted(task.name for task in tasks)


def killed(_: Outcome) -> None:
    for worker in multiprocessing.active_children():
        worker.kill()


def test_a_worker_that_is_killed_ends_the_proof() -> None:
    tasks = [Task("get2", "offset-always-13", fault=True, mark="kvproof", concurrency=8)] * 6
    with pytest.raises(SurroundingsError, match="a worker process of the proof was killed"):
        run_all(tasks, 2, killed)


# Pages


def sections() -> list[Section]:
    bad = outcome(CUT)
    fault = Deviation("some-server", "Says <b>13</b> | 14.", "get2", CUT, "any `value`", Ha)
    freedom = Deviation("other-server", "Says nothing.", "get2", None, "ever", Ha)
    return [
        faults_section("get2", [(fault, bad)]),
        freedoms_section("get2", [(freedom, replace(outcome(None), name="other-server"))]),
    ]


def test_a_survivor_stands_on_both_pages() -> None:
    text, page = markdown(sections()), html(sections())
    assert "- **Faults of get2**: 1 faults, 0 killed, 0 killed by others only, 1 survived" in text
    assert r"| `some-server` | Says \<b>13\<\/b> \| 14. |".replace(r"\/", "/") in text
    assert "survived" in text
    assert "<td>Says &lt;b&gt;13&lt;/b&gt; | 14.</td>" in page
    assert "some-server is not caught by get2.offset.cut" in page
    assert "Holes: 1." in page
    assert '<td class="bad">survived</td>' in page
    assert '<td class="good">granted</td>' in page


def test_the_markdown_tables_are_whole() -> None:
    for section in sections():
        for table in section.tables:
            assert all(len(row) == len(table.head) for row in table.rows)
    odd = Section("T", "S.", (), (Table("", ("a", "b"), (("x|y", "line"),)),), ())
    rows = [line for line in markdown([odd]).splitlines() if line.startswith("|")]
    assert rows == ["| a | b |", "| --- | --- |", r"| `x\|y` | line |"]


def test_the_committed_page_names_what_is_declared() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for interface in ("get2", "geode"):
        for name in (*load_faults(interface), *load_freedoms(interface)):
            assert f"| `{name}` |" in text, f"{name}: run `python -m proof`"


# The command line


def test_an_unknown_name_is_a_wrong_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "offset-always-14"]) == 4
    assert capsys.readouterr().err == (
        "--only=offset-always-14: no fault or freedom of this name (did you mean 'offset-always-13'?)\n"
    )


def test_a_mark_that_is_none_is_a_wrong_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--mark", "UPPER"]) == 4
    assert "mark 'UPPER'" in capsys.readouterr().err


def test_one_alone_shows_what_failed_and_writes_no_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = PAGE.read_bytes() if PAGE.is_file() else None
    assert main(["--only", "offset-always-13", "-v", "--report-dir", str(tmp_path / "r"), "--processes", "1"]) == 0
    shown = capsys.readouterr().out
    assert "killed: get2 offset-always-13" in shown
    assert "fail get2.offset.cut" in shown
    assert not (tmp_path / "r").exists()
    assert (PAGE.read_bytes() if PAGE.is_file() else None) == before
