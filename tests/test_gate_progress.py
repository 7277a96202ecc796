"""What is seen of a run while it waits: in place on a terminal, a line from time to time in a log."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from gate_parts import Watch, environment, get2, servers

from kvgate.places import ROOT
from kvgate.plugin.status import MOST_LETTERS, Heartbeat, Letters, Progress
from kvgate.verdict.model import Verdict

LETTERS = {
    Verdict.PASS: ".",
    Verdict.FAIL: "F",
    Verdict.WARN: "w",
    Verdict.OBSERVED: "o",
    Verdict.WAIVED: "v",
    Verdict.NO_VERDICT: "?",
    Verdict.NOT_APPLICABLE: "-",
}


class FakeReporter:
    def __init__(self, isatty: bool) -> None:
        self.isatty = isatty
        self.written: list[str] = []

    def ensure_newline(self) -> None:
        self.written.append("<newline>")

    def write_line(self, text: str) -> None:
        self.written.append(text)

    def rewrite(self, text: str, *, erase: bool) -> None:
        assert erase
        self.written.append(f"<rewrite>{text}")

    def write(self, text: str) -> None:
        self.written.append(text)


class FakeConfig:
    def __init__(self, reporter: FakeReporter | None) -> None:
        self.pluginmanager = self
        self._reporter = reporter

    def get_plugin(self, name: str) -> FakeReporter | None:
        assert name == "terminalreporter"
        return self._reporter


class Report:
    def __init__(self, when: str = "call", *, failed: bool = False) -> None:
        self.when, self.failed, self.passed = when, failed, not failed


def letters_of(letters: Letters, verdict: Verdict, many: int) -> str:
    said = [letters.category(Report(), {"shown": str(verdict)}) for _ in range(many)]
    assert all(each is not None and each[0] and each[2] for each in said), "counted, and told with -v"
    return "".join(each[1] for each in said if each is not None)


@pytest.mark.parametrize("checks", [1, MOST_LETTERS, 2 * MOST_LETTERS - 1])
def test_few_checks_have_a_letter_each(checks: int) -> None:
    letters = Letters()
    assert letters.expect(checks) == []
    assert letters_of(letters, Verdict.PASS, checks) == "." * checks


def test_of_many_checks_a_letter_stands_for_some_of_a_verdict() -> None:
    letters = Letters()
    assert letters.expect(20 * MOST_LETTERS + 7) == ["kvgate: a letter stands for 20 checks"]
    for verdict, letter in LETTERS.items():
        # The first, the 20th, the 40th and the 60th.
        assert letters_of(letters, verdict, 1) == letter
        assert letters_of(letters, verdict, 18) == ""
        assert letters_of(letters, verdict, 1) == letter
        assert letters_of(letters, verdict, 39) == letter
        assert letters_of(letters, verdict, 1) == letter


def test_a_single_breach_among_many_checks_is_seen() -> None:
    letters = Letters()
    letters.expect(50 * MOST_LETTERS)
    said = [letters_of(letters, verdict, many) for verdict, many in ((Verdict.PASS, 60), (Verdict.FAIL, 1))]
    assert said == ["..", "F"]


def test_a_check_is_told_once() -> None:
    letters = Letters()
    record = {"shown": "pass"}
    assert letters.category(Report("setup"), record) == ("", "", "")
    assert letters.category(Report("teardown"), record) == ("", "", "")
    assert letters.category(Report("teardown", failed=True), record) is None
    missing = letters.category(Report("setup", failed=True), {"shown": "no-verdict"})
    assert missing is not None
    assert missing[1] == "?"


def progress(monkeypatch: pytest.MonkeyPatch, reporter: FakeReporter | None, moments: list[float]) -> Progress:
    made: Any = Progress(FakeConfig(reporter))  # type: ignore[arg-type]  # as much of a Config as it needs
    monkeypatch.setattr(time, "monotonic", lambda: moments.pop(0))
    return made  # type: ignore[no-any-return]  # Any for the config's sake


def test_a_log_gets_a_line_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    reporter = FakeReporter(isatty=False)
    shown = progress(monkeypatch, reporter, [100.0, 105.0, 110.5, 115.0, 121.0])
    for _ in range(5):
        shown.waiting("get2", "asking")
    lines = [line for line in reporter.written if line != "<newline>"]
    assert lines == ["kvgate: get2: asking, 10 s", "kvgate: get2: asking, 21 s"]
    shown.done()
    assert len([line for line in reporter.written if line != "<newline>"]) == 2


def test_a_terminal_gets_one_line_in_place_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    reporter = FakeReporter(isatty=True)
    shown = progress(monkeypatch, reporter, [100.0, 100.5, 101.5, 102.5])
    for _ in range(4):
        shown.waiting("geode", "asking")
    shown.done()
    assert reporter.written == [
        *("<newline>", "<rewrite>kvgate: geode: asking, 2 s", "<rewrite>kvgate: geode: asking, 2 s"),
        *("<rewrite>", "\r"),
    ]
    shown.done()
    assert len(reporter.written) == 5


def test_without_a_terminal_plugin_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = progress(monkeypatch, None, [100.0, 120.0])
    shown.waiting("get2", "asking")
    shown.waiting("get2", "asking")
    shown.line("nothing")
    shown.done()


def test_workers_are_spoken_for_while_no_verdict_comes() -> None:
    reporter = FakeReporter(isatty=False)
    heartbeat = Heartbeat(Progress(FakeConfig(reporter)), every=0.1)  # type: ignore[arg-type]  # as above
    heartbeat.start()
    try:
        for _ in range(200):
            if len(reporter.written) >= 4:
                break
            time.sleep(0.02)
    finally:
        heartbeat.end()
    assert any("kvgate: the workers gather evidence" in line for line in reporter.written)


def test_on_a_terminal_a_slow_server_is_waited_for_in_place(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    with servers(ha=Watch(hold=0.8), interfaces=["get2"]) as embedded:
        command = [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--kv-report-dir={tmp_path}"),
            *(*get2(embedded), "--kv-case=control", "--kv-requirement=get2.status.match"),
        ]
        with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=terminal, stderr=terminal) as process:
            os.close(terminal)
            out = b""
            while True:
                try:
                    data = os.read(controller, 65536)
                except OSError:
                    break
                if not data:
                    break
                out += data
            process.wait(30)
    os.close(controller)
    assert process.returncode == 0, out
    assert b"\rkvgate: get2: " in out, out.decode()
    assert b"exit 0: conforming" in out
