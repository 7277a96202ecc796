"""`kvgate fixtures export`: the state of the cases, for those who load it themselves."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from kvgate.case import Mark, place
from kvgate.cli.options import Parser, add_target_options, one_part, target_of
from kvgate.errors import InputError, KvgateError
from kvgate.places import interface_names
from kvgate.report.scrub import Scrubber
from kvgate.run.patterns import chosen, plain
from kvgate.run.plan import Selection, make_plan
from kvgate.schema import nearest
from kvgate.seeding.export import export_json, export_shell
from kvgate.seeding.make import make_seeder, seeding_credentials

_ACTIONS = ("export",)


def fixtures(arguments: Sequence[str]) -> int:
    """Runs an action on the fixtures; the only one is `export`."""
    action = arguments[0] if arguments else ""
    if action in ("-h", "--help"):
        return _export(["--help"])
    if action not in _ACTIONS:
        what = f"unknown action '{action}'{nearest(action, _ACTIONS)}" if action else "an action is missing"
        raise InputError(f"fixtures: {what}: `kvgate fixtures export` is what there is")
    return _export(arguments[1:])


def _export(arguments: Sequence[str]) -> int:
    parser = Parser(
        "fixtures export",
        "Print the state of the cases, as a shell script of curl lines or as JSON. The target says who master1 is.",
    )
    add_target_options(parser)
    parser.add_argument(
        "--mark", help="the mark of the keys, as the run will be given it (default: [run] of the target)"
    )
    parser.add_argument("--format", choices=("sh", "json"), default="sh", help="default: sh")
    parser.add_argument("--interface", choices=interface_names(), help="which one, where the target has both")
    parser.add_argument(
        "--case",
        action="append",
        default=[],
        metavar="GLOB",
        help="only these cases, or with ! all but these; may be repeated",
    )
    given = parser.read(arguments)
    target = target_of(given, mark=given.mark)
    part = one_part(target, given.interface)
    if target.mark is None:
        raise InputError("a mark is needed, for the state and for the run that finds it: give --mark=")
    mark = Mark(target.mark)
    plan = make_plan(part.interface, part.profile, Selection())
    for pattern in given.case:
        if not any(fnmatchcase(name, plain(pattern)) for name in plan.cases):
            raise InputError(f"--case={pattern}: no such case; `kvgate list --cases` shows what there is")
    # The control is always among them: without it nothing is judged.
    cases = [
        place(case, mark, part.places)
        for case in plan.cases.values()
        if chosen(case.name, given.case) or case.name in plan.interface.control
    ]
    seeder = make_seeder(part, tls=target.tls, limits=target.limits, concurrency=target.concurrency)
    try:
        seeder.prepare()
        cases = [seeder.aimed(case) for case in cases]
        if given.format == "json":
            text = export_json(cases, seeder, mark=mark.text, interface=part.interface)
        else:
            text = export_shell(cases, seeder, credentials=seeding_credentials(part))
    except KvgateError as error:
        raise type(error)(Scrubber(target.secrets).text(str(error))) from None
    finally:
        seeder.close()
    print(text, end="")
    return 0
