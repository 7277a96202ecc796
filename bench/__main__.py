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

_ROLES = ("data", "second", "empty")


def main() -> int:
    """Measures and prints; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default 5)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="kvgate-bench-") as name:
        folder = Path(name)
        checks, requests = _count(folder)
        print(f"{checks:,} checks; {requests:,} requests, seeding and removal included")
        gate, empty, bare = [], [], []
        for _ in range(rounds):
            gate.append(_gate(folder))
            empty.append(_empty(folder, checks))
            bare.append(_bare(requests))
    for what, times in (("gate", gate), (f"{checks:,} empty tests", empty), (f"{requests:,} bare requests", bare)):
        print(f"{what:24} median {statistics.median(times):6.2f} s   min {min(times):6.2f}   max {max(times):6.2f}")
    ratios = [g / (e + b) for g, e, b in zip(gate, empty, bare, strict=True)]
    print(f"gate / (empty tests + bare requests): median {statistics.median(ratios):.2f}, max {max(ratios):.2f}")
    return 0


def _count(folder: Path) -> tuple[int, int]:
    """How many checks a run judges, and how many requests it makes, as the servers count them."""
    with Embedded.start() as embedded:
        servers = [server for server in (embedded.ha, embedded.geode, *embedded.nodes) if server is not None]
        nodes, regions = ",".join(embedded.node_urls), ",".join(embedded.regions[role] for role in _ROLES)
        _gate(
            folder,
            f"--get2-url={embedded.ha_url}",
            f"--get2-nodes={nodes}",
            f"--geode-url={embedded.geode_url}",
            f"--geode-regions={regions}",
        )
        requests = sum(server.served for server in servers)
    report = json.loads((folder / "reports" / "report.json").read_text(encoding="utf-8"))
    return len(report["checks"]), requests


def _pytest(*arguments: str, cwd: Path) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    began = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command line
    return time.perf_counter() - began


def _gate(folder: Path, *arguments: str) -> float:
    return _pytest(f"--kv-report-dir={folder / 'reports'}", *arguments, cwd=ROOT)


def _empty(folder: Path, count: int) -> float:
    path = folder / "empty" / "test_empty.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"import pytest\n\n@pytest.mark.parametrize('n', range({count}))\ndef test_nothing(n):\n    pass\n",
        encoding="utf-8",
    )
    return _pytest("--noconftest", "-c", "/dev/null", str(path), cwd=path.parent)


def _bare(count: int) -> float:
    """As many requests as the gate made, by one httpx client on kept-alive connections, one after the other."""
    with Embedded.start() as embedded, httpx.Client(trust_env=False) as client:
        url = f"{embedded.ha_url}/get2?key=absent"
        began = time.perf_counter()
        for _ in range(count):
            client.get(url)
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
