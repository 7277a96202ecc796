"""The gate under pytest-xdist: the same verdicts, one report, one total of requests."""

from __future__ import annotations

from pathlib import Path

from gate_parts import Watch, gate, gate_process, geode, get2, plain, servers, stored

from kvgate.exits import Exit
from kvgate.reference.message import Request, Response

FEW = ("--kv-case=control", "--kv-case=page-*", "--kv-case=missing-[a-e]*", "--kv-case=together-*")


def wrong_body(request: Request, number: int) -> Response | None:
    return plain(200, "wrong") if request.path == "/get2" else None


def test_same_verdicts_and_reports_as_without(tmp_path: Path) -> None:
    with servers(ha=Watch(wrong_body)) as embedded:
        options = (*get2(embedded), *geode(embedded), *FEW)
        alone, shared = gate(tmp_path / "alone", *options), gate_process(tmp_path / "shared", *options, "-n", "2")
        assert stored(embedded) == 0
    assert (alone.status, shared.status) == (1, 1), shared.out
    assert alone.verdicts == shared.verdicts
    assert {"pass", "fail"} <= set(shared.verdicts.values())
    assert len(alone.verdicts) > 100
    one, two = alone.report, shared.report
    assert two["run"]["complete"] is True
    for rows, what in (("cases", ("interface", "case")), ("exchanges", ("interface", "case", "label"))):
        assert {tuple(row[key] for key in what) for row in one[rows]} == {
            tuple(row[key] for key in what) for row in two[rows]
        }
    assert shared.journals == []
    assert shared.summary.splitlines()[0] == alone.summary.splitlines()[0]


def test_workers_get_the_embedded_reference_of_the_controller(tmp_path: Path) -> None:
    ran = gate_process(tmp_path, "-n", "2", "--kv-case=control", "--kv-case=control-second")
    assert ran.status == 0, ran.out
    assert "embedded reference: no server of yours was tested" in ran.out
    assert len({exchange["origin"] for exchange in ran.report["exchanges"]}) == 2


def test_with_x_the_first_breach_ends_the_run(tmp_path: Path) -> None:
    with servers(ha=Watch(wrong_body), interfaces=["get2"]) as embedded:
        ran = gate_process(tmp_path, *get2(embedded), *FEW, "-n", "2", "-x")
        assert stored(embedded) == 0
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    assert ran.report["run"]["complete"] is False
    assert "fail" in ran.verdicts.values()


def test_no_more_requests_at_a_time_than_the_target_allows(tmp_path: Path) -> None:
    """Both interfaces, questions sent at the same time, and seeding: all of them count."""
    total = Watch(hold=0.02)
    with servers(ha=total, node=total, geode=total) as embedded:
        ran = gate_process(tmp_path, *get2(embedded), *geode(embedded), *FEW, "-n", "3", "--kv-concurrency=4")
    assert ran.status == 0, ran.out
    assert 2 <= total.most <= 4


def test_more_workers_than_requests_at_a_time(tmp_path: Path) -> None:
    total = Watch(hold=0.01)
    with servers(ha=total, node=total, interfaces=["get2"]) as embedded:
        ran = gate_process(tmp_path, *get2(embedded), "--kv-case=page-*", "-n", "2", "--kv-concurrency=1")
    assert ran.status == 0, ran.out
    assert total.most == 1


def test_a_worker_that_crashes_is_3_and_what_it_wrote_is_removed(tmp_path: Path) -> None:
    plugin = tmp_path / "crashing.py"
    plugin.write_text(
        "import os\n"
        "def pytest_runtest_setup(item):\n"
        "    if os.environ.get('PYTEST_XDIST_WORKER') == 'gw0' and 'conflict' in item.name:\n"
        "        os._exit(7)\n"
    )
    with servers() as embedded:
        ran = gate_process(
            tmp_path / "reports",
            *get2(embedded),
            *FEW,
            *("-n", "2", "-p", "crashing"),
            env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[1]}"},
        )
        assert stored(embedded) == 0
    assert ran.status == Exit.INTERNAL_ERROR, ran.out
    assert any("gw0" in reason for reason in ran.report["run"]["reasons"])
    assert "pass" in ran.verdicts.values()
    assert ran.journals == []
