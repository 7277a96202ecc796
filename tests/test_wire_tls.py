from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from scripted import ScriptedServer, answers

from kvgate.errors import InputError
from kvgate.wire.client import Client, Limits, Tls
from kvgate.wire.exchange import FaultKind, Request
from kvgate.wire.link import Link

GET = Request("GET", "/")
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
QUICK = Limits(connect=0.4, read=0.3, total=0.8)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def context_of(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_private_authority(authority: trustme.CA, ca_file: str) -> None:
    with ScriptedServer(answers(HELLO, b"more", pause=0.005, linger=True), context_of(authority)) as server:
        client = Client(server.origin, tls=Tls(ca_file=ca_file))
        exchange = client.ask(GET)
        assert exchange.fault is None
        assert exchange.response is not None
        assert (exchange.response.body, exchange.response.excess) == (b"hello", b"more")
        assert exchange.raw.startswith(HELLO)


def test_a_slow_handshake_does_not_make_a_request_late(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, ca_file: str
) -> None:
    shake = Link.start_tls

    def slowly(*given: Any) -> None:
        time.sleep(0.3)
        shake(*given)

    monkeypatch.setattr(Link, "start_tls", slowly)
    monkeypatch.setattr("kvgate.wire.attempt.DAWDLING", 0.25)
    with ScriptedServer(lambda *_: None, context_of(authority)) as server:
        exchange = Client(server.origin, tls=Tls(ca_file=ca_file)).ask(GET)
    assert exchange.fault is not None
    assert server.connections == 1, "what closes without an answer is not asked again for that"


def test_kept_alive_over_tls(authority: trustme.CA, ca_file: str) -> None:
    with ScriptedServer(answers(HELLO, linger=True), context_of(authority)) as server:
        client = Client(server.origin, tls=Tls(ca_file=ca_file))
        with client.connection() as connection:
            exchanges = [client.ask(GET, connection=connection) for _ in range(3)]
    assert [exchange.fault for exchange in exchanges] == [None] * 3
    assert len({exchange.connection for exchange in exchanges}) == 1


@pytest.mark.parametrize("name", ["127.0.0.1", "other.example"])
def test_certificate_that_is_not_accepted(authority: trustme.CA, ca_file: str, name: str) -> None:
    tls = Tls() if name == "127.0.0.1" else Tls(ca_file=ca_file)
    with ScriptedServer(answers(HELLO), context_of(authority, name)) as server:
        exchange = Client(server.origin, tls=tls).ask(GET)
        insecure = Client(server.origin, tls=Tls(insecure=True)).ask(GET)
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.TLS
    assert "certificate not accepted" in exchange.fault.message
    assert ("tls.ca" in exchange.fault.message) is (name == "127.0.0.1"), "where a CA would help, and only there"
    assert exchange.fault.unreachable
    assert insecure.fault is None
    assert len(server.requests) == 1


def test_plain_server_behind_https() -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ScriptedServer(script) as server:
        exchange = Client(server.origin.replace("http:", "https:")).ask(GET)
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.TLS


@pytest.mark.parametrize("drip", [False, True])
def test_handshake_that_never_ends(drip: bool) -> None:
    def script(sock: socket.socket, server: ScriptedServer) -> None:
        record = b"\x16\x03\x03\x40\x00" + b"\x02" * 1000
        server.drip(sock, (record[i : i + 1] for i in range(len(record) if drip else 0)), 0.02)
        server.ending.wait(10)

    with ScriptedServer(script) as server:
        exchange = Client(server.origin.replace("http:", "https:"), limits=QUICK).ask(GET)
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.CONNECT_TIMEOUT
    assert "TLS handshake" in exchange.fault.message


def test_silence_after_the_handshake(authority: trustme.CA, ca_file: str) -> None:
    with ScriptedServer(answers(b"", linger=True), context_of(authority)) as server:
        exchange = Client(server.origin, tls=Tls(ca_file=ca_file), limits=QUICK).ask(GET)
    assert exchange.fault is not None
    assert exchange.fault.kind is FaultKind.TIMEOUT


def test_a_close_after_the_handshake_may_have_refused_it(authority: trustme.CA, ca_file: str) -> None:
    """With TLS 1.3 a server turns a client without a certificate away after the client's handshake is done."""
    with ScriptedServer(answers(), context_of(authority)) as server:
        fault = Client(server.origin, tls=Tls(ca_file=ca_file), limits=QUICK).ask(GET).fault
    assert fault is not None
    assert fault.kind is FaultKind.EMPTY
    assert fault.message == "closed without sending one byte (or the server refused the TLS handshake)"


def test_client_certificate(authority: trustme.CA, ca_file: str, tmp_path: Path) -> None:
    pair = authority.issue_cert("client@example.org")
    both = tmp_path / "client.pem"
    pair.private_key_and_cert_chain_pem.write_to_path(str(both))
    context = context_of(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with ScriptedServer(answers(HELLO), context) as server:
        accepted = Client(server.origin, tls=Tls(ca_file=ca_file, cert_file=str(both))).ask(GET)
        rejected = Client(server.origin, tls=Tls(ca_file=ca_file)).ask(GET)
    assert accepted.fault is None
    assert rejected.fault is not None
    # The alert may be overtaken by the reset that follows it.
    assert rejected.fault.kind in {FaultKind.TLS, FaultKind.RESET}
    assert "TLS" in rejected.fault.message


def test_unusable_files(authority: trustme.CA, ca_file: str, tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no PEM")
    missing = str(tmp_path / "missing.pem")
    for tls in [
        Tls(ca_file=missing),
        Tls(ca_file=str(junk)),
        Tls(cert_file=missing),
        Tls(cert_file=str(junk)),
        Tls(cert_file=ca_file),
        Tls(key_file=str(junk)),
        Tls(ca_file=str(tmp_path)),
    ]:
        with pytest.raises(InputError, match=r"^TLS .*pem|^TLS .*no such file") as caught:
            Client("https://127.0.0.1:1", tls=tls)
        assert "\n" not in str(caught.value)
