"""The other route for broken replica symmetry: explicit replicas, sums over states, and a functional in plain numbers.

The n-replica functional is continued to real block sizes by recursions over the blocks (the matrix determinant lemma, nested
trapezoids), differentiated numerically, and never sees the symbolic engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.covariance import soft_memory
from dammech.derive.evaluate import Evaluator
from dammech.derive.oracles import (
    NumberMatrix,
    Point,
    central_difference,
    check_load,
    covariance_number,
    extrapolated_to_zero,
    noise_of_matrix,
    number,
)


@dataclass(frozen=True)
class State:
    """Where the functional is evaluated: signal overlap, overlaps q_l, block sizes θ_l, and the conjugates of the first two."""

    T: Any
    m: Any
    q: tuple[Any, ...]
    sizes: tuple[Any, ...]
    strength: Any = 0.0
    q_hat: tuple[Any, ...] = ()


def state(point: Point, parts: Any = None) -> State:
    """The state that the symbols of a point describe; widths s_l, where given, determine the conjugates.

    Of ``parts`` whose strengths are Gaussian at a site, s_0 holds their spread, too.
    """
    named = {k.name: number(v) for k, v in point.items()}

    def family(prefix: str) -> tuple[Any, ...]:
        found = {k: v for k, v in named.items() if k.startswith(prefix) and k[len(prefix):].strip("_").isdigit()}
        return tuple(found[k] for k in sorted(found))

    sizes = family("theta") or tuple(named[k] for k in ("theta",) if k in named)
    conjugates = family(r"\hat{q}") or tuple(sum(x**2 for x in family("s")[:j]) for j in range(1, len(family("s")) + 1))
    strength = named.get(r"\hat{m}", named.get("a", mp.mpf(0)))
    held = number(parts.site[0][2]) * strength**2 if parts is not None and not family(r"\hat{q}") else mp.mpf(0)
    conjugates = tuple(x - held for x in conjugates)
    return State(named.get("T"), named.get("m", mp.mpf(0)), family("q"), sizes, strength, conjugates)


# -- the functional in numbers ----------------------------------------------------------------------------------------


def noise(model: Any, parts: Any, s: State, replicas: Any) -> Any:
    """W_n by a recursion over the blocks: of each, the sum of its entries or its determinant and the sum of its inverse."""
    sizes = (replicas, *s.sizes, mp.mpf(1))
    if not soft_memory(model):
        xi = covariance_number(model)
        total = xi(mp.mpf(1))
        for j in range(len(s.q) - 1, -1, -1):
            total = sizes[j] / sizes[j + 1] * total + sizes[j] * (sizes[j] - sizes[j + 1]) * xi(s.q[j])
        return total / (2 * s.T**2)
    total = mp.mpf(0)
    for mode, times in (map(number, map(sp.Rational, row)) for row in model.noise_modes):
        logarithm, _ = _determinants(replace(s, T=s.T / mode), sizes)[0]
        total -= times * (logarithm + (0 if model.interaction == "power" else mode * replicas / s.T)) / 2
    return number(check_load(model)) * total


def _determinants(s: State, sizes: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Of 1 − Q/T restricted to a block of each level: the log of its determinant, the sum of the entries of its inverse.

    A block is a diagonal of smaller ones less the constant (q_j − q_{j−1})/T: a perturbation of rank one.
    """
    start = 1 - (1 - s.q[-1]) / s.T
    found = [(mp.log(start), 1 / start)]
    for j in range(len(s.q) - 1, -1, -1):
        ratio = sizes[j] / sizes[j + 1]
        logarithm, inverse = found[0]
        step = (s.q[j] - (s.q[j - 1] if j else 0)) / s.T
        factor = 1 - step * ratio * inverse
        found.insert(0, (ratio * logarithm + mp.log(factor), ratio * inverse / factor))
    return found


@cache
def _trapezoid() -> tuple[np.ndarray, np.ndarray]:
    z = np.arange(-50, 51) * 0.2
    return z, 0.2 * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _block(s: State, level: int, field: np.ndarray) -> np.ndarray:
    """log of the partition function of one block l+1 of spins in given fields."""
    if level == len(s.sizes):
        return np.logaddexp(field, -field)
    z, weights = _trapezoid()
    sizes = (*map(float, s.sizes), 1.0)
    inside = sizes[level] / sizes[level + 1] * _block(s, level + 1, field[..., None] + _width(s, level + 1) * z)
    top = inside.max(axis=-1, keepdims=True)
    return top[..., 0] + np.log((np.exp(inside - top) * weights).sum(axis=-1))


def _width(s: State, level: int) -> float:
    return float(mp.sqrt(s.q_hat[level] - (s.q_hat[level - 1] if level else 0)))


def log_partition(model: Any, parts: Any, s: State, replicas: complex) -> complex:
    """log of the replicated partition function per spin, at any number of replicas."""
    z, weights = _trapezoid()
    sizes = (replicas, *map(float, s.sizes), 1.0)
    def logarithm(strength: Any) -> Any:
        spins = _block(s, 0, float(strength) + _width(s, 0) * z)
        return mp.mpmathify(complex(np.log((weights * np.exp(replicas / sizes[1] * spins)).sum())))

    trace = complex(parts.over_sites_at(logarithm, s.strength, {})) - replicas * float(s.q_hat[-1]) / 2
    signal = float(s.m) ** model.p / model.p / float(s.T) - float(s.m) * float(s.strength) if parts.patterns else 0.0
    pairs = sum((sizes[j] - sizes[j + 1]) * float(a * b) for j, (a, b) in enumerate(zip(s.q, s.q_hat)))
    field = complex(noise(model, parts, s, mp.mpc(replicas)))
    return replicas * signal - replicas * pairs / 2 + field + trace


_TINY = 1e-30


def per_replica(model: Any, parts: Any, s: State) -> float:
    """−βf: the derivative at n = 0, by a complex step (the functional is real and analytic there)."""
    return log_partition(model, parts, s, 1j * _TINY).imag / _TINY


def _slope(function: Callable[[float], float], x: Any, step: float = 0.01) -> float:
    """Central difference of tenth order in double precision."""
    weights = (5 / 6, -5 / 21, 5 / 84, -5 / 504, 1 / 1260)
    return sum(c * (function(x + k * step) - function(x - k * step)) for k, c in enumerate(weights, 1)) / step


def _moved(values: Sequence[Any], j: int, x: Any) -> tuple[Any, ...]:
    return tuple(x if i == j else v for i, v in enumerate(values))


# -- what the steps are compared with ---------------------------------------------------------------------------------


def explicit_noise(model: Any, parts: Any, point: Point) -> mp.mpf:
    """W of the explicit overlap matrix at integer n and block sizes."""
    s, replicas = state(point), int(point[_symbol(point, "n")])
    return noise_of_matrix(model, NumberMatrix(_entries(s.q, mp.mpf(1), s, replicas), replicas), point)


def _symbol(point: Point, name: str) -> sp.Symbol:
    return next(k for k in point if k.name == name)


def _entries(values: Sequence[Any], diagonal: Any, s: State, replicas: int) -> dict[tuple[int, int], Any]:
    """Q_ab = values[l] where a and b share l blocks and no more."""
    sizes = [int(x) for x in s.sizes]
    return {
        (a, b): diagonal if a == b else values[sum(a // size == b // size for size in sizes)]
        for a in range(replicas) for b in range(replicas)
    }


def _gibbs(point: Point, strength: Any) -> tuple[np.ndarray, np.ndarray]:
    """All states of n spins and the logarithms of their weights."""
    s, replicas = state(point), int(point[_symbol(point, "n")])
    spins = 1.0 - 2 * ((np.arange(2**replicas)[:, None] >> np.arange(replicas)) & 1)
    coupling = np.zeros((replicas, replicas))
    for (a, b), x in _entries(s.q_hat, 0.0, s, replicas).items():
        coupling[a, b] = float(x)
    return spins, float(strength) * spins.sum(axis=1) + ((spins @ coupling) * spins).sum(axis=1) / 2


def log_trace_by_enumeration(parts: Any, point: Point) -> float:
    """log Σ_σ exp(a Σσ + ½ Σ_{a≠b} q̂_ab σ_a σ_b), over sites."""

    def logarithm(strength: Any) -> Any:
        energies = _gibbs(point, strength)[1]
        return mp.mpf(float(energies.max() + np.log(np.exp(energies - energies.max()).sum())))

    return float(parts.over_sites_at(logarithm, state(point).strength, {}))


def replicon_by_enumeration(model: Any, parts: Any, level: int, point: Point) -> float:
    """−det of the Hessian of the explicit n-replica functional along a replicon direction of a level, per unit norm."""
    s, replicas = state(point), int(point[_symbol(point, "n")])
    size = (*[int(x) for x in s.sizes], 1)[level]
    signs = {(0, 1): 1, (2, 3): 1, (0, 2): -1, (1, 3): -1}
    direction = np.zeros((replicas, replicas))
    for (a, b), sign in signs.items():
        for i, j in ((a, b), (b, a)):
            direction[i * size:(i + 1) * size, j * size:(j + 1) * size] = sign

    def along(step: mp.mpf) -> mp.mpf:
        entries = _entries(s.q, mp.mpf(1), s, replicas)
        moved = {k: v + int(direction[k]) * step for k, v in entries.items()}
        return noise_of_matrix(model, NumberMatrix(moved, replicas), point)

    norm = 4 * size**2

    def variance(strength: Any) -> Any:
        spins, energies = _gibbs(point, strength)
        weights = np.exp(energies - energies.max())
        weights /= weights.sum()
        source = ((spins @ direction) * spins).sum(axis=1) / 2
        return mp.mpf(float(weights @ source**2 - (weights @ source) ** 2))

    covariance = parts.over_sites_at(variance, s.strength, {})
    return 1 - float(mp.diff(along, 0, 2)) / norm * float(covariance) / norm


def conjugates(model: Any, parts: Any, point: Point) -> list[Any]:
    """Conjugates at which the functional is stationary in m and q_l, from numerical derivatives."""
    s = state(point)
    sizes = (mp.mpf(0), *s.sizes, mp.mpf(1))
    found = [central_difference(lambda x: x**model.p / model.p, s.m) / s.T] if parts.patterns else []

    def per_replica_noise(moved: State) -> mp.mpf:
        small = mp.mpf(10) ** -40
        return noise(model, parts, moved, mp.mpc(0, small)).imag / small

    with mp.workdps(60):
        for j, x in enumerate(s.q):
            slope = central_difference(lambda v, j=j: per_replica_noise(replace(s, q=_moved(s.q, j, v))), x)
            found.append(2 * slope / (sizes[j] - sizes[j + 1]))
    return found


def stationary(model: Any, parts: Any, point: Point) -> State:
    """The state with numerically stationary conjugates."""
    found = conjugates(model, parts, point)
    first = 1 if parts.patterns else 0
    return replace(state(point), strength=found[0] if first else mp.mpf(0), q_hat=tuple(found[first:]))


def widths(model: Any, parts: Any, point: Point) -> list[Any]:
    """Strength and widths of the local field from numerically stationary conjugates."""
    s = stationary(model, parts, point)
    increments = [b - a for a, b in zip((-number(parts.site[0][2]) * s.strength**2, *s.q_hat), s.q_hat)]
    return [*([s.strength] if parts.patterns else []), *[mp.sqrt(x) for x in increments]]


def saddle(model: Any, parts: Any, point: Point) -> list[float]:
    """Derivatives of the functional in m̂, q̂_l and θ_l, the first two over what they multiply m and q_l with."""
    s = stationary(model, parts, point)
    sizes = [0.0, *map(float, s.sizes), 1.0]
    found = []
    if parts.patterns:
        found.append(-_slope(lambda x: per_replica(model, parts, replace(s, strength=x)), float(s.strength)))

    def slope(j: int) -> float:
        return _slope(
            lambda x: per_replica(model, parts, replace(s, q_hat=_moved(s.q_hat, j, x))), float(s.q_hat[j]), _step(s, j)
        )

    found += [2 * slope(j) / (sizes[j + 1] - sizes[j]) for j in range(len(s.q_hat))]
    return [*found, *[size_slope(model, parts, s, j) for j in range(len(s.sizes))]]


def _step(s: State, j: int) -> float:
    """A step of which five stay within a tenth of the way to the nearest width that would vanish."""
    ends = (0.0, *map(float, s.q_hat))
    room = [ends[j + 1] - ends[j], *([ends[j + 2] - ends[j + 1]] if j + 2 < len(ends) else [])]
    return min(0.01, min(room) / 50)


def size_slope(model: Any, parts: Any, s: State, j: int) -> float:
    """∂(−βf)/∂θ_j at fixed order parameters and conjugates."""
    return _slope(lambda x: per_replica(model, parts, replace(s, sizes=_moved(s.sizes, j, x))), float(s.sizes[j]))


def thermodynamics(model: Any, parts: Any, point: Point) -> list[float]:
    """Energy and entropy from the functional at fixed conjugates: −∂(−βf)/∂β and ∂(−f)/∂T."""
    s = stationary(model, parts, point)
    T = float(s.T)
    energy = -_slope(lambda b: per_replica(model, parts, replace(s, T=mp.mpf(1 / b))), 1 / T)
    entropy = _slope(lambda x: x * per_replica(model, parts, replace(s, T=mp.mpf(x))), T)
    return [energy, entropy]


def complexity(model: Any, parts: Any, s: State) -> float:
    """Legendre transform of θ f(θ): Σ = β(θ f_s − θ f) where f_s, the slope of θ f in θ, is the free energy of one state."""
    T, size = float(s.T), float(s.sizes[-1])

    def copies(x: float) -> float:
        return -x * T * per_replica(model, parts, replace(s, sizes=_moved(s.sizes, len(s.sizes) - 1, x)))

    return (size * _slope(copies, size) - copies(size)) / T


def _mean(parts: Any, s: State, level: int, function: Callable[[np.ndarray], np.ndarray]) -> float:
    """Mean of a function of the field of level l, by nested trapezoids under the weights of the blocks inside each level."""
    z, weights = _trapezoid()
    sizes = (*map(float, s.sizes), 1.0)

    def outward(j: int, field: np.ndarray) -> np.ndarray:
        if j > level:
            return function(field)
        inside = field[..., None] + _width(s, j) * z
        tilt = sizes[j - 1] / sizes[j] * _block(s, j, inside) if j else np.zeros(inside.shape)
        measure = weights * np.exp(tilt - tilt.max(axis=-1, keepdims=True))
        return (measure * outward(j + 1, inside)).sum(axis=-1) / measure.sum(axis=-1)

    return float(parts.over_sites_at(lambda a: mp.mpf(float(outward(0, np.array(float(a))))), s.strength, {}))


def replicon(model: Any, parts: Any, level: int, point: Point) -> float:
    """λ_l at n = 0: finite differences of the free energy of a block, averaged by nested trapezoids."""
    s = state(point, parts)
    size = (*map(float, s.sizes), 1.0)[level]

    def squared(field: np.ndarray) -> np.ndarray:
        step = 0.08
        second = (-5269 / 1800, 5 / 3, -5 / 21, 5 / 126, -5 / 1008, 1 / 3150)
        total = second[0] * _block(s, level, field)
        for k, c in enumerate(second[1:], 1):
            total = total + c * (_block(s, level, field + k * step) + _block(s, level, field - k * step))
        return (total / step**2 / size) ** 2

    spins = _mean(parts, s, level, squared)
    if soft_memory(model):
        total = mp.mpf(0)
        for mode, times in (map(number, map(sp.Rational, row)) for row in model.noise_modes):
            at = replace(s, T=s.T / mode)
            total += times * (_determinants(at, (mp.mpf(1), *s.sizes, mp.mpf(1)))[level + 1][1] / mp.mpf(size) / at.T) ** 2
        return 1 - float(number(check_load(model)) * total) * spins
    return 1 - float(mp.diff(covariance_number(model), s.q[level], 2) / s.T**2) * spins


def innermost_overlap(parts: Any, s: State) -> float:
    """q_k − ⟨tanh²⟩ by nested trapezoids."""
    return float(s.q[-1]) - _mean(parts, s, len(s.sizes), lambda h: np.tanh(h) ** 2)


def growth(model: Any, parts: Any, point: Point) -> float:
    """(⟨…⟩_k − ⟨…⟩_{k−1})/ε at q_k = q_{k−1} + ε, extrapolated to ε = 0: how a small splitting of the overlaps grows."""
    innermost = len(state(point).sizes)
    z, weights = _trapezoid()

    def ratio(splitting: mp.mpf) -> mp.mpf:
        s = state(point)
        apart = {**point, _symbol(point, f"q{innermost}"): s.q[-2] + splitting}
        s = stationary(model, parts, apart)
        size = float(s.sizes[-1])

        def magnetisation(field: np.ndarray) -> np.ndarray:
            inside = field[..., None] + _width(s, innermost) * z
            measure = weights * np.exp(size * np.logaddexp(inside, -inside))
            return (measure * np.tanh(inside)).sum(axis=-1) / measure.sum(axis=-1)

        inner = _mean(parts, s, innermost, lambda h: np.tanh(h) ** 2)
        outer = _mean(parts, s, innermost - 1, lambda h: magnetisation(h) ** 2)
        return mp.mpf(inner - outer) / splitting

    splittings = [mp.mpf(k) / 400 for k in range(1, 9)]
    return float(extrapolated_to_zero(splittings, [ratio(x) for x in splittings]))


def low_temperature(
    expressions: Sequence[sp.Expr], fields: Mapping[sp.Symbol, sp.Expr], along: Callable[[mp.mpf], Mapping[sp.Symbol, Any]],
    slope: bool = False,
) -> list[float]:
    """Finite-temperature expressions at small T in double precision, extrapolated to T = 0.

    ``along`` gives the order parameters at a temperature, ``fields`` are the definitions of widths and strength. With
    ``slope`` the derivative of the last expression in T is added.
    """
    temperatures = [mp.mpf(1) / k for k in (32, 40, 48, 60, 72, 88, 108, 132)]
    evaluators = []
    for T in temperatures:
        values = along(T)
        evaluators.append(Evaluator({**values, **{k: Evaluator(values, 30).value(e) for k, e in fields.items()}}, 15))
    table = [[mp.mpf(at.value(e, remember=True)) for at in evaluators] for e in expressions]
    found = [extrapolated_to_zero(temperatures, values) for values in table]
    if slope:
        found.append(extrapolated_to_zero(temperatures, [(v - found[-1]) / T for v, T in zip(table[-1], temperatures)]))
    return [float(x) for x in found]


def double(expression: sp.Expr, point: Point) -> float:
    """An expression in double precision, by the interpreter."""
    return float(Evaluator({k: number(v) for k, v in point.items()}, 15).value(expression))
