"""One real Geode server on loopback: started at a free port, awaited, and stopped whatever happens."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kvgate.errors import SurroundingsError
from realsystems.geode import cache, tools
from realsystems.geode.fetch import fetched
from realsystems.geode.files import KeyStore, make_key_store, write_files
from realsystems.geode.guarded import Guarded
from realsystems.geode.releases import Release, load_releases

_HOST = "127.0.0.1"
_LOG = "server.out"
_POLL = 0.2
_ANSWER_LIMIT = 10.0
_PORT_TRIES = 3
_LINES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: base URL of its REST API, its regions, and what a client needs to be let in.

    `user` is also the password. `certificate` is the PEM file to trust, `folder` the server's working folder: both go
    with the server.
    """

    release: str
    url: str
    port: int
    regions: tuple[str, ...]
    folder: Path
    user: str | None = None
    certificate: Path | None = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a GET below the base URL (`/orders`); OSError or HTTPException when none came."""
        connection = self._connection()
        try:
            headers = {"Accept": "*/*"}
            if self.user:
                pair = base64.b64encode(f"{self.user}:{self.user}".encode()).decode()
                headers["Authorization"] = f"Basic {pair}"
            connection.request("GET", "/geode/v1" + path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.certificate is None:
            return http.client.HTTPConnection(_HOST, self.port, timeout=_ANSWER_LIMIT)
        trust = ssl.create_default_context(cafile=str(self.certificate))
        return http.client.HTTPSConnection(_HOST, self.port, timeout=_ANSWER_LIMIT, context=trust)


@contextlib.contextmanager
def running(release: str | Release | None = None, *, auth: bool = False, tls: bool = False) -> Iterator[Server]:
    """A started server of the release (None: the default one), fetched first if need be; stopped on leaving.

    With `auth` it asks for Basic credentials, with `tls` it speaks HTTPS. Its data is gone with it. Raises InputError
    for an unknown release, SurroundingsError when java is missing, fetching fails or the server does not get ready.
    """
    if not isinstance(release, Release):
        releases = load_releases()
        release = releases.named(release or releases.default)
    needed = ["java", *(["keytool"] if tls else []), *([] if cache.likely(release) else ["mvn"])]
    programs = tools.find(*needed, java_minimum=release.start.java_minimum)
    home = fetched(release)
    for attempt in range(1, _PORT_TRIES + 1):
        work = Path(tempfile.mkdtemp(prefix=f"kvgate-geode-{release.number}-"))
        try:
            key_store = make_key_store(programs["keytool"], work) if tls else None
            port = _free_port()
            write_files(release, work, port, auth=auth, key_store=key_store)
            server = _server(release, port, work, auth, key_store)
            with _started(programs["java"], release, home, work) as process:
                failure = _await(server, process, work, release.start.time_limit)
                if failure is None:
                    yield server
                    return
            if not failure.port_taken or attempt == _PORT_TRIES:
                raise SurroundingsError(f"Apache Geode {release.number} {failure.why}")
        finally:
            shutil.rmtree(work, ignore_errors=True)


def java_command(java: str, release: Release, home: Path, work: Path) -> list[str]:
    """The command line that runs the server in the foreground, its properties in files of the working folder."""
    start = release.start
    return [
        java,
        *(f"--add-opens={package}=ALL-UNNAMED" for package in start.opens),
        *(f"--add-exports={package}=ALL-UNNAMED" for package in start.exports),
        *start.jvm,
        f"-Djava.io.tmpdir={work / 'tmp'}",
        f"-DgemfirePropertyFile={work / 'gemfire.properties'}",
        f"-DgemfireSecurityPropertyFile={work / 'gfsecurity.properties'}",
        "-cp",
        os.pathsep.join(str(home / path) for path in release.recipe.class_path),
        start.main,
        *start.arguments,
    ]


@dataclass(frozen=True, slots=True)
class _Failure:
    why: str
    port_taken: bool = False


def _server(release: Release, port: int, work: Path, auth: bool, key_store: KeyStore | None) -> Server:
    return Server(
        release=release.number,
        url=f"{'https' if key_store else 'http'}://{_HOST}:{port}/geode/v1",
        port=port,
        regions=tuple(region.name for region in release.regions),
        folder=work,
        user=release.start.auth_user if auth else None,
        certificate=key_store.certificate if key_store else None,
    )


def _started(java: str, release: Release, home: Path, work: Path) -> Guarded:
    environment = {name: value for name, value in os.environ.items() if name not in _JAVA_VARIABLES}
    with (work / _LOG).open("wb") as output:
        return Guarded(
            java_command(java, release, home, work),
            cwd=work,
            env={**environment, "GEODE_HOME": str(home)},
            output=output,
            remove=work,
        )


# They change what java does, or print a line of their own, whoever set them for another program.
_JAVA_VARIABLES = frozenset({"CLASSPATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"})


def _await(server: Server, process: Guarded, work: Path, limit: int) -> _Failure | None:
    """Waits until each region answers 200; else says why not, with the last lines of the log."""
    end = time.monotonic() + limit
    waiting, last = list(server.regions), "no answer"
    while waiting:
        status = process.poll()
        if status is not None:
            log = _last_lines(work)
            return _Failure(f"ended while starting (exit status {status}){log}", _port_taken(log))
        if time.monotonic() > end:
            return _Failure(f"is not ready after {limit} s, last seen: {last}{_last_lines(work)}")
        try:
            code, _ = server.get(f"/{waiting[0]}")
        except (OSError, http.client.HTTPException) as error:
            last = str(error) or type(error).__name__
        else:
            if code == 200:
                del waiting[0]
                continue
            last = f"status {code} for region {waiting[0]}"
            if code in (401, 403):
                return _Failure(f"refuses our own credentials ({last})")
        # 404 and 503 are what it answers before, and after failing, to start its REST application: only time tells.
        time.sleep(_POLL)
    return None


def _last_lines(work: Path) -> str:
    text = ""
    for path in (*work.glob("*.log"), work / _LOG):
        with contextlib.suppress(OSError):
            text += path.read_text(encoding="utf-8", errors="replace") + "\n"
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "".join(f"\n  | {line[:300]}" for line in lines[-_LINES_SHOWN:])


def _port_taken(log: str) -> bool:
    return "BindException" in log or "Address already in use" in log


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
