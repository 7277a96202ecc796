"""Runs the gate, in this process or in one of its own, and servers that misbehave on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from interrupts import hear_them

from kvgate.places import ROOT
from kvgate.reference.connection import Answer
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.hustdb import Ha, Node
from kvgate.reference.message import Request, Response
from kvgate.report.write import NAMES
from kvgate.schema import problems

hear_them()

# A few cases of each interface that show much.
FEW = ("--kv-case=control*", "--kv-case=page-*")
ONE_CHECK = ("--kv-requirement=get2.status.match", "--kv-case=control")


@dataclass(frozen=True)
class Ran:
    """A finished run: exit status, everything it printed, and the folder of its reports."""

    status: int
    out: str
    folder: Path

    @property
    def names(self) -> list[str]:
        """The report files there are."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_file()) if self.folder.is_dir() else []

    @functools.cached_property
    def report(self) -> dict[str, Any]:
        """report.json, held against its schema; the other three have to be there, and none half.

        Of rows with the same members twenty are held for all: a run has thousands, all written by the same lines.
        """
        assert self.names == sorted(NAMES), self.out
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        assert not list(problems("kvgate/report.schema.json", _thinned(report)))
        assert (self.folder / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
        assert (self.folder / "junit.xml").read_text(encoding="utf-8").rstrip().endswith(">")
        return report

    @property
    def verdicts(self) -> dict[tuple[str, str], str]:
        """The verdict of each (requirement, case)."""
        return {(check["requirement"], check["case"]): check["verdict"] for check in self.report["checks"]}

    @property
    def notes(self) -> list[str]:
        """What the run says besides, but for how many checks were made: nearly every run of a test has a selection."""
        return [note for note in self.report["run"]["notes"] if " were made, selected by " not in note]

    @property
    def summary(self) -> str:
        """summary.md."""
        return (self.folder / "summary.md").read_text(encoding="utf-8")

    @property
    def journals(self) -> list[Path]:
        """The journals that were kept."""
        return sorted(self.folder.glob("journal-*/*.journal"))


def _thinned(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report with twenty rows of each kind at the most."""
    return {name: _few(value) if isinstance(value, list) else value for name, value in report.items()}


def _few(rows: Sequence[Any]) -> list[Any]:
    found: dict[object, list[Any]] = {}
    for row in rows:
        found.setdefault(frozenset(row) if isinstance(row, dict) else None, []).append(row)
    return [row for alike in found.values() for row in alike[:: -(-len(alike) // 20)]]


def environment(**more: str) -> dict[str, str]:
    """The variables of a run: no target of the person who runs the tests, no plugins but the gate's and xdist."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KVGATE_", "PYTEST_"))}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


def gate(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """`pytest <arguments>` at the root of the checkout, in this process; `folder` is where the reports go."""
    options = ["-s", "-p", "no:faulthandler", "-p", "no:cacheprovider", f"--kv-report-dir={folder}"]
    out = io.StringIO()
    _freeze()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        for name in [name for name in os.environ if name.startswith(("KVGATE_", "PYTEST_"))]:
            patch.delenv(name)
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.setenv("COLUMNS", "200")
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        patch.chdir(ROOT)
        status = int(pytest.main([*options, *arguments]))
    return Ran(status, out.getvalue(), folder)


@functools.cache
def _freeze() -> None:
    """Takes what there is out of the garbage collector's sight: pytest collects twice in the end, and here within a run
    of pytest that holds thousands of tests.
    """
    gc.collect()
    gc.freeze()


def command(folder: Path, *arguments: str) -> list[str]:
    """The same as `gate` for a process of its own."""
    return [
        *(sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-p", "no:cacheprovider"),
        *(f"--kv-report-dir={folder}", *arguments),
    ]


def gate_process(folder: Path, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 60) -> Ran:
    """`pytest <arguments>` at the root of the checkout, in a process of its own (needed for xdist)."""
    done = subprocess.run(
        command(folder, *arguments),
        cwd=ROOT,
        env=environment(**(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout, folder)


def interrupted(
    folder: Path,
    *arguments: str,
    when: Callable[[], bool],
    number: signal.Signals = signal.SIGINT,
    group: bool = True,
    again: Callable[[], bool] | None = None,
) -> Ran:
    """A run that gets a signal once `when` says so, as from a terminal (`group`) or from a supervisor."""
    with subprocess.Popen(
        command(folder, *arguments),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            for moment in (when, again) if again is not None else (when,):
                wait_until(lambda moment=moment: moment() or process.poll() is not None)  # type: ignore[misc]
                assert process.poll() is None, process.communicate()[0]
                if group:
                    os.killpg(process.pid, number)
                else:
                    process.send_signal(number)
            out, _ = process.communicate(timeout=120)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return Ran(process.returncode, out, folder)


def kvgate(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 60) -> tuple[int, str]:
    """`python -m kvgate <arguments>` in a folder: the exit status and all that was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "kvgate", *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.returncode, done.stdout


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Waits for something to happen; a failure when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


# -- servers ---------------------------------------------------------------------------------------------------------


@dataclass
class Watch:
    """What a server saw: how many requests, how many at the same time at most, and how it treats the next ones.

    `hold` is how many seconds each answer is kept back. `twist` may replace an answer: given the request and its
    number from 1, it returns a response, None for the usual answer, or a coroutine.
    """

    twist: Callable[[Request, int], Response | Awaitable[Response] | None] = lambda _request, _number: None
    hold: float = 0.0
    seen: list[Request] = field(default_factory=list)
    now: int = 0
    most: int = 0

    def count(self, *, path: str = "") -> int:
        """How many requests to paths with this text came."""
        return sum(path in request.target for request in self.seen)

    async def answer(self, usual: Callable[[Request], Answer], request: Request) -> Response:
        self.seen.append(request)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if self.hold:
                await asyncio.sleep(self.hold)
            twisted = self.twist(request, len(self.seen))
            found = usual(request) if twisted is None else twisted
            return found if isinstance(found, Response) else await found
        finally:
            self.now -= 1


def watched(kind: type[Any], watch: Watch) -> type[Any]:
    """A server class of the reference under watch."""

    class Watched(kind):  # type: ignore[misc]  # the class is chosen at run time
        def handle(self, request: Request) -> Answer:
            return watch.answer(super().handle, request)

    return Watched


@contextlib.contextmanager
def servers(
    *, ha: Watch | None = None, node: Watch | None = None, geode: Watch | None = None, **more: Any
) -> Iterator[Embedded]:
    """Reference servers as somebody's own, each kind under watch where one is given."""
    made: dict[str, Any] = {}
    for name, kind, watch in (("make_ha", Ha, ha), ("make_node", Node, node), ("make_geode", Geode, geode)):
        if watch is not None:
            made[name] = watched(kind, watch)
    with Embedded.start(**made, **more) as embedded:
        yield embedded


def get2(embedded: Embedded) -> list[str]:
    """The options that name its HA and its nodes."""
    return [f"--get2-url={embedded.ha_url}", f"--get2-nodes={','.join(embedded.node_urls)}"]


def geode(embedded: Embedded) -> list[str]:
    """The options that name its Geode and regions."""
    regions = [embedded.regions[role] for role in ("data", "second", "empty", "absent")]
    return [f"--geode-url={embedded.geode_url}", f"--geode-regions={','.join(regions)}"]


def stored(embedded: Embedded) -> int:
    """How many keys stand on its nodes and in its regions."""

    def count() -> int:
        on_nodes = sum(len(node.stored()) for node in embedded.nodes)
        regions = embedded.geode.regions.values() if embedded.geode else ()
        return on_nodes + sum(len(tuple(region.keys())) for region in regions)

    return embedded.call(count)


def plain(status: int, text: str = "no") -> Response:
    """An answer that no interface gives."""
    return Response(status, "", (("Content-Type", "text/plain"),), text.encode())


async def never() -> Response:
    """An answer that does not come."""
    await asyncio.sleep(3600)
    raise AssertionError("a server that hangs does not answer")


@contextlib.contextmanager
def later(condition: Callable[[], bool], act: Callable[[], object]) -> Iterator[None]:
    """Does something in a thread of its own as soon as a condition holds."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            if condition():
                act()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def toml_list(values: Sequence[str]) -> str:
    """A list of texts as TOML has it."""
    return json.dumps(list(values))
