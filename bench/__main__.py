"""What a run of the gate costs, against as many empty pytest tests plus the same requests made bare with httpx.

Everything is measured in one go, in turn, several times; the medians and their ratio are printed. Absolute times say
more about the machine than about kvgate: quote the ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from kvgate.places import ROOT
from kvgate.reference.embedded import Embedded


def main() -> int:
    """Measures and prints; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default 5)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="kvgate-bench-") as name:
        folder = Path(name)
        report = _gate(folder)[1]
        checks = len(report["checks"])
        requests = [
            exchange["request"]
            for case in report["cases"]
            for exchange in [*case["exchanges"], *case.get("seed", [])]
            if "request" in exchange
        ]
        print(f"{checks} checks on {len(report['cases'])} cases; {len(requests)} requests in the bare run")
        gate, empty, bare = [], [], []
        for _ in range(rounds):
            gate.append(_gate(folder)[0])
            empty.append(_empty(folder, checks))
            bare.append(_bare(len(requests)))
    for what, times in (("gate", gate), (f"{checks} empty tests", empty), ("bare requests", bare)):
        print(f"{what:24} median {statistics.median(times):6.2f} s   min {min(times):6.2f}   max {max(times):6.2f}")
    ratios = [g / (e + b) for g, e, b in zip(gate, empty, bare, strict=True)]
    print(f"ratio gate / (empty tests + bare requests): median {statistics.median(ratios):.2f}, max {max(ratios):.2f}")
    return 0


def _pytest(*arguments: str, cwd: Path) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    began = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command line
    return time.perf_counter() - began


def _gate(folder: Path) -> tuple[float, dict[str, list[dict[str, list[object]]]]]:
    seconds = _pytest(f"--kv-report-dir={folder / 'reports'}", cwd=ROOT)
    return seconds, json.loads((folder / "reports" / "report.json").read_text(encoding="utf-8"))


def _empty(folder: Path, count: int) -> float:
    path = folder / "empty" / "test_empty.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"import pytest\n\n@pytest.mark.parametrize('n', range({count}))\ndef test_nothing(n):\n    pass\n",
        encoding="utf-8",
    )
    return _pytest("--noconftest", "-c", "/dev/null", str(path), cwd=path.parent)


def _bare(count: int) -> float:
    """As many GETs as the gate made requests, one connection each as the gate has them, one after the other."""
    embedded = Embedded.start()
    try:
        began = time.perf_counter()
        for _ in range(count):
            with httpx.Client(trust_env=False, verify=False) as client:  # noqa: S501  # plain http on loopback
                client.get(f"{embedded.ha_url}/get2?key=absent")
        return time.perf_counter() - began
    finally:
        embedded.stop()


if __name__ == "__main__":
    sys.exit(main())
