"""`kvgate run`: pytest on the suites, from any folder, installed or from a checkout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from kvgate.exits import Exit
from kvgate.places import PACKED, ROOT, SUITES
from kvgate.plugin.options import option_names

_HELP = """kvgate run [SUITE ...] [options]

SUITE is get2 or geode (default: both). Options of kvgate, without `kv-`: {names}.
Options of the interfaces: --get2-url, --get2-nodes, --geode-url, --geode-regions. All others are pytest's: -k, -x, -q, --lf, -n 4, ...
`pytest --help` in a checkout shows them all. Exit status: 0 conforming, 1 not conforming, 2 interrupted, 3 internal error, 4 usage,
5 nothing was tested, 6 no verdict.
"""


def run(arguments: Sequence[str]) -> int:
    """Translates the options and hands over to pytest; returns the exit status of the gate."""
    if any(argument in ("-h", "--help") for argument in arguments):
        print(_HELP.format(names=", ".join(f"--{name}" for name in option_names())), end="")
        return 0
    suites, rest = [], []
    for argument in arguments:
        if (SUITES / argument).is_dir() and argument.isidentifier():
            suites.append(str(SUITES / argument))
        else:
            rest.append(_translated(argument))
    # Plugins that happen to be installed where the gate runs have no say in its verdicts.
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    cache = Path.cwd() / ".pytest_cache"
    own = ["-c", os.devnull, f"--rootdir={ROOT}", "-o", f"cache_dir={cache}", "-o", "python_files=test_*.py"]
    plugins = ["-p", "xdist.plugin"]
    if PACKED:
        plugins += ["-p", "kvgate.plugin"]
    status = pytest.main([*plugins, *own, *rest, *(suites or [str(SUITES)])])
    return int(status) if int(status) in set(Exit) else int(Exit.INTERNAL_ERROR)


def _translated(argument: str) -> str:
    name, equals, value = argument.partition("=")
    if name.startswith("--") and name[2:] in option_names():
        return f"--kv-{name[2:]}{equals}{value}"
    return argument
