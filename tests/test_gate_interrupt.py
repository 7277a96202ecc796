"""Ctrl-C and SIGTERM: what was reached is reported, what was written is removed, the status is 2."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from gate_parts import Ran, Watch, geode, get2, interrupted, kvgate, never, servers, stored

from kvgate.exits import Exit
from kvgate.reference.message import Request, Response

MANY = ("--kv-case=key-*", "--kv-case=control")


def reports_say_interrupted(ran: Ran) -> None:
    assert ran.status == Exit.INTERRUPTED, ran.out
    run = ran.report["run"]
    assert run["complete"] is False
    assert any("interrupted" in reason for reason in run["reasons"])
    assert "exit 2: interrupted" in ran.out
    assert "Traceback" not in ran.out


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_ctrl_c_removes_what_was_written_and_reports(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ha = Watch(hold=0.3)
    with servers(ha=ha) as embedded:
        ran = interrupted(tmp_path, *get2(embedded), *MANY, *workers, when=lambda: ha.count(path="/get2") > 6)
        assert stored(embedded) == 0
    reports_say_interrupted(ran)
    assert ran.journals == []


def test_sigterm_takes_the_same_way(tmp_path: Path) -> None:
    watch = Watch(hold=0.3)
    with servers(geode=watch) as embedded:
        ran = interrupted(
            tmp_path,
            *geode(embedded),
            *("--kv-case=missing-*", "--kv-case=control*"),
            when=lambda: sum(request.method == "GET" for request in watch.seen) > 6,
            number=signal.SIGTERM,
            group=False,
        )
        assert stored(embedded) == 0
    reports_say_interrupted(ran)


def test_ctrl_c_while_the_data_is_removed_leaves_the_journal_and_the_reports(tmp_path: Path) -> None:
    slow = [True]

    def deletes_slowly(request: Request, _number: int) -> object:
        return never() if slow[0] and "/del" in request.path else None

    node = Watch(deletes_slowly)  # type: ignore[arg-type]  # a response or a coroutine
    with servers(node=node) as embedded:
        ran = interrupted(
            tmp_path,
            *get2(embedded),
            *("--kv-case=control", "--kv-case=page-*", "--kv-requirement=get2.status.*"),
            when=lambda: node.count(path="/del") > 3,
        )
        assert stored(embedded) > 0
        assert ran.status == Exit.INTERRUPTED
        assert set(ran.verdicts.values()) == {"pass"}
        assert "kvgate sweep" in ran.out
        (journal,) = ran.journals
        slow[0] = False
        status, out = kvgate("sweep", str(journal.parent), *get2(embedded), cwd=tmp_path)
        assert (status, stored(embedded)) == (0, 0), out
        assert not journal.parent.exists()


def test_a_definite_breach_does_not_change_the_status_of_an_interrupted_run(tmp_path: Path) -> None:
    def wrong(request: Request, number: int) -> Response | None:
        return Response(404, "Not Found") if request.path == "/get2" and number > 4 else None

    ha = Watch(wrong, hold=0.2)
    with servers(ha=ha) as embedded:
        ran = interrupted(tmp_path, *get2(embedded), *MANY, when=lambda: ha.count(path="/get2") > 20)
    assert ran.status == Exit.INTERRUPTED
    assert ran.report["run"]["complete"] is False
