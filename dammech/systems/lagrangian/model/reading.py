"""Texts of Lagrangians: only arithmetic is read, so that a network from anywhere is data and never a program."""

from __future__ import annotations

import ast
import sys
from typing import Any

import sympy as sp

from dammech.errors import InputError

#: functions that a Lagrangian may call
FUNCTIONS = frozenset(
    "S Max Min Abs abs Piecewise Heaviside sign exp log ln sqrt cosh sinh tanh sech cos sin tan atan asinh erf erfc polylog "
    "LambertW Rational Integer Float".split()
)
#: of a power, those inside it counted, and of a number
_LARGEST_EXPONENT, _LARGEST_NUMBER = 64, 1e100
_ARITHMETIC = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Tuple, ast.Load,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.BitXor, ast.BitAnd, ast.BitOr, ast.Invert, ast.USub, ast.UAdd,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip


def check_text(text: str) -> None:
    """Refuse a text that is more than arithmetic with the functions of `FUNCTIONS`.

    Raises
    ------
    InputError
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "nested too deeply"
        raise InputError(f"lagrangian={text!r}: is not an expression that can be read ({reason})") from None
    for node in ast.walk(tree):
        reason = _reason(node)
        if reason:
            raise InputError(f"lagrangian={text!r}: is not an expression that can be read ({reason})")


def check_numbers(expression: Any) -> None:
    """Refuse an expression with a number that is too large to compute with, or divided by one: products and powers make such.

    Raises
    ------
    InputError
    """
    for number in expression.atoms(sp.Rational):
        if number.q > sys.float_info.max or abs(number.p) > _LARGEST_NUMBER * number.q:
            raise InputError(f"lagrangian: numbers are at most {_LARGEST_NUMBER:.0e}")


def _reason(node: ast.AST) -> str | None:
    """Why a node is no arithmetic."""
    if not isinstance(node, _ARITHMETIC):
        return f"{type(node).__name__} is not arithmetic"
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
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
