"""Each clause of a sibling has a wrong answer that it rejects, and right answers are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from get2_answers import being, having, saying, without
from sibling_answers import GEODE, HUSTDB, SIBLINGS, Change, Wrong, breached, evidence, findings, placed

from kvgate.case import load_cases
from kvgate.level import Level
from kvgate.requirement import load_profile_requirements, load_requirements
from kvgate.verdict import Held, Situation, Verdict

SAME = dict.fromkeys(HUSTDB, "control")
PAIR = {"hget2": "page-versions-differ", "zscore2": "versions-differ", "sismember2": "versions-differ"}
SHARED = {"hget2": "shared-4-same", "zscore2": "shared-4-same", "sismember2": "shared-2-same"}
DIFFER = {"hget2": "page-values-differ", "zscore2": "scores-differ", "sismember2": "versions-differ"}


def length(text: str | None) -> Change:
    return lambda reply: replace(reply, length=text)


def _usual(name: str) -> list[Wrong]:
    """What is wrong for every HustDB sibling."""
    rows: list[tuple[str, str, Change]] = [
        ("request.served", SAME[name], being(405)),
        ("request.key-required", "no-tb", being(200)),
        ("request.own-value", SAME[name], having("Version", "9")),
        ("status.match", SAME[name], being(409)),
        ("status.conflict", DIFFER[name], being(200)),
        ("version.same", SAME[name], having("Version", "2")),
        ("version.pair", PAIR[name], lambda r: r.having("Version1", r.value("Version2"))),
        ("version.exclusive", PAIR[name], having("Version", "1")),
        ("version.decimal", SAME[name], having("Version", "v1")),
        ("version.canonical", SAME[name], having("Version", "01")),
        ("offset.absent", SAME[name], having("Val-Offset", "0")),
        ("length.true", SAME[name], lambda r: replace(r, length=str(len(r.body) + 1))),
        ("length.sent", SAME[name], length(None)),
        ("type.text", SAME[name], having("Content-Type", "application/json")),
        ("date.valid", SAME[name], having("Date", "yesterday")),
        ("missing.no-success", "missing-both", being(200)),
        ("missing.status", "missing-both", being(400)),
        ("release.not-found", "missing-both", without("Version")),
        ("release.not-found", "missing-both", saying(b"no such key")),
        ("release.not-found", "no-tb", being(400)),
    ]
    more = [Wrong(name, "safe.repeatable", SAME[name], having("Version", "1", "1"), "again")]
    more += [Wrong(name, "safe.isolated", "connection-of-all-outcomes", having("Version", "9"), SHARED[name])]
    return [Wrong(name, *row) for row in rows] + more


def _of_values(name: str, decoy: bytes) -> list[Wrong]:
    """What is wrong where there are values, scores among them."""
    rows: list[tuple[str, str, Change]] = [
        ("request.key-decoded", "key-with-a-percent-sign", saying(decoy)),
        ("request.own-table", "table-another-has-the-key", saying(b"of the other table" if name == "hget2" else decoy)),
        ("request.own-value", SAME[name], saying(b"13")),
        ("offset.present", DIFFER[name], without("Val-Offset")),
        ("offset.cut", DIFFER[name], having("Val-Offset", "1")),
        ("body.match", SAME[name], lambda r: r.saying(r.body + b"0")),
        ("body.conflict", DIFFER[name], lambda r: r.saying(r.body[::-1])),
    ]
    return [Wrong(name, *row) for row in rows]


def status(code: int) -> Change:
    return lambda reply: replace(reply, status=code)


def edit(old: str, new: str) -> Change:
    def changed(reply):  # type: ignore[no-untyped-def]  # of either kind of Geode reply
        body = reply.values().decode()
        assert old in body
        return reply.saying(body.replace(old, new, 1))

    return changed


KEY = [
    ("request.served", "control", status(500)),
    ("key.whole", "key-with-a-dot", edit('"a.b"', '"a"')),
    ("key.whole", "missing-prefix", status(200)),
    ("key.decoded", "key-with-a-plus", edit('"a+b"', '"a b"')),
    ("status.found", "numbers", status(404)),
    ("status.missing", "missing", status(400)),
    ("status.no-region", "no-region", status(400)),
    ("body.bare", "control", lambda r: r.saying(f'{{"{r.region}":[{r.values().decode()}]}}')),
    ("body.bare", "control", lambda r: r.saying(f"[{r.values().decode()}]")),
    ("body.bare", "one-member-an-array", lambda r: r.saying(f'{{"value":{r.values().decode()}}}')),
    ("body.bare", "control", lambda r: r.saying(f'{{"value":[{r.values().decode()}]}}')),
    ("body.bare", "control", lambda r: r.saying(f'{{"{r.region}":1}}')),
    ("body.strict-json", "control", lambda r: r.saying('{"id":1,"id":1}')),
    ("body.value-intact", "numbers", edit("9007199254740993", "9007199254740992")),
    ("body.value-intact", "one-member-an-array", edit('[{"id":1}]', '{"id":1}')),
    ("location.sent", "control", lambda r: replace(r, location="")),
    ("location.names-keys", "control", lambda r: replace(r, location=f"/geode/v1/{r.region}/other")),
    ("type.json", "control", having("Content-Type", "text/plain")),
    ("type.errors", "missing", having("Content-Type", "text/html")),
    ("type.errors", "missing", having("Content-Type")),
    ("type.errors", "no-region", having("Content-Type", "text/plain")),
    ("error.json", "missing", saying(b"Key not found")),
    ("error.json", "no-region", saying(b"no such region")),
    ("error.names-key", "missing", saying(b'{"cause":"Key does not exist for region (orders)"}')),
    ("length.true", "control", lambda r: replace(r, length="3")),
    ("date.valid", "control", having("Date", "yesterday")),
]
QUERY = [
    ("request.served", "control", status(500)),
    ("key.whole", "key-with-a-dot", status(200)),
    ("key.decoded", "key-with-an-ampersand", edit('"a&keys=x"', '"a"')),
    ("parameter.values", "parameter-false", status(200)),
    ("status.found", "page-second-example", status(400)),
    ("status.ignored", "missing-last-ignored", status(400)),
    ("status.missing", "missing-last", status(200)),
    ("status.bad-parameter", "parameter-wrong", status(200)),
    ("status.no-region", "no-region", status(400)),
    ("body.region-member", "control", edit('"orders"', '"keys"')),
    ("body.one-per-key", "control", lambda r: replace(r, elements=r.elements[:1])),
    ("body.aligned", "control", lambda r: replace(r, elements=r.elements[::-1])),
    ("body.missing-null", "missing-last-ignored", edit("null", "{}")),
    ("body.value-intact", "control", edit('"id":1', '"id":"1"')),
    ("body.strict-json", "control", lambda r: r.saying(r.values() + b",")),
    ("location.sent", "control", lambda r: replace(r, location="")),
    ("location.names-keys", "control", lambda r: replace(r, location=f"/geode/v1/{r.region}/{','.join(r.keys)}")),
    ("location.names-keys", "control", lambda r: replace(r, location=f"/geode/v1/{r.region}?keys={r.keys[0]}")),
    ("location.names-keys", "control", lambda r: replace(r, location=f"/geode/v1/other?keys={','.join(r.keys)}")),
    ("type.json", "control", having("Content-Type", "text/plain")),
    ("type.other-errors", "parameter-wrong", having("Content-Type", "text/html")),
    ("error.json", "missing-last", saying(b"not found")),
    ("error.json-parameter", "parameter-wrong", saying(b"wrong")),
    ("error.names-missing", "missing-last", saying(b'"Requested keys not exist in region [orders]"')),
    ("length.true", "control", lambda r: replace(r, length="3")),
    ("date.valid", "control", having("Date", "yesterday")),
]

WRONG = [
    *(wrong for name in HUSTDB for wrong in _usual(name)),
    *_of_values("hget2", b"decoy: decoded twice"),
    *_of_values("zscore2", b"5555"),
    Wrong("zscore2", "request.post", "post", being(405)),
    Wrong("zscore2", "request.body-wins", "post-body-wins", saying(b"5555")),
    Wrong("sismember2", "request.key-exact", "key-with-an-escape", lambda r: r.having("Version1", "7")),
    Wrong("sismember2", "request.key-exact", "key-of-another-table", having("Version", "7")),
    Wrong("sismember2", "request.key-exact", "key-of-utf8", being(404)),
    Wrong("sismember2", "body.empty", "control", saying(b"1")),
    Wrong("sismember2", "body.empty", "versions-differ", saying(b"12")),
    *(Wrong("geodekey", *row) for row in KEY),
    Wrong("geodekey", "safe.repeatable", "control", edit("1", "2"), "again"),
    Wrong("geodekey", "safe.read-only", "reading-creates-nothing", status(200), "after"),
    Wrong("geodekey", "safe.isolated", "one-connection", edit('"b"', '"a"'), "shared-b"),
    *(Wrong("geodequery", *row) for row in QUERY),
    Wrong("geodequery", "safe.repeatable", "control", edit('"id":1', '"id":2'), "again"),
    Wrong("geodequery", "safe.read-only", "reading-creates-nothing", status(200), "after"),
    Wrong("geodequery", "safe.isolated", "one-connection", edit('"b"', '"c"'), "shared-values"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_answer_is_rejected_by_the_clause_meant_for_it(wrong: Wrong) -> None:
    profile = "hustdb-1.7" if wrong.clause.startswith("release.") else "doc"
    case = placed(wrong.interface, wrong.case)
    assert not breached(evidence(case), profile)
    found = breached(evidence(case, wrong.change, wrong.label), profile)
    assert f"{wrong.interface}.{wrong.clause}" in found, found


@pytest.mark.parametrize("clause", ["offset.absent", "body.empty"])
def test_an_answer_that_is_no_outcome_is_not_judged_as_one(clause: str) -> None:
    given = evidence(placed("sismember2", "control"), lambda r: r.being(500).having("Val-Offset", "0").saying(b"error"))
    assert findings(given)[f"sismember2.{clause}"].verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("name", HUSTDB)
def test_a_master_that_changes_while_it_is_read_breaks_read_only(name: str) -> None:
    def later(state: Situation) -> Situation:
        return Situation({pair: Held(held.value, (held.version or 0) + 1) for pair, held in state.held.items()})

    assert f"{name}.safe.read-only" in breached(evidence(placed(name, "control"), after=later))


@pytest.mark.parametrize("name", SIBLINGS)
def test_each_clause_has_a_wrong_answer(name: str) -> None:
    judged = [row for row in load_requirements(name).values() if row.level is not Level.INFO]
    clauses = {row.id.partition(".")[2] for row in (*judged, *load_profile_requirements(name).values())}
    meant = {wrong.clause for wrong in WRONG if wrong.interface == name}
    assert meant == clauses - ({"safe.read-only"} if name in HUSTDB else set())


@pytest.mark.parametrize("name", SIBLINGS)
def test_right_answers_are_accused_of_nothing(name: str) -> None:
    profiles = ("doc", "hustdb-1.7") if name in HUSTDB else ("doc",)
    for case in load_cases(name).values():
        for profile in profiles:
            assert not breached(evidence(placed(name, case.name)), profile), case.name


@pytest.mark.parametrize(
    "where",
    [
        "http://other:8080/geode/v1/{region}?keys={keys}",
        "{region}?keys={keys}",
        "?keys={keys}",
        "/a/{region}?x=1&keys={encoded}",
    ],
)
def test_a_location_with_a_query_may_be_written_in_many_ways(where: str) -> None:
    for name in ("control", "key-with-a-space", "page-location-order", "key-with-an-ampersand"):
        case = placed("geodequery", name)

        def moved(reply):  # type: ignore[no-untyped-def]  # a Geode reply
            keys = ",".join(reply.keys)
            filled = where.format(region=reply.region, keys=keys, encoded=keys.replace(",", "%2C").replace("%20", "+"))
            return replace(reply, location=filled)

        assert not breached(evidence(case, moved)), name


def test_geode_siblings_are_two() -> None:
    assert GEODE == ("geodekey", "geodequery")
    assert HUSTDB == ("hget2", "sismember2", "zscore2")
