"""What the terminal shows while a gate run goes on."""

from __future__ import annotations

import time
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
_SILENCE = 1.0


def category(report: Any, record: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    """pytest's category, letter and word for a check; nothing for its set-up and tear-down."""
    verdict = str(record["shown"])
    if report.when == "call" or (report.when == "setup" and report.failed):
        return _WORDS.get(verdict)
    return ("", "", "") if report.passed else None


class Progress:
    """A line that says what the gate is waiting for, on terminals only, and only when it takes a while."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._since: float | None = None
        self._shown = False

    def waiting(self, interface: str, stage: str) -> None:
        """Says what `interface` is busy with."""
        now = time.monotonic()
        self._since = self._since or now
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or not reporter.isatty or now - self._since < _SILENCE:
            return
        reporter.rewrite(f"kvgate: {interface}: {stage}, {now - self._since:.0f} s ", erase=True)
        self._shown = True

    def clear(self) -> None:
        """Leaves the line behind."""
        if self._shown:
            self.line("")
        self._since, self._shown = None, False

    def line(self, text: str) -> None:
        """Writes one line to the terminal."""
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(text)
