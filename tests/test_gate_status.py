"""The exit statuses of a gate run, and what each of them leaves behind."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gate_parts import (
    ONE_CHECK,
    Watch,
    environment,
    gate,
    geode,
    get2,
    plain,
    servers,
    stored,
)
from status_parts import FEW

from kvgate.case import load as case_load
from kvgate.exits import Exit
from kvgate.places import FIXTURES, ROOT
from kvgate.reference.message import Request, Response
from kvgate.seeding.nodes import NodesSeeder
from kvgate.verdict import load_checks


@contextlib.contextmanager
def changed_check(requirement: str, function: Callable[..., None]) -> Iterator[None]:
    """A check of the suites with another function in its place."""
    check = next(
        check for check in load_checks(requirement.split(".", maxsplit=1)[0]) if check.requirement == requirement
    )
    usual = check.function
    object.__setattr__(check, "function", function)
    try:
        yield
    finally:
        object.__setattr__(check, "function", usual)


# -- 0 and 1 ---------------------------------------------------------------------------------------------------------


def test_conforming_is_0(tmp_path: Path) -> None:
    ran = gate(tmp_path, *FEW)
    assert ran.status == Exit.CONFORMING
    assert set(ran.verdicts.values()) <= {"pass", "observed", "not-applicable"}
    assert ran.report["run"]["exit"]["status"] == 0
    assert "exit 0: conforming" in ran.out


def test_a_breach_of_a_must_is_1(tmp_path: Path) -> None:
    def wrong(request: Request, _number: int) -> Response | None:
        return plain(200, "something else") if request.path == "/get2" else None

    with servers(ha=Watch(wrong)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.NOT_CONFORMING
    assert ran.verdicts["get2.body.match", "control"] == "fail"
    assert "FAIL  get2.body.match" in ran.out
    assert "want:" in ran.out
    assert "got:" in ran.out


def test_a_breach_of_a_should_is_0_and_with_strict_1(tmp_path: Path) -> None:
    def other_type(request: Request, _number: int) -> Response | None:
        return None

    class Plain(Watch):
        async def answer(self, usual, request):  # type: ignore[no-untyped-def]  # as Watch.answer
            response = await super().answer(usual, request)
            headers = tuple(pair for pair in response.headers if pair[0] != "Content-Type")
            return Response(response.status, response.reason, (*headers, ("Content-Type", "a/b")), response.body)

    with servers(ha=Plain(other_type)) as embedded:
        options = (*get2(embedded), "--kv-requirement=get2.type.text", "--kv-case=control")
        mild, strict = gate(tmp_path / "mild", *options), gate(tmp_path / "strict", *options, "--kv-strict")
    assert (mild.status, strict.status) == (Exit.CONFORMING, Exit.NOT_CONFORMING)
    assert mild.verdicts["get2.type.text", "control"] == "warn"
    assert strict.verdicts["get2.type.text", "control"] == "fail"
    assert "WARN  get2.type.text" in mild.out


# -- 3 ---------------------------------------------------------------------------------------------------------------


def test_a_check_that_raises_is_3_and_the_others_are_judged(tmp_path: Path) -> None:
    def broken(**_arguments: object) -> None:
        raise ZeroDivisionError("a bug of ours\x1b[31m")

    with changed_check("get2.body.match", broken), changed_check("get2.status.match", broken):
        ran = gate(tmp_path, "--kv-case=control", "suites/get2")
    assert ran.status == Exit.INTERNAL_ERROR
    assert ran.verdicts["get2.length.true", "control"] == "pass"
    bugs = [reason for reason in ran.report["run"]["reasons"] if "ZeroDivisionError" in reason]
    assert len(bugs) == 1, "one bug is told once"
    assert bugs[0].startswith("ZeroDivisionError: a bug of ours")
    assert bugs[0].endswith("[get2.body.match:control] and one other check")
    assert "(test_gate_status.py:" in bugs[0], "where it was raised"
    assert "in broken" in ran.out, "the traceback is there to be reported"
    assert "\x1b" not in ran.out


def test_a_bug_while_gathering_is_3_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = NodesSeeder.put

    def put(self: NodesSeeder, case):  # type: ignore[no-untyped-def]  # as NodesSeeder.put
        if case.name.startswith("page-"):
            raise LookupError("a bug in seeding")
        return usual(self, case)

    monkeypatch.setattr(NodesSeeder, "put", put)
    ran = gate(tmp_path, *FEW, "suites/get2")
    assert ran.status == Exit.INTERNAL_ERROR
    assert "reason: LookupError: a bug in seeding (test_gate_status.py:" in ran.out
    assert "in put\n" in ran.out, "the traceback is there to be reported"
    assert ran.verdicts["get2.body.match", "control"] == "pass"


def test_a_suite_that_cannot_be_read_is_3(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("kvgate", "suites", "schemas", "fixtures"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "tox.ini", "pyproject.toml"):
        shutil.copy(ROOT / name, tree)
    (tree / "suites" / "get2" / "test_zz.py").write_text("def broken(:\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest"],
        cwd=tree,
        env=environment(PYTHONPATH=str(tree)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == Exit.INTERNAL_ERROR, done.stdout
    assert "SyntaxError" in done.stdout + done.stderr


# -- 4 ---------------------------------------------------------------------------------------------------------------


def test_usage_errors_are_4_one_line_and_ask_nothing(tmp_path: Path) -> None:
    typo = tmp_path / "typo.toml"
    typo.write_text('[get2]\nurl = "http://127.0.0.1:1"\nnodez = ["http://127.0.0.1:2"]\n')
    waivers = tmp_path / "waivers.toml"
    waivers.write_text('[[waiver]]\nrequirement = "get2.status.mach"\n')
    not_pem = tmp_path / "ca.pem"
    not_pem.write_text("no certificate")
    bad_ca = tmp_path / "tls.toml"
    bad_ca.write_text('[get2]\nurl = "https://127.0.0.1:1"\n[tls]\nca = "ca.pem"\n')
    for options, said in (
        (["--get2-url="], "--get2-url"),
        (["--get2-url=http://user:password@127.0.0.1:1"], "--get2-url"),
        (["--get2-url=ftp://127.0.0.1"], "--get2-url"),
        (["--get2-nodes=http://127.0.0.1:1,http://127.0.0.1:2"], "--get2-nodes"),
        (["--kv-profile=docs"], "did you mean 'doc'"),
        (["--kv-level=most"], "--kv-level"),
        (["--kv-concurrency=0"], "--kv-concurrency"),
        (["--kv-time-limit=soon"], "--kv-time-limit"),
        (["--kv-mark=A!"], "--kv-mark"),
        ([f"--kv-target={tmp_path / 'none.toml'}"], "none.toml"),
        ([f"--kv-target={typo}"], "did you mean 'nodes'"),
        ([f"--kv-target={bad_ca}"], "ca.pem"),
        ([f"--kv-waivers={waivers}"], "waivers.toml:1"),
        (["--kv-waivers="], "--kv-waivers"),
        (["--kv-nothing"], "--kv-nothing"),
        (["suites/get3"], "get3"),
    ):
        folder = tmp_path / "reports"
        ran = gate(folder, *options)
        assert ran.status == Exit.USAGE, (options, ran.out)
        lines = [line for line in ran.out.splitlines() if said in line]
        assert lines, (options, ran.out)
        assert "Traceback" not in ran.out
        assert "password@" not in ran.out
        assert ran.names == []


def test_a_report_folder_that_cannot_be_written_is_4(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with servers(ha=(watch := Watch())) as embedded:
        ran = gate(tmp_path / "file" / "reports", *get2(embedded), *ONE_CHECK)
    assert ran.status == Exit.USAGE
    assert "--kv-report-dir" in ran.out
    assert watch.seen == []


def test_a_broken_fixture_is_4_and_names_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FIXTURES, tmp_path / "fixtures")
    broken = tmp_path / "fixtures" / "get2" / "zz.toml"
    broken.write_text('[[case]]\nname = "x"\nwhy = "a case of no use"\nmasterone = "z"\n')
    monkeypatch.setattr(case_load, "FIXTURES", tmp_path / "fixtures")
    case_load.load_cases.cache_clear()
    try:
        ran = gate(tmp_path / "reports")
    finally:
        case_load.load_cases.cache_clear()
    assert ran.status == Exit.USAGE
    assert "zz.toml:4" in ran.out


# -- 5 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kv-case=page-tree"], "no case matches 'page-tree'"),
        (["--kv-requirement=get2.body.mach"], "did you mean 'get2.body.match'"),
        (["-k", "no_such_test"], "the selection leaves no check"),
        (["--kv-level=must", "--kv-requirement=geode.error.form"], "the selection leaves no check"),
        (["--kv-requirement=geode.error.form"], "no check was judged"),
    ],
)
def test_nothing_tested_is_5(tmp_path: Path, options: list[str], said: str) -> None:
    ran = gate(tmp_path, *options)
    assert ran.status == Exit.NOTHING_TESTED
    assert said in " ".join(ran.report["run"]["reasons"])
    assert said in ran.out


def test_a_suite_whose_interface_has_no_target_is_5(tmp_path: Path) -> None:
    with servers(geode=(watch := Watch()), interfaces=["geode"]) as embedded:
        ran = gate(tmp_path, "suites/get2", *geode(embedded))
    assert ran.status == Exit.NOTHING_TESTED
    assert "(interfaces with a target: geode)" in ran.out
    assert watch.seen == []


@pytest.mark.parametrize(
    ("selection", "rest"), [("suites/get2", ""), ("--kv-requirement=get2.*", "; of geode nothing was tested")]
)
def test_the_first_line_names_no_target_of_which_nothing_was_tested(tmp_path: Path, selection: str, rest: str) -> None:
    with servers(geode=(watch := Watch())) as embedded:
        ran = gate(tmp_path, selection, "--kv-case=control", *get2(embedded), *geode(embedded))
    assert ran.status == Exit.CONFORMING
    assert ran.report["tested"] == f"get2 at {embedded.ha_url} (profile doc){rest}"
    assert watch.seen == []


@pytest.mark.parametrize("selection", ["suites/get2", "--kv-requirement=get2.*"])
def test_what_is_not_selected_is_not_observed(tmp_path: Path, selection: str) -> None:
    """Geode is empty here, which would be no verdict."""
    with servers(geode=(watch := Watch())) as embedded:
        for node in embedded.nodes:
            node.put(b"user", b"value")
        ran = gate(tmp_path, selection, "--kv-observe=sample", *get2(embedded), *geode(embedded))
    assert ran.status == Exit.CONFORMING
    assert watch.seen == []


def test_a_pattern_without_a_match_among_others_is_refused(tmp_path: Path) -> None:
    """Green would be half true."""
    ran = gate(tmp_path, "--kv-case=control", "--kv-case=page-tree", "suites/get2")
    assert ran.status == Exit.USAGE
    assert "no case matches 'page-tree'" in ran.out
