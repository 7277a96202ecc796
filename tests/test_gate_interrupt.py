"""Ctrl-C and SIGTERM: what was reached is reported, what was written is removed, the status is 2."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gate_parts import Ran, Watch, environment, geode, get2, interrupted, kvgate, never, servers, stored

from kvgate.exits import Exit
from kvgate.places import ROOT
from kvgate.plugin.signals import Signals
from kvgate.reference.message import Request, Response

MANY = ("--kv-case=key-*", "--kv-case=control")


def reports_say_interrupted(ran: Ran) -> None:
    assert ran.status == Exit.INTERRUPTED, ran.out
    run = ran.report["run"]
    assert run["complete"] is False
    assert any("interrupted" in reason for reason in run["reasons"])
    assert "exit 2: interrupted" in ran.out
    assert "Traceback" not in ran.out


def ended(code: str) -> tuple[int, str]:
    """The exit status of a process that runs this, and what it said on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_ctrl_c_removes_what_was_written_and_reports(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ha = Watch(hold=0.3)
    with servers(ha=ha) as embedded:
        ran = interrupted(tmp_path, *get2(embedded), *MANY, *workers, when=lambda: ha.count(path="/get2") > 6)
        assert stored(embedded) == 0
    reports_say_interrupted(ran)
    assert ran.journals == []


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_ctrl_c_that_comes_twice_ends_the_run_as_one_does(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ha = Watch(hold=0.3)
    with servers(ha=ha) as embedded:
        ran = interrupted(
            tmp_path,
            *get2(embedded),
            *MANY,
            *workers,
            when=lambda: ha.count(path="/get2") > 6,
            again=lambda: True,
        )
        assert stored(embedded) == 0
    reports_say_interrupted(ran)
    assert ran.journals == []


def test_signals_interrupt_then_hurry_then_give_up() -> None:
    signals = Signals(echo=0)
    before = signal.getsignal(signal.SIGTERM)
    signals.watch()
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        assert signals.interrupted
        assert not signals.hurried.is_set()
        signal.raise_signal(signal.SIGINT)
        assert signals.hurried.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        signals.restore()
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_comes_right_after_another_is_the_same() -> None:
    signals = Signals(echo=30)
    signals.watch()
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert (signals.interrupted, signals.hurried.is_set()) == (True, False)
    finally:
        signals.restore()


def test_a_first_signal_at_the_end_of_a_run_is_noted_and_the_second_hurries() -> None:
    signals = Signals(echo=0)
    signals.watch()
    try:
        signals.end_begins()
        signal.raise_signal(signal.SIGINT)
        assert (signals.interrupted, signals.hurried.is_set()) == (True, False)
        signal.raise_signal(signal.SIGINT)
        assert signals.hurried.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        signals.restore()


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signals = Signals()
    try:
        signals.watch()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signals.restore()
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_command_is_loaded_is_2_and_one_line(number: signal.Signals) -> None:
    code = (
        "import signal, sys\nfrom kvgate import cli\nsys.argv = ['kvgate', 'run']\n"
        f"cli._command = lambda _name: lambda _arguments: signal.raise_signal({int(number)})\n"
        "status = cli.main()\n"
        f"signal.raise_signal({int(number)})\n"  # once more on the way out
        "sys.exit(status)"
    )
    assert ended(code) == (Exit.INTERRUPTED, "kvgate: interrupted\n")


def test_ctrl_c_while_a_text_is_run_is_2_as_well() -> None:
    code = (
        "import signal, sys\nfrom kvgate import cli\nsys.argv = ['kvgate', 'run']\n"
        f"cli._command = lambda _name: lambda _arguments: exec('signal.raise_signal({int(signal.SIGINT)})')\n"
        "sys.exit(cli.main())"
    )
    assert ended(code) == (Exit.INTERRUPTED, "kvgate: interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_gate_is_loaded_is_2_and_one_line(tmp_path: Path, number: signal.Signals) -> None:
    code = (
        "import signal, sys\nfrom kvgate import cli, plugin\n"
        f"sys.argv = ['kvgate', 'run', 'geode', '--report-dir={tmp_path / 'reports'}']\n"
        f"plugin.outlast_reader = lambda: signal.raise_signal({int(number)})\n"
        "sys.exit(cli.main())"
    )
    assert ended(code) == (Exit.INTERRUPTED, "kvgate: interrupted\n")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_sigterm_and_a_closed_terminal_take_the_same_way(tmp_path: Path, number: signal.Signals) -> None:
    watch = Watch(hold=0.3)
    with servers(geode=watch) as embedded:
        ran = interrupted(
            tmp_path,
            *geode(embedded),
            *("--kv-case=missing-*", "--kv-case=control*"),
            when=lambda: sum(request.method == "GET" for request in watch.seen) > 6,
            number=number,
            group=False,
        )
        assert stored(embedded) == 0
    reports_say_interrupted(ran)


def test_a_first_ctrl_c_while_the_data_is_removed_gives_nothing_up(tmp_path: Path) -> None:
    node = Watch(lambda request, _number: time.sleep(0.1) if "/del" in request.path else None)
    with servers(node=node) as embedded:
        ran = interrupted(
            tmp_path,
            *get2(embedded),
            *("--kv-case=control", "--kv-case=page-*", "--kv-requirement=get2.status.*"),
            when=lambda: node.count(path="/del") > 3,
        )
        assert stored(embedded) == 0
    assert ran.status == Exit.INTERRUPTED
    assert set(ran.verdicts.values()) == {"pass"}
    assert ran.journals == []
    assert "kvgate sweep" not in ran.out


def test_a_second_ctrl_c_while_the_data_is_removed_leaves_the_journal_and_the_reports(tmp_path: Path) -> None:
    first: list[float] = []

    def some_time_after_the_first() -> bool:
        first.append(time.monotonic())
        return time.monotonic() > first[0] + 1.5  # what comes within a second is the same

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
            again=some_time_after_the_first,
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
