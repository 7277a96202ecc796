"""A raw HTTP client for tests of the reference: it sends bytes, and reads answers by their framing alone."""

from __future__ import annotations

import socket
import ssl
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    version: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for given, value in self.headers if given.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, f"{name} is sent {len(values)} times"
        return values[0] if values else None


def parse_answer(data: bytes, *, to_head: bool = False) -> tuple[Answer, bytes] | None:
    """The first answer in `data` and what follows it, or None while it is not whole; no framing header: to the end."""
    head, blank, rest = data.partition(b"\r\n\r\n")
    if not blank:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status, reason = (*first.split(" ", 2), "")[:3]
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    names = {name.lower(): value for name, value in headers}
    if to_head or int(status) < 200 or int(status) in (204, 304):
        body: bytes | None = b""
    elif names.get("transfer-encoding") == "chunked":
        body, rest = _chunks(rest)
    elif "content-length" in names:
        length = int(names["content-length"])
        body, rest = (rest[:length], rest[length:]) if len(rest) >= length else (None, rest)
    else:
        body, rest = rest, b""
    return None if body is None else (Answer(version, int(status), reason, headers, body), rest)


def _chunks(data: bytes) -> tuple[bytes | None, bytes]:
    body = b""
    while True:
        line, end, data = data.partition(b"\r\n")
        if not end:
            return None, data
        size = int(line, 16)
        if len(data) < size + 2:
            return None, data
        assert data[size : size + 2] == b"\r\n", "a chunk ends where its size says"
        body, data = body + data[:size], data[size + 2 :]
        if size == 0:
            return body, data


class RawClient:
    """One connection to `url`."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.socket = socket.create_connection((parts.hostname, parts.port or 0), SECONDS)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=parts.hostname)
        self._data = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, *, to_head: bool = False) -> Answer:
        """The next answer; one without framing headers ends with the connection."""
        ended = False
        while True:
            found = parse_answer(self._data, to_head=to_head)
            if found is not None:
                answer, rest = found
                delimited = to_head or answer.status < 200 or answer.status in (204, 304)
                if ended or delimited or answer.all("Content-Length") or answer.all("Transfer-Encoding"):
                    self._data = rest
                    return answer
            assert not ended, f"the connection ended within an answer: {self._data!r}"
            data = self.socket.recv(65536)
            ended = not data
            self._data += data

    def ask(self, data: bytes) -> Answer:
        self.send(data)
        return self.read(to_head=data.startswith(b"HEAD "))

    def rest(self) -> bytes:
        """What comes until the server ends the connection."""
        while data := self.socket.recv(65536):
            self._data += data
        rest, self._data = self._data, b""
        return rest

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def request(
    method: str, target: str, body: bytes = b"", headers: tuple[str, ...] = (), version: str = "HTTP/1.1"
) -> bytes:
    """The bytes of a request with Host, and Content-Length where there is a body."""
    lines = [f"{method} {target} {version}", "Host: test.example", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def ask(url: str, method: str, target: str, body: bytes = b"", headers: tuple[str, ...] = ()) -> Answer:
    """One request on a connection of its own."""
    with RawClient(url) as client:
        return client.ask(request(method, target, body, headers))
