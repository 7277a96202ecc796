"""A real HustDB HA and real Geode releases, as they were recorded, judged by the checks of the siblings."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from geode_answers import exchange as geode_exchange
from sibling_answers import HUSTDB, breached, findings
from test_geode_recordings import RELEASES, ROLES, index

from kvgate.case import Ask, Case, Holding
from kvgate.level import Level
from kvgate.verdict import Evidence, Held, Situation, Verdict
from kvgate.wire.exchange import Exchange, Request
from kvgate.wire.reader import read_response

FOLDER = Path(__file__).parent / "recordings" / "hustdb-ha-siblings"
ENTRIES: dict[str, dict[str, Any]] = {
    entry["name"]: entry
    for entry in json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    if entry["endpoint"].lstrip("/") in HUSTDB
}
# Where the real one departs from what is told (E7).
BY_E7 = {"hget2-nul-same-length", "hget2-nul-same-length-versions-differ", "hget2-nul-first"}
NO_VERDICT = {name for name in ENTRIES if name.endswith(("-auth-missing", "-auth-wrong"))}
METHODS = {"hget2": {"GET"}, "zscore2": {"GET", "POST"}, "sismember2": {"POST"}}


class Recording:
    """One recorded request and answer; what was asked for is read from the request, and not from the index."""

    def __init__(self, name: str) -> None:
        self.entry, self.interface = ENTRIES[name], ENTRIES[name]["endpoint"].lstrip("/")
        head, _, self.body = (FOLDER / f"{name}.request").read_bytes().partition(b"\r\n\r\n")
        self.method, self.target, _ = head.split(b"\r\n")[0].decode("ascii").split(" ")
        self.raw = (FOLDER / f"{name}.response").read_bytes()
        parts = [part.partition("=") for part in self.target.partition("?")[2].split("&")]
        query = {key: value for key, _, value in reversed(parts)}
        self.table, sent = query.get("tb", ""), query.get("key", "")
        self.key = {
            "hget2": unquote_to_bytes(sent),
            "zscore2": unquote_to_bytes(self.body or sent),
            "sismember2": self.body,
        }[self.interface]

    @property
    def told(self) -> bool:
        """Whether this way to ask is one that is told of."""
        with_body = self.interface == "zscore2" and self.method == "GET" and bool(self.body)
        return self.method in METHODS[self.interface] and not with_body

    def held(self) -> dict[str, Held]:
        """What the masters held under the key asked for."""
        key = self.entry.get("key_base64") or base64.b64encode((self.entry.get("key") or "").encode()).decode()
        named = "tb" not in self.entry or (self.entry["tb"], base64.b64decode(key)) == (self.table, self.key)
        rows = {where: self.entry.get(where) if named else None for where in ("master1", "master2")}
        return {where: Held(self._value(row), row["version"]) if row else Held(None) for where, row in rows.items()}

    def _value(self, row: dict[str, Any]) -> bytes:
        return b"" if self.interface == "sismember2" else base64.b64decode(row["value_base64"])

    def expect(self, held: dict[str, Held], answered: int | None) -> dict[str, Any]:
        if not self.table or not self.key:
            return {"no_key": True}
        first, second = held["master1"], held["master2"]
        if "master1" not in self.entry and answered != 404:
            # Judged for its form only: which outcome it is is read from the answer.
            return {"status": answered, "versions": "pair" if b"\nVersion1: " in self.raw else "same", "offset": -1}
        lacking = [where for where, one in held.items() if one.value is None]
        if first.value is None or second.value is None:
            return {"missing": "both" if len(lacking) == 2 else lacking[0]}
        same = first.version == second.version
        agrees = same if self.interface == "sismember2" else first.value == second.value
        offset = {} if agrees else {"offset": len(first.value)}
        return {"status": 200 if agrees else 409, "versions": "same" if same else "pair", **offset}

    def evidence(self) -> Evidence:
        held = self.held()
        response, fault = read_response(self.raw, self.method)
        known, asked = "master1" in self.entry, Request(self.method, self.target, (), self.body)
        holdings = tuple(
            Holding(where, "recorded", one.value, one.version) for where, one in held.items() if one.value is not None
        )
        case = Case(
            interface=self.interface, name=self.entry["name"], why=self.entry["note"],
            level=Level.MUST if self.told else Level.INFO, rulings=(), key="recorded", holdings=holdings, absent=(),
            asks=(Ask("first", self.method, self.target, fields={"key": "recorded"}),),
            expect=self.expect(held, response.status if response else None), tags=frozenset(), only=(), source="index",
        )  # fmt: skip
        made = tuple(
            Exchange(label, "http://ha:8082", asked, response, fault, self.raw, len(self.raw), 0.0, 0.0, label)
            for label in ("first", "again")
        )
        state = Situation({(where, "recorded"): one for where, one in held.items()}) if known else None
        return Evidence(case, made, before=state, after=state)


def verdicts(name: str, profile: str) -> dict[str, Verdict]:
    found = findings(Recording(name).evidence(), profile)
    # Where the masters are not known there is no cut to compare with.
    unknown = {"offset.cut"} if "master1" not in ENTRIES[name] else set()
    return {id_: f.verdict for id_, f in found.items() if id_.partition(".")[2] not in unknown}


def test_all_recordings_of_the_siblings_are_there() -> None:
    assert len(ENTRIES) == 178
    assert set(ENTRIES) >= BY_E7
    assert len(NO_VERDICT) == 8


@pytest.mark.parametrize("profile", ["doc", "hustdb-1.7"])
@pytest.mark.parametrize("name", sorted(set(ENTRIES) - BY_E7 - NO_VERDICT))
def test_a_recorded_answer_conforms(name: str, profile: str) -> None:
    found = verdicts(name, profile)
    bad = {id_: verdict for id_, verdict in found.items() if verdict in (Verdict.FAIL, Verdict.WARN)}
    assert not bad
    wanted = Verdict.PASS if Recording(name).told else Verdict.OBSERVED
    judged = {id_.partition(".")[2] for id_, verdict in found.items() if verdict is wanted}
    assert {"status.match", "status.conflict", "missing.status", "request.key-required"} & judged


@pytest.mark.parametrize("profile", ["doc", "hustdb-1.7"])
@pytest.mark.parametrize("name", sorted(BY_E7))
def test_values_that_part_behind_a_nul_are_the_one_deviation(name: str, profile: str) -> None:
    found = verdicts(name, profile)
    assert [id_ for id_, verdict in found.items() if verdict is Verdict.FAIL] == ["hget2.status.conflict"]
    assert Verdict.WARN not in found.values()


@pytest.mark.parametrize("name", sorted(NO_VERDICT))
def test_an_answer_of_the_access_control_is_no_verdict(name: str) -> None:
    found = verdicts(name, "doc")
    assert {verdict for id_, verdict in found.items() if not id_.endswith(".read-only")} == {Verdict.NO_VERDICT}


def test_what_the_masters_held_decides() -> None:
    """The same answers, judged by what master1 did not hold, are accused: the rest is no empty praise."""
    for name in ("hget2-case4", "zscore2-case4-get", "sismember2-409"):
        recording = Recording(name)
        first, second = recording.entry["master1"], recording.entry["master2"]
        recording.entry = {**recording.entry, "master1": second, "master2": first}
        assert f"{recording.interface}.version.pair" in breached(recording.evidence())


# Geode: `single` and `single-missing` of each release.


def single(release: str, name: str) -> Evidence:
    row = next(row for row in index(release)["exchanges"] if row["name"] == name)
    path = row["target"].removeprefix("/geode/v1")
    region, key = path.strip("/").split("/")
    stored = tuple(
        Holding(ROLES[where], key, document.encode())
        for where, held in index(release)["stored_as_text"].items()
        for key, document in held.items()
    )
    found = {"outcome": "found", "status": 200} if name == "single" else {"outcome": "missing", "status": 404}
    ask = Ask("first", "GET", path, fields={"region": region, "keys": [key]})
    case = Case(
        "geodekey", f"{release}-{name}", "recorded", Level.MUST, (), "", stored, (), (ask,), found, frozenset(), (),
        "recordings",
    )  # fmt: skip
    raw = (FOLDER.parent / f"geode-{release}" / f"{name}.response").read_bytes()
    made = (geode_exchange(ask, "first", raw), geode_exchange(ask, "again", raw))
    return Evidence(case, made, places={role: name for name, role in ROLES.items()})


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["single", "single-missing"])
def test_one_key_of_a_real_release_conforms(release: str, name: str) -> None:
    found = findings(single(release, name))
    assert {finding.verdict for finding in found.values()} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}, found
    judged = {id_ for id_, finding in found.items() if finding.verdict is Verdict.PASS}
    assert {"geodekey.status.found", "geodekey.status.missing"} & judged
