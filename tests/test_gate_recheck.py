"""`--kv-recheck`: what failed is asked again on fresh keys, told as k of n, and stays failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gate_parts import Ran, Watch, gate, gate_process, get2, interrupted, never, plain, servers, stored, toml_list

from kvgate.case import Mark
from kvgate.exits import Exit
from kvgate.reference.message import Request, Response
from kvgate.run.recheck import MOST_CASES

CASE = "page-versions-differ"
MARK = "kvrecheck"
STATUS = ("--kv-requirement=get2.status.match", f"--kv-case={CASE}", f"--kv-mark={MARK}")
CONTROLS = {f"/get2?key={Mark(MARK).words(f'control{of}')}" for of in ("", " of main", " of gw0", " of gw1")}


class Wrong:
    """An HA whose answer to a key is what `answer` gives for the key's number, from 1 in the order of asking.

    None is the right answer. The control's keys are not counted, and are answered rightly.
    """

    def __init__(self, answer: Callable[[int], Any]) -> None:
        self.answer = answer
        self.keys: list[str] = []

    def __call__(self, request: Request, _number: int) -> Any:
        if request.path != "/get2" or request.target in CONTROLS:
            return None
        if request.target not in self.keys:
            self.keys.append(request.target)
        return self.answer(self.keys.index(request.target) + 1)


def always(_number: int) -> Response:
    return plain(500)


def only(when: Callable[[int], bool]) -> Wrong:
    return Wrong(lambda number: plain(500) if when(number) else None)


def recheck_of(ran: Ran) -> list[dict[str, Any]]:
    return [check["recheck"] for check in ran.report["checks"] if "recheck" in check]


@pytest.mark.parametrize(
    ("when", "failed"),
    [
        (lambda number: number > 0, 4),
        (lambda number: number % 2 == 1, 2),
        (lambda number: number == 1, 1),
        (lambda number: number in (1, 4), 2),
    ],
    ids=["always", "every second time", "the first time only", "the first and the last time"],
)
def test_what_failed_is_told_as_k_of_n_and_stays_failed(
    tmp_path: Path, when: Callable[[int], bool], failed: int
) -> None:
    wrong = only(when)
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *STATUS, "--kv-recheck=3")
        assert stored(embedded) == 0
    assert ran.status == Exit.NOT_CONFORMING
    assert ran.verdicts == {("get2.status.match", CASE): "fail"}
    assert recheck_of(ran) == [{"failed": failed, "judged": 4, "unjudged": 0, "fresh": True}]
    # The case, and three times the case under keys of their own, all of the run's mark.
    assert len(wrong.keys) == 4
    assert all(key.startswith(f"/get2?key={MARK}") for key in wrong.keys)
    words = f"failed {failed} of 4"
    assert f"asked again: {words}" in ran.out
    assert f"asked again: {words}" in ran.summary
    junit = (ran.folder / "junit.xml").read_text(encoding="utf-8")
    assert f'<property name="recheck" value="{words}" />' in junit
    assert junit.count("<failure") == 1
    assert f"Asked again on fresh keys: {words}." in (ran.folder / "report.html").read_text(encoding="utf-8")
    (note,) = ran.notes
    steady = "each failed whenever there was a verdict" if failed == 4 else "1 did not fail every time"
    assert note == f"asked again, 3 times on fresh keys: 1 breach on 1 case; {steady}"
    assert ran.journals == []


def test_off_by_default_and_nothing_is_asked_where_nothing_failed(tmp_path: Path) -> None:
    wrong, right = Wrong(always), only(lambda number: number < 0)
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        off = gate(tmp_path / "off", *get2(embedded), *STATUS)
    assert len(wrong.keys) == 1
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        zero = gate(tmp_path / "zero", *get2(embedded), *STATUS, "--kv-recheck=0")
    assert len(wrong.keys) == 1
    with servers(ha=Watch(right), interfaces=["get2"]) as embedded:
        green = gate(tmp_path / "green", *get2(embedded), *STATUS, "--kv-recheck=5")
    assert recheck_of(off) == recheck_of(zero) == recheck_of(green) == []
    assert off.notes == zero.notes == []
    assert len(right.keys) == 1
    assert (green.status, green.notes) == (0, [])


def test_a_time_without_a_verdict_is_counted_apart(tmp_path: Path) -> None:
    answers = {1: plain(500), 2: plain(503), 3: plain(500), 4: None}
    with servers(ha=Watch(Wrong(answers.__getitem__)), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *STATUS, "--kv-recheck=3")
    assert ran.verdicts == {("get2.status.match", CASE): "fail"}
    assert recheck_of(ran) == [{"failed": 2, "judged": 3, "unjudged": 1, "fresh": True}]
    assert "asked again: failed 2 of 3, 1 without a verdict" in ran.out


def test_a_warning_is_asked_again_too_and_stays_a_warning(tmp_path: Path) -> None:
    head = (("Version1", "1"), ("Version2", "2"), ("Content-Type", "application/octet-stream"))
    wrong = Wrong(lambda number: Response(200, "OK", head, b"hustdbhavalue") if number == 1 else None)
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        few = ("--kv-requirement=get2.type.text", f"--kv-case={CASE}", f"--kv-mark={MARK}", "--kv-recheck=2")
        ran = gate(tmp_path, *get2(embedded), *few)
    assert ran.status == 0
    assert ran.verdicts == {("get2.type.text", CASE): "warn"}
    assert recheck_of(ran) == [{"failed": 1, "judged": 3, "unjudged": 0, "fresh": True}]


def test_what_a_waiver_covers_is_not_asked_again(tmp_path: Path) -> None:
    """The waiver is met by what the first time showed, whatever later times would."""
    waivers = tmp_path / "waivers.toml"
    waivers.write_text(
        f'[[waiver]]\nrequirement = "get2.status.match"\ncase = "{CASE}"\nobserved = "got 500"\n'
        'reason = "known"\nowner = "ann"\nissue = "KV-1"\nexpires = 2099-01-01\n'
    )
    wrong = only(lambda number: number == 1)
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), *STATUS, f"--kv-waivers={waivers}", "--kv-recheck=3")
    assert ran.status == 0, ran.out
    assert ran.verdicts == {("get2.status.match", CASE): "waived"}
    assert recheck_of(ran) == []
    assert len(wrong.keys) == 1


def test_a_waiver_of_another_behaviour_is_met_by_the_first_time(tmp_path: Path) -> None:
    """The second time shows what the waiver is for; the first did not, so the check failed and the waiver is wrong."""
    waivers = tmp_path / "waivers.toml"
    waivers.write_text(
        f'[[waiver]]\nrequirement = "get2.status.match"\ncase = "{CASE}"\nobserved = "got 501"\n'
        'reason = "known"\nowner = "ann"\nissue = "KV-1"\nexpires = 2099-01-01\n'
    )
    wrong = Wrong(lambda number: plain(500 if number == 1 else 501))
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), *STATUS, f"--kv-waivers={waivers}", "--kv-recheck=1")
    assert ran.status == Exit.NOT_CONFORMING
    assert recheck_of(ran) == [{"failed": 2, "judged": 2, "unjudged": 0, "fresh": True}]
    assert "fails in another way than observed" in ran.out


def test_a_server_that_fails_everything_costs_a_bounded_number_of_cases(tmp_path: Path) -> None:
    """Each of its answers is wrong in a way of its own, so that no two breaches are alike.

    No case here stores other keys, which would be asked for too.
    """
    wrong = Wrong(lambda number: plain(600 + number))
    few = (
        "--kv-requirement=get2.status.*",
        "--kv-case=equal-[!t]*",
        "--kv-case=differ-*",
        f"--kv-mark={MARK}",
        "--kv-recheck=2",
    )
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *few)
        assert stored(embedded) == 0
    failed = sum(verdict == "fail" for verdict in ran.verdicts.values())
    assert failed > MOST_CASES
    assert len(recheck_of(ran)) == MOST_CASES
    again = {row["case"] for row in ran.report["checks"] if "recheck" in row}
    asked = {(row["case"], row["request"]["target"]) for row in ran.report["exchanges"]}
    keys = sum(case in again for case, _ in asked)
    assert len(set(wrong.keys) - {target for _, target in asked}) == 2 * keys
    left = f"not asked again: {failed - MOST_CASES} breaches on other cases; at most {MOST_CASES} cases are"
    assert left in ran.notes


def test_breaches_alike_are_asked_again_once(tmp_path: Path) -> None:
    few = ("--kv-requirement=get2.status.match", "--kv-case=key-*", f"--kv-mark={MARK}", "--kv-recheck=1")
    with servers(ha=Watch(Wrong(always)), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *few)
    failed = sum(verdict in {"fail", "warn"} for verdict in ran.verdicts.values())
    assert failed > 2
    assert len(recheck_of(ran)) == 1
    left = f"not asked again: {failed - 1} breaches that show what one asked again shows"
    assert left in ran.notes


def test_the_same_under_xdist(tmp_path: Path) -> None:
    few = ("--kv-case=page-*", f"--kv-mark={MARK}", "--kv-recheck=2")
    with servers(ha=Watch(Wrong(lambda _: plain(200, "wrong"))), interfaces=["get2"]) as embedded:
        alone = gate(tmp_path / "alone", *get2(embedded), *few)
        shared = gate_process(tmp_path / "shared", *get2(embedded), *few, "-n", "2")
        assert stored(embedded) == 0
    assert (alone.status, shared.status) == (1, 1), shared.out

    def told(ran: Ran) -> dict[tuple[str, str], Any]:
        return {(row["requirement"], row["case"]): row.get("recheck") for row in ran.report["checks"]}

    # Which of two breaches alike is the first depends on the workers, not how many are asked again.
    assert told(alone).keys() == told(shared).keys()
    assert {"failed": 3, "judged": 3, "unjudged": 0, "fresh": True} in told(shared).values()
    assert {row["requirement"] for row in alone.report["checks"] if "recheck" in row} == {
        row["requirement"] for row in shared.report["checks"] if "recheck" in row
    }
    assert shared.journals == []


def test_after_x_the_breach_that_ended_the_run_is_asked_again(tmp_path: Path) -> None:
    few = ("--kv-requirement=get2.status.match", f"--kv-mark={MARK}", "-x", "--kv-recheck=2")
    with servers(ha=Watch(Wrong(always)), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *few)
        assert stored(embedded) == 0
    assert ran.status == Exit.NOT_CONFORMING
    assert ran.report["run"]["complete"] is False
    assert recheck_of(ran) == [{"failed": 3, "judged": 3, "unjudged": 0, "fresh": True}]


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_ctrl_c_while_asking_again_reports_and_removes(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """The second time it is asked again hangs: one time is told, what was written for all of them is removed."""
    wrong = Wrong(lambda number: plain(500) if number < 3 else never())
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        options = (*get2(embedded), *STATUS, "--kv-recheck=4", *workers)
        ran = interrupted(tmp_path, *options, when=lambda: len(wrong.keys) == 3)
        assert stored(embedded) == 0
    assert ran.status == Exit.INTERRUPTED, ran.out
    assert ran.verdicts == {("get2.status.match", CASE): "fail"}
    assert recheck_of(ran) == [{"failed": 2, "judged": 2, "unjudged": 0, "fresh": True}]
    assert "asked again 1 of 4 times only: the run was interrupted" in ran.notes
    assert ran.journals == []


def test_the_time_limit_holds_while_asking_again(tmp_path: Path) -> None:
    wrong = Wrong(lambda number: plain(500) if number == 1 else never())
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *STATUS, "--kv-recheck=3", "--kv-time-limit=5")
        assert stored(embedded) == 0
    assert ran.verdicts == {("get2.status.match", CASE): "fail"}
    assert recheck_of(ran) == [{"failed": 1, "judged": 1, "unjudged": 1, "fresh": True}]
    notes = ran.notes
    assert "asked again 1 of 3 times only: the time limit of the run (5 s) passed" in notes


def test_a_preloaded_state_is_asked_for_again_on_the_same_keys(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    wrong, right = Wrong(always), only(lambda number: number < 0)
    watch = Watch(right)
    with servers(ha=watch, interfaces=["get2"]) as embedded:
        few = ("--kv-case=control", f"--kv-case={CASE}", f"--kv-mark={MARK}", "--kv-keep")
        assert gate(tmp_path / "loading", *get2(embedded), *few).status == 0
        watch.twist = wrong
        state = stored(embedded)
        file.write_text(
            f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\nseeding = "preloaded"\n'
            f'[run]\nmark = "{MARK}"\nrecheck = 2\n'
        )
        ran = gate(tmp_path / "reports", f"--kv-target={file}", *STATUS)
        assert stored(embedded) == state
    assert ran.status == Exit.NOT_CONFORMING
    assert ran.report["target"]["run"]["recheck"] == 2
    assert recheck_of(ran) == [{"failed": 3, "judged": 3, "unjudged": 0, "fresh": False}]
    assert len(wrong.keys) == 1
    (note,) = ran.notes
    assert note.startswith("asked again, 2 times on the same keys, which are preloaded: 1 breach on 1 case")
    assert "Asked again: failed 3 of 3." in (ran.folder / "report.html").read_text(encoding="utf-8")
