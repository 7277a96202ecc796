"""The runner of the real Apache Geode, without Java, Maven or a network: both are small programs of the tests here."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kvgate.errors import InputError, SurroundingsError
from kvgate.exits import Exit
from realsystems.geode import Server, cache, files, guarded, runner, running, server
from realsystems.geode.fetch import error_line, fetched, maven_command, project
from realsystems.geode.guarded import Guarded
from realsystems.geode.releases import RELEASES, Release, load_releases

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0

# A "java" that does what FAKE_JAVA says: serve the regions, die while starting, or never answer.
FAKE_JAVA = """#!{python}
import http.server, json, os, pathlib, sys, time
if "-version" in sys.argv:
    print('openjdk version "' + os.environ.get("FAKE_JAVA_VERSION", "17.0.1") + '"', file=sys.stderr)
    raise SystemExit(0)
pathlib.Path(os.environ["FAKE_PIDS"]).open("a").write(f"{{os.getpid()}}\\n")
mode = os.environ.get("FAKE_JAVA", "serve")
if mode == "die":
    print("Exception in thread main: no more memory", flush=True)
    raise SystemExit(3)
if mode == "sleep":
    print("still starting", flush=True)
    time.sleep(600)
properties = dict(line.strip().split("=", 1) for line in open("gemfire.properties"))
left = json.loads(os.environ.get("FAKE_LEFT", "[]"))
started = time.monotonic()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        region = self.path.split("?")[0].split("/")[3]
        keys = left if region == "orders" else []
        ready = time.monotonic() - started > 0.3
        listing = self.path.endswith("/keys") and os.environ.get("FAKE_LISTING", "yes") == "yes"
        failing = self.path.endswith("/keys") and not listing
        answer = {{"keys": keys}} if listing else {{region: [{{"v": key}} for key in keys]}}
        body = json.dumps(answer).encode()
        self.send_response(404 if not ready else 500 if failing else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
http.server.HTTPServer(("127.0.0.1", int(properties["http-service-port"])), Handler).serve_forever()
"""

# A "mvn" that "downloads" each artifact of pom.xml, as FAKE_MVN says: whole, damaged, or failing half-way.
FAKE_MVN = """#!{python}
import os, pathlib, sys, time, xml.etree.ElementTree as ET, zipfile
options = dict(part.split("=", 1) for part in sys.argv[1:] if "=" in part)
pathlib.Path(os.environ["FAKE_CALLS"]).open("a").write("called\\n")
out = pathlib.Path(options["-DoutputDirectory"])
out.mkdir()
mode = os.environ.get("FAKE_MVN", "whole")
space = "{{http://maven.apache.org/POM/4.0.0}}"
for dependency in ET.parse(options["--file"]).iter(space + "dependency"):
    artifact, version, kind = (dependency.findtext(space + tag) for tag in ("artifactId", "version", "type"))
    path = out / f"{{artifact}}-{{version}}.{{kind}}"
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("top/lib/geode-dependencies.jar", artifact * 100)
    if mode == "damaged":
        path.write_bytes(path.read_bytes().replace(b"geode-core", b"geode-gore"))
    if mode == "fail":
        print("[ERROR] Failed to execute goal: Could not transfer artifact: refused -> [Help 1]")
        print("[ERROR] [Help 1] a page that explains")
        raise SystemExit(1)
time.sleep(float(os.environ.get("FAKE_MVN_SECONDS", "0")))
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with the fake java and mvn on PATH, an empty cache and an empty temporary folder."""
    programs = tmp_path / "bin"
    for folder in (programs, tmp_path / "temporary"):
        folder.mkdir()
    for name, text in (("java", FAKE_JAVA), ("mvn", FAKE_MVN)):
        (programs / name).write_text(text.format(python=sys.executable))
        (programs / name).chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    for name, value in {
        "PATH": str(programs),
        "KVGATE_CACHE": str(tmp_path / "cache"),
        "TMPDIR": str(tmp_path / "temporary"),
        "FAKE_PIDS": str(tmp_path / "pids"),
        "FAKE_CALLS": str(tmp_path / "calls"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


@pytest.fixture
def release() -> Release:
    return load_releases().named("1.14.4")


@pytest.fixture
def quick(release: Release) -> Release:
    """The release, with a second to get ready."""
    return dataclasses.replace(release, start=dataclasses.replace(release.start, time_limit=1))


def java_pids(machine: Path) -> list[int]:
    return [int(line) for line in (machine / "pids").read_text().split()]


def eventually(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in ("Z", "X")


def nothing_left(machine: Path) -> bool:
    return not any(map(alive, java_pids(machine))) and not any((machine / "temporary").iterdir())


def start_runner(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  this repository's own module
        [sys.executable, "-m", "realsystems.geode", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_runner(*arguments: str, **environment: str) -> tuple[int, str, str]:
    process = start_runner(*arguments, **environment)
    out, err = process.communicate(timeout=PATIENCE * 2)
    return process.returncode, out, err


def a_command(text: str) -> str:
    return f"{sys.executable} -c '{text}'"


# releases.toml


def test_releases_file_agrees_with_its_schema_and_holds_the_releases_that_are_promised() -> None:
    releases = load_releases()
    assert releases.default == "1.14.4"
    assert {"1.2.0", "1.9.2", "1.12.1", "1.13.1", "1.14.4"} <= set(releases.by_number)
    assert [region.name for region in releases.named("1.14.4").regions] == ["orders", "items", "empty"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('default = "1.14.4"', 'default = "1.14"', "default: expected a release number like 1.14.4"),
        ('default = "1.14.4"', 'default = "1.14.5"', "there is no release '1.14.5' (did you mean '1.14.4'?)"),
        ('recipe = "jars"', 'recipe = "jar"', "no recipe 'jar' (did you mean 'jars'?)"),
        ("extensions = [", "extension = [", "unknown key 'extension' (did you mean 'extensions'?)"),
        (":zip:{release}", ":exe:{release}", "with packaging zip or tgz"),
        ('jvm = [\n    "-Xmx512m"', 'jvm = [\n    "Xmx512m"', "expected an option of java"),
    ],
)
def test_an_error_in_the_releases_file_is_told_in_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = RELEASES.read_text()
    assert old in text
    path = tmp_path / "releases.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        load_releases(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_an_unknown_release_ends_with_usage_and_the_nearest_known_one() -> None:
    status, _, err = run_runner("--release", "1.14.5")
    assert (status, err) == (Exit.USAGE, "error: no recipe for Apache Geode '1.14.5' (did you mean '1.14.4'?)\n")


# Programs that are not there


def test_without_maven_there_is_no_verdict_and_one_line(machine: Path) -> None:
    (machine / "bin" / "mvn").unlink()
    status, out, err = run_runner()
    assert status == Exit.NO_VERDICT
    assert err == (
        "no verdict: a real Apache Geode needs Java 17 or later, and Maven to fetch it; not found: mvn."
        " Install Maven, or put it on PATH\n"
    )
    assert out == ""


def test_without_java_and_maven_both_are_named(machine: Path) -> None:
    for name in ("java", "mvn"):
        (machine / "bin" / name).unlink()
    status, _, err = run_runner()
    assert status == Exit.NO_VERDICT
    assert "not found: java, mvn. Install a JDK (17 or later) and Maven" in err
    assert err.count("\n") == 1


def test_an_old_java_is_named_with_its_version(machine: Path) -> None:
    status, _, err = run_runner(FAKE_JAVA_VERSION="1.8.0_402")
    assert status == Exit.NO_VERDICT
    assert f"{machine}/bin/java is Java 8. Set JAVA_HOME to a newer one" in err
    assert err.count("\n") == 1


def test_maven_is_not_needed_for_a_release_in_the_cache(machine: Path, release: Release) -> None:
    fetched(release)
    (machine / "bin" / "mvn").unlink()
    with running(release) as target:
        assert target.get("/orders")[0] == 200


# Fetching


def test_the_maven_project_names_each_artifact_and_takes_archives_and_wars_alone(release: Release) -> None:
    space = "{http://maven.apache.org/POM/4.0.0}"
    found = {
        dependency.findtext(f"{space}artifactId"): (
            dependency.findtext(f"{space}version"),
            dependency.findtext(f"{space}type"),
            dependency.find(f"{space}exclusions") is not None,
        )
        for dependency in ET.fromstring(project(release)).iter(f"{space}dependency")  # noqa: S314  our own text
    }
    assert found == {
        "geode-core": ("1.14.4", "jar", False),
        "geode-log4j": ("1.14.4", "jar", False),
        "geode-http-service": ("1.14.4", "jar", False),
        "swagger-annotations": ("1.5.23", "jar", False),
        "geode-web-api": ("1.14.4", "war", True),
    }


def test_maven_is_quiet_and_compares_checksums(release: Release) -> None:
    command = maven_command("/usr/bin/mvn", release, Path("/w"))
    assert command[0] == "/usr/bin/mvn"
    assert {"--batch-mode", "--quiet", "--strict-checksums", "-DoutputDirectory=/w/artifacts"} <= set(command)


def test_a_release_is_fetched_once_and_found_whole_after_that(machine: Path, release: Release) -> None:
    home = fetched(release)
    assert home == machine / "cache" / "geode" / "1.14.4"
    assert (home / "tools/Extensions/geode-web-api-1.14.4.war").is_file()
    assert (home / "added/geode-core-1.14.4.jar").is_file()
    assert fetched(release) == home
    assert (machine / "calls").read_text() == "called\n"
    assert sorted(path.name for path in home.parent.iterdir()) == ["1.14.4", "1.14.4.lock"]


def test_the_archive_of_a_distribution_becomes_the_home_folder(machine: Path) -> None:
    home = fetched(load_releases().named("1.2.0"))
    assert (home / "lib/geode-dependencies.jar").is_file()
    assert (home / "added/jaxb-api-2.3.1.jar").is_file()
    assert not list(home.rglob("*.zip"))


@pytest.mark.parametrize("harm", ["changed", "removed", "added", "no manifest"])
def test_a_cache_that_is_not_whole_is_fetched_again(machine: Path, release: Release, harm: str) -> None:
    home = fetched(release)
    jar = home / "added/geode-core-1.14.4.jar"
    if harm == "changed":
        jar.write_bytes(bytes(reversed(jar.read_bytes())))
    elif harm == "removed":
        jar.unlink()
    elif harm == "added":
        (home / "added/other.jar").write_bytes(b"")
    else:
        (home / cache.MANIFEST).unlink()
    assert not cache.whole(home, release)
    assert cache.whole(fetched(release), release)
    assert (machine / "calls").read_text() == "called\n" * 2


def test_another_recipe_is_another_home_folder(machine: Path, release: Release) -> None:
    home = fetched(release)
    other = dataclasses.replace(release, recipe=dataclasses.replace(release.recipe, class_path=("lib/*",)))
    assert cache.whole(home, release)
    assert not cache.whole(home, other)


def test_a_failing_maven_is_no_verdict_with_its_error_line_and_leaves_nothing(machine: Path) -> None:
    status, _, err = run_runner(FAKE_MVN="fail")
    assert status == Exit.NO_VERDICT
    last = err.splitlines()[-1]
    why = "Failed to execute goal: Could not transfer artifact: refused"
    assert last == f"no verdict: Maven cannot fetch Apache Geode 1.14.4: {why}"
    assert [path.name for path in (machine / "cache/geode").iterdir()] == ["1.14.4.lock"]


def test_a_damaged_artifact_is_named_and_not_kept(
    machine: Path, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_MVN", "damaged")
    with pytest.raises(SurroundingsError, match=r"geode-core-1\.14\.4\.jar is damaged"):
        fetched(release)
    assert not (machine / "cache/geode/1.14.4").exists()


def test_a_maven_that_hangs_is_ended(machine: Path, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_MVN_SECONDS", "600")
    with pytest.raises(SurroundingsError, match="within 1 s"):
        fetched(dataclasses.replace(release, fetch_time_limit=1))
    assert [path.name for path in (machine / "cache/geode").iterdir()] == ["1.14.4.lock"]


def test_two_processes_at_once_fetch_once(machine: Path) -> None:
    both = [start_runner("--fetch-only", FAKE_MVN_SECONDS="1") for _ in range(2)]
    errors = [process.communicate(timeout=PATIENCE)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert (machine / "calls").read_text() == "called\n"
    assert any("another process is fetching" in text for text in errors)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (
            "[WARNING] w\n[ERROR] Failed to x: refused -> [Help 1]\n[ERROR] \n[ERROR] [Help 1] y\n",
            "Failed to x: refused",
        ),
        ("[ERROR] Re-run Maven with -X\nThe JAVA_HOME variable is wrong\n", "The JAVA_HOME variable is wrong"),
        ("", "it printed nothing"),
    ],
)
def test_the_line_of_mavens_log_that_says_what_went_wrong(log: str, line: str) -> None:
    assert error_line(log) == line


# Command lines and files of the server


def test_javas_command_line(release: Release) -> None:
    command = server.java_command("/jdk/bin/java", release, Path("/home"), Path("/work"))
    assert command[0] == "/jdk/bin/java"
    assert command[-4:] == [
        "org.apache.geode.distributed.ServerLauncher",
        "start",
        "kvgate",
        "--disable-default-server",
    ]
    assert command[command.index("-cp") + 1] == "/home/added/*"
    assert {"--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"} <= set(
        command
    )
    assert {"-Xmx512m", "-Djava.io.tmpdir=/work/tmp", "-DgemfirePropertyFile=/work/gemfire.properties"} <= set(command)


def test_secrets_stand_in_private_files_and_not_on_the_command_line(tmp_path: Path, release: Release) -> None:
    store = files.KeyStore(tmp_path / "server.p12", "a-secret", tmp_path / "ca.pem")
    files.write_files(release, tmp_path, 4711, auth=True, key_store=store)
    private = tmp_path / "gfsecurity.properties"
    assert private.stat().st_mode & 0o077 == 0
    lines = private.read_text().splitlines()
    assert "security-manager=org.apache.geode.examples.SimpleSecurityManager" in lines
    assert {"ssl-enabled-components=web", "ssl-keystore-password=a-secret", f"ssl-keystore={store.path}"} <= set(lines)
    assert "a-secret" not in " ".join(server.java_command("java", release, tmp_path, tmp_path))
    public = (tmp_path / "gemfire.properties").read_text().splitlines()
    assert {"http-service-port=4711", "bind-address=127.0.0.1", "http-service-bind-address=127.0.0.1"} <= set(public)


def test_the_regions_stand_in_the_cache_configuration(release: Release) -> None:
    space = "{http://geode.apache.org/schema/cache}"
    regions = list(ET.fromstring(files.cache_xml(release.regions)).iter(f"{space}region"))  # noqa: S314  our own text
    assert [region.get("name") for region in regions] == ["orders", "items", "empty"]
    assert {region[0].get("refid") for region in regions} == {"REPLICATE"}


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
    assert tomllib.loads(text)["geode"]["url"] == TARGET.url
    assert "env:GEODE_PASSWORD" in text
    assert '"data"' not in text


@pytest.mark.parametrize(
    ("statuses", "status"),
    [([0, 0], 0), ([0, 6], 6), ([6, 1, 0], 1), ([5, 6], 6), ([1, 2], 2), ([0, 139, 1], 139)],
)
def test_the_status_of_several_releases(statuses: list[int], status: int) -> None:
    assert runner.worst(statuses) == status


# Starting, judging, stopping


def test_the_command_gets_the_servers_url_and_its_status_is_the_runners(machine: Path) -> None:
    script = machine / "gate.py"
    script.write_text(
        "import sys, urllib.request\n"
        "url, regions, *rest = sys.argv[1:]\n"
        "statuses = [urllib.request.urlopen(f'{url}/{region}').status for region in regions.split(',')]\n"
        "print(url, statuses, rest)\n"
        "raise SystemExit(5)\n"
    )
    command = f"{sys.executable} {script} {{url}} {{regions}} {{reports}}"
    status, out, err = run_runner("--reports", str(machine), "-c", command, "--", "-k", "x")
    assert status == 5
    url = out.split()[0]
    assert out == f"{url} [200, 200, 200] {[f'{machine}/geode-1.14.4', '-k', 'x']}\n"
    assert f"Apache Geode 1.14.4 answers at {url}\n" in err
    assert nothing_left(machine)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, 'left behind in region orders of Apache Geode 1.14.4: "a", "b"\n'),
        ({"FAKE_LISTING": "no"}, "left behind in region orders of Apache Geode 1.14.4: 2 values\n"),
    ],
)
def test_a_key_left_behind_fails_the_run(machine: Path, environment: Mapping[str, str], told: str) -> None:
    status, _, err = run_runner("-c", a_command("pass"), FAKE_LEFT='["a", "b"]', **environment)
    assert status == Exit.NOT_CONFORMING
    assert told in err


def test_keys_kept_on_purpose_do_not_fail_the_run(machine: Path) -> None:
    assert run_runner("-c", a_command("pass"), "--", "--kv-keep", FAKE_LEFT='["a"]')[0] == 0


def test_a_server_that_dies_during_the_run_is_no_verdict(machine: Path) -> None:
    script = machine / "kill.py"
    script.write_text("import os, pathlib\nos.kill(int(pathlib.Path(os.environ['FAKE_PIDS']).read_text()), 9)\n")
    status, _, err = run_runner("-c", f"{sys.executable} {script}")
    assert status == Exit.NO_VERDICT
    assert "the server no longer answers after the run" in err
    assert nothing_left(machine)


def test_a_server_that_ends_while_starting_shows_its_last_lines(machine: Path) -> None:
    status, _, err = run_runner("-c", a_command("pass"), FAKE_JAVA="die")
    assert status == Exit.NO_VERDICT
    assert "ended while starting (exit status 3)" in err
    assert "| Exception in thread main: no more memory" in err
    assert nothing_left(machine)


def test_a_server_that_never_gets_ready_is_stopped(
    machine: Path, quick: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_JAVA", "sleep")
    with pytest.raises(SurroundingsError, match=r"is not ready after 1 s, last seen: .*refused"), running(quick):
        pass
    assert nothing_left(machine)


def test_an_exception_inside_the_with_stops_the_server(machine: Path, release: Release) -> None:
    with pytest.raises(ZeroDivisionError), running(release) as target:  # noqa: PT012  what is inside is the point
        assert target.get("/orders")[0] == 200
        raise ZeroDivisionError
    assert nothing_left(machine)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_the_runner_ends_the_server_and_the_gate(machine: Path, number: signal.Signals) -> None:
    script = machine / "gate.py"
    script.write_text(
        "import os, pathlib, time\n"
        "pathlib.Path(os.environ['FAKE_PIDS']).open('a').write(f'{os.getpid()}\\n')\n"
        "try:\n    time.sleep(600)\n"
        "except KeyboardInterrupt:\n    pathlib.Path(os.environ['FAKE_PIDS'] + '.cleaned').touch()\n"
    )
    process = start_runner("-c", f"{sys.executable} {script}")
    try:
        eventually(lambda: (machine / "pids").exists() and len(java_pids(machine)) == 2, "server and gate run")
        time.sleep(0.2)  # the gate has written its pid; let it enter its try
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == (-9 if number == signal.SIGKILL else Exit.INTERRUPTED)
    eventually(lambda: nothing_left(machine), "server and gate end, their folders go")
    assert (machine / "pids.cleaned").exists(), "the gate was not given the time to clean up"


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
    ran = subprocess.run(  # noqa: S603  this repository's own file
        [sys.executable, "-I", "-S", str(guarded._GUARD), "--help"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_manifest_is_json_with_size_and_digest(machine: Path, release: Release) -> None:
    manifest = json.loads((fetched(release) / cache.MANIFEST).read_text())
    size, digest = manifest["files"]["added/geode-core-1.14.4.jar"]
    assert size > 0
    assert len(digest) == 64
