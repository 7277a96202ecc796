"""The pytest plugin: everything that knows pytest lives in this room.

This module has only the hooks that decide whether the gate is wanted at all; a run of anything but the suites (the
project's own tests, say) never meets the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from kvgate.errors import KvgateError
from kvgate.exits import Exit
from kvgate.places import SUITES
from kvgate.plugin.options import add_options
from kvgate.plugin.output import outlast_reader
from kvgate.streams import stand_in

# Options of pytest's own with which nothing is collected to be run.
_NO_RUN = ("help", "version", "markers", "cacheshow", "showfixtures", "show_fixtures_per_test")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the gate's options."""
    add_options(parser)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """A run with its output closed is a run all the same, and no run ends without a word."""
    stand_in()
    try:
        status = yield
    finally:
        # pytest has put back what it found before this plugin was there, and flushes it: with None it would end with
        # 1, which is a verdict.
        stand_in()
    if status == Exit.INTERRUPTED and config.pluginmanager.get_plugin("terminalreporter") is None:
        # Loading the gate takes a while; what would tell of a Ctrl-C is not there before.
        print("kvgate: interrupted", file=sys.stderr)
    return status


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Sets up the gate when the suites are among what is to be collected."""
    if any(config.getoption(name, default=False) for name in _NO_RUN):
        return
    if not any(_reaches_suites(argument) for argument in config.args):
        return
    outlast_reader()
    from kvgate.plugin.session import GateSession  # noqa: PLC0415  # the engine is loaded for a gate run only

    try:
        config.pluginmanager.register(GateSession.configure(config), "kvgate-session")
    except KvgateError as error:
        raise pytest.UsageError(str(error)) from None


def _reaches_suites(argument: str) -> bool:
    path = Path(argument.split("::", maxsplit=1)[0]).resolve()
    return path == SUITES or SUITES in path.parents or path in SUITES.parents
