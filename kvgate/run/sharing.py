"""Keeps one copy of a body that came more than once, or is the value that was stored: large ones fill the memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kvgate.case import Case
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.exchange import Exchange

_WORTH = 1024  # bytes; a smaller body is not looked for


def sharing(exchange: Exchange, case: Case, before: Iterable[Exchange]) -> tuple[Exchange, int]:
    """The same exchange, its body one that is held already where that has the same bytes; and how many these are."""
    response = exchange.response
    if response is None or len(response.body) < _WORTH:
        return exchange, 0
    bodies = (other.response.body for other in before if other.response is not None)
    held = (holding.value for holding in case.holdings)
    for known in (*bodies, *held):
        if known == response.body:
            return replace(exchange, response=replace(response, body=known)), len(known)
    return exchange, 0


def sharing_values(situation: Situation | None, case: Case) -> Situation | None:
    """The same situation, with the values that the case stored instead of copies of them as they were read."""
    stored = {holding.value: holding.value for holding in case.holdings if len(holding.value) >= _WORTH}
    if situation is None or not stored:
        return situation
    return Situation(
        {
            where: Held(stored.get(held.value, held.value), held.version) if held.value is not None else held
            for where, held in situation.held.items()
        }
    )
