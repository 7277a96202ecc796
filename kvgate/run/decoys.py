"""The questions about what a case stores besides what it asks for: a server may take one key for the other."""

from __future__ import annotations

from dataclasses import replace

from kvgate.case import Ask, Case

_MOST = 4  # for one case; those of cases with many stored keys are like one another


def decoys_of(case: Case) -> tuple[Ask, ...]:
    """The only question of a case, each time with another key in the place of its first; none where it has several.

    The answers are nobody's to judge. A cache that takes two keys for one has the wrong answer by then.
    """
    if len(case.asks) != 1:
        return ()
    ask = case.asks[0]
    keys = [str(key) for key in ask.fields.get("keys") or [ask.fields.get("key") or ""]]
    if not keys[0] or "|" in keys[0] or keys[0] not in ask.target:
        return ()
    others = dict.fromkeys(holding.key for holding in case.holdings if holding.key not in keys)
    return tuple(replace(ask, target=ask.target.replace(keys[0], other, 1)) for other in list(others)[:_MOST])
