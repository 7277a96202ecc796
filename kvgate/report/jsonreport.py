"""report.json: the whole run for machines, as schemas/kvgate/report.schema.json describes it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kvgate.report.counts import Group, Tally, by_area, by_level, cases_judged, groups, rollup, tally, unchecked
from kvgate.report.excerpt import curl_line, exchange_excerpt, request_excerpt
from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.report.words import EXIT_WORDS, moment
from kvgate.requirement import Requirement

FORMAT = 1


def render_json(run: Run) -> str:
    """The run as JSON text, ASCII only, so that no terminal or editor is steered by what a server sent.

    Each element of a list stands on a line of its own: two reports can be compared line by line.
    """
    return "".join(json_pieces(run))


def json_pieces(run: Run) -> Iterator[str]:
    """The same text piece by piece: the exchanges as JSON take many times the memory that they take themselves."""
    for number, (name, value) in enumerate(_members(run).items()):
        yield f"{',' if number else '{'}\n{json.dumps(name)}: "
        if isinstance(value, list | Iterator):
            yield from _lines(value)
        else:
            yield _line(value)
    yield "\n}\n"


def _lines(values: Iterable[object]) -> Iterator[str]:
    before = "[\n"
    for value in values:
        yield before + _line(value)
        before = ",\n"
    yield "[]" if before == "[\n" else "\n]"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, default=_plain)


def report(run: Run) -> dict[str, Any]:
    """The run as the JSON value that report.json holds."""
    return {name: list(value) if isinstance(value, Iterator) else value for name, value in _members(run).items()}


def _members(run: Run) -> dict[str, Any]:
    """The members of the report; the long lists are made as they are read."""
    return {
        "format": FORMAT,
        "tested": run.tested,
        "run": _run(run),
        "target": dict(run.target),
        "counts": _counts(run),
        "requirements": _requirements(run),
        "rulings": [
            {"id": ruling.id, "lines": ruling.lines, "problem": ruling.problem, "decision": ruling.decision}
            for ruling in run.rulings
        ],
        "checks": map(_check, run.checks),
        "cases": map(_case, run.cases.values()),
        "exchanges": (
            {"interface": record.interface, "case": record.name} | exchange_excerpt(exchange, record.credentials)
            for record in run.cases.values()
            for exchange in record.exchanges
        ),
    }


def _plain(value: object) -> Any:
    """What the target holds besides JSON's own types: read-only mappings, paths, enumerations."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def _run(run: Run) -> dict[str, Any]:
    return {
        "version": run.version,
        "mark": run.mark,
        "began": moment(run.began),
        "seconds": round(run.seconds, 3),
        "embedded": run.embedded,
        "complete": run.complete,
        "exit": {"status": int(run.exit), "meaning": EXIT_WORDS[run.exit]},
        "reasons": list(run.reasons),
        "notes": list(run.notes),
    }


def _counts(run: Run) -> dict[str, Any]:
    areas: dict[str, dict[str, Any]] = {}
    for (interface, area), counted in by_area(run).items():
        areas.setdefault(interface, {})[area] = _tally(counted)
    return {
        "requirements": len(run.requirements),
        "cases": cases_judged(run),
        "checks": len(run.checks),
        "exchanges": sum(len(record.exchanges) for record in run.cases.values()),
        "verdicts": _tally(tally(run.checks)),
        "levels": {level.value: _tally(counted) for level, counted in by_level(run).items()},
        "areas": areas,
    }


def _tally(counted: Tally) -> dict[str, int]:
    return {verdict.value: count for verdict, count in counted.items()}


def _requirements(run: Run) -> list[dict[str, Any]]:
    rows = [_requirement(group.requirement, group) for group in groups(run)]
    rows += [_requirement(requirement, None) for requirement in unchecked(run)]
    order = {(row.interface, row.id): number for number, row in enumerate(run.requirements)}
    return sorted(rows, key=lambda row: order.get((row["interface"], row["id"]), len(order)))


def _requirement(requirement: Requirement, group: Group | None) -> dict[str, Any]:
    verdict = rollup(group.checks) if group else None
    return {
        "id": requirement.id,
        "interface": requirement.interface,
        "area": requirement.area,
        "level": requirement.level.value,
        "if_sent": requirement.if_sent,
        "page": requirement.page,
        "lines": requirement.lines,
        "statement": requirement.statement,
        "rulings": list(requirement.rulings),
        "verdict": None if verdict is None else verdict.value,
        "checks": len(group.checks) if group else 0,
        "verdicts": _tally(tally(group.checks if group else ())),
    }


def _check(record: CheckRecord) -> dict[str, Any]:
    finding = record.finding
    again = {} if record.recheck is None else {"recheck": dataclasses.asdict(record.recheck)}
    return {
        "interface": finding.interface,
        "requirement": finding.requirement,
        "case": finding.case,
        "level": finding.level.value,
        "verdict": finding.verdict.value,
        "message": finding.message,
        "want": finding.want,
        "got": finding.got,
        "exchange": finding.exchange or None,
        "waiver": record.waiver,
        "test": record.test_id,
        "meaning": record.meaning,
        "seconds": round(record.seconds, 6),
        **again,
    }


def _case(record: CaseRecord) -> dict[str, Any]:
    return {
        "interface": record.interface,
        "case": record.name,
        "why": record.why,
        "source": record.source,
        **({"toml": record.toml} if record.toml else {}),
        "trouble": record.trouble,
        "held": list(record.held),
        "seed": [
            {"origin": origin, **request_excerpt(request), "curl": curl_line(origin, request, record.credentials)}
            for origin, request in record.seed
        ],
    }
