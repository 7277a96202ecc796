"""The console script: what each command prints, and with which status it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from gate_parts import environment, get2, kvgate, servers, stored

from kvgate.cli import main
from kvgate.exits import Exit
from kvgate.places import ROOT
from kvgate.schema import problems


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture(autouse=True)
def no_target_of_the_person_who_runs_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KVGATE_TARGET", raising=False)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = called(capsys, "--help")
    assert (status, err) == (0, "")
    for command in ("run", "serve", "list", "fixtures export", "sweep", "waivers propose"):
        assert f"kvgate {command}" in out
    assert called(capsys, "--version")[1].startswith("kvgate ")
    assert called(capsys)[0] == Exit.USAGE


@pytest.mark.parametrize("command", ["run", "list", "fixtures", "sweep", "waivers"])
def test_each_command_explains_itself(capsys: pytest.CaptureFixture[str], command: str) -> None:
    try:
        status = main([command, "--help"])
    except SystemExit as stop:
        status = int(stop.code or 0)
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert f"kvgate {command}" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "unknown command 'rnu' (did you mean 'run'?)"),
        (["list", "--lvl=must"], "list: unrecognized arguments: --lvl=must"),
        (["list", "get3"], "unknown interface 'get3' (did you mean"),
        (["list", "--profile=docs"], "did you mean 'doc'"),
        (["list", "--level=most"], "argument --level"),
        (["run", "get3"], "unknown suite 'get3'"),
        (["run", "-q", "get3"], "unknown suite 'get3'"),
        (["run", "-p", "no:cacheprovider", "--case=control", "get3"], "unknown suite 'get3'"),
        (["list", "--case=control", "--case=contrl"], "no case matches 'contrl' (did you mean 'control'?)"),
        (["fixtures"], "an action is missing"),
        (["fixtures", "exprt"], "did you mean 'export'"),
        (["fixtures", "export"], "a target is needed"),
        (["fixtures", "export", "--get2-url="], "--get2-url is given but empty"),
        (["fixtures", "export", "--get2-url=http://127.0.0.1:1"], "a mark is needed"),
        (["fixtures", "export", "--get2-url=http://127.0.0.1:1", "--mark=X"], "kvgate: --mark: expected"),
        (
            ["fixtures", "export", "--get2-url=http://127.0.0.1:1", "--mark=abc", "--interface=geode"],
            "has no URL for it",
        ),
        (["fixtures", "export", "--get2-url=http://127.0.0.1:1", "--mark=abc", "--case=zzz"], "no such case"),
        (["sweep"], "the following arguments are required: PATH"),
        (["sweep", "no-such-folder"], "no such folder of journals"),
        (["waivers"], "an action is missing"),
        (["waivers", "propose", "no-such-report.json"], "cannot read this report"),
    ],
)
def test_a_mistake_is_one_line_and_4(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    status, out, err = called(capsys, *arguments)
    assert (status, out) == (Exit.USAGE, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("kvgate: ")
    assert said in err


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--levl=must", "unknown option --levl (did you mean '--level'?); `kvgate run --help` names them"),
        ("--kv-levl=must", "unknown option --kv-levl (did you mean '--level'?); `kvgate run --help` names them"),
        (
            "--get2-ulr=http://x",
            "unknown option --get2-ulr (did you mean '--get2-url'?); `kvgate run --help` names them",
        ),
        ("--looponfail", "unknown option --looponfail; `kvgate run --help` names them"),
        ("--level=xx", '--level: expected one of must, should, info, got "xx"'),
        (
            "--report-dir=/dev/null/x",
            "report folder /dev/null/x: /dev/null is a file; name a folder with --report-dir=",
        ),
        ("--durations=x", "argument --durations: invalid int value: 'x'"),
        ("--time-limit", "argument --time-limit: expected one argument"),
        ("-k", "argument -k: expected one argument"),
    ],
)
def test_a_wrong_option_of_a_run_is_one_line_and_4(tmp_path: Path, argument: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kvgate", "run", "get2", argument],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (Exit.USAGE, "", f"ERROR: {said}")


def test_list_shows_what_a_run_would_check(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = called(capsys, "list", "get2", "--requirement=get2.status.*", "--case=page-*", "--cases")
    assert status == 0
    assert "MUST   get2.status.conflict" in out
    assert "page-values-differ: " in out
    assert "geode" not in out
    assert out.splitlines()[-1].endswith(" checks")


def test_list_takes_the_profile_as_a_run_does(capsys: pytest.CaptureFixture[str]) -> None:
    """A profile of one interface leaves the other one at `doc`."""
    status, out, err = called(capsys, "list", "--profile=doc", "--case=control")
    assert (status, err) == (0, "")
    assert out.count("(profile doc)") == 2


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = called(capsys, "list", "geode", "--json", "--case=control")
    (plan,) = json.loads(out)
    assert plan["interface"] == "geode"
    rows = {row["id"]: row for row in plan["requirements"]}
    assert [case["name"] for case in rows["geode.status.found"]["cases"]] == ["control"]


def test_list_of_nothing_is_5(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = called(capsys, "list", "--case=contrl")
    assert status == Exit.NOTHING_TESTED
    assert "did you mean 'control'" in err


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m kvgate list --cases | head -1"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_a_full_disk_is_one_line_and_4() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "kvgate", "list"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (4, "kvgate: standard output cannot be written: No space left on device\n")


@pytest.mark.parametrize("full", [False, True])
def test_a_run_outlasts_whoever_reads_it(tmp_path: Path, full: bool) -> None:
    """Its verdict is the exit status and the reports, and its data is removed in any case."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "kvgate", "run", "--kv-case=control", "-v"]
    with servers(interfaces=["get2"]) as embedded, Path("/dev/full").open("w") as disk:
        done = subprocess.run(
            [*command, *get2(embedded)],
            cwd=tmp_path,
            env=environment(),
            stdout=disk if full else writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        os.close(writing)
        assert stored(embedded) == 0
    assert done.returncode == 0
    assert done.stderr == ("kvgate: standard output cannot be written: No space left on device\n" if full else "")
    assert json.loads((tmp_path / "reports" / "report.json").read_text())["run"]["complete"] is True


def test_export_as_json_follows_its_schema_and_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with servers(nodes=4, interfaces=["get2"]) as embedded:
        options = [*get2(embedded), "--mark=loaded", "--format=json", "--case=page-*"]
        status, out, err = called(capsys, "fixtures", "export", *options)
        urls = set(embedded.node_urls)
    assert (status, err) == (0, "")
    state = json.loads(out)
    assert not list(problems("kvgate/state.schema.json", state))
    assert {case["name"] for case in state["cases"]} >= {"control", "page-both-differ"}
    assert all(row["url"] in urls for case in state["cases"] for row in case["stored"])


def test_export_from_a_target_that_does_not_answer_is_6(capsys: pytest.CaptureFixture[str]) -> None:
    with servers(interfaces=["get2"]) as embedded:
        url = embedded.ha_url
    status, out, err = called(capsys, "fixtures", "export", f"--get2-url={url}", "--mark=loaded")
    assert (status, out) == (Exit.NO_VERDICT, "")
    assert len(err.splitlines()) == 1


def test_export_of_both_interfaces_has_to_choose(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "target.toml"
    target.write_text(
        '[get2]\nurl = "http://127.0.0.1:1"\n[geode]\nurl = "http://127.0.0.1:2/geode/v1"\nregions = ["a", "b", "c"]\n'
    )
    status, _, err = called(capsys, "fixtures", "export", f"--target={target}", "--mark=loaded")
    assert status == Exit.USAGE
    assert "choose with --interface=" in err


def test_propose_refuses_what_is_no_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    for text in ("{}", "[]", "not json", '{"format": 1}'):
        file.write_text(text)
        status, out, err = called(capsys, "waivers", "propose", str(file))
        assert (status, out) == (Exit.USAGE, "")
        assert "expected the report.json of a run" in err
    status, _, err = called(capsys, "waivers", "propose", str(file), "--expires=soon")
    assert status == Exit.USAGE
    assert "--expires=soon" in err


def test_run_from_an_empty_folder_reports_there(tmp_path: Path) -> None:
    status, out = kvgate("run", "get2", "--case=control", "--requirement", "get2.status.match", cwd=tmp_path)
    assert status == 0, out
    assert "1 passed" in out
    assert "warning" not in out
    assert {path.name for path in tmp_path.iterdir()} == {"reports", ".pytest_cache"}
    assert (tmp_path / "reports" / "report.json").is_file()


def test_run_takes_a_target_file_given_with_a_space_and_the_id_of_a_test(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        file = tmp_path / "target.toml"
        file.write_text(f'[get2]\nurl = "{embedded.ha_url}"\n')
        status, out = kvgate("run", "--target", "target.toml", "--case=control", "-k", "get2", "-n", "2", cwd=tmp_path)
        assert status == 0, out
        checks = json.loads((tmp_path / "reports" / "report.json").read_text())["checks"]
        test = next(check["test"] for check in checks if check["requirement"] == "get2.body.match")
        status, out = kvgate("run", test, "--target=target.toml", cwd=tmp_path)
        assert stored(embedded) == 0
    assert status == 0, out
    assert "1 passed" in out


def test_a_conftest_of_somebody_else_has_no_say(tmp_path: Path) -> None:
    """The package may stand below a project's folder, in its virtual environment."""
    (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    status, out = kvgate("run", "--case=control", "--requirement=get2.status.match", cwd=tmp_path)
    assert status == 0, out


def test_a_suite_may_stand_after_options_and_a_value_is_no_suite(tmp_path: Path) -> None:
    options = ("--case=control", "--requirement=*.status.*", "-p", "no:cacheprovider", "-W", "error", "-q")
    status, out = kvgate("run", *options, "get2", cwd=tmp_path)
    assert status == 0, out
    checks = json.loads((tmp_path / "reports" / "report.json").read_text())["checks"]
    assert {check["requirement"].split(".")[0] for check in checks} == {"get2"}
    assert {path.name for path in tmp_path.iterdir()} == {"reports"}
    status, out = kvgate("run", *options, "-k", "geode", cwd=tmp_path)
    assert status == 0, out
    checks = json.loads((tmp_path / "reports" / "report.json").read_text())["checks"]
    assert {check["requirement"].split(".")[0] for check in checks} == {"geode"}


@pytest.mark.parametrize(
    ("writable", "arguments", "expected"),
    [
        (True, ["-q"], "cache_dir"),
        (True, ["-p", "no:cacheprovider"], None),
        (False, ["-q"], "no:cacheprovider"),
        (False, ["--lf"], "cache_dir"),
    ],
)
def test_the_cache_of_pytest_needs_a_folder_to_write_to(
    monkeypatch: pytest.MonkeyPatch, writable: bool, arguments: list[str], expected: str | None
) -> None:
    """Its warning about one that is none would be an error under -W error, and the run's last word."""
    handed: list[list[str]] = []

    def run(given: list[str], plugins: object) -> int:
        handed.append(given)
        return 0

    monkeypatch.setattr(pytest, "main", run)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    assert main(["run", *arguments]) == 0
    added = [value for value in handed[0] if "cache" in value and value not in arguments]
    assert added == [] if expected is None else len(added) == 1 and expected in added[0]


def test_a_bug_of_a_command_is_3_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_arguments: list[str]) -> int:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("kvgate.cli.listing.listing", broken)
    status, _, err = called(capsys, "list")
    assert status == 3
    assert err.endswith("kvgate: internal error: ZeroDivisionError: ours\n")


def test_run_lasts_failures_only(tmp_path: Path) -> None:
    status, out = kvgate("run", "get2", "--lf", "--case=control", "--requirement=get2.status.match", cwd=tmp_path)
    assert status == 0, out
    assert "no previously failed tests" in out


def test_serve_is_a_target_until_it_is_stopped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kvgate", "serve", "--interface=get2"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        try:
            assert server.stdout is not None
            lines: list[str] = []
            while not lines or not lines[-1].startswith("nodes = "):
                lines.append(server.stdout.readline())
                assert lines[-1], "it ended"
            start = lines.index("[get2]\n")
            (tmp_path / "reference.toml").write_text("".join(lines[start:]))
            assert tomllib.loads((tmp_path / "reference.toml").read_text())["get2"]["url"].startswith(
                "http://127.0.0.1:"
            )
            status, out = kvgate("run", "--target=reference.toml", "--case=control", cwd=tmp_path)
            assert status == 0, out
            assert "get2 at http://127.0.0.1:" in out
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="a checkout is needed to build from")
def test_installed_from_a_wheel_it_runs_from_an_empty_folder(tmp_path: Path) -> None:
    """The wheel holds suites, schemas and fixtures below kvgate/, and a run leaves nothing there."""
    pytest.importorskip("hatchling", reason="the build backend is needed to build without fetching it")
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--no-index", f"--target={site}", str(ROOT)],
        check=True,
        timeout=120,
        env=environment(),
        cwd=work,
    )
    assert sorted(path.name for path in site.iterdir() if path.name in ("suites", "schemas", "fixtures", "tests")) == []
    before = sorted(path for path in site.rglob("*") if "__pycache__" not in path.parts)
    assert site / "kvgate" / "suites" / "get2" / "interface.toml" in before
    done = subprocess.run(
        [sys.executable, "-m", "kvgate", "run", "--case=control", "--case=control-second", "-n", "2"],
        cwd=work,
        env={**environment(), "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"rootdir: {site / 'kvgate'}" in done.stdout
    assert (work / "reports" / "report.html").is_file()
    assert sorted(path for path in site.rglob("*") if "__pycache__" not in path.parts) == before
    assert {path.name for path in work.iterdir()} == {"reports", ".pytest_cache"}


@pytest.mark.parametrize("added", ["'", '"--kv-strict', "-q \\"])
def test_options_of_the_environment_that_are_quoted_wrongly_are_one_line(
    added: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", added)
    assert main(["run", "geode"]) == Exit.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kvgate: environment variable PYTEST_ADDOPTS: no ")
