"""Keeps little of what fills the memory: of a body that came twice one copy, of one far too large the beginning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kvgate.case import Case
from kvgate.verdict.evidence import Held, Situation
from kvgate.wire.exchange import Exchange
from kvgate.wire.reader import CUT_KEPT

_WORTH = 1024  # bytes; a smaller body is not looked for
# No answer that is right is larger: each byte of a value escaped, and room for all there may be besides.
_ESCAPED, _BESIDES = 8, 3 * 2**20
# Bytes; no server sends a head that is larger than the one of its own accord, and a page shows no more than the other.
_LARGE_HEAD, _HEAD_KEPT = 8 * 1024, 4 * 1024


def within_measure(exchange: Exchange, case: Case) -> Exchange:
    """The exchange with the beginning of its body only, where that is far larger than all that the case has stored.

    Of a head that is larger than any honest one the raw bytes are cut too: its headers are kept by themselves, whole.
    """
    response = exchange.response
    head = exchange.raw.find(b"\r\n\r\n") + 4 if len(exchange.raw) > _LARGE_HEAD else 0
    if response is not None and head > _LARGE_HEAD:
        exchange, head = replace(exchange, raw=exchange.raw[:_HEAD_KEPT]), 0
    most = _BESIDES + _ESCAPED * sum(len(holding.value) for holding in case.holdings)
    if response is None or len(response.body) <= most:
        return exchange
    cut = replace(response, body=response.body[:CUT_KEPT])
    return replace(exchange, response=cut, raw=exchange.raw[: head + CUT_KEPT])


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
