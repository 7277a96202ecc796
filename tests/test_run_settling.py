"""Former states are gone through so that slow clusters and servers of few threads are not taken for faulty ones."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prober_parts import SINGLE, Made
from run_parts import FakeSeeder

from kvgate.case import load_cases
from kvgate.run.former import FormerStates

CONTROL = load_cases("get2")["control"]


@pytest.mark.parametrize(("first", "second", "waits"), [("kept", "kept", True), ("kept", "", False), ("", "", False)])
def test_of_cases_that_keep_a_connection_through_their_states_one_is_asked_at_a_time(
    first: str, second: str, waits: bool
) -> None:
    """A server of two threads, each of which serves one connection to its end, has to have one left."""
    asker: Any = SimpleNamespace(connections=nullcontext)
    unused: Any = None
    former = FormerStates(unused, asker, unused, unused, unused, unused)
    begun, may_end = threading.Event(), threading.Event()

    def use(connection: str) -> None:
        with former.connections(replace(CONTROL, asks=(replace(CONTROL.asks[0], connection=connection or None),))):
            begun.set()
            may_end.wait(5)

    holder = threading.Thread(target=use, args=(first,))
    holder.start()
    assert begun.wait(5)
    begun.clear()
    other = threading.Thread(target=use, args=(second,))
    other.start()
    assert begun.wait(0.2 if waits else 5) is not waits
    may_end.set()
    holder.join(5)
    other.join(5)
    assert begun.is_set()


@pytest.mark.parametrize("readable", [True, False])
def test_questions_wait_for_what_nobody_reads_back_and_for_nothing_else(
    readable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[int] = []
    seeder = FakeSeeder()
    monkeypatch.setattr(FormerStates, "settle", lambda _: settled.append(len(seeder.put_there)))
    if not readable:
        monkeypatch.setattr(seeder, "read", lambda _case: None)
    made = Made(tmp_path, seeder=seeder)
    made.prober.start(SINGLE[:2])
    assert made.prober.evidence(SINGLE[0]).trouble is None
    assert made.prober.ready(5)
    assert settled == ([] if readable else [len(seeder.put_there)]), "once, when all is in place"
