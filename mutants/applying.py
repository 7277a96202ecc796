"""Puts a mutant into a running process: the code of functions is exchanged, so that whoever has one has the mutant."""

from __future__ import annotations

import ast
import builtins
import functools
import gc
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from types import CodeType, FunctionType
from typing import TypeAlias

from mutants.making import RECORD, Mutant, Source, is_table
from mutants.reach import modules_that_reach

_Cache: TypeAlias = "functools._lru_cache_wrapper[object]"


def load(source: Source) -> None:
    """Loads a file as the module that whoever imports it gets: some are imported only when a test runs."""
    importlib.import_module(".".join(PurePosixPath(source.file).with_suffix("").parts).removesuffix(".__init__"))


class Loaded:
    """The functions of some files as they stand in this process, once everything is loaded."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self._sources = sources
        wanted = {str(source.full): file for file, source in sources.items()}
        self._functions: dict[str, list[FunctionType]] = {file: [] for file in sources}
        caches: list[_Cache] = []
        for item in gc.get_objects():
            if isinstance(item, FunctionType) and item.__code__.co_filename in wanted:
                self._functions[wanted[item.__code__.co_filename]].append(item)
            elif isinstance(item, functools._lru_cache_wrapper):
                caches.append(item)
        self._caches = {file: _reaching(source, caches) for file, source in sources.items()}
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
        self._forget(mutant.file)
        changed = self._exchange(mutant.file, tree)
        statement = source.statement_at(tree, mutant)
        if is_table(statement, mutant.function):
            self._assign(mutant.file, source.code(ast.Module([statement, *_made_of(statement, tree)], [])))
            return True
        return changed

    def record(self, seen: Callable[[tuple[str, int]], None]) -> None:
        """From now on `seen` is told of every block that is entered, as (file, block)."""
        setattr(builtins, RECORD, seen)
        for file, source in self._sources.items():
            self._forget(file)
            self._exchange(file, source.recording())

    def _forget(self, file: str) -> None:
        """What was computed by what uses the file, before the change, must not hide it."""
        for cache in self._caches[file]:
            cache.cache_clear()

    def _exchange(self, file: str, tree: ast.Module) -> bool:
        """Whether functions got other code, and all that should have."""
        source = self._sources[file]
        old, new = _by_place(self._codes[file]), _by_place(source.code(tree))
        kept: dict[tuple[str, int], list[CodeType]] = {}
        exchanged = 0
        for function in self._functions[file]:
            place = (function.__code__.co_qualname, function.__code__.co_firstlineno)
            before, after = old.get(place, []), new.get(place, [])
            if not before or len(before) != len(after):
                continue
            at = before.index(function.__code__) if function.__code__ in before else 0
            if after[at] == before[at]:
                continue
            code = after[at]
            if code.co_freevars != function.__code__.co_freevars:
                # A closure cannot be exchanged for one over fewer names: the change has taken the last use of one away.
                kept = kept or _by_place(source.code(source.with_names_kept(tree)))
                code = kept[place][at]
            if code.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = code
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


def _made_of(statement: ast.stmt, tree: ast.Module) -> Iterator[ast.stmt]:
    """What else at the module's own level gets its value from what a statement gives one."""
    changed = _names(statement, ast.Store)
    for other in tree.body[tree.body.index(statement) + 1 :]:
        if is_table(other, "") and changed & _names(other, ast.Load):
            changed |= _names(other, ast.Store)
            yield other


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, context)}


def _reaching(source: Source, caches: Iterable[_Cache]) -> list[_Cache]:
    """The caches in which something may stand that a file had a part in."""
    modules = modules_that_reach(source.full, source.root)
    return [cache for cache in caches if cache.__module__ in modules]


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
