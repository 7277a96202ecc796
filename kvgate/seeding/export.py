"""Writes the state of cases down for those who load it themselves: as a shell script, and as JSON."""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from kvgate.case import Case
from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.seeding.model import NotInPlace, Seeder
from kvgate.seeding.spelling import decoded, parted
from kvgate.wire.client import Credentials
from kvgate.wire.exchange import Request
from kvgate.wire.text import curl

SCHEMA = "kvgate/state.schema.json"
_LONGEST_LINE_BODY = 4096  # bytes; curl() cuts a longer body
_STAND_IN = b"KVGATE-BODY"
_HEADER = """\
#!/bin/sh
# The state of {count} cases. Running it again brings the same state about again.
# KVGATE_CURL_OPTIONS may hold further options of curl, such as: --cacert ca.pem
set -eu
{auth}curl() {{ command curl -f -o /dev/null ${{KVGATE_CURL_OPTIONS:-}} "$@" || refused; }}
refused() {{ echo "the $level case $case is not in place" >&2; [ "$level" != MUST ]; }}
"""
_AUTH = ': "${{KVGATE_AUTH:?put the value of the header {header} here}}"\n'


def export_shell(cases: Iterable[Case], seeder: Seeder, *, credentials: Credentials | None = None) -> str:
    """A POSIX shell script of curl lines that puts the state of placed cases in place.

    It stops at the first refusal, with the name of the case, unless what is judged on that is no MUST.

    Values are sent byte for byte. `credentials` only says which header is to be filled from $KVGATE_AUTH. A case that
    has no place on this target is left out, with the reason. Raises InputError when that goes for all of them.
    """
    header = credentials.header if credentials is not None else None
    out: list[str] = []
    placed, reason = 0, ""
    stateful = [case for case in cases if case.holdings]
    for case in stateful:
        out.append(f"\n# {case.interface} {case.name}: {_one_line(case.why)}")
        try:
            steps = seeder.recipe(case)
        except NotInPlace as error:
            reason = str(error)
            out.append(f"# left out: {_one_line(reason)}")
            continue
        placed += 1
        out.append(f"case='{case.interface} {case.name}' level={case.level.name}")
        out.extend(_line(case, origin, request, header) for origin, request in steps)
    _check_any(placed, len(stateful), reason)
    auth = _AUTH.format(header=header) if header is not None else ""
    return _HEADER.format(count=placed, auth=auth) + "\n".join(out) + "\n"


def export_json(cases: Sequence[Case], seeder: Seeder, *, mark: str, interface: str) -> str:
    """The state of placed cases as JSON (schemas/kvgate/state.schema.json), values and keys also as base64.

    `url` is the base URL of the node or of the region that has to hold the key. Raises InputError when no case has a
    place on this target.
    """
    shown, left_out = [], []
    for case in cases:
        try:
            shown.append(_case(case, seeder))
        except NotInPlace as error:
            left_out.append({"case": case.name, "reason": str(error)})
    _check_any(len(shown), len(cases), left_out[0]["reason"] if left_out else "")
    document = {"format": 1, "interface": interface, "mark": mark, "cases": shown, "left_out": left_out}
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _check_any(placed: int, all_of_them: int, reason: str) -> None:
    if all_of_them and not placed:
        raise InputError(f"no case has a place on this target: {reason}")


def _case(case: Case, seeder: Seeder) -> dict[str, Any]:
    stored = []
    for holding in case.holdings:
        row: dict[str, Any] = {
            "place": holding.place,
            "url": seeder.where(holding.place, holding.key),
            **_named(holding.key),
            "value_base64": _base64(holding.value),
        }
        if holding.version is not None:
            row["version"] = holding.version
        stored.append(row)
    absent = [{"place": place, **_named(key)} for place, key in case.absent]
    return {"name": case.name, "why": case.why, "stored": stored, "absent": absent}


def _named(key: str) -> dict[str, str]:
    table, name = parted(key)
    return {**({"table": table} if table else {}), "key": name, "key_base64": _base64(decoded(name))}


def _line(case: Case, origin: str, request: Request, header: str | None) -> str:
    if len(request.body) > _LONGEST_LINE_BODY:
        command = curl(origin, replace(request, body=_STAND_IN), header)
        command = command.replace(f"--data-raw {_STAND_IN.decode()}", "--data-binary @-")
        return f"base64 -d <<'END' | {command}\n{textwrap.fill(_base64(request.body), 76)}\nEND"
    line = curl(origin, request, header)
    # A key that is not there needs no removal.
    return f"{line} 2>/dev/null || :" if _removes(case, request) else line


def _removes(case: Case, request: Request) -> bool:
    storage = load_interface(case.interface).storage
    return storage is not None and request.target.partition("?")[0].endswith(storage.remove.target.partition("?")[0])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _one_line(text: str) -> str:
    return " ".join(text.split())
