"""Secrets are found in the spellings of servers and of kvgate, and no text takes long to search."""

from __future__ import annotations

import html
import json
import random
import time
import urllib.parse
from collections.abc import Callable

import pytest

from kvgate.report.scrub import PLACEHOLDER, Scrubber
from kvgate.wire.text import visible as made_visible


def visible(data: bytes | str) -> str:
    return made_visible(data, limit=100_000)


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def entities(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&apos;").replace("é", "&eacute;")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "visible bytes": lambda text: visible(text.encode()),
    "visible text": visible,
    "visible ISO-8859-1": lambda text: visible(text.encode("latin-1")),
    "bytes as characters": lambda text: text.encode().decode("latin-1"),
    "JSON": in_json,
    "JSON of PHP": lambda text: in_json(text).replace("/", r"\/"),
    "JSON of UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON visible": lambda text: visible(in_json(text)),
    "JSON in JSON visible": lambda text: visible(in_json(in_json(text))),
    "Python's bytes": lambda text: repr(text.encode())[2:-1],
    "Python's ASCII": lambda text: ascii(text)[1:-1],
    "in a path": urllib.parse.quote,
    "in a form": urllib.parse.quote_plus,
    "twice in a path": lambda text: urllib.parse.quote(urllib.parse.quote(text)),
    "ISO-8859-1 in a path": lambda text: urllib.parse.quote(text, encoding="latin-1"),
    "every byte, small hex": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form of Java": lambda text: urllib.parse.quote_plus(text, safe="*").replace("~", "%7E"),
    "HTML": html.escape,
    "HTML, decimal": lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    "HTML, names": entities,
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "JSON in HTML": lambda text: html.escape(in_json(text)),
    "all decimal": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "all hexadecimal": lambda text: "".join(f"&#X{ord(character):04X};" for character in text),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "secret",
    [
        "Zq7&<t0p>\"sé'cret\\/%41+Zz",
        r"\\pass\"word1\\\x",
        r"\\é\u00e9~*ß&amp;%25 ü",
        "abc/def+ghi==",
        "%25%2525&amp;amp;x",
        "pa ss+wo%20rd",
        "A" * 60 + "é/\\" * 60,
    ],
)
def test_a_secret_is_found_as_servers_and_we_spell_it(secret: str, spelling: str) -> None:
    echo, scrubber = SPELLINGS[spelling](secret), Scrubber([secret])
    assert scrubber.text(f"got <{echo}> there") == f"got <{PLACEHOLDER}> there"
    raw = echo.encode("utf-8" if spelling != "bytes as characters" else "latin-1")
    assert scrubber.bytes(b"\xff" + raw) == b"\xff" + PLACEHOLDER.encode()
    assert scrubber.bytes(secret.encode("latin-1")) == PLACEHOLDER.encode()


@pytest.mark.parametrize("secret", ["😀pass", "pass😀word"])
def test_a_secret_beyond_the_first_plane_is_found(secret: str) -> None:
    scrubber = Scrubber([secret])
    for echo in (json.dumps(secret), visible(json.dumps(secret)), ascii(secret), urllib.parse.quote(secret)):
        assert scrubber.text(f"<{echo}>").strip("<>'\"") == PLACEHOLDER


@pytest.mark.parametrize(
    "shown", ["Zq7&... (900 bytes)", "Zq7%26%3... (900 bytes)", "Zq7&amp;&lt... (9 bytes)", r"Zq7\&\u00... (9 bytes)"]
)
def test_the_beginning_of_a_secret_is_found_where_a_cut_went_through_an_escape(shown: str) -> None:
    assert Scrubber(["Zq7&<t0p>"]).text(f"got {shown}") == f"got {PLACEHOLDER}{shown[shown.index('... (') :]}"


@pytest.mark.parametrize("shown", ["...{}...", "at byte 40: ...{}", "{}... (60 bytes)", 'got "...{}" there'])
def test_a_part_of_a_secret_is_found_at_either_end_of_a_window(shown: str) -> None:
    secret = r"Zq7&<t0p>\"s/cret"
    begins, ends = shown.endswith(("...", ")")), "...{" in shown
    part = visible(secret[:9] if begins else secret[5:])
    assert begins or ends
    assert Scrubber([secret]).text(shown.format(part)) == shown.format(PLACEHOLDER)


def test_what_only_looks_like_a_part_of_a_secret_stays() -> None:
    scrubber = Scrubber(["p4ss", "100%"])
    for text in ("p4s", r"p4\x73 s", "p%34s", "100", "%31%30%30", "p4s... (99 bytes)", "a p 4 s s"):
        assert scrubber.text(text) == text


@pytest.mark.parametrize("secret", ["a" * 20 + "b", "\\" * 8 + "a", "%25" * 4 + "x", "&amp;" * 3 + "x", r"a\a\a\a\a\b"])
@pytest.mark.parametrize("text", ["a", "\\", "%", "%25", "&amp;", "a\\", r"\u0061", "a&"])
def test_no_text_takes_long_to_search(secret: str, text: str) -> None:
    scrubber = Scrubber([secret])
    seconds = []
    for length in (20_000, 80_000):
        began = time.process_time()
        scrubber.text(text * (length // len(text)) + "... (9 bytes)")
        seconds.append(time.process_time() - began)
    # Four times the text: what takes sixteen times as long is not bounded.
    assert seconds[1] < max(0.05, 9 * seconds[0])
    assert seconds[1] < 2


def test_a_long_secret_is_found_to_its_end_and_soon() -> None:
    secret = "".join(random.Random(1).choices("abcXYZ019-_./+=é", k=8000))
    began = time.process_time()
    scrubber = Scrubber([secret])
    for echo in (secret, urllib.parse.quote(secret), json.dumps(secret)[1:-1]):
        assert scrubber.text(f"<{echo}>") == f"<{PLACEHOLDER}>"
        assert scrubber.text(f"<{echo[:1000]}... (8,000 bytes)").startswith(f"<{PLACEHOLDER}")
    assert time.process_time() - began < 3


def test_a_secret_with_a_space_at_an_end_is_found_with_and_without_it() -> None:
    scrubber = Scrubber([" p4ssword "])
    assert scrubber.text(visible(b" p4ssword ")) == PLACEHOLDER
    assert scrubber.text("got p4ssword.") == f"got {PLACEHOLDER}."
