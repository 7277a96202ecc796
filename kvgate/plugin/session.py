"""The hooks of a gate run, in whichever process: collecting, gathering, judging, and the end."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pytest

from kvgate.errors import KvgateError
from kvgate.exits import Exit
from kvgate.plugin.embedded import start_embedded
from kvgate.plugin.finish import Ending, finish, tested_line
from kvgate.plugin.gate import Gate, Shared, share_of_controller
from kvgate.plugin.items import PROPERTY, CheckItem, collect, finding_of
from kvgate.plugin.options import read_options
from kvgate.plugin.share import CaseScheduling, shares
from kvgate.plugin.status import Progress, category
from kvgate.reference.embedded import Embedded
from kvgate.report.model import CheckRecord
from kvgate.report.write import prepare_folder
from kvgate.run.plan import unmatched
from kvgate.target.load import embedded_target, load_target
from kvgate.waiver.load import load_waivers


class GateSession:
    """The gate as a pytest plugin; registered for runs that collect suites only."""

    def __init__(self, config: pytest.Config, gate: Gate, embedded: Embedded | None) -> None:
        self.config, self.gate, self._embedded = config, gate, embedded
        self.worker = gate.worker
        self.controls_workers = self.worker is None and bool(config.getoption("tx", default=None))
        self._records: list[CheckRecord] = []
        self._bugs: list[str] = []
        self._interrupted = False
        self._ended_early = False
        self._ending: Ending | None = None
        self._old_handler: Any = None
        self._progress = Progress(config)

    @classmethod
    def configure(cls, config: pytest.Config) -> GateSession:
        """Reads everything an operator can get wrong, before anything is asked. Raises KvgateError."""
        worker_input = getattr(config, "workerinput", None)
        target = load_target(read_options(config), os.environ)
        embedded: Embedded | None = None
        if worker_input is not None:
            shared = Shared(**worker_input["kvgate"])
            if shared.embedded is not None:
                target = embedded_target(target, shared.embedded)
            worker = str(worker_input["workerid"])
        else:
            worker = None
            if not config.getoption("collectonly", default=False):
                prepare_folder(target.report_dir)
            started: dict[str, dict[str, Any]] | None = None
            if target.embedded:
                embedded, started = start_embedded()
                target = embedded_target(target, started)
            shared = share_of_controller(target, started)
        try:
            interfaces = tuple(part.interface for part in target.parts)
            waivers = load_waivers(target.waivers, interfaces=interfaces) if target.waivers else ()
            gate = Gate(target, waivers, shared, worker=worker)
        except BaseException:
            if embedded is not None:
                embedded.stop()
            raise
        _quiet(config)
        return cls(config, gate, embedded)

    # -- collecting --------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Collector, obj: object) -> list[CheckItem] | None:
        """A test function of a suite becomes one item for each case it applies to."""
        items = collect(collector, obj, self.gate)
        return list(items) if items is not None else None

    def pytest_report_header(self) -> list[str]:
        """What is tested comes first, also where nobody reads on."""
        return [f"kvgate: {tested_line(self.gate.target)}"]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begins to gather evidence, for just the cases that are left after every selection."""
        if self.config.getoption("collectonly", default=False) or self.controls_workers:
            return
        items = [item for item in session.items if isinstance(item, CheckItem)]
        wanted, concurrency = self._share(items)
        by_interface: dict[str, list[str]] = {}
        for item in wanted:
            names = by_interface.setdefault(item.case.interface, [])
            if item.case.name not in names[-1:] and item.case.name not in names:
                names.append(item.case.name)
        self.gate.waiting = self._progress.waiting  # type: ignore[method-assign]  # the terminal is the plugin's
        self.gate.start(by_interface, concurrency)

    def _share(self, items: Sequence[CheckItem]) -> tuple[Sequence[CheckItem], int]:
        """The items whose evidence this process gathers ahead, and how many requests it may have under way."""
        total = self.gate.target.concurrency
        worker_input = getattr(self.config, "workerinput", None)
        if worker_input is None:
            return items, total
        number, count = int(self.worker[2:]) if self.worker else 0, min(int(worker_input["workercount"]), total)
        if number >= count:
            return (), 1
        mine = shares([item.nodeid for item in items], count)[number]
        return [items[index] for index in mine], total // count + (1 if number < total % count else 0)

    # -- xdist -------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker what all share."""
        node.workerinput["kvgate"] = asdict(self.gate.shared)

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> CaseScheduling | None:
        """Shares the run by case; a run with other tests beside the suites is shared as xdist does."""
        workers = len(config.getoption("tx") or [])
        return CaseScheduling(config, max(1, min(workers, self.gate.target.concurrency)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker that dies is our bug unless somebody stopped the run."""
        if error and not self._interrupted and str(error) != "keyboard-interrupt":
            self._bugs.append(f"worker {node.gateway.id} died: {str(error).strip().splitlines()[-1]}")

    # -- running -----------------------------------------------------------------------------------------------------

    def pytest_sessionstart(self) -> None:
        """A polite end (SIGTERM) takes the way of Ctrl-C: what was written is removed, what was seen is reported."""
        if self.worker is None and threading.current_thread() is threading.main_thread():
            self._old_handler = signal.signal(signal.SIGTERM, _as_interrupt)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remembers that somebody ended the run; -x under xdist comes this way too, and is nobody."""
        if type(excinfo.value) is KeyboardInterrupt:
            self._interrupted = True
        else:
            self._ended_early = True

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remembers a bug of ours."""
        self._bugs.append(f"internal error: {excinfo.exconly()}".splitlines()[0])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be loaded is our bug."""
        if report.failed:
            self._bugs.append(f"{report.nodeid}: cannot be collected: {report.longreprtext.splitlines()[-1]}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps each finding once, in the process that writes the reports."""
        if self.worker is not None:
            return
        record = dict(report.user_properties).get(PROPERTY)
        if report.when == "setup" and isinstance(record, dict):
            self._records.append(
                CheckRecord(
                    finding=finding_of(record),
                    test_id=report.nodeid,
                    meaning=str(record["meaning"]),
                    seconds=float(str(record["seconds"])),
                )
            )
        elif report.failed and (record is None or report.when == "teardown"):
            self._bugs.append(
                f"{report.nodeid}: {report.longreprtext.splitlines()[-1] if report.longrepr else 'failed'}"
            )

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        """The letter and the word of a verdict in pytest's own progress."""
        record = dict(getattr(report, "user_properties", ())).get(PROPERTY)
        return category(report, record) if isinstance(record, dict) else None

    # -- the end -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Ends the gathering; the controlling process takes the data away, decides, and writes the reports."""
        self._progress.clear()
        if self.config.getoption("collectonly", default=False):
            self._stop_servers()
            return
        try:
            left = self.gate.end()
            if self.worker is not None:
                return
            if exitstatus == int(Exit.USAGE):
                return
            unfinished = bool(session.shouldfail or session.shouldstop or self._ended_early)
            self._ending = finish(
                self.gate,
                tuple(self._records),
                interrupted=self._interrupted,
                complete=not (unfinished or self._interrupted or self._bugs),
                bugs=tuple(self._bugs),
                notes=left,
                nothing_selected=self._nothing_selected(session),
            )
            session.exitstatus = int(self._ending.exit)
        except KvgateError as error:
            self._progress.line(f"kvgate: {error}")
            session.exitstatus = int(Exit.USAGE)
        except Exception as error:  # noqa: BLE001  # a bug here must not look like a verdict, nor bury one in a traceback
            self._progress.line(f"kvgate: internal error at the end of the run: {type(error).__name__}: {error}")
            session.exitstatus = int(Exit.INTERNAL_ERROR)
        finally:
            if self.worker is None:
                self._stop_servers()

    def _nothing_selected(self, session: pytest.Session) -> tuple[str, ...]:
        if session.testscollected and self._records:
            return ()
        lines = unmatched(tuple(self.gate.plans.values()))
        if not lines:
            tested_parts = ", ".join(self.gate.plans) or "none"
            lines = (f"nothing was tested: the selection leaves no check (interfaces with a target: {tested_parts})",)
        return lines

    def _stop_servers(self) -> None:
        if self._embedded is not None:
            self._embedded.stop()
        shutil.rmtree(self.gate.shared.spool, ignore_errors=True)
        if self._old_handler is not None:
            signal.signal(signal.SIGTERM, self._old_handler)
            self._old_handler = None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The verdict, last."""
        if self._ending is not None:
            for line in self._ending.lines(color=terminalreporter.hasmarkup):
                terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Nothing is left behind when a run ends before it began."""
        if self.worker is None:
            self._stop_servers()


def _quiet(config: pytest.Config) -> None:
    """The gate's own summary says each failed requirement once: pytest's thousand tracebacks would bury it."""
    typed = " ".join(str(argument) for argument in config.invocation_params.args)
    if "--tb" not in typed:
        config.option.tbstyle = "no"
    if not any(str(argument).startswith("-r") for argument in config.invocation_params.args):
        config.option.reportchars = "N"


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
