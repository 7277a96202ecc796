"""How a release of Apache Geode reads keys and words its errors, as the facts of its profile say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from geode_answers import evidence, placed
from test_geode_meaning import STORED, asked

from kvgate.case import Case
from kvgate.interface import load_profile
from kvgate.level import Level
from kvgate.requirement import load_profile_requirements
from kvgate.strictjson import Value
from kvgate.verdict import Finding, Verdict, judge, load_profile_checks
from suites.geode import release

FACTS: dict[str, Any] = {
    "charset": {"path": "utf-8"},
    "repeated": {"answered": "each"},
    "order": {"is": "request"},
    "errors": {
        "parameter": "{value} in {region}", "region": "no {region}", "one-missing": "not {keys} in {region}",
        "missing": "none of {keys} in {region}",
    },
    "types": {"200": "application/json", "404": "text/plain", "other": "x"},
}  # fmt: skip
CUT = {**FACTS, "cut": {"at": "."}}
REFUSING = {**FACTS, "refused": {"in-path": ["%2F", "%5C"], "status": 500}}


def spelled(*keys: str, outcome: str = "found", query: str = "", statuses: tuple[int, ...] = (200,)) -> Any:
    question = replace(asked(*keys), outcome=outcome, statuses=statuses)
    return replace(question, target=question.target + query)


@pytest.mark.parametrize(
    ("facts", "keys", "read", "otherwise"),
    [
        (FACTS, ("a", "b"), ("a", "b"), False),
        (FACTS, ("a%20b", "b"), ("a b", "b"), False),
        (FACTS, ("%20a%20", "b"), ("a", "b"), True),
        (FACTS, ("a%2Cb",), ("a", "b"), True),
        (FACTS, ("%C3%A9",), ("\u00e9",), False),
        ({**FACTS, "charset": {"path": "latin-1"}}, ("%C3%A9",), ("\u00c3\u00a9",), True),
        (FACTS, ("%FF",), ("\ufffd",), True),
        (CUT, ("a.b", "c"), ("a",), True),
        (CUT, ("a.b", "c.d"), ("a.b", "c"), True),
        (CUT, ("a", "b"), ("a", "b"), False),
    ],
)  # fmt: skip
def test_keys_are_read_as_the_release_reads_them(
    facts: dict[str, Any], keys: tuple[str, ...], read: tuple[str, ...], otherwise: bool
) -> None:
    assert release.keys_read(keys, facts) == read
    assert release.reads_otherwise(keys, facts) is otherwise


def test_keys_are_answered_in_the_order_and_as_often_as_the_release_does() -> None:
    once, hashed = {**FACTS, "repeated": {"answered": "once"}}, {**FACTS, "order": {"is": "hash"}}
    assert release.keys_answered(spelled("b", "a", "b"), FACTS) == ("b", "a", "b")
    assert release.keys_answered(spelled("b", "a", "b"), once) == ("b", "a")
    assert release.keys_answered(spelled("b", "a"), hashed) == ("a", "b")


def test_a_release_that_cuts_keys_cuts_those_that_were_put() -> None:
    question = replace(spelled("a"), stored={"a.b.c": STORED["a"], "d": STORED["b"]})
    assert dict(release.values_held(question, CUT)) == {"a.b": STORED["a"], "d": STORED["b"]}
    assert dict(release.values_held(question, FACTS)) == dict(question.stored)


@pytest.mark.parametrize(
    ("keys", "refused"),
    [(("a%2Fb", "c"), True), (("c", "a%2fb"), True), (("a%5cb",), True), (("a", "b"), False), (("a%20b",), False)],
)
def test_a_path_may_be_refused(keys: tuple[str, ...], refused: bool) -> None:
    assert release.is_refused(keys, REFUSING) is refused
    assert not release.is_refused(keys, FACTS)


def named(name: str) -> Case:
    return replace(placed("control"), name=name)


@pytest.mark.parametrize(
    ("facts", "question", "statuses"),
    [
        (FACTS, spelled("a", "b", statuses=(299,)), (299,)),
        (REFUSING, spelled("a%2Fb"), (500,)),
        ({**REFUSING, "statuses": {"E1": {"own": 404}}}, spelled("a%2Fb"), (500,)),
        ({**FACTS, "statuses": {"E1": {"other": 400}, "E2": {"own": 404}}}, spelled("a", statuses=(299,)), (404,)),
        ({**FACTS, "statuses": {"E1": {"other": 400}}}, spelled("a", statuses=(299,)), (299,)),
        (FACTS, spelled("%20a", outcome="bad-parameter", statuses=(299,)), (299,)),
        (FACTS, spelled("%20a", outcome="no-region", statuses=(299,)), (299,)),
        (FACTS, spelled("%20a", "b", outcome="missing"), (200,)),
        (FACTS, spelled("%20x", outcome="missing"), (404,)),
        (FACTS, spelled("%20x", outcome="ignored"), (404,)),
        (FACTS, spelled("%20x", "a", outcome="missing"), (400,)),
        (FACTS, spelled("%20x", "a", outcome="found"), (400,)),
        (FACTS, spelled("%20x", "a", outcome="found", query="?ignoreMissingKey=false"), (400,)),
        (FACTS, spelled("%20x", "a", outcome="found", query="?ignoreMissingKey=true"), (200,)),
        (FACTS, spelled("%20x", "a", outcome="ignored", query="?ignoreMissingKey=true"), (200,)),
        (FACTS, spelled("%20x", "a", outcome="ignored", query="?ignoreMissingKey=TRUE"), (200,)),
    ],
)  # fmt: skip
def test_the_status_is_worked_out(facts: dict[str, Any], question: Any, statuses: tuple[int, ...]) -> None:
    assert release.statuses(named("own"), question, facts) == statuses


IGNORE = "ignoreMissingKey"


@pytest.mark.parametrize(
    ("query", "outcome", "status", "text"),
    [
        ("", "missing", 400, "none of x,y in orders"),
        (f"?{IGNORE}=false", "missing", 400, "none of x,y in orders"),
        (f"?{IGNORE}=FALSE", "missing", 400, "none of x,y in orders"),
        (f"?{IGNORE}=True", "missing", 400, "none of x,y in orders"),
        (f"?{IGNORE}=yes", "bad-parameter", 400, "yes in orders"),
        (f"?{IGNORE}=", "bad-parameter", 400, " in orders"),
        (f"?{IGNORE}", "bad-parameter", 400, " in orders"),
        (f"?{IGNORE}=a=b", "bad-parameter", 400, "a=b in orders"),
        (f"?{IGNORE}=a%20b+c", "bad-parameter", 400, "a b c in orders"),
        (f"?{IGNORE}=true&{IGNORE}=false", "bad-parameter", 400, "true,false in orders"),
        (f"?&x=yes&{IGNORE[:-1]}%79=no&", "bad-parameter", 400, "no in orders"),
        (f"?{IGNORE}=a?b", "bad-parameter", 400, "a?b in orders"),
        ("?x=yes", "missing", 400, "none of x,y in orders"),
        ("?&&", "missing", 400, "none of x,y in orders"),
        ("", "no-region", 404, "no orders"),
        ("", "missing", 404, "not x in orders"),
    ],
)  # fmt: skip
def test_an_error_is_put_together(query: str, outcome: str, status: int, text: str) -> None:
    assert release.error_text(spelled("x", "a", "y", outcome=outcome, query=query), status, FACTS) == text.encode()


def test_the_name_of_a_region_is_decoded_twice_the_second_time_as_a_form_is() -> None:
    question = replace(spelled("x", outcome="no-region"), region="no+where%C3%A9")
    assert release.error_text(question, 404, FACTS) == "no no where\u00e9".encode()
    latin = {**FACTS, "charset": {"path": "latin-1"}}
    assert release.error_text(question, 404, latin) == "no no where\u00c3\u00a9".encode()


def test_what_a_200_has_to_hold_and_to_name() -> None:
    one, two = STORED["a"], STORED["b"]
    due: dict[tuple[str, ...], Value] = {
        ("a",): one, ("x",): None, ("a", "x", "b"): {"orders": [one, None, two]}, ("a%2Cb",): {"orders": [one, two]},
    }  # fmt: skip
    for keys, document in due.items():
        assert release.document_due(spelled(*keys), FACTS) == document
    once = {**FACTS, "repeated": {"answered": "once"}}
    assert release.document_due(spelled("a", "a"), once) == {"orders": [one]}
    assert release.location_due(spelled("b", "a%20", "b"), FACTS) == "b,a,b"


def test_what_a_location_names_is_compared_in_the_form_of_the_release() -> None:
    formed = {**FACTS, "charset": {"path": "utf-8", "location-form": "NFC"}}
    question = spelled("e%CC%81")
    for facts, letter in ((FACTS, "e\u0301"), (formed, "\u00e9")):
        assert release.location_due(question, facts) == letter
        assert release.location_named("/v/orders/e\u0301".encode(), question, facts) == letter
        assert release.location_named(b"/v/orders/e%CC%81", question, facts) == letter
    assert release.location_named(b"/orders/x/orders/a,b", question, FACTS) == "a,b"
    assert release.location_named(b"/items/a,b", question, FACTS) == "/items/a,b"
    assert release.location_named(b"/orders/\xff", question, FACTS) == "\ufffd"


# The checks

CHECKS = {check.requirement.rpartition(".")[2]: check for check in load_profile_checks("geode")}


def judged(clause: str, name: str, facts: dict[str, Any], *, status: int = 200, **changes: Any) -> Finding:
    case = replace(placed(name), name="own", level=Level.MUST)
    given = evidence(case, lambda reply: replace(reply, status=status, **changes))
    requirement = load_profile_requirements("geode")[CHECKS[clause].requirement]
    return judge(CHECKS[clause], requirement, load_profile("geode"), replace(given, facts=facts), strict=True)


@pytest.mark.parametrize(
    ("name", "facts", "clauses"),
    [
        ("control", FACTS, {"keys", "type"}),
        ("missing-last", FACTS, {"error", "type"}),
        ("missing-last-ignored", FACTS, {"keys", "type"}),
        ("observed-encoded-comma", FACTS, {"status", "keys", "error", "type"}),
        ("control", {**FACTS, "statuses": {"E1": {"control": 404}}}, {"status", "keys", "error", "type"}),
        ("missing-last", {**FACTS, "statuses": {"E1": {"missing-last": 200}}}, {"status", "keys", "error", "type"}),
        ("observed-encoded-slash", REFUSING, {"status", "keys", "error", "type"}),
        ("observed-encoded-slash", FACTS, {"keys", "type"}),
        ("control", {}, set()),
        ("missing-last", {"charset": FACTS["charset"]}, set()),
        ("one-connection-error-between", FACTS, {"keys", "error", "type"}),
        ("one-connection-values", CUT, {"keys", "type"}),
    ],
)
def test_a_check_is_for_the_cases_of_which_the_facts_say_something(
    name: str, facts: dict[str, Any], clauses: set[str]
) -> None:
    assert {clause for clause, check in CHECKS.items() if check.applies(placed(name), facts)} == clauses


def test_one_question_of_several_that_is_read_otherwise_is_enough() -> None:
    case = placed("one-connection-values")
    first, *others = case.asks
    asks = (
        first,
        *(replace(other, fields={**other.fields, "keys": ["%20a", "b"]}) for other in others[:1]),
        *others[1:],
    )
    assert CHECKS["status"].applies(replace(case, asks=asks), FACTS)
    assert not CHECKS["status"].applies(case, FACTS)


def test_what_the_release_answers_otherwise_is_told() -> None:
    assert judged("keys", "control", FACTS).verdict is Verdict.PASS
    assert judged("keys", "control", FACTS, location="").message
    assert judged("keys", "control", FACTS, status=404).message == "nothing was answered by status 200"
    assert judged("error", "control", FACTS, status=200).verdict is Verdict.NOT_APPLICABLE
    assert judged("error", "missing-last", FACTS, status=400).verdict is Verdict.FAIL
    assert judged("type", "control", FACTS).verdict is Verdict.PASS
    assert judged("type", "control", FACTS, status=404).verdict is Verdict.FAIL
    assert judged("type", "control", FACTS, status=500).verdict is Verdict.NOT_APPLICABLE
    assert judged("status", "control", FACTS, status=404).got == "status 404"
    assert judged("keys", "observed-encoded-slash", REFUSING).verdict is Verdict.NOT_APPLICABLE


def test_an_answer_to_head_shows_no_values() -> None:
    case = placed("observed-head")
    seen = evidence(case, lambda reply: replace(reply, body=b"", location=f"/{reply.region}/a,b"))
    asks = tuple(replace(ask, fields={**ask.fields, "keys": ["%20a", "b"]}) for ask in case.asks)
    requirement = load_profile_requirements("geode")["geode.release.keys"]
    given = replace(seen, case=replace(case, asks=asks, level=Level.MUST), facts=FACTS)
    assert judge(CHECKS["keys"], requirement, load_profile("geode"), given, strict=True).verdict is Verdict.PASS


@pytest.mark.parametrize(("clause", "facts"), [("status", CUT), ("keys", FACTS), ("type", FACTS)])
def test_there_is_no_verdict_where_one_of_several_answers_has_none(clause: str, facts: dict[str, Any]) -> None:
    case = replace(placed("one-connection-values"), level=Level.MUST)
    requirement = load_profile_requirements("geode")[f"geode.release.{clause}"]
    seen = evidence(case, lambda reply: replace(reply, status=503), only="short")
    given = [replace(each, facts=facts) for each in (evidence(case), seen)]
    found = [judge(CHECKS[clause], requirement, load_profile("geode"), each, strict=True).verdict for each in given]
    assert found == [Verdict.PASS, Verdict.NO_VERDICT]
