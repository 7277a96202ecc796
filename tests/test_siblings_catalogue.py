"""The suites of the siblings as wholes: catalogue, checks, cases and docs/siblings.md fit together."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest
from sibling_answers import GEODE, HUSTDB, SIBLINGS

from kvgate.case import Case, load_cases
from kvgate.case.load import read_cases
from kvgate.errors import InputError
from kvgate.interface import load_interface, load_profile
from kvgate.interface.load import profile_names
from kvgate.level import Level
from kvgate.places import FIXTURES, ROOT, SCHEMAS, SUITES
from kvgate.requirement import load_profile_requirements, load_profile_rulings, load_requirements, load_rulings
from kvgate.run.plan import Selection, make_plan
from kvgate.schema import validator
from kvgate.verdict import load_checks
from kvgate.verdict.check import load_profile_checks

ENOUGH = {"hget2": 30, "zscore2": 20, "sismember2": 20, "geodekey": 20, "geodequery": 20}
BOTH = [(name, case) for name in SIBLINGS for case in load_cases(name).values()]
OF_HUSTDB = [row for row in BOTH if row[0] in HUSTDB]
CLAUSES = {
    int(number) for number in re.findall(r"^(\d+)\. ", (ROOT / "docs" / "siblings.md").read_text(), flags=re.MULTILINE)
}


@pytest.mark.parametrize("name", SIBLINGS)
def test_a_sibling_is_off_by_default_and_says_so(name: str) -> None:
    interface = load_interface(name)
    assert not interface.default
    assert interface.page == "siblings"
    assert {option.name for option in interface.options} >= {"url"}


@pytest.mark.parametrize("name", SIBLINGS)
def test_each_requirement_has_one_check_and_a_case_at_its_full_level(name: str) -> None:
    judged = {**load_requirements(name), **load_profile_requirements(name)}
    checks = {check.requirement: check for check in (*load_checks(name), *load_profile_checks(name))}
    assert sorted(checks) == sorted(judged) != []
    assert len(checks) == len(load_checks(name)) + len(load_profile_checks(name))
    facts = {} if name in GEODE else load_profile(name, "hustdb-1.7").facts
    for id_, check in checks.items():
        assert id_.startswith(f"{name}.")
        assert check.meaning.endswith("."), id_
        assert any(check.applies(case, facts) for case in load_cases(name).values() if case.level is Level.MUST), id_


def is_for(interface: str, clause: str, case: Case) -> bool:
    (check,) = [check for check in load_checks(interface) if check.requirement == f"{interface}.{clause}"]
    return check.applies(case, {})


@pytest.mark.parametrize(
    ("name", "clause", "cases"),
    [
        ("hget2", "request.own-table", "table-*"),
        ("sismember2", "request.key-exact", "key-with-* key-like-parameters key-of-utf8 key-of-another-table"),
        ("zscore2", "request.post", "post post-*"),
    ],
)
def test_a_clause_of_its_own_is_for_the_cases_that_ask_for_it(name: str, clause: str, cases: str) -> None:
    asking = {case.name for case in load_cases(name).values() if is_for(name, clause, case)}
    # That a key is missing is for other clauses to judge.
    missing = {case.name for case in load_cases(name).values() if "missing" in case.expect}
    patterns = cases.split()
    assert asking == {each for each in load_cases(name) if any(fnmatch(each, one) for one in patterns)} - missing
    lacking = replace(load_cases(name)["missing-both"], tags=frozenset({"table", "key"}))
    assert not is_for(name, clause, lacking)


def test_a_score_is_asked_for_by_get_or_by_post() -> None:
    for case in load_cases("zscore2").values():
        served = [clause for clause in ("request.served", "request.post") if is_for("zscore2", clause, case)]
        both = [case.held(where) for where in ("master1", "master2")]
        wanted = {"GET": ["request.served"], "POST": ["request.post"]}[case.asks[0].method]
        assert served == (
            wanted if None not in both and "no_key" not in case.expect and "statuses" not in case.expect else []
        )


@pytest.mark.parametrize("name", SIBLINGS)
def test_a_catalogue_names_clauses_that_there_are(name: str) -> None:
    for row in (*load_requirements(name).values(), *load_profile_requirements(name).values()):
        numbers = {int(number) for number in re.findall(r"\d+", row.lines)}
        assert numbers
        assert numbers <= CLAUSES, row.id
        assert set(row.rulings) <= {*load_rulings(name), *load_profile_rulings(name)}, row.id


@pytest.mark.parametrize("name", SIBLINGS)
def test_there_are_cases_enough(name: str) -> None:
    assert sum(case.level is Level.MUST for case in load_cases(name).values()) >= ENOUGH[name]
    assert set(load_interface(name).control) <= set(load_cases(name))


@pytest.mark.parametrize("name", HUSTDB)
def test_every_profile_makes_a_plan(name: str) -> None:
    assert profile_names(name) == ("doc", "hustdb-1.7")
    for profile in profile_names(name):
        make_plan(name, profile, Selection())


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_schema_of_a_sibling_is_one(path: Path) -> None:
    if path.parent.name in SIBLINGS:
        validator(f"{path.parent.name}/{path.name}")


@pytest.mark.parametrize(("name", "case"), OF_HUSTDB, ids=lambda row: getattr(row, "name", row))
def test_what_a_case_expects_follows_from_what_it_stores(name: str, case: Case) -> None:
    expect = dict(case.expect)
    if "statuses" in expect:
        assert expect["statuses"] == {key: _status(name, case, key) for key in expect["statuses"]}
        assert {ask.fields["key"] for ask in case.asks} == set(expect["statuses"])
        return
    first, second = case.held("master1"), case.held("master2")
    if "no_key" in expect:
        assert first is not None, "a server that finds the key answers: the louder mistake"
        return
    if "missing" in expect:
        lacking = [where for where, held in (("master1", first), ("master2", second)) if held is None]
        assert expect["missing"] == ("both" if len(lacking) == 2 else lacking[0])
        assert {(where, case.key) for where in lacking} <= set(case.absent)
        return
    assert first is not None
    assert second is not None
    wanted = {
        "status": _status(name, case, case.key),
        "versions": "same" if first.version == second.version else "pair",
    }
    if wanted["status"] == 409 and name != "sismember2":
        wanted["offset"] = len(first.value)
    assert expect == wanted


def _status(name: str, case: Case, key: str) -> int:
    first, second = case.held("master1", key), case.held("master2", key)
    if first is None or second is None:
        return 404
    same = first.version == second.version if name == "sismember2" else first.value == second.value
    return 200 if same else 409


@pytest.mark.parametrize(("name", "case"), BOTH, ids=lambda row: getattr(row, "name", row))
def test_every_key_that_is_written_carries_the_mark(name: str, case: Case) -> None:
    for _, key in case.keys:
        assert "{m}" in key or "{n}" in key
        assert ("|" in key) is (name in HUSTDB), "a key of a table names it"


def test_a_borrowed_case_is_read_with_the_tables_of_its_borrower() -> None:
    lent, borrowed = load_cases("get2")["offset-of-1234"], load_cases("hget2")["offset-of-1234"]
    assert (lent.interface, borrowed.interface) == ("get2", "hget2")
    assert (lent.key, borrowed.key) == ("{m}", "kvgate_hash|{m}")
    assert [held.value for held in lent.holdings] == [held.value for held in borrowed.holdings]
    assert borrowed.asks[0].target == "/hget2?tb={table}&key={key}"
    assert borrowed.source.startswith("get2/offset.toml:")


def test_a_fixture_of_a_sibling_that_is_wrong_is_one_clear_line(tmp_path: Path) -> None:
    wrong = {
        'master1 = { text = "a", version = 1 }': "sismember2",
        'master1 = { text = "six", version = 1 }': "zscore2",
        "master1 = { version = 1 }": "hget2",
        'key = "no mark"': "hget2",
        "colour = 1": "zscore2",
    }
    for line, name in wrong.items():
        path = tmp_path / "wrong.toml"
        path.write_text(f'[[case]]\nname = "a"\nwhy = "a wrong one"\n{line}\nexpect = {{ missing = "both" }}\n')
        with pytest.raises(InputError, match=r"wrong\.toml:\d+: case, item 1 \(a\)"):
            read_cases(path, load_interface(name))


def test_a_sibling_is_a_folder_of_data_and_a_few_functions() -> None:
    for name in SIBLINGS:
        code = [line for path in (SUITES / name).glob("*.py") for line in path.read_text().splitlines() if line.strip()]
        assert len(code) < 160, name
        files = [path for path in (FIXTURES / name).iterdir() if path.name != "__pycache__"]
        assert not [path for path in files if path.suffix != ".toml"]
