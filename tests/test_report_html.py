"""report.html: self-contained, complete, bounded in size, and deaf to what a server sends."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pytest
from report_samples import HA, HOSTILE, case, check, exchange, hostile_run, large_run, response, run_of, sample_run

from kvgate.exits import Exit
from kvgate.report.html import html_pieces, render_html
from kvgate.report.model import Run
from kvgate.report.plain import shown
from kvgate.report.raw import raw_markup
from kvgate.verdict.model import Verdict

_ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "div", "p", "h1", "h2", "h3", "h4",
    "span", "strong", "dl", "dt", "dd", "main", "section", "ul", "li", "svg", "rect", "details", "summary",
    "table", "thead", "tbody", "tr", "th", "td", "label", "input", "select", "option", "button", "article",
    "code", "pre", "i", "b", "footer", "script",
}  # fmt: skip
_VOID = frozenset(["meta", "input"])


class Page(HTMLParser):
    """The elements, attributes and text of a page, every element closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self._seen: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        tag = self._open[-1] if self._open else ""
        self.texts.setdefault(tag, []).append(data)
        if tag not in ("script", "style"):
            self._seen.append(data)

    @property
    def text(self) -> str:
        """All that a reader sees."""
        return "".join(self._seen)


@pytest.mark.parametrize(
    "run", [sample_run(), hostile_run(), large_run(30, 30, 15)], ids=["sample", "hostile", "large"]
)
def test_page_holds_nothing_but_its_own_markup(run: Run) -> None:
    text = render_html(run)
    page = Page(text)
    assert set(page.elements) <= _ELEMENTS
    assert page.elements.count("script") == page.elements.count("style") == 1
    assert len(set(page.ids)) == len(page.ids)
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "srcset", "action", "style")
        if name == "href":
            assert tag == "a"
            assert value.startswith("#")
            assert value[1:] in page.ids, "every link leads somewhere in the page"
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufffe\ufeff]", text)


def test_policy_names_the_one_style_sheet_and_the_one_script() -> None:
    page = Page(render_html(sample_run()))
    policy = next(value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    for directive, element in (("style-src", "style"), ("script-src", "script")):
        (source,) = page.texts[element]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_hostile_text_is_seen_as_it_is() -> None:
    page = Page(render_html(hostile_run()))
    for text in HOSTILE:
        assert page.text.count(shown(text)) > 10


def test_page_shows_what_a_failure_needs() -> None:
    run = sample_run()
    page = Page(render_html(run))
    seen = page.text
    assert seen.index(run.tested) < seen.index("3 requirements failed (4 checks)") < seen.index("Why exit 1")
    for expected in (
        "4 checks of 3 MUST requirements failed",
        "Val-Offset is the number of bytes of master1's value",
        "Clause: get2, L69",
        "Ruling E5 (L69): the unit of the offset is not given – bytes",
        "GET /get2?key=kvg-a HTTP/1.1\nHost: 127.0.0.1:8082\nUser-Agent: kvgate/",
        "HTTP/1.1 409 Conflict\nServer: nginx/1.12.0\n",
        "a\\x00b\\r\\n\n",
        "The same bytes as for “first”, the Date aside.",
        "reset: the connection was reset after 0 bytes",
        "Not one byte came back.",
        "http://127.0.0.1:8085/hustdb/put?key=kvg-differ-same-length",
        "status 502: the surroundings answered, not the interface",
        "known since 1.7, issue 12, until 2027-01-31",
        '"password": "env:HA_PASSWORD"',
    ):
        assert expected in seen, expected
    assert {"fail", "warn", "no-verdict", "waived", "observed", "not-applicable", "pass"} <= set(page.ids)


def test_evidence_of_a_case_stands_in_the_page_once() -> None:
    text = render_html(sample_run())
    assert text.count("HTTP/1.1 409 Conflict") == 2, "two cases with three failures, a warning and a waiver"
    assert text.count("is shown with its first finding") == 3


def test_credentials_are_a_placeholder() -> None:
    made = response(200, b"v")
    run = run_of(
        [check("get2.body.match", "a", Verdict.FAIL, "x")],
        [case("a", exchange("/get2?key=a", made), credentials={HA: "X-Token"})],
        status=Exit.NOT_CONFORMING,
    )
    seen = Page(render_html(run)).text
    assert "X-Token: (the credentials of the target)" in seen
    assert '-H "X-Token: $KVGATE_AUTH"' in seen


@pytest.mark.parametrize("status", list(Exit))
def test_verdict_is_a_word_and_not_a_colour_alone(status: Exit) -> None:
    seen = Page(render_html(run_of([], status=status, complete=False))).text
    assert f"exit {int(status)}: " in seen
    assert "Nothing was judged." in seen
    assert "The run ended before everything selected was judged." in seen


def test_embedded_reference_is_told_apart() -> None:
    run = dataclasses.replace(run_of([check("get2.body.match", "a")]), embedded=True)
    assert 'class="tested reference"' in render_html(run)
    assert 'class="tested reference"' not in render_html(sample_run())


def test_a_thousand_failures_stay_below_eight_megabytes() -> None:
    # Bytes that are no text take the most room, in the raw exchange and in the curl lines alike.
    text = render_html(large_run(1000, 2000, 250, bytes(range(128, 256)) * 64))
    assert len(text.encode()) < 8_000_000
    seen = Page(text).text
    assert seen.count("not what was stored") == 1000
    assert "Left out, to keep this page small: " in seen, "what is left out is said"
    assert "curl -sS" in seen


def test_a_large_page_is_never_held_at_once() -> None:
    run = large_run(1000, 2000, 250, bytes(range(128, 256)) * 64)
    pieces = [len(piece) for piece in html_pieces(run)]
    assert max(pieces) < sum(pieces) / 8


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\nA: b"),
        (b"HTTP/1.1 200 OK\nA: b\r\n\r\nx", "HTTP/1.1 200 OK<i>\\n</i>\nA: b\n\nx"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\na", "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n\na"),
        (b"HTTP/1.1 200 OK\r\n\r\na\r\n", "HTTP/1.1 200 OK\n\na<i>\\r\\n</i>\n"),
        (b"HTTP/1.1 200 OK\r\nA: \x00\x01<b>\r\n", "HTTP/1.1 200 OK\nA: <i>\\x00\\x01</i>&lt;b&gt;\n"),
        (b"\x16\x03\x01\xff", "<i>\\x16\\x03\\x01\\xff</i>"),
        (b"HTTP/1.1 200 OK\r\n\r\n0123456789abc", "HTTP/1.1 200 OK\n\n0123456789<b>[3 more bytes]</b>"),
        (b"HTTP/1.1 200 OK\r\n\r\n\xe2\x80\xae\\x00\xe9", "HTTP/1.1 200 OK\n\n<i>\\u202e</i>\\x00<i>\\xe9</i>"),
    ],
)  # fmt: skip
def test_raw_bytes_are_all_seen(data: bytes, expected: str) -> None:
    assert raw_markup(data, len(data), 10) == expected


def test_raw_bytes_tell_how_many_are_missing() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    assert raw_markup(head + b"abc", len(head) + 1_000_003, 100).endswith("abc<b>[1,000,000 more bytes]</b>")
    assert "more bytes of the head" in raw_markup(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 9000 + b"\r\n\r\n", 9100, 10)


def test_a_requirement_is_counted_once_in_the_head_by_its_gravest_verdict() -> None:
    checks = [
        check("get2.status.match", "a", Verdict.FAIL, "no"),
        check("get2.status.match", "b", Verdict.NO_VERDICT, "lost"),
        check("get2.status.match", "c", Verdict.WARN, "no"),
        check("get2.body.match", "b", Verdict.NO_VERDICT, "lost"),
        check("get2.length.sent", "a", Verdict.WARN, "no"),
    ]
    head = "1 requirement failed (1 check), 1 requirement warned (2 checks), 1 requirement without verdict (2 checks)."
    assert head in render_html(run_of(checks, status=Exit.NOT_CONFORMING))
    head = "1 requirement failed (1 check), 1 check warned, 1 check without verdict."
    assert head in render_html(run_of(checks[:3], status=Exit.NOT_CONFORMING))


def test_of_many_exchanges_the_one_a_finding_is_about_is_open_and_marked() -> None:
    asked = [exchange(f"/get2?key={n}", response(200, b"%d" % n), label=f"of-{n:02}") for n in range(30)]
    broken = check("get2.status.match", "many", Verdict.FAIL, "no")
    broken = dataclasses.replace(broken, finding=dataclasses.replace(broken.finding, exchange="of-05"))
    seen = render_html(run_of([broken], [case("many", *asked)], status=Exit.NOT_CONFORMING))
    assert seen.count('<details class="exchange"') == 30
    assert re.findall(r'<details class="exchange" open>\n<summary><h4>(\S+):', seen) == ["of-05"]
    assert seen.count('<span class="shows">') == 1
    unknown = render_html(run_of([check("get2.status.match", "many", Verdict.FAIL, "no")], [case("many", *asked)]))
    assert '<details class="exchange"' not in unknown, "where it is not known which, all are open"
    few = render_html(run_of([broken], [case("many", *asked[4:7])]))
    assert '<details class="exchange"' not in few
    assert few.count('<span class="shows">') == 1
