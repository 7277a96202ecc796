"""How deviations of Geode are declared that are one function: a document rewritten, a key or the parameter misread."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kvgate.reference.deviation import Deviation, Deviations
from kvgate.reference.geode import Geode
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Request
from kvgate.reference.jsontext import Json, Number, dump, load

Change = Callable[[Json], Json]
ChangeText = Callable[[str], Json]
ReadKey = Callable[[str], str]
ReadParameter = Callable[[tuple[str, ...]], bool | None]

_C = TypeVar("_C", bound=Change)
_T = TypeVar("_T", bound=ChangeText)
_K = TypeVar("_K", bound=ReadKey)
_P = TypeVar("_P", bound=ReadParameter)


class GeodeDeviations(Deviations):
    """The deviations of one module, filled by decorators; what a deviation says is its docstring."""

    def __init__(self) -> None:
        super().__init__("geode")

    def value_fault(
        self, name: str, shows: str, breaks: str = "geode.body.value-intact", *, whole: bool = False
    ) -> Callable[[_C], _C]:
        """Lists a function that changes one node of a stored document, all it holds having been changed before.

        `whole`: it is given the document only.
        """

        def take(change: _C) -> _C:
            self._enter(name, breaks, shows, change, functools.partial(Rewriting, change, whole=whole))
            return change

        return take

    def text_fault(self, name: str, shows: str) -> Callable[[_T], _T]:
        """Lists a function from a stored text to what is answered in its place; names of members stay."""

        def take(change: _T) -> _T:
            def of_node(node: Json) -> Json:
                return change(node) if isinstance(node, str) and not isinstance(node, Number) else node

            self._enter(name, "geode.body.value-intact", shows, change, functools.partial(Rewriting, of_node))
            return change

        return take

    def value_freedom(
        self, name: str, shows: str, *, warns: tuple[str, ...] = (), whole: bool = False
    ) -> Callable[[_C], _C]:
        """Lists a function that writes one node of a stored document in another way; arguments as `value_fault`."""

        def take(change: _C) -> _C:
            self._enter(name, None, shows, change, functools.partial(Rewriting, change, whole=whole), warns)
            return change

        return take

    def key_fault(self, name: str, breaks: str, shows: str) -> Callable[[_K], _K]:
        """Lists a function from a key as asked to the key that is looked up instead."""

        def take(read: _K) -> _K:
            self._enter(name, breaks, shows, read, functools.partial(Misreading, read))
            return read

        return take

    def parameter_fault(self, name: str, breaks: str, shows: str) -> Callable[[_P], _P]:
        """Lists a function from the values given to ignoreMissingKey to what is made of them (None: 400)."""

        def take(read: _P) -> _P:
            self._enter(name, breaks, shows, read, functools.partial(Misguided, read))
            return read

        return take

    def _enter(
        self,
        name: str,
        breaks: str | None,
        shows: str,
        declared: Callable[..., object],
        make: Callable[..., Geode],
        warns: tuple[str, ...] = (),
    ) -> None:
        says = " ".join((declared.__doc__ or "").split())
        self.append(Deviation(name, says, "geode", breaks, shows, make, warns))


class Rewriting(Geode):
    """Answers each stored document after `change` was applied to it, or unless `whole` to every node of it."""

    def __init__(
        self,
        change: Change,
        regions: Mapping[str, Mapping[str, str]] | None = None,
        *,
        whole: bool = False,
        **given: Any,
    ) -> None:
        super().__init__(regions, **given)
        self._change = change
        self._whole = whole

    def render_value(self, text: str | None) -> str:
        """The document, changed."""
        if text is None:
            return super().render_value(text)
        return dump(self._change(load(text)) if self._whole else rewritten(load(text), self._change))


class Misreading(Geode):
    """Looks up another key than the one that was asked for, as `read` says."""

    def __init__(self, read: ReadKey, regions: Mapping[str, Mapping[str, str]] | None = None, **given: Any) -> None:
        super().__init__(regions, **given)
        self._read = read

    def look_up(self, region: Region, key: str) -> str | None:
        """What is held for the key misread."""
        return super().look_up(region, self._read(key))


class Misguided(Geode):
    """Makes of the values given to ignoreMissingKey what `read` says."""

    def __init__(
        self, read: ReadParameter, regions: Mapping[str, Mapping[str, str]] | None = None, **given: Any
    ) -> None:
        super().__init__(regions, **given)
        self._read = read

    def read_parameter(self, request: Request) -> bool | None:
        """What is made of the values."""
        return self._read(self.parameter_values(request))


def rewritten(value: Json, change: Change) -> Json:
    """`value` with `change` applied to every node of it, the innermost first; members keep their order."""
    if isinstance(value, dict):
        return change({name: rewritten(member, change) for name, member in value.items()})
    if isinstance(value, list):
        return change([rewritten(element, change) for element in value])
    return change(value)
