"""Every requirement of get2 rejects what it is there to reject, and leaves other requirements' faults to them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from get2_answers import (
    MARK,
    Change,
    Reply,
    being,
    breached,
    evidence,
    fault,
    findings,
    having,
    instead,
    placed,
    saying,
    without,
)

from kvgate.level import Level
from kvgate.requirement import load_requirements
from kvgate.schema import members_named, problems
from kvgate.verdict import Answer
from kvgate.wire.exchange import FaultKind

SAME = "control"  # 200, Version: 1
PAIR = "page-versions-differ"  # 200, Version1: 1, Version2: 2
CONFLICT = "page-values-differ"  # 409, Version: 1
BOTH = "page-both-differ"  # 409, Version1: 1, Version2: 2
VALUE, OTHER = b"hustdbhavalue", b"0000000000000"


def length(text: str | None) -> Change:
    return lambda reply: replace(reply, length=text)


def after(data: bytes) -> Change:
    return lambda reply: replace(reply, after=data)


def mixed(reply: Reply) -> Reply:
    return reply.without("Version").having("Version1", "1").having("Version2", "1")


def empty_404(reply: Reply) -> Reply:
    return Reply(404, (("Content-Type", "text/plain"), ("Version", "0")), b"")


def decoy_of(text: str) -> Change:
    return instead(Reply(200, (("Content-Type", "text/plain"), ("Version", "2")), text.encode()))


STATUS_M, STATUS_C = "get2.status.match", "get2.status.conflict"
SERVED, DECODED, OWN, REQUIRED = (
    "get2.request.served", "get2.request.key-decoded", "get2.request.own-value", "get2.request.key-required",
)  # fmt: skip
V_SAME, V_PAIR, V_ONE = "get2.version.same", "get2.version.pair", "get2.version.exclusive"
V_DEC, V_CAN = "get2.version.decimal", "get2.version.canonical"
O_IN, O_OUT, O_CUT = "get2.offset.present", "get2.offset.absent", "get2.offset.cut"
B_M, B_C = "get2.body.match", "get2.body.conflict"
L_TRUE, L_SENT, TYPE, DATE = "get2.length.true", "get2.length.sent", "get2.type.text", "get2.date.valid"
NONE, M_STATUS = "get2.missing.no-success", "get2.missing.status"

# name: (case, what is changed, the requirement that has to fail, those that fail with it)
WRONG: dict[str, tuple[str, Change, str, set[str]]] = {
    # request.served
    "served-405": (SAME, being(405), SERVED, {STATUS_M}),
    "served-501": (CONFLICT, being(501), SERVED, {STATUS_C}),
    "served-301": (SAME, lambda r: r.being(301).having("Location", "/get2/?key=x"), SERVED, {STATUS_M}),
    "served-404-with-a-condition": ("request-with-a-condition", empty_404, SERVED, {STATUS_M}),
    "served-304": ("request-with-a-condition", lambda r: replace(r.being(304), body=b""), SERVED, {STATUS_M}),
    "served-400-for-a-cookie": ("request-with-a-cookie", being(400), SERVED, {STATUS_C}),
    "served-reset": (SAME, fault(FaultKind.RESET), SERVED, {STATUS_M}),
    "served-204": (SAME, lambda r: replace(r.being(204), body=b"", length=None), SERVED, {STATUS_M}),
    # request.key-required
    "key-required-200": ("no-key-and-no-query", decoy_of("not asked for"), REQUIRED, set()),
    "key-required-409": ("no-key-but-keys", being(409), REQUIRED, set()),
    "key-required-capitalised": ("no-key-but-key-capitalised", decoy_of("not asked for"), REQUIRED, set()),
    "key-required-xkey": ("no-key-but-xkey", decoy_of("not asked for"), REQUIRED, set()),
    "key-required-200-empty": ("no-key-and-no-value", being(200), REQUIRED, set()),
    # request.key-decoded
    "decoded-not-found": ("key-slash", empty_404, DECODED, {SERVED, STATUS_C}),
    "decoded-400": ("key-percent-sign", being(400), DECODED, {SERVED, STATUS_M}),
    "decoded-500": ("key-latin1-byte", being(500), DECODED, {SERVED, STATUS_C}),
    "decoded-not-at-all": ("key-letter", decoy_of("decoy: undecoded"), DECODED, {OWN, V_SAME, B_M}),
    "decoded-twice": ("key-escape-of-an-escape", decoy_of("decoy: decoded twice"), DECODED, {OWN, V_SAME, STATUS_C}),
    "decoded-plus": ("key-plus", decoy_of("decoy: plus read as space"), DECODED, {OWN, V_SAME, STATUS_C}),
    "decoded-cut": ("key-ampersand", decoy_of("decoy: cut"), DECODED, {OWN, V_SAME, STATUS_C}),
    "decoded-for-master1-only": (
        "key-space",
        lambda r: r.being(409).having("Val-Offset", "16").saying(b"found at master1decoy: space left out"),
        DECODED,
        {OWN, B_C},
    ),
    # request.own-value
    "own-stale-value": (SAME, saying(b"an older value"), OWN, {B_M}),
    "own-other-key": ("plain-case", decoy_of("of another key (1)"), OWN, {B_M, V_SAME}),
    "own-newline-added": (SAME, saying(VALUE + b"\n"), OWN, {B_M}),
    "own-trimmed": ("holds-spaces-at-ends", saying(b"value"), OWN, {B_M}),
    "own-cut-at-nul": ("holds-nul-inside", saying(b"before"), OWN, {B_M}),
    "own-recoded": ("holds-latin1", saying(b"caf\xc3\xa9"), OWN, {B_M}),
    "own-stale-version": (SAME, having("Version", "3"), OWN, {V_SAME}),
    "own-stale-version2": (BOTH, having("Version2", "1000"), OWN, {V_PAIR}),
    "own-conflict-of-another": (CONFLICT, saying(b"x" * 26), OWN, {B_C}),
    "own-other-parameter": ("extra-xkey-before", decoy_of("of another parameter"), OWN, set()),
    "own-cookie": ("request-with-a-cookie", decoy_of("of the cookie"), OWN, {STATUS_C, V_SAME}),
    "own-empty": (SAME, saying(b""), OWN, {B_M}),
    # status
    "match-409": (PAIR, lambda r: r.being(409).having("Val-Offset", "13"), STATUS_M, set()),
    "match-409-doubled": (
        PAIR,
        lambda r: r.being(409).having("Val-Offset", "13").saying(VALUE * 2),
        STATUS_M,
        set(),
    ),
    "match-404": ("equal-of-255", empty_404, STATUS_M, {SERVED}),
    "match-500": (SAME, being(500), STATUS_M, {SERVED}),
    "match-truncated": (SAME, lambda r: r.raw()[:-3], STATUS_M, {L_TRUE}),
    "match-half-a-head": (SAME, lambda r: r.raw()[:40], STATUS_M, {SERVED}),
    "match-nothing": (SAME, instead(b""), STATUS_M, {SERVED}),
    "match-garbage": (SAME, instead(b"\x16\x03\x01 this is no HTTP\r\n\r\n"), STATUS_M, {SERVED}),
    "match-http09": (SAME, instead(VALUE), STATUS_M, {SERVED}),
    "match-time-out": (SAME, fault(FaultKind.TIMEOUT), STATUS_M, {SERVED}),
    "match-bad-header-line": (
        SAME,
        lambda r: r.raw().replace(b"Server: nginx/1.9.4", b"Server nginx"),
        STATUS_M,
        set(),
    ),
    "conflict-200-first": (
        CONFLICT,
        lambda r: r.being(200).without("Val-Offset").saying(VALUE),
        STATUS_C,
        set(),
    ),
    "conflict-200-second": (BOTH, lambda r: r.being(200).without("Val-Offset").saying(OTHER), STATUS_C, set()),
    "conflict-200-nul": (
        "nul-then-differ",
        lambda r: r.being(200).without("Val-Offset").saying(b"ab\0xy"),
        STATUS_C,
        set(),
    ),
    "conflict-200-all-else-right": (CONFLICT, being(200), STATUS_C, set()),
    "conflict-404": (CONFLICT, empty_404, STATUS_C, {SERVED}),
    "conflict-412": (CONFLICT, being(412), STATUS_C, {SERVED}),
    "conflict-reset": (CONFLICT, fault(FaultKind.RESET), STATUS_C, {SERVED}),
    "conflict-too-large": (CONFLICT, fault(FaultKind.TOO_LARGE), STATUS_C, {SERVED}),
    # version.same
    "same-missing": (SAME, without("Version"), V_SAME, set()),
    "same-missing-409": (CONFLICT, without("Version"), V_SAME, set()),
    "same-as-a-pair": (SAME, mixed, V_SAME, set()),
    "same-of-another": (CONFLICT, having("Version", "2"), V_SAME, {OWN}),
    "same-zero": (SAME, having("Version", "0"), V_SAME, {OWN}),
    "same-one-only": (SAME, lambda r: r.without("Version").having("Version1", "1"), V_SAME, {V_ONE}),
    "same-of-5000-digits": (SAME, having("Version", "9" * 5000), V_SAME, {OWN}),
    # version.pair
    "pair-missing": (PAIR, without("Version1", "Version2"), V_PAIR, set()),
    "pair-swapped": (PAIR, lambda r: r.having("Version1", "2").having("Version2", "1"), V_PAIR, set()),
    "pair-swapped-409": (BOTH, lambda r: r.having("Version1", "2").having("Version2", "1"), V_PAIR, set()),
    "pair-as-one": (PAIR, lambda r: r.without("Version1", "Version2").having("Version", "1"), V_PAIR, set()),
    "pair-as-newest": (BOTH, lambda r: r.without("Version1", "Version2").having("Version", "2"), V_PAIR, set()),
    "pair-of-the-first": (BOTH, having("Version2", "1"), V_PAIR, set()),
    "pair-second-missing": (BOTH, without("Version2"), V_PAIR, {V_ONE}),
    "pair-counted-from-zero": (
        PAIR,
        lambda r: r.without("Version1", "Version2").having("Version0", "1").having("Version1", "2"),
        V_PAIR,
        {V_ONE},
    ),
    "pair-first-odd-second-wrong": (PAIR, lambda r: r.having("Version1", "x").having("Version2", "1"), V_PAIR, {V_DEC}),
    # version.exclusive
    "exclusive-all-three": (PAIR, having("Version", "2"), V_ONE, set()),
    "exclusive-one-and-first": (SAME, having("Version1", "1"), V_ONE, set()),
    "exclusive-one-and-second": (CONFLICT, having("Version2", "1"), V_ONE, set()),
    "exclusive-twice": (SAME, having("Version", "1", "1"), V_ONE, set()),
    "exclusive-first-twice": (BOTH, having("Version1", "1", "1"), V_ONE, set()),
    "exclusive-second-twice": (PAIR, having("Version2", "2", "2"), V_ONE, set()),
    "exclusive-first-alone": (PAIR, without("Version2"), V_ONE, {V_PAIR}),
    "exclusive-in-another-case": (SAME, having("VERSION1", "1"), V_ONE, set()),
    # version.decimal
    "decimal-quoted": (SAME, having("Version", '"1"'), V_DEC, set()),
    "decimal-sign": (SAME, having("Version", "+1"), V_DEC, set()),
    "decimal-point": (CONFLICT, having("Version", "1.0"), V_DEC, set()),
    "decimal-hexadecimal": (SAME, having("Version", "0x1"), V_DEC, set()),
    "decimal-list": (SAME, having("Version", "1, 1"), V_DEC, set()),
    "decimal-letter": (PAIR, having("Version1", "v1"), V_DEC, set()),
    "decimal-second": (BOTH, having("Version2", "2;"), V_DEC, set()),
    "decimal-empty": (SAME, having("Version", ""), V_DEC, set()),
    "decimal-other-digits": (SAME, having("Version", "\u00b9"), V_DEC, set()),
    "decimal-negative": (SAME, having("Version", "-1"), V_DEC, set()),
    # version.canonical
    "canonical-zero": (SAME, having("Version", "01"), V_CAN, set()),
    "canonical-zeros": (BOTH, having("Version2", "0000002"), V_CAN, set()),
    "canonical-first": (PAIR, having("Version1", "001"), V_CAN, set()),
    # offset.present
    "present-missing": (CONFLICT, without("Val-Offset"), O_IN, set()),
    "present-misspelt": (BOTH, lambda r: r.without("Val-Offset").having("Value-Offset", "13"), O_IN, set()),
    "present-twice": (CONFLICT, having("Val-Offset", "13", "13"), O_IN, set()),
    "present-hexadecimal": (BOTH, having("Val-Offset", "0xd"), O_IN, set()),
    "present-unit": (CONFLICT, having("Val-Offset", "13 bytes"), O_IN, set()),
    "present-sign": (CONFLICT, having("Val-Offset", "+13"), O_IN, set()),
    "present-separator": ("offset-of-1234", having("Val-Offset", "1,234"), O_IN, set()),
    "present-empty": (CONFLICT, having("Val-Offset", ""), O_IN, set()),
    # offset.absent
    "absent-zero": (SAME, having("Val-Offset", "0"), O_OUT, set()),
    "absent-length": (PAIR, having("Val-Offset", "13"), O_OUT, set()),
    "absent-empty": (SAME, having("Val-Offset", ""), O_OUT, set()),
    "absent-lower-case": (SAME, having("val-offset", "13"), O_OUT, set()),
    # offset.cut
    "cut-one-more": (CONFLICT, having("Val-Offset", "14"), O_CUT, set()),
    "cut-one-less": (CONFLICT, having("Val-Offset", "12"), O_CUT, set()),
    "cut-zero": (BOTH, having("Val-Offset", "0"), O_CUT, set()),
    "cut-of-the-other": ("offset-first-longer", having("Val-Offset", "1"), O_CUT, set()),
    "cut-half": ("offset-not-half", having("Val-Offset", "6"), O_CUT, set()),
    "cut-characters": ("offset-utf8-first", having("Val-Offset", "3"), O_CUT, set()),
    "cut-utf16": ("offset-utf8-astral", having("Val-Offset", "3"), O_CUT, set()),
    "cut-where-they-part": ("offset-not-where-they-part", having("Val-Offset", "7"), O_CUT, set()),
    "cut-whole": (CONFLICT, having("Val-Offset", "26"), O_CUT, set()),
    "cut-wrapped": ("offset-of-256", having("Val-Offset", "0"), O_CUT, set()),
    "cut-one-right-one-wrong": (CONFLICT, having("Val-Offset", "13", "12"), O_CUT, {O_IN}),
    # body
    "body-twice": (SAME, saying(VALUE * 2), B_M, set()),
    "body-said-to-be-packed": (SAME, having("Content-Encoding", "gzip"), B_M, set()),
    "body-said-to-be-packed-twice": (PAIR, having("Content-Encoding", "identity, X-GZIP"), B_M, set()),
    "conflict-said-to-be-packed": (CONFLICT, having("Content-Encoding", "br"), B_C, set()),
    "body-cut": (SAME, saying(VALUE[:-1]), B_M, {OWN}),
    "body-json": (PAIR, saying(b'"' + VALUE + b'"'), B_M, {OWN}),
    "body-upper-case": (SAME, saying(VALUE.upper()), B_M, {OWN}),
    "body-large-cut": ("equal-1m", lambda r: r.saying(r.body[:65536]), B_M, {OWN}),
    "conflict-body-swapped": (CONFLICT, saying(OTHER + VALUE), B_C, set()),
    "conflict-body-first-only": (BOTH, saying(VALUE), B_C, set()),
    "conflict-body-second-only": (BOTH, saying(OTHER), B_C, set()),
    "conflict-body-separated": (CONFLICT, saying(VALUE + b"\n" + OTHER), B_C, {OWN}),
    "conflict-body-newline-after": (CONFLICT, saying(VALUE + OTHER + b"\r\n"), B_C, {OWN}),
    "conflict-body-first-twice": (CONFLICT, saying(VALUE * 2), B_C, {OWN}),
    "conflict-body-empty": (CONFLICT, saying(b""), B_C, {OWN}),
    # length.true
    "length-one-more": (SAME, length("14"), L_TRUE, {STATUS_M}),
    "length-one-less": (SAME, length("12"), L_TRUE, set()),
    "length-of-first": (CONFLICT, length("13"), L_TRUE, set()),
    "length-zero": (SAME, length("0"), L_TRUE, set()),
    "length-words": (SAME, length("thirteen"), L_TRUE, set()),
    "length-sign": (SAME, length("+13"), L_TRUE, set()),
    "length-unit": (SAME, length("13 bytes"), L_TRUE, set()),
    "length-negative": (SAME, length("-1"), L_TRUE, set()),
    "length-empty": (SAME, length(""), L_TRUE, set()),
    "length-twice": (SAME, having("Content-Length", "13"), L_TRUE, set()),
    "length-twice-differently": (SAME, having("Content-Length", "12"), L_TRUE, set()),
    "length-list": (SAME, length("13, 13"), L_TRUE, set()),
    "length-and-chunked": (SAME, lambda r: replace(r, chunks=(5,)).having("Content-Length", "13"), L_TRUE, set()),
    "length-bytes-after": (SAME, after(b"\r\n"), L_TRUE, set()),
    "length-second-answer-after": (SAME, lambda r: replace(r, after=r.raw()), L_TRUE, set()),
    "length-of-a-404": ("missing-both", lambda r: r.saying(b"not found").raw().replace(b": 9", b": 3"), L_TRUE, set()),
    "length-bad-chunk": (
        SAME,
        lambda r: replace(r, chunks=(5,)).raw().replace(b"\r\n5\r\n", b"\r\nz\r\n"),
        L_TRUE,
        {L_SENT},
    ),
    # length.sent, type.text, date.valid
    "sent-chunked": (SAME, lambda r: replace(r, chunks=(5, 8)), L_SENT, set()),
    "last-chunk-twice": (SAME, lambda r: replace(r, chunks=(5, 8)).raw() + b"0\r\n\r\n", L_TRUE, {L_SENT}),
    "sent-until-close": (CONFLICT, length(None), L_SENT, set()),
    "type-missing": (SAME, without("Content-Type"), TYPE, set()),
    "type-octets": (CONFLICT, having("Content-Type", "application/octet-stream"), TYPE, set()),
    "type-html": (PAIR, having("Content-Type", "text/html"), TYPE, set()),
    "type-longer": (BOTH, having("Content-Type", "text/plainer"), TYPE, set()),
    "type-twice": (SAME, having("Content-Type", "text/plain", "text/plain"), TYPE, set()),
    "date-wrong-weekday": (SAME, having("Date", "Fri, 19 May 2016 10:05:31 GMT"), DATE, set()),
    "date-iso": (SAME, having("Date", "2016-05-19T10:05:31Z"), DATE, set()),
    "date-zone": (SAME, having("Date", "Thu, 19 May 2016 10:05:31 UTC"), DATE, set()),
    "date-offset": (CONFLICT, having("Date", "Thu, 19 May 2016 10:05:31 +0000"), DATE, set()),
    "date-no-such-day": (SAME, having("Date", "Tue, 30 Feb 2016 10:05:31 GMT"), DATE, set()),
    "date-no-such-hour": (SAME, having("Date", "Thu, 19 May 2016 24:05:31 GMT"), DATE, set()),
    "date-one-digit": (SAME, having("Date", "Mon, 9 May 2016 10:05:31 GMT"), DATE, set()),
    "date-no-such-month": (SAME, having("Date", "Thu, 19 Mai 2016 10:05:31 GMT"), DATE, set()),
    "date-seconds": (SAME, having("Date", "1463652331"), DATE, set()),
    "date-twice": (SAME, having("Date", "Thu, 19 May 2016 10:05:31 GMT", "Thu, 19 May 2016 10:05:31 GMT"), DATE, set()),
    "date-asctime-weekday": (SAME, having("Date", "Fri May 19 10:05:31 2016"), DATE, set()),
    "date-rfc850-weekday": (SAME, having("Date", "Monday, 19-May-16 10:05:31 GMT"), DATE, set()),
    # missing
    "missing-200-of-master2": ("missing-master1", decoy_of("hustdbhavalue"), NONE, {M_STATUS}),
    "missing-200-of-master1": ("missing-master2", decoy_of("hustdbhavalue"), NONE, {M_STATUS}),
    "missing-200-empty": ("missing-both", being(200), NONE, {M_STATUS}),
    "missing-200-prefix": ("missing-among-prefixes", decoy_of("of a key that is there"), NONE, {M_STATUS}),
    "missing-409": ("missing-master1", being(409), M_STATUS, set()),
    "missing-500": ("missing-both", being(500), M_STATUS, set()),
    "missing-204": ("missing-both", lambda r: replace(r.being(204), length=None), M_STATUS, set()),
    "missing-reset": ("missing-master2", fault(FaultKind.RESET), NONE, {M_STATUS}),
    "missing-302": ("missing-both", being(302), M_STATUS, set()),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_rejected_by_the_requirement_meant_for_it(name: str) -> None:
    case, change, meant, also = WRONG[name]
    found = breached(evidence(placed(case), {"first": change}))
    assert meant in found
    assert set(found) - {meant} == also, found
    assert all(message and "\n" not in message for message in found.values())


@pytest.mark.parametrize("name", WRONG)
def test_what_is_said_of_a_wrong_answer_is_the_same_in_every_run(name: str) -> None:
    case, change, meant, _ = WRONG[name]
    finding = findings(evidence(placed(case), {"first": change}))[meant]
    said = f"{finding.message} {finding.want} {finding.got}"
    assert MARK.text not in said, "a waiver would not know it again"
    assert "\n" not in said
    assert finding.want


@pytest.mark.parametrize("name", WRONG)
def test_what_the_schema_of_an_outcome_rejects_its_check_rejects_too(name: str) -> None:
    case, change, _, _ = WRONG[name]
    given = evidence(placed(case), {"first": change})
    response = given.exchange().response
    if response is None or response.status not in (200, 409) or "versions" not in given.case.expect:
        return
    found = findings(given)
    schema = f"get2/headers-{response.status}-{given.case.expect['versions']}.json"
    named = {
        problem.requirement
        for problem in problems(schema, Answer(given.exchange(), response).headers(members_named(schema)))
    }
    assert None not in named, "a keyword belongs to no requirement"
    assert named & set(found) <= set(breached(given))


def test_there_are_wrong_answers_of_every_kind() -> None:
    met = {meant for _, _, meant, _ in WRONG.values()} | {
        "get2.safe.repeatable", "get2.safe.read-only", "get2.safe.isolated",
    }  # fmt: skip
    assert met == {id_ for id_, row in load_requirements("get2").items() if row.level is not Level.INFO}
    assert len(WRONG) >= 100


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"])
def test_a_body_that_a_client_would_unpack_is_not_the_value(coding: str) -> None:
    for said in (coding, f"identity, {coding.upper()}"):
        assert set(breached(evidence(placed(SAME), {"first": having("Content-Encoding", said)}))) == {B_M}
        assert set(breached(evidence(placed(BOTH), {"first": having("Content-Encoding", said)}))) == {B_C}
    for said in ("identity", f"{coding}-like", "utf-8", ""):
        assert not breached(evidence(placed(SAME), {"first": having("Content-Encoding", said)}))
