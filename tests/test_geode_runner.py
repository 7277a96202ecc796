"""Starting a server, running the gate against it, and stopping both, whatever happens."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from geode_machine import (
    PATIENCE,
    a_command,
    alive,
    eventually,
    java_pids,
    nothing_left,
    run_runner,
    start_runner,
)

from kvgate.errors import SurroundingsError
from kvgate.exits import Exit
from kvgate.schema import problems
from realsystems.geode import Server, guarded, runner, running
from realsystems.geode.guarded import Guarded
from realsystems.geode.releases import Release

pytest_plugins = ["tests.geode_machine"]


def test_an_unknown_release_ends_with_usage_and_the_nearest_known_one() -> None:
    status, _, err = run_runner("--release", "1.14.5")
    assert (status, err) == (Exit.USAGE, "error: no recipe for Apache Geode '1.14.5' (did you mean '1.14.4'?)\n")


TARGET = Server("1.14.4", "http://127.0.0.1:4711/geode/v1", 4711, ("orders", "items", "empty"), Path("/w"))


def test_the_gates_command_line(tmp_path: Path) -> None:
    assert runner.gate_command(TARGET, tmp_path, ["-x"]) == [
        sys.executable,
        "-m",
        "pytest",
        "suites/geode",
        "--geode-url=http://127.0.0.1:4711/geode/v1",
        "--geode-regions=orders,items,empty",
        "--kv-profile=doc",
        f"--kv-report-dir={tmp_path}",
        "-x",
    ]


def test_with_auth_or_tls_the_target_stands_in_a_file_that_names_no_secret() -> None:
    guarded_target = dataclasses.replace(TARGET, user="data", certificate=Path("/w/ca.pem"))
    text = runner.target_file(guarded_target)
    tables = tomllib.loads(text)
    assert problems("geode/target.schema.json", tables["geode"]) == ()
    assert problems("kvgate/target.schema.json", tables) == ()
    assert tables["geode"]["auth"]["basic"]["password"] == "env:GEODE_PASSWORD"
    assert tables["tls"] == {"ca": "/w/ca.pem"}
    assert '"data"' not in text


@pytest.mark.parametrize(
    ("statuses", "status"),
    [([0, 0], 0), ([0, 6], 6), ([6, 1, 0], 1), ([5, 6], 6), ([1, 2], 2), ([0, 139, 1], 139)],
)
def test_the_status_of_several_releases(statuses: list[int], status: int) -> None:
    assert runner.worst(statuses) == status


# Starting, judging, stopping


def test_the_command_gets_the_servers_url_and_its_status_is_the_runners(geode_machine: Path) -> None:
    script = geode_machine / "gate.py"
    script.write_text(
        "import sys, urllib.request\n"
        "url, regions, *rest = sys.argv[1:]\n"
        "statuses = [urllib.request.urlopen(f'{url}/{region}').status for region in regions.split(',')]\n"
        "print(url, statuses, rest)\n"
        "raise SystemExit(5)\n"
    )
    command = f"{sys.executable} {script} {{url}} {{regions}} {{reports}}"
    status, out, err = run_runner("--reports", str(geode_machine), "-c", command, "--", "-k", "--", "x")
    assert status == 5
    url = out.split()[0]
    assert out == f"{url} [200, 200, 200] {[f'{geode_machine}/geode-1.14.4', '-k', '--', 'x']}\n"
    assert f"Apache Geode 1.14.4 answers at {url}\n" in err
    assert nothing_left(geode_machine)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, 'left behind in region orders of Apache Geode 1.14.4: "a", "b"\n'),
        ({"FAKE_LISTING": "no"}, "left behind in region orders of Apache Geode 1.14.4: 2 values\n"),
    ],
)
def test_a_key_left_behind_fails_the_run(geode_machine: Path, environment: Mapping[str, str], told: str) -> None:
    status, _, err = run_runner("-c", a_command("pass"), FAKE_LEFT='["a", "b"]', **environment)
    assert status == Exit.NOT_CONFORMING
    assert told in err


def test_keys_kept_on_purpose_do_not_fail_the_run(geode_machine: Path) -> None:
    assert run_runner("-c", a_command("pass"), "--", "--kv-keep", FAKE_LEFT='["a"]')[0] == 0


def test_a_server_that_dies_during_the_run_is_no_verdict(geode_machine: Path) -> None:
    script = geode_machine / "kill.py"
    script.write_text("import os, pathlib\nos.kill(int(pathlib.Path(os.environ['FAKE_PIDS']).read_text()), 9)\n")
    status, _, err = run_runner("-c", f"{sys.executable} {script}")
    assert status == Exit.NO_VERDICT
    assert "the server no longer answers after the run" in err
    assert nothing_left(geode_machine)


def test_a_server_that_ends_while_starting_shows_its_last_lines(geode_machine: Path) -> None:
    status, _, err = run_runner("-c", a_command("pass"), FAKE_JAVA="die")
    assert status == Exit.NO_VERDICT
    assert "ended while starting (exit status 3)" in err
    assert "| Exception in thread main: no more memory" in err
    assert nothing_left(geode_machine)


def test_a_server_that_never_gets_ready_is_stopped(
    geode_machine: Path, quick_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_JAVA", "sleep")
    with (
        pytest.raises(SurroundingsError, match=r"not ready after 1 s, last seen: .*refused"),
        running(quick_release),
    ):
        pass
    assert nothing_left(geode_machine)


def test_an_exception_inside_the_with_stops_the_server(geode_machine: Path, geode_release: Release) -> None:
    with pytest.raises(ZeroDivisionError), running(geode_release) as target:  # noqa: PT012  what is inside is the point
        assert target.get("/orders")[0] == 200
        raise ZeroDivisionError
    assert nothing_left(geode_machine)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_the_runner_ends_the_server_and_the_gate(geode_machine: Path, number: signal.Signals) -> None:
    script = geode_machine / "gate.py"
    script.write_text(
        "import os, pathlib, time\n"
        "pathlib.Path(os.environ['FAKE_PIDS']).open('a').write(f'{os.getpid()}\\n')\n"
        "try:\n    time.sleep(600)\n"
        "except KeyboardInterrupt:\n    pathlib.Path(os.environ['FAKE_PIDS'] + '.cleaned').touch()\n"
    )
    process = start_runner("-c", f"{sys.executable} {script}")
    try:
        eventually(
            lambda: (geode_machine / "pids").exists() and len(java_pids(geode_machine)) == 2, "server and gate run"
        )
        time.sleep(0.2)  # the gate has written its pid; let it enter its try
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == (-9 if number == signal.SIGKILL else Exit.INTERRUPTED)
    eventually(lambda: nothing_left(geode_machine), "server and gate end, their folders go")
    assert (geode_machine / "pids.cleaned").exists(), "the gate was not given the time to clean up"


# The guard


def test_what_ignores_term_is_killed_with_its_children(tmp_path: Path) -> None:
    script = tmp_path / "stubborn.py"
    script.write_text(
        "import os, pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.fork()\n"
        f"pathlib.Path({str(tmp_path / 'pids')!r}).open('a').write(f'{{os.getpid()}}\\n')\n"
        "time.sleep(600)\n"
    )
    folder = tmp_path / "work"
    folder.mkdir()
    with Guarded([sys.executable, str(script)], cwd=tmp_path, remove=folder, grace=0.3) as process:
        eventually(lambda: (tmp_path / "pids").exists() and len(java_pids(tmp_path)) == 2, "both run")
        assert process.poll() is None
    assert process.poll() == 128 + signal.SIGKILL
    eventually(lambda: not any(map(alive, java_pids(tmp_path))), "both end")
    assert not folder.exists()


def test_what_a_command_leaves_in_its_group_ends_with_it(tmp_path: Path) -> None:
    script = tmp_path / "leaves.py"
    script.write_text(
        "import os, pathlib, time\n"
        "if os.fork() == 0:\n"
        f"    pathlib.Path({str(tmp_path / 'pids')!r}).write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
        f"while not pathlib.Path({str(tmp_path / 'pids')!r}).exists(): time.sleep(0.02)\n"
        "raise SystemExit(7)\n"
    )
    with Guarded([sys.executable, str(script)], cwd=tmp_path) as process:
        assert process.wait(PATIENCE) == 7
    eventually(lambda: not any(map(alive, java_pids(tmp_path))), "the child ends")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can tie a child's end to its parent's")
def test_a_killed_guard_takes_its_command_with_it(tmp_path: Path) -> None:
    script = tmp_path / "sleeps.py"
    script.write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(tmp_path / 'pids')!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    with Guarded([sys.executable, str(script)], cwd=tmp_path) as process:
        eventually(lambda: (tmp_path / "pids").exists() and bool(java_pids(tmp_path)), "it runs")
        process._guard.kill()
        eventually(lambda: not any(map(alive, java_pids(tmp_path))), "it ends")


def test_a_command_that_cannot_run_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Guarded([str(tmp_path / "none")], cwd=tmp_path) as process:
        assert process.wait(PATIENCE) == 127
    assert capfd.readouterr().err == f"cannot run {tmp_path / 'none'}: No such file or directory\n"


def test_the_guard_needs_nothing_but_the_standard_library() -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(guarded._GUARD), "--help"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
