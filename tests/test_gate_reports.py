"""Whatever happens to a run, its reports are whole, say first what was tested, and fit its status."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from gate_parts import FEW, ONE_CHECK, Watch, gate, get2, kvgate, later, plain, servers, stored

from kvgate.exits import Exit
from kvgate.plugin import finish as finish_module
from kvgate.reference.embedded import Embedded
from kvgate.reference.message import Request, Response
from kvgate.report import write as write_module
from kvgate.run.outcome import Circumstances, decide

TOMORROW = (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)).isoformat()
MANY = ("--kv-case=key-*", "--kv-case=control")


def wrong(request: Request, _number: int) -> Response | None:
    return plain(200, "wrong") if request.path == "/get2" else None


def test_reports_of_an_earlier_run_are_gone_when_a_run_ends_before_it_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate(tmp_path, *ONE_CHECK)
    assert len(list(tmp_path.glob("*.*"))) == 4

    def broken(*_: object) -> None:
        raise RuntimeError("a bug in a report")

    monkeypatch.setattr(finish_module, "write_reports", broken)
    ran = gate(tmp_path, *ONE_CHECK)
    assert ran.names == []
    assert ran.status == Exit.INTERNAL_ERROR
    assert "a bug in a report" in ran.out
    assert "embedded reference: no server of yours was tested" in ran.out


def test_reports_that_cannot_be_written_leave_no_green_and_no_breach_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_module, "_to_disk", full)
    green = gate(tmp_path / "green", *ONE_CHECK)
    with servers(ha=Watch(wrong), interfaces=["get2"]) as embedded:
        red = gate(tmp_path / "red", *get2(embedded), *FEW)
        assert stored(embedded) == 0
    assert (green.status, red.status) == (Exit.USAGE, Exit.NOT_CONFORMING)
    for ran in (green, red):
        assert "No space left on device" in ran.out
        assert f"exit {ran.status}:" in ran.out


def test_a_bug_at_the_very_end_costs_neither_summary_nor_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug in the sweep")

    monkeypatch.setattr(finish_module, "sweep", broken)
    with servers(interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW)
    assert ran.status == Exit.INTERNAL_ERROR
    assert set(ran.verdicts.values()) == {"pass"}
    assert "a bug in the sweep" in ran.out
    assert "kvgate sweep" in ran.out
    assert len(ran.journals) == 1

    monkeypatch.setattr(finish_module, "decide", broken)
    ran = gate(tmp_path / "decide", *ONE_CHECK)
    assert ran.status == Exit.INTERNAL_ERROR
    assert "internal error at the end of the run" in ran.out
    assert decide([], Circumstances())[0] == Exit.NOTHING_TESTED


def test_a_server_that_dies_half_way_is_6(tmp_path: Path) -> None:
    ha = Watch(hold=0.02)
    with servers(ha=ha, interfaces=["get2"]) as embedded, later(lambda: ha.count(path="/get2") > 12, kill(embedded)):
        ran = gate(tmp_path, *get2(embedded), *MANY, "--kv-concurrency=2")
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT, ran.out
    assert {"pass", "no-verdict"} <= set(ran.verdicts.values())
    assert "fail" not in ran.verdicts.values()
    assert "the server stopped answering during the run" in ran.out


def test_a_breach_before_the_server_died_is_still_1(tmp_path: Path) -> None:
    def wrong_at_first(request: Request, _number: int) -> Response | None:
        return plain(200, "wrong") if request.path == "/get2" and ha.count(path="/get2") > 2 else None

    ha = Watch(wrong_at_first, hold=0.02)
    with servers(ha=ha, interfaces=["get2"]) as embedded, later(lambda: ha.count(path="/get2") > 12, kill(embedded)):
        ran = gate(tmp_path, *get2(embedded), *MANY, "--kv-concurrency=2")
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    assert {"fail", "no-verdict"} <= set(ran.verdicts.values())


def kill(embedded: Embedded):  # type: ignore[no-untyped-def]  # a function to call
    assert embedded.ha is not None
    ha = embedded.ha
    return lambda: embedded.remove(ha)


def test_every_other_answer_500_is_1(tmp_path: Path) -> None:
    def flaky(request: Request, _number: int) -> Response | None:
        number = ha.count(path="/get2")
        return plain(500) if request.path == "/get2" and number > 1 and number % 2 else None

    ha = Watch(flaky)
    with servers(ha=ha, interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *MANY)
        assert stored(embedded) == 0
    assert ran.status == Exit.NOT_CONFORMING
    failed = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert {"get2.status.match", "get2.safe.repeatable"} <= failed
    assert "get2.body.match" not in failed


def waivers_file(folder: Path, text: str) -> str:
    file = folder / "waivers.toml"
    file.write_text(text)
    return f"--kv-waivers={file}"


def test_waivers_from_proposal_to_stale(tmp_path: Path) -> None:
    """A report's breaches are waived; the day the server is mended, the waivers break the gate, with reports."""
    with servers(ha=Watch(wrong), interfaces=["get2"]) as bad, servers(interfaces=["get2"]) as good:
        first = gate(tmp_path / "first", *get2(bad), *FEW)
        status, text = kvgate("waivers", "propose", str(first.folder / "report.json"), cwd=tmp_path)
        empty = gate(tmp_path / "empty", *get2(bad), *FEW, waivers_file(tmp_path, text))
        named = ("--reason=known", "--owner=me", "--issue=KV-1", f"--expires={TOMORROW}")
        _, text = kvgate("waivers", "propose", str(first.folder / "report.json"), *named, cwd=tmp_path)
        waived = gate(tmp_path / "waived", *get2(bad), *FEW, waivers_file(tmp_path, text))
        strict = gate(tmp_path / "strict", *get2(bad), *FEW, waivers_file(tmp_path, text), "--kv-strict")
        stale = gate(tmp_path / "stale", *get2(good), *FEW, waivers_file(tmp_path, text))
        expired = gate(
            tmp_path / "expired", *get2(bad), *FEW, waivers_file(tmp_path, text.replace(TOMORROW, "2020-01-31"))
        )
    failed = {pair for pair, verdict in first.verdicts.items() if verdict in ("fail", "warn")}
    assert (status, first.status) == (0, Exit.NOT_CONFORMING)
    assert (empty.status, empty.names) == (Exit.USAGE, [])
    assert waived.status == Exit.CONFORMING, waived.out
    assert {pair for pair, verdict in waived.verdicts.items() if verdict == "waived"} == failed
    assert "WAIVED" in waived.out
    assert strict.status == Exit.CONFORMING
    assert stale.status == Exit.USAGE
    assert stale.report["run"]["exit"]["status"] == 4
    assert "no longer applies" in stale.out
    assert expired.status == Exit.NOT_CONFORMING
    assert "expired on 2020-01-31" in expired.out


def test_a_waiver_with_a_glob_is_stale_only_when_nothing_narrows_the_run(tmp_path: Path) -> None:
    text = (
        '[[waiver]]\nrequirement = "get2.status.match"\ncase = "*"\nobserved = "x"\nreason = "r"\nowner = "o"\n'
        f'issue = "i"\nexpires = {TOMORROW}\n'
    )
    narrowed = gate(tmp_path / "case", "suites/get2", "--kv-case=control", waivers_file(tmp_path, text))
    by_k = gate(tmp_path / "k", "suites/get2", "-k", ":control]", waivers_file(tmp_path, text))
    assert (narrowed.status, by_k.status) == (Exit.CONFORMING, Exit.CONFORMING), narrowed.out
    one = text.replace('"*"', '"control"')
    assert gate(tmp_path / "one", "suites/get2", "--kv-case=control", waivers_file(tmp_path, one)).status == Exit.USAGE
