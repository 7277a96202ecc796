"""The table: a key is looked up in the one that the request names."""

from __future__ import annotations

from kvgate.case import Case
from kvgate.verdict import Answer, requires

from ..get2.facts import both_hold_the_key, is_no_decoy


def _another_table_has_the_key(case: Case) -> bool:
    return both_hold_the_key(case) and "table" in case.tags


@requires("hget2.request.own-table", when=_another_table_has_the_key)
def test_the_key_is_looked_up_in_the_table_asked_for(case: Case, answer: Answer) -> None:
    """The key is looked up in the table that the request names, and in no other."""
    is_no_decoy(case, answer, "another table was read")
