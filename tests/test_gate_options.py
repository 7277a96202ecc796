"""Every option of the gate, as an option and in the target file, and which of the two wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_parts import FEW, ONE_CHECK, Ran, Watch, gate, geode, get2, plain, servers, stored, toml_list

from kvgate.exits import Exit
from kvgate.plugin.options import option_names
from kvgate.reference.embedded import Embedded
from kvgate.reference.message import Request, Response


def target_file(tmp_path: Path, embedded: Embedded, run: str = "", more: str = "") -> Path:
    """A target file that names the get2 servers."""
    file = tmp_path / "target.toml"
    file.write_text(
        f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\n{more}\n[run]\n{run}\n'
    )
    return file


def levels(ran: Ran) -> set[str]:
    return {check["level"] for check in ran.report["checks"]}


def ids(ran: Ran) -> set[str]:
    return {check["requirement"] for check in ran.report["checks"]}


def cases(ran: Ran) -> set[str]:
    return {check["case"] for check in ran.report["checks"]}


def test_the_options_are_those_of_the_target_file() -> None:
    """A new option without its key in the file, or without a test here, would go unnoticed."""
    assert set(option_names()) == {
        *("target", "profile", "strict", "report-dir", "time-limit", "level", "requirement", "case", "keep"),
        *("waivers", "mark", "concurrency", "recheck"),
        *(
            "observe",
            "explore",
            "explore-seed",
            "observe-key",
            "observe-count",
            "observe-seed",
        ),  # tests/test_observe_keys.py, tests/test_gate_explore.py
    }


def test_the_target_by_file_variable_and_option(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as one, servers(interfaces=["get2"]) as two:
        file = target_file(tmp_path, one)
        by_option = gate(tmp_path / "a", f"--kv-target={file}", *ONE_CHECK)
        by_variable = gate(tmp_path / "b", *ONE_CHECK, env={"KVGATE_TARGET": str(file)})
        over = gate(tmp_path / "c", *ONE_CHECK, *get2(two), env={"KVGATE_TARGET": str(file)})
        empty = gate(tmp_path / "d", *ONE_CHECK, env={"KVGATE_TARGET": ""})
        first = [f"get2 at {url} (profile doc)" for url in (one.ha_url, one.ha_url, two.ha_url)]
    assert [ran.report["tested"] for ran in (by_option, by_variable, over)] == first
    for ran, line in zip((by_option, by_variable, over), first, strict=True):
        assert line in ran.summary.splitlines()[0]
        assert f"kvgate: {line}" in ran.out
    assert (empty.status, empty.names) == (Exit.USAGE, [])
    assert "KVGATE_TARGET is given but empty" in empty.out


def test_only_what_has_a_url_is_tested(tmp_path: Path) -> None:
    with servers() as embedded:
        one = gate(tmp_path / "one", *geode(embedded), *FEW)
        both = gate(tmp_path / "both", *geode(embedded), *get2(embedded), *FEW)
        assert stored(embedded) == 0
    assert {check["interface"] for check in one.report["checks"]} == {"geode"}
    assert {check["interface"] for check in both.report["checks"]} == {"geode", "get2"}
    assert one.report["tested"].startswith("geode at ")
    assert "; get2 at " in both.report["tested"]


def test_level(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, 'level = "must"')
        few = (f"--kv-target={file}", "--kv-case=control", "--kv-case=observed-*")
        assert levels(gate(tmp_path / "file", *few)) == {"MUST"}
        assert levels(gate(tmp_path / "should", *few, "--kv-level=should")) == {"MUST", "SHOULD"}
        assert levels(gate(tmp_path / "info", *few, "--kv-level=info")) == {"MUST", "SHOULD", "INFO"}


def test_requirement_and_case(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, 'requirement = "get2.body.*"\ncase = ["control", "page-*"]')
        by_file = gate(tmp_path / "file", f"--kv-target={file}")
        over = gate(
            tmp_path / "option",
            f"--kv-target={file}",
            *("--kv-requirement=get2.length.true", "--kv-requirement=get2.version.*", "--kv-case=control"),
        )
    assert ids(by_file) == {"get2.body.match", "get2.body.conflict"}
    assert {"control"} < cases(by_file)
    assert all(name == "control" or name.startswith("page-") for name in cases(by_file))
    assert {name.rpartition(".")[0] for name in ids(over)} == {"get2.length", "get2.version"}
    assert cases(over) == {"control"}


def test_strict_and_keep_in_the_file(tmp_path: Path) -> None:
    def no_date_but(request: Request, _number: int) -> Response | None:
        return plain(200, "x") if request.path == "/get2" else None

    with servers(ha=Watch(no_date_but), interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, "strict = true\nkeep = true")
        ran = gate(tmp_path / "reports", f"--kv-target={file}", "--kv-case=control", "--kv-requirement=get2.length.*")
        assert stored(embedded) > 0
    assert ran.report["target"]["run"]["strict"] is True
    assert len(ran.journals) == 1
    assert "the seeded data was kept" in ran.out


def test_mark(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, 'mark = "fromfile"')
        by_file = gate(tmp_path / "file", f"--kv-target={file}", *ONE_CHECK)
        over = gate(tmp_path / "option", f"--kv-target={file}", *ONE_CHECK, "--kv-mark=typed")
        fresh = [gate(tmp_path / name, *get2(embedded), *ONE_CHECK) for name in ("a", "b")]
    assert [ran.report["run"]["mark"] for ran in (by_file, over)] == ["fromfile", "typed"]
    assert "key=typed" in over.report["exchanges"][0]["request"]["target"]
    assert len({ran.report["run"]["mark"] for ran in fresh}) == 2


def test_report_folder_and_time_limit_in_the_file(tmp_path: Path) -> None:
    with servers(ha=Watch(hold=0.3), interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, 'report_dir = "mine"\ntime_limit = 1')
        # `gate` gives --kv-report-dir; the one in the file is relative to the file, and loses.
        over = gate(tmp_path / "option", f"--kv-target={file}", *ONE_CHECK, "--kv-time-limit=60")
        assert not (tmp_path / "mine").exists()
        limited = gate(tmp_path / "limited", f"--kv-target={file}", "--kv-case=key-*", "--kv-concurrency=2")
    assert over.status == Exit.CONFORMING
    assert limited.status == Exit.NO_VERDICT
    assert "the time limit of the run (1 s) passed" in limited.out


@pytest.mark.parametrize("by_file", [True, False])
def test_concurrency(tmp_path: Path, by_file: bool) -> None:
    """Questions sent at the same time and both interfaces share one total."""
    total = Watch(hold=0.01)
    with servers(ha=total, node=total, geode=total) as embedded:
        few = (*geode(embedded), "--kv-case=control*", "--kv-case=page-*", "--kv-case=together-*")
        file = target_file(tmp_path, embedded, "concurrency = 3")
        if by_file:
            ran = gate(tmp_path / "reports", f"--kv-target={file}", *few)
        else:
            ran = gate(tmp_path / "reports", f"--kv-target={file}", *few, "--kv-concurrency=2")
    assert ran.status == Exit.CONFORMING, ran.out
    assert total.most == (3 if by_file else 2)


def test_waivers(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[[waiver]]\nrequirement = "get2.status.mach"\n')
    (tmp_path / "none.toml").write_text("")
    with servers(interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, 'waivers = "mine.toml"')
        by_file = gate(tmp_path / "file", f"--kv-target={file}", *ONE_CHECK)
        over = gate(tmp_path / "option", f"--kv-target={file}", *ONE_CHECK, f"--kv-waivers={tmp_path / 'none.toml'}")
    assert (by_file.status, over.status) == (Exit.USAGE, Exit.CONFORMING)
    assert "mine.toml:1" in by_file.out


def test_profile(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, 'profile = "doc"')
        ran = gate(tmp_path / "reports", f"--kv-target={file}", *ONE_CHECK)
        wrong = gate(tmp_path / "wrong", f"--kv-target={file}", *ONE_CHECK, "--kv-profile=doc,nope")
    assert "(profile doc)" in ran.report["tested"]
    assert wrong.status == Exit.USAGE
    assert "nope" in wrong.out


def test_an_error_in_the_file_names_file_line_and_key(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        file = target_file(tmp_path, embedded, "concurency = 3")
        ran = gate(tmp_path / "reports", f"--kv-target={file}", *ONE_CHECK)
    assert ran.status == Exit.USAGE
    assert f"{file}:6: run" in ran.out
    assert "did you mean 'concurrency'" in ran.out


def test_a_profile_of_what_is_not_collected_is_refused(tmp_path: Path) -> None:
    ran = gate(tmp_path, "suites/geode", "--kv-profile=hustdb-1.7")
    assert ran.status == Exit.USAGE
    assert "--kv-profile: profile 'hustdb-1.7' is for get2, which is not tested here" in ran.out
