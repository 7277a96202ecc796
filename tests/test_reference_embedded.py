"""The embedded reference and `kvgate serve`: starting, stopping, ports, TLS, credentials."""

# ruff: noqa: ARG002  (a step that is overridden need not use all it gets)
from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from raw_http import RawClient, ask, request

from kvgate.errors import InputError
from kvgate.reference.buckets import even_table
from kvgate.reference.embedded import Embedded, Ports
from kvgate.reference.http import Request, Response, Server, basic_credential
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading
from kvgate.reference.serve import basic_auth, describe, serve

ROOT = Path(__file__).parents[1]


def threads() -> int:
    return sum(1 for thread in threading.enumerate() if thread.name == "kvgate-reference")


def port_of(url: str) -> int:
    match = re.search(r":(\d+)", url)
    assert match
    return int(match[1])


def test_start_serves_both_and_stop_frees_everything() -> None:
    before = threads()
    embedded = Embedded.start()
    urls = (embedded.ha_url, *embedded.node_urls, embedded.geode_url.removesuffix("/geode/v1"))
    assert len(set(urls)) == 4
    assert embedded.geode_url.endswith("/geode/v1")
    assert embedded.regions == {"data": "orders", "second": "items", "empty": "empty", "absent": "absent"}
    idle = RawClient(embedded.ha_url)
    assert idle.ask(request("GET", "/get2?key=k")).status == 404
    embedded.stop()
    embedded.stop()
    with pytest.raises(RuntimeError, match="has been stopped"):
        embedded.call(threads)
    assert threads() == before
    with pytest.raises(ConnectionResetError):
        idle.socket.recv(1)
    idle.close()
    for url in urls:
        with pytest.raises(ConnectionRefusedError):
            RawClient(url)
    ports = [port_of(url) for url in urls]
    with Embedded.start(ports=Ports(ha=ports[0], nodes=(ports[1], ports[2]), geode=ports[3])) as again:
        assert (again.ha_url, *again.node_urls) == urls[:3]


@pytest.mark.parametrize(("interface", "has_ha"), [("get2", True), ("geode", False)])
def test_one_interface_alone(interface: str, has_ha: bool) -> None:
    with Embedded.start(interfaces=(interface,)) as embedded:
        assert bool(embedded.ha_url) is bool(embedded.node_urls) is has_ha
        assert bool(embedded.geode_url) is not has_ha


@pytest.mark.parametrize("interfaces", [(), ("get3",), ("get2", "redis")])
def test_wrong_interfaces_are_refused(interfaces: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="choose out of get2, geode"):
        Embedded.start(interfaces=interfaces)


def test_a_port_in_use_is_one_clear_error_and_leaves_no_thread() -> None:
    before = threads()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127\.0\.0\.1:{port}: the port is in use"):
            Embedded.start(ports=Ports(geode=port))
    assert threads() == before


def test_add_remove_and_call() -> None:
    class Hello(Server):
        def respond(self, request: Request) -> Response:
            return self.plain(200, "hello")

    with Embedded.start(interfaces=("geode",)) as embedded:
        server = Hello()
        url = embedded.add(server)
        assert ask(url, "GET", "/").body == b"hello"
        assert embedded.call(lambda: threading.current_thread().name) == "kvgate-reference"
        embedded.remove(server)
        with pytest.raises(ConnectionRefusedError):
            RawClient(url)
        assert ask(embedded.geode_url, "GET", "/geode/v1").status == 200


def test_a_deviation_is_one_overridden_step() -> None:
    class OffsetOfSecond(Ha):
        def offset_headers(self, first: Reading, second: Reading, *, same_value: bool) -> tuple[tuple[str, str], ...]:
            return super().offset_headers(second, first, same_value=same_value)

    with Embedded.start(interfaces=("get2",), make_ha=OffsetOfSecond) as embedded:
        assert embedded.ha is not None
        first, second = embedded.ha.choose_masters("k")
        embedded.call(lambda: (embedded.nodes[first].put(b"k", b"abc"), embedded.nodes[second].put(b"k", b"x")))
        wrong = ask(embedded.ha_url, "GET", "/get2?key=k")
        right = ask(embedded.add(Ha(embedded.nodes)), "GET", "/get2?key=k")
    assert (wrong.header("Val-Offset"), right.header("Val-Offset")) == ("1", "3")
    assert wrong.body == right.body == b"abcx"


def test_many_clients_at_once() -> None:
    with Embedded.start(interfaces=("get2",)) as embedded:
        for node in embedded.nodes:
            embedded.call(lambda node=node: [node.put(b"%d" % n, b"v%d" % n) for n in range(8)])  # type: ignore[misc]
        wrong: list[object] = []

        def many(number: int) -> None:
            with RawClient(embedded.ha_url) as client:
                for _ in range(50):
                    body = client.ask(request("GET", f"/get2?key={number}")).body
                    if body != b"v%d" % number:
                        wrong.append(body)

        workers = [threading.Thread(target=many, args=(number,)) for number in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not wrong
        assert embedded.ha is not None
        assert embedded.ha.served == 400


# TLS


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("over_http", [False, True])
def test_tls_with_a_private_ca(ca: trustme.CA, over_http: bool) -> None:
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert("127.0.0.1").configure_cert(server)
    ca.configure_trust(client)
    with Embedded.start(tls=server, ask_nodes=client if over_http else False) as embedded:
        assert embedded.ha_url.startswith("https://")
        for url in embedded.node_urls:
            with RawClient(url, client) as node:
                assert node.ask(request("POST", "/hustdb/put?key=k", b"v")).status == 200
        with RawClient(embedded.ha_url, client) as ha:
            assert ha.ask(request("GET", "/get2?key=k")).body == b"v"
            assert ha.ask(request("GET", "/get2?key=k", headers=("Connection: close",))).body == b"v"
            assert ha.rest() == b""
        with RawClient(embedded.geode_url, client) as geode:
            answer = geode.ask(request("GET", "/geode/v1/empty/1,2?ignoreMissingKey=true"))
        assert answer.header("Content-Location") == "https://test.example/geode/v1/empty/1,2"
        with pytest.raises(ssl.SSLCertVerificationError):
            RawClient(embedded.ha_url, ssl.create_default_context())


# serve


class Serving:
    """`kvgate serve` in a process of its own, up to the line that says it is ready."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        code = "import sys; from kvgate.reference.serve import serve; sys.exit(serve(sys.argv[1:]))"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        self.printed = ""

    def until(self, last: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if line.startswith(last):
                return self.printed
        raise AssertionError(f"serve ended early: {self.printed!r} {self.end()}")

    def end(self) -> tuple[int, str]:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with self.process.stdout as out, self.process.stderr as errors:
            self.printed += out.read()
            return self.process.wait(10), errors.read()


@pytest.fixture
def serving() -> Iterator[list[Serving]]:
    started: list[Serving] = []
    yield started
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_what_to_paste_and_ends_with_zero(serving: list[Serving], number: signal.Signals) -> None:
    serving.append(Serving("--nodes=3", "--reversed", "--geode-behaviour=1.12.1"))
    printed = serving[0].until("regions = ")
    line = r"^ +(kvgate run --get2-url=(\S+) --get2-nodes=(\S+) --geode-url=(\S+) .*)$"
    command = re.search(line, printed, re.MULTILINE)
    assert command
    assert command[1].endswith("--geode-regions=orders,items,empty")
    target = tomllib.loads(printed.partition("reference.toml):\n")[2])
    assert target["get2"] == {"url": command[2], "nodes": command[3].split(",")}
    assert target["geode"]["url"] == command[4]
    assert target["geode"]["regions"]["absent"] == "absent"
    assert len(target["get2"]["nodes"]) == 3
    for interface in ("get2", "geode"):
        schema = json.loads((ROOT / "schemas" / interface / "target.schema.json").read_text())
        assert set(target[interface]) <= set(schema["properties"])
    table = ask(command[2], "GET", "/get_table").body.decode()
    second, first = (target["get2"]["nodes"][index].removeprefix("http://") for index in (0, 1))
    assert f'"key": [0, 341], "val": ["{first}", "{second}"]' in table
    assert b'{"cause":' in ask(command[4], "GET", "/geode/v1/orders/1,2").body
    serving[0].process.send_signal(number)
    assert serving[0].end() == (0, "")


def test_serve_with_basic_auth_never_prints_the_secret(serving: list[Serving]) -> None:
    serving.append(
        Serving("--basic-auth=me:env:KV_TEST_AUTH", "--interface=get2", environment={"KV_TEST_AUTH": "s3:cret"})
    )
    printed = serving[0].until("nodes_auth = ")
    part = tomllib.loads(printed.partition("reference.toml):\n")[2])["get2"]
    assert part["auth"] == part["nodes_auth"] == {"basic": {"user": "me", "password": "env:KV_TEST_AUTH"}}
    assert "kvgate run --target=reference.toml" in printed
    url = part["url"]
    assert ask(url, "GET", "/get2?key=k").status == 401
    assert ask(url, "GET", "/get2?key=k", headers=(": ".join(basic_credential("me", "s3:cret")),)).status == 404
    serving[0].process.send_signal(signal.SIGTERM)
    code, errors = serving[0].end()
    assert (code, errors) == (0, "")
    assert "s3:cret" not in serving[0].printed
    assert basic_credential("me", "s3:cret")[1] not in serving[0].printed


def test_serve_on_a_port_in_use_is_one_line_and_4(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve([f"--port={port}", "--interface=get2"]) == 4
    out, errors = capsys.readouterr()
    assert out == ""
    said = re.fullmatch(r"can't listen on 127\.0\.0\.1:(\d+): the port is in use: choose another\n", errors)
    assert said
    # The ports after it, which the nodes take, may happen to be in use as well.
    assert int(said[1]) in (port, port + 2, port + 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nodes=1"], "2 to 64 nodes, not 1"),
        (["--nodes=many"], "--nodes: invalid int value: 'many'"),
        (["--geode-behaviour=0.9"], "no Geode behaviour '0.9'"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["--port=65535"], "out of 1 to 65535"),
        (["--basic-auth=me:pw"], "--basic-auth: give [USER:]env:NAME"),
        (["--basic-auth=env:KV_SURELY_UNSET"], "KV_SURELY_UNSET is unset"),
        (["--tls-cert=x.pem"], "--tls-cert and --tls-key go together"),
        (["--tls-cert=/nowhere/x.pem", "--tls-key=/nowhere/y.pem"], "No such file"),
        (["--host=999.1.1.1"], "can't listen on 999.1.1.1"),
    ],
)
def test_serve_says_what_is_wrong_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(arguments) == 4
    out, errors = capsys.readouterr()
    assert out == ""
    assert said in errors
    assert errors.count("\n") == 1


def test_serve_puts_signal_handlers_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serve([f"--port={taken.getsockname()[1]}"])
    assert signal.getsignal(signal.SIGTERM) is before


def test_basic_auth_reads_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KV_TEST_AUTH", "pa:ss")
    assert basic_auth("me:env:KV_TEST_AUTH").credential == basic_credential("me", "pa:ss")
    assert basic_auth("env:KV_TEST_AUTH").credential == basic_credential("kvgate", "pa:ss")
    assert "pa:ss" not in repr(basic_auth("env:KV_TEST_AUTH"))


def test_description_of_a_reversed_four_node_cluster() -> None:
    with Embedded.start(interfaces=("get2",), nodes=4, table=even_table(4, swapped=True)) as embedded:
        text = describe(embedded)
        assert "Geode" not in text
        assert all(url in text for url in embedded.node_urls)
