"""The chapter on exploring: generated cases accuse no conforming server, and find what no case of fixtures/ does."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvgate.exits import Exit
from kvgate.reference.deviation import Deviation
from kvgate.reference.embedded import Embedded
from proof.gate import Gate, run_gate
from proof.rare import GEODE, GET2
from proof.section import Section, Table

CASES, SEED = 400, 7
AT_ONCE = 2
_SECONDS = 300.0
_OPTIONS = ("-q", f"--kv-explore={CASES}", f"--kv-explore-seed={SEED}")


@dataclass(frozen=True, slots=True)
class Explored:
    """What a run that explored came to.

    `by_case` says that a case of fixtures/ failed, `found` that a generated one did. `deviation` is
    None for the reference itself; `wrong` says what else went wrong, if anything did.
    """

    interface: str
    deviation: Deviation | None
    by_case: bool
    found: bool
    wrong: str = ""

    @property
    def name(self) -> str:
        """What was asked."""
        return "reference" if self.deviation is None else self.deviation.name

    @property
    def complaint(self) -> str:
        """What is not as it should be, in one line; empty when all is."""
        where = f"exploring {self.interface} {self.name}"
        if self.wrong:
            return f"{where}: {self.wrong}"
        if self.deviation is None:
            return f"{where}: a generated case failed on a conforming server" if self.found else ""
        if self.by_case:
            return f"{where}: a case of fixtures/ finds it: it is not rare any more, and belongs to the faults"
        return "" if self.found else f"{where}: no generated case of {CASES} finds it"


def explore_all(interfaces: Sequence[str], stop: threading.Event, gate: Gate = run_gate) -> list[Explored]:
    """Runs the gate, exploring, on the reference and each rare fault of these interfaces; none once `stop` is set.

    `gate` is what runs the gate.
    """
    wanted: list[tuple[str, Deviation | None]] = []
    for interface, rare in (("geode", GEODE), ("get2", GET2)):
        if interface in interfaces:
            wanted += [(interface, None), *((interface, deviation) for deviation in rare)]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="kvgate-explore") as pool:
        return list(pool.map(lambda pair: _explored(pair[0], pair[1], stop, gate), wanted))


def exploring_section(results: Sequence[Explored]) -> Section:
    """The chapter; the same at each run, since seed and number of cases are."""
    rows = tuple(
        (each.name, each.interface, each.deviation.breaks or "", each.deviation.says, each.deviation.shows, _fate(each))
        for each in results
        if each.deviation is not None
    )
    plain = [each for each in results if each.deviation is None]
    head = ("fault", "interface", "breaks", "what it does", "where it shows", "fate")
    return Section(
        "Exploring",
        f"{CASES} generated cases of each interface, seed {SEED}: none accuses the reference, and each fault here, "
        "which no case of fixtures/ meets, is found by the requirement that it breaks.",
        (
            ("rare faults", len(rows)),
            ("found", sum(each.found for each in results if each.deviation is not None)),
            ("interfaces explored on the reference", len(plain)),
            ("false alarms", sum(each.found for each in plain)),
        ),
        (Table("Faults that generated cases find", head, rows, code=(0, 2)),),
        tuple(line for each in results if (line := each.complaint)),
    )


def _fate(each: Explored) -> str:
    return "found" if not each.complaint else "not as it should be"


def _explored(interface: str, deviation: Deviation | None, stop: threading.Event, gate: Gate) -> Explored:
    if stop.is_set():
        return Explored(interface, deviation, by_case=False, found=False, wrong="not run")
    made: dict[str, Any] = {} if deviation is None else {f"make_{deviation.role}": deviation.make}
    with Embedded.start(interfaces=(interface,), **made) as embedded, tempfile.TemporaryDirectory() as folder:
        few = ["--kv-case=explored-*"] if deviation is None else [f"--kv-requirement={deviation.breaks}"]
        options = [*_target(interface, embedded), *_OPTIONS, *few, f"--kv-report-dir={folder}"]
        ran = gate(interface, options, Path(folder) / "terminal", _SECONDS)
        if ran.exit is None:
            return Explored(interface, deviation, by_case=False, found=False, wrong=f"no end within {_SECONDS:g} s")
        return _read(interface, deviation, ran.exit, Path(folder) / "report.json")


def _read(interface: str, deviation: Deviation | None, status: int, path: Path) -> Explored:
    if status not in (Exit.CONFORMING, Exit.NOT_CONFORMING) or not path.is_file():
        return Explored(interface, deviation, by_case=False, found=False, wrong=f"exit status {status}")
    checks = json.loads(path.read_text(encoding="utf-8"))["checks"]
    failed = [check["case"] for check in checks if check["verdict"] in ("fail", "warn")]
    generated = [case for case in failed if case.startswith("explored-")]
    return Explored(interface, deviation, by_case=len(generated) < len(failed), found=bool(generated))


def _target(interface: str, embedded: Embedded) -> tuple[str, ...]:
    if interface == "get2":
        return f"--get2-url={embedded.ha_url}", f"--get2-nodes={','.join(embedded.node_urls)}"
    regions = ",".join(embedded.regions[role] for role in ("data", "second", "empty"))
    return f"--geode-url={embedded.geode_url}", f"--geode-regions={regions}"
