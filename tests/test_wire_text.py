from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from scripted import ScriptedServer, answers

from kvgate.wire.exchange import Request
from kvgate.wire.text import curl, visible


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"plain <&>'\"", "plain <&>'\""),
        (b"\x1b[31mred\x00\x7f", "\\x1b[31mred\\x00\\x7f"),
        (b"a\r\n\tb\\", "a\\r\\n\\tb\\\\"),
        ("äöü 日本 😀".encode(), "äöü 日本 😀"),
        (b"\xff\xc3", "\\xff\\xc3"),
        ("\u202eevil\u2066".encode(), "\\u202eevil\\u2066"),
        ("\u202eevil", "\\u202eevil"),
        ("\x9b\u2028\ufeff\xa0", "\\u009b\\u2028\\ufeff\\u00a0"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff\ud800", "\\udcff\\ud800"),
        ("", ""),
        (b" ", "\\x20"),
        (b"  in  between ", "\\x20 in  between\\x20"),
    ],
)
def test_visible(data: bytes | str, line: str) -> None:
    assert visible(data) == line
    assert "\n" not in visible(data)


def test_visible_cuts_between_characters() -> None:
    assert visible(b"x" * 300, 10) == "x" * 10 + "... (300 bytes)"
    assert visible("日本".encode(), 4) == "日... (6 bytes)"
    assert visible("日本".encode(), 3) == "日... (6 bytes)"
    assert visible("日本", 1) == "日... (2 characters)"
    assert visible(b"abc", 3) == "abc"
    assert visible(b"abc", 3, 70) == "abc... (70 bytes)"
    assert visible(b"ab", 3, 70) == "ab... (70 bytes)"
    assert visible(b"ab", 3, 2) == "ab"
    assert visible(b"ab c", 3) == "ab ... (4 bytes)"
    assert visible(b"\xff\xff\xff\xff\xff", 2) == "\\xff... (5 bytes)"


def test_curl_of_a_plain_request() -> None:
    line = curl("http://127.0.0.1:80", Request("GET", "/get2?key=a%41&x='[1]"), "Authorization")
    assert line.startswith("curl -sS -i -g --http1.1 --path-as-is ")
    assert line.endswith("""-H "Authorization: $KVGATE_AUTH" 'http://127.0.0.1:80/get2?key=a%41&x='"'"'[1]'""")


def test_curl_notes_a_cut_body() -> None:
    line = curl("http://h:1", Request("POST", "/", body=b"x" * 5000))
    assert line.endswith("# body cut here: 4096 of 5000 bytes")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    "wanted",
    [
        Request("GET", "/a/../b//c?key=a%41b+%2F&q='$(id)`id`\"{1,2}[1-3]"),
        Request("GET", "/x#y", (("X-Empty", ""), ("Accept", "text/plain"), ("x-Lower", "a'b"))),
        Request("POST", "/put?key=1", body=bytes(range(256))),
        Request("POST", "/put?key=1", body=b"@file 'x' %s \\n"),
        Request("POST", "/put?key=1"),
        Request("PUT", "/r/1", (("Content-Type", "application/json"),), body=b'[{"a": "\xc3\xa4"}]'),
        Request("DELETE", "/r/1"),
        Request("HEAD", "/get2?key=1"),
        Request("GET", "/get2?key=1", without=("Accept", "User-Agent")),
        Request("GET", "/get2?key=1", (("accept", "text/plain"),), without=("Accept-Encoding",)),
    ],
    ids=lambda wanted: f"{wanted.method} {wanted.target}"[:20],
)
def test_curl_sends_what_the_client_sends(wanted: Request) -> None:
    from kvgate.wire.client import Client, Credentials

    with ScriptedServer(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        client = Client(server.origin, credentials=Credentials("Authorization", "Basic c2VjcmV0"))
        exchange = client.ask(wanted)
        assert exchange.fault is None
        line = curl(server.origin, wanted, "Authorization")
        assert "c2VjcmV0" not in line
        environment = {"KVGATE_AUTH": "Basic c2VjcmV0", "PATH": os.environ["PATH"]}
        done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        client.close()
    ours, curls = server.requests
    assert _parts(ours) == _parts(curls)


def _parts(request: bytes) -> tuple[bytes, list[bytes], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    # curl writes no space before an empty value.
    return line, sorted(header.rstrip() for header in headers), body
