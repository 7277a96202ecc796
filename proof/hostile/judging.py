"""Looks at what the gate left behind: the terminal, the exit status, the reports."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from kvgate.exits import Exit
from kvgate.report.write import NAMES
from kvgate.schema import problems
from proof.gate import GateRun
from proof.hostile.behaviour import Behaviour
from proof.hostile.result import MOST_MEMORY, HostileResult

# What hostile servers send as markup; nothing of it may be an element, an attribute or a link anywhere.
EVIL = "kvgate-evil"
_LEFT = "not removed ("  # how the gate says that keys are left
MOST_CAUSES = 12  # lines of one kind; a run that says more buries its cause
_LONGEST_LINE = 1000
_CAUSE = re.compile(r"(FAIL|WARN|NO VERDICT|reason:|note:|kvgate:) ")
_TRACEBACK = re.compile(r"Traceback|INTERNALERROR|^  File \"|Exception in thread|Exception ignored", re.MULTILINE)


def judge_run(
    behaviour: Behaviour, ran: GateRun, reports: Path, limit: float, *, strayed: int, left: int, failures: int
) -> HostileResult:
    """What came of a run. `strayed`, `left` and `failures` are the scene's."""
    terminal = ran.terminal.decode("utf-8", "surrogateescape")
    lines = terminal.splitlines()
    traceback = bool(_TRACEBACK.search(terminal))
    in_reports = tuple(_of_reports(reports, ran.exit, may_keep="`kvgate sweep " in terminal))
    by_time = [*_of_the_end(behaviour, ran, limit), *_of_what_is_said(behaviour, lines)]
    grave = [*_of_terminal(behaviour, terminal, lines), *in_reports]
    if ran.exit == Exit.INTERNAL_ERROR:
        grave.append("an internal error")
    if ran.memory > MOST_MEMORY:
        grave.append(f"took {ran.memory:.0f} MB, more than {MOST_MEMORY:g}")
    if traceback:
        grave.append("a traceback in the terminal")
    if left and _LEFT not in terminal:
        grave.append(f"{left} keys were left on the servers, and nobody is told")
    if strayed:
        grave.append(f"another host was asked {strayed} times")
    if failures:
        grave.append(f"the hostile server itself failed {failures} times: the run proves nothing")
    return HostileResult(
        name=behaviour.full_name,
        says=behaviour.says,
        expected=behaviour.exit,
        exit=ran.exit,
        shows=behaviour.shows,
        causes=tuple(line for line in lines if _CAUSE.match(line)),
        seconds=ran.seconds,
        limit=limit,
        memory=ran.memory,
        traceback=traceback,
        whole=not in_reports,
        wrong=(*by_time, *grave),
        by_time=not grave,
    )


def _of_the_end(behaviour: Behaviour, ran: GateRun, limit: float) -> Iterator[str]:
    if ran.exit is None:
        yield f"did not end: killed after {ran.seconds:.0f} s"
    elif ran.exit != behaviour.exit:
        yield f"exit status {ran.exit}, not {behaviour.exit}"
    if ran.exit is not None and ran.seconds > limit:
        yield f"took {ran.seconds:.1f} s, more than {limit:g}"


def _of_what_is_said(behaviour: Behaviour, lines: list[str]) -> Iterator[str]:
    for text in behaviour.shows:
        if not any(text in line for line in lines):
            yield f"no line says '{text}'"


def _of_terminal(behaviour: Behaviour, terminal: str, lines: list[str]) -> Iterator[str]:
    bad = steering(terminal)
    if bad:
        yield f"the terminal got {bad}"
    for word in ("reason:", "NO VERDICT", "note:"):
        count = sum(line.startswith(word) for line in lines)
        if count > MOST_CAUSES:
            yield f"{count} lines of '{word}'"
    if behaviour.exit and not any(_CAUSE.match(line) for line in lines):
        yield "no cause is given"
    longest = max(map(len, lines), default=0)
    if longest > _LONGEST_LINE:
        yield f"a line of {longest} characters"


def steering(text: str) -> str:
    """The first character that steers a terminal or hides others, as its code; empty where there is none."""
    for character in sorted(set(text)):
        if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            return f"U+{ord(character):04X}"
    return ""


def _of_reports(folder: Path, status: int | None, *, may_keep: bool) -> Iterator[str]:
    left = [path.name for path in folder.iterdir() if path.name not in NAMES] if folder.is_dir() else []
    for name in left:
        # The journal stays where keys are left that nobody could remove, and is named then.
        if not (may_keep and name.startswith("journal-")):
            yield f"left in the report folder: {name}"
    for name in NAMES:
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
            continue
        data = path.read_bytes()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            yield f"{name} is not UTF-8"
            continue
        bad = steering(text)
        if bad:
            yield f"{name} holds {bad}"
        yield from (f"{name}: {line}" for line in _CHECKS[name](text, status))


def _json(text: str, status: int | None) -> Iterator[str]:
    try:
        report = json.loads(text)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    found = problems("kvgate/report.schema.json", report)
    if found:
        yield f"{'.'.join(map(str, found[0].path))}: {found[0].message}"
    elif status is not None and report["run"]["exit"]["status"] != status:
        yield f"says exit status {report['run']['exit']['status']}, the process said {status}"


def _xml(text: str, status: int | None) -> Iterator[str]:
    try:
        root = ET.fromstring(text)  # noqa: S314  # our own writer's
    except ET.ParseError as error:
        yield f"not XML: {error}"
        return
    cases = root.findall("./testsuite/testcase")
    if len(cases) != int(root.get("tests", "-1")):
        yield f"announces {root.get('tests')} tests and holds {len(cases)}"
    red = root.findall("./testsuite/testcase/failure") + root.findall("./testsuite/testcase/error")
    if status not in (0, None) and not red:
        yield "nothing is red, though the run was not green"


class _Elements(HTMLParser):
    """Every element and every attribute value of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element and what its attributes hold."""
        self.found += [tag, *(value or "" for _, value in attrs)]


def _html(text: str, status: int | None) -> Iterator[str]:
    del status
    if not text.rstrip().endswith("</html>"):
        yield "not whole"
    parser = _Elements()
    parser.feed(text)
    if any(EVIL in each.lower() for each in parser.found):
        yield "a server's text is markup"


def _markdown(text: str, status: int | None) -> Iterator[str]:
    if status is not None and f"(exit status {status})" not in text:
        yield f"does not say exit status {status}"
    if re.search(rf"<[^>]*{EVIL}|\]\([^)]*{EVIL}", text, re.IGNORECASE):
        yield "a server's text is markup"


_CHECKS = {"report.json": _json, "junit.xml": _xml, "report.html": _html, "summary.md": _markdown}
