"""Generates rows out of a seed and shrinks one that fails: the one module that knows Hypothesis.

The same seed gives the same rows in every process, whatever else is loaded there: Hypothesis mixes constants that it
finds in loaded modules into what it draws, so every number is drawn far from all of them.
"""

from __future__ import annotations

import contextlib
import functools
import tempfile
import threading
from collections.abc import Callable, Iterator

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisException

from kvgate.explore.draws import Draws
from kvgate.explore.row import Row

MakeRow = Callable[[Draws], Row]
_FAR = 10**40  # no module holds numbers near it, nor does Hypothesis's own list of interesting ones
_ONE_AT_A_TIME = threading.Lock()
# Two examples: the first is the simplest there is, the second drawn. A third would be a variation of it.
_SETTINGS = settings(
    max_examples=2,
    database=None,
    deadline=None,
    derandomize=False,
    print_blob=False,
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


class _Found(Exception):
    """A row that fails, for Hypothesis to shrink."""


class _Over(BaseException):
    """Ends a search at once: Hypothesis takes every Exception for one more row that fails."""


class Search:
    """The rows of one seed. Its `folder` is Hypothesis's own while it is at work, and goes with `close`."""

    def __init__(self, make: MakeRow, seed: int) -> None:
        self._rows, self._seed = _rows(make), seed
        self._folder = tempfile.TemporaryDirectory(prefix="kvgate-explore-")

    def close(self) -> None:
        """Leaves nothing behind. Idempotent."""
        self._folder.cleanup()

    def row(self, number: int) -> Row:
        """The row of this number. It depends on nothing but the seed and the number: any one can be made alone."""
        rows: list[Row] = []

        def collect(row: Row) -> None:
            rows.append(row)

        self._run(collect, number, Phase.generate)
        return rows[-1]

    def smallest(
        self, number: int, fails: Callable[[Row], bool], *, ended: Callable[[], bool] = lambda: False
    ) -> Row | None:
        """The smallest row for which `fails`, found from the row of this number; None where not even that one does.

        `fails` has to give one answer for one row. Once `ended()`, the smallest so far is given.
        """
        found: list[Row] = []

        def attempt(row: Row) -> None:
            if ended():
                raise _Over
            if fails(row):
                found.append(row)
                raise _Found

        # Whatever else it may stumble over, a row that was seen to fail is no less of a finding.
        with contextlib.suppress(_Found, _Over, HypothesisException):
            self._run(attempt, number, Phase.generate, Phase.shrink)
        return found[-1] if found else None

    def _run(self, test: Callable[[Row], None], number: int, *phases: Phase) -> None:
        run = settings(_SETTINGS, phases=phases)(given(self._rows)(test))
        with self._at_home():
            hypothesis.seed(f"{self._seed} {number}")(run)()

    @contextlib.contextmanager
    def _at_home(self) -> Iterator[None]:
        with _ONE_AT_A_TIME:
            set_hypothesis_home_dir(self._folder.name)
            try:
                yield
            finally:
                set_hypothesis_home_dir(None)


def _rows(make: MakeRow) -> st.SearchStrategy[Row]:
    @st.composite
    def rows(draw: st.DrawFn) -> Row:
        return make(Draws(lambda low, high: draw(_numbers(low, high)) - _FAR))

    return rows()


@functools.lru_cache(maxsize=4096)
def _numbers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(_FAR + low, _FAR + high)
