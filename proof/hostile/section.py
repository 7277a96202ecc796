"""The chapter of the proof on hostile servers."""

from __future__ import annotations

from collections.abc import Sequence

from proof.hostile.behaviour import Behaviour
from proof.hostile.result import HostileResult
from proof.section import Section, Table

SURVIVED = "survived it"
_HEAD = ("behaviour", "what it does", "expected", "came", "what the terminal says", "fate")
_AS_IT_CAME = "the terminal's lines as they came"


def hostile_section(pairs: Sequence[tuple[Behaviour, HostileResult]], *, verbatim: bool = False) -> Section:
    """What came of hostile behaviours, a table for each theme.

    `verbatim` adds the lines of the terminal as they came: with ports and keys, so not the same in any two runs.
    """
    tables = []
    for theme in dict.fromkeys(behaviour.theme for behaviour, _ in pairs):
        rows = tuple(
            (*_row(behaviour, result), *(("\n".join(result.causes),) if verbatim else ()))
            for behaviour, result in pairs
            if behaviour.theme == theme
        )
        tables.append(Table(theme, (*_HEAD, *((_AS_IT_CAME,) if verbatim else ())), rows))
    good = sum(result.good for _, result in pairs)
    return Section(
        "Hostile behaviours",
        "Each is a broken or malicious server, and the gate is run against it as a person would, in a process of its "
        "own. It has to end within its time limit with the right exit status, to say why in a line for each cause, "
        "without a traceback, in less than 300 MB, and to leave whole reports in which nothing of the server's is "
        "markup.",
        (
            ("behaviours", len({behaviour.name for behaviour, _ in pairs})),
            ("runs", len(pairs)),
            (SURVIVED, good),
            ("went wrong", len(pairs) - good),
        ),
        tuple(tables),
        tuple(f"{result.name}: {result.wrong[0]}" for _, result in pairs if not result.good),
    )


def _row(behaviour: Behaviour, result: HostileResult) -> tuple[str, ...]:
    came = "none: killed" if result.exit is None else str(result.exit)
    # The words that were looked for, since the whole line holds ports, keys and counts.
    said = " … ".join(behaviour.shows)
    return (
        behaviour.full_name,
        behaviour.says,
        str(behaviour.exit),
        came,
        said,
        SURVIVED if result.good else "went wrong",
    )
