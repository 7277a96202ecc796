"""Says that a run made fewer checks than there are: what is green then is a part of the gate."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from kvgate.case.generated import is_generated
from kvgate.level import Level
from kvgate.places import ROOT
from kvgate.plural import many
from kvgate.report.model import CheckRecord
from kvgate.run.plan import Plan
from kvgate.target.model import Target
from kvgate.verdict.model import ONE_BY_ONE

_LONGEST, _MOST = 60, 6  # characters of one selection that is named, and how many are

# pytest's own options that leave tests out, by the name under which it keeps them; some come with a plugin only.
_LISTED = {"deselect": "--deselect", "ignore": "--ignore", "ignore_glob": "--ignore-glob"}
_TEXTS = {"keyword": "-k", "markexpr": "-m"}
_FLAGS = {"lf": "--lf", "stepwise": "--sw"}


class Asked(Protocol):
    """What is needed of pytest's configuration."""

    args: list[str]

    def getoption(self, name: str, default: Any = None) -> Any: ...  # noqa: D102


def narrowed(plans: Collection[Plan], records: Sequence[CheckRecord], selected_by: Sequence[str]) -> Iterator[str]:
    """One line when fewer checks were made than there are for these interfaces, generated cases aside; else nothing.

    `selected_by` names what may have left some out.
    """
    planned = sum(len(plan.everything) for plan in plans)
    made = sum(not is_generated(record.finding.case) for record in records)
    if made >= planned:
        return
    named = list(selected_by[:_MOST])
    if len(selected_by) > _MOST:
        named.append(many(len(selected_by) - _MOST, "other"))
    by = f", selected by {', '.join(named)}" if named else ""
    yield f"{made:,} of {many(planned, 'check')} were made{by}"


def one_by_one(records: Sequence[CheckRecord]) -> Iterator[str]:
    """One line when what belongs at the same time was asked one after the other; else nothing."""
    count = sum(record.finding.message == ONE_BY_ONE for record in records)
    if count:
        yield (
            f"{many(count, 'check')} not applicable, since nothing was asked at the same time:"
            " let each process have two requests under way (--kv-concurrency, -n)"
        )


def selections(target: Target, asked: Asked) -> tuple[str, ...]:
    """Every option and path of a run that may leave checks out, as it would be typed."""
    found = [f"--kv-requirement={pattern}" for pattern in target.requirements]
    found += [f"--kv-case={pattern}" for pattern in target.cases]
    if target.level is not Level.INFO:
        found.append(f"--kv-level={target.level.value.lower()}")
    found += [f"{name} '{text}'" for option, name in _TEXTS.items() if (text := asked.getoption(option, ""))]
    found += [f"{name}={value}" for option, name in _LISTED.items() for value in asked.getoption(option, None) or ()]
    found += [name for option, name in _FLAGS.items() if asked.getoption(option, False)]
    found += [_from_root(path) for path in asked.args if Path(path.partition("::")[0]).suffix == ".py"]
    return tuple(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..." for text in found)


def _from_root(argument: str) -> str:
    """A path within the suites, or a test's id, from where the suites are: `suites/geode/test_status.py`."""
    path, colons, rest = argument.partition("::")
    whole = Path(path).resolve()
    shown = whole.relative_to(ROOT).as_posix() if whole.is_relative_to(ROOT) else path
    return f"{shown}{colons}{rest}"
