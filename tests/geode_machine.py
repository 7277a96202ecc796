"""A machine for the tests of the real Apache Geode's runner: its java and mvn are small programs of our own."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from interrupts import hear_them

from realsystems.geode.releases import Release, load_releases

hear_them()

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0  # seconds; reached only by a test that fails

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
def geode_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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
def geode_release() -> Release:
    return load_releases().named("1.14.4")


@pytest.fixture
def quick_release(geode_release: Release) -> Release:
    """The release, with a second to get ready."""
    return dataclasses.replace(geode_release, start=dataclasses.replace(geode_release.start, time_limit=1))


def java_pids(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "pids").read_text().split()]


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


def nothing_left(folder: Path) -> bool:
    return not any(map(alive, java_pids(folder))) and not any((folder / "temporary").iterdir())


def start_runner(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
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
