"""What the page demands of a state that nobody wrote down beforehand: for cases that are explored or observed.

The cases of fixtures/ never come this way: what they expect is written out, and the tests hold it against this.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

IGNORING = "?ignoreMissingKey=true"
_QUERIES = ("", "?ignoreMissingKey=false", IGNORING)


def expected(keys: Sequence[str], stored: Collection[str], query: str) -> dict[str, Any]:
    """The `expect` of a request for these keys of a region that exists and holds the keys `stored` (L41, L194).

    Keys are spelled alike in both. `query` is one of the page's: none, or `ignoreMissingKey` true or false.
    """
    if query not in _QUERIES:
        raise ValueError(f"a query the page does not settle: {query}")
    missing = [key for key in dict.fromkeys(keys) if key not in stored]
    if not missing:
        return {"outcome": "found", "status": 200}
    if query == IGNORING:
        return {"outcome": "ignored", "status": 200, "missing": missing}
    return {"outcome": "missing", "status": 400, "missing": missing}
