"""Profiles: what they may say, and that those of Geode's releases know a release from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from geode_answers import MARK, evidence, exchange, placed
from test_geode_recordings import EXPECTED, recorded

from kvgate.case import Case, load_cases
from kvgate.errors import InputError
from kvgate.interface import Lowering, Omission, Raising, load_profile
from kvgate.interface.load import profile_names
from kvgate.level import Level
from kvgate.places import interface_names
from kvgate.requirement import load_profile_requirements, load_profile_rulings, load_rulings
from kvgate.run.plan import Plan, Selection, make_plan
from kvgate.verdict import Evidence, Finding, judge, load_profile_checks
from kvgate.verdict.judge import effective_level
from realsystems.geode.releases import load_releases
from suites.geode.release import reads_otherwise

CUTTING = frozenset(
    f"geode-{number}"
    for number in ("1.2.0", "1.3.0", "1.6.0", "1.8.0", "1.9.2", "1.11.0", "1.12.1", "1.13.1", "1.13.4", "1.13.8")
)  # keys at a dot (E33)
RELEASES = tuple(name for name in profile_names("geode") if name.startswith("geode-"))
RECORDED = ("1.2.0", "1.12.1", "1.14.4", "2.0.0")
# The recorded questions that cases of fixtures/ ask too, and a profile may name.
AS_CASE = {
    "repeated-parameter": "repeated-true", "trailing-comma": "observed-empty-key-last",
    "encoded-comma": "observed-encoded-comma", "bad-parameter-no-region": "bad-value-and-no-region",
    "big-integer": "integer-beyond-64-bits",
}  # fmt: skip
OWN = ("geode.release.status", "geode.release.keys", "geode.release.error", "geode.release.type")


@cache
def plan(profile: str) -> Plan:
    return make_plan("geode", profile, Selection())


def judged(seen: Evidence, profile: str) -> list[Finding]:
    """The findings of every check that applies to the case, read as the profile."""
    read_as = plan(profile)
    seen = replace(seen, facts=read_as.profile.facts or {})
    return [
        judge(check, read_as.requirements[check.requirement], read_as.profile, seen, strict=True)
        for check in read_as.checks
        if check.applies(load_cases("geode").get(seen.case.name, seen.case), read_as.profile.facts)
    ]


def accused(seen: Evidence, profile: str) -> dict[str, str]:
    """The requirements that are breached, strictly, with what was got."""
    return {f.requirement: f"{f.message}: {f.got}" for f in judged(seen, profile) if f.verdict == "fail"}


def recording(release: str, name: str) -> Evidence:
    seen = recorded(release, name)
    return replace(seen, case=replace(seen.case, name=AS_CASE.get(name, name)))


def answered(name: str, raw: str | bytes) -> Evidence:
    """A case of fixtures/ that was answered by these bytes, twice."""
    case = placed(name)
    octets = raw.encode("utf-8") if isinstance(raw, str) else raw
    octets = octets.replace(b"{m}", MARK.words(name).encode()).replace(b"{n}", MARK.digits(name).encode())
    return replace(
        evidence(case), exchanges=tuple(exchange(case.asks[0], label, octets) for label in ("first", "again"))
    )


def reply(status: str, body: str, *headers: str, type_: str = "application/json;charset=utf-8") -> str:
    lines = [
        f"HTTP/1.1 {status}",
        *headers,
        f"Content-Type: {type_}",
        f"Content-Length: {len(body.encode())}",
        "",
        body,
    ]
    return "\r\n".join(lines)


# What a profile file may say


@pytest.mark.parametrize(("interface", "name"), [(i, n) for i in interface_names() for n in profile_names(i)])
def test_every_profile_can_be_planned_and_names_rulings_that_there_are(interface: str, name: str) -> None:
    profile = make_plan(interface, name, Selection()).profile
    rows: list[Lowering | Raising | Omission] = [*profile.lowered, *profile.raised, *profile.left_out]
    assert {row.ruling for row in rows} <= {*load_rulings(interface), *load_profile_rulings(interface)}
    assert profile.title


def test_every_release_that_can_be_fetched_has_its_profile() -> None:
    assert {f"geode-{number}" for number in load_releases().by_number} < set(RELEASES)
    assert set(RELEASES) - {f"geode-{number}" for number in load_releases().by_number} == {
        "geode-1.15.0",
        "geode-1.15.1",
        "geode-2.0.0",
    }


@pytest.mark.parametrize("name", RELEASES)
def test_the_facts_of_a_release_name_rulings_and_cases_that_there_are(name: str) -> None:
    facts = load_profile("geode", name).facts
    assert facts
    rulings = {table["ruling"] for table in facts.values() if "ruling" in table} | set(facts["statuses"])
    assert rulings <= {*load_rulings("geode"), *load_profile_rulings("geode")}
    assert {case for table in facts["statuses"].values() for case in table} <= set(load_cases("geode"))


def test_profile_doc_judges_nothing_of_any_release() -> None:
    doc = plan("doc")
    assert not [id_ for id_ in doc.requirements if id_ in OWN]
    assert (
        {check.requirement for check in load_profile_checks("geode")}
        == set(OWN)
        == {*load_profile_requirements("geode")}
    )
    assert all(doc.cases_of(check) == () for check in load_profile_checks("geode"))
    assert not [pair for pair in doc.everything if pair[0] in OWN]


@pytest.mark.parametrize("name", RELEASES)
def test_each_requirement_of_a_release_is_judged_and_what_it_demands_is_a_must(name: str) -> None:
    read_as = plan(name)
    for check in load_profile_checks("geode"):
        cases = read_as.cases_of(check)
        assert len(cases) >= 5
        levels = {effective_level(read_as.requirements[check.requirement], case, read_as.profile) for case in cases}
        assert levels == {Level.MUST}, "a case that the page leaves open is not open to the release"


@pytest.mark.parametrize("name", RELEASES)
def test_what_a_release_reads_otherwise_is_not_held_against_it(name: str) -> None:
    """A new case with a dot or beyond ASCII has to be named in the profiles: they excuse by the names of cases."""
    read_as = plan(name)
    requirement = read_as.requirements["geode.key.whole"]
    facts = read_as.profile.facts or {}
    strict = [
        case.name
        for case in read_as.cases.values()
        if any(reads_otherwise(ask.fields["keys"], facts) for ask in case.asks)
        and effective_level(requirement, case, read_as.profile) is not Level.INFO
    ]
    assert strict == []


def test_a_profile_that_builds_on_another_has_its_rows_and_facts() -> None:
    newer, older = load_profile("geode", "geode-1.13.8"), load_profile("geode", "geode-1.12.1")
    assert older.lowered[: len(newer.lowered)] == newer.lowered
    assert older.left_out == newer.left_out
    assert older.facts is not None
    assert newer.facts is not None
    assert {name for name in newer.facts if newer.facts[name] != older.facts[name]} == {"order", "repeated", "errors"}
    assert older.facts["errors"]["region"] == newer.facts["errors"]["region"]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of profiles in the place of Geode's."""
    folder = tmp_path / "geode" / "profiles"
    folder.mkdir(parents=True)
    monkeypatch.setattr("kvgate.interface.load.SUITES", tmp_path)
    return folder


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": 'base = "b"'}, r"a\.toml: base: unknown profile 'b' \(known: a\)"),
        ({"a": 'base = "b"', "b": 'base = "a"'}, r"a\.toml: base: the profile builds on itself: a -> b -> a"),
        ({"a": 'basis = "b"'}, r"a\.toml:2: basis: unknown key 'basis' \(did you mean 'base'\?\)"),
        ({"a": '[[lowered]]\nrequirement = []\nlevel = "INFO"\nruling = "E33"'}, r":3: lowered, item 1, requirement"),
        (
            {"a": '[facts.ordre]\nruling = "E21"'},
            r"a\.toml: facts\.ordre: unknown key 'ordre' \(did you mean 'order'\?\)",
        ),
        ({"a": "[facts.order]\nis = 1"}, r"a\.toml: facts"),
    ],
)
def test_a_faulty_profile_is_told_in_one_line(house: Path, files: Mapping[str, str], told: str) -> None:
    for name, text in files.items():
        (house / f"{name}.toml").write_text(f'title = "T"\n{text}\n')
    with pytest.raises(InputError, match=told) as caught:
        load_profile.__wrapped__("geode", "a")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('requirement = "geode.key.hole"', r"profile 'a': no requirement matches 'geode\.key\.hole'"),
        ('requirement = "geode.*"\ncase = ["utf8-*", "utf9-*"]', r"profile 'a': no case matches 'utf9-\*'"),
    ],
)
def test_a_row_that_names_nothing_is_an_error(
    house: Path, monkeypatch: pytest.MonkeyPatch, row: str, told: str
) -> None:
    (house / "a.toml").write_text(f'title = "T"\n[[lowered]]\nlevel = "INFO"\nruling = "E34"\n{row}\n')
    monkeypatch.setattr("kvgate.run.plan.load_profile", load_profile.__wrapped__)
    with pytest.raises(InputError, match=told):
        make_plan("geode", "a", Selection())


# What was recorded of four releases


@pytest.mark.parametrize("release", RECORDED)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_release_in_its_own_profile_breaches_nothing(release: str, name: str) -> None:
    assert accused(recording(release, name), f"geode-{release}") == {}


@pytest.mark.parametrize("profile", ["1.3.0", "1.8.0", "1.11.0", "1.12.1", "1.13.8", "1.14.4", "2.0.0"])
@pytest.mark.parametrize("release", RECORDED)
def test_a_release_in_the_profile_of_another_shows_its_differences(release: str, profile: str) -> None:
    # Dots make out the releases of 1.13, and none of these questions has one.
    alike = {"1.2.0": ["1.3.0"], "1.12.1": ["1.12.1"], "1.14.4": ["1.13.8", "1.14.4"], "2.0.0": ["2.0.0"]}
    found = {id_ for name in EXPECTED for id_ in accused(recording(release, name), f"geode-{profile}")}
    assert (found == set()) is (profile in alike[release]), found


@pytest.mark.parametrize(
    ("base", "alike"),
    [
        ("1.3.0", ["1.2.0"]),
        ("1.8.0", ["1.6.0"]),
        ("1.11.0", ["1.9.2"]),
        ("1.13.8", ["1.13.1", "1.13.4"]),
        ("1.14.4", ["1.14.0", "1.14.3", "1.15.0", "1.15.1"]),
    ],
)
def test_releases_that_answer_alike_have_one_profile_by_several_names(base: str, alike: Sequence[str]) -> None:
    one = load_profile("geode", f"geode-{base}")
    for release in alike:
        other = load_profile("geode", f"geode-{release}")
        assert replace(other, name=one.name, title=one.title) == one


def test_the_differences_between_1_12_and_1_14_are_order_and_wording() -> None:
    shown = {
        id_: detail for name in EXPECTED for id_, detail in accused(recording("1.14.4", name), "geode-1.12.1").items()
    }
    assert set(shown) == {"geode.release.keys", "geode.release.error"}
    assert "do not exist in region" in shown["geode.release.error"]


@pytest.mark.parametrize(
    ("name", "old", "new", "requirement"),
    [
        ("upper-true", b"200 OK", b"500 Server Error", "status"),
        ("repeated-parameter", b"400 Bad Request", b"404 Not Found", "status"),
        ("sixty", b"items/k00,k01", b"items/k01,k00", "keys"),
        ("duplicate-key", b"orders/1,1,2", b"orders/1,2", "keys"),
        ("found", b"Content-Location", b"Content-Place", "keys"),
        ("page-example-400", b"(13,4,5)", b"(13,5,4)", "error"),
        ("bad-parameter", b"valid usage", b"right usage", "error"),
        ("no-region", b"The Region", b"Any Region", "error"),
        ("no-region", b"Content-Type: application/json", b"Content-Type: application/problem", "type"),
        ("found", b"charset=utf-8", b"charset=UTF-8", "type"),
    ],
)
def test_another_answer_is_not_that_of_the_release(name: str, old: bytes, new: bytes, requirement: str) -> None:
    seen = recording("1.14.4", name)
    raw = seen.exchanges[0].raw
    assert old in raw
    changed = replace(seen, exchanges=(exchange(seen.case.asks[0], "first", raw.replace(old, new, 1)),))
    assert f"geode.release.{requirement}" in accused(changed, "geode-1.14.4")


# What departs from the page, as releases answered it


def located(keys: str) -> str:
    return f"Content-Location: http://127.0.0.1:8080/geode/v1/orders/{keys}"


CUT_TO_ONE = reply("200 OK", '{"id":3}', located("{m}a"))
WHOLE = reply("200 OK", '{"orders":[{"id":1},{"id":2}]}', located("{m}a.b,{m}c"))
NOT_THERE = reply(
    "404 Not Found", '{"cause":"Key ({m}a) does not exist for region (orders) in cache!"}', type_="application/json"
)
MOJIBAKE = reply("400 Bad Request", '{"cause":"Requested keys ({m}Î±Î²) do not exist in region (orders)"}')
READ_AS_UTF8 = reply("400 Bad Request", '{"cause":"Requested keys ({m}αβ) do not exist in region (orders)"}')
UNESCAPED = reply("400 Bad Request", '{"cause":"Requested keys ({m}"x") do not exist in region (orders)"}')
ESCAPED = reply("400 Bad Request", '{"cause":"Requested keys ({m}\\"x\\") do not exist in region (orders)"}')
REFUSED = reply("500 Server Error", "<html></html>", type_="text/html;charset=iso-8859-1")
TAKEN = reply("200 OK", '{"orders":[null,{"id":1}]}', located("{m}a%2Fb,{m}z"))


def filled(name: str, raw: str) -> Evidence:
    """The case answered so, with a Content-Length that is true once the mark is filled in."""
    head, _, body = raw.partition("\r\n\r\n")
    body = MARK.fill(body, name)
    lines = [line for line in head.split("\r\n") if not line.startswith("Content-Length")]
    return answered(name, "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]))


@pytest.mark.parametrize(
    ("case", "raw", "clean", "shown"),
    [
        ("dot-in-first", CUT_TO_ONE, ["1.13.8", "1.13.1"], {"1.14.4": "geode.key.whole"}),
        ("dot-in-first", WHOLE, ["1.14.4", "1.15.1", "2.0.0"], {"1.13.8": "geode.release.keys"}),
        ("wildcards-of-other-languages", NOT_THERE, ["1.13.8"], {"1.14.4": "geode.status.missing"}),
        ("utf8-missing", MOJIBAKE, ["1.14.4", "1.13.8"], {"2.0.0": "geode.release.error"}),
        ("utf8-missing", READ_AS_UTF8, ["2.0.0"], {"1.14.4": "geode.release.error"}),
        ("missing-quote-named", UNESCAPED, ["1.14.4", "2.0.0"], {"1.12.1": "geode.release.error"}),
        ("missing-quote-named", ESCAPED, [], {"1.14.4": "geode.release.error"}),
        ("observed-encoded-slash", REFUSED, ["1.14.4", "1.2.0"], {"2.0.0": "geode.release.status"}),
        ("observed-encoded-slash", TAKEN, [], {"1.14.4": "geode.release.status"}),
    ],
)
def test_what_departs_from_the_page_belongs_to_the_releases_that_do_it(
    case: str, raw: str, clean: Sequence[str], shown: Mapping[str, str]
) -> None:
    for release in clean:
        assert accused(filled(case, raw), f"geode-{release}") == {}, release
    for release, requirement in shown.items():
        assert requirement in accused(filled(case, raw), f"geode-{release}"), release


def test_a_value_under_a_key_that_was_cut_has_to_be_the_one_stored_there() -> None:
    wrong = filled("dot-in-first", CUT_TO_ONE.replace('"id":3', '"id":2'))
    assert set(accused(wrong, "geode-1.13.8")) == {"geode.release.keys"}


def test_a_case_left_out_is_not_asked() -> None:
    assert "dot-at-the-start" in plan("geode-1.14.4").cases
    assert "dot-at-the-start" not in plan("geode-1.13.8").cases
    left = {row.case for name in RELEASES for row in load_profile("geode", name).left_out}
    assert left == {"dot-at-the-start"}


# Their errors hold what makes them no JSON where it is not escaped (E40).
NO_JSON = {
    *("missing-quote-named", "bad-quoted", "bad-newline", "bad-nul"),
    *(f"bad-{word}-with-a-sign-{number}" for word in ("true", "false") for number in (2, 3, 4)),
}


def test_what_a_profile_lowers_is_little() -> None:
    """A profile that excuses more than its rulings say would let an upgrade pass unseen."""
    for name in RELEASES:
        read_as = plan(name)
        lowered = {
            case.name
            for case in read_as.cases.values()
            for requirement in read_as.requirements.values()
            if effective_level(requirement, case, read_as.profile) is Level.INFO
            and requirement.level is not Level.INFO
            and case.level is not Level.INFO
        }
        assert all(_has_a_ruling(load_cases("geode")[case]) for case in lowered), lowered
        dotted = {case for case in lowered if _is_dotted(load_cases("geode")[case])}
        assert len(lowered - dotted - NO_JSON) <= 10
        # Later releases take a dot for what it is.
        assert not dotted or name in CUTTING, dotted


def _is_dotted(case: Case) -> bool:
    return any("." in key for ask in case.asks for key in ask.fields["keys"])


def _has_a_ruling(case: Case) -> bool:
    departs = _is_dotted(case) or {"E34", "E37"} & set(case.rulings)
    return bool(departs) or case.name in NO_JSON
