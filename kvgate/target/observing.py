"""What a run is to observe instead of seeding: keys by name, keys of a file, or a sample of those there are.

A key is written as it stands in a URL. %XX stands for a byte; what cannot stand there as itself (a blank, `/`, `+`,
anything that is not ASCII) is encoded for the operator, as UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kvgate.bounded import is_file, read_bounded
from kvgate.errors import InputError
from kvgate.schema import nearest
from kvgate.target.model import Observing
from kvgate.target.options import PREFIX, Options
from kvgate.target.sources import Sources

SAMPLE = "sample"
COUNT = 100
MOST_KEYS = 1000
LONGEST_KEY = 2000  # bytes as it stands in a URL; servers take lines of 8 KB
MOST_BYTES = 4 * 2**20
_ESCAPE = re.compile(r"%(?:[0-9A-Fa-f]{2})?")
_ALONE = ("count", "seed")


def read_observing(run: Mapping[str, Any], sources: Sources, options: Options) -> Observing | None:
    """What the table [run], options laid over it, says is to be observed; None where nothing is said of it.

    Raises InputError.
    """
    given = run.get("observe")
    keys = _list(run.get("observe_key", []))
    if given is None and not keys:
        for name in _ALONE:
            if f"observe_{name}" in run:
                where = sources.where("run", f"observe_{name}")
                raise InputError(f'{where}: without effect: add observe = "sample" to [run] or {PREFIX}observe=sample')
        return None
    _refuse_contradictions(options)
    spelled = [spell(key, sources.where("run", "observe_key")) for key in keys]
    sample = given == SAMPLE
    if given is not None and not sample:
        where = sources.where("run", "observe")
        if not given.startswith("@"):
            near = nearest(given, (SAMPLE,)) if not is_file(Path(given)) else f" (a file is named @{given})"
            raise InputError(f"{where}: expected sample or @FILE, got '{given}'{near}")
        spelled += read_keys(sources.path("run", "observe", given[1:]), where)
    for name in _ALONE:
        if f"observe_{name}" in run and not sample:
            where = sources.where("run", f"observe_{name}")
            raise InputError(f'{where}: without effect: only a sample (observe = "sample") has it')
    distinct = tuple(dict.fromkeys(spelled))
    if len(distinct) > MOST_KEYS:
        raise InputError(f"{len(distinct)} keys are to be observed: at most {MOST_KEYS} in one run")
    return Observing(distinct, sample, run.get("observe_count", COUNT), run.get("observe_seed"))


def read_keys(path: Path, where: str) -> list[str]:
    """The keys of a file, one a line, blank lines passed over. Raises InputError naming the line."""
    try:
        data = read_bounded(path, what="file of keys", most=MOST_BYTES)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8: write such a byte of a key as %XX") from None
    except OSError as error:
        raise InputError(f"{where}: {path}: cannot read this file of keys: {error.strerror or error}") from None
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    keys = [spell(line, f"{path}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not keys:
        raise InputError(f"{where}: {path}: no key in this file: one key a line is expected")
    return keys


def spell(key: str, where: str) -> str:
    """The key as it will stand in a URL. Raises InputError, one line, for one that cannot."""
    if not key:
        raise InputError(f"{where}: an empty key")
    bad = next((match for match in _ESCAPE.finditer(key) if len(match[0]) == 1), None)
    if bad is not None:
        raise InputError(f"{where}: a % that is not followed by two hexadecimal digits: write a percent sign as %25")
    try:
        spelled = quote(key, safe="%~")
    except UnicodeEncodeError:
        raise InputError(f"{where}: a key that is not UTF-8: write such a byte as %XX") from None
    if len(spelled) > LONGEST_KEY:
        raise InputError(f"{where}: a key of {len(spelled)} bytes in a URL: at most {LONGEST_KEY} are observed")
    return spelled


def _refuse_contradictions(options: Options) -> None:
    """Raises InputError for an option that has no meaning where nothing is written."""
    for name in ("keep", "mark", "recheck", "explore"):
        if getattr(options, name, None):
            raise InputError(f"{PREFIX}{name}: without effect with {PREFIX}observe, which writes nothing")


def _list(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
