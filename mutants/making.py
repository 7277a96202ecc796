"""Makes the mutants of a file, and the code to run one, or to see which tests come by; no test is run here."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType

from mutants.operators import changes, is_exception, is_wording

Step = tuple[str, int | None]
RECORD = "__mutants_seen__"  # in the builtins of a process that records: a function that takes a block's number
_BLOCKS = ("body", "orelse", "finalbody")
_LEFT_ALONE = ("annotation", "returns", "bases", "ctx", "type_comment", "type_params")
_AT_DEFINITION = ("decorator_list", "defaults", "kw_defaults")
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)
_NOT_RUN = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. `file` is relative to the root, `function` the qualified name, empty at the module's own level.

    `statement` is the first line of the statement that is changed, in Python's own spelling, `becomes` the same after
    the change; together with file and function they name the mutant, `again` tells apart those that are named alike
    (from 0). `block` is the number of the block of statements it is in. `path` leads to the node, `change` is the
    number of the change of that node. `line` is where the statement stands today.
    """

    file: str
    function: str
    line: int
    statement: str
    becomes: str
    again: int
    block: int
    path: tuple[Step, ...]
    change: int

    @property
    def name(self) -> tuple[str, str, str]:
        """File, function and what is changed into what."""
        what = f"{self.statement} -> {self.becomes}"
        return self.file, self.function, what if not self.again else f"{what} ({self.again + 1})"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk is. `alone` is what is not to be changed; `runs` what runs when a function is called."""

    function: str = ""
    statement: tuple[Step, ...] = ()
    block: int = 0
    alone: bool = False
    runs: bool = False


class Source:
    """One file to be changed."""

    def __init__(self, root: Path, file: str) -> None:
        self.root, self.file = root, file
        self.full = root / file
        self.text = self.full.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self._blocks = 0

    def mutants(self) -> tuple[Mutant, ...]:
        """Every mutant, in the order of the file."""
        self._blocks = 0
        found: list[Mutant] = []
        alike: dict[tuple[str, str, str], int] = {}
        for mutant in self._walk(self.tree, (), _Place()):
            count = alike.get(mutant.name, 0)
            alike[mutant.name] = count + 1
            found.append(replace(mutant, again=count))
        return tuple(found)

    def mutated(self, mutant: Mutant) -> ast.Module:
        """The whole tree with that change."""
        tree = copy.deepcopy(self.tree)
        node = _at(tree, mutant.path)
        changed = list(changes(node))[mutant.change]
        _put(tree, mutant.path, _placed(changed, node))
        return tree

    def code(self, tree: ast.Module) -> CodeType:
        """A tree as code that says it is this file's."""
        return compile(ast.fix_missing_locations(tree), str(self.full), "exec", dont_inherit=True)

    def recording(self) -> ast.Module:
        """The tree with a call of `RECORD` at the beginning of each block within a function."""
        self._blocks = 0
        tree = copy.deepcopy(self.tree)
        numbered: list[tuple[list[ast.stmt], int]] = []
        for _ in self._walk(tree, (), _Place(), numbered):
            pass
        for block, number in numbered:
            where = ast.Tuple([ast.Constant(self.file), ast.Constant(number)], ast.Load())
            call = ast.Call(ast.Name(RECORD, ast.Load()), [where], [])
            block.insert(0, ast.copy_location(ast.Expr(call), block[0]))
        return tree

    def with_names_kept(self, tree: ast.Module) -> ast.Module:
        """A changed tree whose functions within functions still use every outer name that they used before the change.

        What uses them is never run: it is there for the compiler.
        """
        before = {_position(node): node for node in ast.walk(self.tree) if isinstance(node, _FUNCTIONS)}
        kept = copy.deepcopy(tree)
        for node in ast.walk(kept):
            if isinstance(node, _FUNCTIONS) and (original := before.get(_position(node))) is not None:
                uses: list[ast.expr] = [ast.Name(name, ast.Load()) for name in sorted(_outer_names(original))]
                if isinstance(node, ast.Lambda):
                    body = ast.IfExp(ast.Constant(value=True), node.body, ast.Tuple(uses, ast.Load()))
                    node.body = ast.copy_location(body, node.body)
                else:
                    never = ast.If(ast.Constant(value=False), [ast.Expr(ast.Tuple(uses, ast.Load()))], [])
                    node.body.insert(0, ast.copy_location(never, node.body[0]))
        return kept

    def statement_at(self, tree: ast.AST, mutant: Mutant) -> ast.stmt:
        """The statement of a tree that a mutant changes."""
        return _statement(tree, mutant.path)

    def _walk(  # noqa: C901  # one walk, whose steps share where it is
        self,
        node: ast.AST,
        path: tuple[Step, ...],
        place: _Place,
        numbered: list[tuple[list[ast.stmt], int]] | None = None,
    ) -> Iterator[Mutant]:
        if isinstance(node, ast.stmt):
            place = replace(place, statement=path, alone=place.alone or is_wording(node))
        elif is_wording(node):
            place = replace(place, alone=True)
        elif isinstance(node, ast.Lambda):
            place = replace(place, alone=False, runs=True)
        if numbered is None and place.statement and self._can_be_changed(node, place):
            yield from self._changed(node, path, place)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            place = replace(place, function=f"{place.function}.{node.name}".lstrip("."))
        for name, value in ast.iter_fields(node):
            if name in _LEFT_ALONE or isinstance(node, _NOT_RUN):
                continue
            here = place
            if name in _AT_DEFINITION or (is_exception(node) and name in ("args", "keywords")):
                here = replace(here, alone=True)
            if name in _BLOCKS and isinstance(value, list) and not isinstance(node, ast.Module | ast.ClassDef):
                self._blocks += 1
                here = replace(here, block=self._blocks, runs=True)
                if numbered is not None and value:
                    numbered.append((value, self._blocks))
            for step, child in _children(name, value):
                yield from self._walk(child, (*path, step), here, numbered)

    def _can_be_changed(self, node: ast.AST, place: _Place) -> bool:
        """Whether a change would be of use, and would take effect without loading the file anew."""
        if place.alone and not isinstance(node, ast.Raise):
            return False
        return place.runs or is_table(_at(self.tree, place.statement), place.function)

    def _changed(self, node: ast.AST, path: tuple[Step, ...], place: _Place) -> Iterator[Mutant]:
        statement = _statement(self.tree, path)
        line = _line(statement)
        for number, _ in enumerate(changes(node)):
            mutant = Mutant(self.file, place.function, statement.lineno, line, "", 0, place.block, path, number)
            yield replace(mutant, becomes=self._line_with(node, path, number, place.statement))

    def _line_with(self, node: ast.AST, path: tuple[Step, ...], change: int, statement: tuple[Step, ...]) -> str:
        """The first line of a statement as a change leaves it."""
        _put(self.tree, path, list(changes(node))[change])
        try:
            return _line(_at(self.tree, statement))
        finally:
            _put(self.tree, path, node)


def _position(node: ast.FunctionDef | ast.Lambda) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _outer_names(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """The names that a function uses and does not give a value itself."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    own = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    own |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    return {node.id for node in names} - own


def is_table(statement: ast.AST, function: str) -> bool:
    """Whether a statement gives a name at the module's own level its value."""
    return isinstance(statement, ast.Assign | ast.AnnAssign) and not function


def _children(name: str, value: object) -> Iterator[tuple[Step, ast.AST]]:
    if isinstance(value, ast.AST):
        yield (name, None), value
    elif isinstance(value, list):
        for at, item in enumerate(value):
            if isinstance(item, ast.AST):
                yield (name, at), item


def _at(tree: ast.AST, path: tuple[Step, ...]) -> ast.AST:
    for name, index in path:
        child = getattr(tree, name)
        tree = child if index is None else child[index]
    return tree


def _put(tree: ast.AST, path: tuple[Step, ...], node: ast.AST) -> None:
    parent = _at(tree, path[:-1])
    name, index = path[-1]
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


def _placed(changed: ast.AST, node: ast.AST) -> ast.AST:
    """The changed node on the lines of the one before, so that functions stay where they were."""
    return ast.copy_location(changed, node) if hasattr(node, "lineno") and changed is not node else changed


def _statement(tree: ast.AST, path: tuple[Step, ...]) -> ast.stmt:
    found: ast.stmt | None = None
    for length in range(len(path) + 1):
        node = _at(tree, path[:length])
        if isinstance(node, ast.stmt):
            found = node
    if found is None:
        raise AssertionError("a change outside of every statement")
    return found


def _line(statement: ast.AST) -> str:
    """A statement's first line, that of a function without its decorators."""
    lines = ast.unparse(statement).splitlines()
    return next((line for line in lines if not line.startswith("@")), lines[0])
