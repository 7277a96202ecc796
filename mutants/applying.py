"""Puts a mutant into a running process: the code of functions is exchanged, so that whoever has one has the mutant."""

from __future__ import annotations

import ast
import builtins
import functools
import gc
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType

from mutants.making import RECORD, Mutant, Source, is_table


class Loaded:
    """The functions of some files as they stand in this process, once everything is loaded."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self._sources = sources
        wanted = {str(source.full): file for file, source in sources.items()}
        self._functions: dict[str, list[FunctionType]] = {file: [] for file in sources}
        self._caches: list[functools._lru_cache_wrapper[object]] = []
        for item in gc.get_objects():
            if isinstance(item, FunctionType) and item.__code__.co_filename in wanted:
                self._functions[wanted[item.__code__.co_filename]].append(item)
            elif isinstance(item, functools._lru_cache_wrapper):
                self._caches.append(item)
        self._codes = {file: source.code(source.tree) for file, source in sources.items()}
        self._modules = {
            wanted[path]: module
            for module in list(sys.modules.values())
            if (path := str(getattr(module, "__file__", None))) in wanted
        }

    def apply(self, mutant: Mutant) -> bool:
        """Makes the change; False where it has no effect without loading the file anew."""
        source = self._sources[mutant.file]
        tree = source.mutated(mutant)
        self._forget()
        changed = self._exchange(mutant.file, source.code(tree))
        statement = source.statement_at(tree, mutant)
        if is_table(statement, mutant.function):
            self._assign(mutant.file, source.code(ast.Module([statement], [])))
            return True
        return changed

    def record(self, seen: Callable[[tuple[str, int]], None]) -> None:
        """From now on `seen` is told of every block that is entered, as (file, block)."""
        setattr(builtins, RECORD, seen)
        self._forget()
        for file, source in self._sources.items():
            self._exchange(file, source.code(source.recording()))

    def _forget(self) -> None:
        """What was computed before the change must not hide it."""
        for cache in self._caches:
            cache.cache_clear()

    def _exchange(self, file: str, code: CodeType) -> bool:
        """Whether functions got other code, and all that should have."""
        old, new = _by_place(self._codes[file]), _by_place(code)
        exchanged = 0
        for function in self._functions[file]:
            place = (function.__code__.co_qualname, function.__code__.co_firstlineno)
            before, after = old.get(place, []), new.get(place, [])
            if not before or len(before) != len(after):
                continue
            at = before.index(function.__code__) if function.__code__ in before else 0
            if after[at] == before[at]:
                continue
            if after[at].co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = after[at]
            exchanged += 1
        return exchanged > 0

    def _assign(self, file: str, code: CodeType) -> None:
        module = self._modules[file]
        before = dict(vars(module))
        exec(code, vars(module))  # noqa: S102  # our own source
        given = {name: value for name, value in vars(module).items() if before.get(name) is not value}
        for other in list(sys.modules.values()):
            for name, value in given.items():
                if name in before and vars(other).get(name) is before[name]:
                    setattr(other, name, value)


def _by_place(code: CodeType) -> dict[tuple[str, int], list[CodeType]]:
    """All code within, by qualified name and line, in the order of the source."""
    found: dict[tuple[str, int], list[CodeType]] = {}
    for each in _within(code):
        found.setdefault((each.co_qualname, each.co_firstlineno), []).append(each)
    return found


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _within(constant)
