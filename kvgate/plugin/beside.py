"""Under pytest-xdist each worker has controls of its own: what they are answered is judged by the worker that asked.

The control's own case is one worker's. The others hold what their controls were answered against the same checks, and
tell the controller of the breaches, with the answers that show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from kvgate.plugin.gate import Gate
from kvgate.plugin.items import CheckItem, findings_of, plain
from kvgate.report.codec import case_from_json, case_to_json
from kvgate.report.model import CaseRecord, CheckRecord
from kvgate.verdict import Verdict
from kvgate.wire.exchange import Exchange

_GRAVITY = (Verdict.FAIL, Verdict.WARN)
# Seconds; the answers are there as soon as the last of the worker's own cases is, or a moment later.
_WAIT = 5.0


class OwnControls:
    """A worker's controls whose case is another worker's."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._items: list[CheckItem] = []

    def choose(self, items: Iterable[CheckItem], wanted: dict[str, dict[str, None]]) -> dict[str, list[str]]:
        """The controls to be gathered besides what this worker `wanted`, by interface, of interfaces that it asks."""
        self._items = [
            item
            for item in items
            if item.case.interface in wanted
            and item.case.name in self._gate.plans[item.case.interface].interface.control
            and item.case.name not in wanted[item.case.interface]
        ]
        chosen: dict[str, dict[str, None]] = {}
        for item in self._items:
            chosen.setdefault(item.case.interface, {})[item.case.name] = None
        return {interface: list(names) for interface, names in chosen.items()}

    def told(self) -> list[dict[str, Any]]:
        """What is wrong with their answers, as the controller's `ControlsOfWorkers` reads it."""
        told = []
        for item in self._items:
            record = self._gate.control_beside(item.case.interface, item.case.name, _WAIT)
            if record is None:
                continue
            evidence, case = record
            finding = self._gate.scrubber.value(self._gate.judge(item.check, evidence))
            if finding.verdict not in _GRAVITY:
                continue
            label = finding.exchange or item.case.asks[0].label
            shown = tuple(exchange for exchange in case.exchanges if exchange.label == label)
            told.append(
                {
                    "findings": [plain(replace(finding, exchange=label))],
                    "meaning": item.check.meaning,
                    "test": item.nodeid,
                    "case": case_to_json(replace(case, exchanges=shown)),
                }
            )
        return told


class ControlsOfWorkers:
    """What workers tell of their controls, added to what was found with the control's own case."""

    def __init__(self) -> None:
        self._told: list[tuple[CheckRecord, CaseRecord]] = []
        self._exchanges: dict[tuple[str, str], dict[str, Exchange]] = {}

    def hear(self, worker: str, told: Sequence[dict[str, Any]]) -> None:
        """Takes what a worker tells; its answers are called after it."""
        for each in told:
            case = case_from_json(each["case"])
            label = f"{worker}-{case.exchanges[0].label}" if case.exchanges else ""
            finding = replace(findings_of(each)[0], exchange=label)
            exchanges = tuple(replace(exchange, label=label) for exchange in case.exchanges)
            record = CheckRecord(finding, str(each["test"]), str(each["meaning"]))
            self._told.append((record, replace(case, exchanges=exchanges)))

    def added_to(self, records: Iterable[CheckRecord]) -> list[CheckRecord]:
        """The records, with a worker's in the place of one that is not as grave."""
        found = {(record.test_id, record.finding.case): record for record in records}
        for record, case in self._told:
            key = (record.test_id, record.finding.case)
            if key in found and _gravity(found[key]) <= _gravity(record):
                continue
            found[key] = record if key not in found else replace(found[key], finding=record.finding)
            shown = self._exchanges.setdefault((case.interface, case.name), {})
            shown.update({exchange.label: exchange for exchange in case.exchanges})
        return list(found.values())

    def shown_with(self, cases: dict[tuple[str, str], CaseRecord]) -> dict[tuple[str, str], CaseRecord]:
        """The cases, with the answers that show what was added."""
        return {
            key: replace(case, exchanges=(*case.exchanges, *self._exchanges.get(key, {}).values()))
            for key, case in cases.items()
        }


def _gravity(record: CheckRecord) -> int:
    verdict = record.finding.verdict
    return _GRAVITY.index(verdict) if verdict in _GRAVITY else len(_GRAVITY)
