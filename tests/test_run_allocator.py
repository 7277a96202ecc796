"""Large blocks go back to the system when they are freed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# One large block is freed, as ever; then many large ones lie below a few that stay.
PROGRAM = """
import sys
from kvgate.run.allocator import LARGE, give_back
if sys.argv[1] == "on":
    assert give_back()
one = bytearray(8 * 2**20)
del one
stays = []
for _ in range(40):
    large = [bytearray(LARGE * 8) for _ in range(2)]
    stays.append(bytearray(4096))
    kept = large if not stays[1:] else kept + large
del large, kept
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def resident(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a matter of glibc")
def test_what_lies_below_a_block_that_stays_is_given_back() -> None:
    assert resident("on") + 20 * 2**20 < resident("off")
