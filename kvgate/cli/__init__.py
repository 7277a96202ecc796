"""The console script: `kvgate run|serve|list|fixtures|sweep|waivers`."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from kvgate import __version__
from kvgate.errors import InputError, KvgateError, SurroundingsError
from kvgate.exits import Exit
from kvgate.streams import stand_in

_USAGE = f"""kvgate {__version__}: a conformance gate for key-value read APIs over HTTP

  kvgate run [options]               judge a target (without one: the embedded reference); options as of pytest, those
                                     of kvgate without `kv-`: --target=FILE --strict --level=must --requirement=GLOB ...
  kvgate list [options]              what would be checked, without a request
  kvgate serve [options]             the reference servers, in the foreground
  kvgate fixtures export [options]   the state of the cases, as a shell script or as JSON
  kvgate sweep PATH [options]        remove what a run that crashed, or kept its data, has left on a server
  kvgate waivers propose REPORT      a waiver file that covers what fails in a report.json

`kvgate COMMAND --help` says more.
"""

_FOR_PYTEST = re.compile(r"(?<![^\s(`'\"])--kv-(?=[a-z])")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit status. Every foreseeable mistake is one line on standard error."""
    stand_in()
    if arguments is None:
        # This process is nobody else's, and loading what a command needs takes a while.
        signal.signal(signal.SIGTERM, _interrupt)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(_USAGE, end="")
        return 0 if given else int(Exit.USAGE)
    if given[0] in ("-V", "--version"):
        print(f"kvgate {__version__}")
        return 0
    try:
        status = _command(given[0])(given[1:])
        sys.stdout.flush()
    except KvgateError as error:
        print(f"kvgate: {as_typed(str(error))}", file=sys.stderr)
        return int(Exit.NO_VERDICT if isinstance(error, SurroundingsError) else Exit.USAGE)
    except KeyboardInterrupt:
        if arguments is None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
        print("kvgate: interrupted", file=sys.stderr)
        return int(Exit.INTERRUPTED)
    except Exception as error:  # Python would end with 1, which is a verdict
        return _failed(error)
    finally:
        # Python notes where a Ctrl-C ended a text that is run (dataclasses are made of such), and ends by that signal
        # even where it was handled, whatever the exit status is. To run another text makes it forget.
        exec("")  # noqa: S102  # no text of anybody's
    return status


def as_typed(message: str) -> str:
    """What is wrong with an option, without the `kv-` that it has for pytest alone."""
    return _FOR_PYTEST.sub("--", message)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _command(name: str) -> Callable[[Sequence[str]], int]:
    if name not in _COMMANDS:
        from kvgate.schema import nearest  # noqa: PLC0415  # loads what a command needs, and not this mistake alone

        raise InputError(f"unknown command '{name}'{nearest(name, tuple(_COMMANDS))}")
    return _COMMANDS[name]


def _failed(error: Exception) -> int:
    """The exit status for what no command is meant to raise: nobody reads on, nothing more can be written, or a bug."""
    if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC):
        # Python would complain once more when it flushes standard output at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            return 0
        print(f"kvgate: standard output cannot be written: {error.strerror}", file=sys.stderr)
        return int(Exit.USAGE)
    traceback.print_exception(error)
    print(f"kvgate: internal error: {type(error).__name__}: {error}", file=sys.stderr)
    return int(Exit.INTERNAL_ERROR)


def _run(arguments: Sequence[str]) -> int:
    from kvgate.cli.run import run  # noqa: PLC0415  # each command loads only what it needs

    return run(arguments)


def _list(arguments: Sequence[str]) -> int:
    from kvgate.cli.listing import listing  # noqa: PLC0415

    return listing(arguments)


def _serve(arguments: Sequence[str]) -> int:
    from kvgate.reference.serve import serve  # noqa: PLC0415

    return serve(list(arguments))


def _fixtures(arguments: Sequence[str]) -> int:
    from kvgate.cli.fixtures import fixtures  # noqa: PLC0415

    return fixtures(arguments)


def _sweep(arguments: Sequence[str]) -> int:
    from kvgate.cli.sweeping import sweeping  # noqa: PLC0415

    return sweeping(arguments)


def _waivers(arguments: Sequence[str]) -> int:
    from kvgate.cli.waivers import waivers  # noqa: PLC0415

    return waivers(arguments)


_COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "run": _run,
    "list": _list,
    "serve": _serve,
    "fixtures": _fixtures,
    "sweep": _sweep,
    "waivers": _waivers,
}
