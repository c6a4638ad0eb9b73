"""Direct evaluation of an expression with averages at a point, to any precision.

An interpreter of the expression tree, for the checks of derivations and the tests of generated code: it shares no line
with the code generator and integrates by another rule (a trapezoid, graded where the integrand is steep).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.averages import Average, GaussianAverage, _linear, _outermost, log2cosh, sech2

_FLOAT_DIGITS = 15


def _mp_log2cosh(x: mp.mpf) -> mp.mpf:
    return abs(x) + mp.log1p(mp.exp(-2 * abs(x)))


def _elementwise(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    lifted = np.frompyfunc(function, 1, 1)
    return lambda x: lifted(x) if isinstance(x, np.ndarray) else function(x)


_MP: dict[Any, Callable[..., Any]] = {
    sp.tanh: _elementwise(mp.tanh), sp.sinh: _elementwise(mp.sinh), sp.cosh: _elementwise(mp.cosh),
    sp.exp: _elementwise(mp.exp), sp.log: _elementwise(mp.log), sp.erf: _elementwise(mp.erf),
    sp.acos: _elementwise(mp.acos), sp.Abs: _elementwise(abs), sp.sign: _elementwise(mp.sign),
    sp.sin: _elementwise(mp.sin), sp.cos: _elementwise(mp.cos), sp.gamma: _elementwise(mp.gamma),
    log2cosh: _elementwise(_mp_log2cosh), sech2: _elementwise(lambda x: mp.sech(x) ** 2),
}
_FLOAT: dict[Any, Callable[..., Any]] = {
    sp.tanh: np.tanh, sp.sinh: np.sinh, sp.cosh: np.cosh, sp.exp: np.exp, sp.log: np.log, sp.acos: np.arccos,
    sp.Abs: np.abs, sp.sign: np.sign, sp.sin: np.sin, sp.cos: np.cos,
    sp.erf: np.vectorize(lambda x: float(mp.erf(x)), otypes=[float]),
    sp.gamma: np.vectorize(lambda x: float(mp.gamma(x)), otypes=[float]),
    log2cosh: lambda x: np.logaddexp(x, -x), sech2: lambda x: np.cosh(np.clip(x, -350, 350)) ** -2.0,
}


@cache
def _uniform(digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Trapezoid nodes and Gaussian weights with a step that resolves features of width 0.3 to ``digits`` digits."""
    if digits <= _FLOAT_DIGITS:
        z = np.arange(-170, 171) * 0.08
        return z, 0.08 * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    reach = mp.sqrt(2 * mp.log(10) * (digits + 2)) + 5  # integrands may grow exponentially
    step = 2 * mp.pi * mp.mpf("0.45") / (mp.log(10) * (digits + 1))
    count = int(reach / step) + 1
    z = np.array([step * k for k in range(-count, count + 1)], dtype=object)
    return z, np.array([step * mp.npdf(x) for x in z], dtype=object)


def _graded(centre: Any, width: Any, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """The same on a grid z = c + w sinh t that is dense at the steep place c of width w."""
    exact = digits > _FLOAT_DIGITS
    reach = float(mp.sqrt(2 * mp.log(10) * (digits + 2)))
    step = 0.04 if exact else 0.08
    low = int(np.arcsinh((-reach - float(centre)) / float(width)) / step) - 1
    high = int(np.arcsinh((reach - float(centre)) / float(width)) / step) + 1
    t: Any = np.arange(low, high + 1) * step
    if exact:
        t = np.array([mp.mpf(k) * mp.mpf(step) for k in range(low, high + 1)], dtype=object)
    sinh, cosh, exp = [_elementwise(f) for f in (mp.sinh, mp.cosh, mp.exp)] if exact else [np.sinh, np.cosh, np.exp]
    z = centre + width * sinh(t)
    norm = step * width / mp.sqrt(2 * mp.pi) if exact else step * width / np.sqrt(2 * np.pi)
    return z, norm * cosh(t) * exp(-(z**2) / 2)


def evaluate(expression: sp.Expr, values: Mapping[sp.Symbol, Any], digits: int = 30) -> Any:
    """Value of ``expression`` at a point.

    Parameters
    ----------
    expression : SymPy expression
        May hold averages, nested to any depth.
    values : mapping of Symbol to number
        A value for each free symbol.
    digits : int
        Decimal digits: up to 15 in double precision, above in mpmath. Terms that are not defined give nan.

    Returns
    -------
    float or mpmath.mpf
    """
    if digits <= _FLOAT_DIGITS:
        environment = {s: float(v) for s, v in values.items()}
        with np.errstate(all="ignore"):
            return _walk(sp.sympify(expression), environment, _FLOAT, digits, 0)
    with mp.workdps(digits + 5):
        return _walk(sp.sympify(expression), {s: mp.mpf(v) for s, v in values.items()}, _MP, digits, 0)


def _walk(e: sp.Expr, values: dict[Any, Any], library: dict[Any, Callable[..., Any]], digits: int, depth: int) -> Any:
    exact = digits > _FLOAT_DIGITS
    if e in values:
        return values[e]
    if e.is_Rational:
        return mp.mpf(int(e.p)) / int(e.q) if exact else int(e.p) / int(e.q)
    if e.is_number and not e.args:
        return mp.mpf(sp.N(e, digits + 10)._mpf_) if exact else float(e)
    if e.is_Add:
        total: Any = 0
        for a in e.args:
            total = total + _walk(a, values, library, digits, depth)
        return total
    if e.is_Mul:
        product: Any = 1
        for a in e.args:
            product = product * _walk(a, values, library, digits, depth)
        return product
    if e.is_Pow and not isinstance(e, sp.exp):
        base = _walk(e.base, values, library, digits, depth)
        if e.exp.is_Integer:
            return base ** int(e.exp) if not (e.exp < 0 and np.all(base == 0)) else mp.nan if exact else np.nan
        power = _walk(e.exp, values, library, digits, depth)
        if exact:
            return np.frompyfunc(lambda x, y: mp.nan if x < 0 else x**y, 2, 1)(base, power)
        return np.power(np.asarray(base, dtype=float), power)
    if isinstance(e, Average):
        return _average(e, values, library, digits, depth)
    for head, function in library.items():
        if isinstance(e, head):
            return function(_walk(e.args[0], values, library, digits, depth))
    if isinstance(e, sp.Max):
        parts = [_walk(a, values, library, digits, depth) for a in e.args]
        return parts[0] if len(parts) == 1 else np.maximum.reduce(parts)
    raise ValueError(f"no rule to evaluate {type(e).__name__} in {e}")


def _average(e: Average, values: dict[Any, Any], library: dict[Any, Callable[..., Any]], digits: int, depth: int) -> Any:
    if not isinstance(e, GaussianAverage):
        return _walk(sp.expand(e.closed_form(e.integrand, e.variable)), values, library, digits, depth)
    z, weights = _uniform(digits)
    for head in _outermost(e.integrand, e.variable):
        line = None if isinstance(head, Average) else _linear(head.args[0], e.variable)
        if line is None:
            continue
        a, b = (_walk(part, values, library, digits, depth) for part in line)
        if np.ndim(a) == 0 and np.ndim(b) == 0 and b != 0 and abs(1 / b) < 0.3 and abs(a / b) < 30:
            z, weights = _graded(-a / b, abs(1 / b), digits)
            break
    shape = (len(z), *([1] * depth))
    inside = dict(values)
    inside[e.variable] = z.reshape(shape)
    integrand = _walk(e.integrand, inside, library, digits, depth + 1)
    return (integrand * weights.reshape(shape)).sum(axis=0) if np.ndim(integrand) else integrand * weights.sum()
