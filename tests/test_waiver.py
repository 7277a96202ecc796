"""Waivers: what a file may say, which breaches they cover, and when a waiver itself is the problem."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvgate.errors import InputError
from kvgate.level import Level
from kvgate.schema import problems
from kvgate.verdict.model import Finding, Verdict
from kvgate.waiver import ProblemKind, Waiver, apply_waivers, load_waivers
from kvgate.waiver.load import Known, read_waivers

ROOT = Path(__file__).resolve().parents[1]
KNOWN = {
    "get2": Known(("get2.status.conflict", "get2.offset.cut"), ("control", "nul-first", "nul-same-length")),
    "geode": Known(("geode.key.whole",), ("dot-first", "dot-last")),
}
TODAY = datetime.date(2026, 6, 1)
FULL = """
[[waiver]]
requirement = "get2.status.conflict"
case = "nul-*"
observed = "status 200 instead of 409"
reason = "known"
owner = "storage"
issue = "HA-1"
expires = 2026-12-31
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    return path


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_waiver_is_read_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, FULL)
    assert read_waivers(path, KNOWN) == (
        Waiver(
            interface="get2",
            requirement="get2.status.conflict",
            case="nul-*",
            observed="status 200 instead of 409",
            reason="known",
            owner="storage",
            issue="HA-1",
            expires=datetime.date(2026, 12, 31),
            source=f"{path}:2",
        ),
    )


def test_texts_are_taken_without_the_blanks_around_them(tmp_path: Path) -> None:
    (waiver,) = read_waivers(written(tmp_path, FULL.replace('"storage"', '" storage "')), KNOWN)
    assert waiver.owner == "storage"


@pytest.mark.parametrize("case", ["explored-*", "explored-7-1", "key:a", "keys:*"])
def test_a_case_that_is_told_later_may_be_named(tmp_path: Path, case: str) -> None:
    (waiver,) = read_waivers(written(tmp_path, FULL.replace("nul-*", case)), KNOWN)
    assert waiver.case == case


def test_the_interfaces_that_may_be_named_are_all_or_those_given(tmp_path: Path) -> None:
    path = written(tmp_path, FULL + FULL.replace("get2.status.conflict", "geode.key.whole").replace("nul-*", "dot-*"))
    assert [waiver.interface for waiver in load_waivers(path)] == ["get2", "geode"]
    with pytest.raises(InputError, match=r"unknown requirement 'geode\.key\.whole'"):
        load_waivers(path, interfaces=("get2",))


def test_the_day_may_be_a_text_and_a_file_may_be_empty(tmp_path: Path) -> None:
    text = FULL.replace("2026-12-31", '"2026-12-31"')
    assert read_waivers(written(tmp_path, text), KNOWN)[0].expires == datetime.date(2026, 12, 31)
    assert read_waivers(written(tmp_path, ""), KNOWN) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "get2.status.conflict",
            "get2.status.conflct",
            ":3: waiver, item 1, requirement: unknown requirement 'get2.status.conflct' "
            "(did you mean 'get2.status.conflict'",
        ),
        (
            "get2.status.conflict",
            "get2.*",
            ":3: waiver, item 1, requirement: unknown requirement 'get2.*' (see `kvgate list`)",
        ),
        (
            '"nul-*"',
            '"nul-frist"',
            ":4: waiver, item 1, case: no case of get2 is called 'nul-frist' (did you mean 'nul-first'?)",
        ),
        ('"nul-*"', '"dot-*"', ":4: waiver, item 1, case: no case of get2 is called 'dot-*'"),
        ('"storage"', '" "', ":7: waiver, item 1, owner: expected who answers for it"),
        ('"known"', '""', ":6: waiver, item 1, reason: expected why this is let pass"),
        ('"HA-1"', "1", ":8: waiver, item 1, issue: expected where its repair is followed"),
        ('"status 200 instead of 409"', '""', ":5: waiver, item 1, observed: expected one line"),
        ('"status 200 instead of 409"', '"a\\nb"', ":5: waiver, item 1, observed: expected one line"),
        ("2026-12-31", '""', ":9: waiver, item 1, expires: expected the last day on which it counts"),
        ("2026-12-31", '"soon"', ":9: waiver, item 1, expires: expected the last day on which it counts"),
        ("2026-12-31", '"2026-02-30"', ":9: waiver, item 1, expires: no such day: 2026-02-30"),
        ("2026-12-31", "2026-12-31T10:00:00Z", ":9: waiver, item 1, expires: expected the last day"),
        ("expires", "expiry", ":9: waiver, item 1, expiry: unknown key 'expiry' (did you mean 'expires'?)"),
        ('issue = "HA-1"\n', "", ":2: waiver, item 1: missing: issue"),
        ("[[waiver]]", "[[waver]]", ":2: waver: unknown key 'waver' (did you mean 'waiver'?)"),
        ("[[waiver]]", "[waiver]", ":2: waiver: expected tables [[waiver]]"),
        ("[[waiver]]", "[[waiver]", "not valid TOML"),
    ],
)
def test_wrong_file(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in FULL
    path = written(tmp_path, FULL.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_waivers(path, KNOWN)
    assert str(caught.value).startswith(str(path))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_unlike_every_other_is_not_answered_by_a_whole_catalogue(tmp_path: Path) -> None:
    path = written(tmp_path, FULL.replace("get2.status.conflict", "get2.*"))
    with pytest.raises(InputError, match=r"unknown requirement 'get2\.\*' \(see `kvgate list`\)$"):
        read_waivers(path, KNOWN)


def test_an_error_in_the_second_waiver_names_its_own_line(tmp_path: Path) -> None:
    second = FULL.replace("nul-*", "control").replace("get2.status.conflict", "get2.offset.cat")
    with pytest.raises(InputError, match=r":12: waiver, item 2, requirement: unknown requirement"):
        read_waivers(written(tmp_path, FULL + second), KNOWN)


def test_the_same_waiver_twice(tmp_path: Path) -> None:
    path = written(tmp_path, FULL + FULL)
    with pytest.raises(InputError, match=r"toml:11: the same requirement, case and observed behaviour as .*toml:2$"):
        read_waivers(path, KNOWN)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such waivers file"):
        read_waivers(tmp_path / "none.toml", KNOWN)


def test_the_example_of_the_documentation_loads(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "waivers.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    (waiver,) = load_waivers(written(tmp_path, example.group(1)), interfaces=("get2",))
    assert waiver.interface == "get2"
    assert waiver.is_glob


# -- meeting the findings ----------------------------------------------------------------------------------------------

WAIVER = Waiver(
    "get2",
    "get2.status.conflict",
    "nul-first",
    "status 200 instead of 409",
    "known",
    "storage",
    "HA-1",
    datetime.date(2026, 12, 31),
    "w.toml:2",
)
GLOB = replace(WAIVER, case="nul-*", source="w.toml:11")


def finding(case: str = "nul-first", verdict: Verdict = Verdict.FAIL, **changes: Any) -> Finding:
    breach = verdict in (Verdict.FAIL, Verdict.WARN)
    given = {"message": "status 200 instead of 409" if breach else "", "want": "409", "got": "200" if breach else ""}
    return Finding("get2", "get2.status.conflict", case, Level.MUST, verdict, **{**given, **changes})


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN])
def test_a_breach_with_the_observed_behaviour_is_waived(verdict: Verdict) -> None:
    breach = finding(verdict=verdict)
    applied = apply_waivers([breach], [WAIVER], TODAY)
    assert applied.findings == (replace(breach, verdict=Verdict.WAIVED),)
    assert applied.waivers == (WAIVER,)
    assert applied.problems == ()


@pytest.mark.parametrize("observed", ["instead of 409; got 200", "got 200", "status 200"])
def test_the_observed_text_may_be_of_the_message_or_of_what_was_got(observed: str) -> None:
    applied = apply_waivers([finding()], [replace(WAIVER, observed=observed)], TODAY)
    assert applied.findings[0].verdict is Verdict.WAIVED


@pytest.mark.parametrize(
    "other",
    [
        finding("control"),
        replace(finding(), interface="geode"),
        replace(finding(), requirement="get2.offset.cut"),
        finding(verdict=Verdict.NO_VERDICT, message="status 200 instead of 409"),
        finding(verdict=Verdict.OBSERVED, message="status 200 instead of 409"),
    ],
)
def test_nothing_else_is_waived(other: Finding) -> None:
    applied = apply_waivers([other], [WAIVER], TODAY)
    assert applied.findings == (other,)
    assert applied.waivers == (None,)


def test_findings_stay_in_order_and_without_waivers_as_they_are() -> None:
    findings = [finding("control"), finding(), finding("nul-same-length", Verdict.PASS)]
    assert apply_waivers(findings, [], TODAY).findings == tuple(findings)
    applied = apply_waivers(findings, [WAIVER], TODAY)
    assert [f.verdict for f in applied.findings] == [Verdict.FAIL, Verdict.WAIVED, Verdict.PASS]
    assert applied.waivers == (None, WAIVER, None)


def test_the_last_day_counts_and_the_next_does_not() -> None:
    on_it = apply_waivers([finding()], [WAIVER], WAIVER.expires)
    assert (on_it.findings[0].verdict, on_it.problems) == (Verdict.WAIVED, ())
    applied = apply_waivers([finding()], [WAIVER], WAIVER.expires + datetime.timedelta(days=1))
    assert applied.findings[0].verdict is Verdict.FAIL
    assert [problem.kind for problem in applied.problems] == [ProblemKind.EXPIRED]
    assert applied.problems[0].line == (
        "w.toml:2: waiver of get2.status.conflict on nul-first: expired on 2026-12-31, but nul-first still fails; "
        "repair it or renew the waiver (storage, HA-1)"
    )


def test_what_expired_names_one_case_and_how_many_more() -> None:
    late = datetime.date(2030, 1, 1)
    for number, more in ((1, ""), (2, " and 1 more"), (3, " and 2 more")):
        (problem,) = apply_waivers([finding() for _ in range(number)], [GLOB], late).problems
        assert f"but nul-first{more} still fails" in problem.line


def test_what_was_got_is_told_where_there_is_something() -> None:
    applied = apply_waivers(
        [finding(message="it is down", got="")], [replace(WAIVER, observed="it is down; got")], TODAY
    )
    assert applied.problems[0].line.endswith("(waived: 'it is down; got'; seen: 'it is down')")


def test_that_generated_cases_do_not_show_it_says_nothing() -> None:
    explored = replace(WAIVER, case="explored-*")
    assert apply_waivers([finding("explored-1-2", Verdict.PASS)], [explored], TODAY).problems == ()
    other = replace(explored, observed="status 500")
    applied = apply_waivers([finding("explored-1-2")], [explored, other], TODAY)
    assert (applied.waivers, applied.problems) == ((explored,), ())


def test_a_glob_has_a_sign_of_one() -> None:
    assert [case for case in ("a*", "a?", "[ab]", "aX", "a") if replace(WAIVER, case=case).is_glob] == [
        "a*",
        "a?",
        "[ab]",
    ]


def test_another_behaviour_is_not_covered_and_is_told() -> None:
    other = finding(message="status 500 instead of 409", got="500")
    applied = apply_waivers([other], [WAIVER], TODAY)
    assert applied.findings == (other,)
    assert [problem.kind for problem in applied.problems] == [ProblemKind.DIFFERENT]
    assert applied.problems[0].line == (
        "w.toml:2: waiver of get2.status.conflict on nul-first: not covered: nul-first fails in another way than "
        "observed (waived: 'status 200 instead of 409'; seen: 'status 500 instead of 409; got 500')"
    )


def test_another_behaviour_in_one_case_of_a_glob_leaves_the_others_waived() -> None:
    findings = [finding(), finding("nul-same-length", message="status 500 instead of 409", got="500")]
    applied = apply_waivers(findings, [GLOB], TODAY)
    assert [f.verdict for f in applied.findings] == [Verdict.WAIVED, Verdict.FAIL]
    assert [problem.kind for problem in applied.problems] == [ProblemKind.DIFFERENT]


def test_two_waivers_of_one_check_share_its_behaviours() -> None:
    second = replace(WAIVER, observed="status 500", source="w.toml:20")
    applied = apply_waivers([finding()], [WAIVER, second], TODAY)
    assert applied.findings[0].verdict is Verdict.WAIVED
    assert [(problem.kind, problem.waiver) for problem in applied.problems] == [(ProblemKind.STALE, second)]


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.OBSERVED])
@pytest.mark.parametrize("complete", [True, False])
def test_a_waiver_whose_check_passes_is_stale(verdict: Verdict, complete: bool) -> None:
    applied = apply_waivers([finding(verdict=verdict)], [WAIVER], TODAY, complete=complete)
    assert [problem.kind for problem in applied.problems] == [ProblemKind.STALE]
    assert applied.problems[0].line == (
        "w.toml:2: waiver of get2.status.conflict on nul-first: no longer applies: what it waives does not happen any "
        "more; remove it"
    )


@pytest.mark.parametrize(
    ("verdicts", "complete", "kinds"),
    [
        ((Verdict.PASS, Verdict.PASS), True, [ProblemKind.STALE]),
        ((Verdict.PASS, Verdict.NOT_APPLICABLE), True, [ProblemKind.STALE]),
        ((Verdict.PASS, Verdict.PASS), False, []),
        ((Verdict.PASS, Verdict.FAIL), True, []),
        ((Verdict.PASS, Verdict.NO_VERDICT), True, []),
        ((Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE), True, []),
    ],
)
def test_a_glob_is_stale_when_all_it_names_was_judged_and_passes(
    verdicts: tuple[Verdict, Verdict], complete: bool, kinds: list[ProblemKind]
) -> None:
    findings = [finding("nul-first", verdicts[0]), finding("nul-same-length", verdicts[1])]
    applied = apply_waivers(findings, [GLOB], TODAY, complete=complete)
    assert [problem.kind for problem in applied.problems] == kinds


@pytest.mark.parametrize("day", [TODAY, datetime.date(2030, 1, 1)])
def test_a_waiver_whose_cases_did_not_run_has_no_problem(day: datetime.date) -> None:
    assert apply_waivers([finding("control")], [WAIVER, GLOB], day).problems == ()


def test_an_expired_waiver_of_what_passes_is_stale() -> None:
    applied = apply_waivers([finding(verdict=Verdict.PASS)], [WAIVER], datetime.date(2030, 1, 1))
    assert [problem.kind for problem in applied.problems] == [ProblemKind.STALE]


def test_the_schema_refuses_what_is_no_table() -> None:
    assert problems("kvgate/waivers.schema.json", {"waiver": ["x"]})[0].message == 'expected a table, got "x"'
