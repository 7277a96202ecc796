"""What all reports share: counts, safe text, secrets taken out, and evidence that passes between processes unharmed."""

from __future__ import annotations

import base64
import dataclasses
import random

import pytest
from report_samples import (
    HOSTILE,
    REQUIREMENTS,
    case,
    check,
    exchange,
    hostile_run,
    large_run,
    response,
    run_of,
    sample_run,
)

from kvgate.level import Level
from kvgate.plural import many
from kvgate.report import codec, counts
from kvgate.report.excerpt import LIMIT, bytes_excerpt
from kvgate.report.plain import shown
from kvgate.report.scrub import PLACEHOLDER, Scrubber, scrubbed
from kvgate.report.words import duration, moment, recheck_words
from kvgate.verdict.model import Verdict
from kvgate.verdict.recheck import Recheck
from kvgate.wire.exchange import Fault, FaultKind, Response


def test_tally_names_every_verdict_and_adds_up() -> None:
    run = sample_run()
    counted = counts.tally(run.checks)
    assert set(counted) == set(Verdict)
    assert sum(counted.values()) == len(run.checks)
    assert counted[Verdict.FAIL] == 4
    assert counts.tally(()) == dict.fromkeys(Verdict, 0)


def test_levels_and_areas_divide_the_same_checks() -> None:
    run = sample_run()
    assert list(counts.by_level(run)) == [Level.MUST, Level.SHOULD, Level.INFO]
    assert counts.by_level(run)[Level.INFO][Verdict.OBSERVED] == 2, "the level that counted, not the requirement's"
    areas = counts.by_area(run)
    assert areas["get2", "offset"][Verdict.FAIL] == 2
    for divided in (counts.by_level(run), areas):
        assert sum(sum(counted.values()) for counted in divided.values()) == len(run.checks)


def test_groups_come_in_the_order_of_the_catalogue() -> None:
    run = sample_run()
    failed = [group.requirement.id for group in counts.groups(run, Verdict.FAIL)]
    assert failed == ["get2.request.served", "get2.version.pair", "get2.offset.cut"]
    assert [group.cases for group in counts.groups(run, Verdict.FAIL)] == [1, 1, 2]


def test_a_check_outside_the_catalogue_is_shown_all_the_same() -> None:
    run = run_of([check("get2.other.thing", "a", Verdict.FAIL, "broken")])
    (group,) = counts.groups(run, Verdict.FAIL)
    assert (group.requirement.id, group.requirement.area) == ("get2.other.thing", "other")
    assert len(counts.unchecked(run)) == len(REQUIREMENTS)


def test_unchecked_are_the_requirements_without_any_check() -> None:
    run = run_of([check(row.id, "a", Verdict.NOT_APPLICABLE, "no") for row in REQUIREMENTS[1:]])
    assert counts.unchecked(run) == REQUIREMENTS[:1]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict.PASS, Verdict.FAIL, Verdict.NO_VERDICT, Verdict.WARN], Verdict.FAIL),
        ([Verdict.PASS, Verdict.NO_VERDICT, Verdict.WARN], Verdict.NO_VERDICT),
        ([Verdict.PASS, Verdict.WARN, Verdict.WAIVED], Verdict.WARN),
        ([Verdict.PASS, Verdict.WAIVED], Verdict.WAIVED),
        ([Verdict.OBSERVED, Verdict.PASS, Verdict.NOT_APPLICABLE], Verdict.PASS),
        ([Verdict.NOT_APPLICABLE], Verdict.NOT_APPLICABLE),
        ([], None),
    ],
)
def test_rollup_is_the_gravest(verdicts: list[Verdict], expected: Verdict | None) -> None:
    assert counts.rollup(check("get2.body.match", "a", verdict) for verdict in verdicts) is expected


def test_causes_are_one_for_each_reason_the_most_frequent_first() -> None:
    rows = [("a", "dns"), ("b", "refused"), ("b", "refused"), ("c", "")]
    found = counts.causes(check("get2.body.match", name, Verdict.NO_VERDICT, text) for name, text in rows)
    assert [(cause.text, len(cause.checks), cause.cases) for cause in found] == [
        ("refused", 2, 1), ("dns", 1, 1), ("no reason given", 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_shown_text_is_one_harmless_line(text: str) -> None:
    line = shown(text)
    assert line.isprintable()
    assert shown(line) == line, "what is safe stays as it is"
    assert "\u202e" not in line


def test_shown_names_what_it_replaces() -> None:
    assert shown("a\tb\nc\rd\x1be\xa0f\u202eg\U000e0001h\\n") == "a\\tb\\nc\\rd\\x1be\\xa0f\\u202eg\\U000e0001h\\n"
    assert shown("abcdef", 3) == "abc... (6 characters)"
    assert shown("你好 😀 é") == "你好 😀 é"


def test_words() -> None:
    assert (many(1, "case"), many(2, "case"), many(1000, "check")) == ("1 case", "2 cases", "1,000 checks")
    assert many(2, "entry", "entries") == "2 entries"
    assert moment(0) == "1970-01-01T00:00:00Z"
    assert recheck_words(Recheck(1, 1, 0)) == "failed 1 of 1"
    assert recheck_words(Recheck(2, 3, 1)) == "failed 2 of 3, 1 without a verdict"
    assert (duration(0.4217), duration(12.34), duration(187.2)) == ("0.42 s", "12.3 s", "3 min 07 s")


def test_cases_pass_the_codec_unharmed() -> None:
    for run in (sample_run(), hostile_run(), large_run(4, 4, 2)):
        for record in run.cases.values():
            text = codec.case_to_json(record)
            assert text.isascii()
            assert codec.case_from_json(text) == record
        for check_record in run.checks:
            assert codec.check_from_json(codec.check_to_json(check_record)) == check_record
            again = dataclasses.replace(check_record, recheck=Recheck(2, 3, 1, fresh=False))
            assert codec.check_from_json(codec.check_to_json(again)) == again


def test_the_codec_keeps_all_that_a_response_can_hold() -> None:
    body = bytes(range(256)) * 4096
    made, raw = response(200, body, (b"\xff\x00", b"\xe9\r"), reason=b"\x80 odd")
    odd = dataclasses.replace(
        made,
        excess=b"HTTP/1.1 200 OK",
        trailers=made.headers,
        informational=(b"HTTP/1.1 103\r\n\r\n",),
        framing="chunked",
    )
    fault = Fault(FaultKind.TRUNCATED, "cut after 3 bytes")
    whole = dataclasses.replace(exchange("/a", (odd, raw), fault=fault), raw_length=2**40, began=1.1, seconds=0.1 + 0.2)
    text = codec.exchange_to_json(whole)
    assert codec.exchange_from_json(text) == whole
    assert len(text) < 1.5 * len(body), "a body that stands in the raw bytes is not sent twice"


def test_the_codec_finds_no_body_where_there_is_none() -> None:
    # Chunked: the body is not in the raw bytes as a whole. Kept short: the raw bytes end before the body does.
    made, _ = response(200, b"x" * 2000)
    for raw in (b"HTTP/1.1 200 OK\r\n\r\n3e8\r\n" + b"x" * 1000 + b"\r\n3e8\r\n" + b"x" * 1000, b"", b"x" * 1999):
        one = exchange("/a", (made, raw))
        assert codec.exchange_from_json(codec.exchange_to_json(one)) == one


def test_excerpts_tell_the_truth_about_what_they_leave_out() -> None:
    assert bytes_excerpt(b"caf\xc3\xa9\r\n")["text"] == "café\r\n"
    digest = "b3d510ef04275ca8e698e5b3cbb0ece3949ef9252f0cdc839e9ee347409a2209"
    assert bytes_excerpt(b"\xff\xfe") == {"length": 2, "sha256": digest, "base64": "//4="}
    assert "base64" in bytes_excerpt(b"a\x1b[0m"), "control codes are not text"
    long = bytes_excerpt(b"\xe2\x82\xac" * LIMIT)
    assert (long["length"], long["cut"]) == (3 * LIMIT, True)
    assert long["text"] == "€" * (LIMIT // 3), "a character the cut went through is dropped"
    assert long["sha256"] is not None
    kept = bytes_excerpt(b"abc", length=10)
    assert (kept["length"], kept["sha256"], kept["cut"]) == (10, None, True)
    assert "cut" not in bytes_excerpt(b"a" * LIMIT)


def test_secrets_that_a_server_echoed_are_taken_out() -> None:
    secret, other = "dXNlcjpwYXNzd29yZA==", "hunter2-hunter2"
    made = response(200, f"you sent {secret}".encode(), (b"X-Echo", other.encode()))
    run = run_of(
        [check("get2.body.match", "echo", Verdict.FAIL, f"got {other}", want="x", got=secret)],
        [case("echo", exchange("/get2?key=a", made), values=(other.encode(),))],
        notes=(secret,),
    )
    run = dataclasses.replace(run, target={"get2": {"deep": [secret]}})
    assert secret in repr(run)
    clean = scrubbed(run, [secret, other, ""])
    assert secret not in repr(clean)
    assert other not in repr(clean)
    assert PLACEHOLDER in clean.checks[0].finding.got
    seen = clean.cases["get2", "echo"].exchanges[0]
    assert isinstance(seen.response, Response)
    assert seen.response.body_length == made[0].body_length, "what was measured stays"
    assert clean.checks[0].finding.verdict is Verdict.FAIL
    assert scrubbed(run, ["abc"]) is run


@pytest.mark.parametrize(
    "echo",
    [
        'p4ss wörd/+<&"?',
        "p4ss%20w%C3%B6rd%2F%2B%3C%26%22%3F",
        "p4ss+w%C3%B6rd%2F%2B%3C%26%22%3F",
        r"p4ss w\u00f6rd/+<&\"?",
        "p4ss wörd/+&lt;&amp;&quot;?",
        *(base64.b64encode((before + 'p4ss wörd/+<&"?|').encode()).decode() for before in ("", "u", "us", "use")),
        base64.urlsafe_b64encode(b'user:p4ss w\xc3\xb6rd/+<&"?').decode(),
        "p4ss... (99 bytes)",
    ],
)
def test_a_secret_is_found_in_whatever_spelling_and_where_a_text_was_cut(echo: str) -> None:
    shown = Scrubber(['p4ss wörd/+<&"?']).text(f"got {echo}")
    assert PLACEHOLDER in shown
    assert "p4ss" not in shown


def test_a_password_that_is_a_word_of_ours_takes_no_name_away() -> None:
    run = run_of([check("get2.body.match", "echo", Verdict.FAIL, "got get2 of echo")], [case("echo")])
    clean = scrubbed(run, ["get2", "echo", "MUST", "fail"])
    finding = clean.checks[0].finding
    assert (finding.interface, finding.requirement, finding.case) == ("get2", "get2.body.match", "echo")
    assert finding.message == f"got {PLACEHOLDER} of {PLACEHOLDER}"
    assert (finding.level, finding.verdict) == (run.checks[0].finding.level, Verdict.FAIL)
    assert clean.checks[0].test_id == run.checks[0].test_id
    assert clean.requirements == run.requirements
    assert ("get2", "echo") in clean.cases


def test_scrubbing_finds_nothing_in_a_clean_run() -> None:
    run = sample_run()
    assert scrubbed(run, [f"{random.Random(1).getrandbits(128):x}"]) == run
