"""Keeps siblings apart: interfaces beside those of the two pages, off by default and never part of their verdict."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kvgate.errors import InputError
from kvgate.interface import default_names, load_interface
from kvgate.target.model import Target


def embedded_names(named: Collection[str]) -> tuple[str, ...]:
    """The interfaces of a run without a URL: the siblings that are named one by one, else the pages', named or all."""
    siblings = tuple(name for name in named if not load_interface(name).default)
    return siblings or tuple(name for name in named if name not in siblings) or default_names()


def in_one_run(target: Target, named: Collection[str]) -> Target:
    """The target with the parts that one run judges; `named` are the suites given one by one.

    Raises InputError where a sibling would be judged together with an interface of the pages, or has no URL.
    """
    chosen = list(named) or [part.interface for part in target.parts]
    siblings = [name for name in chosen if not load_interface(name).default]
    pages = [name for name in chosen if name not in siblings]
    if siblings and pages:
        raise InputError(
            f"{siblings[0]} is never part of the verdict on {pages[0]}: judge it in a run of its own, "
            f"`kvgate run {siblings[0]}`, and the other by `kvgate run {pages[0]}`"
        )
    parts = tuple(part for part in target.parts if load_interface(part.interface).default == bool(pages))
    if siblings:
        parts = tuple(part for part in parts if part.interface in siblings)
    # A target may have a URL for a page of which nothing is collected: it is not tested then, and not observed.
    elif pages:
        parts = tuple(part for part in parts if part.interface in pages) or parts
    if not parts:
        raise InputError(f"{chosen[0]}: there is no URL for it: add url to [{chosen[0]}] or give --{chosen[0]}-url")
    return replace(target, parts=parts)
