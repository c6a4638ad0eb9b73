"""From the finite-N Hamiltonian to the noise: the first steps of a derivation, and the exact sums that check them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.covariance import Covariance, explicit, load_of
from dammech.derive.oracles import Point, check_load, number, rectified_covariance, symbol_points
from dammech.derive.steps import Step


def hamiltonian_steps(model: Any, overlap: str = "M") -> list[Any]:
    """The steps that lead from the finite-N Hamiltonian to the noise functional; ``overlap`` is the symbol of ξ·σ."""
    size, total, x = sp.Symbol("N", positive=True), sp.Symbol(overlap, real=True), sp.Symbol("q", positive=True)
    overlaps = [{x: sp.Rational(v)} for v in ("1", "1/2", "1/3", "0")]

    def fraction(p: Point) -> Fraction:
        return Fraction(int(p[x].p), int(p[x].q))

    if "load" not in model.axes:
        return [Step(
            "Covariance of the energy", [r"\xi(q)"], (explicit(Covariance(0, x), model),),
            "E[H(σ)H(τ)] = N ξ(q) for Gaussian couplings on distinct index sets",
            "index sets counted at finite N and extrapolated exactly in 1/N",
            overlaps, lambda p: [couplings_covariance(model.p, fraction(p))], source="gardner1985",
        )]

    energy = sum(c * total**k for k, c in enumerate(model.coefficients(size)))
    if model.is_rectified:
        energy = energy.xreplace({total: sp.Max(total, 0)})
    up = {9: (9, 8, 7, 6, 4, 2), 8: (8, 6, 3)}
    configurations = [[1] * a + [-1] * (sites - a) for sites in up for a in up[sites]]
    if model.p > 5:
        configurations = [c[:8] for c in configurations[::3]]
    steps = [Step(
        "Energy of one pattern", [r"-H_\mu"], (energy,),
        f"sums over site indices as a polynomial in {overlap} = ξ·σ" + (
            " (signs square to one: Newton's identities)" if model.interaction == "distinct" else ""),
        "literal sums over site indices at N = 8 and 9",
        [{size: sp.Integer(len(c)), total: sp.Integer(sum(c))} for c in configurations],
        lambda p: [pattern_energy_by_sums(model, _configuration(int(p[size]), int(p[total])))],
        source="krotov2016" if model.interaction != "distinct" else "hopfield1982" if model.soft else "gardner1987",
    )]
    order = sp.Symbol("L", positive=True)
    if model.soft:
        from dammech.derive.replicas import n, replica_symmetric_matrix

        beta = sp.Symbol("beta", positive=True)
        determinant = replica_symmetric_matrix(x).trace_of(lambda v: sp.log(1 - beta * v)) / -2
        if model.interaction == "distinct":
            determinant -= n * beta / 2
        steps.append(Step(
            "Average over one pattern", [r"\log\langle e^{-\beta\sum_a H_\mu(\sigma^a)}\rangle_\xi"], (determinant,),
            "the y_a are jointly Gaussian with covariance Q: −½ log det(1 − "
            "βQ)" + ("" if model.interaction == "power" else ", less its first term with the "
                "diagonal, βn/2"),
            "exact sums over all patterns for 1, 2 and 3 replicas at N up to 256, extrapolated in 1/N",
            symbol_points({n: [1, 2, 3], beta: ["0.3"], x: ["1/2"]}),
            lambda p: [generating_function(model, int(p[n]), float(p[beta]), fraction(p))],
            assumption="N → ∞ at fixed n, Q_ab = q for a ≠ b, and 1 − βQ positive, from where it is "
                       "continued", source="amit1987", tolerance=1e-7,
        ))
        return steps
    exponent = model.p - 1 + order * (1 - sp.Rational(model.p, 2))
    measured = [2, 4, 6] if _parity(model) is not None else [2, 3, 4]
    steps.append(Step(
        "Growth of the cumulants", [r"\log_N\kappa_L"], (exponent,),
        "P = αN^{p−1} independent patterns, each of energy N^{1−p/2} G(y): the second cumulant is of order N, and "
        "every higher one is smaller for p ≥ 3, so the noise energy is Gaussian",
        "ratios of exact cumulants at N = 256, 512 and 1024, extrapolated",
        [{order: sp.Integer(k)} for k in measured],
        lambda p: [mp.mpf(cumulant_exponent(model, int(p[order])).numerator)
                   / cumulant_exponent(model, int(p[order])).denominator],
        source="gardner1987",
    ))
    steps.append(Step(
        "Covariance of the noise", [r"\xi(q)"], (explicit(Covariance(0, x), model),),
        "G in Hermite polynomials: E[He_k He_l] = δ_kl k! q^k" if not model.is_rectified
        else "Gaussian average in the plane",
        "exact averages over all patterns at finite N, extrapolated exactly in 1/N" if not model.is_rectified
        else "numerical integral in polar coordinates",
        [{**p, load_of(model): check_load(model)} for p in overlaps],
        lambda p: [number(p[load_of(model)]) * covariance_from_finite_size(model, fraction(p))],
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
    return total / Fraction(2) ** size


def interpolated_limit(values: Mapping[int, Any]) -> Any:
    """Limit 1/N → 0 of a polynomial in 1/N through the given values (exact when they are)."""
    sizes = list(values)
    total: Any = 0
    for a in sizes:
        weight: Any = Fraction(1)
        for b in sizes:
            if b != a:
                weight *= Fraction(1, b) / (Fraction(1, b) - Fraction(1, a))
        exact = isinstance(values[a], Fraction)
        total += (weight if exact else mp.mpf(weight.numerator) / weight.denominator) * values[a]
    return total


def covariance_from_finite_size(model: Any, q: Fraction) -> mp.mpf:
    """ξ(q)/α from exact averages over all patterns at finite N, extrapolated exactly: they are polynomials in 1/N."""
    p = model.p
    if model.is_rectified:
        return rectified_covariance(p, number(sp.Rational(q.numerator, q.denominator)))
    step = q.denominator * 2
    values = {}
    for size in range(max(step, p + p % 2), 10**6, step):
        differing = int((1 - q) * size / 2)
        polynomial = _scaled_interaction(model, size)

        # odd powers of M come with √N each: kept apart, so that everything is rational
        even, odd = [[c if k % 2 == parity else Fraction(0) for k, c in enumerate(polynomial)] for parity in (0, 1)]
        total = sum(math.comb(size, k) * _horner(even, size - 2 * k) for k in range(size + 1))
        mean = Fraction(total, 2**size)
        values[size] = (
            two_replica_moment(partial(_horner, even), size, differing) - mean**2
            + two_replica_moment(partial(_horner, odd), size, differing) / size
        )
        if len(values) == p + 2:
            break
    limit = interpolated_limit(values) / p**2
    return mp.mpf(limit.numerator) / limit.denominator


def _scaled_interaction(model: Any, size: int) -> list[Fraction]:
    """G in powers of M with the factors √N of odd powers left out (one factor √N for each odd coefficient)."""
    if model.interaction == "distinct":
        energy = model.coefficients(size)
        scale = Fraction(model.p) * Fraction(size) ** ((model.p + model.p % 2) // 2 - 1)
        return [c * scale for c in energy]
    return [c / Fraction(size) ** (k // 2) for k, c in enumerate(model.polynomial())]


def _horner(coefficients: Sequence[Any], x: Any) -> Any:
    total: Any = 0
    for c in reversed(coefficients):
        total = total * x + c
    return total


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
    all_states: dict[int, list[tuple[int, ...]]] = {
        1: [(1,)], 2: [(1, 1), (1, -1)], 3: [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1)],
    }
    states = all_states[replicas]
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
