"""The pytest plugin: everything that knows pytest lives in this room.

This module has only the hooks that decide whether the gate is wanted at all; a run of anything but the suites (the
project's own tests, say) never meets the rest.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kvgate.errors import KvgateError
from kvgate.places import SUITES
from kvgate.plugin.options import add_options
from kvgate.plugin.output import outlast_reader

# Options of pytest's own with which nothing is collected to be run.
_NO_RUN = ("help", "version", "markers", "cacheshow", "showfixtures", "show_fixtures_per_test")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the gate's options."""
    add_options(parser)


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
