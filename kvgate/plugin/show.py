"""What the reports show of a case, made from its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from kvgate.report.model import CaseRecord
from kvgate.target.model import Part
from kvgate.verdict import Evidence, Held
from kvgate.wire.exchange import Request
from kvgate.wire.text import visible

_VALUE_SHOWN = 100


def case_record(evidence: Evidence, seed: Sequence[tuple[str, Request]], part: Part) -> CaseRecord:
    """The record of one case. `seed` are the requests that put its state there."""
    case = evidence.case
    guarded: dict[str, str] = {}
    if "nodes" in part.credentials:
        read = (exchange.origin for exchange in evidence.reads)
        guarded = dict.fromkeys([*(origin for origin, _ in seed), *read], part.credentials["nodes"].header)
    if "interface" in part.credentials:
        guarded[part.origin] = part.credentials["interface"].header
    return CaseRecord(
        interface=case.interface,
        name=case.name,
        why=case.why,
        source=case.source,
        exchanges=(*evidence.reads, *evidence.all_exchanges),
        seed=tuple(seed),
        held=tuple(
            f"{evidence.places.get(place, place)} {key}: {_shown(evidence.held(place, key))}"
            for place, key in case.keys
        ),
        trouble=evidence.trouble or evidence.left_out,
        credentials=guarded,
    )


def _shown(held: Held) -> str:
    if held.value is None:
        return "nothing"
    version = f"version {held.version}, " if held.version is not None else ""
    return f"{version}{len(held.value)} bytes: {visible(held.value, _VALUE_SHOWN)}"
