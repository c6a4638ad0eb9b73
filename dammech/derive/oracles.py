"""The other route: what a step of a derivation is compared with.

Explicit integer numbers of replicas, enumeration, numerical differentiation, extrapolation. Nothing here uses the
symbolic engine's rules; the routes that start from the finite-N Hamiltonian are in ``finite_size``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.ages import integral_over_ages
from dammech.derive.covariance import forgets, load_of, soft_memory, weight
from dammech.derive.evaluate import evaluate
from dammech.registry import system_of

Point = Mapping[sp.Symbol, Any]


def derivation_name(model: Any, mixture: int = 1, ansatz: str = "rs") -> str:
    """The name under which a derivation is known, such as ``hebbian.p3.distinct.rs``."""
    name = f"{system_of(model).name}.p{model.p}"
    if "load" not in model.axes:
        return f"{name}.{ansatz}"
    tail = f".mixture-{mixture}" if mixture > 1 else ""
    if forgets(model):
        law = model.kernel if model.exponent is None else f"{model.kernel}-{model.exponent:g}"
        return f"{name}.{model.variety}.{law}.{ansatz}"
    return f"{name}.{model.variety}.{ansatz}{tail}"


def symbol_points(values: Mapping[sp.Symbol, Sequence[Any]], model: Any = None) -> list[Point]:
    """The grid of the given values; numbers as strings are decimal and exact. A Hebbian model adds its load."""
    grid = dict(values)
    if model is not None and "load" in model.axes:
        grid[load_of(model)] = [check_load(model)]
        if forgets(model):
            grid[weight] = ["0.9"]
    keys = list(grid)
    combinations = itertools.product(*[grid[k] for k in keys])
    return [{k: sp.Rational(str(v)) for k, v in zip(keys, combination)} for combination in combinations]


def check_load(model: Any) -> sp.Rational:
    """The load at which a model is checked: there the noise field at q = 1 has the variance 0.34 for every interaction."""
    return sp.Rational(f"{0.34 / float(model.noise_strength):.3g}")


def value(expression: sp.Expr, point: Point, digits: int = 35) -> mp.mpf:
    """The expression at the point, by the interpreter."""
    return evaluate(expression, {k: number(v) for k, v in point.items()}, digits)


def number(v: Any) -> Any:
    """A rational of SymPy, or what mpmath takes, at the working precision."""
    return mp.mpf(int(v.p)) / int(v.q) if isinstance(v, sp.Rational) else mp.mpf(v)


# -- explicit replicas ------------------------------------------------------------------------------------------------


def covariance_number(model: Any) -> Any:
    """ξ(q) as a number, from the Hermite sum (or the planar integral), including the load of the points."""
    load = number(check_load(model)) if "load" in model.axes else mp.mpf(1)
    if "load" not in model.axes:
        return lambda q: q**model.p / 2
    if model.is_rectified:
        return lambda q: load * rectified_covariance(model.p, q)
    c, load = model.hermite_coefficients(), load * number(sp.Rational(model.noise_gain))
    return lambda q: load / model.p**2 * mp.fsum(
        mp.mpf(c[k].numerator) ** 2 / c[k].denominator ** 2 * math.factorial(k) * q**k for k in range(1, model.p + 1))


def rectified_covariance(p: int, q: Any) -> mp.mpf:
    """ξ/α of max(y,0)^p: a Gaussian integral in the plane, in polar form (the radial part is elementary)."""
    return _planar_integral(p, mp.mpf(q), mp.mp.prec)


@lru_cache(maxsize=1000)
def _planar_integral(p: int, q: mp.mpf, precision: int) -> mp.mpf:
    angle = mp.acos(q)
    radial = mp.gamma(p + 1) * mp.mpf(2) ** p
    integral = mp.quad(lambda t: (mp.cos(t) * mp.cos(t - angle)) ** p, [angle - mp.pi / 2, mp.pi / 2])
    mean = mp.mpf(2) ** (mp.mpf(p) / 2) * mp.gamma((p + mp.mpf(1)) / 2) / (2 * mp.sqrt(mp.pi))
    return (radial * integral / (2 * mp.pi) - mean**2) / p**2


def noise_of_matrix(model: Any, matrix: sp.Matrix, point: Point) -> mp.mpf:
    """W of an explicit overlap matrix of numbers."""
    T = number(next(v for k, v in point.items() if k.name == "T"))
    numbers = mp.matrix(matrix.rows, matrix.cols)
    for a in range(matrix.rows):
        for b in range(matrix.cols):
            numbers[a, b] = number(matrix[a, b])
    if soft_memory(model):
        load, diagonal = number(check_load(model)), model.interaction == "power"
        if forgets(model):
            return load * _noise_of_a_stream(model.shape, numbers / T, diagonal)
        result = mp.mpf(0)
        for mode, times in (map(sp.Rational, row) for row in model.noise_modes):
            whole = mp.log(mp.det(mp.eye(matrix.rows) - number(mode) * numbers / T))
            result -= number(times) * (whole + (0 if diagonal else number(mode) * matrix.rows / T)) / 2
        return load * result
    xi = covariance_number(model)
    return mp.fsum(xi(x) for x in numbers) / (2 * T**2)


def _noise_of_a_stream(kernel: Any, scaled: mp.matrix, diagonal: bool) -> mp.mpf:
    """The same per unit of effective load for patterns with weights: an integral over ages of determinants of βQ.

    Clipped couplings hold more than their weighted sum over patterns: what is left of their variance is a spin glass of
    independent couplings.
    """
    eigenvalues = mp.eigsy(scaled, eigvals_only=True)
    trace = mp.fsum(eigenvalues)

    def chains(weight: mp.mpf) -> mp.mpf:
        return -(mp.log(mp.fprod(1 - weight * x for x in eigenvalues)) + weight * trace) / 2

    result = integral_over_ages(kernel, chains)
    if diagonal:
        result += trace / 2 * integral_over_ages(kernel, lambda weight: weight)
    if not kernel.linear:
        left = 1 - integral_over_ages(kernel, lambda weight: weight**2)
        result += left * mp.fsum(x**2 for x in eigenvalues) / 4
    return result


class NumberMatrix:
    """An explicit matrix of high-precision numbers."""

    def __init__(self, entries: Mapping[tuple[int, int], Any], size: int) -> None:
        self.entries, self.rows, self.cols = entries, size, size

    def __getitem__(self, index: tuple[int, int]) -> Any:
        return self.entries[index]


# -- limits and derivatives -------------------------------------------------------------------------------------------


def gradient(expression: sp.Expr, unknowns: Sequence[sp.Symbol], point: Point) -> list[mp.mpf]:
    """Numerical derivatives of the free energy."""
    return [derivative_at(expression, x, point) for x in unknowns]


def saddle(
    expression: sp.Expr, unknowns: Sequence[sp.Symbol], factors: Sequence[sp.Expr], point: Point
) -> list[mp.mpf]:
    """Numerical derivatives of the free energy, each over the value of its factor."""
    return [g / value(f, point) for g, f in zip(gradient(expression, unknowns, point), factors)]


def thermodynamics(expression: sp.Expr, T: sp.Symbol, point: Point) -> list[mp.mpf]:
    """Entropy from ∂f/∂T and energy from ∂(βf)/∂β, both numerical."""
    with mp.workdps(52):
        beta = 1 / number(point[T])
        energy = central_difference(lambda b: b * value(expression, {**point, T: 1 / b}, _DIGITS), beta)
    return [-derivative_at(expression, T, point), energy]


def derivative_at(expression: sp.Expr, symbol: sp.Symbol, point: Point) -> mp.mpf:
    """Derivative of an expression in a symbol at a point, by differences."""
    with mp.workdps(52):
        return central_difference(lambda x: value(expression, {**point, symbol: x}, _DIGITS), number(point[symbol]))


#: digits of values that are differenced
_DIGITS = 38


def at_infinity(values: Mapping[Any, Any]) -> mp.mpf:
    """What numbers at several sizes N tend to, as a polynomial in 1/N through all of them."""
    return extrapolated_to_zero([mp.mpf(1) / size for size in values], list(values.values()))


def central_difference(function: Any, x: mp.mpf, step: str = "5e-6") -> mp.mpf:
    """Central difference of sixth order: error step⁶ ~ 1e-32 against rounding 1e-33."""
    h = mp.mpf(step)
    return (45 * (function(x + h) - function(x - h)) - 9 * (function(x + 2 * h) - function(x - 2 * h))
            + function(x + 3 * h) - function(x - 3 * h)) / (60 * h)


def second_difference(function: Any, step: str) -> mp.mpf:
    """The second derivative at 0, of sixth order."""
    h = mp.mpf(step)
    pairs = [function(k * h) + function(-k * h) for k in (1, 2, 3)]
    return (270 * pairs[0] - 27 * pairs[1] + 2 * pairs[2] - 490 * function(mp.mpf(0))) / (180 * h**2)


def low_temperature(
    equations: Sequence[sp.Expr], free_energy: sp.Expr, q: sp.Symbol, C: sp.Symbol, T: sp.Symbol, point: Point
) -> list[mp.mpf]:
    """Finite-temperature expressions on q = 1 − CT at small T, extrapolated polynomially to T = 0.

    Equations are divided by the power of T with which they vanish, found from two temperatures; the last value is the
    entropy, minus the slope of f in T.
    """
    temperatures = [mp.mpf(1) / k for k in (48, 64, 80, 96, 120, 144, 168, 192, 240, 288)]
    rest = {k: v for k, v in point.items() if k != C}

    def along(e: sp.Expr) -> list[mp.mpf]:
        return [value(e, {**rest, q: 1 - t * number(point[C]), T: t}, 19) for t in temperatures]

    result = []
    for e in equations:
        values = along(e)
        power = round(float(mp.log(abs(values[-1] / values[-4]), 2) / mp.log(temperatures[-1] / temperatures[-4], 2)))
        result.append(extrapolated_to_zero(temperatures, [v / t**power for v, t in zip(values, temperatures)]))
    energies = along(free_energy)
    ground = extrapolated_to_zero(temperatures, energies)
    slopes = [(v - ground) / t for v, t in zip(energies, temperatures)]
    return [*result, ground, -extrapolated_to_zero(temperatures, slopes)]


def place_of_minimum(function: Callable[[mp.mpf], mp.mpf], low: mp.mpf, high: mp.mpf) -> mp.mpf:
    """Where a convex function is smallest, by golden section."""
    golden = (mp.sqrt(5) - 1) / 2
    for _ in range(110):
        one, other = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, other) if function(one) < function(other) else (one, high)
    return (low + high) / 2


def extrapolated_to_zero(x: Sequence[mp.mpf], y: Sequence[mp.mpf]) -> mp.mpf:
    """Value at 0 of the polynomial through the points."""
    table = list(y)
    for k in range(1, len(x)):
        table = [(x[i] * table[i + 1] - x[i + k] * table[i]) / (x[i] - x[i + k]) for i in range(len(table) - 1)]
    return table[0]
