"""The other route: what a step of a derivation is compared with.

Enumeration at small N, explicit integer numbers of replicas, numerical differentiation, extrapolation. Nothing here uses
the symbolic engine's rules; several start from the finite-N Hamiltonian itself.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.covariance import alpha, explicit
from dammech.derive.evaluate import evaluate

Point = Mapping[sp.Symbol, Any]

_LOAD = "0.17"


def derivation_name(model: Any, mixture: int = 1, ansatz: str = "rs") -> str:
    """The name under which a derivation is known, such as ``hebbian.p3.distinct.rs``."""
    if not hasattr(model, "patterns_for"):
        return f"pspin.p{model.p}.{ansatz}"
    kind = model.interaction if model.interaction in ("distinct", "power", "rectified") else f"({model.interaction})"
    tail = f".mixture-{mixture}" if mixture > 1 else ""
    return f"hebbian.p{model.p}.{kind}.{ansatz}{tail}"


def symbol_points(values: Mapping[sp.Symbol, Sequence[Any]], model: Any = None) -> list[Point]:
    """The grid of the given values; numbers as strings are decimal and exact. A Hebbian model adds its load."""
    grid = dict(values)
    if model is not None and hasattr(model, "patterns_for"):
        grid[alpha] = [_LOAD]
    keys = list(grid)
    return [{k: sp.Rational(str(v)) for k, v in zip(keys, combo)} for combo in itertools.product(*[grid[k] for k in keys])]


def value(expression: sp.Expr, point: Point, digits: int = 35) -> mp.mpf:
    """The expression at the point, by the interpreter."""
    return evaluate(expression, {k: _number(v) for k, v in point.items()}, digits)


def _number(v: Any) -> Any:
    return mp.mpf(int(v.p)) / int(v.q) if isinstance(v, sp.Rational) else mp.mpf(v)


# -- the finite-N Hamiltonian -----------------------------------------------------------------------------------------


def pattern_energy_by_sums(model: Any, spins: Sequence[int]) -> mp.mpf:
    """−(energy of one pattern) by literal sums over site indices, for the products s_i = ξ_i σ_i."""
    size, p = len(spins), model.p
    if model.interaction == "distinct":
        total = sum(math.prod(c) for c in itertools.combinations(spins, p))
        return mp.mpf(math.factorial(p - 1)) / size ** (p - 1) * total
    overlap = mp.mpf(sum(spins)) / mp.sqrt(size)
    if model.is_rectified:
        return mp.mpf(size) ** (1 - mp.mpf(p) / 2) / p * max(overlap, 0) ** p
    terms = []
    for k, c in enumerate(model.polynomial()):
        if c:
            tuples = sum(math.prod(t) for t in itertools.product(spins, repeat=k))
            terms.append(mp.mpf(c.numerator) / c.denominator * tuples / mp.sqrt(size) ** k)
    return mp.mpf(size) ** (1 - mp.mpf(p) / 2) / p * mp.fsum(terms)


def two_replica_moment(function: Any, size: int, differing: int) -> Any:
    """Exact mean over a fair pattern of u(M_σ) u(M_τ) for two states that differ on ``differing`` of ``size`` sites."""
    same = size - differing
    total: Any = 0
    for a in range(same + 1):
        for b in range(differing + 1):
            weight = math.comb(same, a) * math.comb(differing, b)
            one, two = same - 2 * a, differing - 2 * b
            total += weight * function(one + two) * function(one - two)
    return total / Fraction(2) ** size if not isinstance(total, mp.mpf) else total / mp.mpf(2) ** size


def interpolated_limit(values: Mapping[int, Any]) -> Any:
    """Limit 1/N → 0 of a polynomial in 1/N through the given values (exact when they are)."""
    sizes = list(values)
    total: Any = 0
    for a in sizes:
        weight: Any = Fraction(1)
        for b in sizes:
            if b != a:
                weight *= Fraction(1, b) / (Fraction(1, b) - Fraction(1, a))
        total += (weight if isinstance(values[a], Fraction) else mp.mpf(weight.numerator) / weight.denominator) * values[a]
    return total


def covariance_from_finite_size(model: Any, q: Fraction) -> mp.mpf:
    """ξ(q)/α from exact averages over all patterns at finite N, extrapolated exactly: they are polynomials in 1/N."""
    p = model.p
    if getattr(model, "is_rectified", False):
        return _rectified_covariance(p, q)
    step = q.denominator * 2
    values = {}
    for size in range(max(step, p + p % 2), 10**6, step):
        differing = int((1 - q) * size / 2)
        polynomial = _scaled_interaction(model, size)

        def moment(parity: int, polynomial: list[Fraction] = polynomial, size: int = size, differing: int = differing) -> Any:
            part = [c if k % 2 == parity else Fraction(0) for k, c in enumerate(polynomial)]
            return two_replica_moment(lambda total: _horner(part, total), size, differing)

        # odd powers of M come with √N each: kept apart, so that everything is rational
        mean = Fraction(sum(math.comb(size, k) * _horner([c if j % 2 == 0 else Fraction(0) for j, c in enumerate(polynomial)],
                                                        size - 2 * k) for k in range(size + 1)), 2**size)
        values[size] = moment(0) - mean**2 + moment(1) / size
        if len(values) == p + 2:
            break
    limit = interpolated_limit(values) / p**2
    return mp.mpf(limit.numerator) / limit.denominator


def _scaled_interaction(model: Any, size: int) -> list[Fraction]:
    """G in powers of M with the factors √N of odd powers left out (one factor √N for each odd coefficient)."""
    if model.interaction == "distinct":
        energy = model._coefficients(size)
        scale = Fraction(model.p) * Fraction(size) ** ((model.p + model.p % 2) // 2 - 1)
        return [c * scale for c in energy]
    return [c / Fraction(size) ** (k // 2) for k, c in enumerate(model.polynomial())]


def _horner(coefficients: Sequence[Any], x: Any) -> Any:
    total: Any = 0
    for c in reversed(coefficients):
        total = total * x + c
    return total


def _rectified_covariance(p: int, q: Fraction) -> mp.mpf:
    """The same for max(y,0)^p: a Gaussian integral in the plane, in polar form (the radial part is elementary)."""
    return _planar_integral(p, mp.mpf(q.numerator) / q.denominator, mp.mp.prec)


@lru_cache(maxsize=1000)
def _planar_integral(p: int, r: mp.mpf, precision: int) -> mp.mpf:
    angle = mp.acos(r)
    radial = mp.gamma(p + 1) * mp.mpf(2) ** p
    integral = mp.quad(lambda t: (mp.cos(t) * mp.cos(t - angle)) ** p, [angle - mp.pi / 2, mp.pi / 2])
    mean = mp.mpf(2) ** (mp.mpf(p) / 2) * mp.gamma((p + mp.mpf(1)) / 2) / (2 * mp.sqrt(mp.pi))
    return (radial * integral / (2 * mp.pi) - mean**2) / p**2


def couplings_covariance(p: int, q: Fraction) -> mp.mpf:
    """ξ(q) of the p-spin glass: E[H(σ)H(τ)]/N summed over index sets at finite N, extrapolated exactly."""
    values = {}
    step = q.denominator * 2
    for size in itertools.count(max(step, step * -(-p // step)), step):
        differing = int((1 - q) * size / 2)
        products = sum(
            (-1) ** k * math.comb(differing, k) * math.comb(size - differing, p - k) for k in range(p + 1)
        )
        values[size] = Fraction(math.factorial(p), 2 * size ** (p - 1)) * products / size
        if len(values) == p + 2:
            break
    limit = interpolated_limit(values)
    return mp.mpf(limit.numerator) / limit.denominator


def cumulant_exponent(model: Any, order: int) -> Fraction:
    """Power of N with which the ``order``-th cumulant of all patterns' energy grows, measured from exact cumulants."""
    sizes = (256, 512, 1024)
    found = []
    for size in sizes:
        table = model.pattern_energy(size)
        with mp.workdps(40):
            log_two = mp.mpf(2) ** size
            weights = [mp.mpf(math.comb(size, k)) / log_two for k in range(size + 1)]
            energies = [mp.mpf(float(x)) for x in table]
            mean = mp.fdot(weights, energies)
            central = [mp.fdot(weights, [(x - mean) ** j for x in energies]) for j in range(order + 1)]
            cumulants = {1: mp.mpf(0)}
            for j in range(2, order + 1):
                cumulants[j] = central[j] - mp.fsum(
                    math.comb(j - 1, k - 1) * cumulants[k] * central[j - k] for k in range(2, j - 1))
            cumulant = cumulants[order]
            found.append(abs(cumulant) * mp.mpf(size) ** (model.p - 1))
    slopes = [mp.log(b / a, 2) for a, b in itertools.pairwise(found)]
    return Fraction(round(2 * float(2 * slopes[1] - slopes[0])), 2)


def generating_function(model: Any, replicas: int, beta: float, q: Fraction) -> mp.mpf:
    """log of the mean over one fair pattern of exp(−β × its energy, summed over replicas), p = 2, at N → ∞.

    Exact binomial sums at finite N, extrapolated in 1/N. Of up to three states with mutual overlap q, a quarter of
    (1 − q)N sites tells each one from the others, and the rest of them tells the first one.
    """
    states = {1: [(1,)], 2: [(1, 1), (1, -1)], 3: [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1)]}[replicas]
    apart = {1: Fraction(0), 2: (1 - q) / 2, 3: (1 - q) / 4}[replicas]
    values = {}
    for size in (24, 32, 48, 64, 96, 128, 192, 256):
        counts = [size - (len(states) - 1) * int(apart * size)] + [int(apart * size)] * (len(states) - 1)
        weight: Any = 1.0
        totals: list[Any] = [0] * replicas
        for k, (signs, count) in enumerate(zip(states, counts)):
            shape = [1] * len(states)
            shape[k] = count + 1
            weight = weight * np.array([math.comb(count, j) / 2**count for j in range(count + 1)]).reshape(shape)
            sums = (count - 2 * np.arange(count + 1)).reshape(shape)
            totals = [t + s * sums for t, s in zip(totals, signs)]
        energy = model.pattern_energy(size)
        exponent = sum(energy[(t + size) // 2] for t in totals)
        values[size] = mp.log(float((weight * np.exp(-beta * exponent)).sum()))
    return interpolated_limit(values)


def hamiltonian_steps(model: Any) -> list[Any]:
    """The steps that lead from the finite-N Hamiltonian to the noise functional."""
    from dammech.derive.covariance import Covariance
    from dammech.derive.steps import Step

    size, total, x = sp.Symbol("N", positive=True), sp.Symbol("M", real=True), sp.Symbol("q", positive=True)
    overlaps = [{x: sp.Rational(v)} for v in ("1", "1/2", "1/3", "0")]

    def fraction(p: Point) -> Fraction:
        return Fraction(int(p[x].p), int(p[x].q))

    if not hasattr(model, "patterns_for"):
        return [Step(
            "Covariance of the energy", [r"\xi(q)"], (explicit(Covariance(0, x), model),),
            "E[H(σ)H(τ)] = N ξ(q) for Gaussian couplings on distinct index sets",
            "index sets counted at finite N and extrapolated exactly in 1/N",
            overlaps, lambda p: [couplings_covariance(model.p, fraction(p))], source="gardner1985",
        )]

    energy = sum(c * total**k for k, c in enumerate(model._coefficients(size)))
    if model.is_rectified:
        energy = energy.xreplace({total: sp.Max(total, 0)})
    configurations = [[1] * a + [-1] * (9 - a) for a in (9, 8, 7, 6, 4, 2)] + [[1] * a + [-1] * (8 - a) for a in (8, 6, 3)]
    if model.p > 5:
        configurations = [c[:8] for c in configurations[::3]]
    steps = [Step(
        "Energy of one pattern", [r"-H_\mu"], (energy,),
        "sums over site indices as a polynomial in M = ξ·σ" + (
            " (signs square to one: Newton's identities)" if model.interaction == "distinct" else ""),
        "literal sums over site indices at N = 8 and 9",
        [{size: sp.Integer(len(c)), total: sp.Integer(sum(c))} for c in configurations],
        lambda p: [pattern_energy_by_sums(model, _configuration(int(p[size]), int(p[total])))],
        source="krotov2016" if model.interaction != "distinct" else "gardner1987",
    )]
    order = sp.Symbol("L", positive=True)
    if model.p == 2:
        from dammech.derive.replicas import n, replica_symmetric_matrix

        beta = sp.Symbol("beta", positive=True)
        determinant = replica_symmetric_matrix(x).trace_of(lambda v: sp.log(1 - beta * v)) / -2
        if model.interaction == "distinct":
            determinant -= n * beta / 2
        steps.append(Step(
            "Average over one pattern", [r"\log\langle e^{-\beta\sum_a H_\mu(\sigma^a)}\rangle_\xi"], (determinant,),
            "every cumulant is of order N (each loop of L couplings gives P·N^0), and the y_a are jointly Gaussian: the "
            "series resums to −½ log det(1 − βQ)",
            "exact sums over all patterns for 1, 2 and 3 replicas at N up to 256, extrapolated in 1/N",
            symbol_points({n: [1, 2, 3], beta: ["0.3"], x: ["1/2"]}),
            lambda p: [generating_function(model, int(p[n]), float(p[beta]), fraction(p))],
            assumption="N → ∞ at fixed number of replicas", source="amit1987", tolerance=1e-7,
        ))
        return steps
    exponent = model.p - 1 + order * (1 - sp.Rational(model.p, 2))
    measured = [2, 4, 6] if _parity(model) is not None else [2, 3, 4]
    steps.append(Step(
        "Growth of the cumulants", [r"\log_N\kappa_L"], (exponent,),
        "P = αN^{p−1} independent patterns, each of energy N^{1−p/2} G(y): the second cumulant is of order N, and every "
        "higher one is smaller for p ≥ 3, so the noise energy is Gaussian",
        "ratios of exact cumulants at N = 256, 512 and 1024, extrapolated",
        [{order: sp.Integer(k)} for k in measured],
        lambda p: [mp.mpf(cumulant_exponent(model, int(p[order])).numerator)
                   / cumulant_exponent(model, int(p[order])).denominator],
        source="gardner1987",
    ))
    steps.append(Step(
        "Covariance of the noise", [r"\xi(q)"], (explicit(Covariance(0, x), model),),
        "G in Hermite polynomials: E[He_k He_l] = δ_kl k! q^k" if not model.is_rectified else "Gaussian average in the plane",
        "exact averages over all patterns at finite N, extrapolated exactly in 1/N" if not model.is_rectified
        else "numerical integral in polar coordinates",
        [{**p, alpha: sp.Rational(_LOAD)} for p in overlaps],
        lambda p: [_number(p[alpha]) * covariance_from_finite_size(model, fraction(p))],
        assumption="the constant, k = 0, is dropped", source="cho2009" if model.is_rectified else "gardner1987",
    ))
    return steps


def _parity(model: Any) -> int | None:
    """0 or 1 when G is even or odd, None when it is neither."""
    if model.is_rectified:
        return None
    odd = {k % 2 for k, c in enumerate(model.polynomial()) if c and k}
    return odd.pop() if len(odd) == 1 and model.p % 2 else None


def _configuration(size: int, total: int) -> list[int]:
    up = (size + total) // 2
    return [1] * up + [-1] * (size - up)


# -- explicit replicas ------------------------------------------------------------------------------------------------


def _covariance_number(model: Any) -> Any:
    """ξ(q) as a number, from the Hermite sum (or the planar integral), including the load of the points."""
    load = mp.mpf(_LOAD) if hasattr(model, "patterns_for") else mp.mpf(1)
    if not hasattr(model, "patterns_for"):
        return lambda q: q**model.p / 2
    if model.is_rectified:
        return lambda q: load * _rectified_covariance(model.p, _as_fraction(q))
    c = model.hermite_coefficients()
    return lambda q: load / model.p**2 * mp.fsum(
        mp.mpf(c[k].numerator) ** 2 / c[k].denominator ** 2 * math.factorial(k) * q**k for k in range(1, model.p + 1))


class _as_fraction:
    """A high-precision number that quacks like the fraction the planar integral takes."""

    def __init__(self, q: Any) -> None:
        self.numerator, self.denominator = q, 1


def noise_of_matrix(model: Any, parts: Any, matrix: sp.Matrix, point: Point) -> mp.mpf:
    """W of an explicit overlap matrix of numbers."""
    T = _number(next(v for k, v in point.items() if k.name == "T"))
    numbers = mp.matrix(matrix.rows, matrix.cols)
    for a in range(matrix.rows):
        for b in range(matrix.cols):
            numbers[a, b] = _number(matrix[a, b])
    if parts.soft:
        result = -mp.mpf(_LOAD) / 2 * mp.log(mp.det(mp.eye(matrix.rows) - numbers / T))
        return result if parts.diagonal else result - mp.mpf(_LOAD) * matrix.rows / (2 * T)
    xi = _covariance_number(model)
    return mp.fsum(xi(x) for x in numbers) / (2 * T**2)


def log_trace_by_enumeration(parts: Any, point: Point) -> mp.mpf:
    """log Σ_σ exp(a Σσ + q̂ Σ_{a<b} σσ), averaged over the signs of the condensed patterns."""
    values = {k.name: _number(v) for k, v in point.items()}
    replicas, strength, coupling = int(values["n"]), values[r"\hat{m}"], values[r"\hat{q}"]
    return _site_mean(parts, lambda a: mp.log(_moment(replicas, a, coupling, lambda s: 1)), strength)


def _site_mean(parts: Any, function: Any, strength: Any) -> mp.mpf:
    if parts.patterns == 0:
        return function(mp.mpf(0))
    signs = list(itertools.product((-1, 1), repeat=parts.patterns - 1))
    return mp.fsum(function(strength * (1 + sum(s))) for s in signs) / len(signs)


def _moment(replicas: int, field: Any, coupling: Any, weight: Any) -> mp.mpf:
    total = []
    for s in itertools.product((-1, 1), repeat=replicas):
        pairs = (sum(s) ** 2 - replicas) // 2
        total.append(mp.exp(field * sum(s) + coupling * pairs) * weight(s))
    return mp.fsum(total)


def replicon(model: Any, parts: Any, variance: sp.Expr, point: Point) -> mp.mpf:
    """−det of the Hessian of the explicit n-replica functional along a replicon direction, n = 4 or 5.

    The direction (12)+(34)−(13)−(24) is applied to an explicit matrix and to an explicit sum over states.
    """
    named = {k.name: _number(v) for k, v in point.items()}
    replicas, T, q = int(named["n"]), named["T"], named["q"]
    direction = {(0, 1): 1, (2, 3): 1, (0, 2): -1, (1, 3): -1}

    def noise(step: mp.mpf) -> mp.mpf:
        matrix = sp.zeros(replicas, replicas)
        entries = {(a, b): (mp.mpf(1) if a == b else q) for a in range(replicas) for b in range(replicas)}
        for (a, b), sign in direction.items():
            entries[a, b] += sign * step
            entries[b, a] += sign * step
        return noise_of_matrix(model, parts, _NumberMatrix(entries, matrix.rows), point)

    noise_curvature = mp.diff(noise, 0, 2) / 4
    coupling = value(variance, {k: v for k, v in point.items() if k.name != "n"}) / T**2
    strength = (value(parts.signal_field, point) / T) if parts.patterns else mp.mpf(0)

    def spins(field: mp.mpf) -> mp.mpf:
        def along(s: Sequence[int]) -> int:
            return sum(sign * s[a] * s[b] for (a, b), sign in direction.items())

        weight = _moment(replicas, field, coupling, lambda s: 1)
        first = _moment(replicas, field, coupling, along) / weight
        return (_moment(replicas, field, coupling, lambda s: along(s) ** 2) / weight - first**2) / 4

    return 1 - noise_curvature * _site_mean(parts, spins, strength)


class _NumberMatrix:
    """An explicit matrix of high-precision numbers."""

    def __init__(self, entries: Mapping[tuple[int, int], Any], size: int) -> None:
        self.entries, self.rows, self.cols = entries, size, size

    def __getitem__(self, index: tuple[int, int]) -> Any:
        return self.entries[index]


# -- limits and derivatives -------------------------------------------------------------------------------------------


def replica_limit(model: Any, parts: Any, noise: sp.Expr, point: Point) -> mp.mpf:
    """Derivative at n = 0 of the replicated functional per spin, continued to real n by its own sums and integrals."""
    v = {k.name: _number(x) for k, x in point.items()}
    n = next(s for s in noise.free_symbols if s.name == "n")
    found: dict[mp.mpf, list[tuple[mp.mpf, mp.mpf]]] = {}

    def logarithms(field: mp.mpf, width: mp.mpf) -> list[tuple[mp.mpf, mp.mpf]]:
        """Weights of a trapezoid and log 2cosh at its nodes; cosh has its first zero at π/(2 width) from the axis."""
        if field not in found:
            step = mp.pi**2 / width / (mp.log(10) * 38)
            count = int(14 / step)
            nodes = [step * k for k in range(-count, count + 1)]
            found[field] = [(step * mp.npdf(z), mp.log(2 * mp.cosh(field + width * z))) for z in nodes]
        return found[field]

    def trace(replicas: mp.mpf) -> mp.mpf:
        def at(field: mp.mpf) -> mp.mpf:
            width = mp.sqrt(v[r"\hat{q}"])
            integral = mp.fsum(w * mp.exp(replicas * l) for w, l in logarithms(field, width))
            return mp.log(integral) - replicas * v[r"\hat{q}"] / 2

        return _site_mean(parts, at, v.get(r"\hat{m}", mp.mpf(0)))

    def total(replicas: mp.mpf) -> mp.mpf:
        pairs = replicas * (replicas - 1) / 2
        signal = value(parts.signal, point) / v["T"] if parts.patterns else mp.mpf(0)
        conjugate = parts.patterns * v.get("m", 0) * v.get(r"\hat{m}", 0)
        return (replicas * (signal - conjugate) - pairs * v["q"] * v[r"\hat{q}"] + value(noise, {**point, n: replicas}, 40)
                + trace(replicas))

    with mp.workdps(42):
        step = mp.mpf(10) ** -5
        # a central difference of sixth order; the functional is analytic in n
        return (45 * (total(step) - total(-step)) - 9 * (total(2 * step) - total(-2 * step))
                + total(3 * step) - total(-3 * step)) / (60 * step)


def conjugates(model: Any, parts: Any, w: sp.Expr, point: Point) -> list[mp.mpf]:
    """Fields conjugate to m and q from numerical derivatives of the signal and of the noise functional."""
    result = []
    by_name = {k.name: k for k in point}
    if parts.patterns:
        result.append(_derivative(parts.signal, by_name["m"], point) / _number(point[by_name["T"]]) / parts.patterns)
    result.append(-2 * _derivative(w, by_name["q"], point))
    return result


def free_energy(model: Any, parts: Any, w: sp.Expr, functional: sp.Expr, point: Point) -> mp.mpf:
    """−T × the functional with numerically stationary conjugates."""
    fields = conjugates(model, parts, w, point)
    symbols = {s.name: s for s in functional.free_symbols}
    at = {**point, symbols[r"\hat{q}"]: fields[-1]}
    if parts.patterns:
        at[symbols[r"\hat{m}"]] = fields[0]
    T = next(v for k, v in point.items() if k.name == "T")
    return -_number(T) * value(functional, at)


def gradient(expression: sp.Expr, unknowns: Sequence[sp.Symbol], point: Point) -> list[mp.mpf]:
    """Numerical derivatives of the free energy."""
    return [_derivative(expression, x, point) for x in unknowns]


def saddle(expression: sp.Expr, unknowns: Sequence[sp.Symbol], factors: Sequence[sp.Expr], point: Point) -> list[mp.mpf]:
    """Numerical derivatives of the free energy, each over the value of its factor."""
    return [g / value(f, point) for g, f in zip(gradient(expression, unknowns, point), factors)]


def thermodynamics(expression: sp.Expr, T: sp.Symbol, point: Point) -> list[mp.mpf]:
    """Entropy from ∂f/∂T and energy from ∂(βf)/∂β, both numerical."""
    with mp.workdps(52):
        beta = 1 / _number(point[T])
        energy = _central(lambda b: b * value(expression, {**point, T: 1 / b}, _DIGITS), beta)
    return [-_derivative(expression, T, point), energy]


def _derivative(expression: sp.Expr, symbol: sp.Symbol, point: Point) -> mp.mpf:
    with mp.workdps(52):
        return _central(lambda x: value(expression, {**point, symbol: x}, _DIGITS), _number(point[symbol]))


#: digits of values that are differenced
_DIGITS = 38


def _central(function: Any, x: mp.mpf) -> mp.mpf:
    """Central difference of sixth order: error step⁶ ~ 1e-32 against rounding 1e-33."""
    h = mp.mpf(10) ** mp.mpf("-5.3")
    return (45 * (function(x + h) - function(x - h)) - 9 * (function(x + 2 * h) - function(x - 2 * h))
            + function(x + 3 * h) - function(x - 3 * h)) / (60 * h)


def low_temperature(
    equations: Sequence[sp.Expr], free_energy: sp.Expr, q: sp.Symbol, C: sp.Symbol, T: sp.Symbol, point: Point
) -> list[mp.mpf]:
    """Finite-temperature expressions on q = 1 − CT at small T, extrapolated polynomially to T = 0.

    Equations are divided by the power of T with which they vanish, found from two temperatures; the last value is the
    entropy, minus the slope of f in T.
    """
    temperatures = [mp.mpf(1) / k for k in (24, 32, 40, 48, 60, 72, 84, 96, 120, 144)]
    rest = {k: v for k, v in point.items() if k != C}

    def along(e: sp.Expr) -> list[mp.mpf]:
        return [value(e, {**rest, q: 1 - t * _number(point[C]), T: t}, 19) for t in temperatures]

    result = []
    for e in equations:
        values = along(e)
        power = round(float(mp.log(abs(values[-1] / values[-4]), 2) / mp.log(temperatures[-1] / temperatures[-4], 2)))
        result.append(_neville(temperatures, [v / t**power for v, t in zip(values, temperatures)]))
    energies = along(free_energy)
    ground = _neville(temperatures, energies)
    slopes = [(v - ground) / t for v, t in zip(energies, temperatures)]
    return [*result, ground, -_neville(temperatures, slopes)]


def _neville(x: Sequence[mp.mpf], y: Sequence[mp.mpf]) -> mp.mpf:
    """Value at 0 of the polynomial through the points."""
    table = list(y)
    for k in range(1, len(x)):
        table = [(x[i] * table[i + 1] - x[i + k] * table[i]) / (x[i] - x[i + k]) for i in range(len(table) - 1)]
    return table[0]
