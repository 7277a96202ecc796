"""The hooks of a gate run, in whichever process: collecting, gathering, judging, and the end."""

from __future__ import annotations

import os
import shutil
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from kvgate.case.generated import is_generated
from kvgate.exits import Exit
from kvgate.plugin.beside import ControlsOfWorkers, OwnControls
from kvgate.plugin.bugs import Bugs
from kvgate.plugin.embedded import start_embedded
from kvgate.plugin.finish import Course, Ending, finish
from kvgate.plugin.gate import Gate
from kvgate.plugin.items import BUG, PROPERTY, CheckItem, ExploredItem, GateItem, collect, findings_of, is_late
from kvgate.plugin.narrowed import narrowed, one_by_one, selections
from kvgate.plugin.options import named_suites, read_options
from kvgate.plugin.recheck import Rechecking
from kvgate.plugin.share import CaseScheduling, share_of
from kvgate.plugin.signals import FROM_TERMINAL, Signals, held, let_in
from kvgate.plugin.spool import Shared, share_of_controller
from kvgate.plugin.status import Heartbeat, Letters, Progress
from kvgate.reference.embedded import Embedded
from kvgate.report.model import CheckRecord
from kvgate.report.plain import shown
from kvgate.report.write import prepare_folder
from kvgate.run.allocator import give_back
from kvgate.run.plan import check_selection
from kvgate.target.load import embedded_target, load_target
from kvgate.target.model import Target
from kvgate.target.show import tested_line
from kvgate.target.siblings import in_one_run
from kvgate.waiver.load import load_waivers


class GateSession:
    """The gate as a pytest plugin; registered for runs that collect suites only."""

    def __init__(self, config: pytest.Config, gate: Gate, embedded: Embedded | None) -> None:
        self.config, self.gate, self._embedded = config, gate, embedded
        self.worker = gate.worker
        self.controls_workers = self.worker is None and bool(config.getoption("tx", default=None))
        self._records: list[CheckRecord] = []
        self._lines: dict[str, None] = {}
        self._bugs = Bugs()
        self._interrupted = False
        self._ended_early = False
        self._ending: Ending | None = None
        self._own_controls, self._controls_of_workers = OwnControls(gate), ControlsOfWorkers()
        self._rechecking = Rechecking(gate, gate.target.recheck)
        self._signals = Signals()
        self._letters, self._told_letters = Letters(), False
        self._progress = gate.progress = Progress(config)
        self._heartbeat = Heartbeat(self._progress)

    @classmethod
    def configure(cls, config: pytest.Config) -> GateSession:
        """Reads everything an operator can get wrong, before anything is asked. Raises KvgateError."""
        worker_input = getattr(config, "workerinput", None)
        named = named_suites(config.args)
        target = in_one_run(load_target(replace(read_options(config), suites=named), os.environ), named)
        embedded: Embedded | None = None
        if worker_input is not None:
            shared = Shared(**worker_input["kvgate"])
            if shared.embedded is not None:
                target = embedded_target(target, shared.embedded)
            gate = _gate(target, shared, worker=str(worker_input["workerid"]))
        else:
            # Every file is read before the first thing is made, so that a mistake leaves nothing behind.
            planned = _gate(target, Shared("kvgate", "", "", None, None), worker=None)
            check_selection(tuple(planned.plans.values()))
            started: dict[str, dict[str, Any]] | None = None
            if not config.getoption("collectonly", default=False):
                prepare_folder(target.report_dir)
                if target.embedded:
                    embedded, started = start_embedded()
                    target = embedded_target(target, started)
            workers = bool(config.getoption("tx", default=None))
            gate = _gate(target, share_of_controller(target, started, workers=workers), worker=None)
        _quiet(config)
        return cls(config, gate, embedded)

    # -- collecting --------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Collector, obj: object) -> list[GateItem] | None:
        """A test function of a suite becomes one item for each case it applies to."""
        items = collect(collector, obj, self.gate)
        return list(items) if items is not None else None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What is judged by the end of the run comes last, otherwise in the order it had."""
        items.sort(key=is_late)

    def pytest_report_header(self) -> list[str]:
        """What is tested comes first, also where nobody reads on."""
        tested = f"kvgate: {tested_line(self.gate.target, ())}"
        return [tested, *(f"kvgate: {line}" for line in self.gate.exploring())]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begins to gather evidence, for just the cases that are left after every selection."""
        if self.config.getoption("collectonly", default=False) or self.controls_workers:
            return
        items = [item for item in session.items if isinstance(item, GateItem)]
        self.gate.chosen.note((item.check.requirement, item.case) for item in items if isinstance(item, CheckItem))
        wanted, concurrency = self._share(items)
        by_interface: dict[str, dict[str, None]] = {}
        explored: dict[str, None] = {}
        for item in wanted:
            if isinstance(item, CheckItem):
                by_interface.setdefault(item.case.interface, {})[item.case.name] = None
            elif isinstance(item, ExploredItem):
                explored[item.interface] = None
        beside = self._own_controls.choose((item for item in items if isinstance(item, CheckItem)), by_interface)
        self.gate.start(by_interface, concurrency, explored, beside)

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> list[str]:
        """What the letters to come mean, where one stands for many."""
        return self._letters.expect(len(items))

    def _share(self, items: Sequence[GateItem]) -> tuple[Sequence[GateItem], int]:
        """The items whose evidence this process gathers ahead, and how many requests it may have under way."""
        total = self.gate.target.concurrency
        worker_input = getattr(self.config, "workerinput", None)
        if worker_input is None:
            return items, total
        indexes, concurrency = share_of(
            [item.nodeid for item in items], str(worker_input["workerid"]), int(worker_input["workercount"]), total
        )
        return [items[index] for index in indexes], concurrency

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
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """What the letters to come mean, said once."""
        if not self._told_letters:
            self._told_letters = True
            for line in self._letters.expect(len(ids)):
                self._progress.line(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker that dies is our bug unless somebody stopped the run."""
        self._controls_of_workers.hear(node.gateway.id, getattr(node, "workeroutput", {}).get("kvgate", ()))
        if str(error) == "keyboard-interrupt":
            self._interrupted = True
        elif error and not self._interrupted:
            self._bugs.note(f"worker {node.gateway.id} died: {_last_line(str(error))}", str(error))

    # -- running -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None]:
        """A polite end (SIGTERM) takes the way of Ctrl-C: what was written is removed, what was seen is reported."""
        if self.worker is not None:
            self._signals.watch(FROM_TERMINAL)
            let_in()
            yield
            return
        self._signals.watch()
        if not self.controls_workers:
            yield
            return
        self._heartbeat.start()
        # Workers collect as soon as they are there. Where nobody shares, pytest_collection is early enough.
        self._observe()
        with held():
            yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """What is there decides what is judged, so it is read before anything is collected."""
        if self._interrupted:
            raise KeyboardInterrupt
        if self.worker is None:
            self._observe()

    def _observe(self) -> None:
        try:
            self.gate.observe()
        except KeyboardInterrupt:
            self.gate.stop.now("the run was interrupted")
            if not self.controls_workers:
                raise
            # pytest would write no reports were the session to end here: `pytest_collection` ends it.
            self._interrupted = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Waits for the evidence of a check before pytest begins to capture what is printed."""
        if isinstance(item, ExploredItem):
            self.gate.wait_explored(item.interface)
        elif isinstance(item, CheckItem):
            self.gate.wait(item.case.interface, item.case.name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Asks again what failed, once all is judged, or after -x the one that ended the run."""
        try:
            result = yield
        except session.Failed:
            self._ask_again()
            raise
        self._ask_again()
        return result

    def _ask_again(self) -> None:
        if self.worker is not None:
            self.config.workeroutput["kvgate"] = self._own_controls.told()  # type: ignore[attr-defined]  # xdist's
            return
        self._heartbeat.end()
        self._records = self._controls_of_workers.added_to(self._records)
        try:
            # A generated case that failed was asked often enough while it was shrunk.
            self._rechecking.run([record for record in self._records if not is_generated(record.finding.case)])
        except Exception as error:  # a bug here must not cost the verdicts there are
            self._bugs.note(f"asking again: {type(error).__name__}: {error}", traceback.format_exc())

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remembers that somebody ended the run; -x under xdist comes this way too, and is nobody."""
        if type(excinfo.value) is KeyboardInterrupt:
            self._interrupted = True
            self.gate.stop.now("the run was interrupted")
        else:
            self._ended_early = True

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remembers a bug of ours."""
        self._bugs.note(f"internal error: {_last_line(excinfo.exconly())}", str(excrepr))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be loaded is our bug."""
        if report.failed:
            self._bugs.note(f"{report.nodeid} cannot be collected: {_last_line(report.longreprtext)}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps each finding once, in the process that writes the reports."""
        if self.worker is not None:
            return
        self._heartbeat.beat()
        record = dict(report.user_properties).get(PROPERTY)
        if report.when == "setup" and isinstance(record, dict):
            self._records.extend(
                CheckRecord(finding, report.nodeid, str(record["meaning"]), float(str(record["seconds"])))
                for finding in findings_of(record)
            )
            if record["line"]:
                self._lines[str(record["line"])] = None
        elif report.failed and (record is None or report.when == "teardown"):
            bug = dict(report.user_properties).get(BUG)
            line, detail = bug if isinstance(bug, list) else (_crash(report), report.longreprtext)
            self._bugs.note(line, detail, test=report.nodeid)
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            # It keeps two reports of each check that say nothing: of ten thousand checks they are many.
            reporter.stats.pop("", None)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        """The letter and the word of a verdict in pytest's own progress."""
        record = dict(getattr(report, "user_properties", ())).get(PROPERTY)
        return self._letters.category(report, record) if isinstance(record, dict) else None

    # -- the end -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        """Ends the run after all others have, whatever becomes of them: the data is not theirs to leave behind."""
        self._signals.end_begins()
        try:
            yield
        except KeyboardInterrupt:
            self._interrupted = True
        except Exception as error:  # another plugin's, or a warning that -W error made one
            self._bugs.note(f"{type(error).__name__} at the end of the run: {error}", traceback.format_exc())
        self._finish(session, exitstatus)

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Ends the gathering; the controlling process takes the data away, decides, and writes the reports."""
        self._interrupted = self._interrupted or self._signals.interrupted
        self._heartbeat.end()
        self._progress.done()
        if self.config.getoption("collectonly", default=False):
            return
        try:
            left = self.gate.end()
            if self.worker is not None or exitstatus == int(Exit.USAGE):
                return
            self._ending = finish(
                self.gate,
                self._rechecking.told(self._controls_of_workers.added_to(self._records)),
                self._controls_of_workers,
                self._course(session, (*self._notes(), *left)),
                self._signals,
            )
            session.exitstatus = int(self._ending.exit)
        except Exception as error:  # a bug here must not look like a verdict, nor bury one in a traceback
            self._progress.line(f"kvgate: internal error at the end of the run: {type(error).__name__}: {error}")
            session.exitstatus = int(Exit.INTERRUPTED if self._interrupted else Exit.INTERNAL_ERROR)
        finally:
            if self.worker is None:
                self._clear_up()
        if exitstatus == int(Exit.INTERNAL_ERROR):
            # pytest shows no summary then.
            self._show(self._progress.line, color=False)

    def _notes(self) -> Iterator[str]:
        """What a person should know of how the run went, a line each."""
        yield from narrowed(self.gate.plans.values(), self._records, selections(self.gate.target, self.config))
        yield from one_by_one(self._records)
        yield from self._lines or self.gate.exploring()
        yield from self._rechecking.notes()

    def _course(self, session: pytest.Session, notes: tuple[str, ...]) -> Course:
        unfinished = bool(session.shouldfail or session.shouldstop or self._ended_early)
        bugs = self._bugs.lines()
        return Course(
            interrupted=self._interrupted,
            complete=not (unfinished or self._interrupted or bugs),
            bugs=bugs,
            notes=notes,
        )

    def _clear_up(self) -> None:
        if self._embedded is not None:
            self._embedded.stop()
        if self.gate.shared.spool:
            shutil.rmtree(self.gate.shared.spool, ignore_errors=True)
        self._signals.restore()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The verdict, last; before it, what a bug of ours left to look into."""
        detail = self._bugs.detail()
        if detail is not None:
            terminalreporter.section("internal error: a bug of kvgate, please report it with these lines")
            for line in detail.splitlines():
                terminalreporter.write_line(shown(line))
        self._show(terminalreporter.write_line, color=terminalreporter.hasmarkup)

    def _show(self, write_line: Callable[[str], None], *, color: bool) -> None:
        if self._ending is not None:
            for line in self._ending.lines(color=color):
                write_line(line)

    def pytest_unconfigure(self) -> None:
        """Nothing is left behind when a run ends before it began."""
        if self.worker is None:
            self._clear_up()
        self._signals.restore()


def _gate(target: Target, shared: Shared, *, worker: str | None) -> Gate:
    interfaces = tuple(part.interface for part in target.parts)
    waivers = load_waivers(target.waivers, interfaces=interfaces) if target.waivers else ()
    give_back()
    return Gate(target, waivers, shared, worker=worker)


def _quiet(config: pytest.Config) -> None:
    """The gate's own summary says each failed requirement once: pytest's thousand tracebacks would bury it."""
    typed = [str(argument) for argument in config.invocation_params.args]
    if not any(argument.startswith("--tb") for argument in typed):
        config.option.tbstyle = "no"
    if not any(argument.startswith("-r") for argument in typed):
        config.option.reportchars = "N"


def _crash(report: pytest.TestReport) -> str:
    """What went wrong, and where, in one line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return _last_line(report.longreprtext) or "failed"
    return f"{str(crash.message).splitlines()[0]} ({Path(crash.path).name}:{crash.lineno})"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
