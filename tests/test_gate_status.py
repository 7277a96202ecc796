"""The exit statuses of a gate run, and what each of them leaves behind."""

from __future__ import annotations

import contextlib
import shutil
import socket
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
    never,
    plain,
    servers,
    stored,
)

from kvgate.case import Case
from kvgate.case import load as case_load
from kvgate.errors import KvgateError
from kvgate.exits import Exit
from kvgate.places import FIXTURES, ROOT
from kvgate.reference.message import Request, Response
from kvgate.seeding.nodes import NodesSeeder
from kvgate.seeding.rest import RestSeeder
from kvgate.verdict import load_checks

FEW = ("--kv-case=control", "--kv-case=page-*")
MANY = ("--kv-case=key-*",)


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


def short_limits(tmp_path: Path, tables: str = "", **run: float) -> str:
    """A target file with time limits of a fraction of a second."""
    file = tmp_path / "short.toml"
    lines = "\n".join(f"{name} = {value}" for name, value in run.items())
    file.write_text(f"[limits]\nconnect = 0.4\nread = 0.4\ntotal = 0.6\n[run]\n{lines}\n{tables}")
    return f"--kv-target={file}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


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


# -- 6 ---------------------------------------------------------------------------------------------------------------


def test_a_refused_connection_is_6(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        nodes = ",".join(embedded.node_urls)
        ran = gate(tmp_path, f"--get2-url=http://127.0.0.1:{free_port()}", f"--get2-nodes={nodes}", *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert set(ran.verdicts.values()) == {"no-verdict"}
    assert "refused" in ran.out


@pytest.mark.parametrize(
    ("status", "said"), [(401, "credentials are asked for"), (502, "answered 502"), (429, "lower concurrency")]
)
def test_an_answer_of_the_surroundings_is_6(tmp_path: Path, status: int, said: str) -> None:
    def proxy(request: Request, _number: int) -> Response | None:
        return plain(status) if request.path == "/get2" else None

    with servers(ha=Watch(proxy)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert said in ran.out


def test_a_proxy_that_fails_for_some_is_6_only_where_a_verdict_is_missing(tmp_path: Path) -> None:
    def proxy(request: Request, number: int) -> Response | None:
        return plain(503) if request.path == "/get2" and number > 6 else None

    with servers(ha=Watch(proxy)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "--kv-concurrency=1")
    assert ran.status == Exit.NO_VERDICT
    assert {"pass", "no-verdict"} <= set(ran.verdicts.values())


def test_a_hanging_server_is_6_and_costs_a_time_limit(tmp_path: Path) -> None:
    with servers(ha=(watch := Watch(lambda request, _: never() if request.path == "/get2" else None))) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), short_limits(tmp_path), *MANY)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert watch.count(path="/get2") == 1
    assert "no answer within 0.4 s" in ran.out


def test_nodes_that_hang_are_given_up(tmp_path: Path) -> None:
    """Were each case's write waited for, a run on hanging nodes would take a time limit for each of them."""
    node = Watch(lambda _, number: never() if number > 30 else None)
    with servers(node=node) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), short_limits(tmp_path), *MANY)
    assert ran.status == Exit.NO_VERDICT
    assert "not be written or read back in time" in ran.out


def test_a_server_that_hangs_on_some_is_1_and_a_budget_ends_it(tmp_path: Path) -> None:
    def some(request: Request, _number: int) -> object:
        # Every get2 case but the control: its key is the run's mark with a digest, so the version tells them apart.
        return never() if request.path == "/get2" and request.parameter("key") not in control else None

    control: set[str | None] = set()

    def learn(request: Request, number: int) -> object:
        if request.path == "/get2" and not control:
            control.add(request.parameter("key"))
        return some(request, number)

    with servers(ha=(watch := Watch(learn))) as embedded:  # type: ignore[arg-type]  # responses and coroutines
        ran = gate(
            tmp_path / "reports", *get2(embedded), short_limits(tmp_path), *MANY, "--kv-requirement=get2.status.*"
        )
    assert ran.status == Exit.NOT_CONFORMING
    assert "16 requests ran into the time limit; the rest was not asked" in ran.out
    assert list(ran.verdicts.values()).count("fail") >= 16
    assert watch.count(path="/get2") < 80


def test_state_that_is_not_in_place_is_6(tmp_path: Path) -> None:
    def forgets(request: Request, number: int) -> Response | None:
        return Response(200, "OK", (("Version", "1"),)) if "/put" in request.path and number > 12 else None

    with servers(node=Watch(forgets)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW)
    assert ran.status == Exit.NO_VERDICT
    assert "not in place: " in ran.out


def test_a_region_that_does_not_exist_is_6(tmp_path: Path) -> None:
    with servers(interfaces=["geode"]) as embedded:
        ran = gate(tmp_path, f"--geode-url={embedded.geode_url}", "--geode-regions=order,items,empty", *FEW)
    assert ran.status == Exit.NO_VERDICT
    assert "does region 'order' exist" in ran.out


def test_the_time_limit_of_a_run_is_6_and_named(tmp_path: Path) -> None:
    with servers(ha=Watch(hold=0.3)) as embedded:
        ran = gate(tmp_path, *get2(embedded), "--kv-time-limit=1.5", "--kv-concurrency=2", *MANY)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    missing = {check["message"] for check in ran.report["checks"] if check["verdict"] == "no-verdict"}
    assert missing == {"the time limit of the run (1.5 s) passed"}


@pytest.mark.parametrize(
    ("case", "level"), [("utf8-accents", "SHOULD"), ("observed-encoded-slash", "INFO"), ("page-first-example", "MUST")]
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_missing_verdict_is_reported_and_changes_the_status_for_a_must_or_with_strict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, level: str, strict: bool
) -> None:
    usual = RestSeeder.put

    def put(self: RestSeeder, wanted: Case) -> object:
        if wanted.name == case:
            raise KvgateError("the server takes no such key")
        return usual(self, wanted)

    monkeypatch.setattr(RestSeeder, "put", put)
    with servers(interfaces=["geode"]) as embedded:
        chosen = (
            "--kv-case=control",
            f"--kv-case={case}",
            "--kv-requirement=geode.key.decoded",
            "--kv-requirement=*status*",
        )
        ran = gate(tmp_path, *geode(embedded), *chosen, *(["--kv-strict"] if strict else []))
        assert stored(embedded) == 0
    missing = {verdict for (_, name), verdict in ran.verdicts.items() if name == case}
    assert missing == {"no-verdict"}
    assert "the server takes no such key" in ran.out
    assert ran.status == (Exit.NO_VERDICT if strict or level == "MUST" else Exit.CONFORMING)


def test_what_is_not_judged_in_time_has_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging goes on for a while after the time limit; here none of that is left from the beginning."""
    monkeypatch.setattr("kvgate.plugin.gate.JUDGING", -60.0)
    with servers() as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "--kv-time-limit=60")
        assert stored(embedded) == 0
    assert ran.status == 6
    assert set(ran.verdicts.values()) == {"no-verdict"}
    assert "not judged: the time limit of the run (60 s) passed" in ran.out
