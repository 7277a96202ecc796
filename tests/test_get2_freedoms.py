"""What a conforming server of get2 may do: nothing of it fails, and nothing warns but what the catalogue says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from get2_answers import Change, Reply, breached, evidence, exchange, fault, findings, having, placed, right, situation

from kvgate.verdict import Evidence, Held, Situation, Verdict
from kvgate.wire.exchange import FaultKind

BASIC = ("control", "page-versions-differ", "page-values-differ", "page-both-differ")
TEXT = ("text/plain; charset=utf-8", "text/plain;charset=ISO-8859-1", "TEXT/Plain", "text/plain ; a=b")
DATES = (
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "Thu May 19 10:05:31 2016", "Thursday, 19-May-16 10:05:31 GMT", "Sat, 31 Dec 2016 23:59:60 GMT",
    "Mon, 29 Feb 2016 00:00:00 GMT",
)  # fmt: skip


def headers(change: Callable[[tuple[str, str]], tuple[str, str]]) -> Change:
    return lambda reply: replace(reply, headers=tuple(change(pair) for pair in reply.headers))


def extra(*pairs: tuple[str, str]) -> Change:
    return lambda reply: replace(reply, headers=(*reply.headers, *pairs))


def line(old: bytes, new: bytes) -> Change:
    def changed(reply: Reply) -> bytes:
        raw = reply.raw()
        assert old in raw
        return raw.replace(old, new, 1)

    return changed


FREE: dict[str, Change] = {
    "as-on-the-page": lambda reply: reply,
    "names-in-lower-case": headers(lambda pair: (pair[0].lower(), pair[1])),
    "names-in-upper-case": headers(lambda pair: (pair[0].upper(), pair[1])),
    "headers-in-reverse": lambda reply: replace(reply, headers=reply.headers[::-1]),
    "length-first": lambda reply: replace(
        reply, headers=(("Content-Length", str(len(reply.body))), *reply.headers), length=None
    ),
    "no-server": lambda reply: reply.without("Server"),
    "another-server": lambda reply: reply.having("Server", "HustDB/1.7 (<b>fast</b>)"),
    "no-connection": lambda reply: reply.without("Connection"),
    "connection-close": lambda reply: reply.having("Connection", "close"),
    "keep-alive-parameters": extra(("Keep-Alive", "timeout=5, max=100")),
    "http-1.0": lambda reply: replace(reply, version="HTTP/1.0"),
    "no-date": lambda reply: reply.without("Date"),
    "another-reason": lambda reply: replace(reply, reason="Fine by Me"),
    "reason-empty": lambda reply: replace(reply, reason=""),
    "no-reason-and-no-space": lambda reply: replace(reply, reason="").raw().replace(b" \r\n", b"\r\n", 1),
    "no-space-after-colon": line(b"Content-Type: ", b"Content-Type:"),
    "much-space": line(b"Content-Type: text/plain", b"Content-Type: \t text/plain \t "),
    "length-with-leading-zeros": lambda reply: replace(reply, length=f"000{len(reply.body)}"),
    "security-headers": extra(
        ("X-Content-Type-Options", "nosniff"), ("Strict-Transport-Security", "max-age=1"), ("Set-Cookie", "a=b"),
        ("Set-Cookie", "c=d"),
    ),
    "cache-headers": extra(("ETag", '"1"'), ("Vary", "Accept-Encoding"), ("Cache-Control", "no-store"), ("Age", "0")),
    "headers-that-sound-alike": extra(("X-Version", "9"), ("API-Version", "2"), ("Version3", "1"), ("Val", "1")),
    "early-hints": lambda reply: replace(reply, before=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "continue": lambda reply: replace(reply, before=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "farewell": lambda reply: replace(reply, after=b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
    "everything-lower-and-closed": lambda reply: replace(
        reply.without("Server", "Date").having("Connection", "close"),
        headers=tuple((name.lower(), value) for name, value in reply.headers if name not in ("Server", "Date")),
    ),
    **{f"type-{index}": having("Content-Type", text)
       for index, text in enumerate(TEXT)},
    **{f"date-{index}": having("Date", text)
       for index, text in enumerate(DATES)},
}  # fmt: skip


@pytest.mark.parametrize("case", BASIC)
@pytest.mark.parametrize("name", FREE)
def test_a_conforming_variation_is_left_alone(name: str, case: str) -> None:
    found = findings(evidence(placed(case), {"first": FREE[name]}))
    passed = {id_ for id_, finding in found.items() if finding.verdict is Verdict.PASS}
    undated = {"get2.date.valid"} if name in ("no-date", "everything-lower-and-closed") else set()
    assert passed == set(found) - undated


@pytest.mark.parametrize("case", BASIC)
def test_all_variations_at_once_between_the_first_and_the_second_answer(case: str) -> None:
    for name in ("names-in-upper-case", "headers-in-reverse", "no-date", "http-1.0", "cache-headers", "early-hints"):
        assert breached(evidence(placed(case), {"first": FREE["as-on-the-page"], "again": FREE[name]})) == {}


@pytest.mark.parametrize("case", BASIC)
@pytest.mark.parametrize("chunks", [(1,), (5, 8), (1, 1, 1, 1), (13,)])
def test_a_chunked_answer_warns_for_its_length_only(case: str, chunks: tuple[int, ...]) -> None:
    given = evidence(placed(case), {"first": lambda reply: replace(reply, chunks=chunks)})
    assert set(breached(given)) == {"get2.length.sent"}
    assert findings(given)["get2.length.sent"].verdict is Verdict.WARN


def test_an_answer_that_ends_with_its_connection_warns_for_its_length_only() -> None:
    given = evidence(placed("control"), {"first": lambda reply: replace(reply, length=None, version="HTTP/1.0")})
    assert set(breached(given)) == {"get2.length.sent"}


@pytest.mark.parametrize(
    "change",
    [
        lambda reply: reply.without("Version"),
        lambda reply: reply.saying(b"no such key\n"),
        lambda reply: reply.saying(b'{"error":"missing"}').having("Content-Type", "application/json"),
        lambda reply: replace(reply.without("Content-Type"), length=None),
        lambda reply: replace(reply, chunks=(3,)).saying(b"no such key"),
        lambda reply: reply.having("Date", "yesterday"),
    ],
    ids=["no-version", "text", "json", "bare", "chunked", "no-date-of-the-page"],
)
def test_a_404_for_a_missing_key_may_say_what_it_likes(change: Change) -> None:
    for case in ("missing-both", "missing-master1", "missing-master2"):
        assert breached(evidence(placed(case), {"first": change})) == {}


def test_a_404_may_say_something_else_every_time() -> None:
    bodies = {"first": lambda r: r.saying(b"request 1"), "again": lambda r: r.saying(b"request 22")}
    assert breached(evidence(placed("missing-both"), bodies)) == {}


@pytest.mark.parametrize("status", [400, 404, 405, 422, 500, 302])
def test_without_a_key_anything_goes_but_200_and_409(status: int) -> None:
    assert breached(evidence(placed("no-key-and-no-query"), {"first": lambda r: r.being(status)})) == {}


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_unknown_parameter_may_be_refused(status: int) -> None:
    assert breached(evidence(placed("extra-xkey-before"), {"first": lambda r: r.being(status)})) == {}


@pytest.mark.parametrize(("one", "two"), [(1000, 1000), (4294967296, 4294967296)])
def test_versions_are_those_of_the_masters_and_not_those_of_the_case(one: int, two: int) -> None:
    case = placed("control")
    state = Situation({pair: replace(held, version=one) for pair, held in situation(case).held.items()})
    reply = right(case, case.asks[0]).having("Version", str(two))
    made = tuple(exchange(case.asks[0], reply, label) for label in ("first", "again"))
    given = Evidence(case, made, before=state, after=state)
    assert breached(given) == {}
    assert "get2.version.same" in breached(evidence(case, {"first": lambda r: r.having("Version", str(two))}))


def test_versions_that_cannot_be_read_are_not_judged() -> None:
    case = placed("page-both-differ")
    state = Situation({pair: Held(held.value) for pair, held in situation(case).held.items()})
    made = evidence(case, {"first": lambda r: r.having("Version1", "77").having("Version2", "78")})
    found = findings(replace(made, before=state, after=state))
    assert found["get2.version.pair"].verdict is Verdict.NOT_APPLICABLE
    assert found["get2.request.own-value"].verdict is Verdict.PASS


def test_masters_that_cannot_be_read_are_judged_by_what_the_case_put_there() -> None:
    found = findings(replace(evidence(placed("page-both-differ")), before=None, after=None))
    assert found["get2.safe.read-only"].verdict is Verdict.NOT_APPLICABLE
    assert {f.verdict for id_, f in found.items() if id_ != "get2.safe.read-only"} == {Verdict.PASS}


def test_a_reading_back_that_failed_is_no_verdict_on_reading_only() -> None:
    found = findings(replace(evidence(placed("control")), after=None, after_trouble="node 2: connection refused"))
    assert found["get2.safe.read-only"].verdict is Verdict.NO_VERDICT
    assert found["get2.status.match"].verdict is Verdict.PASS


@pytest.mark.parametrize("status", [401, 403, 407, 429, 502, 503, 504])
def test_the_surroundings_are_not_judged(status: int) -> None:
    for case in ("control", "page-both-differ", "missing-both", "no-key-and-no-query", "key-slash"):
        found = findings(evidence(placed(case), {"first": lambda r: r.being(status)}))
        judged = {f.verdict for id_, f in found.items() if id_ != "get2.safe.read-only"}
        assert judged == {Verdict.NO_VERDICT}


@pytest.mark.parametrize(
    "kind", [FaultKind.DNS, FaultKind.REFUSED, FaultKind.TLS, FaultKind.CONNECT_TIMEOUT, FaultKind.CANCELLED]
)
def test_a_server_that_is_not_reached_is_not_judged(kind: FaultKind) -> None:
    found = findings(evidence(placed("page-both-differ"), {"first": fault(kind)}))
    assert {f.verdict for id_, f in found.items() if id_ != "get2.safe.read-only"} == {Verdict.NO_VERDICT}


# What is free when questions share a connection


@pytest.mark.parametrize(
    "change",
    [
        lambda reply: replace(reply, headers=reply.headers[::-1]),
        lambda reply: reply.without("Date", "Server"),
        lambda reply: reply.having("Connection", "close"),
        lambda reply: replace(reply, headers=(*reply.headers, ("X-Request-Id", "17"), ("X-Cache", "HIT"))),
        lambda reply: reply.saying(b"not found, request 17") if reply.status == 404 else reply,
    ],
    ids=["order", "fewer", "close", "identifiers", "body-of-404"],
)
def test_answers_in_company_may_differ_in_what_carries_no_facts(change: Change) -> None:
    case = placed("connection-of-all-outcomes")
    shared = [ask.label for ask in case.asks if ask.connection]
    assert breached(evidence(case, dict.fromkeys(shared, change))) == {}


def test_answers_in_company_may_be_chunked_with_a_warning_as_alone() -> None:
    case = placed("connection-of-all-outcomes")
    chunked: Change = lambda reply: replace(reply, chunks=(2,))  # noqa: E731  # one change
    assert set(breached(evidence(case, {"shared-2-same": chunked}))) == {"get2.length.sent"}


# INFO


@pytest.mark.parametrize("name", ["observed-head", "observed-post", "observed-plus-in-key", "observed-nul-in-key"])
def test_what_the_page_does_not_say_is_only_observed(name: str) -> None:
    found = findings(evidence(placed(name), {"first": lambda r: r.being(405)}))
    assert {f.verdict for f in found.values()} <= {Verdict.OBSERVED, Verdict.NOT_APPLICABLE}
    assert found["get2.status.match"].verdict is Verdict.OBSERVED
    assert "405" in found["get2.status.match"].message


def test_an_empty_key_is_only_observed() -> None:
    found = findings(evidence(placed("observed-empty-key"), {"first": lambda r: r.being(200)}))
    assert found["get2.request.key-required"].verdict is Verdict.OBSERVED
    assert "200" in found["get2.request.key-required"].message
