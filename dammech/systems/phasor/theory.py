"""The replica-symmetric theory of memories of phases."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.free_energy import FreeEnergy
from dammech.derive.functional import Replicated, T, m, q
from dammech.derive.functions import hypergeometric
from dammech.derive.oracles import Point, at_infinity, number, symbol_points, thermodynamics, value
from dammech.derive.replicas import OverlapMatrix, n
from dammech.derive.spins import Phase
from dammech.derive.steps import Deferred, Derivation, Step
from dammech.errors import InputError, shown
from dammech.systems.phasor.model import PhasorDAM

alpha = sp.Symbol("alpha", positive=True)
_load, _temperature = sp.Symbol("load", positive=True), sp.Symbol("temperature", positive=True)
_m, _q, _C = sp.symbols("m q C", real=True)
#: of the energies of one pattern in two replicas, from the order and the replicas' overlap
Covariance = Callable[[int, sp.Expr], sp.Expr]


@cache
def derive(model: PhasorDAM, ansatz: str = "rs", mixture: int = 1) -> Derivation:
    """f(m, q) from the Hamiltonian, with replica symmetry.

    Raises
    ------
    InputError
        For broken symmetry and mixtures.
    """
    if ansatz != "rs" or mixture != 1:
        raise InputError(f"ansatz={shown(ansatz)}, mixture={shown(mixture)}: phases have 'rs' and 1 only")
    theory, free_energy = functional(model), free_energy_of(model)
    steps = Deferred(partial(_steps, model, theory, free_energy))
    name = f"phasor.p{model.order}.{model.coupling}.rs"
    return Derivation(name, model, "rs", steps, free_energy, sources=_SOURCES, functional=theory)


def _steps(model: PhasorDAM, theory: Replicated, free_energy: FreeEnergy) -> list[Step]:
    at = {_m: ["0.83"], _q: ["0.71"], _load: [_LOAD], _temperature: ["1.9", "1.2"]}
    replicas = theory.steps({m: ["0.83", "0.41"], q: ["0.71"], T: ["1.9", "0.8"]})
    return [*_from_the_hamiltonian(model), *replicas, *_thermodynamics(free_energy, at)]


@cache
def free_energy_of(model: PhasorDAM, kappa: Covariance | None = None) -> FreeEnergy:
    """f(m, q) of the functional; with ``kappa`` that of another memory, whose noise is Gaussian with this covariance."""
    theory, named = functional(model, kappa), {m: _m, q: _q, alpha: _load, T: _temperature}
    f, replicon, *equations = (
        theory.explicit(e).xreplace(named) for e in (theory.free_energy, theory.replicon(sp.S.Zero), *theory.equations)
    )
    return FreeEnergy(
        f, [_m, _q], [_load, _temperature], equations=equations, replicon=replicon, cold={_q: 1 - 2 * _C * _temperature},
        domain=[2 * _temperature - 1 + _q] if model.soft and kappa is None else [], lines=model.lines,
        branches={"retrieval": _m > 0, "spin-glass": sp.Eq(_m, 0) & (_q > 0), "paramagnetic": sp.Eq(_m, 0) & sp.Eq(_q, 0)},
    )  # fmt: skip


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    return {f"phasor.p{model.order}.{model.coupling}.rs": partial(derive, model)
            for model in (PhasorDAM(), PhasorDAM(2, "real"), PhasorDAM(3), PhasorDAM(4))}  # fmt: skip


_SOURCES = ("cook1989", "noest1988")
#: at which a derivation is checked
_LOAD = "0.07"


def functional(model: PhasorDAM, kappa: Covariance | None = None) -> Replicated:
    """Signal mᵖ/p; complex Gaussian overlaps of the other patterns with covariance Q, of twice as many where each is mirrored."""
    order, copies = model.order, 2 if model.coupling == "real" else 1

    def noise(overlaps: OverlapMatrix) -> sp.Expr:
        if model.soft and kappa is None:
            chains = overlaps.trace_of(lambda x: sp.log((T - x / 2) / T))
            return -copies * alpha * (chains + n / (2 * T))
        return copies * alpha * overlaps.sum_of(lambda x: (kappa or covariance)(order, x)) / (2 * order**2 * T**2)

    def numbers(matrix: Any, p: Point) -> Any:
        size, load, temperature = matrix.rows, number(p[alpha]), number(p[T])
        entries = mp.matrix(size, size)
        for a in range(size):
            for b in range(size):
                entries[a, b] = number(matrix[a, b])
        if not model.soft:
            each = {x: _by_conditioning(order, x) for x in set(entries)}
            return load * mp.fsum(each[x] for x in entries) / (2 * order**2 * temperature**2)
        determinant = mp.det(mp.eye(size) - entries / (2 * temperature))
        return -copies * load * (mp.log(determinant) + size / (2 * temperature))

    return Replicated(m**order / order, noise, numbers, Phase(), lambda grid: symbol_points({**grid, alpha: [_LOAD]}),
                      sources="cook1989" if model.soft else "")  # fmt: skip


def covariance(order: int, x: sp.Expr) -> sp.Expr:
    """Cov(|y|ᵖ, |y'|ᵖ) of complex Gaussians with ⟨|y|²⟩ = 1 and ⟨ȳy'⟩ = x: |y|² is exponential, and its Laguerre polynomials
    L_k have ⟨L_k L_k'⟩ = x^{2k}."""
    half = sp.Rational(order, 2)
    scale = sp.gamma(1 + half) ** 2
    if order % 2:
        return scale * (hypergeometric(-half, -half, 1, x**2) - 1)
    return scale * sp.Add(*[sp.binomial(half, k) ** 2 * x ** (2 * k) for k in range(1, order // 2 + 1)])


def _by_conditioning(order: int, x: Any) -> Any:
    """The same as an integral over |y|² of the mean of |y'|ᵖ at given y."""
    half = mp.mpf(order) / 2
    square = mp.gamma(1 + half) ** 2
    if x == 1:
        return mp.gamma(1 + order) - square
    rest = 1 - x**2
    mean = mp.quad(lambda u: mp.exp(-u) * u**half * mp.hyp1f1(-half, 1, -(x**2) * u / rest), [0, 4, 16, 64, mp.inf])
    return mp.gamma(1 + half) * rest**half * mean - square


def _from_the_hamiltonian(model: PhasorDAM) -> list[Step]:
    """What the average over one uncondensed pattern tends to as N → ∞."""
    x, beta = sp.Symbol("q", positive=True), sp.Symbol("beta", positive=True)
    if model.soft:
        copies = 2 if model.coupling == "real" else 1
        determinant = -copies * (
            sp.log(1 - beta * (1 - x) / 2) * (n - 1) + sp.log(1 - beta * (1 - x + n * x) / 2) + n * beta / 2
        )
        return [Step(
            "Average over one pattern", [r"\log\langle e^{-\beta\sum_a H_\mu(\sigma^a)}\rangle_\xi"], (determinant,),
            "overlaps y_a = N^{−1/2} Σ_i ξ̄_i σ_i^a are complex Gaussians with ⟨ȳ_a y_b⟩ = Q_ab, and those with the mirror image "
            "ξ̄ of a pattern are independent of them: −log det(1 − βQ/2) for each",
            "means over all phases of a pattern at N = 32, 64, 128 and 256 for 0, 1 and 2 replicas, extrapolated in 1/N",
            symbol_points({n: [0, 1, 2], beta: ["0.4"], x: ["1/2"]}),
            lambda p: [copies * _one_pattern(int(p[n]), float(p[beta]), Fraction(str(p[x])))],
            assumption="N → ∞ at fixed number of replicas", source="cook1989", tolerance=1e-6,
        )]  # fmt: skip
    exact = model.order % 2 == 0
    return [Step(
        "Covariance of one pattern's energy", [r"\kappa(q)"], (covariance(model.order, x),),
        "y_a = N^{−1/2} Σ_i ξ̄_i σ_i^a are complex Gaussians, and |y|ᵖ is expanded in Laguerre polynomials of |y|²; P = αN^{p−1} "
        "energies −N^{1−p/2}|y|ᵖ/p have an extensive second cumulant, and smaller higher ones: W = (αβ²/2p²) Σ_ab κ(Q_ab)",
        "moments of sums of N phases, counted and extrapolated in 1/N" if exact else "an integral over one of two overlaps",
        symbol_points({x: ["1/2", "1/3", "0.8"] if not exact else ["1/2", "1/4", "0"]}),
        lambda p: [_counted(model.order, Fraction(str(p[x]))) if exact else _by_conditioning(model.order, number(p[x]))],
        assumption="N → ∞", tolerance=1e-12 if exact else None,
    )]  # fmt: skip


def _one_pattern(replicas: int, beta: float, overlap: Fraction) -> Any:
    """log of the mean of e^{β Σ_a (|M_a|² − N)/2N}: squares are Gaussian integrals over fields, and sites independent."""
    from scipy.special import i0e

    if replicas == 0:
        return mp.mpf(0)
    nodes, weights = np.polynomial.legendre.leggauss(160)
    r, w = 4.5 * (nodes + 1), 4.5 * weights
    angles = 2 * np.pi * np.arange(48) / 48
    found = {}
    for size in (32, 64, 128, 256):
        scale = math.sqrt(beta / size)

        def sites(field: Any, number: float, scale: float = scale) -> Any:
            return number * (np.log(i0e(scale * field)) + scale * field)

        if replicas == 1:
            logs = sites(r, size) - r**2 / 2 + np.log(r * w)
        else:
            alike, other = (abs(r[:, None, None] + s * r[:, None] * np.exp(1j * angles)) for s in (1, -1))
            same = float(overlap + 1) / 2 * size
            logs = sites(alike, same) + sites(other, size - same) - (r[:, None, None] ** 2 + r[:, None] ** 2) / 2
            logs = logs + np.log((r * w)[:, None, None] * (r * w)[:, None] / angles.size)
        top = logs.max()
        found[size] = mp.mpf(top + math.log(np.exp(logs - top).sum()) - replicas * beta / 2)
    return at_infinity(found)


def _counted(order: int, overlap: Fraction) -> Any:
    """Cov(|M_a|ᵖ, |M_b|ᵖ)/Nᵖ at even p as N → ∞: M_a, M_b = A ± B with sums A, B of (1 ± q)N/2 phases; in E|A + B|ᵖ|A − B|ᵖ
    only products of |A|² and |B|² are left."""
    half, found = order // 2, {}
    for size in range(8, 8 * (order + 3), 8):
        one, other = (_moments(int((1 + s * overlap) * size / 2), order) for s in (1, -1))
        product = sum(math.comb(half, j) ** 2 * one[2 * j] * other[2 * (half - j)] for j in range(half + 1))
        mean = _moments(size, order)[half]
        found[size] = mp.mpf(product - mean**2) / mp.mpf(size) ** order
    return at_infinity(found)


def _moments(size: int, most: int) -> list[int]:
    """E|A|^{2k} of a sum A of so many independent phases: the number of pairs of words of k letters with equal contents."""
    row = [Fraction(1)] + [Fraction(0)] * most
    one = [Fraction(1, math.factorial(k) ** 2) for k in range(most + 1)]
    for _ in range(size):
        row = [sum((row[j] * one[k - j] for j in range(k + 1)), Fraction(0)) for k in range(most + 1)]
    return [int(c * math.factorial(k) ** 2) for k, c in enumerate(row)]


def _thermodynamics(theory: FreeEnergy, at: Any) -> list[Step]:
    """What follows from f by differentiation, and as T → 0."""
    ground = theory.zero_temperature
    assert ground is not None and theory.entropy is not None and theory.energy is not None
    energy = theory.energy.replace(lambda x: x.is_Pow and x.base.is_Add, lambda x: sp.factor(x.base) ** x.exp)
    return [
        Step("Entropy and energy", ["s", "e"], (theory.entropy, energy), "s = −∂f/∂T, e = f + T s",
             "numerical derivatives of f in T and of βf in β", symbol_points(at),
             lambda p: thermodynamics(theory.expression, _temperature, p)),
        Step("Zero temperature", ["0 = F_m^{T=0}", "0 = F_C^{T=0}", "f_0"], (*ground.saddle_equations, ground.expression),
             "T → 0 at fixed C = β(1 − q)/2: I₁/I₀(x) → 1 − 1/2x and log I₀(x) → x − log(2πx)/2",
             "finite-temperature expressions at q = 1 − 2CT and T = 10⁻⁹; corrections are of the order T log T",
             symbol_points({_m: ["0.83", "0.5"], _C: ["0.23"], _load: [_LOAD]}), lambda p: _almost_cold(theory, p),
             tolerance=1e-6),
    ]  # fmt: skip


def _almost_cold(theory: FreeEnergy, p: Point) -> list[Any]:
    cold = mp.mpf(10) ** -9
    at = {**p, _temperature: cold, _q: 1 - 2 * number(p[_C]) * cold}
    overlap, response = (value(e, at) for e in theory.saddle_equations)
    return [overlap, -response / cold, value(theory.expression, at)]  # the equation of C has the sign of C
