"""A pytest session that collects once, then runs each mutant in a fork: the tests that come by, until one fails."""

from __future__ import annotations

import gc
import resource
import signal
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest

from mutants.applying import Loaded, load
from mutants.fork import Fork, wait_for_any
from mutants.making import Mutant, Source
from mutants.outcome import Fate, Outcome

Block = tuple[str, int]
_WALL = 1800  # seconds after which a mutant has no verdict: the machine may be loaded, or it waits for ever
_CPU = 5  # seconds of CPU time that a mutant has in any case
_RECENT = 20  # tests that killed other mutants of the file, to be tried first
_MEMORY = 4 * 2**30  # bytes of address space: a mutant may loop and grow


@dataclass(frozen=True, slots=True)
class Test:
    """One test as it ran without any change: its seconds of CPU time, and the blocks that it entered."""

    name: str
    seconds: float
    blocks: frozenset[Block]


class MutantSession:
    """The plugin. `first` names for some mutants, by name, the test that killed them before; `done` gets each outcome.

    Beside the first of them, at most `most` tests are run for one mutant, of every kind that comes by; 0 for all.
    `only` names for some mutants the files of tests that they have yet to survive.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        mutants: Sequence[Mutant],
        *,
        processes: int,
        first: Mapping[tuple[str, str, str], str],
        only: Mapping[tuple[str, str, str], Collection[str]],
        most: int,
        done: Callable[[Outcome], None],
    ) -> None:
        self._sources, self._mutants = dict(sources), mutants
        self._processes, self._first, self._only, self._most, self._done = processes, first, only, most, done
        self._failed = ""
        self._killers: dict[tuple[str, int], list[str]] = {}
        self.trouble = ""
        self.interrupted = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In the place of a run: one that records, then one for each mutant."""
        items = {item.nodeid: item for item in session.items}
        for source in self._sources.values():
            load(source)
        self._warm(session.items)
        loaded = Loaded(self._sources)
        gc.collect()
        gc.freeze()
        recorded = Fork(lambda: self._record(items, loaded)).result()
        if not isinstance(recorded, dict) or recorded["failed"]:
            self.trouble = f"without any change the tests end with {recorded}"
            return True
        self._run_all(_passing(recorded["tests"]), items, loaded)
        return True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remembers Ctrl-C; a collection that fails comes this way too."""
        self.interrupted = type(excinfo.value) is KeyboardInterrupt

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remembers the first test that failed."""
        if report.failed and not self._failed:
            self._failed = report.nodeid

    def _run_all(
        self, passing: Mapping[Block, Sequence[Test]], items: Mapping[str, pytest.Item], loaded: Loaded
    ) -> None:
        waiting = list(reversed(self._mutants))
        running: dict[Fork, tuple[Mutant, int]] = {}
        while waiting or running:
            while waiting and len(running) < self._processes:
                mutant = waiting.pop()
                chosen = self._chosen(mutant, passing)
                if not chosen:
                    self._done(Outcome(mutant, Fate.UNREACHED))
                    continue
                left = self._left(mutant, chosen)
                if not left:
                    self._done(Outcome(mutant, Fate.SURVIVED, "", len(chosen)))
                    continue
                running[Fork(self._work(mutant, left, items, loaded))] = (mutant, len(chosen))
            if running:
                fork = wait_for_any(running)
                mutant, count = running.pop(fork)
                outcome = _outcome(mutant, fork, count)
                if outcome.by:
                    for place in ((mutant.file, 0), (mutant.file, mutant.block)):
                        self._killers.setdefault(place, []).append(outcome.by)
                self._done(outcome)

    def _chosen(self, mutant: Mutant, passing: Mapping[Block, Sequence[Test]]) -> list[Test]:
        """The tests for a mutant: what killed it before, what killed others near by, its namesakes, then all kinds."""
        place = (mutant.file, mutant.block)
        if mutant.block:
            found = list(passing.get(place, ()))
        else:
            of_file = (test for block, tests in passing.items() if block[0] == mutant.file for test in tests)
            found = list({test.name: test for test in of_file}.values())
        before = [self._first.get(mutant.name, ""), *reversed(self._killers.get(place, ()))]
        before += [*reversed(self._killers.get((mutant.file, 0), ()))][:_RECENT]
        by_name = {test.name: test for test in found}
        first = [by_name[name] for name in dict.fromkeys(before) if name in by_name]
        found = _mixed(found)
        found = found[: self._most] if self._most else found
        return list(dict.fromkeys([*first, *_namesakes(mutant.file, by_name.values()), *found]))

    def _left(self, mutant: Mutant, chosen: Sequence[Test]) -> Sequence[Test]:
        """Those of the chosen tests that have not let the mutant pass before."""
        only = self._only.get(mutant.name)
        return chosen if only is None else [test for test in chosen if test.name.partition("::")[0] in only]

    def _work(
        self, mutant: Mutant, chosen: Sequence[Test], items: Mapping[str, pytest.Item], loaded: Loaded
    ) -> Callable[[], object]:
        def work() -> object:
            cpu = _CPU + int(5 * sum(test.seconds for test in chosen))
            resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            signal.alarm(_WALL)
            if not loaded.apply(mutant):
                return {"unreached": True}
            return {"by": self._until_one_fails([items[test.name] for test in chosen])}

        return work

    def _warm(self, items: Sequence[pytest.Item]) -> None:
        """Runs one test of each kind, so that not every fork has to read the fixtures, catalogues and schemas anew."""
        kinds = {item.nodeid.partition("[")[0]: item for item in items}
        self._until_one_fails(list(kinds.values()))

    def _until_one_fails(self, items: Sequence[pytest.Item]) -> str:
        self._failed = ""
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                break
        return self._failed

    def _record(self, items: Mapping[str, pytest.Item], loaded: Loaded) -> object:
        seen: set[Block] = set()
        loaded.record(seen.add)
        rows = []
        ordered = list(items.values())
        for item, following in zip(ordered, [*ordered[1:], None], strict=True):
            seen.clear()
            began = time.process_time()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            rows.append([item.nodeid, time.process_time() - began, sorted(seen)])
        return {"failed": self._failed, "tests": rows}


def _namesakes(file: str, tests: Iterable[Test]) -> list[Test]:
    """The tests of the files that are named after a file or its folder, the fastest first."""
    path = PurePosixPath(file)
    stem, folder = path.stem.removeprefix("test_"), path.parent.name
    names = tuple(f"tests/test_{name}" for name in (stem, f"{folder}_{stem}", folder))
    found = (test for test in tests if test.name.partition(".py::")[0] in names)
    return sorted(found, key=lambda test: test.seconds)


def _mixed(tests: Sequence[Test]) -> list[Test]:
    """Tests of every kind in turn, for those of one kind mostly notice the same, and each kind for the same time."""
    kinds: dict[str, float] = {}
    spent: dict[Test, float] = {}
    for test in sorted(tests, key=lambda test: (test.seconds, test.name)):
        kind = test.name.partition("[")[0]
        spent[test] = kinds[kind] = kinds.get(kind, 0.0) + test.seconds
    return sorted(spent, key=spent.__getitem__)


def _passing(rows: Sequence[Sequence[object]]) -> dict[Block, list[Test]]:
    """The tests that enter each block."""
    tests = [
        Test(str(name), float(str(seconds)), frozenset((str(file), int(at)) for file, at in blocks))  # type: ignore[attr-defined]  # as _record makes them
        for name, seconds, blocks in rows
    ]
    passing: dict[Block, list[Test]] = {}
    for test in tests:
        for block in test.blocks:
            passing.setdefault(block, []).append(test)
    return passing


def _outcome(mutant: Mutant, fork: Fork, tests: int) -> Outcome:
    result = fork.result()
    if fork.signal in (signal.SIGXCPU, signal.SIGKILL):
        return Outcome(mutant, Fate.ENDLESS, "", tests)
    if fork.signal == signal.SIGALRM:
        return Outcome(mutant, Fate.UNDECIDED, "", tests)
    if not isinstance(result, dict):
        return Outcome(mutant, Fate.CRASHED, "", tests)
    if result.get("unreached"):
        return Outcome(mutant, Fate.UNREACHED, "", tests)
    return Outcome(mutant, Fate.KILLED if result["by"] else Fate.SURVIVED, str(result["by"]), tests)
