"""`kvgate run`: pytest on the suites, from any folder, installed or from a checkout."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from kvgate.cli import as_typed
from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.interface import default_names, load_interface
from kvgate.places import ROOT, SUITES, interface_names
from kvgate.plugin.options import option_names
from kvgate.schema import nearest

# Options that no value follows, as far as people put a suite after them: `kvgate run -q geode`.
_ALONE = re.compile(
    r"""-[qvxsl]+ | -[nrkmpWo][^=\s]+ | -[^=]+=.* | --(?:(?:kv-)?(?:strict|keep) | lf | last-failed | ff | failed-first
    | nf | new-first | sw | stepwise | co | collect-only | exitfirst | quiet | verbose | cache-clear | no-header
    | no-summary)""",
    re.VERBOSE | re.DOTALL,
)

_SAID = re.compile(r"^\S+: error: (.+)$", re.MULTILINE)

_NEEDS_CACHE = (
    "--lf",
    "--last-failed",
    "--ff",
    "--failed-first",
    "--nf",
    "--new-first",
    "--sw",
    "--stepwise",
    "--cache",
)

_HELP = """kvgate run [SUITE ...] [options]

Judges a target; without one, the embedded reference. SUITE is {suites} (default: {default}),
or the id of a test as a report shows it.

Options of kvgate:
{own}
Options of the interfaces:
{interfaces}
All others are pytest's: -k, -x, -q, --lf, -n 4, --collect-only, ...

Exit status: 0 conforming, 1 not conforming, 2 interrupted, 3 internal error, 4 usage, 5 nothing was tested,
6 no verdict.
"""


def run(arguments: Sequence[str]) -> int:
    """Translates the options and hands over to pytest; returns the exit status of the gate. Raises InputError."""
    if any(argument in ("-h", "--help") for argument in arguments):
        print(_help(), end="")
        return 0
    typed = [*arguments, *_added()]
    given, named = _without_suites(arguments)
    chosen = [_path_of(name) for name in named]
    # Plugins and conftests that happen to be where the gate runs have no say in its verdicts.
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ["-p", "xdist.plugin", "-p", "kvgate.plugin", "--noconftest"]
    # Rewriting assertions would write beside the suites, which may stand in a folder that is nobody's to write to.
    own = ["-c", os.devnull, f"--rootdir={ROOT}", "--assert=plain"]
    if not os.access(Path.cwd(), os.W_OK) and not any(argument.startswith(_NEEDS_CACHE) for argument in typed):
        own += ["-p", "no:cacheprovider"]
    elif not any("no:cacheprovider" in argument for argument in typed):
        # Without that plugin of pytest's the option is an unknown one.
        own += ["-o", f"cache_dir={Path.cwd() / '.pytest_cache'}"]
    # The suites first: an option at the end whose value was forgotten is not to take one for it.
    translated = [*(chosen or [str(SUITES)]), *map(_translated, given)]
    status = int(pytest.main([*plugins, *own, *translated], plugins=[_Complaints()]))
    return status if status in set(Exit) else int(Exit.INTERNAL_ERROR)


class _Complaints:
    """What pytest says of a wrong option, in one line, and without the `kv-` that nobody typed."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, pytest.Config, pytest.Config]:
        """Raises pytest.UsageError for what pytest cannot parse."""
        try:
            return (yield)
        except pytest.UsageError as error:
            said = _SAID.search(str(error))
            if said is None:
                raise
            raise pytest.UsageError(_complaint(said.group(1))) from None

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, object, object]:
        """Raises pytest.UsageError for what the gate cannot read."""
        try:
            return (yield)
        except pytest.UsageError as error:
            raise pytest.UsageError(as_typed(str(error))) from None


def _complaint(said: str) -> str:
    """A line of pytest's about its arguments in the words of `kvgate run`."""
    unknown = said.removeprefix("unrecognized arguments: ")
    if unknown == said:
        return as_typed(said)
    names = [argument.partition("=")[0] for argument in unknown.split() if argument.startswith("-")]
    name = names[0] if names else unknown
    known = [f"--{other}" for other in (*option_names(), *_interface_options())]
    # Two dashes that all have in common make no name like another.
    near = nearest(name.removeprefix("--").removeprefix("kv-"), [option.removeprefix("--") for option in known])
    meant = near.replace("'", "'--", 1) if "did you mean" in near else ""
    return f"unknown option {name}{meant}; `kvgate run --help` names them"


def _added() -> list[str]:
    """The options in the environment, read as pytest is going to read them."""
    try:
        return shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    except ValueError as error:
        told = str(error)
        raise InputError(
            f"environment variable PYTEST_ADDOPTS: {told[:1].lower()}{told[1:]}; options are quoted there as in a shell"
        ) from None


def _without_suites(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments without the suites, and the suites: a word that is not, or may not be, an option's value."""
    options: list[str] = []
    suites: list[str] = []
    is_value = False
    for argument in arguments:
        if argument.startswith("-"):
            options.append(argument)
            is_value = _ALONE.fullmatch(argument) is None
        elif is_value:
            options.append(argument)
            is_value = False
        else:
            suites.append(argument)
    return options, suites


def _path_of(argument: str) -> str:
    """The path of a suite, or of a test as reports name it."""
    if argument in interface_names():
        return str(SUITES / argument)
    if (ROOT / argument.split("::", maxsplit=1)[0]).resolve().is_relative_to(SUITES) and argument:
        return str(ROOT / argument)
    raise InputError(f"unknown suite '{argument}'{nearest(argument, interface_names())}")


def _translated(argument: str) -> str:
    name, equals, value = argument.partition("=")
    if name.startswith("--") and name[2:] in option_names():
        return f"--kv-{name[2:]}{equals}{value}"
    return argument


def _help() -> str:
    return _HELP.format(
        suites=" or ".join(interface_names()),
        default=" and ".join(default_names()),
        own="\n".join(f"  --{name:15} {text}" for name, text in option_names().items()),
        interfaces="\n".join(f"  --{name:15} {text}" for name, text in _interface_options().items()),
    )


def _interface_options() -> dict[str, str]:
    """The options of the interfaces, without `--`, with their help."""
    return {
        f"{name}-{option.name}": option.help for name in interface_names() for option in load_interface(name).options
    }
