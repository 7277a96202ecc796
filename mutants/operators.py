"""The small changes that are made to code, each to one node of its syntax tree; pure.

What is wording is left alone: docstrings, messages of exceptions, `want` and `got`, and what shows a value. So are
annotations, imports and decorators, but not what lies within them as a lambda.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Change = Callable[[], ast.AST]

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_CALLED = {
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "startswith": "endswith",
    "endswith": "startswith",
    "find": "rfind",
    "rfind": "find",
    "partition": "rpartition",
    "rpartition": "partition",
    "fullmatch": "match",
    "match": "search",
}
_DROPPED = frozenset({"strip", "lstrip", "rstrip", "lower", "upper", "removeprefix", "removesuffix", "replace"})
_SHOWING = frozenset({"shown", "shown_all", "visible"})
_WORDING = frozenset({"message", "want", "got", "said", "reason", "size", "what"})


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node becomes, one change at a time; nothing for a node that is left alone."""
    for kind, make in _BY_KIND:
        if isinstance(node, kind):
            yield from make(node)


def is_wording(node: ast.AST) -> bool:
    """Whether a node, with all that is in it, is said to people and judges nothing."""
    if isinstance(node, ast.JoinedStr | ast.FormattedValue):
        return True
    if isinstance(node, ast.keyword):
        # That two sequences are as long as one another (`strict` of zip) is made sure of, not judged.
        return node.arg in _WORDING or (node.arg == "strict" and isinstance(node.value, ast.Constant))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in _SHOWING
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id in {*_WORDING, "__all__"} for target in node.targets)
    return False


def is_exception(node: ast.AST) -> bool:
    """Whether a node makes an exception: its arguments are wording."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id[:1].isupper()
        and node.func.id.endswith(
            ("Error", "Breach", "Unjudged", "NotApplicable", "NotJson", "TooMuch", "Unpredictable")
        )
    )


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for at, operator in enumerate(node.ops):
        for other in _COMPARED.get(type(operator), ()):
            changed = copy.copy(node)
            changed.ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
            yield changed


def _bool_op(node: ast.BoolOp) -> Iterator[ast.AST]:
    changed = copy.copy(node)
    changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield changed
    for at in range(len(node.values)):
        rest = [*node.values[:at], *node.values[at + 1 :]]
        if len(rest) == 1:
            yield rest[0]
        else:
            fewer = copy.copy(node)
            fewer.values = rest
            yield fewer


def _unary_op(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node.operand


def _bin_op(node: ast.BinOp) -> Iterator[ast.AST]:
    other = _COMPUTED.get(type(node.op))
    if other is not None:
        changed = copy.copy(node)
        changed.op = other()
        yield changed


def _aug_assign(node: ast.AugAssign) -> Iterator[ast.AST]:
    other = _COMPUTED.get(type(node.op))
    if other is not None:
        changed = copy.copy(node)
        changed.op = other()
        yield changed


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield _other(node, not value)
    elif isinstance(value, int):
        yield _other(node, value + 1)
        if value > 0:
            yield _other(node, value - 1)
    elif isinstance(value, str):
        yield _other(node, f"{value}X" if value else "X")
    elif isinstance(value, bytes):
        yield _other(node, value + b"X")


def _other(node: ast.Constant, value: object) -> ast.Constant:
    changed = copy.copy(node)
    changed.value = value  # type: ignore[assignment]  # one of the types a constant can be
    return changed


def _condition(node: ast.If | ast.IfExp | ast.While) -> Iterator[ast.AST]:
    """The test the other way round, where no change within it says so already; and never or always met."""
    plain = not isinstance(node.test, ast.Compare | ast.UnaryOp)
    tests: list[ast.expr] = [ast.UnaryOp(ast.Not(), node.test)] if plain else []
    if isinstance(node, ast.If | ast.IfExp):
        tests += [ast.Constant(value=True), ast.Constant(value=False)]
    for test in tests:
        changed = copy.copy(node)
        changed.test = test
        yield changed


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for at in range(len(node.ifs)):
        changed = copy.copy(node)
        changed.ifs = [*node.ifs[:at], *node.ifs[at + 1 :]]
        yield changed


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and not node.value.value):
        changed = copy.copy(node)
        changed.value = ast.Constant(value=None)
        yield changed


def _removed(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.Yield):
        return
    yield ast.Pass()


def _jump(node: ast.AST) -> Iterator[ast.AST]:
    yield ast.Break() if isinstance(node, ast.Continue) else ast.Continue()


def _call(node: ast.Call) -> Iterator[ast.AST]:
    function = node.func
    if isinstance(function, ast.Name) and function.id in _CALLED:
        yield _calling(node, ast.Name(_CALLED[function.id], ast.Load()))
    elif isinstance(function, ast.Attribute) and function.attr in _CALLED:
        yield _calling(node, ast.Attribute(function.value, _CALLED[function.attr], ast.Load()))
    elif isinstance(function, ast.Attribute) and function.attr in _DROPPED:
        yield function.value


def _calling(node: ast.Call, function: ast.expr) -> ast.Call:
    changed = copy.copy(node)
    changed.func = function
    return changed


_BY_KIND: tuple[tuple[type[ast.AST] | tuple[type[ast.AST], ...], Callable[..., Iterator[ast.AST]]], ...] = (
    (ast.Compare, _compare),
    (ast.BoolOp, _bool_op),
    (ast.UnaryOp, _unary_op),
    (ast.BinOp, _bin_op),
    (ast.AugAssign, _aug_assign),
    (ast.Constant, _constant),
    ((ast.If, ast.IfExp, ast.While), _condition),
    (ast.comprehension, _comprehension),
    (ast.Return, _return),
    ((ast.Raise, ast.Expr), _removed),
    ((ast.Break, ast.Continue), _jump),
    (ast.Call, _call),
)
