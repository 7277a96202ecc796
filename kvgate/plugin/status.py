"""What the terminal shows while a gate run goes on."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from kvgate.verdict.model import Verdict

_WORDS: Mapping[str, tuple[str, str, Any]] = {
    Verdict.PASS: ("passed", ".", ("PASS", {"green": True})),
    Verdict.FAIL: ("failed", "F", ("FAIL", {"red": True})),
    Verdict.WARN: ("warned", "w", ("WARN", {"yellow": True})),
    Verdict.OBSERVED: ("observed", "o", ("OBSERVED", {"cyan": True})),
    Verdict.WAIVED: ("waived", "v", ("WAIVED", {"yellow": True})),
    Verdict.NO_VERDICT: ("no verdict", "?", ("NO VERDICT", {"purple": True})),
    Verdict.NOT_APPLICABLE: ("not applicable", "-", ("NOT APPLICABLE", {"light": True})),
}
MOST_LETTERS = 500  # about as many in all
AT_ONCE = 1.0  # seconds of waiting that a terminal shows nothing of
BETWEEN_LINES = 10.0  # seconds between two lines in a log


class Letters:
    """pytest's category, letter and word for a check. Where there are many, one letter stands for some of a verdict."""

    def __init__(self) -> None:
        self._each = 1
        self._met: Counter[str] = Counter()

    def expect(self, checks: int) -> list[str]:
        """Takes the number of checks; a line says what a letter stands for, unless it is one check."""
        self._each = max(1, checks // MOST_LETTERS)
        return [f"kvgate: a letter stands for {self._each} checks"] if self._each > 1 else []

    def category(self, report: Any, record: Mapping[str, Any]) -> tuple[str, str, Any] | None:
        """Category, letter and word; nothing for the set-up and tear-down of a check."""
        if report.when != "call" and not (report.when == "setup" and report.failed):
            return ("", "", "") if report.passed else None
        verdict = str(record["shown"])
        said = _WORDS.get(verdict)
        if said is None:
            return None
        self._met[verdict] += 1
        # The first at once: one breach among thousands of checks has to be seen.
        if self._met[verdict] == 1 or self._met[verdict] % self._each == 0:
            return said
        return said[0], "", said[2]


class Progress:
    """Says what the gate is waiting for: in place on a terminal, in a log as a line from time to time."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._since: float | None = None
        self._last_line = 0.0
        self._in_place = False

    def waiting(self, interface: str, stage: str) -> None:
        """Says what `interface` is busy with."""
        now = time.monotonic()
        if self._since is None:
            self._since = self._last_line = now
        reporter = self._reporter
        if reporter is None:
            return
        text = f"kvgate: {interface}: {stage}, {now - self._since:.0f} s"
        if reporter.isatty:
            if now - self._since >= AT_ONCE:
                if not self._in_place:
                    reporter.ensure_newline()
                reporter.rewrite(text, erase=True)
                self._in_place = True
        elif now - self._last_line >= BETWEEN_LINES:
            self.line(text)
            self._last_line = now

    def done(self) -> None:
        """Takes the line away again."""
        if self._in_place and self._reporter is not None:
            self._reporter.rewrite("", erase=True)
            self._reporter.write("\r")
        self._since, self._in_place = None, False

    def line(self, text: str) -> None:
        """Writes one line to the terminal."""
        if self._reporter is not None:
            self._reporter.ensure_newline()
            self._reporter.write_line(text)

    @property
    def _reporter(self) -> Any:
        return self._config.pluginmanager.get_plugin("terminalreporter")


class Heartbeat:
    """Says from time to time that workers are busy, while no verdict comes from any."""

    def __init__(self, progress: Progress, *, every: float = BETWEEN_LINES) -> None:
        self._progress, self._every = progress, every
        self._began = self._last = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kvgate-heartbeat", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._began = self._last = time.monotonic()
        self._thread.start()

    def beat(self) -> None:
        """A verdict has come."""
        self._last = time.monotonic()

    def end(self) -> None:
        """Ends the watch. Idempotent, also when it was never started."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(max(0.1, self._last + self._every - time.monotonic())):
            now = time.monotonic()
            if now - self._last >= self._every:
                self._progress.line(f"kvgate: the workers gather evidence, {now - self._began:.0f} s")
                self._last = now
