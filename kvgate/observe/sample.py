"""Chooses keys out of a listing: the same for the same seed, spread over all of it, rare situations first."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence


def spread(listed: Mapping[str, Sequence[str]], count: int, seed: int) -> tuple[str, ...]:
    """`count` keys of a listing that is parted by situation, or all where there are no more.

    Each situation gets an equal share as far as it has keys, so that what is rare is not lost among what is not.
    """
    shares = _shares({situation: len(keys) for situation, keys in listed.items()}, count)
    chosen: list[str] = []
    for situation, share in shares.items():
        # A text seeds alike on every machine and under every PYTHONHASHSEED.
        chosen += _over(listed[situation], share, random.Random(f"{seed} {situation}"))  # noqa: S311  # no secret
    return tuple(dict.fromkeys(chosen))


def _shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    shares = dict.fromkeys(sizes, 0)
    left = min(count, sum(sizes.values()))
    while left:
        open_ones = [situation for situation, size in sizes.items() if shares[situation] < size]
        each = max(1, left // len(open_ones))
        for situation in open_ones:
            more = min(each, sizes[situation] - shares[situation], left)
            shares[situation] += more
            left -= more
    return shares


def _over(keys: Sequence[str], share: int, chance: random.Random) -> list[str]:
    """One key out of each of `share` stretches of about the same length."""
    bounds = [len(keys) * index // share for index in range(share + 1)] if share else [0]
    return [keys[chance.randrange(start, end)] for start, end in itertools.pairwise(bounds)]
