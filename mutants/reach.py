"""Which of the project's modules can come to use which of its files, as their import statements say."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType

_BY_NAME = "import_module"  # who imports by a name that is made up at run time may come to use any file


def modules_that_reach(path: Path, root: Path) -> Collection[str]:
    """The names of the loaded modules below `root` that use a file, or what uses it; the file's own is one of them."""
    files = {
        name: Path(file)
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and (file := getattr(module, "__file__", None)) and root in Path(file).parents
    }
    used = {name: _used(name, file) for name, file in files.items() if file.suffix == ".py"}
    reaching = {name for name, file in files.items() if file == path}
    reaching |= {name for name, others in used.items() if others is None}
    while True:
        more = {name for name, others in used.items() if others and name not in reaching and others & reaching}
        if not more:
            return reaching
        reaching |= more


@functools.cache  # asked about every file of the scope, one after the other
def _used(name: str, file: Path) -> frozenset[str] | None:
    """What a file imports, on whatever level, modules among it; None when it may be any."""
    text = file.read_text(encoding="utf-8")
    if _BY_NAME in text:
        return None
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return frozenset(found for node in ast.walk(ast.parse(text)) for found in _named(node, package))


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.rsplit(".", node.level - 1)[0] if node.level else ""
        module = ".".join(part for part in (above, node.module) if part)
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)
