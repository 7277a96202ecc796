from __future__ import annotations

import pytest

from kvgate.errors import InputError
from kvgate.wire.origin import authority, split_origin, split_url


@pytest.mark.parametrize(
    ("url", "origin", "prefix"),
    [
        ("http://h", "http://h:80", ""),
        ("https://H.example/", "https://h.example:443", ""),
        ("http://127.0.0.1:8080/geode/v1/", "http://127.0.0.1:8080", "/geode/v1"),
        ("http://[::1]:8080/a/b", "http://[::1]:8080", "/a/b"),
        ("http://[0:0::1]", "http://[::1]:80", ""),
        ("HTTP://get2_ha:1/a%20b/@x", "http://get2_ha:1", "/a%20b/@x"),
        ("http://1.2.3:80", "http://1.2.3:80", ""),
        ("http://münchen.example", "http://xn--mnchen-3ya.example:80", ""),
    ],
)
def test_split_url(url: str, origin: str, prefix: str) -> None:
    assert split_url(url, "--get2-url") == (origin, prefix)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("", "is given but empty: an unset variable?"),
        ("  ", "is given but empty"),
        ("http://user:hunter2@h/", "user or password"),
        ("user:hunter2@h", "user or password"),
        ("ftp://h", "http:// or https://"),
        ("localhost:8080", "http:// or https://"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http://:80", "no host"),
        ("http://h/?token=hunter2", "query"),
        ("http://h?", "query"),
        ("http://h/#hunter2", "fragment"),
        ("http://h:", "port is empty"),
        ("http://h:0", "port must be"),
        ("http://h:65536", "port must be"),
        ("http://h:8o", "port must be"),
        ("http://h:1:2", "port must be"),
        ("http://h:\u0663", "port must be"),
        ("http://h /x", "white space"),
        ("http://h/\n", "white space"),
        (" http://h", "white space"),
        ("http://[::1", "not a URL"),
        ("http://[::g]/", "URL"),
        ("http://-h/", "host name"),
        ("http://h\\x", "host name"),
        ("http://999.1.1.1", "address"),
        ("http://256.1.1.1:8080/x", "address"),
        ("http://01.02.03.04", "address"),
        ("http://\uff19\uff19\uff19.1.1.1", "address"),
        ("http://h/ä", "percent-encoded"),
        ("http://h/%zz", "percent-encoded"),
    ],
)
def test_bad_urls(url: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        split_url(url, "--get2-url")
    message = str(caught.value)
    assert message.startswith("--get2-url")
    assert part in message
    assert "hunter2" not in message
    assert "\n" not in message


def test_split_origin() -> None:
    assert split_origin("http://[::1]:8080") == ("http", "::1", 8080)
    assert split_origin("https://h") == ("https", "h", 443)
    with pytest.raises(InputError, match="path"):
        split_origin("http://h/x")


def test_authority() -> None:
    assert authority("http", "::1", 80) == "[::1]"
    assert authority("https", "h", 80) == "h:80"
