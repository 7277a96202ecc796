"""pytest's own options work on the suites as people know them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gate_parts import (
    FEW,
    ONE_CHECK,
    Ran,
    Watch,
    command,
    environment,
    gate,
    gate_process,
    get2,
    plain,
    servers,
    stored,
)

from kvgate.exits import Exit
from kvgate.places import ROOT
from kvgate.reference.message import Request, Response


def wrong(request: Request, _number: int) -> Response | None:
    return plain(200, "wrong") if request.path == "/get2" else None


def test_k_selects_by_requirement_and_by_case(tmp_path: Path) -> None:
    by_case = gate(tmp_path / "case", "suites/get2", "-k", ":control]")
    by_id = gate(tmp_path / "id", "suites/get2", "-k", "get2.status.match and page")
    assert {check["case"] for check in by_case.report["checks"]} == {"control"}
    assert {check["requirement"] for check in by_id.report["checks"]} == {"get2.status.match"}


def test_k_seeds_and_asks_no_more_than_it_selects(tmp_path: Path) -> None:
    with servers(ha=(watch := Watch()), interfaces=["get2"]) as embedded:
        gate(tmp_path, *get2(embedded), "-k", "get2.status.match:control]")
    # The control of the run, the one case, the control on the connection of the one case again.
    assert watch.count(path="/get2") == 4


def test_x_stops_at_the_first_breach_and_judges_what_was_reached(tmp_path: Path) -> None:
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "-x")
        assert stored(embedded) == 0
    assert ran.status == Exit.NOT_CONFORMING
    assert [check["verdict"] for check in ran.report["checks"]].count("fail") == 1
    assert ran.report["run"]["complete"] is False
    assert "the run ended before everything selected was judged" in ran.out


def test_x_stops_at_a_missing_verdict_as_well(tmp_path: Path) -> None:
    with servers(ha=Watch(lambda request, _: plain(502) if request.path == "/get2" else None)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "-x")
    assert ran.status == Exit.NO_VERDICT
    assert len(ran.report["checks"]) == 1


def test_another_plugin_that_fails_at_the_end_costs_neither_verdicts_nor_the_data(tmp_path: Path) -> None:
    (tmp_path / "spoiler.py").write_text("def pytest_sessionfinish():\n    raise RuntimeError('spoilt')\n")
    env = {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    with servers(interfaces=["get2"]) as embedded:
        ran = gate_process(tmp_path / "reports", *get2(embedded), *FEW, "-p", "spoiler", env=env)
        assert stored(embedded) == 0
    assert ran.status == Exit.INTERNAL_ERROR
    assert ran.verdicts["get2.body.match", "control"] == "pass"
    assert "reason: RuntimeError at the end of the run: spoilt" in ran.out


def test_q_still_says_what_was_tested_and_how_it_ended(tmp_path: Path) -> None:
    ran = gate(tmp_path, *ONE_CHECK, "-q")
    assert "embedded reference: no server of yours was tested" in ran.out
    assert "exit 0: conforming" in ran.out
    assert "rootdir" not in ran.out


def test_v_names_requirement_case_and_verdict(tmp_path: Path) -> None:
    ran = gate(tmp_path, "--kv-case=control", "-v", "suites/get2")
    assert re.search(r"test_status\.py::\w+\[get2\.status\.match:control\] PASS", ran.out)


def test_lf_runs_what_failed(tmp_path: Path) -> None:
    cache = ("-p", "cacheprovider", "-o", f"cache_dir={tmp_path / 'cache'}")
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        first = gate(tmp_path / "first", *get2(embedded), *FEW, *cache)
        again = gate(tmp_path / "again", *get2(embedded), *FEW, *cache, "--lf")
    failed = {pair for pair, verdict in first.verdicts.items() if verdict == "fail"}
    assert failed
    assert set(again.verdicts) == failed
    assert len(first.verdicts) > len(failed)


def test_collect_only_asks_nothing_and_leaves_earlier_reports(tmp_path: Path) -> None:
    gate(tmp_path, *ONE_CHECK)
    before = (tmp_path / "report.json").read_text()
    with servers(ha=(ha := Watch()), node=(node := Watch()), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "--collect-only", "-q")
    assert ran.status == 0
    assert "[get2.status.match:control]" in ran.out
    assert ha.seen == node.seen == []
    assert (tmp_path / "report.json").read_text() == before


@pytest.mark.parametrize("option", ["--markers", "--fixtures", "--version", "--help"])
def test_options_that_run_nothing_leave_earlier_reports(tmp_path: Path, option: str) -> None:
    gate(tmp_path, *ONE_CHECK)
    before = (tmp_path / "report.json").read_text()
    with servers(ha=(ha := Watch()), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), option)
    assert ran.status == 0
    assert ha.seen == []
    assert (tmp_path / "report.json").read_text() == before


def test_without_the_terminal_plugin_the_status_and_the_reports_are_the_same(tmp_path: Path) -> None:
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *ONE_CHECK, "--kv-requirement=get2.body.match", "-p", "no:terminal")
    assert ran.status == Exit.NOT_CONFORMING
    assert ran.report["run"]["exit"]["status"] == 1


@pytest.mark.parametrize(
    ("hook", "raised", "status"),
    [
        ("pytest_collection_modifyitems(items)", "KeyboardInterrupt", Exit.INTERRUPTED),
        ("pytest_pycollect_makeitem(obj)", "RuntimeError('no such luck')", Exit.INTERNAL_ERROR),
        ("pytest_runtestloop(session)", "session.Interrupted('enough')", Exit.NOTHING_TESTED),
    ],
)
def test_a_run_that_ends_before_it_began_has_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: str, raised: str, status: Exit
) -> None:
    name = f"plugin_{int(status)}"
    (tmp_path / f"{name}.py").write_text(f"def {hook}:\n    raise {raised}\n")
    monkeypatch.syspath_prepend(tmp_path)
    ran = gate(tmp_path / "reports", *ONE_CHECK, "-p", name)
    assert ran.status == status, ran.out
    assert ran.report["run"]["complete"] is False


def test_the_handlers_of_signals_are_what_they_were(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    gate(tmp_path, *ONE_CHECK)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_one_test_by_its_id(tmp_path: Path) -> None:
    test = gate(tmp_path / "a", *ONE_CHECK).report["checks"][0]["test"]
    ran = gate(tmp_path / "b", test)
    assert list(ran.verdicts) == [("get2.status.match", "control")]


def test_from_another_folder_reports_go_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(ROOT / "suites"), *ONE_CHECK, "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    assert (tmp_path / "reports" / "report.json").is_file()


def test_the_projects_own_tests_never_meet_the_engine() -> None:
    """`pytest tests` collects with the root conftest, and loads nothing of the gate but its options."""
    script = (
        "import sys, pytest\n"
        "status = pytest.main(['tests/test_wire_origin.py', '--collect-only', '-q', '-p', 'no:cacheprovider'])\n"
        "rooms = ('kvgate.plugin.', 'kvgate.run', 'kvgate.seeding')\n"
        "loaded = [name for name in sys.modules if name.startswith(rooms)]\n"
        "print(int(status), sorted(loaded))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "0 ['kvgate.plugin.options', 'kvgate.plugin.output']", (
        done.stdout + done.stderr
    )
    assert "kvgate:" not in done.stdout


@pytest.mark.parametrize(
    ("closed", "workers"), [(">&-", ()), ("2>&-", ()), ("<&- >&- 2>&-", ()), ("<&- >&- 2>&-", ("-n", "2"))]
)
@pytest.mark.parametrize("own", [True, False])
def test_closed_streams_cost_neither_the_verdict_nor_the_reports(
    tmp_path: Path, closed: str, workers: tuple[str, ...], own: bool
) -> None:
    made = tmp_path / "reports"
    line = command(made, "suites/geode", "--kv-case=control", *workers)
    if own:
        line = [sys.executable, "-m", "kvgate", "run", "geode", "--case=control", f"--report-dir={made}", *workers]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *line],
        cwd=tmp_path if own else ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == Exit.CONFORMING, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert set(Ran(done.returncode, "", made).verdicts.values()) <= {"pass", "not-applicable"}


@pytest.mark.parametrize(("arguments", "status"), [(("list", "geode"), 0), (("--version",), 0), (("nonsense",), 4)])
def test_a_command_with_closed_streams_ends_as_it_does_without(arguments: tuple[str, ...], status: int) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-m", "kvgate", *arguments],
        cwd=ROOT,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == status
