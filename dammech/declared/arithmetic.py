"""Texts of expressions: only arithmetic is read, so that what comes from anywhere is data and never a program."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from typing import Any

from dammech.errors import InputError, shown

#: functions that a text may call
FUNCTIONS = frozenset(
    "Max Min Abs abs Piecewise Heaviside sign exp log ln sqrt cosh sinh tanh sech cos sin tan atan asinh erf erfc polylog "
    "LambertW Rational Integer Float".split()
)
#: of a power, those inside it counted, and of a number
_LARGEST_EXPONENT, _LARGEST_NUMBER = 64, 1e100
_LONGEST = 10_000
_ARITHMETIC = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Tuple, ast.Load,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.BitXor, ast.BitAnd, ast.BitOr, ast.Invert, ast.USub, ast.UAdd,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip


def expression_of(what: str, text: Any, names: Mapping[str, Any], functions: Mapping[str, Any] | None = None) -> Any:
    """The SymPy expression that a text means.

    Parameters
    ----------
    what : str
        The argument, as a message names it.
    text : str
    names : mapping of str to Symbol
        What may stand in it.
    functions : mapping of str to SymPy functions, optional
        What it may call beside `FUNCTIONS`.

    Raises
    ------
    InputError
        For a text that is more than arithmetic with these, or no finite number whatever the symbols are.
    """
    import sympy as sp
    from sympy.parsing.sympy_parser import parse_expr, rationalize, standard_transformations

    if not isinstance(text, str) or len(text) > _LONGEST:
        raise InputError(f"{what}={shown(text)}: must be the text of an expression of at most {_LONGEST} characters")
    functions = functions or {}
    check_text(what, text, functions)
    try:
        known = {**functions, **names}
        found = sp.sympify(
            parse_expr(text.strip().replace("^", "**"), known, transformations=(*standard_transformations, rationalize))
        )
    except Exception as error:
        raise InputError(f"{what}={shown(text)}: is not an expression that can be read ({error})") from None
    if not isinstance(found, sp.Expr) or found.has(sp.nan, sp.oo, sp.zoo, sp.I):
        raise InputError(f"{what}={shown(text)}: must be a finite expression in {', '.join(names)}")
    check_numbers(what, found)
    if others := sorted(s.name for s in found.free_symbols - set(names.values())):
        raise InputError(f"{what}={shown(text)}: {', '.join(others)} has no value; known are {', '.join(names)}")
    return found


def check_text(what: str, text: str, functions: Mapping[str, Any]) -> None:
    """Refuse a text that is more than arithmetic with these functions and `FUNCTIONS`.

    Raises
    ------
    InputError
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "nested too deeply"
        raise InputError(f"{what}={shown(text)}: is not an expression that can be read ({reason})") from None
    for node in ast.walk(tree):
        reason = _reason(node, functions)
        if reason:
            raise InputError(f"{what}={shown(text)}: is not an expression that can be read ({reason})")


def check_numbers(what: str, expression: Any) -> None:
    """Refuse an expression with a number that is too large to compute with, or divided by one: products and powers make such.

    Raises
    ------
    InputError
    """
    for number in (a for a in expression.atoms() if a.is_Rational):
        if number.q > sys.float_info.max or abs(number.p) > _LARGEST_NUMBER * number.q:
            raise InputError(f"{what}: numbers are at most {_LARGEST_NUMBER:.0e}")


def _reason(node: ast.AST, functions: Mapping[str, Any]) -> str | None:
    """Why a node is no arithmetic."""
    if not isinstance(node, _ARITHMETIC):
        return f"{type(node).__name__} is not arithmetic"
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in {*FUNCTIONS, *functions} or node.keywords:
            return f"{ast.unparse(node.func)} is no known function"
    if isinstance(node, ast.Constant) and not isinstance(node.value, bool | int | float):
        return f"{node.value!r} is no number"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not abs(node.value) <= _LARGEST_NUMBER:
        return f"numbers are at most {_LARGEST_NUMBER:.0e}"
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        return f"{node.id} is no known name"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.BitXor) and _huge(node):
        return f"the power {ast.unparse(node)[:40]} is too large"
    return None


def _huge(power: ast.BinOp) -> bool:
    """Whether a power of numbers would fill the memory."""
    inner = [n for n in ast.walk(power.right) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow | ast.BitXor)]
    numbers = [n.value for n in ast.walk(power.right) if isinstance(n, ast.Constant) and isinstance(n.value, int | float)]
    if any(abs(v) > _LARGEST_EXPONENT for v in numbers) or _degree(power) > _LARGEST_EXPONENT:
        return True
    return bool(inner) and not any(isinstance(n, ast.Name) for n in ast.walk(power))


def _degree(node: ast.AST) -> float:
    """The largest product of numbers to which anything in a tree of powers is raised."""
    inside = max((_degree(n) for n in ast.iter_child_nodes(node)), default=1.0)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.BitXor):
        numbers = [n.value for n in ast.walk(node.right) if isinstance(n, ast.Constant) and isinstance(n.value, int | float)]
        return _degree(node.left) * max([1.0, *(abs(v) for v in numbers)])
    return inside
