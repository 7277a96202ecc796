"""What the gate found in real releases, read from their report.json files, and what was decided of it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from kvgate.case import Mark
from kvgate.errors import InputError
from kvgate.tomlfile import read_toml

DECISIONS = Path(__file__).resolve().parent / "decisions.toml"
VERDICTS = ("fail", "warn", "no-verdict")  # what is wrong, the worst first
_HEADERS = ("Content-Type", "Content-Location")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that did not pass."""

    requirement: str
    case: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as the page shows it: `stored` and `asked` one line each, `answer` a few, `why` when it was not asked."""

    stored: tuple[str, ...]
    asked: str
    answer: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the gate against one release in one profile.

    `verdicts` counts each verdict of a requirement, in the order of the catalogue. `cases` are those of `wrong`.
    """

    release: str
    profile: str
    exit: int
    meaning: str
    verdicts: Mapping[str, Mapping[str, int]]
    wrong: tuple[Finding, ...]
    cases: Mapping[str, Shown]

    @property
    def breached(self) -> tuple[str, ...]:
        """The requirements that failed or warned."""
        return tuple(dict.fromkeys(finding.requirement for finding in self.wrong if finding.verdict != "no-verdict"))


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of some deviations (source: decisions.toml)."""

    ruling: str
    title: str
    kind: str
    lines: str
    says: str
    cases: tuple[str, ...]
    requirements: tuple[str, ...]
    verdicts: tuple[str, ...]

    def covers(self, finding: Finding) -> bool:
        """Whether it was decided of this finding."""
        return (
            finding.verdict in self.verdicts
            and any(fnmatchcase(finding.case, pattern) for pattern in self.cases)
            and any(fnmatchcase(finding.requirement, pattern) for pattern in self.requirements)
        )


def load_decisions(path: Path = DECISIONS) -> tuple[Decision, ...]:
    """The decisions, in the order of the file. Raises InputError for a faulty one."""
    rows = read_toml(path, "kvgate/decisions.schema.json", what="list of decisions")["decision"]
    return tuple(
        Decision(
            ruling=row["ruling"],
            title=row["title"],
            kind=row["is"],
            lines=row["lines"],
            says=" ".join(row["says"].split()),
            cases=tuple(row["cases"]),
            requirements=tuple(row["requirements"]),
            verdicts=tuple(row["verdicts"]),
        )
        for row in rows
    )


def expect_all_decided(reports: Sequence[Report], decisions: Sequence[Decision]) -> None:
    """Raises InputError when a deviation is covered by no decision or by two, or a decision covers no deviation."""
    idle = list(decisions)
    for report in reports:
        for finding in report.wrong:
            covering = [decision for decision in decisions if decision.covers(finding)]
            what = f"{finding.verdict} of {finding.requirement} on {finding.case} (Apache Geode {report.release})"
            if not covering:
                raise InputError(f"not decided: {what}: decide it in {DECISIONS.name}")
            if len(covering) > 1:
                raise InputError(f"decided twice: {what}: '{covering[0].title}' and '{covering[1].title}'")
            if covering[0] in idle:
                idle.remove(covering[0])
    if idle:
        raise InputError(f"{DECISIONS.name}: '{idle[0].title}' covers no deviation: take it out")


def read_report(path: Path, release: str, profile: str, mark: str) -> Report:
    """The run that a report.json tells of. Raises InputError when it is not there, or was made with another mark."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such report: run the gate against Apache Geode {release} first") from None
    if data["run"]["mark"] != mark:
        # The order in which a release up to 1.12 answers depends on the mark.
        raise InputError(f"{path}: made with the mark '{data['run']['mark']}': make it with --kv-mark={mark}")
    wrong = tuple(
        Finding(row["requirement"], row["case"], row["verdict"]) for row in data["checks"] if row["verdict"] in VERDICTS
    )
    return Report(
        release=release,
        profile=profile,
        exit=data["run"]["exit"]["status"],
        meaning=data["run"]["exit"]["meaning"],
        verdicts={row["id"]: row["verdicts"] for row in data["requirements"]},
        wrong=wrong,
        cases={name: _shown(data, name, Mark(mark)) for name in dict.fromkeys(finding.case for finding in wrong)},
    )


def _shown(data: Mapping[str, Any], name: str, mark: Mark) -> Shown:
    case = next(row for row in data["cases"] if row["case"] == name)
    exchange = next((row for row in data["exchanges"] if row["case"] == name), None)

    def plain(text: str) -> str:
        text = text.replace(mark.words(name), "{m}").replace(mark.digits(name), "{n}")
        return re.sub(r"https?://[0-9.]+:[0-9]+", "http://HOST", text)

    stored = tuple(plain(re.sub(r": [0-9,]+ bytes: ", " = ", held)) for held in case["held"])
    if exchange is None:
        return Shown(stored, "", (), plain(case["trouble"] or ""))
    response = exchange["response"]
    asked = plain(f"{exchange['request']['method']} {exchange['request']['target']}")
    if response is None:
        return Shown(stored, asked, (), plain(exchange["fault"]["message"]))
    headers = {key.lower(): value for key, value in response["headers"]}
    lines = [f"{response['status']} {response['reason']}".rstrip()]
    lines += [f"{key}: {headers[key.lower()]}" for key in _HEADERS if key.lower() in headers]
    return Shown(stored, asked, tuple(plain(line) for line in (*lines, _body(response["body"]))), "")


def _body(body: Mapping[str, Any]) -> str:
    """A body as one line: what JSON lays out in lines stands in one, and control characters are spelled out."""
    text = str(body["text"]) if "text" in body else base64.b64decode(body["base64"]).decode("utf-8", "backslashreplace")
    laid_out = re.sub(r"\n *", " ", text) if text.startswith("{\n") else text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in laid_out)
