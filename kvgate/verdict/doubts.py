"""Keeps what there is no verdict on until every answer of a case was looked at: a definite breach of another wins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kvgate.verdict.model import FaultElsewhere, NotApplicable, Unjudged


class Doubts:
    """What kept single answers from being judged.

    `with doubts.kept():` stands around what is to be said of one answer, `doubts.settle()` behind the loop.
    """

    def __init__(self) -> None:
        self._unjudged: Unjudged | None = None
        self._elsewhere: NotApplicable | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keeps the first doubt of each kind that comes up; a Breach goes through."""
        try:
            yield
        except Unjudged as doubt:
            self._unjudged = self._unjudged or doubt
        except NotApplicable as doubt:
            if isinstance(doubt, FaultElsewhere) and not isinstance(self._elsewhere, FaultElsewhere):
                self._elsewhere = doubt
            self._elsewhere = self._elsewhere or doubt

    def settle(self) -> None:
        """Raises what was kept: that something has no verdict before that another requirement is at fault."""
        if self._unjudged is not None:
            raise self._unjudged
        if self._elsewhere is not None:
            raise self._elsewhere
