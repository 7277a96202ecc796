"""The bytes that four real releases of Apache Geode sent, judged: every MUST passes, and what warns is known."""
# ruff: noqa: E501  # one row of expectations a line is what a reader runs an eye over

from __future__ import annotations

import json
import urllib.parse
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from geode_answers import breached, exchange, findings

from kvgate.case import Ask, Case, Holding
from kvgate.level import Level
from kvgate.verdict import Evidence, Finding

FOLDER = Path(__file__).parent / "recordings"
RELEASES = ("1.2.0", "1.12.1", "1.14.4", "2.0.0")
ROLES = {"orders": "data", "items": "second", "empty": "empty", "absent": "absent"}

FOUND = {"outcome": "found", "status": 200}
WRONG = {"outcome": "bad-parameter", "status": 400}
NO_REGION = {"outcome": "no-region", "status": 404}


def ignored(*keys: str) -> dict[str, Any]:
    return {"outcome": "ignored", "status": 200, "missing": list(keys)}


def missing(*keys: str) -> dict[str, Any]:
    return {"outcome": "missing", "status": 400, "missing": list(keys)}


# What is to come of each recorded question. `single` and `single-missing` are another page's matter (E31).
EXPECTED: dict[str, dict[str, Any]] = {
    "found": FOUND, "found-reversed": FOUND, "page-example-1": ignored("13", "5", "4"), "page-example-400": missing("13", "4", "5"),
    "missing-false": missing("13"), "missing-first-true": ignored("13"), "all-missing-true": ignored("13", "4"), "all-missing": missing("13", "4"),
    "found-true": FOUND, "found-false": FOUND, "upper-true": ignored("13"), "bad-parameter": WRONG, "empty-parameter": WRONG,
    "bad-parameter-missing-key": WRONG, "bad-parameter-no-region": {"outcome": "bad-parameter", "status": [400, 404]},
    "repeated-parameter": WRONG, "no-region": NO_REGION, "no-region-true": NO_REGION, "empty-region": missing("1", "2"),
    "empty-region-true": ignored("1", "2"), "values": FOUND, "key-space": FOUND, "keys-01-1": FOUND, "duplicate-key": FOUND,
    "duplicate-missing": ignored("13"), "encoded-comma": FOUND, "sixty": FOUND, "sixty-reversed": FOUND, "sixty-one-missing": missing("zz"),
    "big-integer": FOUND, "missing-named-with-markup": missing("%3Cb%3E"), "trailing-comma": missing(""), "found-close": FOUND,
    "found-http10": FOUND, "head": FOUND,
}  # fmt: skip
LEVELS = {
    "big-integer": Level.SHOULD,
    **dict.fromkeys(("upper-true", "repeated-parameter", "trailing-comma", "encoded-comma", "head"), Level.INFO),
}
# Which releases answer 200 where the page leaves it open, and which 400.
STATUSES = {"upper-true": 200, "repeated-parameter": 400, "trailing-comma": 400, "encoded-comma": 200, "head": 200}


@cache
def index(release: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"geode-{release}" / "index.json").read_text(encoding="utf-8"))
    return found


def recorded(release: str, name: str) -> Evidence:
    """The evidence of one recorded exchange, which serves as its own second answer."""
    row = next(row for row in index(release)["exchanges"] if row["name"] == name)
    path, _, query = row["target"].partition("?")
    region, keys = path.removeprefix("/geode/v1/").split("/", 1)
    listed = keys.replace("%2C", ",").split(",")
    tags = {"parameter"} if query else {"whole", "decoded"} if name in ("key-space", "keys-01-1") else set()
    ask = Ask(
        "first",
        row.get("method", "GET"),
        row["target"].removeprefix("/geode/v1"),
        fields={"region": region, "keys": listed},
    )
    case = Case(
        "geode", f"{release}-{name}", "recorded", LEVELS.get(name, Level.MUST), (), "",
        tuple(
            Holding(ROLES[where], urllib.parse.quote(key), document.encode())
            for where, held in index(release)["stored_as_text"].items()
            for key, document in held.items()
        ),
        (), (ask,), EXPECTED[name], frozenset(tags), (), "recordings",
    )  # fmt: skip
    raw = (FOLDER / f"geode-{release}" / f"{name}.response").read_bytes()
    return Evidence(
        case,
        (exchange(ask, "first", raw), exchange(ask, "again", raw)),
        places={role: name for name, role in ROLES.items()},
    )


def judged(release: str, name: str) -> list[Finding]:
    return findings(recorded(release, name))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_release_is_accused_of_nothing_it_does_right(release: str, name: str) -> None:
    accused = breached(judged(release, name))
    known = {"geode.body.value-intact"} if (release, name) == ("1.2.0", "big-integer") else set()
    assert set(accused) == known, {id_: (f.message, f.want, f.got) for id_, f in accused.items()}
    assert {finding.verdict for finding in accused.values()} <= {"warn"}


@pytest.mark.parametrize("release", RELEASES)
def test_every_recording_but_those_of_single_keys_is_judged(release: str) -> None:
    names = {row["name"] for row in index(release)["exchanges"]}
    assert names == {*EXPECTED, "single", "single-missing"}
    assert all(any(f.verdict in ("pass", "observed") for f in judged(release, name)) for name in EXPECTED)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", STATUSES)
def test_what_the_page_leaves_open_is_observed(release: str, name: str) -> None:
    found = judged(release, name)
    assert {finding.verdict for finding in found} <= {"observed", "not-applicable"}
    answer = recorded(release, name).answer()
    assert answer.status == STATUSES[name]


@pytest.mark.parametrize("release", RELEASES)
def test_the_order_of_a_release_is_read_off_content_location(release: str) -> None:
    answer = recorded(release, "sixty-reversed").answer()
    keys = answer.sole("Content-Location").decode().rpartition("/")[2].split(",")
    asked = [f"k{number:02d}" for number in range(59, -1, -1)]
    assert sorted(keys) == sorted(asked)
    assert (keys == asked) is (release in ("1.14.4", "2.0.0"))


def test_another_release_would_not_be_mistaken() -> None:
    """The same evidence with one character changed is accused, so that the rest is no empty praise."""
    seen = recorded("1.14.4", "values")
    raw = seen.exchanges[0].raw.replace(b"9007199254740993", b"9007199254740992")
    spoilt = Evidence(seen.case, (exchange(seen.case.asks[0], "first", raw),), places=seen.places)
    assert "geode.body.value-intact" in breached(findings(spoilt))
