"""Explores the interfaces of one process in the background, once the cases of its fixtures are gathered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from kvgate.explore.explorer import Explorer, Judging, unexplored
from kvgate.explore.model import Exploration, Explored
from kvgate.run.plan import Plan
from kvgate.run.prober import Prober
from kvgate.run.stop import Stop

_TURN = 0.2  # seconds


class Expedition:
    """The exploring of one interface: begun by `start`, waited for by `wait`; `result` is what came of it."""

    def __init__(self, plan: Plan, wanted: Exploration, judging: Judging, stop: Stop) -> None:
        self._plan, self._wanted, self._judging, self._stop = plan, wanted, judging, stop
        self._explorer: Explorer | None = None
        self._result: Explored | None = None
        self._bug: Exception | None = None
        self._thread: threading.Thread | None = None

    @property
    def stage(self) -> str:
        """What it is busy with."""
        return "waiting to explore" if self._explorer is None else self._explorer.stage

    def start(self, prober: Prober | None, unusable: str) -> None:
        """Begins in the background; without a prober every case is without a verdict, for the reason `unusable`."""
        name = f"kvgate-explore-{self._plan.interface.name}"
        self._thread = threading.Thread(target=self._run, args=(prober, unusable), name=name, daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> bool:
        """Whether it has ended, or does within `timeout` seconds."""
        if self._thread is None:
            raise AssertionError("start() was not called")
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def result(self) -> Explored:
        """What came of it, once it has ended. Raises the bug that ended it, if one did."""
        if self._bug is not None:
            raise self._bug
        if self._result is None:
            raise AssertionError("it has not ended")
        return self._result

    def _run(self, prober: Prober | None, unusable: str) -> None:
        try:
            if prober is None:
                self._result = unexplored(self._plan, self._wanted, unusable)
                return
            while not prober.ready(_TURN):
                pass
            self._explorer = Explorer(self._plan, self._wanted, prober, self._judging, self._stop)
            self._result = self._explorer.run()
        except Exception as error:  # told by whoever asks for the result
            self._bug = error


class Stages(Protocol):
    """Who is told what is waited for."""

    def waiting(self, interface: str, stage: str) -> None: ...  # noqa: D102
    def done(self) -> None: ...  # noqa: D102


class Expeditions:
    """The expeditions of one process, by interface."""

    def __init__(self, make: Callable[[str], Expedition], launch: Callable[[Expedition, str], None]) -> None:
        self._make, self._launch = make, launch
        self._all: dict[str, Expedition] = {}

    def start(self, interfaces: Iterable[str]) -> None:
        """Begins those that have not begun."""
        for interface in interfaces:
            if interface not in self._all:
                self._all[interface] = self._make(interface)
                self._launch(self._all[interface], interface)

    def wait(self, interface: str, progress: Stages) -> None:
        """Waits for the end of one, and tells `progress` so."""
        self.start([interface])
        while not self._all[interface].wait(_TURN):
            progress.waiting(interface, self._all[interface].stage)
        progress.done()

    def result(self, interface: str) -> Explored:
        """What came of one, once it has ended."""
        return self._all[interface].result()

    def finish(self, timeout: float) -> None:
        """Waits for the end of all, `timeout` seconds at most. Stop the run first to hurry them."""
        until = time.monotonic() + timeout
        for expedition in self._all.values():
            expedition.wait(max(0.0, until - time.monotonic()))
