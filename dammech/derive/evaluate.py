"""Direct evaluation of an expression with averages at a point, to any precision.

An interpreter of the expression tree, for the checks of derivations and the tests of generated code: it shares no line
with the code generator and integrates by another rule (a trapezoid, graded where the integrand is steep).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp
from scipy import special

from dammech.derive.ages import AgeAverage, ring_sum
from dammech.derive.averages import Average, GaussianAverage, linear_in, log2cosh, outermost, sech2
from dammech.derive.cold import arc_integral, written_out
from dammech.derive.functions import absolute, gate, hypergeometric, log_erfc, logistic, mills, signum, softplus
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean
from dammech.derive.tilted import LogMeanExp, TiltedAverage

_FLOAT_DIGITS = 15
_LARGEST_KEPT = 1 << 20  # values of a part on nested nodes; three levels of them have 2e7


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
    return Evaluator(values, digits).value(expression)


class Evaluator:
    """`evaluate` at one point for many expressions, which may share parts.

    Parameters
    ----------
    values : mapping of Symbol to number
    digits : int
    """

    def __init__(self, values: Mapping[sp.Symbol, Any], digits: int = 30) -> None:
        self.digits = digits
        self.exact = digits > _FLOAT_DIGITS
        with mp.workdps(digits + 5):
            known = {s: mp.mpf(v) if self.exact else float(v) for s, v in values.items()}
        self._scope = _Scope(known, 0)

    def value(self, expression: sp.Expr, remember: bool = False) -> Any:
        """Value of an expression; with ``remember`` those of its parts are kept for the expressions to come."""
        self._scope.remember = remember
        expression = written_out(sp.sympify(expression))
        if self.exact:
            with mp.workdps(self.digits + 5):
                return self._walk(expression, self._scope)
        with np.errstate(all="ignore"):
            result = self._walk(expression, self._scope)
        return complex(result) if np.iscomplexobj(result) else float(result)

    def _walk(self, e: sp.Expr, scope: _Scope) -> Any:
        known = scope.known.get(e)
        if known is None:
            known = self._fresh(e, scope)
            if scope.remember and np.size(known) <= _LARGEST_KEPT:
                scope.known[e] = known
        return known

    def _fresh(self, e: sp.Expr, scope: _Scope) -> Any:
        if e.is_Add:
            total: Any = 0
            for a in e.args:
                total = total + self._walk(a, scope)
            return total
        if e.is_Mul:
            product: Any = 1
            for a in e.args:
                product = product * self._walk(a, scope)
            return product
        if e.is_Rational:
            return mp.mpf(int(e.p)) / int(e.q) if self.exact else int(e.p) / int(e.q)
        if e.is_Pow and not isinstance(e, sp.exp):
            return self._power(e, scope)
        if isinstance(e, Average):
            return self._average(e, scope)
        if isinstance(e, arc_integral):
            x, k = self._walk(e.args[0], scope), int(e.args[1])
            scale = mp.sqrt(2) * mp.gamma(1.5) / mp.gamma(k + 1.5)
            return scale * x ** (k + mp.mpf(0.5)) * mp.hyp2f1(0.5, 0.5, k + 1.5, x / 2)
        if isinstance(e, hypergeometric):
            values = [self._walk(arg, scope) for arg in e.args]
            return mp.hyp2f1(*values) if self.exact else special.hyp2f1(*values)
        if isinstance(e, sp.lowergamma):
            a, x = (self._walk(arg, scope) for arg in e.args)
            return mp.gammainc(a, 0, x) if a > 0 and x >= 0 else mp.nan
        function = (_MP if self.exact else _FLOAT).get(type(e))
        if function is not None:
            return function(self._walk(e.args[0], scope))
        if isinstance(e, sp.Max | sp.Min):
            parts = [self._walk(a, scope) for a in e.args]
            return parts[0] if len(parts) == 1 else (np.maximum if isinstance(e, sp.Max) else np.minimum).reduce(parts)
        if isinstance(e, gate):
            open_ = np.asarray(self._walk(e.args[0], scope), dtype=float) > 0
            inside = self._walk(e.args[1], scope)
            return np.where(open_, inside, 0 * open_)[()]
        if not e.args and (e.is_infinite or e is sp.nan or e is sp.I):
            return mp.nan if self.exact else math.nan
        if e.is_number and not e.args:
            return mp.mpf(sp.N(e, self.digits + 10)._mpf_) if self.exact else float(e)
        raise ValueError(f"no rule to evaluate {type(e).__name__} in {e}")

    def _power(self, e: sp.Pow, scope: _Scope) -> Any:
        base = self._walk(e.base, scope)
        if e.exp.is_Integer:
            if e.exp < 0 and np.any(base == 0):
                return mp.nan if self.exact else math.nan
            return base ** int(e.exp)
        power = self._walk(e.exp, scope)
        if self.exact:
            return np.frompyfunc(lambda x, y: mp.nan if x < 0 or (x == 0 and y <= 0) else x**y, 2, 1)(base, power)
        return np.power(np.asarray(base, dtype=float), power)

    def _average(self, e: Average, scope: _Scope) -> Any:
        if isinstance(e, AgeAverage):
            return self._over_ages(e, scope)
        if isinstance(e, PlaneAverage):
            return self._over_plane(e, scope)
        if not isinstance(e, GaussianAverage | LogMeanExp | TiltedAverage):
            return self._walk(sp.expand(e.closed_form(e.integrand, e.variable)), scope)
        inside = self._inside(e, scope)
        integrand = self._walk(e.integrand, inside)
        if isinstance(e, GaussianAverage):
            return (integrand * inside.weights).sum(axis=0) if np.ndim(integrand) else integrand * inside.weights.sum()
        exponent = integrand if isinstance(e, LogMeanExp) else self._walk(e.exponent, inside)
        exponent = exponent + 0 * inside.weights  # of full shape
        largest = exponent.max(axis=0)
        weights = inside.weights * (_elementwise(mp.exp) if self.exact else np.exp)(exponent - largest)
        total = weights.sum(axis=0)
        if isinstance(e, LogMeanExp):
            return largest + (_elementwise(mp.log) if self.exact else np.log)(total)
        return (integrand * weights).sum(axis=0) / total

    def _over_ages(self, e: AgeAverage, scope: _Scope) -> Any:
        weights, measure = (x.reshape(-1, *([1] * scope.depth)) for x in e.nodes(self.digits))
        inside = _Scope({**scope.symbols, e.variable: weights}, scope.depth + 1)
        if not self.exact:
            return (self._walk(e.integrand, inside) * measure).sum(axis=0)
        with mp.workdps(mp.mp.dps + max(0, int(mp.log10(measure.max())) + 1)):
            return (self._walk(e.integrand, inside) * measure).sum(axis=0)

    def _over_plane(self, e: PlaneAverage, scope: _Scope) -> Any:
        """The law of the modulus, by the double exponential rule for a half line."""
        k, m, v = int(e.args[2]), self._walk(e.args[3], scope), self._walk(e.args[4], scope)
        if any(isinstance(x, mp.mpc | complex) for x in (m, v)) or not v > 0:
            return mp.nan if self.exact else math.nan  # no such law
        key = (e.variable, "modulus", k, m, v)
        if key not in scope.inside:
            inside = _Scope(dict(scope.symbols), scope.depth + 1)
            inside.symbols[e.variable], inside.weights = _moduli(k, m, v, self.digits)
            scope.inside[key] = inside
            inside.known.update(inside.symbols)
        inside = scope.inside[key]
        inside.remember = scope.remember
        return (self._walk(e.integrand, inside) * inside.weights).sum()

    def _inside(self, e: Average, scope: _Scope) -> _Scope:
        """The scope in which the integrand of an average is evaluated: nodes, weights, what is known there."""
        heads = [f for part in e.parts for f in outermost(part, e.variable) if not isinstance(f, Average)]
        lines = [(f, linear_in(f.args[0], e.variable)) for f in heads]
        heads = sorted({f for part in e.parts for f in part.atoms(sp.Abs, sp.sign, gate) if f.has(e.variable)}, key=str)
        kinks = [line for f in heads if (line := linear_in(f.args[0], e.variable)) is not None]
        kinks = [line for line in kinks if scope.holds(*line)]  # those under an average within also turn with its variable
        steep = None
        for _, line in lines:
            if not kinks and line is not None:
                a, b = (self._walk(part, scope) for part in line)
                regular = np.all(b != 0) and np.all(np.isfinite(np.asarray(a + b, dtype=float)))
                if regular and np.any(abs(1 / b) < 0.3) and (np.ndim(a) or np.ndim(b) or abs(a / b) < 30):
                    steep = line
                    break
        key: tuple[Any, ...]
        if kinks or steep is not None:
            key = ("kink", *(part for line in kinks for part in line)) if kinks else ("graded", *steep)  # type: ignore[misc]
        else:
            key = ("uniform", *_grid(e, self.digits, self._slopes(e, scope)))
        inside = scope.inside.get((e.variable, key))
        if inside is None:
            if key[0] == "uniform":
                z, weights = _uniform(*key[1:])
                shape = (len(z), *([1] * scope.depth))
                z, weights = z.reshape(shape), weights.reshape(shape)
            else:
                parts = [self._walk(part, scope) for part in key[1:]]
                nearest = 8 if key[0] == "kink" else 7
                centres = [np.clip(-a / b, -nearest, nearest) for a, b in zip(parts[::2], parts[1::2])]
                if key[0] == "kink":
                    z, weights = _between(centres, scope.depth)
                else:
                    z, weights = _graded(centres[0], abs(1 / parts[1]), self.digits, scope.depth)
            inside = _Scope({**scope.symbols, e.variable: z}, scope.depth + 1)
            inside.weights = weights
            if scope.remember:
                scope.inside[(e.variable, key)] = inside
        inside.remember = scope.remember
        return inside

    def _slopes(self, e: Average, scope: _Scope) -> float | None:
        """The steepest slope of an argument of a function with poles; None where the arguments are not linear."""
        steepest = 0.0
        for head in {f for part in e.parts for f in part.atoms(*_WITH_POLES)}:
            if not head.has(e.variable):
                continue
            line = linear_in(head.args[0], e.variable)
            if line is None or line[1].atoms(Average) or any(s not in scope.known for s in line[1].free_symbols):
                return None
            slope = self._walk(line[1], scope)
            if np.ndim(slope) or not np.isfinite(float(slope)):
                return None
            steepest = max(steepest, abs(float(slope)))
        return steepest


class _Scope:
    """What is known where an integrand is evaluated: symbols, parts met before, and the scopes of averages within."""

    def __init__(self, symbols: dict[Any, Any], depth: int) -> None:
        self.symbols, self.depth, self.remember = symbols, depth, False
        self.known: dict[Any, Any] = dict(symbols)
        self.inside: dict[Any, _Scope] = {}
        self.weights: Any = None

    def holds(self, *expressions: sp.Expr) -> bool:
        """Whether every symbol of the expressions has a value here."""
        return all(s in self.symbols for e in expressions for s in e.free_symbols)


def _mp_log2cosh(x: mp.mpf) -> mp.mpf:
    return abs(x) + mp.log1p(mp.exp(-2 * abs(x)))


def _elementwise(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    lifted = np.frompyfunc(function, 1, 1)
    return lambda x: lifted(x) if isinstance(x, np.ndarray) else function(x)


_NAMES = ("tan", "asin", "atan", "asinh", "acosh", "atanh")
_MP: dict[Any, Callable[..., Any]] = {
    sp.tanh: _elementwise(mp.tanh), sp.sinh: _elementwise(mp.sinh), sp.cosh: _elementwise(mp.cosh),
    sp.exp: _elementwise(mp.exp), sp.log: _elementwise(mp.log), sp.erf: _elementwise(mp.erf),
    sp.acos: _elementwise(mp.acos), sp.Abs: _elementwise(abs), sp.sign: _elementwise(mp.sign),
    sp.sin: _elementwise(mp.sin), sp.cos: _elementwise(mp.cos), sp.gamma: _elementwise(mp.gamma),
    log2cosh: _elementwise(_mp_log2cosh), sech2: _elementwise(lambda x: mp.sech(x) ** 2),
    ring_sum: _elementwise(lambda y: mp.log(1 - y) + y), sp.erfc: _elementwise(mp.erfc), sp.loggamma: _elementwise(mp.loggamma),
    absolute: _elementwise(abs), signum: _elementwise(mp.sign), softplus: _elementwise(lambda x: mp.log1p(mp.exp(x))),
    logistic: _elementwise(lambda x: 1 / (1 + mp.exp(-x))), log_erfc: _elementwise(lambda x: mp.log(mp.erfc(x))),
    mills: _elementwise(lambda x: mp.exp(-(x**2)) / mp.erfc(x)),
    log_i0: _elementwise(lambda x: mp.log(mp.besseli(0, x))),
    phase_mean: _elementwise(lambda x: mp.besseli(1, x) / mp.besseli(0, x)),
    sp.DiracDelta: _elementwise(lambda x: mp.nan if x == 0 else mp.mpf(0)),
    **{getattr(sp, name): _elementwise(getattr(mp, name)) for name in _NAMES},
}
_FLOAT: dict[Any, Callable[..., Any]] = {
    sp.tanh: np.tanh, sp.sinh: np.sinh, sp.cosh: np.cosh, sp.exp: np.exp, sp.log: np.log, sp.acos: np.arccos,
    sp.Abs: np.abs, sp.sign: np.sign, sp.sin: np.sin, sp.cos: np.cos,
    sp.erf: np.vectorize(math.erf, otypes=[float]), sp.gamma: special.gamma,
    log2cosh: lambda x: np.logaddexp(x, -x), sech2: lambda x: np.cosh(np.clip(x, -350, 350)) ** -2.0,
    ring_sum: lambda y: np.log1p(-y) + y, sp.erfc: special.erfc, sp.loggamma: special.gammaln, absolute: np.abs,
    log_i0: lambda x: abs(x) + np.log(special.i0e(x)), phase_mean: lambda x: special.i1e(x) / special.i0e(x),
    signum: np.sign, softplus: lambda x: np.logaddexp(0, x), logistic: special.expit,
    log_erfc: lambda x: special.log_ndtr(-math.sqrt(2) * x) + math.log(2), mills: lambda x: 1 / special.erfcx(x),
    sp.DiracDelta: lambda x: np.where(np.asarray(x) == 0, np.nan, 0.0),
    **{getattr(sp, name): getattr(np, name.replace("a", "arc", 1) if name[0] == "a" else name) for name in _NAMES},
}


#: functions that are not entire, which limits the step of the trapezoid, and those that may grow exponentially
_WITH_POLES = (sp.tanh, sech2, log2cosh, softplus, logistic)
_GROWING = (sp.exp, sp.cosh, sp.sinh)

#: half-widths of a strip around the real axis; the largest one in which an integrand is analytic is taken
_STRIPS = (0.45, 0.6, 0.8, 1.0, 1.4, 2.0, 2.8)


def _grid(e: Average, digits: int, steepest: float | None) -> tuple[int, float, bool]:
    kinds = (sp.Pow, Average, sp.Max, sp.acos, sp.atan, sp.log, sp.Abs, sp.sign, sp.erf)
    atoms = {f for part in e.parts for f in part.atoms(*kinds)}
    singular = {f for f in atoms if not (isinstance(f, sp.Pow) and f.exp.is_Integer and f.exp > 0)}
    singular -= {f for f in singular if isinstance(f, LogMeanExp | TiltedAverage)}
    strip = _STRIPS[0]
    if steepest is not None and not any(f.has(e.variable) for f in singular):
        margin = 0.9 if isinstance(e, GaussianAverage) and not any(isinstance(f, Average) for f in atoms) else 0.45
        reach = math.inf if steepest == 0 else margin * math.pi / 2 / steepest
        strip = max([d for d in _STRIPS if d <= reach], default=_STRIPS[0])
    growing = not isinstance(e, GaussianAverage) or any(f.has(e.variable) for f in e.integrand.atoms(*_GROWING))
    return digits, strip, growing


@cache
def _uniform(digits: int, strip: float, growing: bool) -> tuple[np.ndarray, np.ndarray]:
    """Trapezoid nodes and Gaussian weights for integrands that are analytic within ``strip`` of the real axis."""
    if digits <= _FLOAT_DIGITS:
        step = 2 * math.pi * strip / (math.log(10) * (_FLOAT_DIGITS + 1) + strip**2 / 2)
        count = int(13.6 / step) + 1
        z = np.arange(-count, count + 1) * step
        return z, step * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    with mp.workdps(digits + 5):
        reach = mp.sqrt(2 * mp.log(10) * (digits + 2)) + (5 if growing else 1)
        step = 2 * mp.pi * mp.mpf(strip) / (mp.log(10) * (digits + 1) + mp.mpf(strip) ** 2 / 2)
        count = int(reach / step) + 1
        z = np.array([step * k for k in range(-count, count + 1)], dtype=object)
        return z, np.array([step * mp.npdf(x) for x in z], dtype=object)


def _moduli(k: int, m: Any, v: Any, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for the modulus of m + √v (x + iy) under cos kφ: r = s e^{t − e^{−t}} at s = |m| + √v."""
    size = math.sqrt(float(v)) + abs(float(m))
    step = 1 / (digits + 3) * min(1.0, 3 * math.sqrt(float(v)) / size)
    steps = range(int(-4.8 / step), int(4.2 / step) + 1)
    if digits <= _FLOAT_DIGITS:
        t = np.array(steps) * step
        r = size * np.exp(t - np.exp(-t))
        law = r / v * np.exp(-((r - abs(m)) ** 2) / (2 * v)) * special.ive(k, r * abs(m) / v)
        return r, step * r * (1 + np.exp(-t)) * law * np.sign(m) ** (k % 2)
    nodes, weights = [], []
    for place in steps:
        x = place * mp.mpf(step)
        r = size * mp.exp(x - mp.exp(-x))
        law = r / v * mp.exp(-(r**2 + m**2) / (2 * v)) * mp.besseli(k, r * m / v)
        nodes.append(r)
        weights.append(step * r * (1 + mp.exp(-x)) * law)
    return np.array(nodes, dtype=object), np.array(weights, dtype=object)


def _graded(centre: Any, width: Any, digits: int, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """The same on a grid z = c + w sinh t that is dense at the steep place c of width w (arrays over outer nodes)."""
    exact = digits > _FLOAT_DIGITS
    reach = float(mp.sqrt(2 * mp.log(10) * (digits + 2))) + 4 * (depth > 0)
    step = min(4.4 / (math.log(10) * (digits + 2)), 0.08) if exact else 0.08
    low = int(np.min(np.arcsinh(np.asarray((-reach - centre) / width, dtype=float))) / step) - 1
    high = int(np.max(np.arcsinh(np.asarray((reach - centre) / width, dtype=float))) / step) + 1
    t: Any = np.arange(low, high + 1) * step
    if exact:
        t = np.array([mp.mpf(k) * mp.mpf(step) for k in range(low, high + 1)], dtype=object)
    t = t.reshape(len(t), *([1] * depth))
    sinh, cosh, exp = [_elementwise(f) for f in (mp.sinh, mp.cosh, mp.exp)] if exact else [np.sinh, np.cosh, np.exp]
    z = centre + width * sinh(t)
    norm = step * width / mp.sqrt(2 * mp.pi) if exact else step * width / np.sqrt(2 * np.pi)
    return z, norm * cosh(t) * exp(-(z**2) / 2)


def _between(kinks: list[Any], depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes for an integrand with kinks: the tanh–sinh rule between neighbours and beyond the last (double precision)."""
    step, reach = 0.04, 22
    t = (np.arange(-80, 81) * step).reshape(-1, *([1] * depth))
    inner = np.pi / 2 * np.sinh(t)
    share, slope = 1 / (1 + np.exp(-2 * inner)), step * np.pi / 2 * np.cosh(t) / (2 * np.cosh(inner) ** 2)
    ends = np.sort(np.array(np.broadcast_arrays(*kinks), dtype=float), axis=0)
    ends = np.concatenate([ends[:1] - reach, ends, ends[-1:] + reach])
    pieces = [(low + (high - low) * share, (high - low) * slope) for low, high in pairwise(ends)]
    z, dz = (np.concatenate(parts) for parts in zip(*pieces))
    return z, dz * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
