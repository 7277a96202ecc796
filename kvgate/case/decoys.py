"""The questions about what a case stores besides what it asks for: a server may take one key for the other."""

from __future__ import annotations

from dataclasses import replace

from kvgate.case.model import Ask, Case

DECOY = "decoy"
_MOST = 5  # for one case; those of cases with many stored keys are like one another


def decoys_of(case: Case) -> tuple[Ask, ...]:
    """The only question of a case, each time with another key in the place of its first; none where it has several.

    A cache that takes two keys for one has the wrong answer by then. Its fields say which key a question is about, as
    those of any do; not so where the target holds the key in several places, of which one may be another parameter.
    """
    if len(case.asks) != 1:
        return ()
    ask = case.asks[0]
    keys = [str(key) for key in ask.fields.get("keys") or [ask.fields.get("key") or ""]]
    if not keys[0] or "|" in keys[0] or keys[0] not in ask.target:
        return ()
    others = dict.fromkeys(holding.key for holding in case.holdings if holding.key not in keys)
    return tuple(_about(ask, keys, other, f"{DECOY}-{n}") for n, other in enumerate(list(others)[:_MOST], 1))


def _about(ask: Ask, keys: list[str], other: str, label: str) -> Ask:
    spelled = {"keys": [other, *keys[1:]]} if "keys" in ask.fields else {"key": other}
    fields = {**ask.fields, **spelled} if ask.target.count(keys[0]) == 1 else {}
    return replace(ask, label=label, target=ask.target.replace(keys[0], other, 1), fields=fields)
