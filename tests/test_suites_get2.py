"""The get2 suite as a whole: catalogue, checks, schemas and cases fit together, and the cases are what they say."""

from __future__ import annotations

import re
import tomllib
from urllib.parse import unquote_to_bytes

import pytest
from get2_answers import MARK, breached, evidence, findings, placed

from kvgate.case import Case, load_cases, place
from kvgate.case.load import read_cases
from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.level import Level
from kvgate.places import FIXTURES, SCHEMAS
from kvgate.requirement import load_requirements, load_rulings
from kvgate.schema import requirements_named, validator
from kvgate.verdict import Verdict, load_checks
from suites.get2.test_safe import TELLING

LEVELS = {
    "get2.request.served": "MUST",
    "get2.request.key-required": "MUST",
    "get2.request.key-decoded": "MUST",
    "get2.request.own-value": "MUST",
    "get2.status.match": "MUST",
    "get2.status.conflict": "MUST",
    "get2.version.same": "MUST",
    "get2.version.pair": "MUST",
    "get2.version.exclusive": "MUST",
    "get2.version.decimal": "MUST",
    "get2.version.canonical": "SHOULD",
    "get2.offset.present": "MUST",
    "get2.offset.absent": "MUST",
    "get2.offset.cut": "MUST",
    "get2.body.match": "MUST",
    "get2.body.conflict": "MUST",
    "get2.length.true": "MUST",
    "get2.length.sent": "SHOULD",
    "get2.type.text": "SHOULD",
    "get2.date.valid": "SHOULD",
    "get2.missing.no-success": "MUST",
    "get2.missing.status": "SHOULD",
    "get2.safe.repeatable": "MUST",
    "get2.safe.read-only": "MUST",
    "get2.safe.isolated": "MUST",
}
CASES = load_cases("get2")
OUTCOME_SCHEMAS = sorted(path.name for path in (SCHEMAS / "get2").glob("headers-*.json"))


def test_the_catalogue_has_every_requirement_with_its_level() -> None:
    assert {id_: str(row.level) for id_, row in load_requirements("get2").items()} == LEVELS


def test_the_catalogue_has_every_ruling_and_names_no_other() -> None:
    assert list(load_rulings("get2")) == [f"E{number}" for number in range(1, 13)]
    named = {ruling for row in load_requirements("get2").values() for ruling in row.rulings}
    named |= {ruling for case in CASES.values() for ruling in case.rulings}
    assert named <= set(load_rulings("get2"))


def test_each_requirement_has_one_check() -> None:
    assert sorted(check.requirement for check in load_checks("get2")) == sorted(LEVELS)


@pytest.mark.parametrize("check", load_checks("get2"), ids=lambda check: check.requirement)
def test_each_check_says_what_it_means_and_judges_some_case_at_its_full_level(check) -> None:  # type: ignore[no-untyped-def]
    assert len(check.meaning) > 30
    assert check.meaning.endswith(".")
    assert set(check.arguments) <= {"evidence", "case", "answer"}
    assert any(check.applies(case) for case in CASES.values() if case.level is Level.MUST)


def test_the_schemas_are_those_of_the_four_outcomes() -> None:
    assert OUTCOME_SCHEMAS == [
        "headers-200-pair.json", "headers-200-same.json", "headers-409-pair.json", "headers-409-same.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*OUTCOME_SCHEMAS, "headers.json", "cases.schema.json"])
def test_each_schema_is_a_schema_and_names_known_requirements(name: str) -> None:
    validator(f"get2/{name}")
    assert requirements_named(f"get2/{name}") <= set(LEVELS)


# The cases


def test_there_are_cases_enough() -> None:
    assert len([case for case in CASES.values() if case.level is Level.MUST]) >= 90


def test_control_is_two_equal_masters_and_a_plain_key() -> None:
    control = CASES["control"]
    assert (control.key, control.level, control.expect["status"]) == ("{m}", Level.MUST, 200)
    assert load_interface("get2").control == ("control",)


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_what_a_case_expects_follows_from_what_it_stores(case: Case) -> None:
    first, second = case.held("master1"), case.held("master2")
    expect = dict(case.expect)
    if "missing" in expect:
        lacking = {"master1": first, "master2": second}
        who = [where for where, holding in lacking.items() if holding is None]
        assert expect["missing"] == ("both" if len(who) == 2 else who[0])
        assert {(where, case.key) for where in who} <= set(case.absent)
        return
    assert first is not None
    assert second is not None
    if "statuses" in expect:
        for key, status in expect["statuses"].items():
            one, two = case.held("master1", key), case.held("master2", key)
            assert status == (404 if one is None or two is None else 200 if one.value == two.value else 409)
        return
    if "no_key" in expect:
        assert first.value == second.value, "a server that finds the key answers 200: the louder mistake"
        return
    assert expect.pop("status") == (200 if first.value == second.value else 409)
    assert expect.pop("versions") == ("same" if first.version == second.version else "pair")
    assert expect == ({} if first.value == second.value else {"offset": len(first.value)})


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_a_case_spells_each_key_in_one_way_and_stores_what_nodes_can_store(case: Case) -> None:
    for where in ("master1", "master2"):
        spelled = [key for place_, key in case.keys if place_ == where]
        decoded = [unquote_to_bytes(key) for key in spelled]
        assert len(set(decoded)) == len(decoded)
    assert not {(h.place, h.key) for h in case.holdings} & set(case.absent)
    for holding in case.holdings:
        assert holding.value
        assert 1 <= (holding.version or 0) <= 63
    for _, key in place(case, MARK, {}).keys:
        # A real HA was seen to take 4,000; 4,096 are a 414.
        assert len(unquote_to_bytes(key)) <= 2200
        assert re.fullmatch(r"[!-~]+", key)


@pytest.mark.parametrize("case", [c for c in CASES.values() if "key" in c.tags], ids=lambda case: case.name)
def test_a_case_of_percent_encoding_has_an_encoded_key_and_decoys_that_can_be_told_from_it(case: Case) -> None:
    assert "%" in case.key
    decoys = [holding for holding in case.holdings if holding.key != case.key]
    assert decoys
    own = b"".join(holding.value for holding in case.holdings if holding.key == case.key)
    assert not [decoy for decoy in decoys if decoy.value in own]


SEVERAL = [case for case in CASES.values() if len(case.asks) > 1]


@pytest.mark.parametrize("case", [c for c in SEVERAL if "statuses" not in c.expect], ids=lambda case: case.name)
def test_a_question_with_one_before_it_is_judged_as_the_last(case: Case) -> None:
    assert case.asks[-1].label == "first"
    assert len({ask.label for ask in case.asks}) == len(case.asks)
    # It is not asked again, so what compares two answers cannot judge it.
    judged = {check.requirement for check in load_checks("get2") if check.applies(case)}
    assert not {"get2.safe.repeatable", "get2.safe.isolated"} & judged


# What is used up once for all need not be asked for in a row that nothing disturbs.
ROWS = [case for case in SEVERAL if case.undisturbed or case.name.startswith("row-")]


TABLES = [case for case in SEVERAL if "table" in case.tags]


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case.name)
def test_a_table_asks_many_keys_once_each_and_both_statuses_are_among_the_answers(case: Case) -> None:
    asked = [ask.fields["key"] for ask in case.asks]
    assert len(set(asked)) == len(asked) >= 20
    assert set(case.expect["statuses"]) == set(asked)
    assert set(case.expect["statuses"].values()) == {200, 409}
    for key in asked:
        values = {holding.value for holding in case.holdings if holding.key == key}
        assert len(values) == (1 if case.expect["statuses"][key] == 200 else 2), key


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_a_row_is_one_question_many_times_and_then_others(case: Case) -> None:
    row = [ask.fields["key"] for ask in case.asks]
    assert row[:40] == [row[0]] * 40
    assert set(row[40:]) - {row[0]}
    assert not any(ask.connection or ask.together for ask in case.asks)


@pytest.mark.parametrize(
    "case", [c for c in SEVERAL if "statuses" in c.expect and c not in (*ROWS, *TABLES)], ids=lambda case: case.name
)
def test_a_case_of_several_questions_asks_each_alone_first(case: Case) -> None:
    company = [ask for ask in case.asks if ask.connection or ask.together]
    alone = [ask for ask in case.asks if not (ask.connection or ask.together)]
    assert {ask.fields["key"] for ask in company} == {ask.fields["key"] for ask in alone}
    assert case.asks[: len(alone)] == tuple(alone)
    assert len({ask.label for ask in case.asks}) == len(case.asks)
    assert 2 <= len(company) <= 300
    assert sum(ask.together is not None for ask in company) <= 8


def test_a_case_of_one_question_calls_it_first() -> None:
    assert {case.asks[0].label for case in CASES.values() if len(case.asks) == 1} == {"first"}


def test_no_two_cases_share_a_key_in_one_run() -> None:
    seen: dict[tuple[str, bytes], str] = {}
    for case in (place(case, MARK, {}) for case in CASES.values()):
        for where, key in case.keys:
            other = seen.setdefault((where, unquote_to_bytes(key)), case.name)
            assert other == case.name, f"{key} is in {other} and in {case.name}"


def test_values_that_a_miss_beside_them_may_hold_are_too_long_to_stand_in_an_error_by_chance() -> None:
    for case in CASES.values():
        asked = [ask for ask in case.asks if ask.connection or ask.together]
        if any(case.expect.get("statuses", {}).get(ask.fields["key"]) == 404 for ask in asked):
            assert min(len(holding.value) for holding in case.holdings) >= TELLING, case.name


def test_every_template_of_a_request_is_filled() -> None:
    for case in (place(case, MARK, {}) for case in CASES.values()):
        for ask in case.asks:
            assert "{" not in ask.target + "".join(value for _, value in ask.headers), case.name


def test_the_four_outcomes_and_every_kind_of_missing_key_have_cases() -> None:
    outcomes = [(c.expect["status"], c.expect["versions"]) for c in CASES.values() if "status" in c.expect]
    assert all(outcomes.count((status, form)) >= 5 for status in (200, 409) for form in ("same", "pair"))
    missing = [case.expect["missing"] for case in CASES.values() if "missing" in case.expect]
    assert all(missing.count(who) >= 3 for who in ("master1", "master2", "both"))


def test_only_names_requirements_that_there_are() -> None:
    assert {id_ for case in CASES.values() for id_ in case.only} <= set(LEVELS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("colour = 1", "unknown key 'colour'"),
        ("expect = { status = 409, versions = 'same' }", "expect"),
        ("expect = { status = 200, versions = 'same', offset = 3 }", "expect"),
        ("expect = { status = 404 }", "expect"),
        ("expect = { missing = 'nobody' }", "expect"),
        ("master1 = { text = '', version = 1 }\nexpect = { missing = 'both' }", "not empty"),
        ("master1 = { text = 'a', version = 64 }\nexpect = { missing = 'both' }", "1 to 63"),
        ("master1 = { text = 'a', version = 1.0 }\nexpect = { missing = 'both' }", "1 to 63"),
        ("expect = { status = 200.0, versions = 'same' }", "integer"),
        ("master1 = { text = 'a' }\nexpect = { missing = 'both' }", "version"),
        ("key = 'plain'\nexpect = { missing = 'both' }", "{m}"),
        ("tags = ['colour']\nexpect = { missing = 'both' }", "tags"),
    ],
)
def test_a_fixture_that_is_wrong_is_told_in_one_line(tmp_path, line: str, said: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "wrong.toml"
    path.write_text(f"[[case]]\nname = 'wrong'\nwhy = 'to see what is said'\n{line}\n")
    with pytest.raises(InputError) as error:
        read_cases(path, load_interface("get2"))
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_the_files_of_fixtures_hold_one_theme_each_and_say_which() -> None:
    for path in (FIXTURES / "get2").glob("*.toml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert first.startswith("# "), f"{path}:1: expected a comment with the theme of its cases, got {first!r}"
        assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {"case"}


# Right answers


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_a_right_answer_meets_every_requirement(case: Case) -> None:
    found = findings(evidence(placed(case.name)))
    assert found, "no check judges this case"
    assert {verdict.verdict for verdict in found.values()} <= {Verdict.PASS, Verdict.OBSERVED, Verdict.NOT_APPLICABLE}
    judged = [f for f in found.values() if f.verdict in (Verdict.PASS, Verdict.OBSERVED)]
    assert judged
    assert not [f.message for f in judged if f.message]
    if case.level is Level.MUST:
        assert not breached(evidence(placed(case.name)))
        assert Verdict.OBSERVED not in {finding.verdict for finding in found.values()}
