"""The theory of memories that learn from examples: that of Hebbian memories, with data in the place of patterns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp
from scipy.stats import binom

from dammech.derive import replicated
from dammech.derive.averages import normal
from dammech.derive.covariance import alpha
from dammech.derive.finite_size import hamiltonian_steps
from dammech.derive.oracles import at_infinity, derivation_name, number, symbol_points
from dammech.derive.steps import Derivation, Step
from dammech.derive.symmetry_breaking import BrokenTheory, ZeroTemperature
from dammech.derive.theorem import Theorem
from dammech.errors import InputError, shown
from dammech.systems.examples.model import ExampleDAM
from dammech.systems.hebbian import HebbianDAM

_r, _M, _rho = sp.Symbol("r", positive=True), sp.Symbol("M", positive=True), sp.Symbol("rho", positive=True)
_ENTROPY = (1 - _r**2) / (_M * _r**2)
_DATA: dict[sp.Symbol, Sequence[Any]] = {_r: ["1/2", "4/5"], _M: [1, 2]}


def derive(model: ExampleDAM, ansatz: str = "rs", mixture: int = 1) -> Derivation:
    """The theory of the state of one archetype, in which it overlaps alike with all its examples.

    Raises
    ------
    InputError
        For mixtures.
    """
    if mixture != 1:
        raise InputError(f"mixture={shown(mixture)}: memories of examples have the state of one archetype only")
    return replicated.derive(model, ansatz, 1, _from_the_hamiltonian)


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    chosen = (
        (ExampleDAM(4, dataset_entropy=0.1), "rs"),
        (ExampleDAM(3, "unsupervised", quality=0.6, examples=2), "rs"),
        (ExampleDAM(2, "unsupervised", quality=0.5, examples=3), "rs"),
        (ExampleDAM(3, dataset_entropy=0.1), "1rsb"),
    )
    found = {derivation_name(model, 1, ansatz): partial(derive, model, ansatz) for model, ansatz in chosen}
    return {**found, "examples.threshold": threshold}


# -- from the Hamiltonian ----------------------------------------------------------------------------------------------


def _from_the_hamiltonian(model: ExampleDAM) -> list[Step]:
    """Those of perfect examples, and what examples change in the noise."""
    supervised, p = model.protocol == "supervised", model.p
    rho = 1 + _ENTROPY
    perfect = hamiltonian_steps(HebbianDAM(p), overlap="K")  # M is the number of examples
    if model.soft:
        beta = sp.Symbol("beta", positive=True)
        modes = [(rho, sp.S.One)] if supervised else [(rho, sp.S.One), (_ENTROPY, _M - 1)]
        claim = -sum((times * (sp.log(1 - beta * x) + beta * x) for x, times in modes), sp.S.Zero) / 2
        return [*perfect, Step(
            "Examples in the noise", [r"\log\langle e^{-\beta H_\mu}\rangle"], (claim,),
            "the overlaps of a state with the M examples of an archetype, over r√M, are jointly Gaussian: their covariance has "
            "the eigenvalue 1 + ρ once, along the mean example, and ρ for the M − 1 others, which an unsupervised memory stores, "
            "too; ρ = (1 − r²)/(Mr²). With replicas it is multiplied by Q",
            "exact sums over all archetypes and examples of one replica at N up to 96, extrapolated in 1/N; of three the "
            "eigenvalues of their covariance",
            symbol_points({**_DATA, _M: [1, 2, 3], beta: ["1/9"]}),
            lambda q: [_average_of_one(supervised, *(number(q[x]) for x in (_r, _M, beta)))],
            assumption="N → ∞ at fixed number of replicas", source="agliari2023supervised agliari2023", tolerance=1e-7,
        )]  # fmt: skip
    claim = rho**p if supervised else 1 + _ENTROPY * sum(_r ** (-2 * j) for j in range(p))
    return [*perfect, Step(
        "Examples in the noise", [r"\Gamma"], (claim,),
        "⟨H_μ(σ)H_μ(τ)⟩ over that of perfect examples, exact at every N: sites are distinct, and at each "
        + ("the mean example over r has the square 1 + ρ" if supervised
           else "examples over r agree with themselves, 1/r², and with others, 1: (r^{−2p} + M − 1)/M")
        + ", ρ = (1 − r²)/(Mr²)",
        "the sum over all archetypes and all their examples at N = p + 1", symbol_points(_DATA),
        lambda q: [_gain_by_enumeration(p, supervised, number(q[_r]), int(q[_M]))],
        source="agliari2023supervised agliari2023",
    )]  # fmt: skip


def _gain_by_enumeration(p: int, supervised: bool, r: Any, many: int) -> Any:
    """The mean of H(σ)H(τ) with the first spin turned between σ and τ, over that of one perfect example."""
    size = p + 1
    sets = list(itertools.combinations(range(size), p))
    other = np.array([-1] + [1] * (size - 1))
    signs = np.array(list(itertools.product((-1, 1), repeat=size)))
    right = (signs == 1).sum(axis=1)

    def energy(x: np.ndarray) -> np.ndarray:
        return sum(x[..., list(s)].prod(axis=-1) for s in sets)  # type: ignore[return-value]

    total = mp.mpf(0)
    for chosen in itertools.product(range(len(signs)), repeat=many):
        examples = signs[list(chosen)]
        weight = mp.fprod(((1 + r) / 2) ** int(right[k]) * ((1 - r) / 2) ** int(size - right[k]) for k in chosen)
        rows = examples.sum(axis=0)[None] if supervised else examples
        here, there = (energy(rows[:, None] * signs * s).sum(axis=0) for s in (1, other))  # archetypes are all signs
        total += weight * int((here * there).sum())
    scale = mp.mpf(many) ** (2 * p if supervised else 2) * r ** (2 * p)
    return total / scale / int((energy(signs) * energy(signs * other)).sum())


def _average_of_one(supervised: bool, r: Any, M: Any, beta: Any) -> Any:
    """log⟨e^{−βH_μ}⟩ of one or two examples: sums over how often each pair of signs occurs, extrapolated."""
    many, found = int(M), {}
    if many > 2:
        covariance = (mp.ones(many) + (1 / r**2 - 1) * mp.eye(many)) / many
        values = [mp.fsum(covariance) / many] if supervised else list(mp.eigsy(covariance, eigvals_only=True))
        return -mp.fsum(mp.log(1 - beta * x) + beta * x for x in values) / 2
    for size in (16, 24, 32, 48, 64, 96):
        same = np.arange(size + 1)  # sites where both examples agree
        agree = float((1 + r**2) / 2) if many == 2 else 1.0
        share = binom.pmf(same, size, agree)
        total = []
        for k in same.tolist():
            one, two = (n - 2 * np.arange(n + 1) for n in (k, size - k))
            weights = np.outer(*(binom.pmf(np.arange(n + 1), n, 0.5) for n in (k, size - k))) * share[k]
            first, second = one[:, None] + two, one[:, None] - two + 0 * two
            if many == 1:
                energy = (first**2 - size) / (2 * size * float(r) ** 2)
            elif supervised:
                energy = ((first + second) ** 2 / 4 - k) / (2 * size * float(r) ** 2)
            else:
                energy = (first**2 + second**2 - 2 * size) / (4 * size * float(r) ** 2)
            total.append((weights * np.exp(float(beta) * energy)).sum())
        found[size] = mp.log(mp.mpf(float(np.sum(total))))
    return at_infinity(found)


# -- what does not depend on the load -----------------------------------------------------------------------------------


@cache
def threshold() -> Theorem:
    """How much a single archetype is learnt, which broken symmetry does not change, and when its examples are deeper."""
    one_step = sp.erf(1 / sp.sqrt(2 * (_rho + alpha * sp.factorial(2) * (1 + _rho) ** 3)))
    depth = (_r ** (-3) + (_M - 1) * _r**3) / _M
    data = symbol_points({_rho: ["1/7", "3/4", "2"]})
    return Theorem(
        "examples.threshold", "What is learnt of one archetype",
        "At zero load and T = 0 the overlap with an archetype is erf(1/√(2ρ)), for every order, both protocols, with replica "
        "symmetry and with one step of its breaking, whose overlaps and block size drop out: how many examples are needed is no "
        "matter of replica symmetry. Without supervision an example lies deeper than its archetype as long as M < 1 + r^{−p}.",
        [
            Step("Zero load", [f"m_{{{p}}}" for p in (2, 3, 4)], tuple(_at_zero_load(p, "rs") for p in (2, 3, 4)),
                 "the derived overlap of big data sets at T = 0 as α → 0, orders 2, 3 and 4", "mean sign of 1 + √ρ x", data,
                 lambda p: [_mean_sign(number(p[_rho]))] * 3, source="albanese2024"),
            Step("Zero load, one step of breaking", ["m_3", "m_4"], tuple(_at_zero_load(p, "1rsb") for p in (3, 4)),
                 "the same with 1RSB: all widths but that of the data vanish, and with them the tilted average",
                 "mean sign of 1 + √ρ x", data, lambda p: [_mean_sign(number(p[_rho]))] * 2, source="albanese2024"),
            Step("One step of the dynamics", ["m_1"], (one_step,),
                 "order 3, supervised: of the field on a spin at the archetype the noise has the variance αΓ(p − 1)!, the data ρ",
                 "mean sign of the field", symbol_points({_rho: ["1/7", "3/4"], alpha: ["1/20", "1/3"]}),
                 lambda p: [_mean_sign(number(p[_rho]) + 2 * number(p[alpha]) * (1 + number(p[_rho])) ** 3)]),
            Step("Big data sets", [r"\kappa_1", r"\kappa_2", r"\kappa_3", r"\kappa_4"], _cumulants(),
                 "cumulants of the mean example over r, the M-th part of those of one over (Mr)^k: at a given ρ = (1 − r²)/(Mr²) "
                 "the third and the fourth vanish like 1/M, higher ones faster: it becomes Gaussian; at a given r it becomes 1",
                 "moments of the binomial law", symbol_points({_r: ["1/2", "4/5"], _M: [1, 2, 7]}),
                 lambda p: _cumulants_of_binomial(number(p[_r]), int(p[_M]))),
            Step("Depth of an example", [r"E_\eta/E_\xi"], (depth,),
                 "order 3: energy at an example over that at the archetype, (r^{−p} + (M − 1)r^p)/M, exact at every N",
                 "the sum over all examples at N = 4", symbol_points({_r: ["1/2", "4/5"], _M: [1, 2, 3]}),
                 lambda p: [_depth_by_enumeration(number(p[_r]), int(p[_M]))]),
        ],
        sources=("albanese2024",),
    )  # fmt: skip


def _cumulants() -> tuple[sp.Expr, ...]:
    t = sp.Symbol("t", real=True)
    generating = sp.log(sp.cosh(t) + _r * sp.sinh(t))
    return tuple(sp.factor(sp.simplify(sp.diff(generating, t, k).subs(t, 0) * _M / (_M * _r) ** k)) for k in (1, 2, 3, 4))


def _cumulants_of_binomial(r: Any, many: int) -> list[Any]:
    law = [(mp.binomial(many, k) * ((1 + r) / 2) ** k * ((1 - r) / 2) ** (many - k), (2 * k - many) / (many * r))
           for k in range(many + 1)]  # fmt: skip
    mean = mp.fsum(w * x for w, x in law)
    second, third, fourth = (mp.fsum(w * (x - mean) ** k for w, x in law) for k in (2, 3, 4))
    return [mean, second, third, fourth - 3 * second**2]


def _at_zero_load(p: int, ansatz: str) -> sp.Expr:
    """m_ξ of the theory at T = 0 with the data's variance as a symbol, as α → 0."""
    model = ExampleDAM(p, dataset_entropy=0.25)
    if ansatz == "rs":
        ground = derive(model).zero_temperature
        assert ground is not None
        overlap = ground.observables["m_xi"].xreplace({x: sp.S.Zero for x in ground.order_parameters[1:]})
        (width,) = [a for a in overlap.atoms(sp.Add) if a.has(alpha)] or [sp.S.Zero]
        return sp.simplify(overlap.xreplace({width: width.xreplace({alpha: sp.S.Zero}) * 4 * _rho}))
    theory = BrokenTheory(model, 1, _from_the_hamiltonian)
    cold = ZeroTemperature(theory)
    outer, inner = theory.spreads
    overlap = normal(cold.limit(theory.overlap_with_pattern).xreplace({inner: sp.S.Zero}))
    strength = next(s for s in cold.fields if s not in theory.spreads)
    return sp.simplify(overlap.xreplace({outer: strength * sp.sqrt(_rho)}))


def _mean_sign(variance: Any) -> Any:
    """Of 1 + a Gaussian number of that variance: twice the integral of the density that is not cancelled."""
    return 2 * mp.quad(mp.npdf, [0, 1 / mp.sqrt(variance)])


def _depth_by_enumeration(r: Any, many: int) -> Any:
    sets = list(itertools.combinations(range(4), 3))
    signs: Sequence[Any] = list(itertools.product((-1, 1), repeat=4))

    def energy(x: Sequence[int]) -> int:
        return sum(x[i] * x[j] * x[k] for i, j, k in sets)

    weights = [mp.fprod((1 + s * r) / 2 for s in x) for x in signs]
    at_archetype = mp.fsum(w * energy(x) for w, x in zip(weights, signs))
    all_examples = list(zip(weights, signs))
    between = mp.fsum(w * v * energy([a * b for a, b in zip(x, y)]) for w, x in all_examples for v, y in all_examples)
    return (len(sets) + (many - 1) * between) / many / at_archetype
